"""Child processes of the comparison: what they see, and that none of a session remains."""

import os
import sys
import time
from pathlib import Path

import pytest

from benchmarks.children import ChildFailed, finished, running, surroundings

PARENT = "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid)"
SLEEP = "import time; time.sleep(60)"


def ends(pid: int) -> bool:
    """Whether it is gone soon: the kernel takes a moment, and whose parent has ended is a zombie for another."""
    for _ in range(500):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False


def test_a_child_sees_its_settings_and_no_others() -> None:
    seen = surroundings({"PATH": "/bin", "WEB_CONCURRENCY": "9", "PAYME_KEY": "theirs"}, {"PAYME_KEY": "ours"})

    assert seen["PATH"] == "/bin"
    assert seen["PAYME_KEY"] == "ours"
    assert seen["TZ"] == "Asia/Tashkent"
    assert "WEB_CONCURRENCY" not in seen


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_a_servers_workers_end_with_it(tmp_path: Path) -> None:
    with running("server", [sys.executable, "-c", f"{PARENT}; {SLEEP}"], {}, tmp_path) as server:
        while not (worker := (tmp_path / "server.log").read_text().strip()):
            time.sleep(0.02)

    assert not server.alive
    assert ends(int(worker))


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_a_worker_that_outlives_its_server_ends_all_the_same(tmp_path: Path) -> None:
    with running("server", [sys.executable, "-c", PARENT], {}, tmp_path) as server:
        server.process.wait()

    assert ends(int((tmp_path / "server.log").read_text()))


def test_what_is_run_to_its_end_gives_its_status(tmp_path: Path) -> None:
    assert finished("child", [sys.executable, "-c", "raise SystemExit(3)"], dict(os.environ), tmp_path, 30) == 3


def test_what_does_not_end_in_time_is_ended_and_its_last_words_are_kept(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match="was not done after 1 s\nabout to sleep"):
        finished("child", [sys.executable, "-c", f"print('about to sleep'); {SLEEP}"], {}, tmp_path, 1)
