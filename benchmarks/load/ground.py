"""What a shop stands on: a database of its own, on PostgreSQL as one runs it for money, or on SQLite."""

import secrets
import sqlite3
import time
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Final, Protocol

from benchmarks.load.payment import Orders
from demo_shop.postgres import AS_THEY_ARE, LocalPostgres, postgres

AMOUNT: Final = 5_000_000  # tiyin, of every order
DURABLE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "shared_buffers": "256MB",
        "max_wal_size": "4GB",  # or checkpoints of a first filling would fall into a round
    }
)
# Both databases know this way to count, and the numbers become orders of whichever shop.
NUMBERS: Final = "WITH RECURSIVE numbers(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {last})"
MAKE_ORDERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "payme-sidecar": "INSERT INTO payment_session (id, order_id, amount, currency_code, created_time) {numbers} "
        "SELECT CAST(n AS VARCHAR), CAST(n AS VARCHAR), {amount}, 'uzs', {now} FROM numbers",
        "payme-pkg": "INSERT INTO orders_orders (id, total_amount, status) {numbers} "
        "SELECT n, {amount} / 100, 'pending' FROM numbers",
        "paytechuz-django": "INSERT INTO orders_order (id, product_name, amount, status, created_at) {numbers} "
        "SELECT n, 'tea', {amount} / 100, 'pending', '2026-11-01 00:00:00+00:00' FROM numbers",
        "paytechuz-fastapi": "INSERT INTO orders (id, product_name, amount, status) {numbers} "
        "SELECT n, 'tea', {amount} / 100, 'pending' FROM numbers",
    }
)


class Ground(Protocol):
    """A database that a shop is opened on."""

    @property
    def url(self) -> str: ...

    @property
    def pids(self) -> list[int]:
        """Give the server's processes; none where the shop is its own."""
        ...

    def run(self, statement: str) -> str: ...


@dataclass(frozen=True, slots=True)
class PostgresGround:
    server: LocalPostgres
    name: str

    @property
    def url(self) -> str:
        return self.server.url(self.name)

    @property
    def pids(self) -> list[int]:
        return [self.server.pid]

    def run(self, statement: str) -> str:
        return self.server.psql(statement, self.name)


@dataclass(frozen=True, slots=True)
class SqliteGround:
    path: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    @property
    def pids(self) -> list[int]:
        return []

    def run(self, statement: str) -> str:
        with closing(sqlite3.connect(self.path, timeout=60)) as connection, connection:
            return "\n".join("|".join(map(str, row)) for row in connection.execute(statement))


class Land(Protocol):
    """Where grounds come from."""

    kind: str

    def ground(self) -> Ground: ...


class PostgresLand:
    kind = "postgresql"

    def __init__(self, server: LocalPostgres) -> None:
        self.server = server

    def ground(self) -> PostgresGround:
        name = f"shop_{secrets.token_hex(4)}"  # the server may be another one's, too
        self.server.create_database(name)
        return PostgresGround(self.server, name)


class SqliteLand:
    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)

    def ground(self) -> SqliteGround:
        return SqliteGround(self._folder / f"shop_{next(self._numbers)}.db")


@contextmanager
def postgres_land(settings: Mapping[str, str] = AS_THEY_ARE) -> Generator[PostgresLand, None, None]:
    with postgres(dict(DURABLE) | dict(settings)) as server:
        yield PostgresLand(server)


@contextmanager
def sqlite_land() -> Generator[SqliteLand, None, None]:
    with TemporaryDirectory(prefix="payme-sidecar-bench-") as folder:
        yield SqliteLand(Path(folder))


class Stock:
    """Makes the orders of one shop, ahead of those who pay them."""

    def __init__(self, ground: Ground, shop: str, field: str) -> None:
        self._ground = ground
        self._statement = MAKE_ORDERS[shop]
        self._field = field
        self._next = 1_000_001

    def __call__(self, number: int) -> Orders:
        orders = Orders(self._next, number, AMOUNT, self._field)
        self._next += number
        numbers = NUMBERS.format(first=orders.first, last=orders.first + number - 1)
        now = time.time_ns() // 1_000_000
        self._ground.run(self._statement.format(numbers=numbers, amount=AMOUNT, now=now))
        return orders


class Plenty:
    """The orders of a shop that keeps none: any number is one."""

    def __init__(self) -> None:
        self._next = 1_000_001

    def __call__(self, number: int) -> Orders:
        orders = Orders(self._next, number, AMOUNT)
        self._next += number
        return orders
