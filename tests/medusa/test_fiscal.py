"""What a cart of a real Medusa is made of reaches Payme, and Payme's receipt comes back."""

from typing import Any, Final

from tests.medusa.house import House, paid, tiyin

CERAMICS: Final = {"code": "06912001006000000", "package_code": "1500215", "vat_percent": 12}
SILK: Final = {"code": "06214001001000000", "package_code": "1500216", "vat_percent": 12}
RECEIPT: Final = {
    "receipt_id": 121,
    "status_code": 0,
    "message": "accepted",
    "terminal_id": "EP000000000025",
    "fiscal_sign": "800031554082",
    "qr_code_url": "https://ofd.soliq.uz/check?t=EP000000000025&r=121&c=20220303171830&s=800031554082",
    "date": "20220303171830",
}


def told(house: House, session: dict[str, Any]) -> Any:
    """Give the lines that CheckPerformTransaction tells Payme."""
    account = {"order_id": session["id"]}
    result = house.payme("CheckPerformTransaction", amount=tiyin(session["amount"]), account=account)["result"]
    assert result["allow"] is True
    return result.get("detail")


def test_two_goods_a_discount_and_a_delivery_become_a_receipt(house: House) -> None:
    house.store.promotion("NAVROZ", 10)
    cart = house.store.cart("tea-set", quantity=3)
    house.store.add(cart, "adras-scarf")
    house.store.promote(cart, "NAVROZ")
    with house.store.courier(25000) as courier:
        house.store.deliver(cart, courier)
        session = house.store.session(cart)
        detail = told(house, session)
        transaction = house.pay(session)
        order = house.order_of(cart)

    # 420 000 and 89 000.50 so'm, less a tenth, and the courier.
    assert tiyin(session["amount"]) == 48_310_045
    assert detail == {
        "receipt_type": 0,
        "shipping": {"title": "Courier", "price": 2_500_000},
        "items": [
            {"title": "Rishtan tea set", "price": 14_000_000, "count": 3, "discount": 4_200_000, **CERAMICS},
            {"title": "Adras scarf", "price": 8_900_050, "count": 1, "discount": 890_005, **SILK},
        ],
    }
    assert "detail" not in session["data"]

    assert house.store.account(session["id"])["fiscal_receipts"] == []
    house.payme("SetFiscalData", id=transaction, type="PERFORM", fiscal_data=RECEIPT)

    account = house.store.account(session["id"])
    [receipt] = account["fiscal_receipts"]
    assert (account["order_id"], account["status"]) == (order, "captured")
    assert receipt == {"type": "PERFORM", **RECEIPT, "received_time": receipt["received_time"]}
    assert house.store.books(order) == paid(483100.45)


def test_a_cart_with_a_code_missing_is_paid_without_lines(house: House) -> None:
    house.store.describe("lagan", {"ikpu_code": 6912001006000000})  # a number: its leading zero is gone
    try:
        session = house.store.session(house.store.cart("lagan"))
    finally:
        house.store.describe("lagan", {"ikpu_code": ""})

    assert told(house, session) is None
    assert told(house, house.store.session(house.store.cart("lagan")))["items"][0]["code"] == CERAMICS["code"]


def test_a_shopper_writes_no_lines_of_their_own(house: House) -> None:
    line = {"title": "Nothing", "price": 14_000_000, "count": 1, "discount": 0, **SILK}
    session = house.store.session(house.store.cart(), detail={"receipt_type": 0, "items": [line]})

    assert [item["title"] for item in told(house, session)["items"]] == ["Rishtan tea set"]


def test_a_session_that_medusa_does_not_have_has_no_account(house: House) -> None:
    answer = house.store.ask_account("payses_nobody")

    assert (answer.status_code, answer.json()["code"]) == (404, "session_not_found")
