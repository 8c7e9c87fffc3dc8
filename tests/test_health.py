"""What the house says of its own health: ready or why not, and its numbers even when the database is away."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from demo_shop.postgres import LocalPostgres, free_port
from sidecar import database, schema
from sidecar.clock import HOUR, MINUTE, SECOND, Clock, Millis, system_clock
from sidecar.database_clock import TOLERANCE, Clocks
from sidecar.database_faults import WatchedDatabase
from sidecar.health import PATIENCE, Health
from sidecar.heartbeat import Heartbeat
from sidecar.metrics import STATE, Metrics
from tests.shop import BACKEND, Shop


def why(shop: Shop) -> str | None:
    """The code of what is wrong, None when it is ready."""
    response = shop.run(shop.ask("GET", "/readyz"))
    assert (response.status_code == 200) is ("code" not in response.json())
    code: str | None = response.json().get("code")
    return code


def numbers(shop: Shop) -> dict[str, float]:
    """Every number of the page that has no labels."""
    response = shop.api("GET", "/metrics")
    assert response.status_code == 200
    lines = [line.split(" ") for line in response.text.splitlines() if not line.startswith("#") and "{" not in line]
    return {name: float(value) for name, value in lines}


def message_of(shop: Shop) -> str:
    message: str = shop.run(shop.ask("GET", "/readyz")).json()["message"]
    return message


# ── ready, or why not ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_migrated_database_is_ready(shop: Shop) -> None:
    assert shop.api("GET", "/readyz").json() == {"status": "ready"}


def test_an_old_schema_is_named_with_what_to_run(postgres_server: LocalPostgres) -> None:
    postgres_server.create_database("old_schema")
    shop = Shop(postgres_server.url("old_schema"))

    assert why(shop) == "schema_behind"
    assert "payme-sidecar migrate" in message_of(shop)
    assert numbers(shop)["database_schema_current"] == 0
    shop.run(shop.house.database.alter(schema.migrate))
    assert why(shop) is None
    shop.close()


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("postgresql://nobody@127.0.0.1:1/nothing", "refused"),
        ("postgresql://nobody@host.invalid:5432/nothing", "unreachable"),
    ],
)
def test_a_database_that_cannot_be_reached_is_named_by_kind(url: str, kind: str) -> None:
    shop = Shop(url)

    assert why(shop) == "database_away"
    assert message_of(shop) == f"the database does not answer: {kind}"
    shop.close()


def test_a_database_that_is_not_there_is_named_by_kind(postgres_server: LocalPostgres) -> None:
    shop = Shop(postgres_server.url("never_created"))

    assert message_of(shop) == "the database does not answer: no_such_database"
    shop.close()


@contextmanager
def a_server_that_says_nothing() -> Iterator[int]:
    """Connections are taken, and that is all."""
    with socket.create_server(("127.0.0.1", free_port())) as server:
        yield server.getsockname()[1]


def test_a_database_that_hangs_is_asked_once_and_each_prober_answered_in_time() -> None:
    with a_server_that_says_nothing() as port:
        shop = Shop(f"postgresql://nobody@127.0.0.1:{port}/nothing")
        answers = shop.together(*(shop.ask("GET", "/readyz") for _ in range(20)))

        assert {answer.json()["message"] for answer in answers} == {"the database does not answer: timeout"}
        assert numbers(shop)["database_up"] == 0
        shop.close()


def test_a_question_that_takes_too_long_is_given_up_and_not_asked_again_meanwhile(shop: Shop) -> None:
    asked = 0

    async def work() -> list[Any]:
        nonlocal asked
        answered = asyncio.Event()
        read = shop.house.database.read

        async def hang(*args: Any) -> Any:
            nonlocal asked
            asked += 1
            await answered.wait()
            return await read(*args)

        shop.house.database.read = hang  # type: ignore[method-assign, assignment]
        first = await asyncio.gather(*(shop.ask("GET", "/readyz") for _ in range(3)))
        assert asked == 1
        answered.set()
        return [*first, await shop.ask("GET", "/readyz")]

    codes = [answer.json().get("code") for answer in shop.run(work())]
    assert codes == ["database_away"] * 3 + [None]
    assert PATIENCE < 3


def test_a_database_that_takes_no_writes_is_not_ready_until_it_takes_one(migrated_postgres: LocalPostgres) -> None:
    migrated_postgres.create_database("no_writes", template="empty_but_migrated")
    migrated_postgres.psql("ALTER DATABASE no_writes SET default_transaction_read_only = on")
    shop = Shop(migrated_postgres.url("no_writes"))

    with pytest.raises(Exception, match="read-only"):
        shop.deliver()
    assert why(shop) == "database_read_only"
    assert numbers(shop)["database_read_only"] == 1
    migrated_postgres.psql("ALTER DATABASE no_writes RESET default_transaction_read_only")
    migrated_postgres.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'no_writes'")
    shop.deliver()
    assert why(shop) is None
    shop.close()


# ── the clock ───────────────────────────────────────────────────────────────────────────────────────────────────


def off_by(milliseconds: int) -> Clock:
    return lambda: Millis(system_clock() + milliseconds)


def why_with_a_clock(url: str, ours: Clock) -> tuple[str, str] | None:
    async def work() -> tuple[str, str] | None:
        opened = WatchedDatabase(database.connect(url), lambda _fault: None)
        try:
            return await Health(opened, Clocks(ours), Metrics(), Heartbeat()).why_not_ready()
        finally:
            await opened.close()

    return asyncio.run(work())


@pytest.mark.parametrize("offset", [0, TOLERANCE - 10 * SECOND, 10 * SECOND - TOLERANCE])
def test_a_clock_that_is_nearly_right_is_ready(database_url: str, offset: int) -> None:
    assert why_with_a_clock(database_url, off_by(offset)) is None


@pytest.mark.parametrize(
    ("offset", "words"), [(13 * HOUR, "46800 s ahead of"), (-HOUR, "3600 s behind"), (6 * MINUTE, "360 s ahead of")]
)
def test_a_clock_that_is_wrong_is_not_ready_and_says_by_how_much(database_url: str, offset: int, words: str) -> None:
    reason = why_with_a_clock(database_url, off_by(offset))

    assert reason == ("clock_wrong", f"this machine's clock is {words} the database's")


# ── the numbers ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_numbers_say_what_waits_and_what_is_parked_and_since_when(shop: Shop) -> None:
    shop.backend.status = 404
    shop.paid().deliver()
    shop.clock.advance(60 * SECOND)
    shop.paid("payses_02", "tx2")
    shop.clock.advance(30 * SECOND)
    found = numbers(shop)

    assert (found["outbox_waiting"], found["outbox_waiting_oldest_seconds"]) == (1, 30)
    assert (found["outbox_parked"], found["outbox_parked_oldest_seconds"]) == (1, 90)
    assert found["outbox_oldest_seconds"] == 90


def test_the_numbers_of_a_healthy_house_are_complete(shop: Shop) -> None:
    found = numbers(shop)

    assert set(STATE) <= set(found)
    assert found["database_up"] == found["database_schema_current"] == 1
    assert found["database_read_only"] == found["clock_offset_seconds"] == found["outbox_waiting"] == 0


def test_a_database_that_is_away_leaves_the_numbers_of_the_process() -> None:
    shop = Shop("postgresql://nobody@127.0.0.1:1/nothing")
    shop.check()
    page = shop.api("GET", "/metrics").text.splitlines()

    assert "database_up 0.0" in page
    assert 'payme_calls_total{code="-32400",method="CheckTransaction"} 1.0' in page
    assert not any(line.startswith(("outbox_waiting", "clock_offset")) for line in page)
    (errors,) = (line for line in page if line.startswith('database_errors_total{kind="refused"}'))
    assert float(errors.split()[1]) >= 2
    shop.close()


def test_the_numbers_are_for_those_who_have_the_key(shop: Shop) -> None:
    assert shop.run(shop.ask("GET", "/metrics")).status_code == 401
    assert shop.run(shop.ask("GET", "/metrics", headers=BACKEND)).status_code == 200
