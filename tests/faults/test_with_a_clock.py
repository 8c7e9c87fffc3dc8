"""A program under a clock that somebody outside can set."""

import subprocess
import sys
import time
from pathlib import Path

from faults.with_a_clock import set_ahead

ROOT = Path(__file__).parents[2]
HOUR = 3_600_000
PROGRAM = """
import sqlite3, sys, time
for line in sys.stdin:
    days, = sqlite3.connect(":memory:").execute("SELECT julianday('now')").fetchone()
    print(int(time.time() * 1000), time.time_ns() // 1_000_000, round((days - 2440587.5) * 86_400_000), flush=True)
"""


def test_a_program_has_the_time_it_is_told_also_in_sqlite(tmp_path: Path) -> None:
    (tmp_path / "tells_the_time.py").write_text(PROGRAM)
    clock = tmp_path / "clock"
    set_ahead(clock, 0)
    with subprocess.Popen(
        [sys.executable, "-m", "faults.with_a_clock", str(clock), "tells_the_time"],
        env={"PYTHONPATH": f"{ROOT}:{tmp_path}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdin
        assert program.stdout
        offsets = []
        for ahead in (0, 13 * HOUR, -HOUR):
            set_ahead(clock, ahead)
            program.stdin.write("now?\n")
            program.stdin.flush()
            told = [int(it) for it in program.stdout.readline().split()]
            offsets.append([round((it - time.time_ns() // 1_000_000) / HOUR) for it in told])
        program.stdin.close()

    assert offsets == [[0] * 3, [13] * 3, [-1] * 3]
