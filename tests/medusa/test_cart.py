"""A cart keeps its sum while Payme is at work on it, and a link of yesterday's cart pays nothing."""

from tests.medusa.house import House, paid
from tests.medusa.store import OTHER

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
