"""The page that runs the scenarios: chapter by chapter, and what is wrong in full."""

import asyncio
import re
from dataclasses import replace

import httpx
import pytest

from payme_sandbox.certification.run import chosen
from payme_sandbox.certification.stage import Plan
from payme_sandbox.counter.visits import Wish
from tests.payme_sandbox.billing import AMOUNT, KEY
from tests.payme_sandbox.counter import PAYME, Counter, run

PAGE = f"{PAYME}/scenarios?l=en"
ORDERS = {"account": "order_id=1..60", "amount": str(AMOUNT), "shop": ""}


async def ready(broken: str = "") -> Counter:
    counter = Counter(broken)
    for _ in range(60):
        await counter.billing.order(None)
    await counter.browser.open(PAGE)
    return counter


async def finished(counter: Counter) -> str:
    while "data-running" in counter.browser.page.source:
        await asyncio.sleep(0.05)
        await counter.browser.open(PAGE)
    return counter.browser.page.source


def test_a_right_endpoint_passes_and_the_page_says_how_far_it_is() -> None:
    async def story() -> None:
        counter = await ready()

        await counter.browser.submit("run", **ORDERS)

        count = len(chosen(Plan()))
        assert re.search(rf"Running: \d+ of {count}", counter.browser.page.source)
        assert 'class="scenario waiting"' in counter.browser.page.source
        source = await finished(counter)
        assert ", 0 failed, " in counter.browser.page.text("summary")
        assert 'class="scenario failed"' not in source
        assert 'value="order_id=61..120"' in source
        assert counter.browser.page.text("used") == "Each run needs fresh orders; this one was given order_id=1..60."

    run(story())


def test_a_defect_is_found_by_name_and_shown_with_what_was_sent_came_and_expected() -> None:
    async def story() -> None:
        counter = await ready("cancelled is final")

        await counter.browser.submit("run", **ORDERS)

        source = await finished(counter)
        assert '<details class="scenario failed" id="perform-after-cancel"' in source
        assert source.count(" open data-open>") == 1  # the first failure; everything else is folded
        assert "PerformTransaction: expected error -31008, found state 2" in source
        assert "https://developer.help.paycom.uz/metody-merchant-api/performtransaction" in source
        failed = source[source.index('id="perform-after-cancel"') :]
        assert "&#34;method&#34;: &#34;PerformTransaction&#34;" in failed
        assert "&#34;state&#34;: 2" in failed

    run(story())


def test_what_the_scenarios_make_is_in_the_log_and_is_no_disagreement() -> None:
    async def story() -> None:
        counter = await ready()
        await counter.played(Wish.PAY)
        await counter.browser.submit("run", **ORDERS)
        await finished(counter)
        await counter.played(Wish.PAY)

        comparison = await counter.cashier.compare()

        assert (comparison.compared, comparison.differences) == (2, ())
        assert len(counter.cashier.log) > 100
        performed = [it for it in counter.cashier.log if it.call.method == "PerformTransaction" and it.call.result]
        assert all(it.order for it in performed)

    run(story())


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "name accounts that may be paid"),
        ({"account": "1001"}, "is not FIELD=VALUE"),
        ({"account": "order_id=9..1"}, "the range 9..1"),
        ({"account": "order_id=1", "amount": "1.5"}, "the amount must be a whole number of tiyin"),
        ({"shop": "shop.uz"}, "must begin with http:// or https://"),
    ],
)
def test_a_run_that_cannot_begin_says_why(given: dict[str, str], words: str) -> None:
    async def story() -> None:
        counter = await ready()

        answer = await counter.http.post(PAGE, data={"amount": "500", **given})

        assert answer.status_code == 400
        assert words in answer.text
        assert not counter.wire.asked

    run(story())


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.Response(301), "Your endpoint redirects (HTTP 301)"),
        (httpx.Response(200, text="<h1>It works!</h1>"), "What came is not a JSON object"),
        (httpx.Response(200, json={"id": 1, "error": {"code": -32504}}), "does not take the key"),
    ],
)
def test_where_a_run_would_show_nothing_the_diagnosis_is_shown_in_place_of_old_results(
    answer: httpx.Response, words: str
) -> None:
    async def story() -> None:
        counter = await ready()
        await counter.browser.submit("run", **ORDERS)
        await finished(counter)
        counter.wire.answers["CheckTransaction"] = answer
        asked = len(counter.wire.asked)

        await counter.browser.submit("run")

        assert words in counter.browser.page.text("diagnosis")
        assert "summary" not in counter.browser.page.elements
        assert len(counter.wire.asked) == asked + 1

    run(story())


def test_orders_that_are_not_payable_begin_no_run() -> None:
    async def story() -> None:
        counter = await ready()
        counter.billing.orders.clear()

        await counter.browser.submit("run", **ORDERS)

        assert f"order_id=1 for {AMOUNT} tiyin is not payable" in counter.browser.page.text("wrong")
        assert counter.wire.methods == ["Check", "Check", "CheckPerform"]

    run(story())


def test_without_an_endpoint_there_is_nothing_to_run() -> None:
    async def story() -> None:
        counter = Counter(connected=False)

        await counter.http.post(PAGE, data=ORDERS)
        await counter.browser.open(PAGE)

        assert "Connect an endpoint first." in counter.browser.page.source
        assert not counter.wire.asked

    run(story())


def test_a_run_can_be_stopped_and_no_second_begins_beside_it() -> None:
    async def story() -> None:
        counter = await ready()
        await counter.browser.submit("run", **ORDERS)

        await counter.http.post(PAGE, data=ORDERS)
        await counter.browser.open(PAGE)
        await counter.browser.submit("stop")

        assert "Stopped" in counter.browser.page.text("summary")
        asked = len(counter.wire.asked)
        await asyncio.sleep(0.05)
        assert len(counter.wire.asked) == asked

    run(story())


def test_the_results_of_one_endpoint_are_not_shown_as_anothers() -> None:
    async def story() -> None:
        counter = await ready()
        await counter.browser.submit("run", **ORDERS)
        await counter.http.post(f"{PAYME}/endpoint", data={"url": "http://other.test/payme", "key": KEY})

        await counter.browser.open(PAGE)
        assert "stop" not in counter.browser.page.forms
        assert "summary" not in counter.browser.page.elements
        await counter.browser.submit("run", **{**ORDERS, "account": "order_id=30..60"})

        await finished(counter)
        assert ", 0 failed, " in counter.browser.page.text("summary")

    run(story())


def test_a_test_shop_is_asked_for_orders_at_its_side_door() -> None:
    async def story() -> None:
        counter = await ready()

        await counter.browser.submit("run", shop="http://shop.test/", amount="500", account="")

        source = await finished(counter)
        assert "POST http://shop.test/orders answered HTTP 404, and no order" in source
        assert "summary" not in counter.browser.page.elements

    run(story())


def test_a_fault_of_ours_is_said_and_not_held_against_the_endpoint_in_silence() -> None:
    async def story() -> None:
        counter = await ready()

        counter.cashier.merchant = replace(counter.cashier.merchant, ids=iter(range(3)))
        await counter.browser.submit("run", **ORDERS)

        assert "the sandbox itself broke: " in await finished(counter)

    run(story())
