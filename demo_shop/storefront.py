"""The shop a visitor sees: cart, payment step, review step, confirmation, and a till whose customers pay by phone.

A stand-in for a headless storefront.

The address may carry `payment=…`, which the callback put there. It is a hint: what the sidecar says wins.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from demo_shop import pages
from demo_shop.backend import QUANTITY_MAX, Backend, Cart, OrderStatus
from demo_shop.catalogue import PRODUCTS, TEA_SET
from demo_shop.forms import form
from demo_shop.journal import Journal, Step
from demo_shop.provider import Refusal, Session, Unavailable
from payme_sandbox.languages import DEFAULT_LOCALE, Locale, is_locale

SHOP_NAME: Final = "Piyola"
REVIEW_PATH: Final = "/{locale}/{country_code}/checkout?step=review"
COUNTRY_CODE: Final = re.compile(r"[a-z]{2}")
DEFAULT_COUNTRY_CODE: Final = "uz"
CART_COOKIE: Final = "piyola_cart"


class View(StrEnum):
    """The faces of the review step."""

    READY = "ready"
    CANCELED = "canceled"
    WAITING = "waiting"
    FINISHING = "finishing"
    FAILED = "failed"
    CLOSED = "closed"


PAYABLE: Final = frozenset({View.READY, View.CANCELED})
SETTLED: Final = frozenset({View.CLOSED, View.FAILED})  # nothing will change any more

# (status, state of the newest transaction) as the sidecar tells them.
FACES: Final[dict[tuple[str, int | None], View]] = {
    ("pending", 1): View.WAITING,
    ("pending", -1): View.CANCELED,
    ("captured", 2): View.FINISHING,
    ("canceled", None): View.CLOSED,
    ("canceled", 1): View.CLOSED,
    ("canceled", -1): View.CLOSED,
    ("canceled", -2): View.CLOSED,
}

# Only while nothing has happened yet does the hint decide; and then it may make us wait, never pay.
HINTS: Final[dict[str, View]] = {
    "success": View.WAITING,
    "pending": View.WAITING,
    "failed": View.FAILED,
}


def view_of(session: Session, hint: str) -> View:
    untouched = HINTS.get(hint, View.READY)
    return FACES.get((session.status, session.transaction_state), untouched)


@dataclass(frozen=True, slots=True)
class Place:
    """The language and the country of an address; both go the whole way to Payme and come back."""

    locale: Locale
    country_code: str

    @classmethod
    def of(cls, request: Request) -> Self | None:
        locale, country_code = request.path_params["locale"], request.path_params["country_code"]
        return cls(locale, country_code) if is_locale(locale) and COUNTRY_CODE.fullmatch(country_code) else None

    def path(self, rest: str = "") -> str:
        return f"/{self.locale}/{self.country_code}{rest}"


Handler = Callable[[Request, Place], Awaitable[Response]]


class Storefront:
    def __init__(self, backend: Backend, journal: Journal, sidecar_url: str, cabinet_url: str) -> None:
        self._backend = backend
        self._journal = journal
        self._sidecar_url = sidecar_url
        self._cabinet_url = cabinet_url

    def routes(self) -> list[BaseRoute]:
        return [
            pages.static(),
            Route("/", front_door),
            self._route("", self._shop),
            self._route("/cart", self._cart),
            self._route("/cart", self._change_cart, "POST"),
            self._route("/checkout", self._checkout),
            self._route("/checkout", self._choose_payme, "POST"),
            self._route("/order/{order_id}/confirmed", self._confirmed),
            self._route("/kiosk", self._kiosk),
            self._route("/kiosk", self._open_till, "POST"),
            self._route("/kiosk/{cart_id}", self._till),
            self._route("/kiosk/{cart_id}/close", self._close_till, "POST"),
        ]

    def _route(self, path: str, handler: Handler, method: str = "GET") -> Route:
        async def endpoint(request: Request) -> Response:
            place = Place.of(request)
            return await handler(request, place) if place else await missing(request)

        return Route("/{locale}/{country_code}" + path, endpoint, methods=[method])

    async def _shop(self, request: Request, place: Place) -> Response:
        others = [product for product in PRODUCTS.values() if product is not TEA_SET]
        return self._page("shop.html", request, place, {"hero": TEA_SET, "others": others})

    async def _cart(self, request: Request, place: Place) -> Response:
        cart = self._open_cart(request) or Cart("")
        return self._page("cart.html", request, place, {"cart": cart})

    async def _change_cart(self, request: Request, place: Place) -> Response:
        """One thing more, or exactly so many of it."""
        wish = await form(request)
        handle, quantity = wish.get("product", ""), wish.get("quantity", "")
        response = RedirectResponse(place.path("/cart"), 303)
        if handle in PRODUCTS:
            cart = self._open_cart(request) or self._backend.new_cart()
            exact = quantity.isdecimal() and len(quantity) <= len(str(QUANTITY_MAX))
            wanted = int(quantity) if exact else cart.quantities.get(handle, 0) + 1
            cart.put(handle, wanted)
            response.set_cookie(CART_COOKIE, cart.id, httponly=True, samesite="lax")
        return response

    async def _checkout(self, request: Request, place: Place) -> Response:
        step = self._review if request.query_params.get("step") == "review" else self._payment
        return await step(request, place)

    async def _payment(self, request: Request, place: Place) -> Response:
        cart = self._open_cart(request)
        if cart is None or not cart.lines:
            return RedirectResponse(place.path("/cart"), 303)
        return self._page("payment.html", request, place, {"cart": cart, "unavailable": False})

    async def _choose_payme(self, request: Request, place: Place) -> Response:
        cart = self._open_cart(request)
        if cart is None or not cart.lines:
            return RedirectResponse(place.path("/cart"), 303)
        try:
            await self._backend.register(cart, place.locale, place.country_code)
        except Unavailable:
            return self._page("payment.html", request, place, {"cart": cart, "unavailable": True}, status=503)
        return RedirectResponse(place.path("/checkout?step=review"), 303)

    async def _review(self, request: Request, place: Place) -> Response:
        hint, cart = request.query_params.get("payment", ""), self._cart_of(request)
        if cart is not None and cart.session_id and hint:
            self._journal.write(cart.session_id, Step.SHOPPER_RETURNED, "review", f"payment={hint}")
        if cart is not None and cart.order is not None:
            return RedirectResponse(place.path(f"/order/{cart.order.id}/confirmed"), 303)
        if cart is None or cart.session_id is None:
            return self._without_session(request, place, cart, hint)
        view, session = await self._look(cart, place, hint)
        if view in PAYABLE and not cart.registered:
            return RedirectResponse(place.path("/checkout?step=payment"), 303)
        return self._review_page(request, place, view, cart, session)

    async def _look(self, cart: Cart, place: Place, hint: str) -> tuple[View, Session | None]:
        """What to show; a link to Payme is brought to the language of the page, so that the way back has it too."""
        try:
            session = await self._backend.session(cart)
            if isinstance(session, Session) and view_of(session, hint) in PAYABLE and cart.registered:
                session = await self._in_language(cart, session, place)
        except Unavailable:
            return View.WAITING, None  # we cannot know, so nobody is asked to pay
        if isinstance(session, Refusal):
            return View.FAILED, None
        return view_of(session, hint), session

    async def _in_language(self, cart: Cart, session: Session, place: Place) -> Session | Refusal:
        if (session.locale, session.country_code) == (place.locale, place.country_code):
            return session
        changed = await self._backend.register(cart, place.locale, place.country_code)
        return changed if isinstance(changed, Session) else await self._backend.session(cart)

    def _without_session(self, request: Request, place: Place, cart: Cart | None, hint: str) -> Response:
        if hint == "failed":
            return self._review_page(request, place, View.FAILED, cart or Cart(""), None)
        if hint:  # a phone that paid at the till has never seen this shop
            return self._page("kiosk_phone.html", request, place, {})
        return RedirectResponse(place.path("/cart"), 303)

    def _review_page(self, request: Request, place: Place, view: View, cart: Cart, session: Session | None) -> Response:
        context = {
            "view": view,
            "lines": cart.asked_for or cart.lines,
            "payment_url": session.payment_url if session and view in PAYABLE else "",
            "status_url": f"{self._sidecar_url}/payment-status/{cart.session_id}",
            "review_url": place.path("/checkout?step=review"),
        }
        return self._page("review.html", request, place, context)

    async def _confirmed(self, request: Request, place: Place) -> Response:
        order = self._backend.orders.get(request.path_params["order_id"])
        if order is None:
            return await missing(request)
        context = {
            "order": order,
            "refunded": order.status is OrderStatus.REFUNDED,
            "timeline": self._journal.story(order.session_id),
            "cabinet_url": f"{self._cabinet_url}/?l={place.locale}",
        }
        return self._page("order.html", request, place, context)

    async def _kiosk(self, request: Request, place: Place) -> Response:
        return self._page("kiosk.html", request, place, {"goods": PRODUCTS.values(), "unavailable": False})

    async def _open_till(self, request: Request, place: Place) -> Response:
        """One press, one fresh order: a cart of its own with one thing in it, and what is owed for it."""
        handle = (await form(request)).get("product", "")
        if handle not in PRODUCTS:
            return RedirectResponse(place.path("/kiosk"), 303)
        cart = self._backend.new_cart()
        cart.put(handle, 1)
        try:
            session = await self._backend.register(cart, place.locale, place.country_code)
        except Unavailable:
            session = None
        if not isinstance(session, Session):
            context = {"goods": PRODUCTS.values(), "unavailable": True}
            return self._page("kiosk.html", request, place, context, status=503)
        return RedirectResponse(place.path(f"/kiosk/{cart.id}"), 303)

    async def _till(self, request: Request, place: Place) -> Response:
        cart = self._backend.carts.get(request.path_params["cart_id"])
        if cart is None or cart.session_id is None:
            return await missing(request)
        view, session = (View.FINISHING, None) if cart.order else await self._look(cart, place, "")
        asks = cart.order is None and view not in SETTLED
        context = {
            "view": view,
            "order": cart.order,
            "line": cart.asked_for[0],
            "session_id": cart.session_id,
            "session": session,
            "status_url": f"{self._sidecar_url}/payment-status/{cart.session_id}" if asks else "",
            "till": place.path(f"/kiosk/{cart.id}"),
        }
        return self._page("kiosk_till.html", request, place, context)

    async def _close_till(self, request: Request, place: Place) -> Response:
        """A code that has left the screen must not be paid: its session is closed, unless it is paid already."""
        cart = self._backend.carts.get(request.path_params["cart_id"])
        if cart is None or cart.session_id is None:
            return await missing(request)
        try:
            closed = isinstance(await self._backend.close(cart), Session)
        except Unavailable:
            closed = False
        return RedirectResponse(place.path("/kiosk" if closed else f"/kiosk/{cart.id}"), 303)

    def _cart_of(self, request: Request) -> Cart | None:
        return self._backend.carts.get(request.cookies.get(CART_COOKIE, ""))

    def _open_cart(self, request: Request) -> Cart | None:
        """The cart one can still put things into; a cart that became an order is history."""
        cart = self._cart_of(request)
        return cart if cart is not None and cart.order is None else None

    def _page(
        self, template: str, request: Request, place: Place, context: Mapping[str, Any], status: int = 200
    ) -> Response:
        cart = self._open_cart(request)
        frame = {**frame_of(request, place), "in_cart": sum(cart.quantities.values()) if cart else 0}
        return pages.page(template, place.locale, {**frame, **context}, status=status)


def application(routes: list[BaseRoute]) -> Starlette:
    async def not_found(request: Request, _: Exception) -> Response:
        return await missing(request)

    return Starlette(routes=routes, exception_handlers={404: not_found})


async def front_door(request: Request) -> Response:
    wishes = re.findall(r"[a-z]{2}", request.headers.get("accept-language", "").lower())
    locale = next((wish for wish in wishes if is_locale(wish)), DEFAULT_LOCALE)
    return RedirectResponse(f"/{locale}/{DEFAULT_COUNTRY_CODE}", 303, {"Vary": "Accept-Language"})


async def missing(request: Request) -> Response:
    first = request.url.path.split("/")[1]
    place = Place(first if is_locale(first) else DEFAULT_LOCALE, DEFAULT_COUNTRY_CODE)
    frame = {**frame_of(request, place), "in_cart": 0, "other_url": lambda locale: f"/{locale}/{place.country_code}"}
    return pages.page("missing.html", place.locale, frame, status=404)


def frame_of(request: Request, place: Place) -> dict[str, Any]:
    rest = request.url.path.removeprefix(f"/{place.locale}/")
    query = f"?{request.url.query}" if request.url.query else ""
    return {
        "shop_name": SHOP_NAME,
        "home": place.path(),
        "path": place.path,
        "other_url": lambda locale: f"/{locale}/{rest}{query}",
    }
