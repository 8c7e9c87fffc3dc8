"""The scenarios inside other people's tests.

    # conftest.py
    pytest_plugins = ["payme_sandbox.pytest_plugin"]

    # test_payme.py
    from payme_sandbox.pytest_plugin import Order, must_pass, scenarios

    @pytest.fixture(scope="module")
    def report(payme_sandbox):
        orders = [Order({"order_id": str(number)}, 5_000_000) for number in range(1001, 1061)]  # payable in the shop
        return payme_sandbox.certify(app=app, url="/payme", key="the cashbox key", orders=orders)

    @pytest.mark.parametrize("scenario", scenarios())
    def test_payme(report, scenario):
        must_pass(report, scenario)

`must_pass(report)` judges all of them in one test. An endpoint that is no ASGI app is certified at its address:
`certify(url="http://127.0.0.1:8000/payme", …)`. Instead of `orders`, a `shop` may make them: any object with the three
methods of `payme_sandbox.certification.orders.Shop`; it also says how often the buyer got his goods. In a test that is
itself a coroutine, await `payme_sandbox.certification.run.certify`.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
import pytest

from payme_sandbox.certification.expectations import Verdict
from payme_sandbox.certification.orders import Effect, NoOrder, Order, Pool, Shop
from payme_sandbox.certification.report import told
from payme_sandbox.certification.run import Outcome, Report, Result, certify, chosen
from payme_sandbox.certification.stage import Plan
from payme_sandbox.clock import Time
from payme_sandbox.merchant import ONCE, Merchant, basic

__all__ = ["Effect", "NoOrder", "Order", "Plan", "Report", "Sandbox", "Shop", "Time", "must_pass", "scenarios"]

NOWHERE: Final = "http://merchant.test"  # an app needs an address, and nobody looks it up


def scenarios(*, accumulative: bool = False, only: Iterable[str] = (), skip: Iterable[str] = ()) -> list[str]:
    """List the names that fit the account type, all or by their beginnings."""
    return [it.name for it in chosen(Plan(accumulative), only, skip)]


def must_pass(report: Report, *names: str) -> None:
    """Fail the test if one of these scenarios failed, or any at all; skip it if none of them could be run."""
    __tracebackhide__ = True
    outcomes = [it for it in report.outcomes if not names or it.scenario.name in names]
    if not outcomes:
        raise LookupError(f"the report has no scenario {', '.join(names)}")
    failed = [it for it in outcomes if it.result is Result.FAILED]
    if failed:
        pytest.fail("\n\n".join(map(_complaint, failed)), pytrace=False)
    if all(it.result is Result.NOT_RUN for it in outcomes):
        pytest.skip(outcomes[0].reason)


class Sandbox:
    """Payme's side; what the fixture gives."""

    def certify(  # noqa: PLR0913 - so much must be said, and all of it by name
        self,
        *,
        key: str,
        url: str = "/",
        app: Any = None,
        orders: Sequence[Order] = (),
        shop: Shop | None = None,
        plan: Plan | None = None,
        only: Iterable[str] = (),
        skip: Iterable[str] = (),
        login: str = "Paycom",
        patience: float = 10.0,
        time: Time | None = None,
    ) -> Report:
        """Play the scenarios against an ASGI `app`, started and stopped as a server would, or against an address.

        `time` is for a shop whose clock the tests hold; without it, each of the 12-hour scenarios takes 1.5 s.
        """
        plan = plan or Plan()
        wanted = chosen(plan, only, skip)
        source = shop or Pool(orders)

        async def work() -> Report:
            transport = httpx.ASGITransport(app, raise_app_exceptions=False) if app else None
            client = httpx.AsyncClient(transport=transport, timeout=patience, limits=ONCE, trust_env=False)
            async with client as http, _started(app):
                merchant = Merchant(http, f"{NOWHERE}{url}" if app else url, basic(f"{login}:{key}"), patience=patience)
                return await certify(merchant, source, plan, scenarios=wanted, time=time)

        return asyncio.run(work())


@pytest.fixture(scope="session")
def payme_sandbox() -> Sandbox:
    """Give Payme's side of the Merchant API."""
    return Sandbox()


def _complaint(outcome: Outcome) -> str:
    failed = [told(step) for step in outcome.steps if step.verdict is Verdict.FAILED]
    return "\n".join([f"{outcome.scenario.name}: {outcome.scenario.title}", outcome.scenario.source, *failed])


@asynccontextmanager
async def _started(app: Any) -> AsyncIterator[None]:
    """Send an app the events of its lifespan; one that knows none of them ends or raises, and that is all right."""
    if app is None:
        yield
        return
    says: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    hears: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    living = asyncio.ensure_future(app(scope, says.get, hears.put))
    await says.put({"type": "lifespan.startup"})
    heard = asyncio.ensure_future(hears.get())
    await asyncio.wait({living, heard}, return_when=asyncio.FIRST_COMPLETED)
    if heard.done() and heard.result()["type"] == "lifespan.startup.failed":
        raise RuntimeError(f"the app did not start: {heard.result().get('message')}")
    heard.cancel()
    try:
        yield
    finally:
        await says.put({"type": "lifespan.shutdown"})
        await asyncio.gather(living, return_exceptions=True)
