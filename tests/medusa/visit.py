"""`payme-sidecar demo --medusa` as a visitor starts it, in an empty folder of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from demo_shop.addresses import MEDUSA_BLOCK, Addresses, free_block
from tests.processes import ROOT

HOST: Final = "127.0.0.1"
OPEN: Final = "Ctrl-C ends it"


def free_addresses() -> Addresses:
    """Below the ports that the kernel hands out: one of those may be taken between the look and the use."""
    return free_block(HOST, 26_000 + os.getpid() % 5_000, MEDUSA_BLOCK)


@contextmanager
def demo(folder: Path, port: int, *options: str) -> "Iterator[subprocess.Popen[str]]":
    with subprocess.Popen(
        [sys.executable, "-m", "sidecar", "demo", "--medusa", "--port", str(port), *options],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder), "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    ) as started:
        yield started


def until(started: "subprocess.Popen[str]", words: str) -> str:
    """Read along until the words are said, or there is no more to be said."""
    shown = ""
    for line in started.stdout or ():
        shown += line
        if words in line:
            break
    return shown
