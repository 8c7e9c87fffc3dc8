"""PostgreSQL by asyncpg. A unit of work is a greenlet, which waits where the driver does."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

import asyncpg
import sqlalchemy
from asyncpg.pool import PoolConnectionProxy
from sqlalchemy import Executable, NullPool
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.util import await_only, greenlet_spawn

from sidecar.database.statements import Chain, speaker
from sidecar.database.work import NOTHING, TRIES, Connection, NoConnectionFree, Overtaken, P, Rows, T, Work

POOL_SIZE: Final = 8
POOL_TIMEOUT: Final = 2.0  # seconds; a caller that waits longer is told to ask again
CONNECT_TIMEOUT: Final = 2.0
COMMAND_TIMEOUT: Final = 8.0  # the network's own silence; the server's limits below come first

SERVER_SETTINGS: Final = {
    "application_name": "payme-sidecar",
    # Every lock is followed by a look at what the last one left, whatever the server's own default is.
    "default_transaction_isolation": "read committed",
    "statement_timeout": "5000",
    "lock_timeout": "2000",
    "idle_in_transaction_session_timeout": "10000",
    "jit": "off",
}

OVERTAKEN: Final = (
    Overtaken,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.InvalidCachedStatementError,  # a migration was faster
)
LOST: Final = (
    ConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # its last words were read, its end was not: nothing was sent to it
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.ReadOnlySQLTransactionError,  # of a server that is no longer the first
)

speak = speaker(dialect())  # type: ignore[no-untyped-call]  # SQLAlchemy's


class PostgresConnection:
    dialect = "postgresql"

    def __init__(self, driver: PoolConnectionProxy) -> None:
        self._driver = driver

    def execute(self, statement: Executable | Chain, values: Mapping[str, object] = NOTHING) -> Rows:
        text, arguments = speak(statement.as_one if isinstance(statement, Chain) else statement, values)
        return Rows(await_only(self._driver.fetch(text, *arguments)))


class Postgres:
    name = "postgresql"

    def __init__(self, dsn: str) -> None:
        # asyncpg reads the address itself, as libpq would: sslmode, passfile, several hosts.
        self._options: dict[str, Any] = {
            "dsn": dsn,
            "timeout": CONNECT_TIMEOUT,
            "command_timeout": COMMAND_TIMEOUT,
            "server_settings": SERVER_SETTINGS,
        }
        self._pool: asyncpg.Pool | None = None

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._decided(self._by_the_statement, lambda connection: work(connection, *args, **kwargs))

    move = read  # each statement is a transaction by itself

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._decided(self._in_transaction, lambda connection: work(connection, *args, **kwargs))

    async def alter(self, work: Callable[[sqlalchemy.Connection], T]) -> T:
        connect = partial(asyncpg.connect, **self._options | {"command_timeout": None})  # it may take long
        engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
        async with engine.begin() as connection:
            return await connection.run_sync(work)

    @property
    def in_use(self) -> int:
        return self._pool.get_size() - self._pool.get_idle_size() if self._pool else 0

    async def close(self) -> None:
        if self._pool:
            await self._pool.close()

    async def _decided(self, run: Callable[..., Any], work: Callable[[Connection], T]) -> T:
        """Decide until nobody else is faster; when the connection is lost, once more on a new one."""
        lost = False
        for _ in range(TRIES - 1):
            try:
                return await run(work)  # type: ignore[no-any-return]
            except OVERTAKEN:
                continue
            except LOST:
                if lost:
                    raise
                lost = True
                await (await self._opened()).expire_connections()  # whatever broke one has broken them all
        return await run(work)  # type: ignore[no-any-return]

    async def _by_the_statement(self, work: Callable[[Connection], T]) -> T:
        async with self._borrowed() as driver:
            return await greenlet_spawn(work, PostgresConnection(driver))

    async def _in_transaction(self, work: Callable[[Connection], T]) -> T:
        async with self._borrowed() as driver, driver.transaction():
            return await greenlet_spawn(work, PostgresConnection(driver))

    @asynccontextmanager
    async def _borrowed(self) -> AsyncIterator[PoolConnectionProxy]:
        pool = await self._opened()
        try:
            driver = await pool.acquire(timeout=POOL_TIMEOUT)
        except TimeoutError:
            if pool.get_size() == POOL_SIZE:
                raise NoConnectionFree from None
            raise
        try:
            yield driver
        finally:
            await pool.release(driver)

    async def _opened(self) -> asyncpg.Pool:
        """Open the pool when it is first asked for: it belongs to the event loop, and connects to nobody yet."""
        if self._pool is None:
            self._pool = asyncpg.create_pool(**self._options, min_size=0, max_size=POOL_SIZE, reset=_as_it_is)
            await self._pool
        return self._pool


async def _as_it_is(_driver: object) -> None:
    """Give a connection back without a question to the server: a unit of work leaves nothing behind on it."""
