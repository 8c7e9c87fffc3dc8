"""The database: what its facts mean, and the facts of a real one."""

import asyncio
import ssl
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import SecretStr

from demo_shop.postgres import LocalPostgres
from sidecar import database as databases
from sidecar import schema
from sidecar.clock import MINUTE, SECOND, Millis, system_clock
from sidecar.database_clock import Clocks, Reading
from sidecar.database_faults import Fault
from sidecar.doctor import books, disk, visit
from sidecar.doctor.books import Books, PostgresFacts, SqliteFacts
from sidecar.doctor.finding import Finding, Grade
from sidecar.outbox import Backlog
from sidecar.settings import DatabaseSettings
from tests.conftest import migrate

SOUND: Final = PostgresFacts("17.6", 170_006, "on", "on", "on", False, "off", 0)
NOW: Final = Millis(1_790_000_000_000)


def trouble(**changes: Any) -> list[tuple[Grade, str]]:
    first, *rest = books.postgres(SOUND._replace(**changes))
    assert first.grade is Grade.GOOD
    return [(it.grade, it.found) for it in rest]


def test_a_sound_postgresql_is_named_with_what_keeps_it_safe() -> None:
    [said] = books.postgres(SOUND._replace(standbys=2))

    assert said.found == "PostgreSQL 17.6 answers, fsync on, synchronous_commit on, 2 standby behind it"


@pytest.mark.parametrize(
    ("changes", "grade", "words"),
    [
        ({"in_recovery": True, "read_only": "on"}, Grade.WRONG, "the database is a standby"),
        ({"read_only": "on"}, Grade.WRONG, "the database gives us read-only transactions"),
        ({"fsync": "off"}, Grade.WRONG, "fsync is off"),
        ({"synchronous_commit": "off"}, Grade.WRONG, "synchronous_commit is off"),
        ({"full_page_writes": "off"}, Grade.WARNING, "full_page_writes is off"),
        ({"number": 130_022}, Grade.WARNING, "this PostgreSQL gets no more corrections"),
    ],
)
def test_what_may_lose_a_payment_is_named(changes: dict[str, Any], grade: Grade, words: str) -> None:
    [(found_grade, found)] = trouble(**changes)

    assert found_grade is grade
    assert found.startswith(words)


@pytest.mark.parametrize("safe", ["on", "local", "remote_write", "remote_apply"])
def test_any_commit_that_reaches_our_disk_is_good(safe: str) -> None:
    assert trouble(synchronous_commit=safe) == []


@pytest.mark.parametrize(
    ("offset", "grade"),
    [
        (0, Grade.GOOD),
        (10 * SECOND, Grade.GOOD),
        (10 * SECOND + 1, Grade.WARNING),
        (-10 * SECOND - 1, Grade.WARNING),
        (5 * MINUTE, Grade.WARNING),
        (5 * MINUTE + 1, Grade.WRONG),
    ],
)
def test_clocks_may_differ_by_little(offset: int, grade: Grade) -> None:
    assert books.clock(Reading(NOW, offset)).grade is grade


def test_a_wrong_clock_is_told_which_way() -> None:
    assert books.clock(Reading(NOW, 3_600_000)).found == "our clock is 3600 s ahead of the database's"
    assert books.clock(Reading(NOW, -3_600_000)).found == "our clock is 3600 s behind the database's"


@pytest.mark.parametrize(
    ("backlog", "grade", "words"),
    [
        (Backlog(0, 0, None, None), Grade.GOOD, "0 messages waiting, none parked"),
        (Backlog(1, 0, NOW, None), Grade.GOOD, "1 message waiting, none parked"),
        (Backlog(1, 0, Millis(NOW - 20 * MINUTE), None), Grade.GOOD, "1 message waiting"),
        (Backlog(7, 0, Millis(NOW - 20 * MINUTE - 1), None), Grade.WRONG, "7 messages waiting, the oldest for 20 min"),
        (Backlog(0, 2, None, Millis(NOW - 300 * MINUTE)), Grade.WRONG, "2 messages parked, the oldest for 5 h"),
        (None, Grade.SKIPPED, "its table cannot be read yet"),
    ],
)
def test_what_is_untold_for_too_long_is_wrong(backlog: Backlog | None, grade: Grade, words: str) -> None:
    found = books.untold(backlog, NOW)

    assert found.grade is grade
    assert found.found.startswith(words)


@pytest.mark.parametrize(
    ("revision", "grade", "advice"),
    [
        (None, Grade.WRONG, "run `payme-sidecar migrate`"),
        ("0001", Grade.WRONG, "run `payme-sidecar migrate`"),
        ("9999", Grade.WARNING, "it works with that; install the newer version soon"),
    ],
)
def test_another_schema_is_told_what_to_run(revision: str | None, grade: Grade, advice: str) -> None:
    found = books.at_revision(Books(SqliteFacts("3.46"), revision, [], Reading(NOW, 0), None))

    assert (found.grade, found.advice) == (grade, advice)


@pytest.mark.parametrize("fault", [*Fault, None])
def test_every_fault_of_a_database_has_a_sentence(fault: Fault | None) -> None:
    database, *rest = books.unanswered(fault)

    assert database.grade is Grade.WRONG
    assert database.found.startswith("the database does not answer: ")
    assert database.advice
    assert {it.grade for it in rest} == {Grade.SKIPPED}


# ── real ones ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def examined(url: str) -> dict[str, list[Finding]]:
    """Run the check itself; what it found by name, the good ones first."""
    installation = visit.Installation((), None, DatabaseSettings(database_url=SecretStr(url)), None, Path(".env"), ())

    async def found_by_all() -> list[Finding]:
        trusted = ssl.create_default_context()
        async with visit.tools(system_clock, trusted) as tools:
            return await visit.examine(installation, tools)

    found: dict[str, list[Finding]] = {}
    for it in asyncio.run(found_by_all()):
        found.setdefault(it.check, []).append(it)
    return found


def test_a_migrated_database_is_current_and_nothing_waits(database_url: str) -> None:
    found = examined(database_url)

    assert [it.found for it in found["schema"]] == [f"at revision {schema.head()}"]
    assert [it.grade for it in found["clock"] + found["outbox"]] == [Grade.GOOD, Grade.GOOD]
    assert found["database"][0].grade is Grade.GOOD


def test_the_postgresql_of_the_tests_would_be_told_never_to_hold_money(migrated_postgres: LocalPostgres) -> None:
    found = examined(migrated_postgres.url("empty_but_migrated"))

    assert [it.found.split(":")[0] for it in found["database"] if it.grade is Grade.WRONG] == ["fsync is off"]


@pytest.fixture(scope="module")
def server(migrated_postgres: LocalPostgres) -> LocalPostgres:
    migrated_postgres.drop_database("doctors")  # a worker may come back to this module
    migrated_postgres.create_database("doctors", template="empty_but_migrated")
    return migrated_postgres


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("synchronous_commit = off", "synchronous_commit is off"),
        ("default_transaction_read_only = on", "the database gives us read-only transactions"),
    ],
)
def test_a_setting_of_the_database_itself_counts(server: LocalPostgres, setting: str, words: str) -> None:
    server.psql(f"ALTER DATABASE doctors SET {setting}")
    try:
        found = examined(server.url("doctors"))
    finally:
        server.psql("ALTER DATABASE doctors RESET ALL")

    assert any(it.grade is Grade.WRONG and it.found.startswith(words) for it in found["database"])


def test_an_empty_postgresql_is_told_to_migrate(server: LocalPostgres) -> None:
    server.create_database("doctors_empty")
    found = examined(server.url("doctors_empty"))

    assert [(it.grade, it.found) for it in found["schema"]] == [(Grade.WRONG, "the database is empty")]
    assert [it.grade for it in found["outbox"]] == [Grade.SKIPPED]


def test_a_restore_by_another_role_leaves_tables_that_ours_may_not_read(server: LocalPostgres) -> None:
    server.psql("CREATE ROLE stranger LOGIN; GRANT SELECT ON alembic_version TO stranger", "doctors")
    url = server.url("doctors").replace("postgres@", "stranger@")
    assert "stranger@" in url
    found = examined(url)

    [schema_found] = found["schema"]
    assert schema_found.found.startswith("this role may not read and write payment_session, ")
    assert [it.grade for it in found["outbox"]] == [Grade.SKIPPED]


@pytest.mark.parametrize("missing", ["SELECT", "INSERT", "UPDATE"])
def test_a_right_that_is_missing_on_one_table_is_found(server: LocalPostgres, missing: str) -> None:
    role = f"without_{missing.lower()}"
    rights = f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}; REVOKE {missing} ON outbox_message FROM {role}"
    server.psql(f"CREATE ROLE {role} LOGIN; {rights}", "doctors")
    [found] = examined(server.url("doctors").replace("postgres@", f"{role}@"))["schema"]

    assert found.found == "this role may not read and write outbox_message"


def test_a_database_that_is_not_there_is_one_sentence_without_its_password(server: LocalPostgres) -> None:
    for url in (server.url("no_such_database"), "postgresql://u:hunter2@127.0.0.1:1/x"):
        found = examined(url)

        [said] = found["database"]
        assert said.grade is Grade.WRONG
        assert "hunter2" not in str(found)
    assert said.found.endswith("nobody listens there")


def test_a_missing_sqlite_file_is_named_and_not_made(tmp_path: Path) -> None:
    found = examined(f"sqlite:///{tmp_path}/sidecar.db")

    assert found["database"][0].found == f"there is no file {tmp_path}/sidecar.db"
    assert list(tmp_path.iterdir()) == []


def test_an_unmigrated_sqlite_file_stays_unmigrated(tmp_path: Path) -> None:
    file = tmp_path / "sidecar.db"
    file.touch()
    found = examined(f"sqlite:///{file}")

    assert found["schema"][0].found == "the database is empty"
    assert file.read_bytes() == b""


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "sidecar.db").write_text("not a database, but long enough to have a page" * 100)
    found = examined(f"sqlite:///{tmp_path}/sidecar.db")

    assert found["database"][0].grade is Grade.WRONG


def test_the_place_of_a_file_is_its_real_folder(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path}/sidecar.db")
    place = visit.place(tmp_path / "sidecar.db")

    assert (place.folder, place.writable) == (tmp_path, True)
    assert place.free > 0
    assert disk.file_of(f"sqlite:///{tmp_path}/sidecar.db") == tmp_path / "sidecar.db"
    assert disk.file_of("postgresql://db/payme") is None


def test_looking_takes_no_lock_and_stores_nothing(database_url: str) -> None:
    """`look` is given to `read`, which begins no transaction that writes; on SQLite a writer may hold the file."""

    async def looked() -> Books:
        database = databases.connect(database_url)
        try:
            return await database.read(books.look, Clocks(system_clock))
        finally:
            await database.close()

    first, second = asyncio.run(looked()), asyncio.run(looked())
    assert first.revision == second.revision == schema.head()
