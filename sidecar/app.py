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
from starlette.routing import Route

from sidecar import database as databases
from sidecar import logs, openapi, payments_api, schema
from sidecar.clock import Clock, system_clock
from sidecar.console import Console
from sidecar.database import Database
from sidecar.database_clock import Clocks
from sidecar.database_faults import WatchedDatabase
from sidecar.health import Health
from sidecar.heartbeat import Heartbeat
from sidecar.logs import CallLog
from sidecar.metrics import Metrics
from sidecar.payme_merchant.door import Door
from sidecar.payme_merchant.provider import PaymeProvider
from sidecar.payme_merchant.sweep import Sweep
from sidecar.payments_api import OpenToBrowsers, PaymentsApi
from sidecar.scribe import Scribe
from sidecar.session_bridge.backend import Backend
from sidecar.session_bridge.relay import Relay
from sidecar.settings import Settings
from sidecar.stats import Stats

log = structlog.get_logger()


@dataclass(frozen=True)
class House:
    """Everything that lives as long as the process."""

    database: Database
    metrics: Metrics
    client: httpx.AsyncClient
    relay: Relay
    sweep: Sweep
    heartbeat: Heartbeat
    scribe: Scribe


def create_app(
    settings: Settings | None = None,
    *,
    clock: Clock | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Starlette:
    """Build the sidecar. Without settings it reads the environment; a test gives a backend, and one clock for all."""
    if settings is None:
        settings = Settings.load()
        logs.configure(settings.log_level)
    metrics = Metrics()
    database = WatchedDatabase(databases.connect(settings.database_url.get_secret_value()), metrics.database_failed)
    clocks = Clocks(clock or system_clock, clock)
    heartbeat = Heartbeat()
    client = httpx.AsyncClient(transport=transport, follow_redirects=False, trust_env=False)
    scribe = Scribe(database, clocks, metrics, settings.journal_days)
    relay = Relay(database, Backend(settings, client), clocks, metrics, scribe.note)
    house = House(database, metrics, client, relay, Sweep(database, clocks, metrics), heartbeat, scribe)
    door = Door(settings, database, clocks.ours, metrics, promised=relay.wake, note=scribe.note)
    api = PaymentsApi(PaymeProvider(settings, database, clocks.ours), settings, metrics)
    health = Health(database, clocks, metrics, heartbeat)
    console = Console(settings, database, clocks, metrics, promised=relay.wake)
    app = Starlette(
        routes=[
            # An ASGI object, not a function: it takes every verb, and nothing redirects to or from the slash.
            Route("/payme", door),
            Route("/payme/", door),
            *api.routes,
            *health.routes(api.trusts),
            Stats(database, clocks.ours).route(api.trusts),
            openapi.route(),
            *console.routes,
        ],
        middleware=[Middleware(OpenToBrowsers), Middleware(CallLog, counted=metrics.responded)],
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
    tasks = [asyncio.create_task(it.run(stopping)) for it in (house.relay, house.sweep, house.heartbeat, house.scribe)]
    try:
        yield
    finally:
        stopping.set()
        house.relay.wake()
        await asyncio.gather(*tasks)
        await house.scribe.finish()
        await house.client.aclose()
        await house.database.close()


async def prepare(database: Database) -> None:
    """Migrate SQLite. Of PostgreSQL, which may have other users and may be away for a moment, only tell."""
    if database.name == "sqlite":
        await database.alter(schema.migrate)
        return
    try:
        if not await database.read(schema.is_current):
            log.error("schema.behind", advice=schema.MIGRATE_FIRST)
    except Exception as error:  # noqa: BLE001 - whatever it is, serving goes on
        log.error("database.away", error=type(error).__name__)  # noqa: TRY400 - a traceback would not help
