"""The merchant's cabinet at Payme: endpoint, payments by hand, refunds, comparison, log."""

import httpx
import pytest

from payme_sandbox.counter.receipts import Standing
from payme_sandbox.counter.visits import Wish
from payme_sandbox.link import Link
from tests.payme_sandbox.billing import AMOUNT, KEY
from tests.payme_sandbox.counter import ENDPOINT, MERCHANT, PAYME, Counter, run

ENGLISH = f"{PAYME}/?l=en"


# ── the endpoint ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_without_an_endpoint_the_first_page_asks_for_one_and_the_key_is_never_shown_again() -> None:
    async def story() -> None:
        counter = Counter(connected=False)
        await counter.browser.open(ENGLISH)

        await counter.browser.submit("endpoint-form", url=ENDPOINT, key=KEY)

        assert counter.browser.page.text("diagnosis") == "It answers, and takes the key."
        assert counter.desk.cashier is not None
        assert counter.desk.cashier.cashbox.credential == f"Paycom:{KEY}"
        for path in ("/", "/log", "/scenarios"):
            source = (await counter.http.get(PAYME + path)).text
            assert KEY not in source
            assert "b&amp;#%" not in source
        assert KEY not in repr(counter.desk)

    run(story())


def test_a_key_is_taken_byte_for_byte() -> None:
    async def story() -> None:
        counter = Counter(connected=False)

        await counter.http.post(f"{PAYME}/endpoint", data={"url": f" {ENDPOINT} ", "key": " a b\t", "login": "L"})

        assert counter.desk.cashier is not None
        assert counter.desk.cashier.cashbox.endpoint == ENDPOINT
        assert counter.desk.cashier.cashbox.credential == "L: a b\t"

    run(story())


@pytest.mark.parametrize("url", ["shop.uz/payme", "ftp://shop.uz", "", "javascript:alert(1)"])
def test_an_endpoint_that_is_no_web_address_is_not_connected(url: str) -> None:
    async def story() -> None:
        counter = Counter(connected=False)

        answer = await counter.http.post(f"{PAYME}/endpoint?l=en", data={"url": url, "key": "secret-key"})

        assert answer.status_code == 400
        assert "must begin with http:// or https://" in answer.text
        assert "secret-key" not in answer.text
        assert counter.desk.cashier is None

    run(story())


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.Response(401), "Your endpoint answered HTTP 401. Payme wants 200 for every answer"),
        (httpx.Response(301, headers={"location": "/payme/"}), "Your endpoint redirects (HTTP 301)"),
        (httpx.Response(404, text="<h1>Not Found</h1>"), "nothing at this address (HTTP 404)"),
        (httpx.Response(200, text="<h1>It works!</h1>"), "What came is not a JSON object"),
        (httpx.Response(500), "Your endpoint broke (HTTP 500)"),
    ],
)
def test_a_wrong_endpoint_is_explained_in_a_sentence(answer: httpx.Response, words: str) -> None:
    async def story() -> None:
        counter = Counter(connected=False)
        counter.wire.answers["CheckTransaction"] = answer
        await counter.browser.open(ENGLISH)

        await counter.browser.submit("endpoint-form", url=ENDPOINT, key=KEY)

        assert words in counter.browser.page.text("diagnosis")

    run(story())


def test_an_endpoint_given_at_the_start_is_asked_when_the_first_page_is_opened_and_again_when_wished() -> None:
    async def story() -> None:
        counter = Counter()
        counter.wire.down = True

        await counter.browser.open(ENGLISH)
        assert counter.browser.page.text("diagnosis").startswith(f"Nothing answers at {ENDPOINT}")
        counter.wire.down = False
        await counter.browser.submit("examine")

        assert counter.browser.page.attribute("diagnosis", "data-finding") == "ready"
        assert counter.wire.methods == ["Check"]

    run(story())


def test_another_endpoint_begins_with_empty_books() -> None:
    async def story() -> None:
        counter = Counter()
        await counter.played(Wish.PAY)
        await counter.browser.open(ENGLISH)

        await counter.browser.submit("endpoint-form", url="http://other.test/payme", key=KEY)

        assert "No payments yet." in counter.browser.page.source

    run(story())


def test_another_key_for_the_same_endpoint_goes_on_with_its_books() -> None:
    async def story() -> None:
        counter = Counter()
        [receipt] = (await counter.played(Wish.PAY)).receipts
        await counter.browser.open(ENGLISH)
        assert "With another address the books begin anew" in counter.browser.page.source

        await counter.browser.submit("endpoint-form", url=ENDPOINT, key="wrong")
        assert "does not take the key" in counter.browser.page.text("diagnosis")
        await counter.browser.submit("endpoint-form", url=ENDPOINT, key=KEY)

        assert counter.cashier.receipts == [receipt]
        assert receipt.id in counter.browser.page.source
        assert counter.cashier.cashbox.merchant_id == MERCHANT  # the form has kept it

    run(story())


def test_where_the_cashbox_is_given_nobody_connects_another() -> None:
    async def story() -> None:
        counter = Counter()
        counter.desk.movable = False
        await counter.browser.open(ENGLISH)
        assert "endpoint-form" not in counter.browser.page.forms

        answer = await counter.http.post(f"{PAYME}/endpoint", data={"url": "http://evil.test", "key": "k"})

        assert answer.status_code == 400
        assert counter.desk.cashier is counter.cashier
        assert not counter.wire.asked  # and it is not asked what nobody wanted to know

    run(story())


# ── a payment ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_pasted_link_opens_its_payment() -> None:
    async def story() -> None:
        counter = Counter()
        link = await counter.order()
        await counter.browser.open(ENGLISH)

        await counter.browser.submit("open-form", link=f"https://checkout.paycom.uz/{link.text}")

        assert counter.browser.page.url == f"{PAYME}/{link.text}"
        assert counter.browser.page.text("amount").startswith("50")

    run(story())


def test_a_payment_may_be_typed_in() -> None:
    async def story() -> None:
        counter = Counter()
        await counter.browser.open(ENGLISH)

        await counter.browser.submit("open-form", field="phone", value="99890", amount="500")

        opened = Link.read(counter.browser.page.url)
        assert opened == Link(MERCHANT, {"phone": "99890"}, 500, "en", "")

    run(story())


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"link": "nonsense!"}, "not base64"),
        ({"value": "7", "amount": "1,5"}, "the amount must be a whole number of tiyin (amount=1,5)"),
        ({}, "paste a checkout link"),
    ],
)
def test_what_cannot_be_opened_is_said(typed: dict[str, str], words: str) -> None:
    async def story() -> None:
        answer = await Counter().http.post(f"{PAYME}/open", data=typed)

        assert answer.status_code == 400
        assert words in answer.text

    run(story())


# ── receipts ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_refund_returns_the_money_of_a_paid_receipt_once() -> None:
    async def story() -> None:
        counter = Counter()
        [receipt] = (await counter.played(Wish.PAY)).receipts
        await counter.browser.open(ENGLISH)
        old_tab = counter.browser.page

        await counter.browser.submit(f"refund-{receipt.id}")
        assert f"refund-{receipt.id}" not in counter.browser.page.forms
        await counter.browser.submit_from(old_tab, f"refund-{receipt.id}")

        assert receipt.standing is Standing.REFUNDED
        assert counter.wire.methods.count("Cancel") == 2
        assert "refunded" in counter.browser.page.source

    run(story())


def test_a_refund_that_the_merchant_refuses_is_said() -> None:
    async def story() -> None:
        counter = Counter("refund")
        [receipt] = (await counter.played(Wish.PAY)).receipts
        await counter.browser.open(ENGLISH)

        await counter.browser.submit(f"refund-{receipt.id}")

        assert "The shop refused: error -31007" in counter.browser.page.source
        assert f"refund-{receipt.id}" in counter.browser.page.forms

    run(story())


def test_the_queue_can_be_pushed_on() -> None:
    async def story() -> None:
        counter = Counter()
        counter.wire.answers["PerformTransaction"] = httpx.Response(500)
        [receipt] = (await counter.played(Wish.PAY)).receipts
        counter.wire.answers.clear()
        await counter.browser.open(ENGLISH)
        assert "debited, not confirmed" in counter.browser.page.source

        await counter.browser.submit(f"ask-{receipt.id}")

        assert receipt.standing is Standing.PAID

    run(story())


@pytest.mark.parametrize("path", ["/refund", "/ask-again"])
@pytest.mark.parametrize("connected", [True, False])
def test_the_cabinet_knows_nothing_of_receipts_it_never_saw(path: str, connected: bool) -> None:
    async def story() -> None:
        counter = Counter(connected=connected)

        answer = await counter.http.post(PAYME + path, data={"receipt": "nobody"})

        assert answer.headers["location"] == "/?l=ru#receipts"
        assert not counter.wire.asked

    run(story())


# ── the comparison and the log ─────────────────────────────────────────────────────────────────────────────────────


def test_books_that_agree_are_said_to() -> None:
    async def story() -> None:
        counter = Counter()
        await counter.played(Wish.PAY)
        await counter.browser.open(ENGLISH)

        await counter.browser.submit("compare-form")

        assert "agreement" in counter.browser.page.elements

    run(story())


def test_a_disagreement_is_named_with_both_sides() -> None:
    async def story() -> None:
        counter = Counter()
        [receipt] = (await counter.played(Wish.PAY)).receipts
        row = counter.billing.rows[receipt.id]
        row.state, row.cancel_time, row.reason, row.amount = -2, row.perform_time, 5, AMOUNT + 1
        await counter.browser.open(ENGLISH)

        await counter.browser.submit("compare-form")

        source = counter.browser.page.source
        assert "disagreement" in counter.browser.page.elements
        assert 'data-kind="paid_here_cancelled_there"' in source
        assert "Paid here, cancelled there" in source
        assert 'data-kind="amount_differs"' in source
        assert receipt.id in source

    run(story())


def test_the_log_shows_every_call_the_newest_first() -> None:
    async def story() -> None:
        counter = Counter()
        await counter.played(Wish.PAY)
        await counter.http.post(f"{PAYME}/compare")

        source = (await counter.http.get(f"{PAYME}/log?l=en")).text

        assert source.count('<details class="call">') == 7
        assert source.count("Transaction <code>1</code>") == 6  # all but GetStatement are about an order
        assert source.count("go out twice on purpose") == 1
        assert source.index("CheckTransaction") < source.index("GetStatement") < source.index("CheckPerformTransaction")

    run(story())


def test_the_browsers_language_is_spoken_unless_another_was_asked_for() -> None:
    async def story() -> None:
        counter = Counter()

        said = (
            ("", "uz-UZ,uz;q=0.9", "uz"),
            ("", "de", "ru"),
            ("?l=en", "uz", "en"),
            ("", "uz", "en"),
            ("?l=de", "", "en"),
        )
        for query, accepted, locale in said:
            page = await counter.http.get(f"{PAYME}/{query}", headers={"accept-language": accepted})
            assert f'<html lang="{locale}">' in page.text

    run(story())
