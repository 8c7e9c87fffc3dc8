"""Where orders come from: what is typed for `--account`, and a test shop's side door."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final

import httpx
import pytest

from payme_sandbox.certification.orders import Effect, NoOrder, Order, Pool, SideDoor, Stock, accounts

AMOUNT: Final = 5_000_000


@pytest.mark.parametrize(
    ("typed", "values"),
    [
        ("7", ["7"]),
        ("7,9,12", ["7", "9", "12"]),
        ("1001..1004", ["1001", "1002", "1003", "1004"]),
        ("5..5", ["5"]),
        ("0098..0101", ["0098", "0099", "0100", "0101"]),
        ("98..101", ["98", "99", "100", "101"]),
        ("ord-1..3", ["ord-1", "ord-2", "ord-3"]),
        ("2026/A-09..11", ["2026/A-09", "2026/A-10", "2026/A-11"]),
        ("1..2,7,x-1..2", ["1", "2", "7", "x-1", "x-2"]),
        ("a=b", ["a=b"]),
        ("01J8Z..", ["01J8Z.."]),
        ("буюртма", ["буюртма"]),
    ],
)
def test_values_are_single_lists_and_ranges(typed: str, values: list[str]) -> None:
    assert accounts([f"order_id={typed}"]) == [{"order_id": value} for value in values]


def test_a_field_may_be_given_again_and_again() -> None:
    assert accounts(["order_id=1..2", "order_id=9"]) == [{"order_id": value} for value in ("1", "2", "9")]


def test_two_fields_go_together_and_a_single_value_goes_with_each() -> None:
    assert accounts(["order_id=1..2", "phone=998,999"]) == [
        {"order_id": "1", "phone": "998"},
        {"order_id": "2", "phone": "999"},
    ]
    assert accounts(["order_id=1..3", "branch=3"]) == [{"order_id": str(it), "branch": "3"} for it in (1, 2, 3)]


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        (["order_id"], "'order_id' is not FIELD=VALUE"),
        (["=7"], "'=7' is not FIELD=VALUE"),
        (["order_id="], "'order_id=' is not FIELD=VALUE"),
        (["order_id=1,,2"], "an empty value"),
        (["order_id=1,"], "an empty value"),
        (["order_id=9..1"], "the range 9..1 must rise"),
        (["order_id=1..10001"], "at most 10,000 values"),
        (["order_id=1..3", "phone=1,2"], "phone has 2 values where another field has 3"),
    ],
)
def test_what_is_typed_wrong_is_said(typed: list[str], wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        accounts(typed)


def test_nothing_typed_is_no_account() -> None:
    assert accounts([]) == []


# ── a pool, and what is given back ─────────────────────────────────────────────────────────────────────────────────


def test_untouched_orders_come_first_then_those_that_were_given_back_in_turn() -> None:
    first, second = (Order({"order_id": number}, AMOUNT) for number in "12")

    async def work() -> list[tuple[Order, bool]]:
        stock = Stock(Pool([first, second]))
        stock.give_back(second)
        stock.give_back(first)
        return [await stock.take(None) for _ in range(4)]

    assert asyncio.run(work()) == [(first, True), (second, True), (second, False), (first, False)]


def test_a_used_order_is_nothing_for_who_needs_an_amount_of_his_own() -> None:
    stock = Stock(Pool([]))
    stock.give_back(Order({"order_id": "1"}, AMOUNT))

    with pytest.raises(NoOrder, match="of an amount of its own"):
        asyncio.run(stock.take(115))


def test_a_pool_says_nothing_of_the_shop() -> None:
    pool = Pool([])

    assert asyncio.run(pool.effect(Order({}, 1))) is None
    assert asyncio.run(pool.hook(works=False)) is False


# ── the side door ──────────────────────────────────────────────────────────────────────────────────────────────────


def asked(answer: Callable[[httpx.Request], httpx.Response], work: Callable[[SideDoor], Any]) -> Any:
    async def visit() -> Any:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            return await work(SideDoor(http, "http://shop.test/door", AMOUNT))

    return asyncio.run(visit())


def test_a_shop_makes_orders_of_any_amount() -> None:
    seen: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((request.method, request.url.path, json.loads(request.content)))
        return httpx.Response(201, json={"account": {"order_id": 17}})

    made = asked(answer, lambda shop: shop.order(115))

    assert made == Order({"order_id": 17}, 115)
    assert seen == [("POST", "/door/orders", {"amount": 115})]
    assert asked(answer, lambda shop: shop.order(None)) == Order({"order_id": 17}, AMOUNT)


def test_a_shop_says_how_often_it_was_told() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert dict(request.url.params) == {"order_id": "17"}
        return httpx.Response(200, json={"paid": 2, "cancelled": 1})

    assert asked(answer, lambda shop: shop.effect(Order({"order_id": 17}, 1))) == Effect(2, 1)


@pytest.mark.parametrize("body", ["", "[]", "{}", "7", "null", '{"paid": "often", "cancelled": 0}', '{"paid": null}'])
@pytest.mark.parametrize("status", [200, 404, 500])
def test_a_shop_that_cannot_say_is_not_asked_for_more(body: str, status: int) -> None:
    assert asked(lambda _: httpx.Response(status, text=body), lambda shop: shop.effect(Order({}, 1))) is None


@pytest.mark.parametrize("body", ["", "[]", "{}", "7", '{"account": 7}', '{"account": {"a": 1}, "amount": "x"}'])
@pytest.mark.parametrize("status", [201, 409, 500])
def test_a_shop_that_makes_no_order_says_so_in_a_sentence(body: str, status: int) -> None:
    with pytest.raises(NoOrder, match=rf"POST http://shop.test/door/orders answered HTTP {status}, and no order"):
        asked(lambda _: httpx.Response(status, text=body), lambda shop: shop.order(1))


def test_a_shop_that_is_away_is_a_sentence_too() -> None:
    def away(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(NoOrder, match=r"the test shop at http://shop.test/door does not answer \(refused\)"):
        asked(away, lambda shop: shop.order(1))


@pytest.mark.parametrize(("status", "can"), [(200, True), (204, True), (404, False), (501, False)])
def test_a_hook_can_be_broken_or_it_cannot(status: int, can: bool) -> None:
    assert asked(lambda _: httpx.Response(status), lambda shop: shop.hook(works=False)) is can
