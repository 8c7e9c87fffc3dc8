"""Merchants to certify, in this process and in no time: the real sidecar, the small Billing, and any handler."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

import httpx

from payme_sandbox.certification.orders import Effect, Order, Pool
from payme_sandbox.certification.orders import Shop as OrderSource
from payme_sandbox.certification.run import Outcome, Report, certify, chosen
from payme_sandbox.certification.stage import Plan
from payme_sandbox.clock import Time
from payme_sandbox.merchant import Merchant, basic
from tests.payme_sandbox.billing import AMOUNT, KEY, Billing
from tests.shop import BACKEND, PAYME, FakeClock, Shop

ENDPOINT: Final = "http://merchant.test/payme"
Handler = Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]


class SidecarShop:
    """The sidecar's own shop: its backend registers the orders and counts what it was told."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.orders: list[str] = []
        self.taken: set[str] = set()
        self.works = True
        shop.backend.answers = self._answer

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        if not self.works:
            return httpx.Response(503)
        session = request.url.path.split("/")[-2]
        self.taken.add(f"{session} {request.headers['idempotency-key']}")
        return httpx.Response(200)

    async def order(self, amount: int | None) -> Order:
        self.orders.append(f"order-{len(self.orders) + 1}")
        order = Order({"order_id": self.orders[-1]}, amount or AMOUNT)
        body = {"id": self.orders[-1], "amount": order.amount, "currency_code": "uzs"}
        answer = await self._shop.ask("POST", "/payment-sessions", json=body, headers=BACKEND)
        assert answer.status_code == 201
        return order

    async def _deliver(self) -> None:
        while await self._shop.house.relay.start_due():
            await self._shop.house.relay.finish()

    async def effect(self, order: Order) -> Effect | None:
        await self._deliver()
        about = [it.partition(" ")[2] for it in self.taken if it.startswith(f"{order.account['order_id']} ")]
        return Effect(*(sum(key.startswith(topic) for key in about) for topic in ("authorize:", "cancel:")))

    async def hook(self, *, works: bool) -> bool:
        await self._deliver()  # what was promised until now meets the shop as it was
        self.works = works
        return True


def moved(clock: FakeClock) -> Time:
    """Let waiting move this clock, so that nobody waits."""

    async def sleep(seconds: float) -> None:
        clock.advance(int(seconds * 1000) + 1)
        await asyncio.sleep(0)

    return Time(lambda: clock.now, sleep)


async def walk(
    http: httpx.AsyncClient,
    key: str,
    source: OrderSource,
    clock: FakeClock,
    names: Sequence[str] = (),
    plan: Plan | None = None,
) -> Report:
    plan = plan or Plan()
    scenarios = chosen(plan, names)
    async with http:
        return await certify(Merchant(http, ENDPOINT, key), source, plan, scenarios=scenarios, time=moved(clock))


def certify_sidecar(shop: Shop, *names: str, plan: Plan | None = None, source: OrderSource | None = None) -> Report:
    http = httpx.AsyncClient(transport=httpx.ASGITransport(shop.app))
    return shop.run(walk(http, PAYME["authorization"], source or SidecarShop(shop), shop.clock, names, plan))


def certify_billing(
    broken: str = "", *names: str, accumulative: bool = False, kind: type[Billing] = Billing, **known: Any
) -> Report:
    clock = FakeClock()
    billing = kind(broken, accumulative=accumulative, now=clock)
    http = httpx.AsyncClient(transport=httpx.ASGITransport(billing))
    plan = Plan(accumulative, **known)
    return asyncio.run(walk(http, basic(billing.credential), billing, clock, names, plan))


def certify_handler(handler: Handler, *names: str, source: OrderSource | None = None) -> Report:
    """Certify whatever answers: a stranger's server with an idea of its own."""
    http = httpx.AsyncClient(transport=httpx.MockTransport(handler))
    return asyncio.run(walk(http, basic(f"Paycom:{KEY}"), source or seeded(60), FakeClock(), names))


def seeded(count: int, amount: int = AMOUNT) -> Pool:
    return Pool([Order({"order_id": f"order-{number}"}, amount) for number in range(1, count + 1)])


def of(report: Report) -> dict[str, Outcome]:
    return {outcome.scenario.name: outcome for outcome in report.outcomes}


def reasons(report: Report, result: str) -> dict[str, str]:
    """Why, of every scenario that ended so."""
    return {name: it.reason for name, it in of(report).items() if it.result == result}
