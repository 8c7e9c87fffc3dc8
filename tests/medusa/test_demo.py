"""`payme-sidecar demo --medusa` as a visitor starts it: everything real but Payme."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from demo_shop.addresses import MEDUSA_BLOCK, Addresses, can_bind
from demo_shop.medusa import Prepared
from tests.medusa.visit import HOST, OPEN, demo, free_addresses, until
from tests.processes import ROOT


@pytest.fixture(autouse=True)
def everything_built(prepared: Prepared, storefront_files: Path) -> None:
    """So that no test waits for what another test is about."""


@pytest.fixture
def addresses() -> Addresses:
    return free_addresses()


def test_once_walks_to_one_paid_order_in_medusa_and_leaves_nothing_behind(tmp_path: Path, addresses: Addresses) -> None:
    with demo(tmp_path, addresses.port, "--once") as walking:
        shown, _ = walking.communicate(timeout=300)

    assert walking.returncode == 0, shown
    assert "✓ the sidecar told Medusa, and Medusa placed the order  order 1" in shown
    assert shown.splitlines()[-1].startswith("Order 1 is paid in Medusa: 140\N{NO-BREAK SPACE}000")
    assert list(tmp_path.iterdir()) == []


ENDINGS = [(signal.SIGINT, 0), (signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGHUP, 128 + signal.SIGTERM)]


@pytest.mark.parametrize(("sign", "status"), ENDINGS)
def test_the_open_demo_serves_its_shop_until_it_is_ended_and_takes_everything_along(
    tmp_path: Path, addresses: Addresses, sign: signal.Signals, status: int
) -> None:
    with demo(tmp_path, addresses.port) as opened:
        shown = until(opened, OPEN)
        assert addresses.shop in shown, shown
        assert "<script" in httpx.get(f"{addresses.shop}/uz/uz/checkout?step=review", trust_env=False).text
        assert httpx.get(f"{addresses.medusa}/health", trust_env=False).status_code == 200

        opened.send_signal(sign)
        rest, _ = opened.communicate(timeout=60)

    assert opened.returncode == status, rest
    assert "Traceback" not in rest
    assert all(can_bind(HOST, addresses.port + place) for place in range(MEDUSA_BLOCK))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(
    not (ROOT / ".venv").exists(), reason="dev.py runs what it has installed; these tests run elsewhere"
)
def test_ctrl_c_in_a_terminal_ends_the_demo_of_dev_py_as_well(tmp_path: Path, addresses: Addresses) -> None:
    command = [sys.executable, str(ROOT / "dev.py"), "demo", "--medusa", "--port", str(addresses.port)]
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONUTF8": "1"}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as opened:
        shown = until(opened, OPEN)
        assert addresses.shop in shown, shown

        os.killpg(opened.pid, signal.SIGINT)
        rest, _ = opened.communicate(timeout=60)

    assert opened.returncode == 0, rest
    assert "nothing of it is left" in rest
    assert all(can_bind(HOST, addresses.port + place) for place in range(MEDUSA_BLOCK))
    assert list(tmp_path.iterdir()) == []
