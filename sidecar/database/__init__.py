"""Two databases, one way to use them.

A unit of work is a plain function whose first argument is a connection. It has no `await` in it, so it reads top to
bottom, and it may run twice: when the connection broke, or when somebody else was first (`Overtaken`, or a unique index
that says so), it is run again from the start and decides anew.

    found = await database.read(payment_sessions.find, "payses_01")      one or a few SELECTs
    answer = await database.move(methods.perform_transaction, call, now) looks, decides, stores by one statement
    view = await database.write(provider.close, "payses_01", now)        one transaction

Tables and statements are SQLAlchemy's; the drivers run them without its engine in between (ADR 0009).
"""

import sqlite3
from typing import Final

import asyncpg
from sqlalchemy.exc import SQLAlchemyError

from sidecar.database.postgres import Postgres
from sidecar.database.sqlite import Sqlite
from sidecar.database.statements import Chain
from sidecar.database.work import Connection, Database, NoConnectionFree, Overtaken, Rows

__all__ = ["FAILURES", "Chain", "Connection", "Database", "NoConnectionFree", "Overtaken", "Rows", "connect"]


FAILURES: Final = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    sqlite3.Error,
    SQLAlchemyError,
)
"""What a database that cannot be used raises."""


def connect(url: str) -> Database:
    """Open the database behind `DATABASE_URL`. Connects lazily: a dead database does not stop the start."""
    return Sqlite(url) if url.startswith("sqlite:") else Postgres(url)
