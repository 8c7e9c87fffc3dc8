"""Where a report goes: a file, which is whole or not there, or stdout."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sidecar.reconcile.tables import Sink


class OutputLost(Exception):
    """What was found cannot be written; one line says why."""


class _File:
    """Tells a full disk and a closed pipe from a database that is away: both are OSErrors."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file, self._name = file, name

    def write(self, data: bytes, /) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            raise OutputLost(f"{self._name} cannot be written: {error.strerror}") from None

    def flush(self) -> None:
        try:
            self._file.flush()
        except OSError as error:
            raise OutputLost(f"{self._name} cannot be written: {error.strerror}") from None


@contextmanager
def opened(path: Path | None) -> Iterator[Sink]:
    """Open a file beside `path` and give it that name when all is written; without a path, give stdout.

    Raises:
        OutputLost: it cannot be opened or written.
    """
    if path is None:
        sink = _File(sys.stdout.buffer, "stdout")
        yield sink
        sink.flush()
        return
    if path.is_dir():
        raise OutputLost(f"{path} is a directory: name a file")
    unfinished = path.with_name(f"{path.name}.part")
    try:
        file = unfinished.open("wb")
    except OSError as error:
        raise OutputLost(f"{unfinished} cannot be written: {error.strerror}") from None
    try:
        with file:
            sink = _File(file, str(unfinished))
            yield sink
            sink.flush()
        _rename(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def _rename(unfinished: Path, path: Path) -> None:
    try:
        unfinished.replace(path)
    except OSError as error:
        raise OutputLost(f"{path} cannot be written: {error.strerror}") from None
