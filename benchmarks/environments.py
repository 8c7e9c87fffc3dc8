"""A virtual environment for each list of pinned packages, kept in the user's cache until the list changes."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

QUIET: Final = ("--quiet", "--disable-pip-version-check", "--no-input")
FINISHED: Final = "finished"
LAST_WORDS: Final = 2_000

Install = Callable[[Path, Path], None]
"""Fills the environment in the first folder with what the second, a requirements file, names."""


class CannotInstall(Exception):
    """pip did not bring the packages; its last words are the message."""


def cache(environ: Mapping[str, str] = os.environ) -> Path:
    return Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "payme-sidecar" / "benchmarks"


def digest(requirements: Path) -> str:
    """Names what is installed and for which Python."""
    return hashlib.sha256(sys.version.encode() + requirements.read_bytes()).hexdigest()[:12]


def environment(name: str, requirements: Path, home: Path, install: Install) -> Path:
    """Give the environment's Python, and clear away what older lists of the same name have left."""
    folder = home / f"{name}-{digest(requirements)}"
    home.mkdir(parents=True, exist_ok=True)
    with locked(home / f".{name}.lock"):
        if not (folder / FINISHED).exists():
            shutil.rmtree(folder, ignore_errors=True)
            install(folder, requirements)
            (folder / FINISHED).touch()
        for old in home.glob(f"{name}-{'?' * 12}"):
            if old != folder:
                shutil.rmtree(old)
    return python(folder)


def by_pip(folder: Path, requirements: Path) -> None:
    venv.create(folder, with_pip=True)
    command = (str(python(folder)), "-m", "pip", "install", "--requirement", str(requirements), *QUIET)
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    if done.returncode:
        raise CannotInstall(
            f"{requirements.parent.name}: pip ended with {done.returncode}\n{done.stderr[-LAST_WORDS:]}"
        )


def python(folder: Path) -> Path:
    return folder / "bin" / "python"


@contextmanager
def locked(path: Path) -> Generator[None, None, None]:
    """Of two who come at once, the second waits; the kernel takes the lock back from whoever dies with it."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
