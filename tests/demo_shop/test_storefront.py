"""The shop's pages: what a shopper sees, and that nobody is told a lie or asked to pay twice."""

from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from demo_shop.catalogue import ADRAS, LAGAN, TEA_SET
from demo_shop.journal import Step
from demo_shop.pages import som
from demo_shop.provider import Session
from demo_shop.storefront import FACES, View, view_of
from tests.demo_shop.town import ADDRESSES, Town, run

SHOP = ADDRESSES.shop


async def at_review(town: Town, hint: str = "") -> None:
    await town.browser.open(f"{SHOP}/ru/uz/checkout?step=review{f'&payment={hint}' if hint else ''}")


def has_pay_button(town: Town) -> bool:
    return "pay" in town.browser.page.elements


def test_the_front_door_speaks_the_visitors_language_or_russian() -> None:
    async def story() -> None:
        town = Town()
        wishes = {"uz-UZ,uz;q=0.9": "uz", "en-GB": "en", "de-DE,de;q=0.8,en;q=0.5": "en", "fr": "ru", "": "ru"}

        for wish, locale in wishes.items():
            answer = await town.http.get(SHOP, headers={"Accept-Language": wish})
            assert answer.headers["location"] == f"/{locale}/uz"

    run(story())


def test_every_page_can_be_read_in_another_language() -> None:
    async def story() -> None:
        town = Town()
        await town.cart_at_review("ru")

        await town.browser.follow("language-uz")

        assert urlsplit(town.browser.page.url)[2:4] == ("/uz/uz/checkout", "step=review")
        assert 'lang="uz"' in town.browser.page.source

    run(story())


def test_a_language_or_a_country_nobody_knows_is_not_found() -> None:
    async def story() -> None:
        town = Town()

        for path in ("/de/uz", "/ru/uzb", "/ru/UZ/cart", "/ru/uz/nowhere", "/nowhere", "/ru/uz/order/none/confirmed"):
            await town.browser.open(SHOP + path)
            assert town.browser.page.status == 404
            assert "language-ru" in town.browser.page.elements

    run(story())


def test_the_cart_counts_things_up_and_down() -> None:
    async def story() -> None:
        town = Town()
        await town.browser.open(f"{SHOP}/uz/uz")
        await town.browser.submit(f"buy-{TEA_SET.handle}")
        await town.browser.open(f"{SHOP}/uz/uz")
        await town.browser.submit(f"buy-{TEA_SET.handle}")
        assert town.browser.page.text("total") == som(2 * TEA_SET.price, "uz")

        await town.browser.submit("", quantity="1")
        assert town.browser.page.text("total") == som(TEA_SET.price, "uz")
        await town.browser.submit("", quantity="0")

        assert "total" not in town.browser.page.elements

    run(story())


@pytest.mark.parametrize("quantity", ["-1", "1.5", "²", "9" * 5000, "many"])
def test_a_quantity_that_is_none_adds_one(quantity: str) -> None:
    async def story() -> None:
        town = Town()

        await town.http.post(f"{SHOP}/ru/uz/cart", data={"product": LAGAN.handle, "quantity": quantity})

        assert next(iter(town.backend.carts.values())).quantities == {LAGAN.handle: 1}

    run(story())


def test_a_product_nobody_sells_makes_no_cart() -> None:
    async def story() -> None:
        town = Town()

        answer = await town.http.post(f"{SHOP}/ru/uz/cart", data={"product": "the-moon"})

        assert answer.status_code == 303
        assert not town.backend.carts

    run(story())


@pytest.mark.parametrize("path", ["/checkout", "/checkout?step=payment", "/checkout?step=review", "/checkout?step=x"])
def test_without_a_cart_every_step_leads_to_the_cart(path: str) -> None:
    async def story() -> None:
        town = Town()

        await town.browser.open(f"{SHOP}/ru/uz{path}")
        answer = await town.http.post(f"{SHOP}/ru/uz/checkout")

        assert town.path == "/ru/uz/cart"
        assert answer.headers["location"] == "/ru/uz/cart"

    run(story())


def test_choosing_payme_registers_what_is_owed_and_leads_to_the_pay_button() -> None:
    async def story() -> None:
        town = Town()

        cart = await town.cart_at_review("uz")

        session = town.sidecar.sessions[cart.session_id or ""]
        assert (session["amount"], session["currency_code"]) == (TEA_SET.price, "uzs")
        assert (session["locale"], session["country_code"]) == ("uz", "uz")
        assert town.view == "ready"
        assert town.browser.page.attribute("pay", "href") == town.sidecar.link(session)

    run(story())


@pytest.mark.parametrize("trouble", ["down", "broken"])
def test_a_sidecar_in_trouble_at_the_payment_step_is_an_apology_not_an_error_page(trouble: str) -> None:
    async def story() -> None:
        town = Town()
        setattr(town.sidecar, trouble, True)

        await town.cart_at_review("en")

        assert town.browser.page.status == 503
        assert "does not answer just now" in town.browser.page.source
        assert "choose-payment" in town.browser.page.forms

    run(story())


def test_a_paid_order_lands_on_the_confirmation_by_itself() -> None:
    async def story() -> None:
        town = Town()
        cart = await town.at_payme("uz")

        await town.browser.submit("buyer", action="pay")

        assert cart.order is not None
        assert town.path == f"/uz/uz/order/{cart.order.id}/confirmed"
        assert town.browser.page.attribute("order", "data-status") == "paid"

    run(story())


def test_a_shopper_who_is_quicker_than_the_sidecars_message_waits_a_moment_and_gets_there() -> None:
    async def story() -> None:
        town = Town()
        town.delivers = False
        cart = await town.at_payme()
        await town.browser.submit("buyer", action="pay")
        assert town.view == "finishing"
        assert not has_pay_button(town)

        await town.deliver("authorize", cart.session_id or "")
        await town.browser.let_it_refresh(pause=0)

        assert town.path.endswith("/confirmed")

    run(story())


def test_a_pending_payment_waits_asks_the_sidecar_and_offers_no_second_payment() -> None:
    async def story() -> None:
        town = Town()
        cart = await town.cart_at_review()

        await at_review(town, "pending")

        assert town.view == "waiting"
        assert not has_pay_button(town)
        assert f"{ADDRESSES.sidecar}/payment-status/{cart.session_id}" in town.browser.page.source

    run(story())


def test_a_canceled_payment_says_so_and_can_be_paid_again_by_the_same_link() -> None:
    async def story() -> None:
        town = Town()
        await town.at_payme()
        first = town.browser.page.url

        await town.browser.submit("buyer", action="cancel")

        assert town.view == "canceled"
        assert town.browser.page.attribute("pay", "href") == first

    run(story())


def test_an_order_the_callback_does_not_know_is_told_as_it_is() -> None:
    async def story() -> None:
        town = Town()
        await at_review(town, "failed")
        assert town.view == "failed"

        await town.cart_at_review()
        await at_review(town, "failed")

        assert town.view == "failed"
        assert not has_pay_button(town)

    run(story())


def test_a_session_the_sidecar_forgot_is_told_as_it_is() -> None:
    async def story() -> None:
        town = Town()
        await town.cart_at_review()
        town.sidecar.sessions.clear()

        await at_review(town)

        assert town.view == "failed"

    run(story())


@pytest.mark.parametrize("hint", ["", "success", "pending", "canceled", "failed", "nonsense"])
def test_nobody_is_asked_to_pay_while_the_sidecar_is_silent(hint: str) -> None:
    async def story() -> None:
        town = Town()
        await town.cart_at_review()
        town.sidecar.down = True

        await at_review(town, hint)

        assert town.view == "waiting"
        assert not has_pay_button(town)

    run(story())


@pytest.mark.parametrize("hint", ["", "success", "pending", "canceled", "failed", "nonsense"])
def test_nobody_is_asked_to_pay_while_payme_is_at_work(hint: str) -> None:
    async def story() -> None:
        town = Town()
        cart = await town.cart_at_review()
        town.sidecar.sessions[cart.session_id or ""]["transaction"] = {"id": "t", "state": 1}

        await at_review(town, hint)

        assert town.view == "waiting"

    run(story())


def test_a_success_in_the_address_alone_makes_no_order() -> None:
    async def story() -> None:
        town = Town()
        await town.cart_at_review()

        await at_review(town, "success")

        assert town.view == "waiting"
        assert not town.backend.orders

    run(story())


def test_a_closed_session_cannot_be_paid() -> None:
    async def story() -> None:
        town = Town()
        cart = await town.cart_at_review()
        town.sidecar.sessions[cart.session_id or ""]["status"] = "canceled"

        await at_review(town, "canceled")

        assert town.view == "closed"
        assert not has_pay_button(town)

    run(story())


def test_what_the_sidecar_says_wins_over_the_address() -> None:
    session = Session("payses_1", "payses_1", 1, "pending", "", "", "ru", "uz", None)

    for (status, state), view in FACES.items():
        told = replace(session, status=status, transaction_state=state)
        assert {view_of(told, hint) for hint in ("", "success", "pending", "canceled", "failed")} == {view}


def test_the_language_of_the_page_travels_in_the_link() -> None:
    async def story() -> None:
        town = Town()
        cart = await town.cart_at_review("ru")

        await town.browser.follow("language-en")

        link = town.link(cart)
        assert link.language == "en"
        assert "locale=en" in link.return_url
        assert town.browser.page.attribute("pay", "href") == town.sidecar.link(
            town.sidecar.sessions[cart.session_id or ""]
        )

    run(story())


def test_a_cart_changed_after_its_registration_goes_through_the_payment_step_again() -> None:
    async def story() -> None:
        town = Town()
        cart = await town.cart_at_review()
        await town.browser.open(f"{SHOP}/ru/uz")
        await town.browser.submit(f"buy-{ADRAS.handle}")

        await at_review(town)
        assert "choose-payment" in town.browser.page.forms
        await town.browser.submit("choose-payment")

        assert town.view == "ready"
        assert town.link(cart).amount == TEA_SET.price + ADRAS.price

    run(story())


def test_after_an_order_the_next_thing_goes_into_a_new_cart() -> None:
    async def story() -> None:
        town = Town()
        cart = await town.at_payme()
        await town.browser.submit("buyer", action="pay")

        await town.browser.open(f"{SHOP}/ru/uz")
        await town.browser.submit(f"buy-{LAGAN.handle}")

        new = list(town.backend.carts.values())[-1]
        assert new is not cart
        assert new.quantities == {LAGAN.handle: 1}

    run(story())


def test_the_confirmation_tells_what_happened_in_order() -> None:
    async def story() -> None:
        town = Town()
        cart = await town.at_payme("en")

        await town.browser.submit("buyer", action="pay")

        assert cart.order is not None
        told = [(entry.step, times) for entry, times in town.journal.story(cart.order.session_id)]
        assert told == [
            (Step.SESSION_REGISTERED, 1),
            (Step.PAYME_CALLED, 1),
            (Step.PAYME_CALLED, 2),
            (Step.PAYME_CALLED, 2),
            (Step.AUTHORIZE_ASKED, 1),
            (Step.STATUS_ASKED, 1),
            (Step.ORDER_PLACED, 1),
            (Step.SHOPPER_RETURNED, 1),
        ]
        source = town.browser.page.source
        assert f"Idempotency-Key: authorize:{cart.order.transaction_id}" in source
        assert (
            source.index("The shop registered") < source.index("PerformTransaction") < source.index("The shop placed")
        )

    run(story())


def test_a_refunded_order_says_so() -> None:
    async def story() -> None:
        town = Town()
        cart = await town.at_payme("en")
        await town.browser.submit("buyer", action="pay")

        await town.deliver("cancel", cart.session_id or "")
        await at_review(town)

        assert town.browser.page.attribute("order", "data-status") == "refunded"

    run(story())


def test_no_page_is_kept_in_the_browsers_history() -> None:
    async def story() -> None:
        town = Town()

        answer = await town.http.get(f"{SHOP}/ru/uz/cart")

        assert answer.headers["cache-control"] == "no-store"

    run(story())


def test_every_page_is_honest_about_what_it_is_and_asks_the_world_for_nothing() -> None:
    async def story() -> None:
        town = Town()
        for path in ("", "/cart", "/checkout?step=payment", "/checkout?step=review&payment=failed", "/nowhere"):
            await town.browser.open(f"{SHOP}/en/uz{path}")
            source = town.browser.page.source
            assert "Demo: this shop and this Payme page are stand-ins; the sidecar and the callback are real." in source
            assert "https://" not in source

    run(story())


def test_the_style_sheet_comes_with_the_package() -> None:
    async def story() -> None:
        town = Town()

        urls = (f"{SHOP}/static/demo.css", f"{ADDRESSES.payme}/static/sandbox.css")
        answers = [await town.http.get(url) for url in urls]

        assert [answer.status_code for answer in answers] == [200, 200]
        assert not any(fetched in answer.text for answer in answers for fetched in ("@import", "url("))

    run(story())


def test_every_face_of_the_review_step_has_a_name() -> None:
    assert set(FACES.values()) <= set(View)
