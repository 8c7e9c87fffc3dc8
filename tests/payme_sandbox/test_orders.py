"""Where orders come from: what is typed for `--account`, and a test shop's side door."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
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
        stock.give_back(second, used=True)
        stock.give_back(first, used=True)
        return [await stock.take(None) for _ in range(4)]

    assert asyncio.run(work()) == [(first, True), (second, True), (second, False), (first, False)]


def test_an_order_that_was_only_looked_at_is_as_good_as_untouched() -> None:
    first, second = (Order({"order_id": number}, AMOUNT) for number in "12")
    stock = Stock(Pool([second]))
    stock.give_back(first, used=False)

    assert asyncio.run(stock.take(None)) == (first, True)
    assert asyncio.run(stock.take(None)) == (second, True)


def test_a_used_order_is_nothing_for_who_needs_an_amount_of_his_own() -> None:
    stock = Stock(Pool([]))
    stock.give_back(Order({"order_id": "1"}, AMOUNT), used=True)

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

    assert made == Order({"order_id": "17"}, 115)
    assert seen == [("POST", "/door/orders", {"amount": 115})]
    assert asked(answer, lambda shop: shop.order(None)) == Order({"order_id": "17"}, AMOUNT)


def test_a_shop_says_how_often_it_was_told() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert dict(request.url.params) == {"order_id": "17"}
        return httpx.Response(200, json={"paid": 2, "cancelled": 1})

    assert asked(answer, lambda shop: shop.effect(Order({"order_id": 17}, 1))) == Effect(2, 1)


DEEP: Final = "[" * 100_000
NO_COUNTS: Final = (
    *("", "[]", "{}", "7", "null", DEEP, "<h1>Welcome</h1>", '{"paid": null}', '{"paid": 1}'),
    *(
        f'{{"paid": {it}, "cancelled": 0}}'
        for it in ('"often"', '"1"', "true", "-1", "1.0", "1e400", "1" * 9, "1" * 5000)
    ),
)


def test_a_shop_that_says_404_cannot_say() -> None:
    assert asked(lambda _: httpx.Response(404, text="<h1>"), lambda shop: shop.effect(Order({}, 1))) is None


@pytest.mark.parametrize("body", NO_COUNTS, ids=lambda body: body[:30])
def test_a_shop_that_talks_nonsense_of_an_order_is_not_taken_for_one_that_cannot_say(body: str) -> None:
    with pytest.raises(
        NoOrder, match=r"the test shop's GET http://shop\.test/door/orders answered HTTP 200, and not how"
    ):
        asked(lambda _: httpx.Response(200, text=body), lambda shop: shop.effect(Order({}, 1)))


@pytest.mark.parametrize("status", [204, 302, 400, 500, 503])
def test_so_is_one_that_stumbles(status: int) -> None:
    body = {"paid": 1, "cancelled": 0} if status >= 300 else None
    with pytest.raises(NoOrder, match=f"answered HTTP {status}, and not how often it was told"):
        asked(lambda _: httpx.Response(status, json=body), lambda shop: shop.effect(Order({}, 1)))


NO_ORDERS: Final = (
    *("", "[]", "{}", "7", DEEP, '{"account": 7}', '{"account": {}}', '{"account": {"a": true}}'),
    *('{"account": {"a": null}}', '{"account": {"a": {}}}', '{"account": {"a": 1.5}}'),
    *(
        f'{{"account": {{"a": 1}}, "amount": {it}}}'
        for it in ('"x"', '"7"', "true", "-5", "0", "1.5", "1e400", "9" * 20)
    ),
    f'{{"account": {{"a": 1}}, "amount": {"9" * 5000}}}',
)


@pytest.mark.parametrize("body", NO_ORDERS, ids=lambda body: body[:40])
@pytest.mark.parametrize("status", [201, 409, 500])
def test_a_shop_that_makes_no_order_says_so_in_a_sentence(body: str, status: int) -> None:
    with pytest.raises(NoOrder, match=rf"POST http://shop.test/door/orders answered HTTP {status}, and no order"):
        asked(lambda _: httpx.Response(status, text=body), lambda shop: shop.order(1))


def test_what_the_shop_said_instead_is_shown_in_one_short_line() -> None:
    page = f"<h1>Server\n\tError</h1>\x1b[2J{'x' * 500}"

    with pytest.raises(NoOrder) as caught:
        asked(lambda _: httpx.Response(500, text=page), lambda shop: shop.order(1))

    assert ", and no order: <h1>Server Error</h1>[2Jxxx" in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("url", ["http://shop.test:x", "http://[::1", "nonsense", "http://xn--a.xn--\u200d"])
def test_an_address_of_no_shop_is_a_sentence_too(url: str) -> None:
    async def visit() -> Order:
        async with httpx.AsyncClient(trust_env=False) as http:
            return await SideDoor(http, url, AMOUNT).order(1)

    with pytest.raises(NoOrder, match="the test shop at "):
        asyncio.run(visit())


def test_a_shop_that_is_away_is_a_sentence_too() -> None:
    def away(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(NoOrder, match=r"the test shop at http://shop.test/door does not answer \(refused\)"):
        asked(away, lambda shop: shop.order(1))


@pytest.mark.parametrize(("status", "can"), [(200, True), (204, True), (404, False)])
def test_a_hook_can_be_broken_or_it_cannot(status: int, can: bool) -> None:
    assert asked(lambda _: httpx.Response(status), lambda shop: shop.hook(works=False)) is can


@pytest.mark.parametrize("status", [302, 401, 500, 501])
def test_a_hook_of_which_nobody_knows_is_no_hook_that_cannot(status: int) -> None:
    with pytest.raises(NoOrder, match=f"POST http://shop.test/door/hook answered HTTP {status}, and not whether"):
        asked(lambda _: httpx.Response(status), lambda shop: shop.hook(works=False))


@pytest.mark.parametrize(
    ("statuses", "unmended"),
    [
        ([], ""),
        ([200], "the run ended before it was mended"),
        ([200, 200], ""),
        ([200, 500], "answered HTTP 500"),
        ([200, 404], "the run ended before it was mended"),
        ([500], "answered HTTP 500"),
        ([500, 200], ""),
        ([404], ""),
        ([404, 404], ""),
    ],
)
def test_a_hook_that_may_still_be_broken_is_remembered(statuses: list[int], unmended: str) -> None:
    answers = iter(statuses)

    async def work(shop: SideDoor) -> str:
        for works, _ in zip((False, True), statuses, strict=False):
            with suppress(NoOrder):
                await shop.hook(works=works)
        return shop.unmended

    said = asked(lambda _: httpx.Response(next(answers)), work)

    assert unmended in said
    assert bool(unmended) == bool(said)
