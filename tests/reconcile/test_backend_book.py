"""What a backend may answer: the contract, or anything else, which is never taken for an empty book."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sidecar.clock import Millis
from sidecar.reconcile.backend_book import ANSWER_MAX, BackendAway, BackendBook
from sidecar.reconcile.books import BackendPayment, BackendState
from sidecar.reconcile.period import Period
from tests.reconcile.bookcase import PERIOD, FakeBook
from tests.shop import AMOUNT, BACKEND_KEY, NOON

Answers = Callable[[httpx.Request], httpx.Response]


async def listed(answers: Answers, key: str = BACKEND_KEY) -> list[BackendPayment]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(answers)) as client:
        book = BackendBook(client, "http://medusa.test", key)
        return [payment async for page in book.created_in(PERIOD) for payment in page]


def away(answers: Answers, **how: str) -> str:
    with pytest.raises(BackendAway) as caught:
        asyncio.run(listed(answers, **how))
    assert BACKEND_KEY not in str(caught.value)
    return str(caught.value)


def page(**changes: Any) -> dict[str, Any]:
    return {"payments": [FakeBook().add() | changes], "next": None}


def says(body: object) -> Answers:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _: httpx.Response(200, content=content)


def test_a_period_is_asked_for_page_by_page_with_the_key() -> None:
    book = FakeBook()
    for number in range(450):
        book.add(f"payses_{number}")
    book.add("payses_before", created_time=PERIOD.start - 1)

    found = asyncio.run(listed(book))

    assert [payment.session_id for payment in found] == [f"payses_{number}" for number in range(450)]
    assert len(book.asked) == 3
    assert book.asked[0].url.path == "/admin/payme/payments"


def test_sessions_are_asked_for_by_name() -> None:
    book = FakeBook()
    book.add("payses_1")
    book.add("payses_2")

    async def asked() -> list[BackendPayment]:
        async with httpx.AsyncClient(transport=httpx.MockTransport(book)) as client:
            return await BackendBook(client, "http://medusa.test", BACKEND_KEY).of_sessions(["payses_2", "none"])

    assert [payment.session_id for payment in asyncio.run(asked())] == ["payses_2"]


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, BackendState.CAPTURED),
        ({"captured_amount": 0}, BackendState.AUTHORIZED),
        ({"refunded_amount": 1}, BackendState.RETURNED),
        ({"captured_amount": 0, "canceled_time": NOON}, BackendState.RETURNED),
    ],
)
def test_a_payments_state_follows_from_its_sums(changes: dict[str, Any], state: BackendState) -> None:
    [payment] = asyncio.run(listed(says(page(**changes))))

    assert payment.state is state
    assert payment.amount == AMOUNT


def test_what_a_newer_backend_says_more_is_left_alone() -> None:
    assert asyncio.run(listed(says(page(colour="blue")))) != []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"payments": [], "payments": []}',
        [],
        {},
        {"payments": {}},
        {"payments": None},
        {"payments": [7]},
        {"payments": [{}]},
        page(amount=140000.0),
        page(amount="14000000"),
        page(amount=True),
        page(captured_amount=-1),
        page(captured_amount=2**63),
        page(refunded_amount=None),
        page(session_id=""),
        page(session_id=7),
        page(order_ids=None),
        page(created_time="2026-11-21"),
        page() | {"next": 7},
        page() | {"next": ""},
    ],
)
def test_an_answer_of_another_shape_is_no_book(body: object) -> None:
    assert "docs/reconcile.md" in away(says(body))


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "COMMERCE_BACKEND_KEY"),
        (403, "may not"),
        (404, "older"),
        (501, "--no-backend"),
        (500, "500"),
        (302, "302"),
    ],
)
def test_an_answer_that_is_no_success_says_what_to_look_at(status: int, said: str) -> None:
    line = away(lambda _: httpx.Response(status))

    assert line.startswith(f"the backend at http://medusa.test/admin/payme/payments answered {status}")
    assert said in line


def test_a_backend_that_is_not_there_is_said_to_be_so() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    assert "cannot be asked: ConnectError refused" in away(refuse)


def test_pages_that_go_in_a_circle_end() -> None:
    assert "circle" in away(says(page() | {"next": "pay_0001"}))


def test_a_page_without_an_end_is_not_read_to_it() -> None:
    assert "longer" in away(says(b"[" + b" " * ANSWER_MAX + b"]"))


@pytest.mark.parametrize(
    ("start", "end", "now", "expected"),
    [
        (None, None, NOON, ("2026-09-20 00:00:00", "2026-09-20 23:59:59")),
        ("2026-09-01", "2026-09-20", NOON, ("2026-09-01 00:00:00", "2026-09-20 23:59:59")),
        ("2026-09-01T10:00", "2026-09-01T11:00", NOON, ("2026-09-01 10:00:00", "2026-09-01 10:59:59")),
        ("2h", None, NOON, ("2026-09-21 17:13:20", "2026-09-21 19:13:19")),
    ],
)
def test_a_period_is_read_as_people_say_it(
    start: str | None, end: str | None, now: int, expected: tuple[str, str]
) -> None:
    assert str(Period.read(start, end, Millis(now))) == " – ".join(expected)


@pytest.mark.parametrize(("start", "end"), [("2026-09-02", "2026-09-01"), ("soon", None), (None, "2026-09-01")])
def test_a_period_that_is_none_is_refused(start: str | None, end: str | None) -> None:
    with pytest.raises(ValueError, match="no"):
        Period.read(start, end, Millis(NOON))
