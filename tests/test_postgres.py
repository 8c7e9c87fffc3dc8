"""The PostgreSQL of the tests does what the fault tests lean on."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from demo_shop.postgres import LocalPostgres, postgres


@pytest.fixture(scope="module")
def server() -> Iterator[LocalPostgres]:
    with postgres() as server:
        yield server


async def execute(url: str, *statements: str) -> list[object]:
    """The last statement's first column."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return [row[0] for row in await connection.fetch(statements[-1])]
    finally:
        await connection.close()


def test_a_program_of_ours_can_talk_to_it(server: LocalPostgres) -> None:
    version = asyncio.run(execute(server.url("postgres"), "SHOW server_version"))

    assert str(version[0]).startswith("18.")


def test_rows_committed_a_moment_before_a_crash_are_there_after_the_restart(server: LocalPostgres) -> None:
    server.create_database("crash")
    inserts = [f"INSERT INTO kept VALUES ({number})" for number in range(50)]
    asyncio.run(execute(server.url("crash"), "CREATE TABLE kept (number int)", *inserts, "SELECT 1"))

    server.stop("immediate")
    server.start()

    assert asyncio.run(execute(server.url("crash"), "SELECT count(*) FROM kept")) == [50]


def test_while_it_is_stopped_nobody_can_connect(server: LocalPostgres) -> None:
    server.stop()

    with pytest.raises(OSError, match="Connect call failed"):
        asyncio.run(execute(server.url("postgres"), "SELECT 1"))

    server.start()


def test_two_databases_from_one_template_are_equal_at_first_and_separate_from_then_on(
    server: LocalPostgres,
) -> None:
    server.create_database("template")
    asyncio.run(execute(server.url("template"), "CREATE TABLE shared (number int)", "SELECT 1"))
    for name in ("one", "two"):
        server.create_database(name, template="template")

    asyncio.run(execute(server.url("one"), "INSERT INTO shared VALUES (1)", "SELECT 1"))

    assert asyncio.run(execute(server.url("one"), "SELECT number FROM shared")) == [1]
    assert asyncio.run(execute(server.url("two"), "SELECT number FROM shared")) == []


def test_a_dump_restored_elsewhere_is_the_same_database(server: LocalPostgres) -> None:
    server.create_database("dumped")
    words = "CREATE TABLE words (word text); INSERT INTO words VALUES ('so‘m'), ('a;b'), (E'two\\nlines')"
    server.psql(words, "dumped")

    server.create_database("restored")
    server.restore("restored", server.dump("dumped"))

    read = "SELECT word FROM words ORDER BY word"
    assert server.psql(read, "restored") == server.psql(read, "dumped") != ""


def test_a_dropped_database_is_gone_even_with_somebody_in_it(server: LocalPostgres) -> None:
    async def drop_under_a_guest() -> None:
        guest = await asyncpg.connect(server.url("dropped"))
        await asyncio.to_thread(server.drop_database, "dropped")
        guest.terminate()

    server.create_database("dropped")
    asyncio.run(drop_under_a_guest())

    assert server.psql("SELECT count(*) FROM pg_database WHERE datname = 'dropped'") == "0"


def test_a_start_that_fails_says_why_in_the_words_of_postgresql(server: LocalPostgres) -> None:
    with pytest.raises(RuntimeError, match='database "nowhere" does not exist'):
        server.psql("SELECT 1", database="nowhere")


TESTS_THAT_HANG = """
from demo_shop.postgres import postgres
with postgres() as server:
    print(server.home, server.port, flush=True)
    input()
"""


def test_nothing_is_left_when_the_tests_are_killed() -> None:
    tests = subprocess.Popen(
        [sys.executable, "-c", TESTS_THAT_HANG], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert tests.stdout
    home, port = tests.stdout.readline().split()
    assert answers(int(port))

    tests.kill()
    tests.communicate()

    assert eventually(lambda: not Path(home).exists())
    assert not answers(int(port))


def answers(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def eventually(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()
