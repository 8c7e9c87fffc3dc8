"""The two databases as seen from outside the sidecar: their address, their rows, and their own check of their files."""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Protocol

from demo_shop.postgres import LocalPostgres, postgres
from faults.books import Message, Row

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
BOTH: Final = (SQLITE, POSTGRESQL)

NAME: Final = "faults"
PASSWORD: Final = "dsn-p4ssword"  # noqa: S105 - our server trusts everybody; that it stays out of the logs is looked at
BUSY_TIMEOUT: Final = 30.0

TRANSACTIONS: Final = """
    SELECT payme_id, order_id, amount, state, time, create_time, perform_time, cancel_time, reason
    FROM payme_transaction ORDER BY time, number
"""
MESSAGES: Final = """
    SELECT session_id, topic, transaction_id, state, attempts, last_answer FROM outbox_message ORDER BY number
"""
WAITING: Final = "SELECT count(*) AS number FROM outbox_message WHERE state = 'waiting'"
PARKED: Final = "SELECT count(*) AS number FROM outbox_message WHERE state = 'parked'"
HURRY: Final = "UPDATE outbox_message SET due_time = 0 WHERE state = 'waiting'"
CHECKSUMS: Final = "SELECT checksum_failures AS number FROM pg_stat_database WHERE datname = current_database()"
REBUILD: Final = f'REINDEX DATABASE "{NAME}"'  # a unique index refuses to be built over what breaks it


class Database(Protocol):
    """All of it blocks; call it in a thread while there is load."""

    kind: str

    @property
    def url(self) -> str: ...
    def query(self, statement: str) -> list[dict[str, Any]]: ...
    def execute(self, statement: str) -> None: ...
    def damage(self) -> list[str]:
        """Everything that the database finds wrong with its own files."""
        ...


class Sqlite:
    kind = SQLITE

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def query(self, statement: str) -> list[dict[str, Any]]:
        with self._connection() as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(statement)]

    def execute(self, statement: str) -> None:
        with self._connection() as connection:
            connection.execute(statement)

    def damage(self) -> list[str]:
        said = [row["integrity_check"] for row in self.query("PRAGMA integrity_check")]
        strays = [f"a row of {row['table']} points nowhere" for row in self.query("PRAGMA foreign_key_check")]
        return [line for line in said if line != "ok"] + strays

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with contextlib.closing(sqlite3.connect(self.path, timeout=BUSY_TIMEOUT, isolation_level=None)) as connection:
            yield connection


class Postgres:
    kind = POSTGRESQL

    def __init__(self, server: LocalPostgres) -> None:
        self.server = server
        self.server.drop_database(NAME)
        self.server.create_database(NAME)

    @property
    def url(self) -> str:
        return self.url_at(self.server.port)

    def url_at(self, port: int) -> str:
        """The address for one who comes by a wire. Any password will do; no TLS, for the wire reads along."""
        direct = self.server.url(NAME).replace("@", f":{PASSWORD}@")
        return direct.replace(f":{self.server.port}/", f":{port}/") + "?sslmode=disable"

    def query(self, statement: str) -> list[dict[str, Any]]:
        wrapped = f"SELECT coalesce(json_agg(t), '[]') FROM ({statement}) t"  # noqa: S608 - our own words
        found: list[dict[str, Any]] = json.loads(self.server.psql(wrapped, NAME))
        return found

    def execute(self, statement: str) -> None:
        self.server.psql(statement, NAME)

    def damage(self) -> list[str]:
        """Read every page, whose checksum is looked at, and build every index anew.

        The PostgreSQL from pip comes without amcheck.
        """
        try:
            self.server.dump(NAME)
            self.execute(REBUILD)
        except RuntimeError as error:
            return [str(error)]
        failures = count(self, CHECKSUMS)
        return [f"{failures} pages have a wrong checksum"] if failures else []


@contextlib.contextmanager
def opened(kind: str, folder: Path, server: LocalPostgres | None = None) -> Iterator[Database]:
    """Open an empty database; on a server of its own, which is gone afterwards, unless one is given."""
    if kind == SQLITE:
        yield Sqlite(folder / "sidecar.db")
    elif server:
        yield Postgres(server)
    else:
        with postgres() as own:
            yield Postgres(own)


def rows(database: Database) -> tuple[Row, ...]:
    return tuple(Row(**row) for row in database.query(TRANSACTIONS))


def messages(database: Database) -> tuple[Message, ...]:
    return tuple(Message(**row) for row in database.query(MESSAGES))


def count(database: Database, statement: str) -> int:
    number: int = database.query(statement)[0]["number"]
    return number
