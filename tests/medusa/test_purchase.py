"""Every performed payment is one order, one payment and one capture in a real Medusa; nothing else is."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.medusa.house import House, eventually, paid, tiyin
from tests.medusa.store import OTHER

TEA_SET = 140000
LAGAN = 320000


def test_a_session_carries_the_link_to_payme_and_no_secret(house: House) -> None:
    session = house.store.session(house.store.cart(), locale="uz", country_code="uz")

    assert session["status"] == "pending"
    assert session["data"]["checkout_url"].startswith("https://checkout.paycom.uz/")
    ours = {"session_id", "checkout_url", "qr_url", "transaction", "fiscal_receipts"}
    assert set(session["data"]) == ours | {"locale", "country_code"}


def test_an_unpaid_cart_does_not_become_an_order(house: House) -> None:
    cart = house.store.cart()
    house.store.session(cart)

    answer = house.store.complete(cart)

    assert answer.status_code == 200
    assert answer.json()["type"] == "cart"
    assert answer.json()["error"]["type"] == "payment_requires_more_error"
    assert house.store.orders_of(cart) == []


@pytest.mark.parametrize(
    "forged",
    [
        {"status": "captured"},
        {"payme": {"state": 2}},
        {"transaction": {"id": "mine", "state": 2}},
        {"session_id": "payses_of_somebody_who_paid", "checkout_url": "https://evil.example"},
    ],
)
def test_a_shopper_who_writes_that_it_is_paid_is_not_believed(house: House, forged: dict[str, object]) -> None:
    cart = house.store.cart()
    session = house.store.session(cart, **forged)

    answer = house.store.complete(cart)

    assert answer.json()["type"] == "cart"
    assert session["data"]["session_id"] == session["id"]
    assert session["data"]["checkout_url"].startswith("https://checkout.paycom.uz/")
    assert session["data"]["transaction"] is None


def test_the_order_is_placed_when_the_shopper_never_returns(house: House) -> None:
    cart = house.store.cart()
    session = house.store.session(cart)

    house.pay(session)

    assert house.store.books(house.order_of(cart)) == paid(TEA_SET)
    house.settled(session)


def test_the_shopper_who_returns_later_gets_the_same_order(house: House) -> None:
    cart = house.store.cart()
    house.pay(house.store.session(cart))
    order = house.order_of(cart)

    answers = [house.store.complete(cart).json() for _ in range(2)]

    assert [answer["order"]["id"] for answer in answers] == [order, order]
    assert house.store.books(order) == paid(TEA_SET)


def test_a_storefront_can_still_draw_the_checkout_of_a_cart_that_became_an_order(house: House) -> None:
    cart = house.store.cart()
    house.pay(house.store.session(cart))
    house.order_of(cart)

    read = house.store.read_cart(cart)

    assert read["completed_at"] is not None
    assert [session["status"] for session in read["payment_collection"]["payment_sessions"]] == ["authorized"]
    assert house.store.shipping_options(cart)


def test_an_amount_with_tiyin_arrives_to_the_tiyin(house: House) -> None:
    cart = house.store.cart("adras-scarf")
    session = house.store.session(cart)
    assert tiyin(session["amount"]) == 8_900_050

    house.pay(session)

    assert house.store.books(house.order_of(cart)) == paid(89000.5)


def test_a_declined_card_leaves_the_order_free_for_the_next_try(house: House) -> None:
    cart = house.store.cart()
    session = house.store.session(cart)
    declined = house.created(session)
    house.payme("CancelTransaction", id=declined, reason=2)
    assert house.store.complete(cart).json()["type"] == "cart"

    house.perform(house.created(session, attempt=2))

    assert house.store.books(house.order_of(cart)) == paid(TEA_SET)


def test_paying_the_same_link_again_is_refused(house: House) -> None:
    cart = house.store.cart()
    session = house.store.session(cart)
    house.pay(session)
    order = house.order_of(cart)

    again = house.create(session, attempt=2)

    assert again["error"]["code"] == -31052
    assert house.store.books(order) == paid(TEA_SET)


@pytest.mark.parametrize("round_", range(10))
def test_two_performs_and_two_returning_shoppers_at_once_make_one_order(house: House, round_: int) -> None:
    cart = house.store.cart()
    session = house.store.session(cart)
    transaction = house.created(session)
    told = {
        "transaction_id": transaction,
        "amount": tiyin(session["amount"]),
        "perform_time": time.time_ns() // 1_000_000,
    }

    with ThreadPoolExecutor(6) as threads:
        performs = [threads.submit(house.perform, transaction) for _ in range(2)]
        completes = [threads.submit(house.store.complete, cart) for _ in range(2)]
        [perform.result() for perform in performs]
        asked = [threads.submit(house.store.ask, session["id"], "authorize", **told) for _ in range(2)]
        answers = [call.result() for call in [*completes, *asked]]

    assert [answer.status_code for answer in answers] == [200] * 4, [answer.text[:300] for answer in answers]
    assert house.store.books(house.order_of(cart)) == paid(TEA_SET)
    house.settled(session)


def test_an_authorize_that_is_asked_again_answers_the_same(house: House) -> None:
    cart = house.store.cart()
    session = house.store.session(cart)
    transaction = house.pay(session)
    order = house.order_of(cart)
    told = {"transaction_id": transaction, "amount": tiyin(TEA_SET), "perform_time": 1}

    answers = [house.store.ask(session["id"], "authorize", **told) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["order_id"] == order
    assert house.store.books(order) == paid(TEA_SET)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"amount": 1}, "amount_mismatch"), ({"transaction_id": "another"}, "transaction_mismatch")],
)
def test_an_authorize_that_does_not_agree_with_the_books_is_refused(
    house: House, wrong: dict[str, object], code: str
) -> None:
    cart = house.store.cart()
    session = house.store.session(cart)
    transaction = house.pay(session)
    order = house.order_of(cart)
    told = {"transaction_id": transaction, "amount": tiyin(TEA_SET), "perform_time": 1, **wrong}

    answer = house.store.ask(session["id"], "authorize", **told)

    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert house.store.books(order) == paid(TEA_SET)


def test_an_authorize_that_payme_has_not_performed_is_refused(house: House) -> None:
    cart = house.store.cart()
    session = house.store.session(cart)
    transaction = house.created(session)
    told = {"transaction_id": transaction, "amount": tiyin(TEA_SET), "perform_time": 1}

    answer = house.store.ask(session["id"], "authorize", **told)

    assert (answer.status_code, answer.json()["code"]) == (409, "not_performed")
    assert house.store.orders_of(cart) == []


@pytest.mark.parametrize("verb", ["authorize", "cancel"])
def test_a_session_that_medusa_does_not_have_is_not_found(house: House, verb: str) -> None:
    told = {"transaction_id": "t", "amount": 1, "perform_time": 1, "cancel_time": 1, "reason": 5}

    answer = house.store.ask("payses_nobody", verb, **told)

    assert (answer.status_code, answer.json()["code"]) == (404, "session_not_found")


def test_a_session_of_another_provider_is_not_found(house: House) -> None:
    cart = house.store.cart()
    chosen = house.store.choose(cart, OTHER).json()["payment_collection"]["payment_sessions"][0]

    answer = house.store.ask(chosen["id"], "authorize", transaction_id="t", amount=tiyin(TEA_SET), perform_time=1)

    assert (answer.status_code, answer.json()["code"]) == (404, "session_not_found")


def test_money_for_goods_that_are_gone_is_parked_and_becomes_an_order_after_a_restock(house: House) -> None:
    cart = house.store.cart("lagan", quantity=3)
    session = house.store.session(cart)
    transaction = house.created(session)
    house.store.stock("lagan", 2)

    house.perform(transaction)
    line = house.parked(session)
    assert "no_order" in line
    assert house.store.orders_of(cart) == []

    house.store.stock("lagan", 1000)
    house.retry(line)

    assert house.store.books(house.order_of(cart)) == paid(3 * LAGAN)
    house.settled(session)


def test_money_for_a_session_that_was_lost_is_parked_and_becomes_an_order_when_it_is_back(house: House) -> None:
    cart = house.store.cart()
    session = house.store.session(cart)
    transaction = house.created(session)
    of_it = f"WHERE id = '{session['id']}'"
    house.medusa.psql(f"CREATE TABLE lost AS SELECT * FROM payment_session {of_it}")
    house.medusa.psql(f"DELETE FROM payment_session {of_it}")

    house.perform(transaction)
    line = house.parked(session)
    assert "session_not_found" in line

    house.medusa.psql("INSERT INTO payment_session SELECT * FROM lost")
    house.medusa.psql("DROP TABLE lost")
    house.retry(line)

    assert house.store.books(house.order_of(cart)) == paid(TEA_SET)


def test_a_parked_payment_that_payme_takes_back_leaves_nothing_undone(house: House) -> None:
    cart = house.store.cart("lagan", quantity=3)
    session = house.store.session(cart)
    transaction = house.created(session)
    house.store.stock("lagan", 2)
    house.perform(transaction)
    house.parked(session)

    house.take_back(transaction)
    house.store.stock("lagan", 1000)

    house.settled(session)
    assert house.store.orders_of(cart) == []
    assert house.store.add(cart).status_code == 200  # the cart is free again


def test_a_payment_that_was_authorized_by_the_returning_shopper_alone_is_whole(house: House) -> None:
    cart = house.store.cart()
    session = house.store.session(cart)
    transaction = house.created(session)
    with house.gate.held(session["id"]):  # the route waits for the books; the shopper does not
        house.perform(transaction)
        answer = house.store.complete(cart)

    assert answer.json()["type"] == "order"
    eventually(lambda: not house.outbox(session), "an empty outbox")
    assert house.store.books(house.order_of(cart)) == paid(TEA_SET)
