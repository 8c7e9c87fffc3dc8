"""Medusa may be away or die at the worst moment; a performed payment still becomes one paid order."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.medusa.house import House, eventually, paid, tiyin
from tests.medusa.store import Books

TEA_SET = 140000
MINUTE = 60.0


def test_a_medusa_that_is_down_for_a_minute_at_perform_finds_the_payment_waiting(house: House) -> None:
    cart = house.store.cart()
    session = house.store.session(cart)
    transaction = house.created(session)
    house.medusa.stop()
    house.perform(transaction)
    time.sleep(MINUTE)
    [line] = house.outbox(session)
    assert "waiting" in line

    house.medusa.start()

    assert house.store.books(house.order_of(cart)) == paid(TEA_SET)
    house.settled(session)


def test_a_medusa_that_is_killed_while_it_authorizes_repairs_what_it_left(house: House) -> None:
    cart = house.store.cart()
    session = house.store.session(cart)
    transaction = house.created(session)
    house.perform_and_crash(transaction)
    house.medusa.start()

    order = house.order_of(cart)

    assert house.store.books(order) == paid(TEA_SET)
    house.settled(session)
    assert house.store.complete(cart).json()["order"]["id"] == order


def test_a_medusa_that_is_killed_while_the_shopper_completes_repairs_what_it_left(house: House) -> None:
    cart = house.store.cart()
    session = house.store.session(cart)
    transaction = house.created(session)
    with house.gate.held(session["id"], "/authorize"), ThreadPoolExecutor(1) as shopper:
        house.perform(transaction)  # the sidecar's own call does not get past its first question
        returned = shopper.submit(house.store.complete, cart)
        house.gate.wait_for_call("/authorize")
        house.medusa.kill()
        assert isinstance(returned.exception(), httpx.TransportError)
    house.medusa.start()

    assert house.store.complete(cart).json()["type"] == "order"
    assert house.store.books(house.order_of(cart)) == paid(TEA_SET)
    house.settled(session)


def test_a_shopper_whose_completion_is_half_way_is_not_taken_for_a_crash(house: House) -> None:
    cart = house.store.cart()
    session = house.store.session(cart)
    transaction = house.created(session)
    with ThreadPoolExecutor(1) as shopper:
        with house.gate.held("/authorize"):
            returned = shopper.submit(house.store.complete, cart)
            house.gate.wait_for_call("/authorize")
            house.perform(transaction)
            time.sleep(2)  # the sidecar's own call comes, and finds an order without a payment
        answer = returned.result()

    assert answer.json()["type"] == "order", answer.text
    house.settled(session)
    assert house.store.books(house.order_of(cart)) == paid(TEA_SET)


def test_a_repair_that_is_asked_for_four_times_at_once_pays_the_order_once(house: House) -> None:
    cart = house.store.cart()
    session = house.store.session(cart)
    transaction = house.created(session)
    house.perform_and_crash(transaction)
    house.sidecar.kill()  # its message is leased now, and not asked again while we ask
    house.medusa.start()
    house.sidecar.start()
    told = {"transaction_id": transaction, "amount": tiyin(session["amount"]), "perform_time": 1}

    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(house.store.ask, session["id"], "authorize", **told) for _ in range(4)]
        answers = [call.result() for call in asked]

    assert [answer.status_code for answer in answers] == [200] * 4, [answer.text for answer in answers]
    assert house.store.books(house.order_of(cart)) == paid(TEA_SET)
    house.settled(session)


def test_an_order_that_a_crash_left_unpaid_is_canceled_when_payme_takes_the_payment_back(house: House) -> None:
    before = house.store.reserved("tea-set")
    cart = house.store.cart()
    session = house.store.session(cart)
    transaction = house.created(session)
    house.perform_and_crash(transaction)
    house.take_back(transaction)
    house.medusa.start()

    house.settled(session)

    [order] = house.store.orders_of(cart)
    assert house.store.books(order) == Books("canceled", "canceled", 0, [], [], [])
    assert house.store.reserved("tea-set") == before


def test_a_sidecar_that_is_killed_at_perform_delivers_after_its_start(house: House) -> None:
    cart = house.store.cart()
    session = house.store.session(cart)
    transaction = house.created(session)
    house.medusa.stop()
    house.perform(transaction)
    house.sidecar.kill()
    house.medusa.start()
    house.sidecar.start()

    assert house.store.books(house.order_of(cart)) == paid(TEA_SET)
    eventually(lambda: not house.outbox(session), "an empty outbox")
