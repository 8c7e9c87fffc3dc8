"""What is made once and kept outside the repository: a folder is there whole, or it is not there."""

import fcntl
import os
import shutil
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

Waiting = Callable[[str], AbstractContextManager[object]]
"""Shows what is being waited for, for as long as its block lasts."""


def home(environ: Mapping[str, str] = os.environ) -> Path:
    return Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "payme-sidecar"


def made(folder: Path, make: Callable[[Path], None], what: str, waiting: Waiting) -> Path:
    """Give the folder; when it is not there yet, have it made beside its place and moved in when it is done.

    So a half-made one is never taken for a whole one, and of two who come at once, the second waits for the first.
    """
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with waiting(what), locked(beside(folder, "lock")):
        if not folder.exists():
            draft = beside(folder, "draft")
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            try:
                make(draft)
                draft.rename(folder)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
    return folder


def beside(folder: Path, role: str) -> Path:
    return folder.with_name(f".{folder.name}.{role}")


@contextmanager
def locked(path: Path) -> Generator[None, None, None]:
    """Hold the lock; the kernel takes it back from whoever dies with it."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
