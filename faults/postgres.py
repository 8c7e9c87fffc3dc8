"""What can be done to a PostgreSQL while a sidecar works on it: everything an operator, a neighbour or a crash does.

An injury is an `async with`: it lasts as long as the block, and the server is whole again afterwards.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final, Literal

import asyncpg

from demo_shop.postgres import LocalPostgres
from faults.databases import NAME

OURS: Final = "payme-sidecar-faults"
"""The name of our own sessions, so that what ends everybody else's leaves them."""
QUIET_LOOKS: Final = 3
END_THE_OTHERS: Final = f"""
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name <> '{OURS}'
"""  # noqa: S608 - our own words


async def restart(server: LocalPostgres, mode: Literal["fast", "immediate"]) -> None:
    """Stop and start again: `fast` says goodbye to its clients, `immediate` is a crash with recovery after it."""
    await asyncio.to_thread(server.stop, mode)
    await asyncio.to_thread(server.start)


@contextlib.asynccontextmanager
async def down(server: LocalPostgres, mode: Literal["fast", "immediate"] = "fast") -> AsyncIterator[None]:
    await asyncio.to_thread(server.stop, mode)
    try:
        yield
    finally:
        await asyncio.to_thread(server.start)


async def end_all_sessions(server: LocalPostgres) -> int:
    """Cut every client's connection; say how many there were."""
    async with session(server) as ours:
        return int(await ours.fetchval(END_THE_OTHERS))


@contextlib.asynccontextmanager
async def read_only(server: LocalPostgres) -> AsyncIterator[None]:
    """Let nobody write, as a standby does that is not promoted yet."""
    await _set(server, "default_transaction_read_only", "on")
    await end_all_sessions(server)
    try:
        yield
    finally:
        await _set(server, "default_transaction_read_only", "off")
        await end_all_sessions(server)


@contextlib.asynccontextmanager
async def stalled(server: LocalPostgres) -> AsyncIterator[None]:
    """Let no commit end, as a disk that hangs: each waits for a standby that there is not, until it is cancelled."""
    await _set(server, "synchronous_standby_names", "'*'")
    try:
        yield
    finally:
        await _set(server, "synchronous_standby_names", "''")


async def _set(server: LocalPostgres, name: str, value: str) -> None:
    async with session(server) as ours:
        await ours.execute(f"ALTER SYSTEM SET {name} = {value}")
        await ours.execute("SELECT pg_reload_conf()")


@contextlib.asynccontextmanager
async def crowded(server: LocalPostgres) -> AsyncIterator[None]:
    """Take every connection there is, the sidecar's too: whoever comes now hears "too many clients"."""
    async with contextlib.AsyncExitStack() as crowd:
        first = await crowd.enter_async_context(session(server))
        quiet = 0
        while quiet < QUIET_LOOKS:  # a connection that was ended is free a moment later, and then it is ours
            ended = await first.fetchval(END_THE_OTHERS)
            with contextlib.suppress(asyncpg.TooManyConnectionsError):
                while True:
                    await crowd.enter_async_context(session(server))
            quiet = 0 if ended else quiet + 1
            await asyncio.sleep(0.02)
        yield


@contextlib.asynccontextmanager
async def row_locked(server: LocalPostgres, session_id: str) -> AsyncIterator[None]:
    """Hold one order's row, as a transaction does that somebody forgot."""
    async with session(server) as ours, ours.transaction():
        await ours.execute("SELECT 1 FROM payment_session WHERE id = $1 FOR UPDATE", session_id)
        yield


@contextlib.asynccontextmanager
async def table_locked(server: LocalPostgres) -> AsyncIterator[None]:
    """Hold what every call needs, as an ALTER TABLE does: each of the sidecar's connections soon waits for it."""
    async with session(server) as ours, ours.transaction():
        await ours.execute("LOCK TABLE payme_transaction IN ACCESS EXCLUSIVE MODE")
        yield


@contextlib.asynccontextmanager
async def session(server: LocalPostgres) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    ours = await asyncpg.connect(server.url(NAME), server_settings={"application_name": OURS})
    try:
        # Only ours: what everybody else is told not to do is done here.
        await ours.execute("SET default_transaction_read_only = off")
        yield ours
    finally:
        await ours.close()
