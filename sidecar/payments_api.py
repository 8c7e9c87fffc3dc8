"""The commerce backend's door: the payment provider API (contract, section 4). Written once, for any provider.

Order of checks: key, size of the body, shape of the path, shape of the body, then what the provider says. A QR code
opens to its session's token too: a browser that shows it has no key.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from sidecar import fiscal, qr, strict_json
from sidecar.body import Gone, TooLong, read_body
from sidecar.doorkeeper import Door, Doorkeeper, Reason
from sidecar.fiscal import NO_LINES, Detail, DetailDiffers
from sidecar.keys import Key, Keys, credentials
from sidecar.metrics import Metrics
from sidecar.money import tiyin
from sidecar.payment_sessions import IDENTIFIER
from sidecar.providers import Changes, CurrencyNotSupported, Denied, NotFound, Provider, Registration, SessionView
from sidecar.qr import DRAWINGS, Drawing, LinkTooLong
from sidecar.settings import COUNTRY_CODE, LOCALE, Settings
from sidecar.vocabulary import SessionStatus

PUBLIC: Final = "/payment-status/"

# Medusa's word for each status (its MedusaError types).
TYPES: Final = {
    400: "invalid_data",
    401: "unauthorized",
    404: "not_found",
    405: "not_allowed",
    409: "not_allowed",
    413: "invalid_data",
    422: "invalid_data",
    503: "unexpected_state",
}

# A code that leads nowhere helps no customer.
OVER: Final = {
    SessionStatus.CAPTURED: ("already_paid", "this payment session is paid"),
    SessionStatus.CANCELED: ("session_closed", "this payment session is closed"),
}

Endpoint = Callable[[Request], Awaitable[Response]]


class OpenToBrowsers:
    """Lets any page read the public status, and also that there is none now: this stands outside all that can fail."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._open = CORSMiddleware(app, allow_origins=["*"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_public = scope["type"] == "http" and scope["path"].startswith(PUBLIC)
        await (self._open if is_public else self._app)(scope, receive, send)


class Wrong(Exception):
    """The request cannot be understood (400) or makes no sense (422)."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message


class PaymentsApi:
    def __init__(self, provider: Provider, settings: Settings, metrics: Metrics) -> None:
        self._provider = provider
        self._body_max = settings.body_max
        self._secrets = {Key.CURRENT: settings.sidecar_api_key, Key.PREVIOUS: settings.sidecar_api_key_previous}
        self._keys = Keys(credentials("", self._secrets))
        self._doorkeepers = {
            door: Doorkeeper(door, metrics, settings.forwarded_allow_ips) for door in (Door.API, Door.QR)
        }
        # One at a time: a drawing takes a core for 20 ms or so, and Payme's calls come first.
        self._drawing = asyncio.Semaphore(1)

    @property
    def routes(self) -> list[BaseRoute]:
        ask = self._provider
        verbs = {
            "authorize": ask.authorize,
            "capture": ask.capture,
            "cancel": ask.cancel,
            "refund": ask.refund,
        }
        return [
            Route("/payment-sessions", self._guarded(self._initiate), methods=["POST"]),
            Route("/payment-sessions/{id}", self._guarded(self._session), methods=["GET", "POST", "DELETE"]),
            *(
                Route(f"/payment-sessions/{{id}}/{verb}", self._guarded(self._asking(does)), methods=["POST"])
                for verb, does in verbs.items()
            ),
            *(
                Route(f"/payment-sessions/{{id}}/qr.{kind}", self._guarded(self._code(drawing), self._admits))
                for kind, drawing in DRAWINGS.items()
            ),
            Route(f"{PUBLIC}{{order_id}}", self._status, methods=["GET"]),
        ]

    def trusts(self, request: Request) -> bool:
        shown = request.headers.getlist("authorization")
        key = self._keys.shown(_credential(shown[0])) if len(shown) == 1 else None
        return self._answered(Door.API, key, request)

    def _admits(self, request: Request) -> bool:
        """Trust the key, or the token of this session's code in the address."""
        shown = request.query_params.getlist("token")
        key = self._tokens(request.path_params["id"]).shown(shown[0].encode()) if len(shown) == 1 else None
        return self._answered(Door.QR, key, request) if key else self.trusts(request)

    def _tokens(self, session_id: str) -> Keys:
        """Make what opens this one code: a token that was given out lives as long as the key it was made with."""
        made = {key: qr.token(it.get_secret_value(), session_id) for key, it in self._secrets.items() if it}
        return Keys({key: token.encode() for key, token in made.items()})

    def _answered(self, door: Door, key: Key | None, request: Request) -> bool:
        if key is None:
            self._doorkeepers[door].turns_away(request.scope, Reason.CREDENTIAL)
            return False
        self._doorkeepers[door].lets_in(request.scope, key)
        return True

    def _guarded(self, endpoint: Endpoint, trusts: Callable[[Request], bool] | None = None) -> Endpoint:
        trusts = trusts or self.trusts

        async def guarded(request: Request) -> Response:
            if not trusts(request):
                return refusal(401, "unauthorized", "send the key as Authorization: Bearer …")
            return await endpoint(request)

        return guarded

    async def _body(self, request: Request) -> bytes:
        return await read_body(request.scope, request.receive, self._body_max)

    async def _initiate(self, request: Request) -> Response:
        wish = registration(_members(await self._body(request)))
        structlog.contextvars.bind_contextvars(session_id=wish.id)
        view, new = await self._provider.initiate(wish)
        return answer(201 if new else 200, view)

    async def _session(self, request: Request) -> Response:
        body = await self._body(request)
        session_id = _session_id(request)
        if request.method == "POST":
            return answer(200, await self._provider.update(session_id, changes(_members(body))))
        ask = self._provider.cancel if request.method == "DELETE" else self._provider.retrieve
        return answer(200, await ask(session_id))

    def _asking(self, ask: Callable[[str], Awaitable[SessionView]]) -> Endpoint:
        async def asking(request: Request) -> Response:
            await self._body(request)  # Medusa may send one; nothing in it is believed
            return answer(200, await ask(_session_id(request)))

        return asking

    def _code(self, drawing: Drawing) -> Endpoint:
        async def code(request: Request) -> Response:
            view = await self._provider.retrieve(_session_id(request))
            if over := OVER.get(view["status"]):
                raise Denied(*over)
            async with self._drawing:
                image = await asyncio.to_thread(drawing.draw, view["payment_url"])
            # The link changes with the amount: an old code would ask for an old sum.
            return Response(image, media_type=drawing.media_type, headers={"Cache-Control": "no-store"})

        return code

    async def _status(self, request: Request) -> Response:
        order_id = request.path_params["order_id"]
        if not IDENTIFIER.fullmatch(order_id):
            raise NotFound
        structlog.contextvars.bind_contextvars(order_id=order_id)
        return answer(200, await self._provider.status(order_id))


def _credential(header: str) -> bytes:
    """Take the key out of `Bearer KEY`, whose scheme may be in small letters; of any other scheme nothing."""
    scheme, _, key = header.partition(" ")
    return key.encode("latin-1") if scheme.lower() == "bearer" else b""


def registration(members: dict[str, Any]) -> Registration:
    """Read the body of `POST /payment-sessions`.

    Raises:
        Wrong: 400 for a wrong shape, 422 for an amount that cannot be paid.
        DetailDiffers: 422 for fiscal lines that do not come to the amount.
    """
    session_id = _identifier(members, "id")
    wish = Registration(
        session_id,
        _identifier(members, "order_id") if members.get("order_id") is not None else session_id,
        _amount(members),
        _currency(members),
        *_way_back(members),
        _detail(members),
    )
    fiscal.agree(wish.detail, wish.amount)
    return wish


def changes(members: dict[str, Any]) -> Changes:
    """Read the body of `POST /payment-sessions/{id}`: any of amount, locale, country_code, detail.

    Null is as good as nothing, but for `detail`: what is not mentioned stays, and null takes it away.
    """
    amount = _amount(members) if members.get("amount") is not None else None
    return Changes(amount, *_way_back(members), _detail(members) if "detail" in members else None)


def _members(body: bytes) -> dict[str, Any]:
    try:
        document = strict_json.decode(body)
    except strict_json.NotJson:
        raise Wrong(400, "invalid_json", "the body is not one unambiguous JSON document in UTF-8") from None
    if not isinstance(document, dict):
        raise Wrong(400, "invalid_json", "the body must be a JSON object")
    return document


def _session_id(request: Request) -> str:
    session_id: str = request.path_params["id"]
    in_disguise = b"%2f" in request.scope.get("raw_path", b"").lower()  # decoded, it would end the id
    if in_disguise or not IDENTIFIER.fullmatch(session_id):
        raise Wrong(400, "invalid_id", f"id must match {IDENTIFIER.pattern}")
    structlog.contextvars.bind_contextvars(session_id=session_id)
    return session_id


def _identifier(members: dict[str, Any], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not IDENTIFIER.fullmatch(value):
        raise Wrong(400, f"invalid_{name}", f"{name} must match {IDENTIFIER.pattern}")
    return value


def _amount(members: dict[str, Any]) -> Any:
    value = members.get("amount")
    if type(value) is not int:
        raise Wrong(400, "invalid_amount", "amount must be a whole number of tiyin")
    amount = tiyin(value)
    if amount is None:
        raise Wrong(422, "amount_out_of_range", "amount must be positive and fit 64 bits")
    return amount


def _currency(members: dict[str, Any]) -> str:
    value = members.get("currency_code")
    if not isinstance(value, str):
        raise Wrong(400, "invalid_currency_code", "currency_code must be a string")
    return value.lower()


def _way_back(members: dict[str, Any]) -> tuple[str | None, str | None]:
    shapes = {"locale": LOCALE, "country_code": COUNTRY_CODE}
    for name, shape in shapes.items():
        value = members.get(name)
        if value is not None and not (isinstance(value, str) and shape.fullmatch(value)):
            raise Wrong(400, f"invalid_{name}", f"{name} must match {shape.pattern}")
    return members.get("locale"), members.get("country_code")


def _detail(members: dict[str, Any]) -> Detail:
    if members.get("detail") is None:
        return NO_LINES
    try:
        return fiscal.read(members["detail"])
    except fiscal.Malformed as error:
        raise Wrong(400, "invalid_detail", str(error)) from None


def answer(status: int, view: Any) -> Response:
    return Response(strict_json.encode(view), status, media_type="application/json")


def refusal(status: int, code: str, message: str) -> Response:
    """Write an error in Medusa's shape."""
    return answer(status, {"type": TYPES.get(status, "invalid_data"), "code": code, "message": message})


async def _wrong(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Wrong)  # noqa: S101 - as registered below
    return refusal(error.status, error.code, error.message)


async def _denied(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Denied)  # noqa: S101
    return refusal(409, error.code, error.message)


async def _detail_differs(_request: Request, error: Exception) -> Response:
    return refusal(422, "detail_differs", f"{error}: send detail anew, or as null")


async def _currency_not_supported(_request: Request, _error: Exception) -> Response:
    return refusal(422, "currency_not_supported", "Payme takes uzs only")


async def _not_found(_request: Request, _error: Exception) -> Response:
    return refusal(404, "not_found", "no such payment session")


async def _too_long(_request: Request, error: Exception) -> Response:
    assert isinstance(error, TooLong)  # noqa: S101
    return refusal(413, "body_too_long", f"a body may have {error.limit:,} bytes")


async def _link_too_long(_request: Request, _error: Exception) -> Response:
    return refusal(422, "link_too_long", "the payment link is too long for a QR code: shorten the return address")


async def _gone(_request: Request, _error: Exception) -> Response:
    return Response(status_code=400)  # nobody reads it


async def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    code = {404: "unknown_route", 405: "method_not_allowed"}.get(error.status_code, "invalid_request")
    response = refusal(error.status_code, code, error.detail)
    response.headers.update(error.headers or {})
    return response


EXCEPTION_HANDLERS: Final = {
    Wrong: _wrong,
    Denied: _denied,
    DetailDiffers: _detail_differs,
    CurrencyNotSupported: _currency_not_supported,
    NotFound: _not_found,
    TooLong: _too_long,
    LinkTooLong: _link_too_long,
    Gone: _gone,
    HTTPException: _http,
}
