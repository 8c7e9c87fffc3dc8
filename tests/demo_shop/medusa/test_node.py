"""Node.js: found or missed in one line, and its programs run to their end or ended with all they started."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from demo_shop.medusa.node import TAIL, Node, NoNode, ProgramFailed, run


def machine(folder: Path, version: str, *, npm: bool = True) -> str:
    """Make a `PATH` on which somebody says it is Node.js."""
    for name in ("node", "npm") if npm else ("node",):
        program = folder / name
        program.write_text(f"#!/bin/sh\necho {version}\n")
        program.chmod(0o755)
    return str(folder)


@pytest.mark.parametrize("version", ["v20.19.0", "v20.20.2", "v22.12.0", "v23.1.0", "v24.0.0", "v31.4.1"])
def test_a_node_that_medusa_runs_on_is_taken(tmp_path: Path, version: str) -> None:
    node = Node.find(machine(tmp_path, version))

    assert node.program == str(tmp_path / "node")
    assert f"v{node.version[0]}.{node.version[1]}" == version.rpartition(".")[0]


@pytest.mark.parametrize("version", ["v18.20.8", "v20.18.3", "v21.7.3", "v22.11.0", "nonsense", ""])
def test_a_node_that_is_too_old_is_named_in_one_line(tmp_path: Path, version: str) -> None:
    with pytest.raises(NoNode, match=r"needs Node\.js 20\.19") as refused:
        Node.find(machine(tmp_path, version))

    assert (version or "silent") in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_machine_without_node_or_npm_is_told_which(tmp_path: Path) -> None:
    with pytest.raises(NoNode, match="node was not found"):
        Node.find(str(tmp_path))
    with pytest.raises(NoNode, match="npm was not found"):
        Node.find(machine(tmp_path, "v22.12.0", npm=False))


def test_a_program_that_fails_is_quoted(tmp_path: Path) -> None:
    talker = [sys.executable, "-c", "for number in range(99): print(number)\nraise SystemExit(3)"]

    with pytest.raises(ProgramFailed) as failed:
        run("the talker", talker, tmp_path)

    assert failed.value.what == "the talker failed with status 3"
    assert failed.value.last_words == [str(number) for number in range(99 - TAIL, 99)]


def test_a_program_sees_no_setting_that_would_make_npm_leave_things_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NODE_ENV", "production")
    look = "import os; raise SystemExit('NODE_ENV' in os.environ or os.environ['TOLD'] != 'yes')"

    run("the looker", [sys.executable, "-c", look], tmp_path, {"TOLD": "yes"})


ENDED_WHILE_RUNNING = """
import signal, sys
from pathlib import Path
from demo_shop.medusa.demo import end_politely
from demo_shop.medusa.node import run

end_politely()
# It says so a second later: whoever starts it must have begun to wait for it, or the end would come too early.
run("the sleepers", ["sh", "-c", "sleep 60 & sleep 1; echo $! > pid; echo; wait"], Path.cwd())
"""


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whoever_is_ended_while_a_program_runs_ends_all_of_it(tmp_path: Path, sign: signal.Signals) -> None:
    start = [sys.executable, "-c", ENDED_WHILE_RUNNING]
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    with subprocess.Popen(start, cwd=tmp_path, env=here, stderr=subprocess.DEVNULL) as setting_up:
        pid = int(eventually(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text()))
        setting_up.send_signal(sign)
        setting_up.wait(30)

    assert eventually(lambda: not runs(pid))


def runs(pid: int) -> bool:
    """Say whether it runs; one that nobody has buried yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(condition: object) -> str:
    assert callable(condition)
    deadline = time.monotonic() + 30
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found  # type: ignore[no-any-return]  # whatever made it so
