"""`sandbox serve` as a process: says where it is, serves, ends on Ctrl-C with 0."""

import signal
import time

import httpx
import pytest

from demo_shop.addresses import can_bind
from demo_shop.postgres import free_port
from payme_sandbox.counter.serve import address, listen, serve
from tests.payme_sandbox.billing import AMOUNT, KEY, Billing
from tests.payme_sandbox.opened import HOST, at_address, opened


@pytest.mark.parametrize("told", [[], ["http://127.0.0.1:9/payme", KEY]])
def test_it_says_where_it_is_serves_and_ends_on_ctrl_c_with_nothing_left(told: list[str]) -> None:
    port = free_port()
    with opened(port, *told) as process:
        page = httpx.get(f"http://{HOST}:{port}/?l=en", trust_env=False, timeout=30)
        stranger = httpx.get(f"http://{HOST}:{port}/", headers={"host": "evil.example"}, trust_env=False)
        style = httpx.get(f"http://{HOST}:{port}/static/sandbox.css", trust_env=False)
        process.send_signal(signal.SIGINT)
        shown, _ = process.communicate(timeout=30)

    assert process.returncode == 0, shown
    assert shown.splitlines()[0] == f"Payme's side is at http://{HOST}:{port}"
    assert "Traceback" not in shown
    assert KEY not in shown
    assert "Nothing answers at http://127.0.0.1:9/payme" in page.text if told else "endpoint-form" in page.text
    assert (page.status_code, stranger.status_code, style.status_code) == (200, 403, 200)
    assert can_bind(HOST, port)


def test_ctrl_c_ends_a_run_of_the_scenarios_too() -> None:
    port, billing = free_port(), Billing()
    billing.orders.update({str(number): AMOUNT for number in range(1, 61)})
    with at_address(billing) as address, opened(port, f"{address}/payme", KEY) as process:
        here = f"http://{HOST}:{port}/scenarios"
        httpx.post(here, data={"account": "order_id=1..60", "amount": str(AMOUNT)}, trust_env=False)
        while not billing.rows:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        shown, _ = process.communicate(timeout=30)

    assert process.returncode == 0
    assert "Traceback" not in shown, shown


def test_a_port_that_is_taken_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    with listen(HOST, 0) as taken:
        port = taken.getsockname()[1]

        assert serve(port=port) == 1

    [line] = capsys.readouterr().out.splitlines()
    assert line == f"✗ {HOST}:{port} cannot be used (Address already in use); choose another with --port"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8790"),
        ("0.0.0.0", "http://127.0.0.1:8790"),
        ("::1", "http://[::1]:8790"),
        ("payme.lan", "http://payme.lan:8790"),
    ],
)
def test_the_address_is_one_that_a_browser_takes(host: str, url: str) -> None:
    assert address(host, 8790) == url
