"""The promise: what the backend must still be told, and in which order."""

from typing import Any

from sqlalchemy import Connection, select

from sidecar import outbox
from sidecar.clock import SECOND, Millis
from sidecar.outbox import LEASE, Message, MessageState
from tests.shop import SESSION, Shop


def claim(shop: Shop, count: int = 10) -> list[Message]:
    return shop.run(shop.house.database.write(outbox.claim, shop.clock(), count))


def settle(shop: Shop, work: Any, *args: Any) -> None:
    shop.run(shop.house.database.write(work, *args))


def states(shop: Shop) -> dict[str, str]:
    def read(connection: Connection) -> dict[str, str]:
        rows = connection.execute(select(outbox.table).order_by(outbox.table.c.number))
        return {f"{row.topic}:{row.transaction_id}": row.state for row in rows}

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

    settle(shop, outbox.postpone, authorize, "500", Millis(shop.clock() + 10))
    assert claim(shop) == []
    shop.clock.advance(10)
    (authorize,) = claim(shop)
    settle(shop, outbox.close, authorize, "200")
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
    settle(shop, outbox.park, late, "404")
    settle(shop, outbox.postpone, late, "500", Millis(0))

    assert states(shop) == {"authorize:tx1": "waiting"}
    assert claim(shop) == []


def test_done_is_true_whoever_says_it(shop: Shop) -> None:
    shop.paid()
    (late,) = claim(shop)
    shop.clock.advance(LEASE)
    claim(shop)
    settle(shop, outbox.close, late, "200")

    assert states(shop) == {"authorize:tx1": "delivered"}


def test_what_is_done_stays_done(shop: Shop) -> None:
    shop.paid()
    (message,) = claim(shop)
    settle(shop, outbox.close, message, "200")
    settle(shop, outbox.postpone, message, "500", Millis(0))
    settle(shop, outbox.park, message, "404")

    assert states(shop) == {"authorize:tx1": "delivered"}


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
    assert shop.run(shop.house.database.read(outbox.backlog)) == (0, 0, None)

    shop.backend.status = 404
    shop.paid().deliver()
    first = shop.clock()
    shop.clock.advance(5)
    shop.paid("payses_02", "tx2")

    assert shop.run(shop.house.database.read(outbox.backlog)) == (1, 1, first)
    assert shop.session(SESSION)["status"] == "captured"
