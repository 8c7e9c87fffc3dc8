"""A town in one process: the demo's shop and Payme page as they are, a fake sidecar and a fake callback beside them.

The fake sidecar knows just enough of the contract for one shop: sessions, one transaction at a time, and no promises.
What it would tell the backend, a test tells it with `deliver`.
"""

import asyncio
import base64
import itertools
import json
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from demo_shop import payme, storefront
from demo_shop.addresses import Addresses
from demo_shop.backend import AdminRoutes, Backend, Cart
from demo_shop.browser import Browser
from demo_shop.catalogue import TEA_SET
from demo_shop.house import House
from demo_shop.journal import Journal
from demo_shop.provider import Provider
from payme_sandbox.counter.cashbox import Cashbox
from payme_sandbox.counter.visits import Wish
from payme_sandbox.link import Link

T = TypeVar("T")

NOON: Final = 1_790_000_000_000
MERCHANT: Final = "587f72c72cac0d162c722ae2"
BACKEND_KEY: Final = "sk_demo_backend"
ADDRESSES: Final = Addresses("town.test", 8700)
MESSAGES: Final = {
    -31001: {"ru": "Неверная сумма", "uz": "Summa noto‘g‘ri", "en": "Wrong amount"},
    -31050: {"ru": "Заказ не найден", "uz": "Buyurtma topilmadi", "en": "Order not found"},
    -31052: {"ru": "Заказ оплачен", "uz": "Buyurtma to‘langan", "en": "Order is paid"},
    -31008: {"ru": "Операция невозможна", "uz": "Amalni bajarib bo‘lmaydi", "en": "Not possible"},
}


class Clock:
    """Every look at it is a millisecond later."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        self.now += 1
        return self.now


class FakeSidecar:
    def __init__(self) -> None:
        self.sessions: dict[str, dict[str, Any]] = {}
        self.owners: dict[str, str] = {}  # Payme's id -> session
        self.asked: list[dict[str, Any]] = []
        self.down = False
        self.broken = False
        self.forgetful = False  # a merchant who stamps the time anew at every repeat
        self.sells_twice = False
        self.deaf_after = ""  # a method that is done, but whose reply gets lost
        self.answers: dict[str, httpx.Response] = {}  # by method, in place of the right one
        self.public_status: dict[str, Any] = {}  # in place of the right one
        self._numbers = itertools.count(1)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        for _ in range(3):
            await asyncio.sleep(0)  # as on a wire, others get their turn meanwhile
        if self.down:
            raise httpx.ConnectError("nobody is at home", request=request)
        if self.broken:
            return httpx.Response(503, json={"type": "unexpected", "code": "internal", "message": ""})
        path = request.url.path
        body = json.loads(request.content or b"{}")
        if path == "/payme":
            return self._payme(body)
        if path.startswith("/payment-status/"):
            return self._status(path.removeprefix("/payment-status/"))
        return self._provider(request.method, path.removeprefix("/payment-sessions").strip("/").split("/"), body)

    def _provider(self, verb: str, path: list[str], body: dict[str, Any]) -> httpx.Response:
        session_id = path[0] or body["id"]
        if not path[0]:
            self.sessions.setdefault(
                session_id, {**body, "order_id": session_id, "status": "pending", "transaction": None}
            )
        session = self.sessions.get(session_id)
        if session is None:
            return httpx.Response(404, json={"type": "not_found", "code": "not_found", "message": ""})
        if verb == "POST" and path[1:] == [] and path[0]:
            if session["transaction"] and session["transaction"]["state"] != -1:
                return httpx.Response(409, json={"type": "not_allowed", "code": "amount_locked", "message": ""})
            session.update(body)
        if path[1:] == ["cancel"]:
            if session["status"] == "captured":
                return httpx.Response(409, json={"type": "not_allowed", "code": "already_paid", "message": ""})
            session["status"] = "canceled"
        qr_url = f"{ADDRESSES.sidecar}/payment-sessions/{session_id}/qr.svg?token=t"
        return httpx.Response(200, json={**session, "payment_url": self.link(session), "qr_url": qr_url})

    def link(self, session: dict[str, Any]) -> str:
        place = {name: session[name] for name in ("order_id", "locale", "country_code")}
        back = f"{ADDRESSES.callback}/payme-callback?{urlencode(place)}"
        parts = f"m={MERCHANT};ac.order_id={session['id']};a={session['amount']};l={session['locale']};c={back}"
        return f"{ADDRESSES.payme}/{base64.b64encode(parts.encode()).decode()}"

    def _status(self, order_id: str) -> httpx.Response:
        session = self.sessions.get(order_id)
        if session is None:
            return httpx.Response(404, json={})
        state = session["transaction"]["state"] if session["transaction"] else None
        return httpx.Response(200, json=self.public_status or {"status": session["status"], "transaction_state": state})

    def _payme(self, call: dict[str, Any]) -> httpx.Response:
        self.asked.append(call)
        if call["method"] in self.answers:
            return self.answers[call["method"]]
        result = self._answer(call["method"], call["params"])
        if call["method"] == self.deaf_after:
            raise httpx.ReadTimeout("the reply was lost")
        if isinstance(result, int):
            error = {"code": result, "message": MESSAGES[result], "data": "order_id"}
            return httpx.Response(200, json={"jsonrpc": "2.0", "id": call["id"], "error": error})
        if self.forgetful:
            result = {**result, "create_time": NOON + next(self._numbers)}
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": call["id"], "result": result})

    def _answer(self, method: str, params: dict[str, Any]) -> dict[str, Any] | int:
        session = self.sessions.get(params["account"]["order_id"] if "account" in params else self.owners[params["id"]])
        if session is None:
            return -31050
        transaction = session["transaction"]
        if transaction and transaction["id"] == params.get("id"):
            return self._move(method, session, transaction, params)
        if session["status"] != "pending" and not self.sells_twice:
            return -31052
        if params["amount"] != session["amount"]:
            return -31001
        if method == "CheckPerformTransaction":
            return {"allow": True}
        self.owners[params["id"]] = session["id"]
        session["transaction"] = {"id": params["id"], "state": 1}
        return {"create_time": NOON, "transaction": "1", "state": 1}

    def _move(
        self, method: str, session: dict[str, Any], transaction: dict[str, Any], params: dict[str, Any]
    ) -> dict[str, Any] | int:
        if method == "PerformTransaction":
            transaction["state"], session["status"] = 2, "captured"
        if method == "CancelTransaction" and transaction["state"] > 0:
            transaction["state"] = -transaction["state"]
            transaction["reason"] = params["reason"]
            session["status"] = "canceled" if transaction["state"] == -2 else "pending"
        times = {"PerformTransaction": {"perform_time": NOON}, "CancelTransaction": {"cancel_time": NOON}}
        return {"transaction": "1", "state": transaction["state"], **times.get(method, {"create_time": NOON})}


class Town:
    def __init__(self) -> None:
        self.sidecar = FakeSidecar()
        self.clock = Clock()
        self.journal = Journal(self.clock)
        to_sidecar = httpx.AsyncClient(base_url=ADDRESSES.sidecar, transport=httpx.MockTransport(self.sidecar))
        self.backend = Backend(Provider(to_sidecar), self.journal)
        cashbox = Cashbox(f"{ADDRESSES.sidecar}/payme", "key", merchant_id=MERCHANT, name="Piyola")
        self.cashier = payme.cashier(cashbox, to_sidecar, self.journal)
        admin = AdminRoutes(self.backend, self.journal, BACKEND_KEY)
        shop = storefront.Storefront(self.backend, self.journal, ADDRESSES.sidecar, ADDRESSES.payme)
        streets: dict[str, httpx.AsyncBaseTransport] = {
            ADDRESSES.shop: httpx.ASGITransport(storefront.application([*admin.routes(), *shop.routes()])),
            ADDRESSES.payme: httpx.ASGITransport(payme.pages(self.cashier, to_sidecar, ADDRESSES.host)),
            ADDRESSES.sidecar: httpx.MockTransport(self.sidecar),
            ADDRESSES.callback: httpx.MockTransport(self.callback),
        }
        self.http = httpx.AsyncClient(mounts=streets)
        self.browser = Browser(self.http)
        self.house = House(ADDRESSES, MERCHANT, self.journal, self.backend, self.cashier, [])
        self.delivers = True
        self.key = "{topic}:{transaction_id}"
        self.signpost: Callable[[str], str] = str  # where the callback sends people, when not where it should

    async def callback(self, request: httpx.Request) -> httpx.Response:
        """The callback in six lines; and as the sidecar has no relay here, the moment the backend hears of it."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(str(request.url)).query).items()}
        session = self.sidecar.sessions[query["order_id"]]
        state = session["transaction"]["state"] if session["transaction"] else None
        payment = {1: "pending", 2: "success", -1: "canceled", None: "pending"}[state]
        if payment == "success" and self.delivers:
            await self.deliver("authorize", session["id"])
        path = f"/{query['locale']}/{query['country_code']}/checkout?step=review&payment={payment}"
        return httpx.Response(303, headers={"Location": ADDRESSES.shop + self.signpost(path)})

    async def deliver(self, topic: str, session_id: str, **changes: Any) -> httpx.Response:
        """Ask the backend what the sidecar would ask it."""
        session = self.sidecar.sessions.get(session_id, {"transaction": {"id": "t" * 24}, "amount": 1})
        message = {"transaction_id": session["transaction"]["id"], "amount": session["amount"], **changes}
        return await self.post(topic, session_id, json.dumps(message), self.key.format(topic=topic, **message))

    async def post(
        self, topic: str, session_id: str, body: str, idempotency_key: str | None, key: str = f"{BACKEND_KEY}:"
    ) -> httpx.Response:
        headers = {"Authorization": "Basic " + base64.b64encode(key.encode()).decode()}
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        url = f"{ADDRESSES.shop}/admin/payme/payment-sessions/{session_id}/{topic}"
        return await self.http.post(url, content=body, headers=headers)

    async def cart_at_review(self, locale: str = "ru") -> Cart:
        """A shopper who has chosen Payme and stands before the Pay button."""
        await self.browser.open(f"{ADDRESSES.shop}/{locale}/uz")
        await self.browser.submit(f"buy-{TEA_SET.handle}")
        await self.browser.follow("to-payment")
        await self.browser.submit("choose-payment")
        return next(reversed(self.backend.carts.values()))

    async def at_payme(self, locale: str = "ru") -> Cart:
        cart = await self.cart_at_review(locale)
        await self.browser.follow("pay")
        return cart

    async def paid(self, cart: Cart) -> None:
        """Payme's part, without its page."""
        await self.cashier.play(self.cashier.visit(self.link(cart)), Wish.PAY)

    def link(self, cart: Cart) -> Link:
        session = self.sidecar.sessions[cart.session_id or ""]
        return Link.read(self.sidecar.link(session))

    @property
    def view(self) -> str:
        return self.browser.page.attribute("review", "data-view")

    @property
    def path(self) -> str:
        return urlsplit(self.browser.page.url).path


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)
