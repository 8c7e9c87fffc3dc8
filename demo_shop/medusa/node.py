"""Node.js as this machine has it, and its programs run one at a time."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Self

Version = tuple[int, int]

OLDEST: Final[dict[int, Version]] = {20: (20, 19), 21: (22, 12), 22: (22, 12)}
"""By major version, the first that Medusa and Vite run on; later ones all do."""

NEEDED: Final = "a real Medusa needs Node.js 20.19 or newer (of 22: 22.12), with npm"
TAIL: Final = 25

# What would make npm leave out half of its work, or an inherited shop of the visitor's answer in place of ours.
UNWANTED: Final = ("NODE_ENV", "NODE_OPTIONS", "npm_config_omit", "npm_config_production", "DATABASE_URL")


class NoNode(Exception):
    """There is no Node.js here, or one that is too old."""


class ProgramFailed(Exception):
    """A program of the set-up ended badly; its last words are part of the story."""

    def __init__(self, name: str, status: int, last_words: list[str]) -> None:
        super().__init__("\n".join([f"{name} failed with status {status}", *last_words]))
        self.name = name
        self.what = f"{name} failed with status {status}"
        self.last_words = last_words


@dataclass(frozen=True, slots=True)
class Node:
    program: str
    npm: str
    version: Version

    @classmethod
    def find(cls, path: str | None = None) -> Self:
        """Find them on the `PATH`, or say in one line what is missing."""
        program, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
        if program is None or npm is None:
            raise NoNode(f"{NEEDED}; {'node' if program is None else 'npm'} was not found on this machine")
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - as found
        version = version_in(told)
        if version < OLDEST.get(version[0], (OLDEST[20] if version[0] < min(OLDEST) else version)):
            raise NoNode(f"{NEEDED}; this one is {told.strip() or 'silent about its version'}")
        return cls(program, npm, version)


def version_in(told: str) -> Version:
    found = re.match(r"v(\d+)\.(\d+)", told)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def environment(settings: Mapping[str, str] = {}) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in UNWANTED} | dict(settings)


def run(name: str, command: Sequence[str | Path], folder: Path, settings: Mapping[str, str] = {}) -> None:
    """Run a program to its end, unseen. It gets a session of its own: when we are ended, we end all of it."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(  # noqa: S603 - our own words
            command,
            cwd=folder,
            env=environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            status = process.wait()
        except BaseException:
            end(process)
            raise
        if status:
            raise ProgramFailed(name, status, tail(output))


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a process with all that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def tail(output: IO[bytes]) -> list[str]:
    output.seek(0)
    return output.read().decode("utf-8", "replace").splitlines()[-TAIL:]
