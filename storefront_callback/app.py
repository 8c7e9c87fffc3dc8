"""The shopper's door: `GET /payme-callback` answers 303 to the storefront, always.

A hint in the address (`status`, `transaction_id`, `url`) is not read: anybody can write one.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from time import perf_counter
from typing import Final

import httpx
import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from storefront_callback import status
from storefront_callback.destination import Outcome, destination
from storefront_callback.settings import Settings
from storefront_callback.status import Patience

log = structlog.get_logger()

ORDER_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")


def create_app(
    settings: Settings | None = None,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    patience: Patience | None = None,
) -> Starlette:
    """Build the service; without settings it reads the environment.

    Raises:
        SettingsError: the environment lacks a variable or holds an impossible one.
    """
    settings = settings or Settings.load()
    patience = patience or Patience()
    client = httpx.AsyncClient(
        base_url=settings.sidecar_url,
        timeout=patience.ask,
        transport=transport,
        trust_env=False,  # the sidecar is next door; a proxy for the wide world is not the way there
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with client:
            yield

    door = Door(settings, client, patience)
    app = Starlette(
        routes=[
            Route("/payme-callback", door.callback),
            Route("/payme-callback/", door.callback),
            Route("/healthz", healthz),
        ],
        exception_handlers={HTTPException: refused},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # its redirects repeat the Host header, which anybody can write
    return app


@dataclass(frozen=True)
class Door:
    """The one route, and what it needs."""

    settings: Settings
    client: httpx.AsyncClient
    patience: Patience

    async def callback(self, request: Request) -> Response:
        started = perf_counter()
        order_id = _first(request, "order_id") or ""
        known = ORDER_ID.fullmatch(order_id) is not None
        outcome = await self._learn(order_id) if known else Outcome.FAILED
        elapsed = round((perf_counter() - started) * 1000, 2)
        log.info("callback", order_id=order_id if known else None, outcome=outcome, ms=elapsed)
        location = destination(outcome, _first(request, "locale"), _first(request, "country_code"), self.settings)
        headers = {"Location": location, "Cache-Control": "no-store"}
        return Response(status_code=HTTPStatus.SEE_OTHER, headers=headers)

    async def _learn(self, order_id: str) -> Outcome:
        try:
            return await status.learn(self.client, order_id, self.patience)
        except Exception:
            # The shopper has perhaps just paid: our fault must not look like theirs.
            log.exception("callback.crash", order_id=order_id)
            return Outcome.PENDING


async def healthz(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def refused(_: Request, error: Exception) -> Response:
    code = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    phrase = HTTPStatus(code).phrase
    return JSONResponse({"type": phrase.lower().replace(" ", "_"), "message": phrase}, code)


def _first(request: Request, name: str) -> str | None:
    """Take the first of several: the sidecar's link begins with its own, what others append comes after."""
    return next(iter(request.query_params.getlist(name)), None)
