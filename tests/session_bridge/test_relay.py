"""The relay keeps promises at its own pace: in order, side by side, for ever, and never with a transaction open."""

import asyncio
from collections.abc import Callable

import httpx
import pytest

from sidecar import outbox
from sidecar.clock import MINUTE, SECOND
from sidecar.outbox import LEASE, MessageState
from sidecar.session_bridge.relay import SIDE_BY_SIDE, growing_pause
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
