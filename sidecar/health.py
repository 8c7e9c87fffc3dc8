"""What the sidecar says of its own health: that it lives, whether it is ready or why not, and its numbers."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, Generic, NamedTuple, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sidecar import outbox, payments_api, schema
from sidecar.clock import SECOND, Millis
from sidecar.database import Connection
from sidecar.database_clock import Clocks, Reading
from sidecar.database_faults import Fault, WatchedDatabase, fault
from sidecar.heartbeat import Heartbeat
from sidecar.metrics import CONTENT_TYPE, Metrics
from sidecar.outbox import Backlog

T = TypeVar("T")

PATIENCE: Final = 2.5  # seconds; who asks for health every few seconds waits no longer


class Condition(NamedTuple):
    """What the database says when it answers."""

    schema_current: bool
    clock: Reading


class NotReady(NamedTuple):
    code: str
    message: str


class Health:
    def __init__(self, database: WatchedDatabase, clocks: Clocks, metrics: Metrics, heartbeat: Heartbeat) -> None:
        self._database = database
        self._clocks = clocks
        self._metrics = metrics
        self._heartbeat = heartbeat
        self._condition = Question(lambda: database.read(self._look))
        self._backlog = Question(lambda: database.read(outbox.backlog))

    def routes(self, trusts: Callable[[Request], bool]) -> list[BaseRoute]:
        """`trusts` says who may read the numbers."""

        async def alive(_request: Request) -> Response:
            return payments_api.answer(200, {"status": "ok"})

        async def ready(_request: Request) -> Response:
            reason = await self.why_not_ready()
            return payments_api.refusal(503, *reason) if reason else payments_api.answer(200, {"status": "ready"})

        async def metrics(request: Request) -> Response:
            if not trusts(request):
                return payments_api.refusal(401, "unauthorized", "send the key as Authorization: Bearer …")
            return Response(self._metrics.page(await self.state()), media_type=CONTENT_TYPE)

        return [Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", metrics)]

    async def why_not_ready(self) -> NotReady | None:
        condition = await self._condition()
        if isinstance(condition, Fault):
            return NotReady("database_away", f"the database does not answer: {condition}")
        if not condition.schema_current:
            return NotReady("schema_behind", schema.MIGRATE_FIRST)
        if self._database.read_only:
            return NotReady("database_read_only", "the database takes no writes")
        if not condition.clock.trusted:
            return NotReady("clock_wrong", f"this machine's clock is {_distance(condition.clock)} the database's")
        return None

    async def state(self) -> dict[str, float]:
        """Find out what the numbers of the moment are, as far as there is an answer."""
        found: dict[str, float] = {
            "event_loop_lag_seconds": self._heartbeat.worst_gap(),
            "database_connections_in_use": self._database.in_use,
        }
        condition = await self._condition()
        if isinstance(condition, Fault):
            return found | {"database_up": 0}
        found |= {
            "database_up": 1,
            "database_schema_current": condition.schema_current,
            "database_read_only": self._database.read_only,
            "clock_offset_seconds": condition.clock.offset / SECOND,
        }
        backlog = await self._backlog() if condition.schema_current else Fault.SCHEMA
        return found if isinstance(backlog, Fault) else found | _numbers(backlog, condition.clock.now)

    def _look(self, connection: Connection) -> Condition:
        return Condition(schema.is_current(connection), self._clocks.compare(connection))


class Question(Generic[T]):
    """Asks one thing at a time, and those who come meanwhile hear the same answer: a hanging database hears it once."""

    def __init__(self, ask: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._ask = ask
        self._asking: asyncio.Task[T | Fault] | None = None

    async def __call__(self) -> T | Fault:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._answer())
        await asyncio.wait({self._asking}, timeout=PATIENCE)
        return self._asking.result() if self._asking.done() else Fault.TIMEOUT

    async def _answer(self) -> T | Fault:
        try:
            return await self._ask()
        except Exception as error:  # noqa: BLE001 - whatever it is, there is no answer
            return fault(error) or Fault.OTHER


def _numbers(backlog: Backlog, now: Millis) -> dict[str, float]:
    def age(since: Millis | None) -> float:
        return max(0, now - since) / SECOND if since else 0.0

    waiting, parked = age(backlog.waiting_since), age(backlog.parked_since)
    return {
        "outbox_waiting": backlog.waiting,
        "outbox_parked": backlog.parked,
        "outbox_oldest_seconds": max(waiting, parked),
        "outbox_waiting_oldest_seconds": waiting,
        "outbox_parked_oldest_seconds": parked,
    }


def _distance(clock: Reading) -> str:
    return f"{round(abs(clock.offset) / SECOND)} s {'ahead of' if clock.offset > 0 else 'behind'}"
