"""The composition root: the only file that knows every room."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

import httpx
import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sidecar import database as databases
from sidecar import logs, payments_api, schema
from sidecar.clock import Clock, system_clock
from sidecar.database import Database
from sidecar.logs import CallLog
from sidecar.metrics import CONTENT_TYPE, Metrics
from sidecar.payme_merchant.door import Door
from sidecar.payme_merchant.provider import PaymeProvider
from sidecar.payme_merchant.sweep import Sweep
from sidecar.payments_api import PaymentsApi
from sidecar.session_bridge.backend import Backend
from sidecar.session_bridge.relay import Relay
from sidecar.settings import Settings

log = structlog.get_logger()


@dataclass(frozen=True)
class House:
    """Everything that lives as long as the process."""

    database: Database
    clock: Clock
    metrics: Metrics
    client: httpx.AsyncClient
    relay: Relay
    sweep: Sweep


def create_app(
    settings: Settings | None = None,
    *,
    clock: Clock = system_clock,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Starlette:
    """Build the sidecar. Without settings it reads the environment; a test gives a clock and a backend."""
    if settings is None:
        settings = Settings.load()
        logs.configure(settings.log_level)
    database = databases.connect(settings.database_url.get_secret_value())
    metrics = Metrics()
    client = httpx.AsyncClient(transport=transport, follow_redirects=False, trust_env=False)
    relay = Relay(database, Backend(settings, client), clock, metrics)
    house = House(database, clock, metrics, client, relay, Sweep(database, clock, metrics))
    door = Door(settings, database, clock, metrics, promised=relay.wake)
    api = PaymentsApi(PaymeProvider(settings, database, clock), settings.sidecar_api_key.get_secret_value())
    app = Starlette(
        routes=[
            # An ASGI object, not a function: it takes every verb, and nothing redirects to or from the slash.
            Route("/payme", door),
            Route("/payme/", door),
            *api.routes,
            *_health(house, api),
        ],
        middleware=[Middleware(CallLog)],
        exception_handlers=payments_api.EXCEPTION_HANDLERS,
        lifespan=partial(_lifespan, house),
    )
    app.router.redirect_slashes = False
    app.state.house = house
    return app


@contextlib.asynccontextmanager
async def _lifespan(house: House, _app: Starlette) -> AsyncIterator[None]:
    await prepare(house.database)
    stopping = asyncio.Event()
    tasks = [asyncio.create_task(it.run(stopping)) for it in (house.relay, house.sweep)]
    try:
        yield
    finally:
        stopping.set()
        house.relay.wake()
        await asyncio.gather(*tasks)
        await house.client.aclose()
        await house.database.close()


async def prepare(database: Database) -> None:
    """Migrate SQLite. Of PostgreSQL, which may have other users and may be away for a moment, only tell."""
    if database.name == "sqlite":
        await database.write(schema.migrate)
        return
    try:
        if not await database.read(schema.is_current):
            log.error("schema.behind", advice=schema.MIGRATE_FIRST)
    except Exception as error:  # noqa: BLE001 - whatever it is, serving goes on
        log.error("database.away", error=type(error).__name__)  # noqa: TRY400 - a traceback would not help


def _health(house: House, api: PaymentsApi) -> list[BaseRoute]:
    async def alive(_request: Request) -> Response:
        return payments_api.answer(200, {"status": "ok"})

    async def ready(_request: Request) -> Response:
        try:
            current = await house.database.read(schema.is_current)
        except Exception:  # noqa: BLE001 - whatever it is, we are not ready
            return payments_api.refusal(503, "database_away", "the database does not answer")
        if not current:
            return payments_api.refusal(503, "schema_behind", schema.MIGRATE_FIRST)
        return payments_api.answer(200, {"status": "ready"})

    async def metrics(request: Request) -> Response:
        if not api.trusts(request):
            return payments_api.refusal(401, "unauthorized", "send the key as Authorization: Bearer …")
        page = await house.metrics.page(house.database, house.clock())
        return Response(page, media_type=CONTENT_TYPE)

    return [Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", metrics)]
