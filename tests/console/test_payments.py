"""The list of payments: newest first, a page at a time, by any filter, and never more looked at than a page needs."""

from typing import Final

import pytest
from sqlalchemy import text

from sidecar.clock import Millis
from sidecar.console import payments
from sidecar.console.payments import Key, Page, Payment, Status, Wish
from tests.shop import AMOUNT, NOON, Shop

ALL: Final = Wish(Millis(0), Millis(NOON * 2))


def listed(shop: Shop, wish: Wish = ALL, after: Key | None = None, count: int = 40) -> Page:
    return shop.run(shop.house.database.read(payments.page, wish, after, count))


def found(shop: Shop, word: str) -> list[Payment]:
    return shop.run(shop.house.database.read(payments.search, word))


def ids(page: list[Payment]) -> list[str]:
    return [it.session_id for it in page]


@pytest.fixture
def each(shop: Shop) -> Shop:
    """One payment of every status, a second apart."""
    for status in Status:
        shop.clock.advance(1_000)
        shop.register(status)
        if status not in {Status.WAITING, Status.CLOSED}:
            shop.create(f"tx-{status}", order=status)
        if status in {Status.PAID, Status.REFUNDED}:
            shop.perform(f"tx-{status}")
        if status in {Status.REFUNDED, Status.FAILED}:
            shop.cancel(f"tx-{status}")
        if status is Status.CLOSED:
            shop.close_session(status)
    return shop


def test_the_newest_is_first(each: Shop) -> None:
    assert ids(listed(each).payments) == list(reversed(Status))


def test_each_stands_as_its_owner_would_say(each: Shop) -> None:
    assert [it.status for it in listed(each).payments] == list(reversed(Status))


@pytest.mark.parametrize("status", Status)
def test_a_status_is_filtered(each: Shop, status: Status) -> None:
    page = listed(each, ALL._replace(status=status))

    assert ids(page.payments) == [status]
    assert page.next is None


def test_the_newest_try_says_how_a_payment_stands(shop: Shop) -> None:
    shop.register()
    shop.create("tx1")
    shop.cancel("tx1")
    shop.create("tx2")
    shop.perform("tx2")

    [payment] = listed(shop).payments
    assert (payment.payme_id, payment.status, payment.amount) == ("tx2", Status.PAID, AMOUNT)


def test_a_closed_session_with_a_refused_try_is_closed(shop: Shop) -> None:
    shop.register()
    shop.create()
    shop.cancel()
    shop.close_session()

    assert ids(listed(shop, ALL._replace(status=Status.CLOSED)).payments) == ["payses_01"]
    assert listed(shop, ALL._replace(status=Status.FAILED)).payments == []


def test_a_period_holds_its_first_millisecond_and_not_its_last(shop: Shop) -> None:
    shop.register()

    assert ids(listed(shop, Wish(Millis(NOON), Millis(NOON + 1))).payments) == ["payses_01"]
    assert listed(shop, Wish(Millis(NOON + 1), Millis(NOON + 2))).payments == []
    assert listed(shop, Wish(Millis(NOON - 1), Millis(NOON))).payments == []


@pytest.mark.parametrize("pause", [0, 1])
def test_pages_together_are_the_whole_list(shop: Shop, pause: int) -> None:
    """Also when all were created in one millisecond."""
    for number in range(7):
        shop.register(f"s{number}")
        shop.clock.advance(pause)

    pages: list[list[str]] = []
    after: Key | None = None
    while not pages or after:
        page = listed(shop, after=after, count=3)
        pages.append(ids(page.payments))
        after = page.next

    assert [len(page) for page in pages] == [3, 3, 1]
    assert [it for page in pages for it in page] == [f"s{number}" for number in (6, 5, 4, 3, 2, 1, 0)]


def test_a_rare_status_is_looked_for_a_stretch_at_a_time(shop: Shop) -> None:
    shop.paid("paid")
    shop.run(shop.house.database.write(lambda connection: connection.execute(MANY)))
    assert payments.LOOK_AT == 2000

    page = listed(shop, ALL._replace(status=Status.PAID))
    assert page.payments == []
    assert page.looked_until == NOON + 1
    page = listed(shop, ALL._replace(status=Status.PAID), page.next)
    assert ids(page.payments) == ["paid"]
    assert (page.next, page.looked_until) == (None, None)


MANY: Final = text("""
    INSERT INTO payment_session (id, order_id, amount, currency_code, created_time)
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2000)
    SELECT 's' || n, 's' || n, 1, 'uzs', 1790000000000 + n FROM numbers
""")


@pytest.mark.parametrize("word", ["order-7", "payses_7", "tx7", "1"])
def test_a_payment_is_found_by_everything_that_names_it(shop: Shop, word: str) -> None:
    shop.register("payses_7", order_id="order-7")
    shop.create("tx7", order="order-7")
    shop.register("payses_8")

    assert ids(found(shop, word)) == ["payses_7"]


@pytest.mark.parametrize("word", ["order", "ORDER-7", "%", "_", "' OR 1=1 --", "99", "9" * 40, "9" * 5_000, "٣", ""])
def test_nothing_else_is_found(shop: Shop, word: str) -> None:
    shop.register("payses_7", order_id="order-7")

    assert found(shop, word) == []


def test_every_session_of_an_order_is_found(shop: Shop) -> None:
    shop.register("first", order_id="order")
    shop.close_session("first")
    shop.clock.advance(1)
    shop.register("second", order_id="order")

    assert ids(found(shop, "order")) == ["second", "first"]
