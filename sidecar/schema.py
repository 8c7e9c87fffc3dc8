"""The schema and its history: every table in one place for Alembic, and `migrate`.

The revisions are in `sidecar/migrations/versions`, written by hand, and a test holds them against the tables.
"""

import re
from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlmodel import SQLModel

from sidecar import database as databases
from sidecar import journal, outbox, payment_sessions
from sidecar.payme_merchant import transactions

TABLES: Final = (
    payment_sessions.table,
    transactions.table,
    transactions.receipts,
    outbox.table,
    journal.calls,
    journal.attempts,
    journal.actions,
)
METADATA: Final[MetaData] = SQLModel.metadata

HAS_HISTORY: Final = {
    "postgresql": text("SELECT to_regclass('alembic_version') IS NOT NULL"),
    "sqlite": text("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"),
}
SAME_REVISION: Final = text("UPDATE alembic_version SET version_num = version_num")
REVISION: Final = text("SELECT version_num FROM alembic_version")

OURS: Final = re.compile(r"[0-9]{4}")

MIGRATE_FIRST: Final = "the database is not at the current schema: run `payme-sidecar migrate`"


class ForeignSchema(Exception):
    """Another program's tables are in this database."""


def migrate(connection: Connection) -> str:
    """Bring the database to the current schema, in one transaction (a unit of work); give the revision.

    One that a newer version has left is left as it is: a revision only adds, so that the version before can go on.

    Raises:
        ForeignSchema: the history of the schema is not ours.
    """
    if connection.dialect.name == "postgresql":
        # Two at once wait for each other; and a long ALTER may take longer than a call of Payme's.
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = '60s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(482850106725)"))
    revision = _found(connection)
    if revision and is_newer(revision):
        return revision
    if revision and revision not in revisions():
        raise ForeignSchema(
            f"another program keeps its tables there (revision {revision}): give us a database of our own"
        )
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.execute(SAME_REVISION)  # a database that may only be read shall not look as if it were ready
    return head()


def is_current(connection: databases.Connection) -> bool:
    """Whether we can work with it: the schema is ours, or a newer version's, which has migrated and is not yet here."""
    if not connection.execute(HAS_HISTORY[connection.dialect]).scalar():
        return False
    revision = connection.execute(REVISION).scalar()
    return revision == head() or is_newer(revision)


def is_newer(revision: str | None) -> bool:
    """Whether a newer version of ours made it: our revisions are numbered."""
    return revision is not None and bool(OURS.fullmatch(revision)) and revision > head()


@cache
def head() -> str:
    revision = ScriptDirectory(str(Path(__file__).parent / "migrations")).get_current_head()
    if revision is None:
        raise LookupError("the migrations are missing from this installation")
    return revision


@cache
def revisions() -> frozenset[str]:
    """Every revision that this version knows."""
    return frozenset(it.revision for it in ScriptDirectory(str(Path(__file__).parent / "migrations")).walk_revisions())


def _found(connection: Connection) -> str | None:
    if not connection.execute(HAS_HISTORY[connection.dialect.name]).scalar():
        return None
    return connection.execute(REVISION).scalar()
