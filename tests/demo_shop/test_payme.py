"""Payme in the demo: the sandbox's pages at the end of the shop's links, and its calls in the journal."""

import pytest

from demo_shop.catalogue import TEA_SET
from demo_shop.journal import Step
from demo_shop.pages import som
from payme_sandbox.counter.visits import Wish
from payme_sandbox.languages import Locale
from tests.demo_shop.town import ADDRESSES, MESSAGES, Town, run


def notice(town: Town) -> str:
    return town.browser.page.attribute("checkout", "data-notice")


@pytest.mark.parametrize("locale", ["ru", "uz", "en"])
def test_the_shops_link_opens_paymes_page_in_the_shoppers_language(locale: Locale) -> None:
    async def story() -> None:
        town = Town()

        await town.at_payme(locale)

        assert town.browser.page.text("amount") == som(TEA_SET.price, locale)
        assert f'lang="{locale}"' in town.browser.page.source
        assert "Piyola" in town.browser.page.source

    run(story())


def test_a_payment_takes_the_shopper_to_the_return_address() -> None:
    async def story() -> None:
        town = Town()
        cart = await town.at_payme()
        link = town.link(cart)

        await town.browser.submit("buyer", action="pay")

        assert town.browser.hops[1] == link.return_url
        assert town.path.endswith("/confirmed")

    run(story())


def test_a_declined_card_keeps_the_shopper_on_the_page_who_may_try_again_and_pay() -> None:
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


def test_a_cancelled_payment_takes_the_shopper_back() -> None:
    async def story() -> None:
        town = Town()
        cart = await town.at_payme()
        link = town.link(cart)

        await town.browser.submit("buyer", action="cancel")

        assert town.browser.hops[1] == link.return_url
        assert town.view == "canceled"

    run(story())


def test_a_refusal_is_told_in_the_sidecars_words_with_a_way_back() -> None:
    async def story() -> None:
        town = Town()
        cart = await town.at_payme("uz")
        town.sidecar.sessions[cart.session_id or ""]["amount"] += 100

        await town.browser.submit("buyer", action="pay")

        assert notice(town) == "refused"
        assert town.browser.page.text("refusal") == MESSAGES[-31001]["uz"]
        assert town.browser.page.attribute("back", "href") == town.link(cart).return_url

    run(story())


def test_a_sidecar_that_is_down_can_be_tried_again() -> None:
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


def test_every_call_is_written_into_the_journal_with_its_outcome_and_its_defects() -> None:
    async def story() -> None:
        town = Town()
        town.sidecar.forgetful = True
        cart = await town.cart_at_review()

        await town.cashier.play(town.cashier.visit(town.link(cart)), Wish.PAY)

        entries = [entry for entry in town.journal.about(cart.session_id or "") if entry.step is Step.PAYME_CALLED]
        again = "the repeated call got another result than the first (create_time)"
        assert [(entry.what, entry.outcome, entry.note) for entry in entries] == [
            ("CheckPerformTransaction", "allow true", ""),
            ("CreateTransaction", "state 1", ""),
            ("CreateTransaction", "state 1", again),
            ("PerformTransaction", "state 2", ""),
            ("PerformTransaction", "state 2", again),
        ]

    run(story())


def test_the_cabinet_returns_the_money_of_a_paid_order() -> None:
    async def story() -> None:
        town = Town()
        cart = await town.at_payme("uz")
        await town.browser.submit("buyer", action="pay")
        [receipt] = town.cashier.receipts

        await town.browser.open(f"{ADDRESSES.payme}/?l=uz")
        await town.browser.submit(f"refund-{receipt.id}")

        assert town.sidecar.sessions[cart.session_id or ""]["transaction"]["state"] == -2
        assert "qaytarilgan" in town.browser.page.source

    run(story())


def test_the_demos_cashbox_cannot_be_changed_from_a_page() -> None:
    async def story() -> None:
        town = Town()

        answer = await town.http.post(f"{ADDRESSES.payme}/endpoint", data={"url": "http://evil.test", "key": "k"})

        assert answer.status_code == 400
        assert town.cashier.cashbox.endpoint == f"{ADDRESSES.sidecar}/payme"

    run(story())
