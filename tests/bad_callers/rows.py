"""The database, looked at beside the sidecar's back."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any, Final

import asyncpg

from sidecar import schema
from tests.shop import Shop

# By something that no call changes; PostgreSQL gives changed rows last.
EVERYTHING: Final = [f"SELECT * FROM {table.name} ORDER BY 1, 2" for table in schema.TABLES]
NOTHING: Final = [f"DELETE FROM {table.name}" for table in reversed(schema.TABLES)]


@contextmanager
def ledger(shop: Shop) -> Iterator[Callable[[], Any]]:
    """Look into the database beside the sidecar's back: give what reads all its rows."""
    url = shop.settings.database_url.get_secret_value()
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            yield lambda: [connection.execute(statement).fetchall() for statement in EVERYTHING]
        return
    visitor = shop.run(asyncpg.connect(url))
    try:
        yield lambda: [list(map(tuple, shop.run(visitor.fetch(statement)))) for statement in EVERYTHING]
    finally:
        shop.run(visitor.close())


def emptied(shop: Shop) -> None:
    """Begin anew: where every order is paid, most calls have the same answer."""
    url = shop.settings.database_url.get_secret_value()
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
            for statement in NOTHING:
                connection.execute(statement)
        return
    visitor = shop.run(asyncpg.connect(url))
    try:
        shop.run(visitor.execute("; ".join(NOTHING)))
    finally:
        shop.run(visitor.close())
