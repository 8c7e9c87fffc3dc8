"""Payme's counter in one process: cashier and pages as they are, the small Billing behind a wire that may break."""

import asyncio
import base64
import json
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import httpx

from demo_shop.browser import Browser
from payme_sandbox.clock import Time
from payme_sandbox.counter.cashbox import Cashbox
from payme_sandbox.counter.cashier import Cashier
from payme_sandbox.counter.desk import Desk
from payme_sandbox.counter.site import site
from payme_sandbox.counter.visits import Spoken, Visit, Wish
from payme_sandbox.link import Link
from tests.payme_sandbox.billing import AMOUNT, FIELD, KEY, Billing

T = TypeVar("T")

MERCHANT: Final = "587f72c72cac0d162c722ae2"
ENDPOINT: Final = "http://shop.test/payme"
PAYME: Final = "http://127.0.0.1:8790"
NOON: Final = 1_790_000_000_000
BACK: Final = "https://shop.uz/back?order=:account.order_id&transaction=:transaction"


class Clock:
    """Every look at it is a millisecond later, and waiting moves it."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        self.now += 1
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += round(seconds * 1000)
        await asyncio.sleep(0)


class Wire(httpx.AsyncBaseTransport):
    """Carries calls to the merchant, and breaks where it is told to."""

    def __init__(self, billing: Billing) -> None:
        self.asked: list[dict[str, Any]] = []
        self.sites: dict[str, httpx.AsyncBaseTransport] = {}
        self.down = False
        self.deaf_after = ""  # a method that is done, but whose reply gets lost
        self.answers: dict[str, httpx.Response] = {}  # by method, in place of the right one
        self.lies: dict[str, dict[str, Any]] = {}  # by method, members of the result that are changed
        self._billing = httpx.ASGITransport(billing)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)  # as on a wire, others get their turn meanwhile
        if self.down:
            raise httpx.ConnectError("All connection attempts failed", request=request)
        content = await request.aread()
        if request.url.path != "/payme":
            return httpx.Response(404)
        method = self._write_down(content)
        if method in self.answers:
            it = self.answers[method]
            return httpx.Response(it.status_code, headers=it.headers, content=it.content)
        answer = await self._billing.handle_async_request(request)
        await answer.aread()
        if method and method == self.deaf_after:
            raise httpx.ReadTimeout("", request=request)
        if method in self.lies:
            reply = answer.json()
            reply["result"] |= self.lies[method]
            return httpx.Response(200, json=reply)
        return answer

    def _write_down(self, content: bytes) -> str:
        """Note the call, and say its method; bodies that are no call are carried, too."""
        try:
            body = json.loads(content)
            self.asked.append(body)
            return str(body["method"])
        except (ValueError, RecursionError, LookupError, TypeError):
            return ""

    @property
    def methods(self) -> list[str]:
        return [call["method"].removesuffix("Transaction") for call in self.asked]


class Counter:
    def __init__(self, broken: str = "", *, accumulative: bool = False, connected: bool = True) -> None:
        self.clock = Clock()
        self.billing = Billing(broken, accumulative=accumulative, now=self.clock)
        self.wire = Wire(self.billing)
        self.heard: list[Spoken] = []
        to_merchant = httpx.AsyncClient(transport=self.wire)
        cashbox = Cashbox(ENDPOINT, KEY, merchant_id=MERCHANT, name="Piyola")
        time = Time(self.clock, self.clock.sleep)
        self.cashier = Cashier(cashbox, to_merchant, time, self.heard.append)
        self.desk = Desk(to_merchant, time, self.cashier if connected else None)
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(site(self.desk, "127.0.0.1")))
        self.browser = Browser(self.http)

    async def order(self, amount: int | None = None) -> Link:
        order = await self.billing.order(amount)
        return Link(MERCHANT, dict(order.account), order.amount, "en", "")

    async def visit(self) -> Visit:
        return self.cashier.visit(await self.order())

    async def played(self, *wishes: Wish) -> Visit:
        visit = await self.visit()
        for wish in wishes:
            await self.cashier.play(visit, wish)
        return visit

    async def at_checkout(self, locale: str = "en", back: str = "") -> str:
        """Open a fresh order's link; its address."""
        link = await self.order()
        rest = f";c={back}" if back else ""
        await self.browser.open(address(f"m={MERCHANT};ac.{FIELD}={link.account[FIELD]};a={AMOUNT};l={locale}{rest}"))
        return self.browser.page.url

    @property
    def notice(self) -> str:
        return self.browser.page.attribute("checkout", "data-notice")


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def address(text: str) -> str:
    return f"{PAYME}/{encoded(text)}"


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)
