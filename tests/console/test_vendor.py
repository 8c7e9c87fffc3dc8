"""What others have written is shipped as it came, with its name, version and licence."""

import hashlib
from pathlib import Path
from typing import Final

import pytest

VENDOR: Final = Path(__file__).parents[2] / "sidecar/console/static/vendor"
ROWS: Final = [
    [cell.strip() for cell in line.strip("| ").split("|")]
    for line in (VENDOR / "README.md").read_text().splitlines()
    if line.startswith("| ")
][1:]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[4])
def test_a_file_is_the_one_of_its_package(row: list[str]) -> None:
    folder, package, version, licence, name, digest = row

    assert hashlib.sha256((VENDOR / folder / name).read_bytes()).hexdigest() == digest
    assert package
    assert version.split(".")[0].isdigit()
    assert licence in {"MIT", "0BSD"}


@pytest.mark.parametrize(("folder", "words"), [("htmx", "Zero-Clause BSD"), ("uplot", "The MIT License (MIT)")])
def test_its_licence_lies_beside_it(folder: str, words: str) -> None:
    assert words in (VENDOR / folder / "LICENSE").read_text()


def test_there_is_nothing_else() -> None:
    files = {str(file.relative_to(VENDOR)) for file in VENDOR.rglob("*") if file.is_file()}

    assert files == {f"{row[0]}/{row[4]}" for row in ROWS} | {"htmx/LICENSE", "uplot/LICENSE", "README.md"}


def test_the_versions_are_in_the_files_where_they_say_one() -> None:
    versions = {row[4]: row[2] for row in ROWS}

    assert f'version:"{versions["htmx.min.js"]}"' in (VENDOR / "htmx/htmx.min.js").read_text()
    assert f"(v{versions['uPlot.iife.min.js']})" in (VENDOR / "uplot/uPlot.iife.min.js").read_text()
