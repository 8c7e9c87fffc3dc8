"""Run a program under a clock that somebody outside can set: `python -m faults.with_a_clock FILE MODULE ARGUMENTS…`.

FILE holds how many milliseconds the clock is ahead, and is looked at again whenever it is written. Only the wall clock
moves, SQLite's too, which is the same clock; what counts seconds (`time.monotonic`) goes on, as it does in a machine
whose clock is set.
"""

import runpy
import sqlite3
import sys
import time
from pathlib import Path
from typing import Any, Final

NANOSECONDS: Final = 1_000_000  # in a millisecond
DAY: Final = 86_400
EPOCH: Final = 2_440_587.5  # the Julian day on which 1970 began


class WrongClock:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._right = time.time_ns
        self._written = -1
        self._ahead = 0

    def time_ns(self) -> int:
        written = self._file.stat().st_mtime_ns
        if written != self._written:
            self._written, self._ahead = written, int(self._file.read_text()) * NANOSECONDS
        return self._right() + self._ahead

    def time(self) -> float:
        return self.time_ns() / 1e9

    def julian_day(self, when: str) -> float:
        """Answer SQLite's julianday('now')."""
        if when != "now":
            raise ValueError(f"nobody asked for {when} before")
        return EPOCH + self.time() / DAY


def main(file: str, module: str, *arguments: str) -> None:
    clock = WrongClock(Path(file))
    time.time_ns, time.time = clock.time_ns, clock.time
    tell_sqlite(clock)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def tell_sqlite(clock: WrongClock) -> None:
    """Give every new connection our clock in place of its own."""
    connect = sqlite3.connect

    def connect_with_clock(*words: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*words, **options)
        connection.create_function("julianday", 1, clock.julian_day)
        return connection

    for module in (sqlite3, sqlite3.dbapi2):
        module.connect = connect_with_clock  # type: ignore[attr-defined]  # both names are one function


def set_ahead(file: Path, milliseconds: int) -> None:
    """Set the clock of whoever runs with this file; never half a number in it."""
    draft = file.with_suffix(".draft")
    draft.write_text(str(milliseconds))
    draft.replace(file)


if __name__ == "__main__":
    main(*sys.argv[1:])
