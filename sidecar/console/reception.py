"""Sign-in and sign-out."""

from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from starlette.responses import Response

from sidecar.clock import SECOND
from sidecar.console.guard import MARK, SIGN_IN, TICKET, give_ticket, safe_return
from sidecar.console.pages import HOME, Pages, Visit, go
from sidecar.console.patience import Patience
from sidecar.console.tickets import Tickets
from sidecar.doorkeeper import Door, Doorkeeper, Reason, neighbourhood
from sidecar.keys import Keys
from sidecar.metrics import Metrics
from sidecar.origin import origin
from sidecar.settings import Settings

log = structlog.get_logger()

HESITATION: Final = 0.5  # seconds before a wrong password is said to be wrong

Sleep = Callable[[float], Awaitable[None]]


class Reception:
    def __init__(
        self,
        settings: Settings,
        password: Keys,
        tickets: Tickets,
        pages: Pages,
        metrics: Metrics,
        sleep: Sleep,
    ) -> None:
        self._proxies = settings.forwarded_allow_ips
        self._password = password
        self._tickets = tickets
        self._pages = pages
        self._doorkeeper = Doorkeeper(Door.CONSOLE, metrics, settings.forwarded_allow_ips)
        self._sleep = sleep
        self._strangers = Patience()
        self._owners = Patience()  # browsers that knew the password: no flood of strangers uses up their tries

    async def form(self, visit: Visit) -> Response:
        if visit.ticket:
            return go(visit, safe_return(visit.wanted.get("next", "")))
        return self._ask(visit, 200)

    async def sign_in(self, visit: Visit) -> Response:
        patience, caller = self._tries_of(visit)
        if wait := patience.wait(caller, visit.now):
            seconds = -(-wait // SECOND)
            response = self._ask(visit, 429, "sign_in.wait", seconds=seconds)
            response.headers["Retry-After"] = str(seconds)
            return response
        patience.tried(caller, visit.now)  # before anything is awaited: a hundred at once are a hundred tries
        key = self._password.shown(visit.form.get("password", "").encode())
        if key is None:
            self._doorkeeper.turns_away(visit.request.scope, Reason.CREDENTIAL)
            await self._sleep(HESITATION)
            return self._ask(visit, 401, "sign_in.wrong")
        patience.forgive(caller)
        self._doorkeeper.lets_in(visit.request.scope, key)
        log.info("console.signed_in", address=visit.caller)
        response = go(visit, safe_return(visit.form.get("next", "")))
        give_ticket(response, visit, self._tickets)
        return response

    async def sign_out(self, visit: Visit) -> Response:
        response = go(visit, SIGN_IN)
        response.delete_cookie(TICKET, path=HOME, secure=visit.https, httponly=True, samesite="lax")
        return response

    def _ask(self, visit: Visit, status: int, wrong: str = "", **values: object) -> Response:
        wanted = safe_return(visit.form.get("next") or visit.wanted.get("next", ""))
        return self._pages.draw(visit, "sign_in.html", status, wrong=wrong, values=values, next=wanted)

    def _tries_of(self, visit: Visit) -> tuple[Patience, str]:
        mark = self._tickets.marked(visit.request.cookies.get(MARK, ""))
        if mark:
            return self._owners, mark
        return self._strangers, neighbourhood(origin(visit.request.scope, self._proxies))
