"""How a database would answer: on PostgreSQL by the plan that it keeps for all values."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Executable, text

from sidecar.database import Connection, postgres, sqlite
from tests.shop import Shop


def plan(shop: Shop, statement: Executable, values: Mapping[str, object]) -> str:
    database = shop.house.database
    if database.name == "sqlite":
        return str(shop.run(database.read(_on_sqlite, statement, values)))
    return str(shop.run(database.write(_on_postgresql, statement, values)))


def analyze(shop: Shop, *tables: str) -> None:
    def work(connection: Connection) -> None:
        for table in tables:
            connection.execute(text(f"ANALYZE {table}"))

    shop.run(shop.house.database.write(work))


def _on_sqlite(connection: Connection, statement: Executable, values: Mapping[str, object]) -> str:
    sql, _ = sqlite.speak(statement, values)
    rows = connection.execute(text(f"EXPLAIN QUERY PLAN {sql.replace('?', '7')}"))
    return "\n".join(step for *_, step in rows)


def _on_postgresql(connection: Connection, statement: Executable, values: Mapping[str, object]) -> str:
    sql, arguments = postgres.speak(statement, values)
    given = ", ".join(_literal(it) for it in arguments)
    connection.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
    connection.execute(text(f"PREPARE asked AS {sql.replace(':', chr(92) + ':')}"))
    rows = connection.execute(text(f"EXPLAIN EXECUTE asked({given})"))
    connection.execute(text("DEALLOCATE asked"))
    return "\n".join(rows.scalars())


def _literal(value: Any) -> str:
    return "NULL" if value is None else f"'{value}'" if isinstance(value, str) else str(value)
