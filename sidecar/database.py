"""Two databases, one way to use them.

A unit of work is a plain function whose first argument is a connection. It has no `await` in it, so it reads top to
bottom, and it may run twice: when the connection broke, or when a unique index said that somebody else was first, it
is run once more from the start and decides again (`transient`).

    found = await database.read(payment_sessions.find, "payses_01")      one or a few SELECTs, no transaction
    answer = await database.write(methods.perform, params, now)          one transaction, committed when it returns

PostgreSQL runs the whole unit in one greenlet over asyncpg. SQLite reads in the event loop, which costs it a tenth of a
millisecond, and writes on one thread, so that a slow disk or another process's lock stops nobody who only asks.
"""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import monotonic
from typing import Any, Concatenate, Final, ParamSpec, Protocol, TypeVar

import asyncpg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import greenlet_spawn

P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[Concatenate[Connection, P], T]

POOL_SIZE: Final = 8
POOL_TIMEOUT: Final = 2.0  # seconds; a caller that waits longer is told to ask again
CONNECT_TIMEOUT: Final = 2.0
COMMAND_TIMEOUT: Final = 8.0  # the network's own silence; the server's limits below come first
SQLITE_BUSY_TIMEOUT: Final = 2.0  # seconds for another process's lock …
SQLITE_QUEUE_TIMEOUT: Final = 2.0  # … and for the writes before this one, which wait for that lock too

POSTGRES_SETTINGS: Final = {
    "application_name": "payme-sidecar",
    "statement_timeout": "5000",
    "lock_timeout": "2000",
    "idle_in_transaction_session_timeout": "10000",
    "jit": "off",
}


class Overtaken(Exception):
    """A unit of work found that its decision is out of date; it is undone and decided again."""


class Database(Protocol):
    name: str

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T: ...
    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T: ...
    async def close(self) -> None: ...


def connect(url: str) -> Database:
    """Open the database behind `DATABASE_URL`. Connects lazily: a dead database does not stop the start."""
    if url.startswith("sqlite:"):
        return Sqlite(url)
    return Postgres(url)


class Postgres:
    name = "postgresql"

    def __init__(self, dsn: str) -> None:
        self._pool: AsyncEngine = create_async_engine(
            "postgresql+asyncpg://",
            # asyncpg reads the address itself, as libpq would: sslmode, passfile, several hosts.
            async_creator=partial(
                asyncpg.connect,
                dsn,
                timeout=CONNECT_TIMEOUT,
                command_timeout=COMMAND_TIMEOUT,
                server_settings=POSTGRES_SETTINGS,
            ),
            pool_size=POOL_SIZE,
            max_overflow=0,
            pool_timeout=POOL_TIMEOUT,
            hide_parameters=True,
        )
        self._writer = self._pool.sync_engine
        self._reader = self._writer.execution_options(isolation_level="AUTOCOMMIT")

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._twice(self._reader, work, args, kwargs)

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._twice(self._writer, work, args, kwargs)

    async def close(self) -> None:
        await self._pool.dispose()

    async def _twice(self, engine: Engine, work: Callable[..., T], args: Any, kwargs: Any) -> T:
        try:
            return await greenlet_spawn(visit, engine, work, args, kwargs)
        except (DBAPIError, Overtaken) as error:
            if not transient(error):
                raise
        return await greenlet_spawn(visit, engine, work, args, kwargs)


class Sqlite:
    name = "sqlite"

    def __init__(self, url: str) -> None:
        self._reader = create_engine(url, isolation_level="AUTOCOMMIT", hide_parameters=True)
        self._writer = create_engine(url, pool_size=1, max_overflow=0, hide_parameters=True)
        event.listen(self._reader, "connect", _open_reader)
        event.listen(self._writer, "connect", _open_writer)
        event.listen(self._writer, "begin", _begin_immediate)  # never on an engine that also runs AUTOCOMMIT
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite-writer")

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return visit(self._reader, work, args, kwargs)

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        context = contextvars.copy_context()  # so that a log line in the thread knows its call
        job = partial(context.run, self._in_turn, monotonic(), work, args, kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._thread, job)

    async def close(self) -> None:
        self._thread.shutdown()
        self._reader.dispose()
        self._writer.dispose()

    def _in_turn(self, asked: float, work: Callable[..., T], args: Any, kwargs: Any) -> T:
        if monotonic() - asked > SQLITE_QUEUE_TIMEOUT:
            raise TimeoutError("too many writes wait for a lock that another process holds")
        try:
            return visit(self._writer, work, args, kwargs)
        except (DBAPIError, Overtaken) as error:
            if not transient(error):
                raise
        return visit(self._writer, work, args, kwargs)


def visit(engine: Engine, work: Callable[..., T], args: Any, kwargs: Any) -> T:
    """One connection, one unit of work; what it did is committed when it returns and undone when it raises."""
    with engine.begin() as connection:
        return work(connection, *args, **kwargs)


def transient(error: DBAPIError | Overtaken) -> bool:
    """Whether to decide again: the connection was lost, or somebody else was first."""
    if isinstance(error, Overtaken | IntegrityError) or error.connection_invalidated:
        return True
    return getattr(error.orig, "sqlstate", None) in {"40001", "40P01"}  # serialisation failure, deadlock


def _open_reader(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA busy_timeout = 100")  # it is the event loop that would wait
    connection.execute("PRAGMA foreign_keys = ON")


def _open_writer(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin for us: it would begin too late
    connection.execute(f"PRAGMA busy_timeout = {int(SQLITE_BUSY_TIMEOUT * 1000)}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # NORMAL may lose the last commits when the power goes
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
