"""Where a process spends its CPU time: its Python stack, looked at some hundred times for each second of it.

Nothing is instrumented, so nothing is slowed that would not be. What runs in C counts for the Python function that
called it; what the event loop does by itself, for the next one it calls.
"""

import json
import signal
import sys
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

PERIOD: Final = 0.002  # seconds of CPU time; the kernel may make it longer
DEEPEST: Final = 200
VERSION: Final = "{}.{}".format(*sys.version_info)
LIBRARIES: Final = ("/site-packages/", f"/python{VERSION}/")


@contextmanager
def sampling(target: str | None) -> Generator[None, None, None]:
    """Write the stacks, innermost call first, with how often each was seen; without a target do nothing.

    SIGUSR1 begins it, and the next one ends it: what a process does while it starts is of no interest.
    """
    if target is None:
        yield
        return
    seen: Counter[tuple[str, ...]] = Counter()

    def look(_number: int, frame: FrameType | None) -> None:
        seen[_stack(frame)] += 1

    def begin_or_end(_number: int, _frame: FrameType | None) -> None:
        period = 0.0 if signal.getitimer(signal.ITIMER_PROF)[1] else PERIOD
        signal.setitimer(signal.ITIMER_PROF, period, period)

    signal.signal(signal.SIGPROF, look)
    signal.signal(signal.SIGUSR1, begin_or_end)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        stacks = [{"stack": list(stack), "seen": number} for stack, number in seen.most_common()]
        Path(target).write_text(json.dumps(stacks), "utf-8")


def _stack(frame: FrameType | None) -> tuple[str, ...]:
    found: list[str] = []
    while frame and len(found) < DEEPEST:
        code = frame.f_code
        found.append(f"{_place(code.co_filename)}:{code.co_qualname}")
        frame = frame.f_back
    return tuple(found)


def _place(file: str) -> str:
    """Give the path below `site-packages`, the interpreter's library or the repository."""
    for mark in ("/site-packages/", f"/python{VERSION}/", "/benchmarks/", "/sidecar/"):
        before, found, below = file.rpartition(mark)
        if found and before:
            return below if mark in LIBRARIES else f"{mark[1:]}{below}"
    return file
