"""A cart keeps its sum while Payme is at work on it, and a link of yesterday's cart pays nothing."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.medusa.house import House, eventually, paid, tiyin
from tests.medusa.store import OTHER, PAYME

TEA_SET = 140000


def test_the_old_link_is_dead_after_the_cart_has_changed(house: House) -> None:
    cart = house.store.cart()
    old = house.store.session(cart)
    assert house.store.add(cart).status_code == 200

    refused = house.create(old)

    assert refused["error"]["code"] == -31052
    new = house.store.session(cart)
    assert (new["id"] != old["id"], new["amount"]) == (True, 2 * TEA_SET)
    house.pay(new)
    assert house.store.books(house.order_of(cart)) == paid(2 * TEA_SET)


def test_a_cart_cannot_change_its_sum_while_payme_is_at_work_on_it(house: House) -> None:
    cart = house.store.cart()
    session = house.store.session(cart)
    transaction = house.created(session)

    answer = house.store.add(cart)

    assert (answer.status_code, answer.json()["code"]) == (400, "payme_payment_under_way")
    assert house.store.read_cart(cart)["total"] == TEA_SET
    house.perform(transaction)
    assert house.store.books(house.order_of(cart)) == paid(TEA_SET)


def test_a_cart_is_free_again_after_a_declined_card(house: House) -> None:
    cart = house.store.cart()
    declined = house.created(house.store.session(cart))
    house.payme("CancelTransaction", id=declined, reason=2)

    answer = house.store.add(cart)

    assert answer.status_code == 200
    house.pay(house.store.session(cart))
    assert house.store.books(house.order_of(cart)) == paid(2 * TEA_SET)


def test_an_address_can_change_while_payme_is_at_work(house: House) -> None:
    cart = house.store.cart()
    transaction = house.created(house.store.session(cart))

    answer = house.store.update(cart, email="karim@example.uz")

    assert answer.status_code == 200, answer.text
    house.perform(transaction)
    assert house.store.books(house.order_of(cart)) == paid(TEA_SET)


def test_choosing_another_way_to_pay_ends_the_payment_at_payme(house: House) -> None:
    cart = house.store.cart()
    session = house.store.session(cart)
    transaction = house.created(session)

    assert house.store.choose(cart, OTHER).status_code == 200

    refused = house.payme("PerformTransaction", id=transaction)
    assert refused["error"]["code"] == -31008
    assert house.store.complete(cart).json()["type"] == "order"  # paid the other way, once


def test_a_paid_cart_takes_no_second_payment_session(house: House) -> None:
    cart = house.store.cart("lagan")
    session = house.store.session(cart)
    transaction = house.created(session)
    house.store.stock("lagan", 0)
    house.perform(transaction)
    line = house.parked(session)

    answers = [house.store.choose(cart, provider) for provider in (OTHER, session["provider_id"])]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(400, "already_paid")] * 2
    house.store.stock("lagan", 1000)
    house.retry(line)
    assert house.store.books(house.order_of(cart)) == paid(320000)


def test_a_cart_with_a_payme_session_does_not_change_unseen_when_the_sidecar_is_away(house: House) -> None:
    cart = house.store.cart()
    session = house.store.session(cart)
    house.sidecar.kill()
    try:
        answer = house.store.add(cart)
    finally:
        house.sidecar.start()

    assert answer.status_code == 500
    assert house.store.read_cart(cart)["total"] == TEA_SET
    house.pay(session)
    assert house.store.books(house.order_of(cart)) == paid(TEA_SET)


@pytest.mark.parametrize("round_", range(5))
def test_a_double_click_makes_one_link_that_can_be_paid(house: House, round_: int) -> None:
    cart = house.store.cart()
    house.store.collection(cart)

    with ThreadPoolExecutor(2) as fingers:
        clicks = [fingers.submit(house.store.choose, cart) for _ in range(2)]
        made = [session for click in clicks for session in sessions_in(click.result())]

    [left] = house.store.read_cart(cart)["payment_collection"]["payment_sessions"]
    payable = {session["id"] for session in made if "result" in house.create(session)}
    assert payable == {left["id"]}


@pytest.mark.parametrize("round_", range(5))
def test_a_link_that_is_made_while_the_cart_grows_asks_for_what_the_cart_costs(house: House, round_: int) -> None:
    cart = house.store.cart()
    house.store.collection(cart)

    with ThreadPoolExecutor(2) as tabs:
        grown, chosen = tabs.submit(house.store.add, cart), tabs.submit(house.store.choose, cart)
        grown.result()
        made = sessions_in(chosen.result())

    total = house.store.read_cart(cart)["total"]
    payable = [session for session in made if "result" in house.create(session)]
    assert all(session["amount"] == total for session in payable)


def test_a_change_of_the_cart_that_failed_half_way_leaves_no_wrong_sum_behind(house: House) -> None:
    cart = house.store.cart()
    session = house.store.session(cart)
    house.medusa.psql(f"UPDATE payment_collection SET amount = 280000, raw_amount = '{raw(280000)}' {of_it(session)}")

    again = house.store.session(cart)

    assert again["amount"] == TEA_SET
    house.pay(again)
    assert house.store.books(house.order_of(cart)) == paid(TEA_SET)


def test_a_wrong_sum_that_is_found_after_the_payment_does_not_stay_in_the_books(house: House) -> None:
    cart = house.store.cart()
    session = house.store.session(cart)
    house.medusa.psql(f"UPDATE payment_collection SET amount = 280000, raw_amount = '{raw(280000)}' {of_it(session)}")

    house.pay(session)

    assert house.store.books(house.order_of(cart)) == paid(TEA_SET)


def test_a_payment_of_another_sum_than_the_carts_is_parked_and_does_not_become_an_order(house: House) -> None:
    cart = house.store.cart()
    session = house.store.session(cart)
    transaction = house.created(session)
    house.medusa.psql(f"UPDATE cart_line_item SET quantity = 10 WHERE cart_id = '{cart}'")  # past every guard

    house.perform(transaction)

    assert "cart_changed" in house.parked(session)
    refused = house.store.complete(cart)
    assert (refused.status_code, refused.json()["code"]) == (400, "cart_changed")
    assert house.store.orders_of(cart) == []


def test_the_link_that_was_paid_counts_when_a_second_one_lies_in_the_cart(house: House) -> None:
    cart = house.store.cart()
    first = house.store.session(cart)
    twin = twin_of(house, first)

    house.pay(twin)

    assert house.store.books(house.order_of(cart)) == paid(TEA_SET)
    house.settled(twin)
    assert house.create(first, attempt=2)["error"]["code"] == -31052


def test_a_second_payment_of_one_cart_is_parked_for_a_person_and_not_booked(house: House) -> None:
    cart = house.store.cart()
    first = house.store.session(cart)
    twin = twin_of(house, first)
    transactions = [house.created(first), house.created(twin)]

    for transaction in transactions:
        house.perform(transaction)

    order = house.order_of(cart)
    [line] = eventually(
        lambda: [line for line in house.outbox(first) + house.outbox(twin) if "parked" in line], "a parked message"
    )
    assert "paid_twice" in line
    assert house.store.books(order) == paid(TEA_SET)


def test_a_cart_that_is_gone_parks_its_payment(house: House) -> None:
    cart = house.store.cart()
    session = house.store.session(cart)
    transaction = house.created(session)
    house.medusa.psql(f"UPDATE cart SET deleted_at = now() WHERE id = '{cart}'")

    house.perform(transaction)
    line = house.parked(session)
    assert "cart_not_found" in line

    house.medusa.psql(f"UPDATE cart SET deleted_at = NULL WHERE id = '{cart}'")
    house.retry(line)
    assert house.store.books(house.order_of(cart)) == paid(TEA_SET)


def test_a_cart_that_became_an_order_takes_no_new_payment(house: House) -> None:
    cart = house.store.cart()
    session = house.store.session(cart)
    transaction = house.pay(session)
    order = house.order_of(cart)
    house.take_back(transaction)
    eventually(lambda: house.store.books(order).status == "canceled", "a canceled order")

    answer = house.store.choose(cart)

    assert (answer.status_code, answer.json()["code"]) == (400, "order_placed")


def twin_of(house: House, session: dict[str, Any]) -> dict[str, Any]:
    """A second Payme session in the same collection, as a race would leave it: in Medusa and at the sidecar."""
    twin = {**session, "id": session["id"][:-4] + "TWIN"}
    data = f"jsonb_set(data, '{{session_id}}', '\"{twin['id']}\"')"
    rest = "currency_code, amount, raw_amount, provider_id, context, status, payment_collection_id"
    house.medusa.psql(
        f"INSERT INTO payment_session (id, data, {rest})"
        f" SELECT '{twin['id']}', {data}, {rest} FROM payment_session WHERE id = '{session['id']}'"
    )
    registered = house.sidecar.register(twin["id"], tiyin(session["amount"]))
    assert registered.status_code == 201, registered.text
    return twin


def sessions_in(answer: httpx.Response) -> list[dict[str, Any]]:
    collection = answer.json().get("payment_collection", {}) if answer.is_success else {}
    return [session for session in collection.get("payment_sessions", []) if session["provider_id"] == PAYME]


def raw(som: int) -> str:
    return json.dumps({"value": str(som), "precision": 20})


def of_it(session: dict[str, Any]) -> str:
    return f"WHERE id = '{session['payment_collection_id']}'"
