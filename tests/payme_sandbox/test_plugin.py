"""The scenarios in a stranger's tests: a project of its own, with its own conftest."""

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import pytest
from starlette.applications import Starlette

from demo_shop.postgres import free_port
from payme_sandbox.pytest_plugin import Sandbox, must_pass, scenarios
from tests.payme_sandbox.billing import KEY, Billing

pytest_plugins = ["pytester"]

ROOT: Final = Path(__file__).parents[2]
CONFTEST: Final = 'pytest_plugins = ["payme_sandbox.pytest_plugin"]'
TESTS: Final = """
import pytest
from payme_sandbox.pytest_plugin import Order, Time, must_pass, scenarios
from tests.payme_sandbox.billing import KEY, Billing

@pytest.fixture(scope="module")
def report(payme_sandbox):
    now = 1_790_000_000_000

    async def sleep(seconds):
        nonlocal now
        now += int(seconds * 1000) + 1

    billing = Billing("{broken}", now=lambda: now)
    return payme_sandbox.certify(app=billing, url="/payme", key=KEY, shop=billing, time=Time(lambda: now, sleep))

@pytest.mark.parametrize("scenario", scenarios())
def test_payme(report, scenario):
    must_pass(report, scenario)

def test_all_of_it(report):
    must_pass(report)
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeconftest(CONFTEST)
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    return pytester


def test_a_right_endpoint_passes_one_test_for_each_scenario(project: pytest.Pytester) -> None:
    project.makepyfile(TESTS.format(broken=""))

    project.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=len(scenarios()) + 1)


def test_a_wrong_one_fails_and_the_message_says_what_was_sent_what_came_and_what_was_expected(
    project: pytest.Pytester,
) -> None:
    project.makepyfile(TESTS.format(broken="cancelled is final"))

    result = project.runpytest_subprocess("-p", "no:cacheprovider")

    result.assert_outcomes(passed=len(scenarios()) - 1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "*test_payme?perform-after-cancel?*",
            "perform-after-cancel: A cancelled transaction is never performed",
            "https://developer.help.paycom.uz/*/performtransaction",
            "expected error -31008",
            "found    state 2",
            'sent     {"jsonrpc": "2.0", "id": *, "method": "PerformTransaction"*',
            'came     HTTP 200 {"id": *"state": 2}}',
        ]
    )
    assert KEY not in result.stdout.str()


def test_nobody_gets_the_fixture_who_did_not_ask_for_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(payme_sandbox): pass")

    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(errors=1)


def test_what_could_not_be_run_is_skipped_with_its_reason() -> None:
    report = Sandbox().certify(app=Billing(), key=KEY, only=["scenario-1"])

    with pytest.raises(pytest.skip.Exception, match="it needs a payable order"):
        must_pass(report, "scenario-1")


def test_a_name_that_is_not_in_the_report_is_a_mistake() -> None:
    report = Sandbox().certify(app=Billing(), key=KEY, only=["not-post"])

    with pytest.raises(LookupError, match="scenario-1"):
        must_pass(report, "scenario-1")


def test_an_app_is_started_and_stopped_as_a_server_would() -> None:
    told: list[str] = []
    billing = Billing()

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        told.append("started")
        yield
        told.append("stopped")

    app = Starlette(lifespan=lifespan)
    app.mount("/payme", billing)
    must_pass(Sandbox().certify(app=app, url="/payme/", key=KEY, only=["not-post", "envelope"], shop=billing))

    assert told == ["started", "stopped"]


def test_an_app_that_cannot_start_is_not_certified() -> None:
    async def app(_scope: object, _receive: object, send: object) -> None:
        await send({"type": "lifespan.startup.failed", "message": "no database"})  # type: ignore[operator]

    with pytest.raises(RuntimeError, match="no database"):
        Sandbox().certify(app=app, key=KEY)


def test_an_app_that_crashes_fails_and_raises_nothing() -> None:
    async def app(scope: dict[str, str], _receive: object, _send: object) -> None:
        raise RuntimeError(scope["type"])

    report = Sandbox().certify(app=app, key=KEY, only=["not-post"])

    with pytest.raises(pytest.fail.Exception, match="found    HTTP 500"):
        must_pass(report)


@pytest.fixture
def address() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(405)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/payme"
    server.shutdown()
    server.server_close()


def test_what_is_served_elsewhere_is_certified_at_its_address(address: str) -> None:
    report = Sandbox().certify(url=address, key=KEY, only=["not-post"])

    with pytest.raises(pytest.fail.Exception, match="found    HTTP 405"):
        must_pass(report)
