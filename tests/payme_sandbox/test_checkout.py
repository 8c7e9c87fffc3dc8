"""Payme's checkout page: what the buyer sees and where the buyer goes."""

from urllib.parse import unquote

import httpx
import pytest

from payme_sandbox.counter.pages import som
from payme_sandbox.counter.receipts import Standing
from payme_sandbox.protocol import HALF_A_DAY
from tests.payme_sandbox.billing import AMOUNT, WORDS
from tests.payme_sandbox.counter import BACK, ENDPOINT, MERCHANT, PAYME, Counter, address, run

SHOP = "https://shop.uz/back"


@pytest.mark.parametrize("locale", ["ru", "uz", "en"])
def test_the_page_shows_the_amount_in_the_buyers_language_and_says_that_it_is_a_stand_in(locale: str) -> None:
    async def story() -> None:
        counter = Counter()

        await counter.at_checkout(locale)

        assert counter.browser.page.text("amount") == som(AMOUNT, locale)  # type: ignore[arg-type]
        assert f'lang="{locale}"' in counter.browser.page.source
        assert "Piyola" in counter.browser.page.source
        words = {"ru": "Это не Payme", "uz": "Bu Payme emas", "en": "This is not Payme"}
        assert words[locale] in counter.browser.page.source

    run(story())


def gone_to(answer: httpx.Response) -> str:
    assert answer.status_code == 303
    return unquote(answer.headers["location"])


@pytest.mark.parametrize("action", ["pay", "cancel"])
def test_a_payment_and_a_cancellation_take_the_buyer_back_with_the_placeholders_filled(action: str) -> None:
    async def story() -> None:
        counter = Counter()
        url = await counter.at_checkout(back=BACK)

        answer = await counter.http.post(url, data={"action": action})

        [receipt] = counter.cashier.receipts
        assert gone_to(answer) == f"https://shop.uz/back?order=1&transaction={receipt.id}"

    run(story())


def test_a_declined_card_keeps_the_buyer_on_the_page_who_may_try_again_and_pay() -> None:
    async def story() -> None:
        counter = Counter()
        await counter.at_checkout(back=SHOP)

        await counter.browser.submit("buyer", action="decline")
        assert counter.notice == "declined"
        assert counter.browser.page.attribute("back", "href") == SHOP
        answer = await counter.http.post(counter.browser.page.url, data={"action": "pay"})

        assert gone_to(answer) == SHOP

    run(story())


def test_old_bad_news_is_not_shown_on_a_fresh_visit() -> None:
    async def story() -> None:
        counter = Counter()
        url = await counter.at_checkout()
        await counter.browser.submit("buyer", action="decline")

        await counter.browser.open(url)

        assert counter.notice == ""

    run(story())


@pytest.mark.parametrize("locale", ["ru", "uz", "en"])
def test_a_refusal_is_told_in_the_merchants_words_with_a_way_back(locale: str) -> None:
    async def story() -> None:
        counter = Counter()
        await counter.at_checkout(locale, BACK)
        counter.billing.orders.clear()

        await counter.browser.submit("buyer", action="pay")

        assert counter.notice == "refused"
        assert counter.browser.page.text("refusal") == WORDS[locale]
        assert counter.browser.page.attribute("back", "href") == "https://shop.uz/back?order=1&transaction=null"
        assert "buyer" not in counter.browser.page.forms
        assert "-31050" in counter.browser.page.source

    run(story())


def test_a_refusal_in_one_language_is_shown_as_it_is() -> None:
    async def story() -> None:
        counter = Counter()
        await counter.at_checkout()
        error = {"code": -31099, "message": "<b>Заказ занят</b>"}
        counter.wire.answers["CheckPerformTransaction"] = httpx.Response(200, json={"id": 1, "error": error})

        await counter.browser.submit("buyer", action="pay")

        assert counter.browser.page.text("refusal") == "<b>Заказ занят</b>"  # read back from escaped text

    run(story())


def test_a_merchant_who_does_not_answer_is_named_and_can_be_tried_again() -> None:
    async def story() -> None:
        counter = Counter()
        url = await counter.at_checkout(back=SHOP)
        counter.wire.down = True

        await counter.browser.submit("buyer", action="pay")
        assert counter.notice == "unavailable"
        assert counter.browser.page.text("diagnosis").startswith(f"Nothing answers at {ENDPOINT}")
        counter.wire.down = False
        answer = await counter.http.post(url, data={"action": "pay"})

        assert gone_to(answer) == SHOP

    run(story())


def test_an_endpoint_with_another_status_than_200_is_told_what_payme_wants() -> None:
    async def story() -> None:
        counter = Counter("200")
        counter.billing.credential = "another"
        await counter.at_checkout()

        await counter.browser.submit("buyer", action="pay")

        told = counter.browser.page.text("diagnosis")
        assert told.startswith("Your endpoint answered HTTP 401. Payme wants 200 for every answer")
        source = counter.browser.page.source
        assert source.index('id="checkout"') < source.index('id="log" open') < source.index('id="diagnosis"')

    run(story())


def test_a_key_that_is_refused_is_hinted_at_for_the_developer() -> None:
    async def story() -> None:
        counter = Counter()
        counter.billing.credential = "another"
        await counter.at_checkout()

        await counter.browser.submit("buyer", action="pay")

        assert counter.notice == "refused"
        assert counter.browser.page.text("diagnosis").startswith("It answers, but does not take the key")

    run(story())


@pytest.mark.parametrize(
    ("link", "cookie", "accepted", "locale"),
    [
        (";l=uz", "en", "en", "uz"),
        (";l=de", "en", "uz", "en"),
        ("", "en", "uz", "en"),
        ("", "", "uz", "uz"),
        ("", "", "de", "ru"),
    ],
)
def test_a_link_without_a_language_takes_the_cabinets_or_the_browsers(
    link: str, cookie: str, accepted: str, locale: str
) -> None:
    async def story() -> None:
        counter = Counter()
        if cookie:
            await counter.http.get(f"{PAYME}/?l={cookie}")

        url = address(f"m={MERCHANT};ac.order_id=1;a={AMOUNT}{link}")
        answer = await counter.http.get(url, headers={"accept-language": accepted})

        assert f'<html lang="{locale}">' in answer.text

    run(story())


def test_a_buyer_may_choose_another_language_and_keeps_it_with_what_has_happened() -> None:
    async def story() -> None:
        counter = Counter()
        await counter.at_checkout("uz")
        await counter.browser.submit("buyer", action="decline")
        assert 'href="?after=decline&amp;l=en"' in counter.browser.page.source

        await counter.browser.open(counter.browser.page.url + "&l=en")
        assert counter.notice == "declined"
        await counter.browser.submit("buyer", action="decline")

        assert counter.notice == "declined"
        assert '<html lang="en">' in counter.browser.page.source

    run(story())


def test_a_debited_payment_without_confirmation_is_queued_and_goes_on_when_payme_asks_again() -> None:
    async def story() -> None:
        counter = Counter()
        url = await counter.at_checkout(back=SHOP)
        counter.wire.answers["PerformTransaction"] = httpx.Response(502)

        await counter.browser.submit("buyer", action="pay")
        assert counter.notice == "queued"
        assert "Payme asks again" in counter.browser.page.source
        await counter.browser.open(url)
        assert counter.notice == "queued"  # also on a fresh visit: nobody must pay twice
        assert 'value="decline"' not in counter.browser.page.source
        assert "trouble" not in counter.browser.page.forms
        counter.wire.answers.clear()
        answer = await counter.http.post(url, data={"action": "pay"})

        assert gone_to(answer) == SHOP
        assert [receipt.standing for receipt in counter.cashier.receipts] == [Standing.PAID]

    run(story())


def test_an_old_tab_cannot_pay_twice() -> None:
    async def story() -> None:
        counter = Counter()
        await counter.at_checkout()
        old_tab = counter.browser.page
        await counter.browser.submit("buyer", action="pay")

        await counter.browser.submit_from(old_tab, "buyer", action="pay")

        assert counter.notice == "refused"
        assert counter.billing.told["1", "paid"] == 1

    run(story())


def test_the_link_of_a_paid_order_says_paid_and_offers_no_button() -> None:
    async def story() -> None:
        counter = Counter()
        url = await counter.at_checkout()
        await counter.browser.submit("buyer", action="pay")

        await counter.browser.open(url)

        assert counter.notice == "paid"
        assert not counter.browser.page.forms

    run(story())


def test_a_defect_keeps_the_buyer_on_the_page_and_is_shown() -> None:
    async def story() -> None:
        counter = Counter("replay")
        await counter.at_checkout(back=SHOP)

        await counter.browser.submit("buyer", action="pay")

        assert len(counter.browser.hops) == 2
        assert "the repeated call got another result than the first (create_time)" in counter.browser.page.source
        assert counter.notice == "paid"

    run(story())


@pytest.mark.parametrize(
    ("action", "broken", "accumulative", "notice"),
    [
        ("two_buyers", "", False, "one_of_two"),
        ("two_buyers", "", True, "both_paid"),
        ("two_buyers", "in turn", False, "both_paid"),
        ("lose", "", False, "recovered"),
        ("overdue", "", False, "overdue"),
        ("overdue", "12 hours", False, "overdue_paid"),
    ],
)
def test_what_can_go_wrong_ends_on_the_page_and_is_named(
    action: str, broken: str, accumulative: bool, notice: str
) -> None:
    async def story() -> None:
        counter = Counter(broken, accumulative=accumulative)
        await counter.at_checkout(back=SHOP)

        await counter.browser.submit("trouble", action=action)

        assert counter.notice == notice
        assert counter.browser.page.attribute("back", "href") == SHOP

    run(story())


def test_another_refusal_than_of_the_12_hours_is_no_praise() -> None:
    async def story() -> None:
        counter = Counter()
        await counter.at_checkout()
        refusal = {"id": 1, "error": {"code": -31003, "message": WORDS}}
        counter.wire.answers["PerformTransaction"] = httpx.Response(200, json=refusal)

        await counter.browser.submit("trouble", action="overdue")

        assert counter.notice == "returned"

    run(story())


def test_two_buyers_whom_nobody_serves_are_both_refused() -> None:
    async def story() -> None:
        counter = Counter()
        await counter.at_checkout()
        counter.billing.orders.clear()

        await counter.browser.submit("trouble", action="two_buyers")

        assert counter.notice == "refused"

    run(story())


def test_the_page_shows_its_calls_with_json_status_and_time() -> None:
    async def story() -> None:
        counter = Counter()
        await counter.at_checkout()

        await counter.browser.submit("buyer", action="decline")

        source = counter.browser.page.source
        assert source.count('<details class="call">') == 5
        assert source.count("HTTP 200 · ") == 5
        assert str(counter.wire.asked[0]["id"]) in source
        assert "&#34;method&#34;: &#34;CheckPerformTransaction&#34;" in source

    run(story())


def test_a_payment_without_a_return_address_ends_on_the_page() -> None:
    async def story() -> None:
        counter = Counter()
        await counter.at_checkout()

        await counter.browser.submit("buyer", action="pay")

        assert counter.notice == "paid"
        assert "back" not in counter.browser.page.elements

    run(story())


def test_an_unreadable_link_and_a_strangers_cashbox_are_not_found() -> None:
    async def story() -> None:
        counter = Counter()
        stranger = address("m=somebody-else;ac.order_id=1;a=500")
        for url, words in ((f"{PAYME}/favicon.ico", "cannot be read"), (stranger, "−31601")):
            await counter.browser.open(f"{url}?l=en")
            assert counter.browser.page.status == 404
            assert words in counter.browser.page.source

        answer = await counter.http.post(stranger, data={"action": "pay"})
        assert answer.status_code == 404
        assert not counter.wire.asked

    run(story())


def test_what_is_wrong_with_a_link_is_said_in_a_sentence() -> None:
    async def story() -> None:
        counter = Counter()

        await counter.browser.open(address(f"m={MERCHANT};ac.order_id=1;a=5.00"))

        assert "the amount must be a whole number of tiyin (a=5.00)" in counter.browser.page.source

    run(story())


@pytest.mark.parametrize("action", ["", "refund", "ask_again", "perform"])
def test_a_buyer_can_press_only_what_is_there(action: str) -> None:
    async def story() -> None:
        counter = Counter()
        url = await counter.at_checkout()

        answer = await counter.http.post(url, data={"action": action})

        assert answer.status_code == 404
        assert not counter.wire.asked

    run(story())


def test_a_checkout_form_of_a_shop_opens_the_page_even_from_another_site() -> None:
    async def story() -> None:
        counter = Counter()
        order = await counter.billing.order(AMOUNT)
        fields = {f"account[{name}]": value for name, value in order.account.items()}
        form = {"merchant": MERCHANT, "amount": str(AMOUNT), "lang": "uz", "callback": SHOP, **fields}
        away = {"origin": "https://shop.uz", "sec-fetch-site": "cross-site", "referer": "https://shop.uz/cart"}

        answer = await counter.http.post(f"{PAYME}/", data=form, headers=away)
        await counter.browser.open(PAYME + answer.headers["location"])

        assert counter.browser.page.text("amount") == som(AMOUNT, "uz")
        assert not counter.wire.asked
        paid = await counter.http.post(counter.browser.page.url, data={"action": "pay"})
        assert gone_to(paid) == SHOP

    run(story())


def test_a_form_without_a_return_address_leads_back_to_where_it_came_from() -> None:
    async def story() -> None:
        counter = Counter()
        await counter.billing.order(AMOUNT)
        form = {"merchant": MERCHANT, "amount": str(AMOUNT), "account[order_id]": "1"}

        opened = await counter.http.post(f"{PAYME}/", data=form, headers={"referer": "https://shop.uz/cart"})
        paid = await counter.http.post(PAYME + opened.headers["location"], data={"action": "pay"})

        assert gone_to(paid) == "https://shop.uz/cart"

    run(story())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"amount": "12.50"}, "the amount must be a whole number of tiyin"),
        ({"account[order_id]": "1;a=1"}, "a value with ; in it"),
        ({"merchant": ""}, "the merchant id is missing"),
    ],
)
def test_a_form_that_cannot_be_read_is_told_why(change: dict[str, str], words: str) -> None:
    async def story() -> None:
        counter = Counter()
        form = {"merchant": MERCHANT, "amount": "500", "account[order_id]": "1", **change}

        answer = await counter.http.post(f"{PAYME}/", data=form)

        assert answer.status_code == 404
        assert words in answer.text

    run(story())


def test_before_an_endpoint_is_connected_a_link_leads_to_where_one_connects_it() -> None:
    async def story() -> None:
        counter = Counter(connected=False)

        answer = await counter.http.get(address(f"m={MERCHANT};ac.order_id=1;a=500"))

        assert gone_to(answer) == "/?l=ru"

    run(story())


def test_a_form_too_large_is_not_read() -> None:
    async def story() -> None:
        counter = Counter()

        answer = await counter.http.post(f"{PAYME}/", content=b"a" * 300_000)

        assert answer.status_code == 413

    run(story())


def test_an_address_with_too_many_slashes_leads_nowhere_else() -> None:
    async def story() -> None:
        counter = Counter()
        url = await counter.at_checkout()

        answer = await counter.http.post(url.replace("8790/", "8790//"), data={"action": "decline"})

        assert answer.headers["location"].startswith("/bT0")

    run(story())


def test_an_overdue_payment_says_so_by_its_time() -> None:
    async def story() -> None:
        counter = Counter()
        await counter.at_checkout()

        await counter.browser.submit("trouble", action="overdue")

        created = next(call for call in counter.wire.asked if call["method"] == "CreateTransaction")
        assert counter.clock.now - created["params"]["time"] > HALF_A_DAY

    run(story())
