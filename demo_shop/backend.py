"""A commerce backend small enough to read: a stand-in for Medusa that keeps its carts and orders in memory.

It does what the sidecar needs from a backend (contract, section 5) the way Medusa does it: on "authorize" it asks
the sidecar back, inside the call, whether money came, and only then places the order.
"""

import asyncio
import base64
import json
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from demo_shop.catalogue import PRODUCTS, Product
from demo_shop.journal import Journal, Step
from demo_shop.provider import Owed, Provider, Refusal, Session, Unavailable
from payme_sandbox.languages import locale_or_default

QUANTITY_MAX: Final = 9
VAT_PERCENT: Final = 12
FIRST_ORDER_NUMBER: Final = 1001


class OrderStatus(StrEnum):
    PAID = "paid"
    REFUNDED = "refunded"


class Line(NamedTuple):
    product: Product
    quantity: int

    @property
    def total(self) -> int:
        return self.product.price * self.quantity


@dataclass
class Order:
    id: str
    number: int
    session_id: str
    transaction_id: str
    lines: tuple[Line, ...]
    status: OrderStatus = OrderStatus.PAID

    @property
    def amount(self) -> int:
        return total(self.lines)


@dataclass
class Cart:
    id: str
    quantities: dict[str, int] = field(default_factory=dict)
    session_id: str | None = None
    asked_for: tuple[Line, ...] = ()  # what the session was registered for; an order is made from this
    order: Order | None = None

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(Line(PRODUCTS[handle], quantity) for handle, quantity in self.quantities.items())

    @property
    def registered(self) -> bool:
        return self.session_id is not None and self.lines == self.asked_for

    def put(self, handle: str, quantity: int) -> None:
        self.quantities[handle] = min(max(quantity, 0), QUANTITY_MAX)
        if not self.quantities[handle]:
            del self.quantities[handle]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: dict[str, Any]


class Backend:
    def __init__(self, provider: Provider, journal: Journal) -> None:
        self.carts: dict[str, Cart] = {}
        self.orders: dict[str, Order] = {}
        self._provider = provider
        self._journal = journal
        self._carts_by_session: dict[str, Cart] = {}
        self._answers: dict[str, Answer] = {}  # by Idempotency-Key
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)  # by cart

    def new_cart(self) -> Cart:
        cart = Cart(id=f"cart_{secrets.token_hex(13)}")
        self.carts[cart.id] = cart
        return cart

    async def register(self, cart: Cart, locale: str, country_code: str) -> Session | Refusal:
        """The payment step: say what is owed. The session keeps its id when the cart or the language changes."""
        async with self._locks[cart.id]:  # a double click registers once
            return await self._register(cart, cart.lines, locale, country_code)

    async def _register(self, cart: Cart, lines: tuple[Line, ...], locale: str, country_code: str) -> Session | Refusal:
        if cart.session_id is None:
            session_id, verb, step = new_session_id(), self._provider.initiate, Step.SESSION_REGISTERED
        else:
            session_id, verb, step = cart.session_id, self._provider.update, Step.SESSION_UPDATED
        session = await verb(session_id, Owed(total(lines), detail_of(lines, locale), locale, country_code))
        if isinstance(session, Session):
            cart.session_id, cart.asked_for = session_id, lines
            self._carts_by_session[session_id] = cart
        self._journal.write(session_id, step, "session", outcome_of(session))
        return session

    async def session(self, cart: Cart) -> Session | Refusal:
        return await self._provider.retrieve(cart.session_id or "")

    async def close(self, cart: Cart) -> Session | Refusal:
        """Nobody shall pay for this any more; what is paid stays paid."""
        session = await self._provider.cancel(cart.session_id or "")
        self._journal.write(cart.session_id or "", Step.SESSION_UPDATED, "cancel", outcome_of(session))
        return session

    async def authorize(self, session_id: str, key: str, message: dict[str, Any]) -> Answer:
        """Place the order, if the sidecar says that the money came."""
        return await self._once(session_id, key, lambda cart: self._place(cart, message))

    async def cancel(self, session_id: str, key: str, message: dict[str, Any]) -> Answer:
        """Payme has taken the payment back: the order stays, refunded."""
        return await self._once(session_id, key, lambda cart: self._refund(cart, message))

    async def _once(self, session_id: str, key: str, verb: Callable[[Cart], Awaitable[Answer]]) -> Answer:
        cart = self._carts_by_session.get(session_id)
        if cart is None:
            return no(404, "session_not_found", f"There is no payment session {session_id}.")
        async with self._locks[cart.id]:
            if key in self._answers:
                return self._answers[key]
            answer = await verb(cart)
            if answer.status < 400:  # noqa: PLR2004 - a "no" is not remembered: it may be repaired and asked again
                self._answers[key] = answer
            return answer

    async def _place(self, cart: Cart, message: dict[str, Any]) -> Answer:
        session_id = cart.session_id or ""
        if cart.order is not None:
            return no(409, "already_placed", "Another payment has placed this order.")
        if message.get("amount") != total(cart.asked_for):
            return no(409, "amount_mismatch", "The amount paid is not the amount of the order.")
        try:
            session = await self._provider.authorize(session_id)
        except Unavailable:
            return no(503, "provider_unavailable", "The sidecar did not answer; ask again.")
        self._journal.write(session_id, Step.STATUS_ASKED, "authorize", outcome_of(session))
        if isinstance(session, Refusal) or session.status != "captured":
            return no(409, "not_paid", "The sidecar does not say that this session is paid.")
        cart.order = self._new_order(cart, str(message.get("transaction_id")))
        self._journal.write(session_id, Step.ORDER_PLACED, f"order #{cart.order.number}", "placed")
        return Answer(200, {"order": describe(cart.order)})

    async def _refund(self, cart: Cart, message: dict[str, Any]) -> Answer:
        order = cart.order
        if order is None or order.transaction_id != message.get("transaction_id"):
            return no(409, "order_not_placed", "No order was placed with this payment.")
        order.status = OrderStatus.REFUNDED
        self._journal.write(order.session_id, Step.ORDER_REFUNDED, f"order #{order.number}", "refunded")
        return Answer(200, {"order": describe(order)})

    def _new_order(self, cart: Cart, transaction_id: str) -> Order:
        number = FIRST_ORDER_NUMBER + len(self.orders)
        order_id = f"order_{secrets.token_hex(13)}"
        order = Order(order_id, number, cart.session_id or "", transaction_id, cart.asked_for)
        self.orders[order.id] = order
        return order


class AdminRoutes:
    """The two calls the sidecar makes, as routes."""

    def __init__(self, backend: Backend, journal: Journal, key: str) -> None:
        self._backend = backend
        self._journal = journal
        self._credential = b"Basic " + base64.b64encode(f"{key}:".encode())  # Medusa's way: key, colon, nothing

    def routes(self) -> list[Route]:
        base = "/admin/payme/payment-sessions/{session_id}"
        return [
            Route(f"{base}/authorize", self._authorize, methods=["POST"]),
            Route(f"{base}/cancel", self._cancel, methods=["POST"]),
        ]

    async def _authorize(self, request: Request) -> Response:
        return await self._answer(request, Step.AUTHORIZE_ASKED, self._backend.authorize)

    async def _cancel(self, request: Request) -> Response:
        return await self._answer(request, Step.CANCEL_ASKED, self._backend.cancel)

    async def _answer(
        self, request: Request, step: Step, verb: Callable[[str, str, dict[str, Any]], Awaitable[Answer]]
    ) -> Response:
        given = request.headers.get("authorization", "").encode()
        if not secrets.compare_digest(given, self._credential):
            return reply(no(401, "unauthorized", "The secret API key is missing or wrong."))
        key, message = request.headers.get("idempotency-key"), parsed(await request.body())
        if not key or message is None:
            return reply(no(400, "invalid_request", "An Idempotency-Key and a JSON object are needed."))
        session_id, what = request.path_params["session_id"], request.url.path.rpartition("/")[2]
        self._journal.write(session_id, step, what, note=f"Idempotency-Key: {key}")
        answer = await verb(session_id, key, message)
        if "code" in answer.body:
            self._journal.write(session_id, Step.ANSWERED_NO, what, f"{answer.status} {answer.body['code']}")
        return reply(answer)


def total(lines: tuple[Line, ...]) -> int:
    return sum(line.total for line in lines)


def detail_of(lines: tuple[Line, ...], locale: str) -> dict[str, Any]:
    """Say in Payme's words what is bought, so that the buyer gets a fiscal receipt."""
    items = [
        {
            "title": product.title.in_(locale_or_default(locale)),
            "price": product.price,
            "count": quantity,
            "code": product.code,
            "package_code": product.package_code,
            "vat_percent": VAT_PERCENT,
        }
        for product, quantity in lines
    ]
    return {"receipt_type": 0, "items": items}


def new_session_id() -> str:
    return f"payses_{secrets.token_hex(13).upper()}"


def describe(order: Order) -> dict[str, Any]:
    return {"id": order.id, "display_id": order.number, "status": order.status, "total": order.amount}


def outcome_of(answer: Session | Refusal) -> str:
    return f"{answer.status} {answer.code}" if isinstance(answer, Refusal) else answer.status


def parsed(body: bytes) -> dict[str, Any] | None:
    try:
        message = json.loads(body)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


def no(status: int, code: str, message: str) -> Answer:
    return Answer(status, {"type": "not_allowed", "code": code, "message": message})


def reply(answer: Answer) -> Response:
    return JSONResponse(answer.body, answer.status)
