"""What the tests start from. Every test that asks for `shop` or `database_url` runs on both databases."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from demo_shop.postgres import LocalPostgres, postgres
from sidecar import database, logs, schema
from tests.shop import Shop

DATABASES: Final = ("sqlite", "postgresql")
EMPTY: Final = "empty_but_migrated"
USED: Final = "used_by_every_test"

logs.configure("debug")  # the real pipe, tracebacks without local variables included


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[LocalPostgres]:
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: LocalPostgres) -> LocalPostgres:
    postgres_server.create_database(EMPTY)
    migrate(postgres_server.url(EMPTY))
    return postgres_server


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty database at the current schema."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/sidecar.db"
        migrate(url)
        return url
    server: LocalPostgres = request.getfixturevalue("migrated_postgres")
    empty(server)
    return server.url(USED)


def empty(server: LocalPostgres) -> None:
    """Make the database as new: without its rows, which is quick, or whole, when a test broke its tables."""
    try:
        server.psql(f"TRUNCATE {', '.join(table.name for table in schema.TABLES)} RESTART IDENTITY", USED)
    except RuntimeError:
        server.drop_database(USED)
        server.create_database(USED, template=EMPTY)


@pytest.fixture
def shop(database_url: str) -> Iterator[Shop]:
    it = Shop(database_url)
    yield it
    it.close()


def migrate(url: str) -> None:
    async def work() -> None:
        opened = database.connect(url)
        await opened.alter(schema.migrate)
        await opened.close()

    asyncio.run(work())
