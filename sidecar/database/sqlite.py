"""SQLite by Python's own driver.

What only asks is answered in the event loop, which takes microseconds. What stores takes its turn on one thread, so
that a slow disk or another process's lock stops nobody who only asks.
"""

import asyncio
import contextlib
import contextvars
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import monotonic
from typing import Any, Final

import sqlalchemy
from sqlalchemy import Executable, NullPool, create_engine, make_url
from sqlalchemy.dialects.sqlite import dialect

from sidecar.database.statements import Chain, speaker
from sidecar.database.work import NOTHING, TRIES, Overtaken, P, Rows, T, Work

READER_BUSY: Final = 0.1  # seconds for another process's lock: it is the event loop that would wait
WRITER_BUSY: Final = 2.0
QUEUE_TIMEOUT: Final = 2.0  # seconds for the writes before this one, which wait for that lock too
OVERTAKEN: Final = (Overtaken, sqlite3.IntegrityError)

speech = dialect(paramstyle="qmark")
speak = speaker(speech)


class SqliteConnection:
    dialect = "sqlite"

    def __init__(self, driver: sqlite3.Connection) -> None:
        self._driver = driver

    def execute(self, statement: Executable | Chain, values: Mapping[str, object] = NOTHING) -> Rows:
        if isinstance(statement, Chain):
            return self._one_by_one(statement, values)
        text, arguments = speak(statement, values)
        return Rows(self._driver.execute(text, arguments).fetchall())

    def _one_by_one(self, chain: Chain, values: Mapping[str, object]) -> Rows:
        rows = Rows()
        for statement in chain.one_by_one:
            rows = self.execute(statement, values)
            if not rows:
                break
        return rows


class Sqlite:
    name = "sqlite"
    in_use = 0

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite-writer")
        self._reader: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._reader is None:
            self._reader = self._open(READER_BUSY)
        return work(SqliteConnection(self._reader), *args, **kwargs)

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._in_the_thread(self._decided, work, args, kwargs)

    move = write

    async def alter(self, work: Callable[[sqlalchemy.Connection], T]) -> T:
        return await self._in_the_thread(self._altered, work)

    async def close(self) -> None:
        self._thread.shutdown()
        for driver in (self._reader, self._writer):
            if driver:
                driver.close()

    async def _in_the_thread(self, do: Callable[..., T], *args: Any) -> T:
        context = contextvars.copy_context()  # so that a log line in the thread knows its call
        job = partial(context.run, self._in_turn, monotonic(), do, *args)
        return await asyncio.get_running_loop().run_in_executor(self._thread, job)

    def _in_turn(self, asked: float, do: Callable[..., T], *args: Any) -> T:
        if monotonic() - asked > QUEUE_TIMEOUT:
            raise TimeoutError("too many writes wait for a lock that another process holds")
        return do(*args)

    def _decided(self, work: Callable[..., T], args: Any, kwargs: Any) -> T:
        for _ in range(TRIES - 1):
            with contextlib.suppress(*OVERTAKEN):
                return self._once(work, args, kwargs)
        return self._once(work, args, kwargs)

    def _once(self, work: Callable[..., T], args: Any, kwargs: Any) -> T:
        if self._writer is None:
            self._writer = self._open_to_write()
        with transaction(self._writer):
            return work(SqliteConnection(self._writer), *args, **kwargs)

    def _altered(self, work: Callable[[sqlalchemy.Connection], T]) -> T:
        engine = create_engine("sqlite://", creator=partial(self._open, WRITER_BUSY), poolclass=NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            result = work(connection)
            connection.exec_driver_sql("COMMIT")
            return result

    def _open_to_write(self) -> sqlite3.Connection:
        """Open and make ready, or neither: somebody else may hold the file."""
        driver = self._open(WRITER_BUSY)
        try:
            driver.execute("PRAGMA journal_mode = WAL")
            driver.execute("PRAGMA synchronous = FULL")  # NORMAL may lose the last commits when the power goes
        except BaseException:
            driver.close()
            raise
        return driver

    def _open(self, patience: float) -> sqlite3.Connection:
        [file], options = speech.create_connect_args(self._url)
        driver: sqlite3.Connection = sqlite3.connect(
            file,
            timeout=patience,
            isolation_level=None,  # the driver must not begin for us: it would begin too late
            **{**options, "check_same_thread": False},  # the writer is closed by another thread than its own
        )
        driver.execute("PRAGMA foreign_keys = ON")
        return driver


@contextlib.contextmanager
def transaction(driver: sqlite3.Connection) -> Iterator[None]:
    driver.execute("BEGIN IMMEDIATE")  # at once: a deferred one fails when it begins to write, whatever the timeout
    try:
        yield
        driver.execute("COMMIT")
    except BaseException:
        if driver.in_transaction:
            driver.execute("ROLLBACK")
        raise
