"""The promise: what the backend must still be told, and in which order."""

import re
from typing import Final

import pytest
from sqlalchemy import select, text

from sidecar import outbox
from sidecar.clock import HOUR, SECOND, system_clock
from sidecar.database import Connection, postgres, sqlite
from sidecar.outbox import LEASE, Message, MessageState, Settlement
from tests.shop import SESSION, Shop


def claim(shop: Shop, count: int = 10) -> list[Message]:
    return shop.run(shop.house.database.write(outbox.claim, shop.clock(), count))


def settle(shop: Shop, message: Message, state: MessageState, answer: str, pause: int = 0) -> bool:
    """Settle one message; say whether it was still ours to settle."""
    settlement = Settlement(message, state, answer, pause)
    return message.number in shop.run(shop.house.database.write(outbox.settle, [settlement], shop.clock()))


def close(shop: Shop, message: Message) -> bool:
    return settle(shop, message, MessageState.DELIVERED, "200")


def park(shop: Shop, message: Message) -> bool:
    return settle(shop, message, MessageState.PARKED, "404")


def postpone(shop: Shop, message: Message, pause: int = 0) -> bool:
    return settle(shop, message, MessageState.WAITING, "500", pause)


def states(shop: Shop) -> dict[str, str]:
    def read(connection: Connection) -> dict[str, str]:
        rows = map(Message._make, connection.execute(select(outbox.table).order_by(outbox.table.c.number)))
        return {row.idempotency_key: row.state for row in rows}

    return shop.run(shop.house.database.read(read))


def test_a_claimed_message_is_nobody_elses_until_its_lease_runs_out(shop: Shop) -> None:
    shop.paid()
    assert len(claim(shop)) == 1
    assert claim(shop) == []

    shop.clock.advance(LEASE - 1)
    assert claim(shop) == []
    shop.clock.advance(1)
    assert [message.attempts for message in claim(shop)] == [2]


def test_a_lease_ends_within_a_minute_and_after_the_backends_thirty_seconds() -> None:
    assert 30 * SECOND < LEASE < 60 * SECOND


def test_a_claim_takes_no_more_than_asked_and_the_oldest_first(shop: Shop) -> None:
    for number in range(5):
        shop.paid(f"payses_{number}", f"tx{number}")
        shop.clock.advance(1)

    assert sorted(message.transaction_id for message in claim(shop, 3)) == ["tx0", "tx1", "tx2"]
    assert sorted(message.transaction_id for message in claim(shop, 3)) == ["tx3", "tx4"]


def test_a_sessions_second_message_waits_for_its_first(shop: Shop) -> None:
    shop.paid()
    (authorize,) = claim(shop)
    shop.cancel()
    assert claim(shop) == []

    assert postpone(shop, authorize, 10)
    assert claim(shop) == []
    shop.clock.advance(10)
    (authorize,) = claim(shop)
    assert close(shop, authorize)
    assert [message.topic for message in claim(shop)] == ["cancel"]


def test_another_sessions_message_waits_for_nobody(shop: Shop) -> None:
    shop.paid()
    claim(shop)
    shop.paid("payses_02", "tx2")

    assert [message.session_id for message in claim(shop)] == ["payses_02"]


def test_who_lost_the_lease_can_no_longer_say_not_yet_or_never(shop: Shop) -> None:
    shop.paid()
    (late,) = claim(shop)
    shop.clock.advance(LEASE)
    claim(shop)
    assert not park(shop, late)
    assert not postpone(shop, late)

    assert states(shop) == {"authorize:tx1": "waiting"}
    assert claim(shop) == []


def test_done_is_true_whoever_says_it(shop: Shop) -> None:
    shop.paid()
    (late,) = claim(shop)
    shop.clock.advance(LEASE)
    claim(shop)
    assert close(shop, late)

    assert states(shop) == {"authorize:tx1": "delivered"}


def test_what_is_done_stays_done(shop: Shop) -> None:
    shop.paid()
    (message,) = claim(shop)
    assert close(shop, message)
    assert not postpone(shop, message)
    assert not park(shop, message)

    assert states(shop) == {"authorize:tx1": "delivered"}


# ── whose clock ──────────────────────────────────────────────────────────────────────────────────────────────────


def claim_by_the_databases_clock(shop: Shop) -> list[Message]:
    return shop.run(shop.house.database.move(outbox.claim, None, 10))


@pytest.mark.parametrize("offset", [13 * HOUR, -HOUR, None], ids=["ahead", "behind", "in 1970"])
def test_a_replica_whose_clock_is_wrong_delays_no_message(shop: Shop, offset: int | None) -> None:
    shop.clock.now = 1 if offset is None else system_clock() + offset
    shop.paid()

    assert len(claim_by_the_databases_clock(shop)) == 1


def test_a_lease_runs_by_the_databases_clock(shop: Shop) -> None:
    shop.paid()
    began = system_clock()
    (message,) = claim_by_the_databases_clock(shop)

    assert began - SECOND <= message.due_time - LEASE <= system_clock() + SECOND
    assert claim_by_the_databases_clock(shop) == []


def test_a_pause_and_a_retry_go_by_the_databases_clock(shop: Shop) -> None:
    shop.paid()
    (message,) = claim_by_the_databases_clock(shop)
    postponed = Settlement(message, MessageState.WAITING, "500", HOUR)
    assert shop.run(shop.house.database.write(outbox.settle, [postponed], None)) == {1}
    assert claim_by_the_databases_clock(shop) == []

    assert shop.run(shop.house.database.write(outbox.retry, 1))
    assert len(claim_by_the_databases_clock(shop)) == 1


# ── a long backlog ──────────────────────────────────────────────────────────────────────────────────────────────

BACKLOG: Final = 20_000
SESSION_COLUMNS: Final = "id, order_id, amount, currency_code, created_time"
FILL: Final = """
    WITH RECURSIVE counted(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM counted WHERE i < {count})
    INSERT INTO {table} SELECT {columns} FROM counted
"""


def fill(shop: Shop, state: str, due_time: str) -> None:
    """Put sessions with a message each into the database, past the doors."""

    def work(connection: Connection) -> None:
        session = "'s' || i, 's' || i, 100, 'uzs', 1"
        message = f"i - 100000, 's' || i, 'authorize', 't' || i, '{{}}', '{state}', 1, {due_time}, 0, ''"
        connection.execute(
            text(FILL.format(table=f"payment_session ({SESSION_COLUMNS})", columns=session, count=BACKLOG))
        )
        connection.execute(text(FILL.format(table="outbox_message", columns=message, count=BACKLOG)))

    shop.run(shop.house.database.write(work))
    if shop.house.database.name == "postgresql":
        shop.run(shop.house.database.read(lambda connection: connection.execute(text("ANALYZE outbox_message"))))


def plan(shop: Shop) -> str:
    """How the database would claim: on PostgreSQL by the plan that it keeps for all values."""

    def on_sqlite(connection: Connection) -> str:
        sql, _ = sqlite.speak(outbox.CLAIM, {"now": None, "count": 16})
        rows = connection.execute(text(f"EXPLAIN QUERY PLAN {sql.replace('?', 'NULL')}"))
        return "\n".join(step for *_, step in rows)

    def on_postgresql(connection: Connection) -> str:
        sql, _ = postgres.speak(outbox.CLAIM, {"now": None, "count": 16})
        connection.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
        connection.execute(text(f"PREPARE claim(bigint, bigint) AS {sql}"))
        rows = connection.execute(text("EXPLAIN EXECUTE claim(NULL, 16)"))
        connection.execute(text("DEALLOCATE claim"))
        return "\n".join(rows.scalars())

    if shop.house.database.name == "sqlite":
        return shop.run(shop.house.database.read(on_sqlite))
    return shop.run(shop.house.database.write(on_postgresql))


@pytest.mark.parametrize("due_time", ["i", "7"], ids=["one after the other", "all at one moment"])
def test_a_claim_of_a_long_backlog_reads_only_what_it_takes(shop: Shop, due_time: str) -> None:
    """All at one moment is what `outbox retry --all` makes of them."""
    fill(shop, "waiting", due_time)
    steps = plan(shop)

    assert "outbox_message_due" in steps
    assert "outbox_message_undelivered" in steps
    assert not re.search(r"Seq Scan|Bitmap|Sort Key: outbox|TEMP B-TREE|SCAN outbox_message(?! USING INDEX)", steps), (
        steps
    )
    assert len(claim(shop)) == 10


def test_what_is_delivered_is_in_no_relays_way(shop: Shop) -> None:
    fill(shop, "delivered", "i")
    shop.paid()

    assert "outbox_message_due" in plan(shop)
    assert len(claim(shop)) == 1


# ── a payment taken back ────────────────────────────────────────────────────────────────────────────────────────


def test_a_refund_before_the_backend_was_ever_asked_closes_both_messages_unsent(shop: Shop) -> None:
    shop.paid().cancel()

    assert states(shop) == {"authorize:tx1": "withdrawn", "cancel:tx1": "withdrawn"}
    assert shop.deliver() == 0


def test_a_refund_of_what_the_backend_refused_closes_both_messages_unsent(shop: Shop) -> None:
    shop.paid()
    shop.backend.status = 404
    shop.deliver()
    shop.cancel()

    assert states(shop) == {"authorize:tx1": "withdrawn", "cancel:tx1": "withdrawn"}
    assert shop.run(shop.house.database.read(outbox.undelivered)) == []


def test_a_refund_after_an_unknown_outcome_is_told_after_the_authorize(shop: Shop) -> None:
    shop.paid()
    shop.backend.status = 500
    shop.deliver()
    shop.cancel()
    shop.backend.status = 200
    shop.clock.advance(2 * SECOND)
    shop.deliver()

    assert shop.backend.keys == ["authorize:tx1", "authorize:tx1", "cancel:tx1"]


def test_a_refund_while_the_authorize_is_in_hand_is_told_too(shop: Shop) -> None:
    shop.paid()
    claim(shop)
    shop.cancel()

    assert states(shop) == {"authorize:tx1": "waiting", "cancel:tx1": "waiting"}


def test_a_refund_of_what_the_backend_has_taken_is_told(shop: Shop) -> None:
    shop.paid().deliver()
    shop.cancel()
    shop.deliver()

    assert shop.backend.keys == ["authorize:tx1", "cancel:tx1"]


def test_only_moves_are_promised_and_each_once(shop: Shop) -> None:
    shop.register()
    shop.create()
    shop.cancel()
    shop.create("tx2")
    shop.perform("tx2")
    shop.perform("tx2")
    shop.cancel("tx1")
    shop.deliver()
    shop.cancel("tx2")
    shop.cancel("tx2")

    assert states(shop) == {"authorize:tx2": "delivered", "cancel:tx2": "waiting"}


# ── the operator ────────────────────────────────────────────────────────────────────────────────────────────────


def test_retry_makes_a_parked_message_due_now(shop: Shop) -> None:
    shop.paid()
    shop.backend.status = 409
    shop.deliver()
    (parked,) = shop.run(shop.house.database.read(outbox.undelivered))
    assert parked.state is MessageState.PARKED

    assert shop.run(shop.house.database.write(outbox.retry, parked.number, shop.clock()))
    shop.backend.status = 200
    assert shop.deliver() == 1
    assert states(shop) == {"authorize:tx1": "delivered"}


def test_retry_makes_a_waiting_message_due_now(shop: Shop) -> None:
    shop.paid()
    shop.backend.status = 500
    for _ in range(10):
        shop.deliver()
        shop.clock.advance(1000 * SECOND)
    shop.deliver()
    shop.backend.status = 200

    assert shop.deliver() == 0
    assert shop.run(shop.house.database.write(outbox.retry_all, shop.clock())) == [1]
    assert shop.deliver() == 1


def test_retry_knows_nothing_of_what_is_delivered_or_never_was(shop: Shop) -> None:
    shop.paid().deliver()

    assert not shop.run(shop.house.database.write(outbox.retry, 1, shop.clock()))
    assert not shop.run(shop.house.database.write(outbox.retry, 99, shop.clock()))
    assert shop.run(shop.house.database.write(outbox.retry_all, shop.clock())) == []


def test_the_backlog_counts_what_waits_and_what_is_parked(shop: Shop) -> None:
    assert shop.run(shop.house.database.read(outbox.backlog)) == (0, 0, None, None)

    shop.backend.status = 404
    shop.paid().deliver()
    first = shop.clock()
    shop.clock.advance(5)
    shop.paid("payses_02", "tx2")

    assert shop.run(shop.house.database.read(outbox.backlog)) == (1, 1, shop.clock(), first)
    assert shop.session(SESSION)["status"] == "captured"
