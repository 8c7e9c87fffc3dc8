"""The schema carries the invariants, whoever writes to it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from demo_shop.postgres import LocalPostgres
from sidecar import database as databases
from sidecar import schema
from sidecar.database import Connection
from tests.databases import CONFLICTS

T = 1_790_000_000_000


def write(url: str, work: Callable[[Connection], Any]) -> Any:
    async def visit() -> Any:
        opened = databases.connect(url)
        try:
            return await opened.write(work)
        finally:
            await opened.close()

    return asyncio.run(visit())


def alter(url: str, work: Callable[[sqlalchemy.Connection], Any]) -> Any:
    async def visit() -> Any:
        opened = databases.connect(url)
        try:
            return await opened.alter(work)
        finally:
            await opened.close()

    return asyncio.run(visit())


def insert(connection: Connection, table: str, **values: Any) -> None:
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), values)


def session(connection: Connection, **changes: Any) -> None:
    row = {"id": "s1", "order_id": "o1", "amount": 1, "currency_code": "uzs", "created_time": T}
    insert(connection, "payment_session", **row | changes)


def transaction(connection: Connection, **changes: Any) -> None:
    row = {
        "payme_id": "tx1",
        "session_id": "s1",
        "order_id": "o1",
        "amount": 1,
        "account": "{}",
        "state": 1,
        "time": T,
        "create_time": T,
        "perform_time": 0,
        "cancel_time": 0,
        "reason": None,
    }
    insert(connection, "payme_transaction", **row | changes)


def message(connection: Connection, **changes: Any) -> None:
    row = {
        "session_id": "s1",
        "topic": "authorize",
        "transaction_id": "tx1",
        "payload": "{}",
        "state": "waiting",
        "created_time": T,
        "due_time": T,
        "attempts": 0,
        "last_answer": "",
    }
    insert(connection, "outbox_message", **row | changes)


PERFORMED = {"state": 2, "perform_time": T}
CANCELLED = {"state": -1, "cancel_time": T, "reason": 2}
REVERSED = {"state": -2, "perform_time": T, "cancel_time": T, "reason": 5}


@pytest.mark.parametrize("first", [{}, PERFORMED, REVERSED], ids=["created", "performed", "reversed"])
def test_an_order_has_one_live_transaction(database_url: str, first: dict[str, Any]) -> None:
    """A test of its own: behind the lock on the session nobody outside would miss this index."""

    def two(connection: Connection) -> None:
        session(connection)
        transaction(connection, **first)
        transaction(connection, payme_id="tx2")

    with pytest.raises(CONFLICTS, match=r"(?i)order_id|one_live_transaction_per_order"):
        write(database_url, two)


def test_a_cancelled_transaction_lets_go_of_its_order(database_url: str) -> None:
    def two(connection: Connection) -> None:
        session(connection)
        transaction(connection, **CANCELLED)
        transaction(connection, payme_id="tx2", **CANCELLED)
        transaction(connection, payme_id="tx3")

    write(database_url, two)


def test_paymes_id_is_unique(database_url: str) -> None:
    def two(connection: Connection) -> None:
        session(connection)
        transaction(connection, **CANCELLED)
        transaction(connection)

    with pytest.raises(CONFLICTS):
        write(database_url, two)


def test_an_order_belongs_to_one_open_session(database_url: str) -> None:
    def reopened(connection: Connection) -> None:
        session(connection, closed_time=T)
        session(connection, id="s2")

    def doubled(connection: Connection) -> None:
        session(connection, id="s3")

    write(database_url, reopened)
    with pytest.raises(CONFLICTS):
        write(database_url, doubled)


IMPOSSIBLE_TRANSACTIONS = {
    "an unknown state": {"state": 0},
    "performed without a time": {"state": 2},
    "created with a perform time": {"perform_time": T},
    "created with a reason": {"reason": 3},
    "cancelled without a time": {"state": -1, "reason": 3},
    "cancelled without a reason": {"state": -1, "cancel_time": T},
    "cancelled with a perform time": {**CANCELLED, "perform_time": T},
    "reversed without a perform time": {**REVERSED, "perform_time": 0},
    "performed before it was created": {"state": 2, "perform_time": T - 1},
    "cancelled before it was performed": {**REVERSED, "perform_time": T + 1},
    "no amount": {"amount": 0},
    "another session's order": {"order_id": "o2"},
    "nobody's session": {"session_id": "s9"},
}


@pytest.mark.parametrize("changes", IMPOSSIBLE_TRANSACTIONS.values(), ids=IMPOSSIBLE_TRANSACTIONS)
def test_an_impossible_transaction_cannot_be_stored(database_url: str, changes: dict[str, Any]) -> None:
    def work(connection: Connection) -> None:
        session(connection)
        transaction(connection, **changes)

    with pytest.raises(CONFLICTS):
        write(database_url, work)


@pytest.mark.parametrize("changes", [{"amount": 0}, {"amount": -1}, {"closed_time": T - 1}])
def test_an_impossible_session_cannot_be_stored(database_url: str, changes: dict[str, Any]) -> None:
    with pytest.raises(CONFLICTS):
        write(database_url, lambda connection: session(connection, **changes))


def test_a_move_is_promised_once(database_url: str) -> None:
    def work(connection: Connection) -> None:
        session(connection)
        message(connection)
        message(connection)

    with pytest.raises(CONFLICTS):
        write(database_url, work)


@pytest.mark.parametrize("changes", [{"topic": "capture"}, {"state": "lost"}, {"session_id": "nobody's"}])
def test_an_impossible_message_cannot_be_stored(database_url: str, changes: dict[str, Any]) -> None:
    def work(connection: Connection) -> None:
        session(connection)
        message(connection, **changes)

    with pytest.raises(CONFLICTS):
        write(database_url, work)


@pytest.mark.parametrize("column", [column for table in schema.TABLES for column in table.columns], ids=str)
def test_only_what_may_be_unknown_may_be_null(column: Any) -> None:
    unknown_by_nature = {"reason", "closed_time", "locale", "country_code", "detail"}
    unnamed_by_some_calls = {"transaction_id", "order_id", "amount"}
    may_be_unknown = unknown_by_nature | (unnamed_by_some_calls if column.table.name == "provider_call" else set())
    assert column.nullable == (column.name in may_be_unknown)


def test_amounts_and_times_have_sixty_four_bits(database_url: str) -> None:
    huge = 2**63 - 1

    def work(connection: Connection) -> list[int]:
        session(connection, amount=huge, created_time=huge)
        transaction(connection, amount=huge, time=huge, create_time=huge)
        row = connection.execute(text("SELECT amount, time, create_time FROM payme_transaction")).first()
        return list(row)

    assert write(database_url, work) == [huge] * 3


def test_the_migrations_make_the_tables_that_are_declared(database_url: str) -> None:
    def differences(connection: sqlalchemy.Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, schema.METADATA))

    assert alter(database_url, differences) == []


def test_the_migrations_carry_the_declared_checks_and_partial_indexes(database_url: str) -> None:
    """Alembic does not compare these; the databases name them."""
    declared = {it.name for table in schema.TABLES for it in table.constraints | table.indexes if it.name}

    def names(connection: Connection) -> str:
        if connection.dialect == "sqlite":
            return "\n".join(connection.execute(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")).scalars())
        query = "SELECT conname FROM pg_constraint UNION ALL SELECT relname FROM pg_class WHERE relkind = 'i'"
        return "\n".join(connection.execute(text(query)).scalars())

    stored = write(database_url, names)
    assert {name for name in declared if str(name) not in stored} == set()


def test_migrating_again_changes_nothing(database_url: str) -> None:
    assert alter(database_url, schema.migrate) == schema.head()
    assert write(database_url, schema.is_current)


def test_an_empty_database_is_not_current(tmp_path: Path, postgres_server: LocalPostgres) -> None:
    postgres_server.create_database("untouched")

    assert not write(f"sqlite:///{tmp_path}/untouched.db", schema.is_current)
    assert not write(postgres_server.url("untouched"), schema.is_current)


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path, postgres_server: LocalPostgres) -> None:
    """One transaction, DDL included: the next `migrate` starts from where this one did."""
    postgres_server.create_database("occupied")
    for url in (f"sqlite:///{tmp_path}/occupied.db", postgres_server.url("occupied")):
        write(url, lambda connection: connection.execute(text("CREATE TABLE outbox_message (x INTEGER)")))
        with pytest.raises(databases.FAILURES):
            alter(url, schema.migrate)
        write(url, lambda connection: connection.execute(text("DROP TABLE outbox_message")))

        assert alter(url, schema.migrate) == schema.head()


NEWER = "UPDATE alembic_version SET version_num = '9999'"
OLDER = "UPDATE alembic_version SET version_num = '0001'"


def test_the_version_before_goes_on_while_a_newer_one_is_being_rolled_out(database_url: str) -> None:
    """`migrate` of the new version comes first; until they are replaced, and after a step back, the old ones serve."""
    alter(database_url, lambda connection: connection.execute(text(NEWER)))
    try:
        assert write(database_url, schema.is_current)
        assert alter(database_url, schema.migrate) == "9999"
    finally:
        alter(database_url, lambda connection: connection.execute(text(NEWER.replace("9999", schema.head()))))


def test_the_database_of_another_program_is_left_alone(database_url: str) -> None:
    """Alembic keeps everybody's history under one name."""
    alter(database_url, lambda connection: connection.execute(text(NEWER.replace("9999", "ae1027a6acf"))))
    try:
        assert not write(database_url, schema.is_current)
        with pytest.raises(schema.ForeignSchema, match="another program"):
            alter(database_url, schema.migrate)
    finally:
        alter(database_url, lambda connection: connection.execute(text(NEWER.replace("9999", schema.head()))))


def test_a_version_does_not_serve_on_the_schema_of_the_one_before(database_url: str) -> None:
    alter(database_url, lambda connection: connection.execute(text(OLDER)))
    try:
        assert not write(database_url, schema.is_current)
    finally:
        alter(database_url, lambda connection: connection.execute(text(OLDER.replace("0001", schema.head()))))
