"""Payme's page: what the buyer sees and where the buyer goes."""

import base64

import httpx
import pytest

from demo_shop.catalogue import TEA_SET
from demo_shop.pages import som
from tests.demo_shop.town import ADDRESSES, MERCHANT, MESSAGES, Town, run


def notice(town: Town) -> str:
    return town.browser.page.attribute("checkout", "data-notice")


def link_for(order_id: str, merchant_id: str = MERCHANT, rest: str = "") -> str:
    text = f"m={merchant_id};ac.order_id={order_id};a=500{rest}"
    return f"{ADDRESSES.payme}/{base64.b64encode(text.encode()).decode()}"


@pytest.mark.parametrize("locale", ["ru", "uz", "en"])
def test_the_page_shows_the_amount_in_the_buyers_language(locale: str) -> None:
    async def story() -> None:
        town = Town()

        await town.at_payme(locale)

        assert town.browser.page.text("amount") == som(TEA_SET.price, locale)  # type: ignore[arg-type]
        assert f'lang="{locale}"' in town.browser.page.source

    run(story())


def test_the_page_says_that_it_is_a_stand_in() -> None:
    async def story() -> None:
        town = Town()

        await town.at_payme("en")

        assert "Stand-in for Payme" in town.browser.page.source
        assert "Demo: this Payme page is a stand-in" in town.browser.page.source

    run(story())


def test_a_payment_takes_the_buyer_to_the_return_address() -> None:
    async def story() -> None:
        town = Town()
        cart = await town.at_payme()
        link = town.link(cart)

        await town.browser.submit("buyer", action="pay")

        assert town.browser.hops[1] == link.return_url

    run(story())


def test_a_declined_card_keeps_the_buyer_on_the_page_who_may_try_again_and_pay() -> None:
    async def story() -> None:
        town = Town()
        await town.at_payme()

        await town.browser.submit("buyer", action="decline")
        assert notice(town) == "declined"
        await town.browser.submit("buyer", action="pay")

        assert town.path.endswith("/confirmed")

    run(story())


def test_a_declined_card_leaves_the_order_payable_from_the_shop() -> None:
    async def story() -> None:
        town = Town()
        await town.at_payme()

        await town.browser.submit("buyer", action="decline")
        await town.browser.follow("back")
        assert town.view == "canceled"
        await town.browser.follow("pay")
        assert notice(town) == ""  # a fresh visit, not the old bad news
        await town.browser.submit("buyer", action="pay")

        assert town.path.endswith("/confirmed")

    run(story())


def test_a_cancelled_payment_takes_the_buyer_back() -> None:
    async def story() -> None:
        town = Town()
        cart = await town.at_payme()
        link = town.link(cart)

        await town.browser.submit("buyer", action="cancel")

        assert town.browser.hops[1] == link.return_url
        assert town.view == "canceled"

    run(story())


@pytest.mark.parametrize("locale", ["ru", "uz", "en"])
def test_a_refusal_is_told_in_the_merchants_words_with_a_way_back(locale: str) -> None:
    async def story() -> None:
        town = Town()
        cart = await town.at_payme(locale)
        back = town.link(cart).return_url
        town.sidecar.sessions[cart.session_id or ""]["amount"] += 100

        await town.browser.submit("buyer", action="pay")

        assert notice(town) == "refused"
        assert town.browser.page.text("refusal") == MESSAGES[-31001][locale]
        assert town.browser.page.attribute("back", "href") == back
        assert "buyer" not in town.browser.page.forms

    run(story())


def test_a_refusal_in_one_language_is_shown_as_it_is() -> None:
    async def story() -> None:
        town = Town()
        await town.at_payme("en")
        error = {"code": -31099, "message": "<b>Заказ занят</b>"}
        answer = httpx.Response(200, json={"id": 1, "error": error})
        town.sidecar.answers["CheckPerformTransaction"] = answer

        await town.browser.submit("buyer", action="pay")

        assert town.browser.page.text("refusal") == "<b>Заказ занят</b>"  # read back from escaped text

    run(story())


def test_a_merchant_who_does_not_answer_can_be_tried_again() -> None:
    async def story() -> None:
        town = Town()
        await town.at_payme()
        town.sidecar.down = True

        await town.browser.submit("buyer", action="pay")
        assert notice(town) == "unavailable"
        town.sidecar.down = False
        await town.browser.submit("buyer", action="pay")

        assert town.path.endswith("/confirmed")

    run(story())


def test_an_old_tab_cannot_pay_twice() -> None:
    async def story() -> None:
        town = Town()
        await town.at_payme()
        old_tab = town.browser.page
        await town.browser.submit("buyer", action="pay")

        await town.browser.submit_from(old_tab, "buyer", action="pay")

        assert notice(town) == "refused"
        assert len(town.backend.orders) == 1

    run(story())


def test_the_link_of_a_paid_order_says_paid_and_offers_no_button() -> None:
    async def story() -> None:
        town = Town()
        await town.at_payme()
        url = town.browser.page.url
        await town.browser.submit("buyer", action="pay")

        await town.browser.open(url)

        assert notice(town) == "paid"
        assert "buyer" not in town.browser.page.forms

    run(story())


def test_a_defect_keeps_the_buyer_on_the_page_and_is_shown() -> None:
    async def story() -> None:
        town = Town()
        town.sidecar.forgetful = True
        await town.at_payme()

        await town.browser.submit("buyer", action="pay")

        assert len(town.browser.hops) == 2
        assert "the repeated call got another result than the first" in town.browser.page.source
        assert notice(town) == "paid"

    run(story())


def test_the_log_shows_the_calls() -> None:
    async def story() -> None:
        town = Town()
        await town.at_payme()

        await town.browser.submit("buyer", action="decline")

        source = town.browser.page.source
        assert source.count("<details>") == 5
        assert "CheckPerformTransaction" in source
        assert str(town.sidecar.asked[0]["id"]) in source

    run(story())


def test_a_payment_without_a_return_address_ends_on_the_page() -> None:
    async def story() -> None:
        town = Town()
        town.sidecar.sessions["1"] = {"id": "1", "amount": 500, "status": "pending", "transaction": None}
        await town.browser.open(link_for("1"))

        await town.browser.submit("buyer", action="pay")

        assert notice(town) == "paid"
        assert "back" not in town.browser.page.elements

    run(story())


def test_an_unreadable_link_and_a_strangers_cashbox_are_not_found() -> None:
    async def story() -> None:
        town = Town()
        for url in (f"{ADDRESSES.payme}/favicon.ico", link_for("1", merchant_id="somebody-else")):
            await town.browser.open(url)
            assert town.browser.page.status == 404

        answer = await town.http.post(link_for("1", merchant_id="somebody-else"), data={"action": "pay"})
        assert answer.status_code == 404

    run(story())


@pytest.mark.parametrize("action", ["", "refund", "perform"])
def test_a_buyer_can_press_only_what_is_there(action: str) -> None:
    async def story() -> None:
        town = Town()
        cart = await town.at_payme()
        url = town.sidecar.link(town.sidecar.sessions[cart.session_id or ""])

        answer = await town.http.post(url, data={"action": action})

        assert answer.status_code == 404
        assert not town.sidecar.asked

    run(story())


def test_the_cabinet_returns_the_money_of_a_paid_order_once() -> None:
    async def story() -> None:
        town = Town()
        cart = await town.at_payme("uz")
        await town.browser.submit("buyer", action="pay")

        await town.browser.open(f"{ADDRESSES.payme}/?l=uz")
        await town.browser.submit(f"refund-{cart.session_id}")
        await town.http.post(f"{ADDRESSES.payme}/refund", data={"order_id": cart.session_id})

        assert town.sidecar.sessions[cart.session_id or ""]["transaction"]["state"] == -2
        assert [call["method"] for call in town.sidecar.asked].count("CancelTransaction") == 2
        assert f"refund-{cart.session_id}" not in town.browser.page.forms
        assert "qaytarilgan" in town.browser.page.source

    run(story())


def test_the_cabinet_knows_nothing_of_orders_it_never_saw() -> None:
    async def story() -> None:
        town = Town()

        answer = await town.http.post(f"{ADDRESSES.payme}/refund", data={"order_id": "nobody"})

        assert answer.headers["location"] == "/?l=ru"
        assert not town.sidecar.asked

    run(story())
