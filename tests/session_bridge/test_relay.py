"""The relay keeps promises at its own pace: in order, side by side, for ever, and never with a transaction open."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

from sidecar import outbox
from sidecar.clock import MINUTE, SECOND
from sidecar.database_clock import Clocks
from sidecar.outbox import LEASE, MessageState
from sidecar.session_bridge.backend import Backend
from sidecar.session_bridge.relay import SIDE_BY_SIDE, Relay, growing_pause, take_turn
from tests.shop import BACKEND, SESSION, Shop


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)


def test_a_delivered_message_is_never_told_again(shop: Shop) -> None:
    shop.paid()
    assert shop.deliver() == 1

    shop.clock.advance(60 * MINUTE)
    assert shop.deliver() == 0
    assert shop.backend.keys == ["authorize:tx1"]


@pytest.mark.parametrize("status", [400, 500, 503])
def test_a_backend_that_stumbles_is_asked_again_for_ever_under_one_key(shop: Shop, status: int) -> None:
    shop.paid()
    shop.backend.status = status
    for _ in range(25):
        assert shop.deliver() == 1
        assert shop.deliver() == 0
        shop.clock.advance(15 * MINUTE)

    shop.backend.status = 200
    assert shop.deliver() == 1
    assert set(shop.backend.keys) == {"authorize:tx1"}


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_no_fault_of_the_messages_and_is_counted_apart(shop: Shop, status: int) -> None:
    shop.paid()
    shop.backend.status = status
    assert shop.deliver() == 1
    assert 'backend_deliveries_total{outcome="denied",topic="authorize"} 1.0' in shop.api("GET", "/metrics").text

    shop.backend.status = 200
    shop.clock.advance(2 * SECOND)
    assert shop.deliver() == 1


def test_a_backend_that_asks_for_time_is_given_it(shop: Shop) -> None:
    shop.backend.answers = busy_for("60")
    shop.paid().deliver()
    shop.backend.answers = None

    shop.clock.advance(60 * SECOND - 1)
    assert shop.deliver() == 0
    shop.clock.advance(1)
    assert shop.deliver() == 1


def test_a_backend_that_asks_for_a_day_is_asked_again_in_a_quarter_of_an_hour(shop: Shop) -> None:
    shop.backend.answers = busy_for("86400")
    shop.paid().deliver()
    shop.backend.answers = None
    shop.clock.advance(15 * MINUTE)

    assert shop.deliver() == 1


def test_a_backend_that_wants_no_pause_gets_ours(shop: Shop) -> None:
    shop.backend.answers = busy_for("0")
    shop.paid().deliver()

    assert shop.deliver() == 0


def busy_for(seconds: str) -> Callable[[httpx.Request], Coroutine[Any, Any, httpx.Response]]:
    async def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(503, headers={"retry-after": seconds})

    return answer


def test_pauses_double_from_a_second_to_a_quarter_of_an_hour() -> None:
    for attempts in range(1, 40):
        exact = min(2 ** (attempts - 1) * SECOND, 15 * MINUTE)
        assert exact <= growing_pause(attempts) <= min(exact + SECOND // 2, 15 * MINUTE)


def test_a_thousandth_attempt_still_waits_a_quarter_of_an_hour() -> None:
    assert growing_pause(100_000) == 15 * MINUTE


def test_pauses_differ_so_that_a_returning_backend_is_not_run_over() -> None:
    assert len({growing_pause(1) for _ in range(50)}) > 1


@pytest.mark.parametrize("status", [404, 409, 410, 422])
def test_what_a_person_must_look_at_is_parked_and_shown(shop: Shop, status: int) -> None:
    shop.paid()
    shop.backend.status = status
    shop.deliver()
    shop.clock.advance(24 * 60 * MINUTE)

    assert shop.deliver() == 0
    (message,) = shop.run(shop.house.database.read(outbox.undelivered))
    assert (message.state, message.attempts, message.last_answer) == (MessageState.PARKED, 1, f"{status} {{}}")


def test_a_parked_message_holds_back_its_own_session_only(shop: Shop) -> None:
    shop.paid()
    shop.backend.status = 500
    shop.deliver()
    shop.cancel()
    shop.backend.status = 404
    shop.clock.advance(2 * SECOND)
    shop.deliver()
    shop.paid("payses_02", "tx2")
    shop.backend.status = 200
    shop.deliver()

    assert shop.backend.keys == ["authorize:tx1", "authorize:tx1", "authorize:tx2"]


def test_a_hanging_call_holds_up_nobody_else(shop: Shop) -> None:
    released = asyncio.Event()

    async def hang_on_the_first(request: httpx.Request) -> httpx.Response:
        if SESSION in str(request.url):
            await released.wait()
        return httpx.Response(200)

    shop.backend.answers = hang_on_the_first
    shop.paid()
    for number in range(2, 30):
        shop.paid(f"payses_0{number}", f"tx{number}")

    async def work() -> None:
        stopping = asyncio.Event()
        running = asyncio.create_task(shop.house.relay.run(stopping))
        await until(lambda: len(shop.backend.asked) == 29)
        waiting = await shop.house.database.read(outbox.undelivered)
        assert [message.session_id for message in waiting][:1] == [SESSION]
        released.set()
        stopping.set()
        await running

    shop.run(work())
    assert shop.run(shop.house.database.read(outbox.undelivered)) == []


def test_what_is_being_told_says_so_until_there_is_an_answer(shop: Shop) -> None:
    shop.paid()

    def standing() -> str:
        [message] = shop.run(shop.house.database.read(outbox.undelivered))
        return message.standing

    assert standing() == "not sent yet"
    shop.run(shop.house.database.move(outbox.claim, shop.clock(), 1))
    assert standing() == "being told, no answer yet"
    shop.clock.advance(LEASE)
    shop.backend.status = 503
    shop.deliver()
    assert standing() == "503 {}"


def test_many_sessions_are_told_side_by_side(shop: Shop) -> None:
    at_once = 0
    most = 0
    full = asyncio.Event()

    async def wait_for_company(_request: httpx.Request) -> httpx.Response:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        if at_once == SIDE_BY_SIDE:
            full.set()
        await full.wait()
        at_once -= 1
        return httpx.Response(200)

    shop.backend.answers = wait_for_company
    for number in range(SIDE_BY_SIDE + 3):
        shop.paid(f"payses_{number}", f"tx{number}")
    shop.deliver()

    assert most == SIDE_BY_SIDE >= 8
    assert len(set(shop.backend.keys)) == SIDE_BY_SIDE + 3


def test_a_backend_that_asks_back_inside_the_call_is_answered(shop: Shop) -> None:
    """Nothing is open while we talk: Medusa asks `authorizePayment` of us inside our own call."""
    statuses: list[str] = []

    async def ask_back(_request: httpx.Request) -> httpx.Response:
        response = await shop.ask("POST", f"/payment-sessions/{SESSION}/authorize", headers=BACKEND)
        statuses.append(response.json()["status"])
        await shop.ask("POST", f"/payment-sessions/{SESSION}/cancel", headers=BACKEND)
        return httpx.Response(200)

    shop.backend.answers = ask_back
    shop.paid()

    assert shop.deliver() == 1
    assert statuses == ["captured"]


def test_a_message_in_hand_at_a_crash_is_told_again_under_its_key(shop: Shop) -> None:
    shop.paid()
    claimed = shop.run(shop.house.database.write(outbox.claim, shop.clock(), 10))
    assert len(claimed) == 1  # … and here the process dies

    shop.clock.advance(LEASE)
    assert shop.deliver() == 1
    assert shop.backend.keys == [claimed[0].idempotency_key]


def test_a_perform_wakes_the_relay_at_once(shop: Shop) -> None:
    async def work() -> None:
        stopping = asyncio.Event()
        running = asyncio.create_task(shop.house.relay.run(stopping))
        await shop.ask("POST", "/payment-sessions", json=session, headers=BACKEND)
        await shop.creating()
        await shop.calling("PerformTransaction", id="tx1")
        await until(lambda: bool(shop.backend.asked))
        stopping.set()
        shop.house.relay.wake()
        await running

    session = {"id": SESSION, "amount": 14_000_000, "currency_code": "uzs"}
    shop.run(work())
    assert shop.backend.keys == ["authorize:tx1"]


def test_a_database_that_is_away_stops_the_relay_for_a_moment_only(shop: Shop) -> None:
    shop.paid()
    failures = 0
    write = shop.house.database.write

    async def fail_twice(*args: object) -> object:
        nonlocal failures
        failures += 1
        if failures <= 2:
            raise ConnectionRefusedError
        return await write(*args)  # type: ignore[arg-type]

    async def work() -> None:
        shop.house.database.write = fail_twice  # type: ignore[method-assign, assignment]
        stopping = asyncio.Event()
        running = asyncio.create_task(shop.house.relay.run(stopping))
        await until(lambda: bool(shop.backend.asked))
        stopping.set()
        shop.house.relay.wake()
        await running

    shop.run(work())
    assert shop.backend.keys == ["authorize:tx1"]


def test_after_an_outage_the_oldest_are_told_first(shop: Shop) -> None:
    shop.backend.status = 503
    for number in range(2 * SIDE_BY_SIDE):
        shop.paid(f"payses_{number:02}", f"tx{number:02}")
        shop.clock.advance(1)
    shop.deliver()
    assert shop.run(shop.house.database.write(outbox.retry_all, shop.clock()))
    shop.backend.asked.clear()
    shop.backend.status = 200
    shop.run(shop.house.relay.start_due())
    shop.run(shop.house.relay.finish())

    assert sorted(shop.backend.keys) == [f"authorize:tx{number:02}" for number in range(SIDE_BY_SIDE)]


def another_relay(shop: Shop) -> Relay:
    """A second replica's, on the same database and for the same backend."""
    house = shop.house
    return Relay(
        house.database,
        Backend(shop.settings, house.client),
        Clocks(shop.clock, shop.clock),
        house.metrics,
        house.scribe.note,
    )


@pytest.mark.parametrize(("late", "told"), [(500, "waiting"), (404, "waiting"), (200, "delivered")])
def test_a_replica_that_was_stopped_for_a_minute_comes_too_late_with_all_but_done(
    shop: Shop, late: int, told: str
) -> None:
    """The token is the number of attempts; "done" is true whoever says it."""
    shop.paid()

    async def work() -> None:
        stopped, other = asyncio.Event(), another_relay(shop)

        async def hang(_request: httpx.Request) -> httpx.Response:
            await stopped.wait()
            return httpx.Response(late)

        async def fail(_request: httpx.Request) -> httpx.Response:
            return httpx.Response(503)

        shop.backend.answers = hang
        assert await shop.house.relay.start_due() == 1
        await until(lambda: len(shop.backend.asked) == 1)
        shop.clock.advance(LEASE)
        shop.backend.answers = fail
        assert await other.start_due() == 1
        await other.finish()
        await other.start_due()
        stopped.set()
        await shop.house.relay.finish()
        await shop.house.relay.start_due()

    shop.run(work())
    rows = shop.run(shop.house.database.read(outbox.undelivered))
    assert [(row.state, row.attempts, row.last_answer) for row in rows] == (
        [("waiting", 2, "503")] if late > 200 else []
    )
    assert (told == "delivered") is (rows == [])
    assert set(shop.backend.keys) == {"authorize:tx1"}


def test_two_relays_share_one_outbox_without_a_leader(shop: Shop) -> None:
    for number in range(3 * SIDE_BY_SIDE):
        shop.paid(f"payses_{number}", f"tx{number}")

    async def work() -> None:
        relays = [shop.house.relay, another_relay(shop)]
        while any([await relay.start_due() for relay in relays]):
            await asyncio.gather(*(relay.finish() for relay in relays))

    shop.run(work())
    assert len(shop.backend.keys) == len(set(shop.backend.keys)) == 3 * SIDE_BY_SIDE


def test_under_load_a_turn_settles_and_claims_many(shop: Shop) -> None:
    """Else each payment would cost a claim and a settlement of its own, twice a delivery's worth of commits."""
    payments = 5 * SIDE_BY_SIDE
    for number in range(payments):
        shop.paid(f"payses_{number}", f"tx{number}")
    turns = 0
    database = shop.house.database
    write, move = database.write, database.move

    def counting(run: Any) -> Any:
        async def counted(work: Any, *args: Any) -> Any:
            nonlocal turns
            turns += work is take_turn
            return await run(work, *args)

        return counted

    async def work() -> None:
        database.write, database.move = counting(write), counting(move)  # type: ignore[method-assign]
        stopping = asyncio.Event()
        running = asyncio.create_task(shop.house.relay.run(stopping))
        while len(shop.backend.asked) < payments:
            shop.house.relay.wake()
            await asyncio.sleep(0)
        stopping.set()
        shop.house.relay.wake()
        await running

    shop.run(work())
    assert shop.run(database.read(outbox.undelivered)) == []
    assert turns < payments / 2


def test_what_is_in_hand_when_it_is_told_to_stop_is_finished_and_written_down(shop: Shop) -> None:
    shop.paid()

    async def work() -> None:
        answer = asyncio.Event()

        async def slow(_request: httpx.Request) -> httpx.Response:
            await answer.wait()
            return httpx.Response(200)

        shop.backend.answers = slow
        stopping = asyncio.Event()
        running = asyncio.create_task(shop.house.relay.run(stopping))
        await until(lambda: bool(shop.backend.asked))
        stopping.set()
        shop.house.relay.wake()
        await asyncio.sleep(0)
        answer.set()
        await running

    shop.run(work())
    assert shop.run(shop.house.database.read(outbox.undelivered)) == []


def test_the_time_from_payment_to_delivery_is_measured(shop: Shop) -> None:
    shop.paid()
    shop.clock.advance(3 * SECOND)
    shop.deliver()
    page = shop.api("GET", "/metrics").text.splitlines()

    assert 'outbox_delivered_after_seconds_sum{topic="authorize"} 3.0' in page
    assert 'outbox_delivered_after_seconds_bucket{le="1.0",topic="authorize"} 0.0' in page
    assert 'outbox_delivered_after_seconds_bucket{le="5.0",topic="authorize"} 1.0' in page
    assert 'backend_delivery_seconds_count{topic="authorize"} 1.0' in page
    (claimed,) = (line for line in page if line.startswith("relay_last_claim_timestamp_seconds "))
    assert float(claimed.split()[1]) == shop.clock() / SECOND


def test_what_was_told_while_the_database_was_away_is_settled_when_it_is_back(shop: Shop) -> None:
    """Not told again after its lease: the backend has answered."""
    shop.paid()
    shop.run(shop.house.relay.start_due())
    shop.run(shop.house.relay.finish())
    write = shop.house.database.write

    async def away(*_args: Any) -> Any:
        raise ConnectionRefusedError

    shop.house.database.write = away  # type: ignore[method-assign, assignment]
    with pytest.raises(ConnectionRefusedError):
        shop.run(shop.house.relay.start_due())
    shop.house.database.write = write  # type: ignore[method-assign]
    shop.run(shop.house.relay.start_due())

    assert shop.run(shop.house.database.read(outbox.undelivered)) == []


def test_a_database_that_is_away_for_long_does_not_fill_the_log(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    asked = 0

    async def away(*_args: Any) -> Any:
        nonlocal asked
        asked += 1
        raise ConnectionRefusedError

    async def work() -> None:
        shop.house.database.move = away  # type: ignore[method-assign, assignment]
        stopping = asyncio.Event()
        running = asyncio.create_task(shop.house.relay.run(stopping))
        while asked < 5:
            shop.house.relay.wake()
            await asyncio.sleep(0.01)
        stopping.set()
        shop.house.relay.wake()
        await running

    shop.run(work())
    said = [record.msg["event"] for record in caplog.records if isinstance(record.msg, dict)]
    assert asked >= 5
    assert said.count("relay.turn_failed") == 1
