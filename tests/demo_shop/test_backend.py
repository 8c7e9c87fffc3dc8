"""The stand-in backend, as the sidecar sees it: contract, section 5."""

import asyncio
import json

from demo_shop.backend import Cart, OrderStatus
from demo_shop.catalogue import LAGAN, TEA_SET
from demo_shop.journal import Step
from demo_shop.provider import Refusal, Session
from tests.demo_shop.town import BACKEND_KEY, Town, run


async def paid_cart(town: Town) -> Cart:
    cart = town.backend.new_cart()
    cart.put(TEA_SET.handle, 1)
    await town.backend.register(cart, "ru", "uz")
    await town.paid(cart)
    return cart


def test_an_authorize_places_the_order_after_the_sidecar_was_asked_back() -> None:
    async def story() -> None:
        town = Town()
        cart = await paid_cart(town)

        answer = await town.deliver("authorize", cart.session_id or "")

        assert answer.status_code == 200
        assert answer.json()["order"]["total"] == TEA_SET.price
        assert cart.order is not None
        assert cart.order.status is OrderStatus.PAID
        steps = [entry.step for entry in town.journal.about(cart.order.session_id)][-3:]
        assert steps == [Step.AUTHORIZE_ASKED, Step.STATUS_ASKED, Step.ORDER_PLACED]

    run(story())


def test_the_sidecar_is_told_what_is_bought_in_the_shoppers_language() -> None:
    async def story() -> None:
        town = Town()
        cart = town.backend.new_cart()
        cart.put(TEA_SET.handle, 2)
        cart.put(LAGAN.handle, 1)

        for locale in ("uz", "ru"):
            await town.backend.register(cart, locale, "uz")

        session = town.sidecar.sessions[cart.session_id or ""]
        items = session["detail"]["items"]
        assert [(item["title"], item["count"]) for item in items] == [(TEA_SET.title.ru, 2), (LAGAN.title.ru, 1)]
        assert sum(item["price"] * item["count"] for item in items) == session["amount"]

    run(story())


def test_the_same_key_gets_the_same_answer_and_no_second_order() -> None:
    async def story() -> None:
        town = Town()
        cart = await paid_cart(town)

        answers = await asyncio.gather(*(town.deliver("authorize", cart.session_id or "") for _ in range(5)))

        assert len({answer.text for answer in answers}) == 1
        assert len(town.backend.orders) == 1

    run(story())


def test_another_payment_of_a_placed_order_is_a_conflict() -> None:
    async def story() -> None:
        town = Town()
        cart = await paid_cart(town)
        await town.deliver("authorize", cart.session_id or "")

        answer = await town.deliver("authorize", cart.session_id or "", transaction_id="another")

        assert (answer.status_code, answer.json()["code"]) == (409, "already_placed")
        assert len(town.backend.orders) == 1

    run(story())


def test_an_authorize_nobody_paid_for_is_a_conflict_and_may_succeed_later_under_its_key() -> None:
    async def story() -> None:
        town = Town()
        cart = await paid_cart(town)
        session = town.sidecar.sessions[cart.session_id or ""]
        session["status"] = "pending"

        early = await town.deliver("authorize", cart.session_id or "")
        session["status"] = "captured"
        late = await town.deliver("authorize", cart.session_id or "")

        assert (early.status_code, early.json()["code"]) == (409, "not_paid")
        assert late.status_code == 200

    run(story())


def test_a_sidecar_that_cannot_be_asked_back_is_told_to_ask_again() -> None:
    async def story() -> None:
        town = Town()
        cart = await paid_cart(town)
        town.sidecar.down = True

        answer = await town.deliver("authorize", cart.session_id or "")

        assert answer.status_code == 503  # neither done nor refused: the sidecar repeats it
        assert not town.backend.orders

    run(story())


def test_another_amount_is_a_conflict() -> None:
    async def story() -> None:
        town = Town()
        cart = await paid_cart(town)

        answer = await town.deliver("authorize", cart.session_id or "", amount=TEA_SET.price - 1)

        assert (answer.status_code, answer.json()["code"]) == (409, "amount_mismatch")

    run(story())


def test_an_unknown_session_is_not_found() -> None:
    async def story() -> None:
        town = Town()

        answers = [await town.deliver(topic, "payses_nobody") for topic in ("authorize", "cancel")]

        assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "session_not_found")] * 2

    run(story())


def test_a_cancel_marks_the_order_refunded_once() -> None:
    async def story() -> None:
        town = Town()
        cart = await paid_cart(town)
        await town.deliver("authorize", cart.session_id or "")

        answers = [await town.deliver("cancel", cart.session_id or "") for _ in range(2)]

        assert [answer.status_code for answer in answers] == [200, 200]
        assert cart.order is not None
        assert cart.order.status is OrderStatus.REFUNDED
        assert [entry.step for entry in town.journal.entries].count(Step.ORDER_REFUNDED) == 1

    run(story())


def test_a_cancel_of_a_payment_that_placed_no_order_is_a_conflict() -> None:
    async def story() -> None:
        town = Town()
        cart = await paid_cart(town)

        before = await town.deliver("cancel", cart.session_id or "")
        await town.deliver("authorize", cart.session_id or "")
        other = await town.deliver("cancel", cart.session_id or "", transaction_id="another")

        assert [before.json()["code"], other.json()["code"]] == ["order_not_placed"] * 2
        assert town.journal.entries[-1].outcome == "409 order_not_placed"

    run(story())


def test_only_the_backend_key_opens_the_door() -> None:
    async def story() -> None:
        town = Town()
        cart = await paid_cart(town)
        message = json.dumps({"transaction_id": "t", "amount": TEA_SET.price})

        keys = ["", ":", f"{BACKEND_KEY}", f":{BACKEND_KEY}", f"{BACKEND_KEY}:x", "other:"]
        answers = [await town.post("authorize", cart.session_id or "", message, "authorize:t", key) for key in keys]

        assert {answer.status_code for answer in answers} == {401}
        assert {answer.json()["code"] for answer in answers} == {"unauthorized"}
        assert not town.backend.orders

    run(story())


def test_a_call_without_a_key_or_without_an_object_is_malformed() -> None:
    async def story() -> None:
        town = Town()
        cart = await paid_cart(town)

        keyless = await town.post("authorize", cart.session_id or "", "{}", None)
        shapeless = [await town.post("authorize", cart.session_id or "", body, "k") for body in ("", "[]", "{", "7")]

        assert {answer.status_code for answer in (keyless, *shapeless)} == {400}

    run(story())


def test_an_order_is_what_was_registered_even_if_the_cart_changes_during_the_payment() -> None:
    async def story() -> None:
        town = Town()
        cart = await paid_cart(town)
        cart.put(LAGAN.handle, 3)

        await town.deliver("authorize", cart.session_id or "")

        assert cart.order is not None
        assert [(line.product, line.quantity) for line in cart.order.lines] == [(TEA_SET, 1)]
        assert cart.order.amount == TEA_SET.price

    run(story())


def test_a_changed_cart_keeps_its_session_and_changes_the_amount() -> None:
    async def story() -> None:
        town = Town()
        cart = town.backend.new_cart()
        cart.put(TEA_SET.handle, 1)
        first = await town.backend.register(cart, "ru", "uz")
        cart.put(LAGAN.handle, 1)
        assert not cart.registered

        second = await town.backend.register(cart, "en", "uz")

        assert isinstance(first, Session)
        assert isinstance(second, Session)
        assert (second.id, second.amount, second.locale) == (first.id, TEA_SET.price + LAGAN.price, "en")
        assert cart.registered

    run(story())


def test_a_double_click_on_the_payment_step_registers_one_session() -> None:
    async def story() -> None:
        town = Town()
        cart = town.backend.new_cart()
        cart.put(TEA_SET.handle, 1)

        await asyncio.gather(*(town.backend.register(cart, "ru", "uz") for _ in range(3)))

        assert list(town.sidecar.sessions) == [cart.session_id]

    run(story())


def test_a_session_at_work_refuses_another_amount_and_the_cart_remembers_the_first() -> None:
    async def story() -> None:
        town = Town()
        cart = await paid_cart(town)
        cart.put(TEA_SET.handle, 2)

        answer = await town.backend.register(cart, "ru", "uz")

        assert answer == Refusal(409, "amount_locked")
        assert not cart.registered

    run(story())


def test_a_cart_holds_at_most_nine_of_a_thing_and_forgets_what_it_has_none_of() -> None:
    cart = Cart("cart_1")

    cart.put(TEA_SET.handle, 99)
    cart.put(LAGAN.handle, 1)
    cart.put(LAGAN.handle, 0)

    assert cart.quantities == {TEA_SET.handle: 9}
