"""Calls that arrive together: in one process, and in two that share a database.

Who wins a race is chance, so each is run more than once and judged by its end. The first tests need no luck: they show
the lock and the undoing that every other one leans on.
"""

import threading
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import pytest

from sidecar import payment_sessions
from sidecar.clock import Millis
from sidecar.database import Connection
from sidecar.payment_sessions import PaymentSession
from tests.shop import AMOUNT, BACKEND, NOON, Shop, code

ROUNDS: Final = 5
NEW_AMOUNT: Final = AMOUNT + 1
SYSTEM_ERROR: Final = -32400
TRIES: Final = 5
PATIENCE: Final = 30.0  # seconds; nothing here takes one
A_MOMENT: Final = 0.3  # seconds in which somebody who does not wait would be done

Call = Callable[[Shop], Coroutine[Any, Any, Any]]
Race = Callable[..., list[Any]]


@pytest.fixture
def neighbour(database_url: str, shop: Shop) -> Iterator[Shop]:
    """A second process on the same database, as far as the database can tell."""
    it = Shop(database_url)
    yield it
    it.close()


@pytest.fixture(params=["one process", "two processes"])
def race(request: pytest.FixtureRequest, shop: Shop) -> Race:
    """Run calls at once, in turn here and next door, and give what came of each."""
    shops = [shop]
    if request.param == "two processes":
        shops.append(request.getfixturevalue("neighbour"))

    def run(*calls: Call) -> list[Any]:
        answers: list[Any] = [None] * len(calls)
        start = threading.Barrier(len(shops))

        def one(number: int, it: Shop) -> None:
            mine = slice(number, None, len(shops))
            start.wait(PATIENCE)
            answers[mine] = it.together(*(until_answered(call, it) for call in calls[mine]))

        with ThreadPoolExecutor(len(shops)) as pool:
            list(pool.map(one, range(len(shops)), shops))
        return answers

    return run


# ── what the races lean on ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_second_lock_on_a_session_waits_until_the_first_commits(shop: Shop, neighbour: Shop) -> None:
    shop.register("ses1", order_id="order1")
    shop.create("tx1", order="order1")
    locked, other_is_through = threading.Event(), threading.Event()

    def hold_and_change(connection: Connection) -> None:
        session = payment_sessions.lock(connection, "ses1")
        assert session
        locked.set()
        other_is_through.wait(A_MOMENT)
        payment_sessions.change(connection, session._replace(locale="uz"))

    def come_second(connection: Connection) -> PaymentSession | None:
        found = payment_sessions.lock(connection, "ses1")
        other_is_through.set()
        return found

    def next_door() -> PaymentSession | None:
        assert locked.wait(PATIENCE)
        return neighbour.run(neighbour.house.database.write(come_second))

    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(next_door)
        shop.run(shop.house.database.write(hold_and_change))
        found = second.result(PATIENCE)

    assert found
    assert found.locale == "uz"


@pytest.mark.parametrize("call", ["CreateTransaction", "PerformTransaction"])
def test_a_session_that_is_closed_while_payme_calls_is_closed_for_that_call_too(
    shop: Shop, neighbour: Shop, call: str
) -> None:
    """What was seen open is held open by the statement that stores, or nothing is stored."""
    shop.register("ses1", order_id="order1")
    if call == "PerformTransaction":
        shop.create("tx1", order="order1")
    locked, other_is_through = threading.Event(), threading.Event()

    def close_slowly(connection: Connection) -> None:
        session = payment_sessions.lock(connection, "ses1")
        assert session
        locked.set()
        other_is_through.wait(A_MOMENT)
        payment_sessions.close(connection, session, Millis(shop.clock.now))

    def next_door() -> Any:
        assert locked.wait(PATIENCE)
        answer = neighbour.create("tx1", order="order1") if call == "CreateTransaction" else neighbour.perform("tx1")
        other_is_through.set()
        return answer

    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(next_door)
        shop.run(shop.house.database.write(close_slowly))
        answer = second.result(PATIENCE)

    assert answer["error"]["code"] == {"CreateTransaction": -31052, "PerformTransaction": -31008}[call]


def test_a_unit_of_work_that_raises_leaves_nothing_behind(shop: Shop) -> None:
    shop.register("ses0")

    def half(connection: Connection) -> None:
        session = payment_sessions.find(connection, "ses0")
        assert session
        payment_sessions.record(connection, session._replace(id="ses1", order_id="ses1"))
        assert payment_sessions.find(connection, "ses1")
        raise RuntimeError("the other half never came")

    with pytest.raises(RuntimeError, match="the other half"):
        shop.run(shop.house.database.write(half))

    assert shop.run(shop.house.database.read(payment_sessions.find, "ses1")) is None
    assert shop.register("ses1").status_code == 201


# ── Payme against Payme ────────────────────────────────────────────────────────────────────────────────────────────


def test_sixteen_parallel_creates_with_one_id_give_one_answer(shop: Shop, race: Race) -> None:
    for id_, order in fresh(shop):
        answers = race(*[creating(id_, order)] * 16)

        assert answers == [answers[0]] * 16
        assert answers[0]["result"]["state"] == 1
        assert len(rows_of(shop, order)) == 1


def test_twelve_parallel_creates_on_one_order_give_one_winner_and_eleven_busy_answers(shop: Shop, race: Race) -> None:
    for id_, order in fresh(shop):
        answers = race(*(creating(f"{id_}_{number}", order) for number in range(12)))

        assert Counter(code(it) for it in answers) == {0: 1, -31051: 11}
        assert [row["state"] for row in rows_of(shop, order)] == [1]


def test_twelve_parallel_creates_on_an_order_held_by_an_overdue_one_give_one_winner(shop: Shop, race: Race) -> None:
    for id_, order in fresh(shop):
        shop.create(f"{id_}_old", order=order, time=shop.clock.now - 12 * 3_600_000 + 1)
        shop.clock.advance(1)

        answers = race(*(creating(f"{id_}_{number}", order, time=NOON * 2) for number in range(12)))

        assert Counter(code(it) for it in answers) == {0: 1, -31051: 11}
        assert [(row["state"], row["reason"]) for row in rows_of(shop, order)] == [(-1, 4), (1, None)]


def test_one_id_created_in_parallel_on_two_orders_is_one_transaction(shop: Shop, race: Race) -> None:
    for id_, order in fresh(shop):
        shop.register(f"{order}_2")

        answers = race(*(creating(id_, one) for one in (order, f"{order}_2") * 6))

        assert answers == [answers[0]] * 12
        assert answers[0]["result"]["state"] == 1
        assert len(rows_of(shop, order) + rows_of(shop, f"{order}_2")) == 1


def test_twenty_parallel_performs_give_one_time_and_one_message(shop: Shop, race: Race) -> None:
    for id_, order in fresh(shop):
        shop.create(id_, order=order)

        answers = race(*[performing(id_)] * 20)

        assert answers == [answers[0]] * 20
        assert answers[0]["result"]["state"] == 2
        assert told(shop) == [f"authorize:{id_}"]


def test_twenty_parallel_cancels_of_a_payment_give_one_time_and_one_message(shop: Shop, race: Race) -> None:
    for id_, order in fresh(shop):
        shop.paid(order, id_)
        told(shop)

        answers = race(*(cancelling(id_, reason) for reason in range(20)))

        assert answers == [answers[0]] * 20
        assert answers[0]["result"]["state"] == -2
        assert told(shop) == [f"cancel:{id_}"]


def test_performs_against_cancels_end_in_one_story_that_everybody_tells(shop: Shop, race: Race) -> None:
    for id_, order in fresh(shop):
        shop.create(id_, order=order)

        answers = race(*[performing(id_), cancelling(id_, 5)] * 10)

        (row,) = rows_of(shop, order)
        performed = {it["result"]["perform_time"] for it in answers if "perform_time" in it.get("result", {})}
        cancelled = [it["result"] for it in answers if "cancel_time" in it.get("result", {})]
        assert row["state"] in {-1, -2}
        assert cancelled == [{key: row[key] for key in ("transaction", "cancel_time", "state")}] * 10
        assert performed <= {row["perform_time"]}
        assert (row["state"] == -2) == (row["perform_time"] > 0)
        assert {code(it) for it in answers} <= {0, -31008}
        assert told(shop) == []  # what was paid and taken back before anybody was told is nobody's business


def test_a_refund_against_the_relay_is_told_whole_or_not_at_all(shop: Shop, race: Race) -> None:
    for id_, order in fresh(shop):
        shop.paid(order, id_)

        race(relaying, cancelling(id_, 5), relaying)

        assert shop.check(id_)["result"]["state"] == -2
        assert told(shop) in ([], [f"authorize:{id_}", f"cancel:{id_}"])


# ── Payme against the backend ──────────────────────────────────────────────────────────────────────────────────────


def test_perform_against_the_closing_of_its_session_has_one_winner(shop: Shop, race: Race) -> None:
    for id_, order in fresh(shop):
        shop.create(id_, order=order)

        answers = race(performing(id_), closing(order), closing(order), performing(id_))

        state = shop.check(id_)["result"]["state"]
        performed, closed = [answers[0], answers[3]], answers[1:3]
        assert state in {2, -1}
        assert {code(it) for it in performed} == {0 if state == 2 else -31008}
        assert {it.status_code for it in closed} == {409 if state == 2 else 200}
        assert shop.session(order)["status"] == ("captured" if state == 2 else "canceled")
        assert told(shop) == ([f"authorize:{id_}"] if state == 2 else [])


def test_create_against_the_closing_of_its_session_is_before_it_or_refused(shop: Shop, race: Race) -> None:
    for id_, order in fresh(shop):
        answers = race(creating(id_, order), closing(order), closing(order), creating(id_, order))

        created, closed = [answers[0], answers[3]], answers[1:3]
        assert [it.status_code for it in closed] == [200, 200]
        assert {code(it) for it in created} <= {0, -31052}
        assert code(shop.create(f"{id_}_later", order=order)) == -31052
        assert code(shop.perform(id_)) == (-31008 if rows_of(shop, order) else -31003)
        assert told(shop) == []


def test_no_transaction_has_the_old_amount_after_an_update_was_answered(shop: Shop, race: Race) -> None:
    for id_, order in fresh(shop):
        update, *_ = race(
            updating(order, NEW_AMOUNT),
            creating(f"{id_}_old", order),
            creating(f"{id_}_new", order, NEW_AMOUNT),
            creating(f"{id_}_late", order),
        )

        owed = shop.session(order)["amount"]
        assert update.status_code in {200, 409}
        assert owed == (NEW_AMOUNT if update.status_code == 200 else AMOUNT)
        assert {row["amount"] for row in rows_of(shop, order)} <= {owed}


def test_two_registrations_of_one_order_under_two_ids_have_one_winner(shop: Shop, race: Race) -> None:
    for _, order in fresh(shop):
        answers = race(*(registering(f"{order}_{number % 2}", f"new_{order}") for number in range(8)))

        by_session = {it.json().get("id"): it.json() for it in answers if it.is_success}
        refused = {it.json()["code"] for it in answers if not it.is_success}
        assert Counter(it.status_code for it in answers) == {201: 1, 200: 3, 409: 4}
        assert len(by_session) == 1
        assert refused == {"order_taken"}


def test_identical_registrations_at_once_get_one_answer(shop: Shop, race: Race) -> None:
    for _, order in fresh(shop):
        answers = race(*[registering(f"{order}_new", f"new_{order}")] * 8)

        assert Counter(it.status_code for it in answers) == {201: 1, 200: 7}
        assert [it.json() for it in answers] == [answers[0].json()] * 8


def test_closing_against_a_new_registration_of_the_order_leaves_one_session_in_charge(shop: Shop, race: Race) -> None:
    for id_, order in fresh(shop):
        race(closing(order), registering(f"{order}_2", order), creating(id_, order), registering(f"{order}_3", order))

        statuses = [shop.api("GET", f"/payment-sessions/{order}{it}").json().get("status") for it in ("", "_2", "_3")]
        assert statuses[0] == "canceled"
        assert statuses.count("pending") <= 1
        assert len([row for row in rows_of(shop, order) if row["state"] != -1]) <= 1


# ── who calls what ─────────────────────────────────────────────────────────────────────────────────────────────────


def fresh(shop: Shop) -> Iterator[tuple[str, str]]:
    """For each round an order that was just registered, and an id for Payme to use."""
    for number in range(ROUNDS):
        order = f"order_{number}"
        assert shop.register(order).status_code == 201
        yield f"tx_{number}", order


def creating(id_: str, order: str, amount: int = AMOUNT, time: int | None = None) -> Call:
    return lambda shop: at_its_own_time(shop, shop.creating(id_, order, amount, NOON if time is None else time))


def performing(id_: str) -> Call:
    return lambda shop: at_its_own_time(shop, shop.calling("PerformTransaction", id=id_))


def cancelling(id_: str, reason: int) -> Call:
    return lambda shop: at_its_own_time(shop, shop.calling("CancelTransaction", id=id_, reason=reason))


async def until_answered(call: Call, shop: Shop) -> Any:
    """Ask again after "ask me again", as Payme does: on a busy machine somebody waits too long for a connection."""
    for _ in range(TRIES - 1):
        answer = await call(shop)
        if not isinstance(answer, dict) or code(answer) != SYSTEM_ERROR:
            return answer
    return await call(shop)


async def at_its_own_time(shop: Shop, call: Coroutine[Any, Any, Any]) -> Any:
    """On a clock that stands still everybody would agree on the time by chance."""
    shop.clock.advance(1)
    return await call


def registering(id_: str, order: str) -> Call:
    body = {"id": id_, "order_id": order, "amount": AMOUNT, "currency_code": "uzs"}
    return lambda shop: shop.ask("POST", "/payment-sessions", json=body, headers=BACKEND)


def updating(id_: str, amount: int) -> Call:
    return lambda shop: shop.ask("POST", f"/payment-sessions/{id_}", json={"amount": amount}, headers=BACKEND)


def closing(id_: str) -> Call:
    return lambda shop: shop.ask("DELETE", f"/payment-sessions/{id_}", headers=BACKEND)


async def relaying(shop: Shop) -> None:
    await shop.house.relay.start_due()
    await shop.house.relay.finish()


def rows_of(shop: Shop, order: str) -> list[dict[str, Any]]:
    return [row for row in shop.statement(0, NOON * 4) if row["account"]["order_id"] == order]


def told(shop: Shop) -> list[str]:
    """All that the backend hears now, and heard in this round."""
    shop.clock.advance(60_000)
    shop.deliver()
    keys = shop.backend.keys
    shop.backend.asked.clear()
    return keys
