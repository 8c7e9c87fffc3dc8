"""What can be wrong with a database, in one word for a person and for a counter."""

import socket
import sqlite3
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Final

import asyncpg
import sqlalchemy

from sidecar.database import Database, NoConnectionFree
from sidecar.database.work import P, T, Work


class Fault(StrEnum):
    REFUSED = "refused"  # nobody listens there
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    POOL = "pool_exhausted"
    CLIENTS = "too_many_clients"
    STARTING = "starting"
    LOST = "connection_lost"
    LOGIN = "login_refused"
    MISSING = "no_such_database"
    READ_ONLY = "read_only"
    DISK = "disk"
    LOCKED = "locked"
    CONFLICT = "conflict"
    SCHEMA = "schema"
    OTHER = "other"


# By SQLSTATE or its class, and by SQLite's own names.
CODES: Final = {
    "08": Fault.LOST,
    "23": Fault.CONFLICT,
    "25006": Fault.READ_ONLY,
    "28": Fault.LOGIN,
    "3D000": Fault.MISSING,
    "40": Fault.CONFLICT,
    "42": Fault.SCHEMA,
    "53100": Fault.DISK,
    "53300": Fault.CLIENTS,
    "55P03": Fault.LOCKED,
    "57014": Fault.TIMEOUT,
    "57P01": Fault.LOST,
    "57P02": Fault.LOST,
    "57P03": Fault.STARTING,
    "58": Fault.DISK,
    "SQLITE_BUSY": Fault.LOCKED,
    "SQLITE_CANTOPEN": Fault.UNREACHABLE,
    "SQLITE_CONSTRAINT": Fault.CONFLICT,
    "SQLITE_CORRUPT": Fault.DISK,
    "SQLITE_FULL": Fault.DISK,
    "SQLITE_IOERR": Fault.DISK,
    "SQLITE_LOCKED": Fault.LOCKED,
    "SQLITE_NOTADB": Fault.MISSING,
    "SQLITE_READONLY": Fault.READ_ONLY,
}
# The first that fits; a refused connection is an OSError too.
CLASSES: Final[tuple[tuple[type[BaseException], Fault], ...]] = (
    (NoConnectionFree, Fault.POOL),
    (TimeoutError, Fault.TIMEOUT),
    (ConnectionRefusedError, Fault.REFUSED),
    (socket.gaierror, Fault.UNREACHABLE),
    (ConnectionError, Fault.LOST),
    (asyncpg.InterfaceError, Fault.LOST),
    (asyncpg.InternalClientError, Fault.LOST),
    (OSError, Fault.UNREACHABLE),
    (asyncpg.PostgresError, Fault.OTHER),
    (sqlite3.Error, Fault.OTHER),
)

# It is the database that cannot, not the question that is wrong: the same may go well in a moment.
AWAY: Final = frozenset(Fault) - {Fault.CONFLICT, Fault.SCHEMA, Fault.OTHER}


def fault(error: BaseException) -> Fault | None:
    """Name what is wrong with the database; None when it is not the database."""
    code = getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None) or ""
    by_code = (found for start, found in CODES.items() if code.startswith(start))
    by_class = (found for kind, found in CLASSES if isinstance(error, kind))
    return next(by_code, None) or next(by_class, None)


class WatchedDatabase:
    """A database that says what goes wrong with it. The error goes on its way."""

    def __init__(self, database: Database, noticed: Callable[[Fault], None]) -> None:
        self.name = database.name
        self._database = database
        self._noticed = noticed
        self._last_write: Fault | None = None

    @property
    def in_use(self) -> int:
        return self._database.in_use

    @property
    def read_only(self) -> bool:
        """Whether it refused the last write for that; the relay tries twice a second."""
        return self._last_write is Fault.READ_ONLY

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await self._database.read(work, *args, **kwargs)
        except Exception as error:
            self._name(error)
            raise

    async def move(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._writing(self._database.move, work, *args, **kwargs)

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._writing(self._database.write, work, *args, **kwargs)

    async def alter(self, work: Callable[[sqlalchemy.Connection], T]) -> T:
        return await self._writing(self._database.alter, work)

    async def close(self) -> None:
        await self._database.close()

    async def _writing(self, run: Callable[..., Awaitable[T]], *args: object, **kwargs: object) -> T:
        try:
            result = await run(*args, **kwargs)
        except Exception as error:
            self._last_write = self._name(error)
            raise
        self._last_write = None
        return result

    def _name(self, error: Exception) -> Fault | None:
        found = fault(error)
        if found:
            self._noticed(found)
        return found
