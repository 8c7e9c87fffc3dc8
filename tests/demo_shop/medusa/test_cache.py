"""What is made once is there whole, or not there."""

import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from demo_shop.medusa import cache


class Waited:
    """Remembers what was waited for."""

    def __init__(self) -> None:
        self.what: list[str] = []

    @contextmanager
    def __call__(self, what: str) -> Generator[None, None, None]:
        self.what.append(what)
        yield


def test_it_is_made_once_and_the_second_time_nobody_waits(tmp_path: Path) -> None:
    waited = Waited()
    for content in ("first", "second"):
        folder = cache.made(tmp_path / "thing", partial(write, content), "the thing", waited)

    assert (folder / "content").read_text() == "first"
    assert waited.what == ["the thing"]


def test_what_failed_halfway_is_not_there_and_is_made_anew_the_next_time(tmp_path: Path) -> None:
    def fail(draft: Path) -> None:
        write("half", draft)
        (draft / "more").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.made(tmp_path / "thing", fail, "", Waited())
    assert [path.name for path in tmp_path.iterdir()] == [".thing.lock"]

    folder = cache.made(tmp_path / "thing", partial(write, "whole"), "", Waited())

    assert [(path.name, path.read_text()) for path in folder.iterdir()] == [("content", "whole")]


MAKER = """
import contextlib, sys, time
from pathlib import Path
from demo_shop.medusa import cache

def make(draft):
    print("made", flush=True)
    time.sleep(0.5)

cache.made(Path(sys.argv[1]), make, "", lambda what: contextlib.nullcontext())
"""


def test_of_two_processes_at_once_one_makes_it_and_both_have_it(tmp_path: Path) -> None:
    start = [sys.executable, "-c", MAKER, str(tmp_path / "thing")]
    both = [subprocess.Popen(start, stdout=subprocess.PIPE, text=True) for _ in range(2)]

    said = [process.communicate()[0] for process in both]

    assert [process.returncode for process in both] == [0, 0]
    assert sorted(said) == ["", "made\n"]


def test_one_who_was_killed_while_making_holds_up_nobody(tmp_path: Path) -> None:
    slow = MAKER.replace("0.5", "60")
    with subprocess.Popen([sys.executable, "-c", slow, tmp_path / "thing"], stdout=subprocess.PIPE) as killed:
        assert killed.stdout
        killed.stdout.readline()
        killed.kill()

    started = time.monotonic()
    cache.made(tmp_path / "thing", partial(write, "whole"), "", Waited())

    assert time.monotonic() - started < 30


def test_it_lies_in_the_visitors_cache_and_never_in_the_repository() -> None:
    assert cache.home({"XDG_CACHE_HOME": "/somewhere"}) == Path("/somewhere/payme-sidecar")
    assert cache.home({"XDG_CACHE_HOME": ""}) == Path.home() / ".cache/payme-sidecar"


def write(content: str, folder: Path) -> None:
    (folder / "content").write_text(content)
