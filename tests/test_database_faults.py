"""What is wrong with a database, in one word."""

import asyncio
import socket
import sqlite3
from pathlib import Path

import asyncpg
import pytest

from sidecar import database
from sidecar.database import Connection, NoConnectionFree
from sidecar.database_faults import Fault, WatchedDatabase, fault


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ConnectionRefusedError(), Fault.REFUSED),
        (ConnectionResetError(), Fault.LOST),
        (TimeoutError(), Fault.TIMEOUT),
        (NoConnectionFree(), Fault.POOL),
        (socket.gaierror(), Fault.UNREACHABLE),
        (OSError("no route"), Fault.UNREACHABLE),
        (asyncpg.TooManyConnectionsError(), Fault.CLIENTS),
        (asyncpg.CannotConnectNowError(), Fault.STARTING),
        (asyncpg.AdminShutdownError(), Fault.LOST),
        (asyncpg.ConnectionDoesNotExistError(), Fault.LOST),
        (asyncpg.InterfaceError("connection is closed"), Fault.LOST),
        (asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress"), Fault.LOST),
        (asyncpg.InvalidPasswordError(), Fault.LOGIN),
        (asyncpg.InvalidCatalogNameError(), Fault.MISSING),
        (asyncpg.ReadOnlySQLTransactionError(), Fault.READ_ONLY),
        (asyncpg.DiskFullError(), Fault.DISK),
        (asyncpg.LockNotAvailableError(), Fault.LOCKED),
        (asyncpg.QueryCanceledError(), Fault.TIMEOUT),
        (asyncpg.DeadlockDetectedError(), Fault.CONFLICT),
        (asyncpg.UniqueViolationError(), Fault.CONFLICT),
        (asyncpg.UndefinedTableError(), Fault.SCHEMA),
        (asyncpg.DivisionByZeroError(), Fault.OTHER),
        (sqlite3.OperationalError("whatever"), Fault.OTHER),
    ],
)
def test_each_kind_of_error_has_its_word(error: Exception, kind: Fault) -> None:
    assert fault(error) is kind


@pytest.mark.parametrize("error", [ValueError(), KeyError("x"), LookupError()])
def test_what_is_not_the_databases_fault_has_none(error: Exception) -> None:
    assert fault(error) is None


def test_sqlites_own_words_are_known(tmp_path: Path) -> None:
    """A file that is no database, a folder that is not there, a lock, a database that may only be read."""
    path = tmp_path / "x.db"
    with sqlite3.connect(path) as writer:
        writer.execute("CREATE TABLE t (i)")
    locker = sqlite3.connect(path, isolation_level=None)
    locker.execute("BEGIN EXCLUSIVE")
    no_database = tmp_path / "text.db"
    no_database.write_text("this is a letter, not a database; " * 99)

    def kind(name: str, statement: str) -> Fault | None:
        opened: sqlite3.Connection | None = None
        try:
            opened = sqlite3.connect(name, uri=True, timeout=0)
            opened.execute(statement)
        except sqlite3.Error as error:
            return fault(error)
        finally:
            if opened:
                opened.close()
        return None

    assert kind(str(no_database), "SELECT * FROM t") is Fault.MISSING
    assert kind(f"{tmp_path}/nowhere/x.db", "SELECT 1") is Fault.UNREACHABLE
    assert kind(str(path), "INSERT INTO t VALUES (1)") is Fault.LOCKED
    locker.close()
    assert kind(f"file:{path}?mode=ro", "INSERT INTO t VALUES (1)") is Fault.READ_ONLY
    writer.close()


def test_what_goes_wrong_is_noticed_and_goes_on_its_way(database_url: str) -> None:
    noticed: list[Fault] = []
    watched = WatchedDatabase(database.connect(database_url), noticed.append)

    def refuse(_connection: Connection) -> None:
        raise asyncpg.ReadOnlySQLTransactionError

    async def work() -> None:
        for run in (watched.write, watched.move):
            with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
                await run(refuse)
            assert watched.read_only
            await run(lambda _connection: None)
            assert not watched.read_only
        with pytest.raises(ZeroDivisionError):
            await watched.read(lambda _connection: 1 / 0)
        await watched.close()

    asyncio.run(work())
    assert set(noticed) == {Fault.READ_ONLY}
