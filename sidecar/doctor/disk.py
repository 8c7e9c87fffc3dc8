"""Room on the disk, where the books are a file of ours."""

from pathlib import Path
from typing import Final, NamedTuple

from sqlalchemy import make_url

from sidecar.doctor.finding import Finding, good, warning, wrong

CHECK: Final = "disk"
MEGABYTE: Final = 1_000_000
TOO_LITTLE: Final = 100 * MEGABYTE
LITTLE: Final = 1_000 * MEGABYTE


class Place(NamedTuple):
    folder: Path
    free: int
    """Bytes."""
    writable: bool
    """The file and its folder, where SQLite keeps its journal beside it."""


def file_of(database_url: str) -> Path | None:
    """Find the file of a SQLite database; None for another database."""
    return Path(make_url(database_url).database or "") if database_url.startswith("sqlite") else None


def room(place: Place) -> list[Finding]:
    found = f"{place.free // MEGABYTE:,} MB free in {place.folder}"
    if not place.writable:
        found = f"this user may not write the database's file in {place.folder}, or the folder itself"
        return [wrong(CHECK, found, "give both to the user that runs `serve`, and run `doctor` as that user")]
    if place.free < TOO_LITTLE:
        return [wrong(CHECK, found, "make room: SQLite refuses every payment when the disk is full")]
    if place.free < LITTLE:
        return [warning(CHECK, found, "make room before it is full")]
    return [good(CHECK, found)]
