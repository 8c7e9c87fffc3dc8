"""Two databases, one way to use them: what a unit of work may rely on."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import text

from demo_shop.postgres import LocalPostgres
from sidecar import database as databases
from sidecar.database import Connection, Database, Overtaken
from sidecar.database.postgres import COMMAND_TIMEOUT
from sidecar.database.sqlite import QUEUE_TIMEOUT
from sidecar.database.work import TRIES
from tests.databases import CONFLICTS

ADD = "INSERT INTO payment_session VALUES (:id, :id, 1, 'uzs', NULL, NULL, 1, NULL, NULL)"
COUNT = "SELECT count(*) FROM payment_session"


def on(url: str, work: Callable[[Database], Coroutine[Any, Any, Any]]) -> Any:
    async def visit() -> Any:
        opened = databases.connect(url)
        try:
            return await work(opened)
        finally:
            await opened.close()

    return asyncio.run(visit())


def add(connection: Connection, id_: str) -> None:
    connection.execute(text(ADD), {"id": id_})


def count(connection: Connection) -> int:
    return int(connection.execute(text(COUNT)).scalar())


def test_a_unit_of_work_is_committed_when_it_returns(database_url: str) -> None:
    async def work(database: Database) -> int:
        await database.write(add, "a")
        return await database.read(count)

    assert on(database_url, work) == 1


def test_a_unit_of_work_that_raises_leaves_nothing_behind(database_url: str) -> None:
    def add_and_stumble(connection: Connection) -> None:
        add(connection, "a")
        raise LookupError

    async def work(database: Database) -> int:
        with pytest.raises(LookupError):
            await database.write(add_and_stumble)
        return await database.read(count)

    assert on(database_url, work) == 0


def test_who_was_overtaken_decides_again_from_the_start(database_url: str) -> None:
    runs: list[int] = []

    def overtaken_once(connection: Connection) -> str:
        runs.append(count(connection))
        add(connection, "a")
        if len(runs) == 1:
            raise Overtaken
        return "done"

    assert on(database_url, lambda database: database.write(overtaken_once)) == "done"
    assert runs == [0, 0]


def test_who_meets_a_unique_index_decides_again_and_at_last_fails(database_url: str) -> None:
    runs: list[str] = []

    def twice_the_same(connection: Connection) -> None:
        runs.append("run")
        add(connection, "a")
        add(connection, "a")

    with pytest.raises(CONFLICTS):
        on(database_url, lambda database: database.write(twice_the_same))
    assert len(runs) == TRIES


def test_an_error_of_ours_is_not_tried_again(database_url: str) -> None:
    runs: list[str] = []

    def broken(connection: Connection) -> None:
        runs.append("run")
        connection.execute(text("SELECT * FROM no_such_table"))

    with pytest.raises(Exception, match="no_such_table"):
        on(database_url, lambda database: database.write(broken))
    assert len(runs) == 1


def test_every_connection_cut_from_the_other_side_is_survived(migrated_postgres: LocalPostgres) -> None:
    migrated_postgres.create_database("cut")
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'cut' AND pid <> pg_backend_pid()"

    async def work(database: Database) -> list[int]:
        one = text("SELECT 1")
        answers = []
        for _ in range(3):
            answers.append(await database.write(lambda connection: int(connection.execute(one).scalar())))
            answers.append(await database.read(lambda connection: int(connection.execute(one).scalar())))
            await asyncio.to_thread(migrated_postgres.psql, cut)
        return answers

    assert on(migrated_postgres.url("cut"), work) == [1] * 6


def test_a_connection_whose_last_words_were_read_and_whose_end_was_not_is_survived(
    migrated_postgres: LocalPostgres,
) -> None:
    """The moment between the server's FATAL and its end of the connection is too short to wait for."""
    severity, fields = b"SFATAL\0", b"C57P01\0Mterminating connection due to administrator command\0\0"
    fatal = b"E" + (4 + len(severity + fields)).to_bytes(4) + severity + fields

    def last_words(connection: Any) -> None:
        connection._driver._con._protocol.data_received(fatal)  # noqa: SLF001 - no server can be made to say it in time

    async def work(database: Database) -> int:
        await database.read(last_words)
        return await database.write(lambda connection: int(connection.execute(text("SELECT 1")).scalar()))

    assert on(migrated_postgres.url(), work) == 1


def test_every_statement_sees_what_was_stored_before_it_whatever_the_server_prefers(
    migrated_postgres: LocalPostgres,
) -> None:
    migrated_postgres.create_database("cautious")
    migrated_postgres.psql("ALTER DATABASE cautious SET default_transaction_isolation = 'repeatable read'")

    def isolation(connection: Connection) -> str:
        return str(connection.execute(text("SHOW transaction_isolation")).scalar())

    async def work(database: Database) -> set[str]:
        return {await database.read(isolation), await database.move(isolation), await database.write(isolation)}

    assert on(migrated_postgres.url("cautious"), work) == {"read committed"}


def test_a_migration_may_take_longer_than_a_call(migrated_postgres: LocalPostgres) -> None:
    def slow(connection: sqlalchemy.Connection) -> None:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text(f"SELECT pg_sleep({COMMAND_TIMEOUT + 0.5})"))

    on(migrated_postgres.url(), lambda database: database.alter(slow))


def test_a_column_that_was_widened_meanwhile_costs_no_write(migrated_postgres: LocalPostgres) -> None:
    migrated_postgres.create_database("widened")
    url = migrated_postgres.url("widened")

    def look(connection: Connection) -> list[Any]:
        return list(connection.execute(text("SELECT name FROM shelf")))

    async def work(database: Database) -> list[Any]:
        await database.alter(lambda connection: connection.execute(text("CREATE TABLE shelf (name varchar(8))")))
        await database.write(look)
        await database.alter(
            lambda connection: connection.execute(text("ALTER TABLE shelf ALTER name TYPE varchar(16)"))
        )
        return await database.write(look)

    assert on(url, work) == []


def test_a_file_that_somebody_reads_at_first_is_written_in_full_safety_afterwards(tmp_path: Any) -> None:
    somebody = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    somebody.execute("CREATE TABLE shelf (name)")
    somebody.execute("BEGIN")
    somebody.execute("SELECT * FROM shelf").fetchall()

    def mode(connection: Connection) -> str:
        return str(connection.execute(text("PRAGMA journal_mode")).scalar())

    async def work(database: Database) -> str:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            await database.write(mode)
        somebody.close()
        return await database.write(mode)

    assert on(f"sqlite:///{tmp_path}/x.db", work) == "wal"


def test_a_write_that_waited_too_long_for_its_turn_is_told_to_ask_again(tmp_path: Any) -> None:
    """Else the tenth call behind another process's lock would wait ten times as long as the first."""
    free = threading.Event()

    def slow(_connection: Connection) -> None:
        free.wait(QUEUE_TIMEOUT + 0.2)

    async def work(database: Database) -> None:
        first = asyncio.create_task(database.write(slow))
        await asyncio.sleep(0)
        with pytest.raises(TimeoutError):
            await database.write(lambda _connection: None)
        await first
        await database.write(lambda _connection: None)

    on(f"sqlite:///{tmp_path}/x.db", work)


def test_sqlite_keeps_its_promises_when_the_power_goes(tmp_path: Any) -> None:
    def pragmas(connection: Connection) -> tuple[Any, ...]:
        return tuple(
            connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        )

    assert on(f"sqlite:///{tmp_path}/x.db", lambda database: database.write(pragmas)) == ("wal", 2, 1)
