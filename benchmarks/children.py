"""Child processes, each in a session of its own, so that a server and all its workers end together."""

import os
import signal
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

STOP_TIMEOUT: Final = 10.0
TAIL: Final = 25
KEPT: Final = frozenset({"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR"})


class ChildFailed(Exception):
    """A child ended when it should not, or did not do its work; its last words are in the message."""


@dataclass(frozen=True, slots=True)
class Child:
    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def failed(self, what: str) -> ChildFailed:
        words = self.log.read_text("utf-8", "replace").splitlines()[-TAIL:]
        return ChildFailed("\n".join([f"{self.name} {what}", *words]))


def surroundings(inherited: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """What a child sees: its settings and little else, the clock of a server, and no proxy before its neighbours."""
    kept = {name: value for name, value in inherited.items() if name in KEPT}
    return {**kept, "TZ": "Asia/Tashkent", "NO_PROXY": "*", "PYTHONUNBUFFERED": "1", **settings}


@contextmanager
def running(
    name: str, command: Sequence[str], settings: Mapping[str, str], folder: Path
) -> Generator[Child, None, None]:
    log = folder / f"{name}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own words
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=surroundings(os.environ, settings),
            start_new_session=True,
        )
    try:
        yield Child(name, process, log)
    finally:
        end(process)


def finished(name: str, command: Sequence[str], settings: Mapping[str, str], folder: Path, timeout: float) -> int:
    """Run it to its end and give its status."""
    with running(name, command, settings, folder) as child:
        try:
            return child.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise child.failed(f"was not done after {timeout:.0f} s") from None


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask the whole session to end, wait a while for the first of it, then let nothing of it remain."""
    _signal(process, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_TIMEOUT)
    _signal(process, signal.SIGKILL)
    process.wait()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS says the second of a session that has ended
        os.killpg(process.pid, number)


def deadline(seconds: float) -> Generator[float, None, None]:
    """Count down, a moment at a time, until the time is up."""
    end_at = time.monotonic() + seconds
    while (left := end_at - time.monotonic()) > 0:
        yield left
        time.sleep(0.1)
