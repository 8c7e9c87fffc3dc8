"""Fiscal lines from the backend to Payme, and receipts back: read strictly, of the exact sum, lost nowhere."""

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

import httpx
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # its stubs are one package more
from sqlalchemy import Executable, func, select

from sidecar import fiscal, openapi, payment_sessions
from sidecar.clock import HOUR, Millis
from sidecar.database import Chain, Connection, Rows
from sidecar.database.work import NOTHING
from sidecar.money import TIYIN_MAX, Tiyin
from sidecar.payme_merchant import methods
from sidecar.payme_merchant.params import CheckPerform
from tests.shop import AMOUNT, BACKEND, NOON, PAYME, SESSION, Shop, code

PATH: Final = f"/payment-sessions/{SESSION}"
TEA_SET: Final = {
    "title": "Чайный набор из Риштана",
    "price": 6_000_000,
    "count": 2,
    "code": "00702001001000001",
    "package_code": "1500215",
    "vat_percent": 12,
    "units": 241092,
    "discount": 500_000,
}
BOWL: Final = {
    "title": "Rishton piyolasi",
    "price": 500_000,
    "count": 3,
    "code": "06912001006000000",
    "package_code": "1500216",
    "vat_percent": 0,
    "discount": 0,
}
SHIPPING: Final = {"title": "Yetkazib berish", "price": 1_000_000}
DETAIL: Final = {"receipt_type": 0, "shipping": SHIPPING, "items": [TEA_SET, BOWL]}  # 115 000 + 15 000 + 10 000
ONE_LINE: Final = {"receipt_type": 0, "items": [{**BOWL, "price": AMOUNT, "count": 1}]}


def put(place: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """Give DETAIL with another value at a place; `...` takes the member away."""
    detail = deepcopy(DETAIL)
    *way, last = place
    found: Any = detail
    for step in way:
        found = found[step]
    if value is ...:
        del found[last]
    else:
        found[last] = value
    return detail


def change(shop: Shop, **changes: Any) -> httpx.Response:
    return shop.api("POST", PATH, changes)


def refused(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def detail_for_payme(shop: Shop, amount: int = AMOUNT) -> Any:
    """Give what CheckPerformTransaction tells of the order; it allows the payment in any case."""
    result = shop.check_perform(amount=amount)["result"]
    assert result["allow"] is True
    return result.get("detail")


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_lines_are_kept_as_payme_wants_them_and_add_up() -> None:
    read = fiscal.read(DETAIL)

    assert read.text
    assert json.loads(read.text) == DETAIL
    assert read.total == AMOUNT


def test_a_code_keeps_its_leading_zeros() -> None:
    assert '"code":"00702001001000001"' in str(fiscal.read(DETAIL).text)


@pytest.mark.parametrize("nothing", [..., None])
def test_a_discount_that_is_not_mentioned_is_told_as_zero(nothing: Any) -> None:
    read = fiscal.read(put(("items", 1, "discount"), nothing))

    assert json.loads(read.text or "")["items"][1]["discount"] == 0


@pytest.mark.parametrize("nothing", [..., None])
@pytest.mark.parametrize("place", [("items", 0, "units"), ("shipping",)], ids=str)
def test_what_payme_need_not_know_may_be_left_out(place: tuple[Any, ...], nothing: Any) -> None:
    read = fiscal.read(put(place, nothing))

    assert json.loads(read.text or "") == put(place, ...)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("items", 0, "vat_percent"), 0),
        (("items", 0, "vat_percent"), 100),
        (("items", 0, "units"), 0),
        (("items", 0, "title"), "🫖" * 200),
        (("items", 0, "title"), 'a "quoted" \\ name; with </script>'),
        (("items", 0, "package_code"), "1"),
        (("items", 0, "discount"), 12_000_000),
        (("shipping", "price"), 0),
    ],
    ids=str,
)
def test_a_value_at_its_limit_is_taken_as_it_is(place: tuple[Any, ...], value: Any) -> None:
    detail = put(place, value)

    assert json.loads(fiscal.read(detail).text or "") == detail


ITEM: Final[tuple[str | int, ...]] = ("items", 1)
WRONG: Final[dict[tuple[str | int, ...], list[Any]]] = {
    ("receipt_type",): [..., None, 1, -1, "0", False, 0.0],
    ("shipping",): [[], "free", 0, True, {}, {"title": "x"}, {"price": 1}],
    ("shipping", "price"): [..., None, -1, 1.0, "1", True, TIYIN_MAX + 1],
    ("shipping", "vat_percent"): [12],
    ("items",): [..., None, [], {}, "x", [TEA_SET] * 101],
    ITEM: [None, [], "x", 1, {}],
    (*ITEM, "title"): [..., None, "", " ", " x", 5, "x" * 201, "a\nb", "a\x00b", "\ud800", "\x85"],
    (*ITEM, "price"): [..., None, 0, -1, "500000", 500000.0, 0.5, True, TIYIN_MAX + 1],
    (*ITEM, "count"): [..., None, 0, -1, "1", 1.0, 1.5, True, 1_000_001],
    (*ITEM, "code"): [
        *(..., None, 6912001006000000, "", "6912001006000000", "069120010060000000", "0691200100600000O"),
        *("٠٦٩١٢٠٠١٠٠٦٠٠٠٠٠٠", " 6912001006000000", "06912001006000000\n"),
    ],
    (*ITEM, "package_code"): [..., None, "", 1500216, "1 2", "1" * 33],
    (*ITEM, "vat_percent"): [..., None, -1, 101, 12.5, "12", True],
    (*ITEM, "units"): [-1, 1.0, "796", 2**31, True],
    (*ITEM, "discount"): [-1, 0.0, "0", False, 1_500_001, 2**70],
    **{(*ITEM, name): [1] for name in ("colour", "Price", "vatPercent", "")},
    ("total",): [AMOUNT],
}
MALFORMED: Final = [(place, value) for place, values in WRONG.items() for value in values]


@pytest.mark.parametrize(("place", "value"), MALFORMED, ids=str)
def test_a_wrong_shape_is_refused_by_its_place(place: tuple[Any, ...], value: Any) -> None:
    with pytest.raises(fiscal.Malformed) as refusal:
        fiscal.read(put(place, value))

    where = "detail" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    unknown = f"{where.rpartition('.')[0]} has no member {place[-1]!r}"
    assert str(refusal.value).startswith((where, unknown))


@pytest.mark.parametrize("value", [[], "x", 1, True, [DETAIL], {}])
def test_detail_is_an_object(value: Any) -> None:
    with pytest.raises(fiscal.Malformed, match=r"^detail"):
        fiscal.read(value)


def test_a_long_unknown_name_is_not_said_back_whole() -> None:
    with pytest.raises(fiscal.Malformed) as refusal:
        fiscal.read(put(("x" * 10_000,), 1))

    assert len(str(refusal.value)) < 100


@pytest.mark.parametrize("amount", [AMOUNT - 1, AMOUNT + 1, 1, TIYIN_MAX])
def test_lines_of_another_sum_are_refused(amount: int) -> None:
    with pytest.raises(fiscal.DetailDiffers, match=f"{AMOUNT} tiyin.*{amount}"):
        fiscal.agree(fiscal.read(DETAIL), Tiyin(amount))


def test_no_lines_agree_with_any_amount() -> None:
    fiscal.agree(fiscal.NO_LINES, Tiyin(1))


def test_sums_are_exact_beyond_what_a_float_can_hold() -> None:
    odd = 2**53 + 1
    detail = {"receipt_type": 0, "items": [{**BOWL, "price": odd, "count": 3, "discount": 1}]}

    assert fiscal.read(detail).total == 3 * odd - 1


def test_as_many_of_the_longest_lines_as_there_may_be_fit_the_body_of_a_call() -> None:
    item = {**TEA_SET, "title": "Ў" * 200, "price": 10**15, "count": 10**6, "package_code": "1" * 10}
    body = {"id": SESSION, "detail": {"receipt_type": 0, "items": [item] * fiscal.ITEMS_MAX}}

    assert len(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()) < 65_536


SCHEMA: Final = Draft202012Validator(openapi.SCHEMAS["Detail"])


def test_the_published_schema_takes_what_is_taken() -> None:
    assert SCHEMA.is_valid(DETAIL)
    assert SCHEMA.is_valid(ONE_LINE)


@pytest.mark.parametrize(("place", "value"), MALFORMED, ids=str)
def test_the_published_schema_refuses_what_is_refused(place: tuple[Any, ...], value: Any) -> None:
    whole_float = isinstance(value, float) and value.is_integer()  # an integer to JSON Schema
    of_two = place[-1] == "discount" and value == 1_500_001  # more than the line: no schema compares two members
    line_end = (
        isinstance(value, str) and value[-1:] == "\n"
    )  # before which Python's `$` ends, and JavaScript's does not

    assert SCHEMA.is_valid(put(place, value)) == (whole_float or of_two or line_end)


# ── from the backend to Payme ───────────────────────────────────────────────────────────────────────────────────


def test_payme_is_told_what_the_order_is_made_of(shop: Shop) -> None:
    view = shop.register(detail=DETAIL).json()

    assert view["detail"] == DETAIL
    assert shop.session() == view
    assert shop.check_perform() == {"result": {"allow": True, "detail": DETAIL}}


class Counting:
    """A connection that counts what it is asked."""

    def __init__(self, connection: Connection) -> None:
        self.dialect = connection.dialect
        self.asked = 0
        self._connection = connection

    def execute(self, statement: Executable | Chain, values: Mapping[str, object] = NOTHING) -> Rows:
        self.asked += 1
        return self._connection.execute(statement, values)


def test_the_lines_cost_payme_no_further_look_at_the_database(shop: Shop) -> None:
    shop.register(detail=DETAIL)

    def asked(connection: Connection) -> tuple[int, Any]:
        counting = Counting(connection)
        reply = methods.check_perform_transaction(counting, CheckPerform(SESSION, Tiyin(AMOUNT)), Millis(NOON))
        return counting.asked, reply

    assert shop.run(shop.house.database.read(asked)) == (1, {"allow": True, "detail": DETAIL})


def test_an_order_without_lines_is_allowed_as_ever(shop: Shop) -> None:
    shop.register()

    assert shop.check_perform() == {"result": {"allow": True}}


def test_lines_that_are_null_are_no_lines(shop: Shop) -> None:
    assert shop.register(detail=None).json()["detail"] is None


def test_whatever_a_title_holds_the_answer_is_json_in_ascii(shop: Shop) -> None:
    title = 'Чой 🫖 “to‘plami” \\ " \u2028'
    detail = {"receipt_type": 0, "items": [{**BOWL, "title": title, "price": AMOUNT, "count": 1}]}
    shop.register(detail=detail)
    call = {
        "id": 1,
        "method": "CheckPerformTransaction",
        "params": {"amount": AMOUNT, "account": {"order_id": SESSION}},
    }

    response = shop.run(shop.ask("POST", "/payme", json=call, headers=PAYME))

    assert response.content.isascii()
    assert response.json()["result"]["detail"]["items"][0]["title"] == title
    assert b'"price":14000000,' in response.content


def test_the_lines_do_not_go_into_the_link(shop: Shop) -> None:
    links = [shop.register(f"payses_0{n}", detail=it).json()["payment_url"] for n, it in enumerate((None, DETAIL))]

    assert len(links[0]) == len(links[1])


def test_a_payment_with_lines_goes_its_way(shop: Shop) -> None:
    shop.register(detail=DETAIL)
    shop.create()
    shop.perform()

    assert shop.session()["status"] == "captured"
    assert shop.session()["detail"] == DETAIL
    assert shop.deliver() == 1


@pytest.mark.parametrize(
    ("detail", "refusal", "says"),
    [
        (put(("items", 1, "code"), "6912"), (400, "invalid_detail"), "detail.items[1].code"),
        (put(("items", 1, "price"), 0.5), (400, "invalid_detail"), "detail.items[1].price"),
        ([], (400, "invalid_detail"), "detail must be an object"),
        (put(("shipping", "price"), 999_999), (422, "detail_differs"), "13999999"),
        (put(("shipping",), ...), (422, "detail_differs"), "13000000"),
    ],
    ids=str,
)
def test_wrong_lines_are_refused_with_their_place_and_nothing_is_stored(
    shop: Shop, detail: Any, refusal: tuple[int, str], says: str
) -> None:
    response = shop.register(detail=detail)

    assert refused(response) == refusal
    assert says in response.json()["message"]
    assert shop.api("GET", PATH).status_code == 404


# ── once more, and changed ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("again", [DETAIL, None, put(("items", 1, "discount"), ...)], ids=["same", "none", "unsaid 0"])
def test_registering_again_with_the_same_lines_or_none_changes_nothing(shop: Shop, again: Any) -> None:
    first = shop.register(detail=DETAIL).json()
    response = shop.register(detail=again)

    assert (response.status_code, response.json()) == (200, first)


@pytest.mark.parametrize("first", [None, DETAIL], ids=["without", "with"])
def test_registering_again_with_other_lines_is_refused(shop: Shop, first: Any) -> None:
    view = shop.register(detail=first).json()

    assert refused(shop.register(detail=ONE_LINE)) == (409, "session_differs")
    assert shop.session() == view


@pytest.mark.parametrize("amount", [{}, {"amount": AMOUNT}], ids=str)
def test_lines_can_be_given_later_taken_away_and_changed(shop: Shop, amount: dict[str, int]) -> None:
    shop.register()
    told = [change(shop, detail=it, **amount).json()["detail"] for it in (DETAIL, ONE_LINE, None, DETAIL)]

    assert told == [DETAIL, ONE_LINE, None, DETAIL]
    assert detail_for_payme(shop) == DETAIL


@pytest.mark.parametrize("changes", [{"locale": "uz"}, {"amount": AMOUNT}, {"amount": None}, {}], ids=str)
def test_a_change_that_leaves_the_amount_leaves_the_lines(shop: Shop, changes: dict[str, Any]) -> None:
    shop.register(detail=DETAIL)

    assert change(shop, **changes).json()["detail"] == DETAIL
    assert detail_for_payme(shop) == DETAIL


def test_another_amount_wants_other_lines(shop: Shop) -> None:
    first = shop.register(detail=DETAIL).json()

    response = change(shop, amount=AMOUNT + 1)

    assert refused(response) == (422, "detail_differs")
    assert "send detail anew, or as null" in response.json()["message"]
    assert shop.session() == first


def test_another_amount_comes_with_other_lines_in_one_call(shop: Shop) -> None:
    shop.register(detail=DETAIL)
    cheaper = put(("shipping",), ...)

    assert change(shop, amount=AMOUNT - 1_000_000, detail=cheaper).json()["detail"] == cheaper
    assert detail_for_payme(shop, AMOUNT - 1_000_000) == cheaper


def test_another_amount_may_take_the_lines_away(shop: Shop) -> None:
    shop.register(detail=DETAIL)
    change(shop, amount=AMOUNT + 1, detail=None)

    assert detail_for_payme(shop, AMOUNT + 1) is None


@pytest.mark.parametrize("changes", [{"detail": ONE_LINE, "amount": AMOUNT + 1}, {"detail": put(("shipping",), ...)}])
def test_lines_of_another_sum_than_the_amount_change_nothing(shop: Shop, changes: dict[str, Any]) -> None:
    first = shop.register(detail=DETAIL).json()

    assert refused(change(shop, **changes)) == (422, "detail_differs")
    assert shop.session() == first


def test_lines_stay_what_they_are_while_payme_is_at_work(shop: Shop) -> None:
    shop.register(detail=DETAIL)
    shop.create()

    assert refused(change(shop, detail=ONE_LINE)) == (409, "amount_locked")
    assert shop.session()["detail"] == DETAIL


def test_a_refused_change_leaves_an_overdue_transaction_as_it_is(shop: Shop) -> None:
    shop.register(detail=DETAIL)
    shop.create()
    shop.clock.advance(12 * HOUR)

    assert refused(change(shop, amount=AMOUNT + 1)) == (422, "detail_differs")
    assert shop.check()["result"]["state"] == 1


def test_amount_and_lines_never_part_whoever_is_first(shop: Shop) -> None:
    """Two changes at once: whichever is stored last, the lines that are stored with it are its own."""
    shop.register(detail=DETAIL)
    other = put(("shipping",), ...)
    changes = [{"amount": AMOUNT, "detail": DETAIL}, {"amount": AMOUNT - 1_000_000, "detail": other}] * 4

    answers = shop.together(*(shop.ask("POST", PATH, json=it, headers=BACKEND) for it in changes))

    assert {answer.status_code for answer in answers} == {200}
    view = shop.session()
    fiscal.agree(fiscal.read(view["detail"]), view["amount"])


def test_lines_are_stored_as_text_in_the_column_that_is_there_for_them(shop: Shop) -> None:
    shop.register(detail=DETAIL)
    lengths = select(func.length(payment_sessions.table.c.detail))

    def stored(connection: Connection) -> object:
        return connection.execute(lengths).scalar()

    assert shop.run(shop.house.database.read(stored)) == len(fiscal.read(DETAIL).text or "")


# ── receipts ────────────────────────────────────────────────────────────────────────────────────────────────────

RECEIPT: Final = {
    "receipt_id": 121,
    "status_code": 0,
    "message": "accepted",
    "terminal_id": "EP000000000025",
    "fiscal_sign": "800031554082",
    "qr_code_url": "https://ofd.soliq.uz/check?t=EP000000000025&r=121&c=20220303171830&s=800031554082",
    "date": "20220303171830",
}
MEMBERS: Final = [*RECEIPT, "type", "received_time"]


def send(shop: Shop, kind: str, data: dict[str, Any]) -> None:
    assert shop.payme("SetFiscalData", id="tx1", type=kind, fiscal_data=data) == {"result": {"success": True}}


def test_the_receipt_of_the_sale_is_read_with_the_session(shop: Shop) -> None:
    shop.paid()
    shop.clock.advance(7)
    send(shop, "PERFORM", RECEIPT)

    assert shop.session()["fiscal_receipts"] == [{"type": "PERFORM", **RECEIPT, "received_time": NOON + 7}]


def test_the_receipt_of_the_refund_comes_after_that_of_the_sale(shop: Shop) -> None:
    shop.paid()
    shop.cancel()
    for kind in ("CANCEL", "PERFORM"):
        shop.clock.advance(7)
        send(shop, kind, {**RECEIPT, "message": kind})

    receipts = shop.session()["fiscal_receipts"]
    assert [(it["type"], it["message"]) for it in receipts] == [("PERFORM", "PERFORM"), ("CANCEL", "CANCEL")]


@pytest.mark.parametrize("data", [{}, {"receipt_id": "121"}, {"qr_code_url": None}, {"status_code": 7}], ids=str)
def test_a_receipt_shows_null_for_what_payme_left_out(shop: Shop, data: dict[str, Any]) -> None:
    shop.paid()
    send(shop, "PERFORM", data)

    [receipt] = shop.session()["fiscal_receipts"]
    assert sorted(receipt) == sorted(MEMBERS)
    assert {name: value for name, value in receipt.items() if value is not None} == {
        "type": "PERFORM",
        "received_time": NOON,
        **{name: value for name, value in data.items() if value is not None},
    }


def test_a_receipt_that_payme_sends_again_replaces_the_first(shop: Shop) -> None:
    shop.paid()
    send(shop, "PERFORM", {**RECEIPT, "status_code": 7})
    shop.clock.advance(7)
    send(shop, "PERFORM", RECEIPT)

    assert [(it["status_code"], it["received_time"]) for it in shop.session()["fiscal_receipts"]] == [(0, NOON + 7)]


def test_another_payments_receipt_is_not_shown(shop: Shop) -> None:
    shop.paid()
    send(shop, "PERFORM", RECEIPT)
    shop.paid("payses_02", "tx2")

    assert shop.session("payses_02")["fiscal_receipts"] == []


@pytest.mark.parametrize(
    ("verb", "path"),
    [("GET", ""), ("POST", "/authorize"), ("POST", "/capture")],
)
def test_every_verb_that_answers_with_the_session_shows_its_receipts(shop: Shop, verb: str, path: str) -> None:
    shop.paid()
    send(shop, "PERFORM", RECEIPT)

    assert shop.api(verb, PATH + path).json()["fiscal_receipts"][0]["qr_code_url"] == RECEIPT["qr_code_url"]


def test_a_session_registered_again_shows_its_receipts(shop: Shop) -> None:
    shop.paid()
    send(shop, "PERFORM", RECEIPT)

    assert shop.register().json() == shop.session()


def test_a_refunded_payment_shows_its_receipts_to_the_refund(shop: Shop) -> None:
    shop.paid()
    send(shop, "PERFORM", RECEIPT)
    shop.cancel()

    assert shop.api("POST", f"{PATH}/refund").json()["fiscal_receipts"][0]["type"] == "PERFORM"


def test_the_public_status_says_nothing_of_lines_or_receipts(shop: Shop) -> None:
    shop.register(detail=DETAIL)

    status = shop.run(shop.ask("GET", f"/payment-status/{SESSION}")).json()

    assert set(status) == {"order_id", "status", "transaction_state"}


def test_a_refused_payment_is_refused_with_lines_as_without(shop: Shop) -> None:
    shop.register(detail=DETAIL)
    shop.close_session()

    assert code(shop.check_perform()) == -31052
    assert code(shop.check_perform(amount=1)) == -31052
