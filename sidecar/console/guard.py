"""Who may enter: a ticket for every room, a token for every form, and strict headers on every answer."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final
from urllib.parse import parse_qsl, quote

import structlog
from starlette.requests import Request
from starlette.responses import Response

from sidecar.body import read_body
from sidecar.clock import SECOND, Clock
from sidecar.console.languages import first_known, is_locale
from sidecar.console.pages import HOME, Pages, Visit, go
from sidecar.console.tickets import LIFE, Tickets, visit
from sidecar.database_faults import fault
from sidecar.doorkeeper import Door, Doorkeeper
from sidecar.keys import Key
from sidecar.metrics import Metrics
from sidecar.origin import by_https, noted
from sidecar.settings import Settings

log = structlog.get_logger()

SIGN_IN: Final = f"{HOME}/sign-in"
TICKET: Final = "payme_console"
VISIT: Final = "payme_console_visit"  # before there is a ticket; cookies know no ports, so their names are long
MARK: Final = "payme_console_mark"
LANGUAGE: Final = "payme_console_language"
YEAR: Final = 31_536_000
FIELDS_MAX: Final = 100  # of a form
TOKEN: Final = "token"  # noqa: S105 - the name of the field
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

Room = Callable[[Visit], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


class Guard:
    def __init__(self, settings: Settings, tickets: Tickets, pages: Pages, clock: Clock, metrics: Metrics) -> None:
        self._settings = settings
        self._tickets = tickets
        self._pages = pages
        self._clock = clock
        self._doorkeeper = Doorkeeper(Door.CONSOLE, metrics, settings.forwarded_allow_ips)

    def room(self, room: Room, *, open_to_all: bool = False) -> Endpoint:
        """Make an endpoint of a room; `open_to_all` is for those who are not signed in yet."""

        async def endpoint(request: Request) -> Response:
            nonce = request.cookies.get(VISIT) or visit()
            coming = await self._visit(request, nonce)
            response = await self._answer(coming, nonce, room, open_to_all=open_to_all)
            response.headers.update(HEADERS)
            if coming.ticket is None and not request.cookies.get(VISIT):
                give(response, coming, VISIT, nonce)
            if is_locale(asked := request.query_params.get("l", "")):
                give(response, coming, LANGUAGE, asked, YEAR)
            return response

        return endpoint

    async def _visit(self, request: Request, nonce: str) -> Visit:
        now, proxies = self._clock(), self._settings.forwarded_allow_ips
        ticket = self._tickets.read(request.cookies.get(TICKET, ""), now)
        body = await read_body(request.scope, request.receive, self._settings.body_max)
        return Visit(
            request,
            now,
            first_known(
                request.query_params.get("l", ""), request.cookies.get(LANGUAGE, ""), self._settings.default_locale
            ),
            noted(request.scope, proxies),
            by_https(request.scope, proxies),
            ticket,
            self._tickets.token(ticket.id if ticket else nonce),
            form(body),
        )

    async def _answer(self, coming: Visit, nonce: str, room: Room, *, open_to_all: bool) -> Response:
        if not open_to_all and coming.ticket is None:
            return go(coming, f"{SIGN_IN}?next={quote(coming.address, safe='/')}")
        if coming.ticket:
            self._doorkeeper.lets_in(coming.request.scope, Key.CURRENT)
        holder = coming.ticket.id if coming.ticket else nonce
        if coming.request.method == "POST" and not self._tickets.fits(coming.form.get(TOKEN, ""), holder):
            return self._instead(coming, self._pages.draw(coming, "old_form.html", 403))
        try:
            return await room(coming)
        except Exception as error:
            found = fault(error)
            if found is None:
                raise
            log.error("console.database_away", error=found.value)  # noqa: TRY400 - a traceback would not help
            return self._instead(coming, self._pages.draw(coming, "away.html", 503, fault=found))

    @staticmethod
    def _instead(coming: Visit, response: Response) -> Response:
        if coming.partial:
            response.headers["HX-Refresh"] = "true"  # a whole page says it better than a piece of one
        return response


def form(body: bytes) -> dict[str, str]:
    """Read a form; one of more fields than any of ours has is read as an empty one, and has no token."""
    with suppress(ValueError):
        return dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=FIELDS_MAX))
    return {}


def give(response: Response, coming: Visit, name: str, value: str, seconds: int | None = None) -> None:
    """Set a cookie that no script can read and that no other site's form brings.

    Lax, not Strict: who follows a link in a mail to a payment's story shall arrive signed in. Every act has its token.
    """
    response.set_cookie(name, value, max_age=seconds, path=HOME, secure=coming.https, httponly=True, samesite="lax")


def give_ticket(response: Response, coming: Visit, tickets: Tickets) -> None:
    give(response, coming, TICKET, tickets.issue(coming.now), LIFE // SECOND)
    give(response, coming, MARK, tickets.mark(), YEAR)


def safe_return(wanted: str) -> str:
    """Give where to go after the sign-in: a page of the console, whatever the address says."""
    inside = wanted == HOME or wanted.startswith((f"{HOME}/", f"{HOME}?"))
    plain = all(c.isprintable() and c != "\\" for c in wanted)
    return wanted if inside and plain and not wanted.startswith(SIGN_IN) else HOME
