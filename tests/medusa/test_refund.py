"""Refunds start in Payme's cabinet; Medusa follows, and an admin cannot book one that nobody has made."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.medusa.house import House, eventually, paid, tiyin
from tests.medusa.store import Books

TEA_SET = 140000
TAKEN_BACK = Books(
    "canceled", "refunded", payments=1, captures=[TEA_SET], refunds=[TEA_SET], transactions=[-TEA_SET, TEA_SET]
)


def bought(house: House) -> tuple[dict[str, object], str, str]:
    cart = house.store.cart()
    session = house.store.session(cart)
    transaction = house.pay(session)
    return session, transaction, house.order_of(cart)


def test_a_refund_from_the_cabinet_cancels_the_order_and_frees_its_stock(house: House) -> None:
    before = house.store.reserved("tea-set")
    session, transaction, order = bought(house)
    assert house.store.reserved("tea-set") == before + 1

    house.take_back(transaction)

    house.settled(session)
    assert house.store.books(order) == TAKEN_BACK
    assert house.store.reserved("tea-set") == before


def test_a_refund_after_the_goods_were_sent_keeps_the_order_and_books_the_money_back(house: House) -> None:
    session, transaction, order = bought(house)
    house.store.fulfill(order)

    house.take_back(transaction)

    house.settled(session)
    assert house.store.books(order) == TAKEN_BACK._replace(status="pending")


def test_a_cancel_that_is_asked_again_answers_the_same(house: House) -> None:
    session, transaction, order = bought(house)
    house.take_back(transaction)
    house.settled(session)
    told = {"transaction_id": transaction, "amount": tiyin(TEA_SET), "reason": 5, "cancel_time": 1}

    answers = [house.store.ask(str(session["id"]), "cancel", **told) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert house.store.books(order) == TAKEN_BACK


def test_a_late_authorize_of_a_payment_that_was_taken_back_changes_nothing(house: House) -> None:
    session, transaction, order = bought(house)
    house.take_back(transaction)
    house.settled(session)

    answer = house.store.ask(
        str(session["id"]), "authorize", transaction_id=transaction, amount=tiyin(TEA_SET), perform_time=1
    )

    assert (answer.status_code, answer.json()["status"]) == (200, "canceled")
    assert house.store.books(order) == TAKEN_BACK


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({}, "not_taken_back"),
        ({"amount": 1}, "amount_mismatch"),
        ({"transaction_id": "another"}, "transaction_mismatch"),
    ],
)
def test_a_cancel_that_payme_has_not_made_is_refused(house: House, wrong: dict[str, object], code: str) -> None:
    session, transaction, order = bought(house)
    told = {"transaction_id": transaction, "amount": tiyin(TEA_SET), "reason": 5, "cancel_time": 1, **wrong}

    answer = house.store.ask(str(session["id"]), "cancel", **told)

    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert house.store.books(order) == paid(TEA_SET)


def test_an_admin_who_cancels_a_paid_order_is_sent_to_the_cabinet(house: House) -> None:
    _, _, order = bought(house)

    answer = house.store.cancel_order(order)

    assert (answer.status_code, answer.json()["code"]) == (400, "refund_in_cabinet")
    assert "Payme Business" in answer.json()["message"]
    assert house.store.books(order) == paid(TEA_SET)


@pytest.mark.parametrize("wish", [{}, {"amount": 1000}, {"amount": TEA_SET}])
def test_an_admin_who_refunds_is_sent_to_the_cabinet(house: House, wish: dict[str, object]) -> None:
    _, _, order = bought(house)
    [payment] = house.store.payments(order)

    answer = house.store.refund(payment["id"], **wish)

    assert (answer.status_code, answer.json()["code"]) == (400, "refund_in_cabinet")
    assert house.store.books(order) == paid(TEA_SET)


def test_an_admin_is_sent_to_the_cabinet_when_the_sidecar_is_away_too(house: House) -> None:
    _, _, order = bought(house)
    [payment] = house.store.payments(order)
    house.sidecar.kill()
    try:
        answers = [house.store.cancel_order(order), house.store.refund(payment["id"])]
    finally:
        house.sidecar.start()

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(400, "refund_in_cabinet")] * 2
    assert house.store.books(order) == paid(TEA_SET)


def test_an_admin_who_cancels_while_the_refund_is_on_its_way_changes_nothing(house: House) -> None:
    session, transaction, order = bought(house)
    house.settled(session)
    with ThreadPoolExecutor(1) as admin:
        with house.gate.held("/refund"):
            house.take_back(transaction)
            house.gate.wait_for_call("/refund")
            pressed = admin.submit(house.store.cancel_order, order)
            time.sleep(1)  # it would be through by now, if it did not wait
        answer = pressed.result()

    house.settled(session)
    assert answer.status_code == 400
    assert house.store.books(order) == TAKEN_BACK


def test_a_medusa_that_is_killed_while_it_refunds_books_the_refund_once(house: House) -> None:
    session, transaction, order = bought(house)
    house.settled(session)
    with house.gate.held("/refund"):
        house.take_back(transaction)
        house.gate.wait_for_call("/refund")
        house.medusa.kill()
    house.medusa.start()

    house.settled(session)

    assert house.store.books(order) == TAKEN_BACK


def test_a_refund_waits_for_medusa_to_come_back(house: House) -> None:
    session, transaction, order = bought(house)
    house.settled(session)
    house.medusa.stop()
    house.take_back(transaction)
    house.medusa.start()

    eventually(lambda: house.store.books(order).status == "canceled", "a canceled order")
    assert house.store.books(order) == TAKEN_BACK
