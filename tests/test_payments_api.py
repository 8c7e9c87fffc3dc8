"""The commerce backend's door: what each verb answers wherever a payment stands, and what it answers to nonsense."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any, Final

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from demo_shop.postgres import LocalPostgres
from sidecar.database import Connection
from tests.shop import AMOUNT, API_KEY, BACKEND, KEY, NOON, PAYME, SESSION, Shop, basic, code

HOUR: Final = 3_600_000
TWELVE_HOURS: Final = 12 * HOUR
MERCHANT: Final = "587f72c72cac0d162c722ae2"

BODY: Final = {"id": SESSION, "amount": AMOUNT, "currency_code": "uzs"}
PATH: Final = f"/payment-sessions/{SESSION}"

# Medusa's word for each status.
TYPES: Final = {
    400: "invalid_data",
    401: "unauthorized",
    404: "not_found",
    405: "not_allowed",
    409: "not_allowed",
    413: "invalid_data",
    422: "invalid_data",
    503: "unexpected_state",
}


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Give the status and the code of a refusal, once its shape is right."""
    assert response.headers["content-type"] == "application/json"
    error = response.json()
    assert set(error) == {"type", "code", "message"}
    assert error["type"] == TYPES[response.status_code]
    assert error["message"]
    return response.status_code, error["code"]


def link(url: str) -> str:
    host, _, encoded = url.partition("uz/")
    assert host in {"https://checkout.paycom.", "https://test.paycom."}
    return base64.b64decode(encoded, validate=True).decode("ascii")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def open_shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Give one shop to all bad requests: each row proves that it left the shop as it found it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('payments_api')}/sidecar.db"
    if request.param == "postgresql":
        server: LocalPostgres = request.getfixturevalue("migrated_postgres")
        server.drop_database("payments_api")  # a worker may come back to this module
        server.create_database("payments_api", template="empty_but_migrated")
        url = server.url("payments_api")
    it = Shop(url)
    it.register()
    yield it
    it.close()


# ── initiatePayment ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_session_is_registered_and_shown(shop: Shop) -> None:
    response = shop.register(locale="uz", country_code="kz", order_id="order_7")

    assert response.status_code == 201
    assert response.headers["content-type"] == "application/json"
    view = response.json()
    assert link(view.pop("payment_url")) == (
        f"m={MERCHANT};ac.order_id=order_7;a={AMOUNT};l=uz;"
        "c=https://shop.uz/payme-callback?order_id=order_7&locale=uz&country_code=kz"
    )
    assert view.pop("qr_url").startswith(f"http://127.0.0.1:8700{PATH}/qr.svg?token=")
    assert view == {
        "id": SESSION,
        "order_id": "order_7",
        "amount": AMOUNT,
        "currency_code": "uzs",
        "status": "pending",
        "locale": "uz",
        "country_code": "kz",
        "created_time": NOON,
        "detail": None,
        "transaction": None,
        "fiscal_receipts": [],
    }


def test_order_locale_and_country_have_defaults(shop: Shop) -> None:
    view = shop.register().json()

    assert (view["order_id"], view["locale"], view["country_code"]) == (SESSION, "ru", "uz")


def test_null_is_as_good_as_nothing_for_what_is_optional(shop: Shop) -> None:
    first = shop.register().json()
    again = shop.register(order_id=None, locale=None, country_code=None)

    assert (again.status_code, again.json()) == (200, first)


def test_the_same_session_again_gets_the_same_answer(shop: Shop) -> None:
    first = shop.register(locale="en", country_code="gb").json()
    shop.clock.advance(HOUR)
    again = [shop.register(**changes) for changes in SAME]

    assert [response.status_code for response in again] == [200] * len(SAME)
    assert [response.json() for response in again] == [first] * len(SAME)


SAME: Final[list[dict[str, Any]]] = [
    {"locale": "en", "country_code": "gb"},
    {"locale": "uz"},
    {"country_code": "uz"},
    {},
    {"order_id": SESSION},
    {"currency_code": "UZS"},
    {"extra": [1]},
]


@pytest.mark.parametrize(
    "changes",
    [{"amount": AMOUNT + 1}, {"order_id": "order_8"}, {"currency_code": "usd"}, {"currency_code": ""}],
    ids=str,
)
def test_the_same_id_with_another_amount_order_or_currency_is_refused(shop: Shop, changes: dict[str, Any]) -> None:
    first = shop.register().json()

    assert refusal(shop.register(**changes)) == (409, "session_differs")
    assert shop.session() == first


def test_a_session_registered_again_shows_how_far_it_came(shop: Shop) -> None:
    shop.paid()
    again = shop.register()

    assert (again.status_code, again.json()["status"]) == (200, "captured")


def test_a_closed_session_registered_again_stays_closed(shop: Shop) -> None:
    shop.register()
    shop.close_session()
    again = shop.register()

    assert (again.status_code, again.json()["status"]) == (200, "canceled")
    assert code(shop.check_perform()) == -31052


@pytest.mark.parametrize("amount", [1, 2**53 + 1, 2**63 - 1])
def test_any_amount_that_fits_is_kept_to_the_tiyin(shop: Shop, amount: int) -> None:
    view = shop.register(amount=amount).json()

    assert view["amount"] == amount
    assert f";a={amount};" in link(view["payment_url"])
    assert shop.check_perform(amount=amount) == {"result": {"allow": True}}


# ── an order belongs to one session ─────────────────────────────────────────────────────────────────────────────


def test_an_order_belongs_to_one_session(shop: Shop) -> None:
    shop.register("payses_01", order_id="order_7")

    assert refusal(shop.register("payses_02", order_id="order_7")) == (409, "order_taken")
    assert refusal(shop.api("GET", "/payment-sessions/payses_02")) == (404, "not_found")


def test_a_session_named_like_anothers_order_is_refused_too(shop: Shop) -> None:
    shop.register("payses_01", order_id="payses_02")

    assert refusal(shop.register("payses_02")) == (409, "order_taken")


def test_the_order_of_a_closed_and_unpaid_session_may_be_registered_anew(shop: Shop) -> None:
    shop.register("payses_01", order_id="order_7")
    shop.close_session("payses_01")
    again = shop.register("payses_02", order_id="order_7", amount=500)
    shop.create("tx1", order="order_7", amount=500)
    shop.perform("tx1")

    assert again.status_code == 201
    assert shop.session("payses_02")["status"] == "captured"
    assert shop.session("payses_01")["status"] == "canceled"
    assert shop.session("payses_01")["transaction"] is None
    assert public(shop, "order_7").json() == {"order_id": "order_7", "status": "captured", "transaction_state": 2}


def test_the_newest_session_answers_for_its_order(shop: Shop) -> None:
    for number, amount in ((1, 100), (2, 200), (3, 300)):
        shop.clock.advance(1)
        shop.register(f"payses_0{number}", order_id="order_7", amount=amount)
        shop.close_session(f"payses_0{number}")
    shop.register("payses_04", order_id="order_7", amount=400)

    assert [code(shop.check_perform("order_7", amount)) for amount in (100, 200, 300, 400)] == [-31001] * 3 + [0]


@pytest.mark.parametrize("end", ["paid", "refunded"])
def test_the_order_of_a_paid_session_stays_taken(shop: Shop, end: str) -> None:
    shop.paid("payses_01")
    if end == "refunded":
        shop.cancel("tx1")
    shop.close_session("payses_01")

    assert refusal(shop.register("payses_02", order_id="payses_01")) == (409, "order_taken")


def test_a_pending_transaction_of_the_closed_session_is_not_the_new_ones(shop: Shop) -> None:
    shop.register("payses_01", order_id="order_7")
    shop.create("tx1", order="order_7")
    shop.close_session("payses_01")
    shop.register("payses_02", order_id="order_7", amount=500)

    assert shop.session("payses_02")["transaction"] is None
    assert public(shop, "order_7").json() == {"order_id": "order_7", "status": "pending", "transaction_state": None}
    assert code(shop.perform("tx1")) == -31008
    assert shop.session("payses_01")["transaction"]["state"] == -1
    assert shop.check_perform("order_7", 500) == {"result": {"allow": True}}


# ── where a payment stands, and what each verb then answers ─────────────────────────────────────────────────────


def fresh(shop: Shop) -> None:
    shop.register()


def pending(shop: Shop) -> None:
    shop.register()
    shop.create()


def overdue(shop: Shop) -> None:
    pending(shop)
    shop.clock.advance(TWELVE_HOURS)


def declined(shop: Shop) -> None:
    pending(shop)
    shop.cancel(reason=2)


def expired(shop: Shop) -> None:
    overdue(shop)
    shop.perform()


def paid(shop: Shop) -> None:
    shop.paid()


def refunded(shop: Shop) -> None:
    shop.paid()
    shop.cancel(reason=5)


def closed(shop: Shop) -> None:
    shop.register()
    shop.close_session()


def closed_while_pending(shop: Shop) -> None:
    pending(shop)
    shop.close_session()


def closed_and_refused(shop: Shop) -> None:
    closed_while_pending(shop)
    shop.perform()


Stage = Callable[[Shop], None]

# stage: status, transaction's state, what update, delete, capture and refund answer
STAGES: Final[dict[Stage, tuple[str, int | None, Any, Any, Any, Any]]] = {
    fresh: ("pending", None, 200, 200, "not_paid", "refund_in_cabinet"),
    pending: ("pending", 1, "amount_locked", 200, "not_paid", "refund_in_cabinet"),
    overdue: ("pending", 1, 200, 200, "not_paid", "refund_in_cabinet"),
    declined: ("pending", -1, 200, 200, "not_paid", "refund_in_cabinet"),
    expired: ("pending", -1, 200, 200, "not_paid", "refund_in_cabinet"),
    paid: ("captured", 2, "amount_locked", "already_paid", 200, "refund_in_cabinet"),
    refunded: ("canceled", -2, "amount_locked", 200, "not_paid", 200),
    closed: ("canceled", None, "session_closed", 200, "not_paid", "refund_in_cabinet"),
    closed_while_pending: ("canceled", 1, "session_closed", 200, "not_paid", "refund_in_cabinet"),
    closed_and_refused: ("canceled", -1, "session_closed", 200, "not_paid", "refund_in_cabinet"),
}

every_stage = pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)


def answered(response: httpx.Response, expected: int | str) -> bool:
    """Compare an answer with 200 or with the code of a 409; refusals must be in shape."""
    if response.status_code == 200:
        return expected == 200
    return refusal(response) == (409, expected)


@every_stage
def test_a_session_shows_where_it_stands(shop: Shop, stage: Stage) -> None:
    stage(shop)
    status, state, *_ = STAGES[stage]
    view = shop.session()

    assert view["status"] == status
    assert (view["transaction"] or {"state": None})["state"] == state
    assert shop.api("POST", f"{PATH}/authorize").json() == view
    assert shop.register().json() == view


@every_stage
def test_the_public_status_says_as_much_and_no_more(shop: Shop, stage: Stage) -> None:
    stage(shop)
    status, state, *_ = STAGES[stage]

    assert public(shop, SESSION).json() == {"order_id": SESSION, "status": status, "transaction_state": state}


@every_stage
def test_an_amount_is_changed_while_nothing_hangs_on_it(shop: Shop, stage: Stage) -> None:
    stage(shop)
    expected = STAGES[stage][2]
    before = shop.session()
    response = shop.api("POST", PATH, {"amount": 500})

    assert answered(response, expected)
    if expected == 200:
        assert response.json() == shop.session()
        assert ";a=500;" in link(response.json().pop("payment_url"))
        assert code(shop.check_perform(amount=500)) == 0
    else:
        assert shop.session() == before


@every_stage
@pytest.mark.parametrize("verb", ["DELETE", "cancel"])
def test_a_session_is_closed_once_and_a_paid_one_never(shop: Shop, stage: Stage, verb: str) -> None:
    stage(shop)
    _status, state, _update, expected, *_ = STAGES[stage]
    before = shop.session()
    responses = [close(shop, verb), close(shop, verb)]

    assert all(answered(response, expected) for response in responses)
    if expected == 200:
        assert responses[0].json() == responses[1].json() == before | {"status": "canceled"}
        assert code(shop.create("tx9")) == -31052
    else:
        assert shop.session() == before
    assert public(shop, SESSION).json()["transaction_state"] == state


def close(shop: Shop, verb: str) -> httpx.Response:
    return shop.close_session() if verb == "DELETE" else shop.api("POST", f"{PATH}/cancel")


@every_stage
def test_capture_and_refund_only_say_whether_it_happened(shop: Shop, stage: Stage) -> None:
    stage(shop)
    *_, capture, refund = STAGES[stage]
    before = shop.session()
    responses = [shop.api("POST", f"{PATH}/{verb}") for verb in ("capture", "refund")]

    assert answered(responses[0], capture)
    assert answered(responses[1], refund)
    assert all(response.json() == before for response in responses if response.status_code == 200)
    assert shop.session() == before


def test_a_refunded_session_is_not_changed_by_a_delete(shop: Shop) -> None:
    refunded(shop)
    before = shop.session()

    assert shop.close_session().json() == before
    assert shop.session() == before
    assert refusal(shop.api("POST", PATH, {"amount": 500})) == (409, "amount_locked")  # not session_closed


def test_the_transaction_is_shown_whole_and_only_the_newest(shop: Shop) -> None:
    shop.register()
    shop.create("tx1")
    shop.clock.advance(1)
    shop.cancel("tx1", reason=2)
    shop.clock.advance(1)
    shop.create("tx2")
    shop.clock.advance(1)
    shop.perform("tx2")
    shop.clock.advance(1)
    shop.cancel("tx2", reason=5)

    assert shop.session()["transaction"] == {
        "id": "tx2",
        "state": -2,
        "create_time": NOON + 2,
        "perform_time": NOON + 3,
        "cancel_time": NOON + 4,
        "reason": 5,
    }


def test_unset_times_are_0_and_an_unset_reason_is_null(shop: Shop) -> None:
    pending(shop)

    transaction = shop.session()["transaction"]
    assert (transaction["perform_time"], transaction["cancel_time"], transaction["reason"]) == (0, 0, None)


# ── updatePayment ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_millisecond_before_a_transaction_is_overdue_it_still_locks_the_amount(shop: Shop) -> None:
    pending(shop)
    shop.clock.advance(TWELVE_HOURS - 1)
    assert refusal(shop.api("POST", PATH, {"amount": 500})) == (409, "amount_locked")
    shop.clock.advance(1)
    assert shop.api("POST", PATH, {"amount": 500}).status_code == 200

    assert code(shop.perform()) == -31008


@pytest.mark.parametrize("changes", [{"locale": "en"}, {"country_code": "kz"}, {"locale": "uz", "amount": 7}], ids=str)
def test_what_is_not_named_stays_as_it_is(shop: Shop, changes: dict[str, Any]) -> None:
    before = shop.register(locale="ru", country_code="uz").json()
    after = shop.api("POST", PATH, changes).json()

    del before["payment_url"], after["payment_url"]
    assert after == before | changes


@pytest.mark.parametrize(
    "changes", [{}, {"amount": None}, {"locale": None, "country_code": None}, {"id": "other", "order_id": "x"}], ids=str
)
def test_a_change_of_nothing_changes_nothing(shop: Shop, changes: dict[str, Any]) -> None:
    before = shop.register(locale="en").json()
    response = shop.api("POST", PATH, changes)

    assert (response.status_code, response.json()) == (200, before)
    assert shop.session() == before


def test_a_changed_session_is_another_than_the_one_registered_first(shop: Shop) -> None:
    shop.register()
    shop.api("POST", PATH, {"amount": 500})

    assert refusal(shop.register()) == (409, "session_differs")
    assert shop.register(amount=500).status_code == 200


# ── the checkout link ───────────────────────────────────────────────────────────────────────────────────────────

LANGUAGES: Final = {
    "ru": "ru",
    "uz": "uz",
    "en": "en",
    "en-GB": "en",
    "uz-UZ": "uz",
    "uz-Cyrl": "uz",
    "ru-RU": "ru",
    "kaa": "ru",
    "kk": "ru",
    "de-DE": "ru",
}


@pytest.mark.parametrize(("locale", "language"), LANGUAGES.items())
def test_the_link_speaks_the_shoppers_language_if_payme_does(shop: Shop, locale: str, language: str) -> None:
    view = shop.register(locale=locale).json()

    assert view["locale"] == locale
    assert link(view["payment_url"]) == (
        f"m={MERCHANT};ac.order_id={SESSION};a={AMOUNT};l={language};"
        f"c=https://shop.uz/payme-callback?order_id={SESSION}&locale={locale}&country_code=uz"
    )


def test_an_order_with_every_allowed_character_survives_the_link(shop: Shop) -> None:
    order = "A-z.0_9:x"
    url = shop.register(order_id=order).json()["payment_url"]

    decoded = link(url)
    assert f";ac.order_id={order};" in decoded
    assert httpx.URL(decoded.partition(";c=")[2]).params["order_id"] == order
    assert decoded.count(";") == 4


@pytest.mark.parametrize("length", range(1, 10))
def test_a_link_is_standard_base64_whatever_its_length(shop: Shop, length: int) -> None:
    url = shop.register("x" * length).json()["payment_url"]

    encoded = url.removeprefix("https://checkout.paycom.uz/")
    assert base64.b64encode(base64.b64decode(encoded, validate=True)).decode() == encoded


SETTINGS: Final[dict[str, tuple[dict[str, Any], str, str]]] = {
    "test mode": ({"payme_test_mode": True}, "https://test.paycom.uz/", "m="),
    "another host": ({"payme_checkout_url": "http://127.0.0.1:8703/"}, "http://127.0.0.1:8703/", "m="),
    "another cashbox": ({"payme_merchant_id": "shop-1"}, "https://checkout.paycom.uz/", "m=shop-1;"),
    "another field": ({"payme_account_field": "invoice"}, "https://checkout.paycom.uz/", f";ac.invoice={SESSION};"),
    "another locale": ({"default_locale": "uz"}, "https://checkout.paycom.uz/", ";l=uz;"),
    "another country": ({"default_country_code": "kz"}, "https://checkout.paycom.uz/", "&country_code=kz"),
    "a query in the return address": (
        {"callback_url": "https://shop.uz/back?shop=1"},
        "https://checkout.paycom.uz/",
        f";c=https://shop.uz/back?shop=1&order_id={SESSION}&",
    ),
}


@pytest.mark.parametrize(("changes", "host", "part"), SETTINGS.values(), ids=SETTINGS)
def test_the_link_is_made_of_the_settings(database_url: str, changes: dict[str, Any], host: str, part: str) -> None:
    shop = Shop(database_url, **changes)
    url = shop.register().json()["payment_url"]
    shop.close()

    assert url.startswith(host)
    assert part in base64.b64decode(url.removeprefix(host)).decode()


# ── nonsense in the body ────────────────────────────────────────────────────────────────────────────────────────

GOOD: Final = json.dumps(BODY)

NOT_JSON: Final[dict[str, str | bytes]] = {
    "empty": b"",
    "spaces": "  ",
    "truncated": GOOD[:-1],
    "trailing comma": GOOD[:-1] + ",}",
    "two documents": GOOD * 2,
    "a form": "id=payses_02&amount=1",
    "id twice": GOOD.replace('"id":', '"id": "x", "id":'),
    "amount twice": GOOD.replace('"amount":', '"amount": 1, "amount":'),
    "amount twice, once in disguise": GOOD.replace('"amount":', '"amount": 1, "\\u0061mount":'),
    "currency twice, deep": GOOD.replace('"uzs"', '"uzs", "extra": {"a": 1, "a": 2}'),
    "NaN": GOOD.replace(str(AMOUNT), "NaN"),
    "Infinity": GOOD.replace(str(AMOUNT), "-Infinity"),
    "five thousand digits": GOOD.replace(str(AMOUNT), "1" * 5_000),
    "sixty thousand brackets": "[" * 60_000,
    "byte order mark": b"\xef\xbb\xbf" + GOOD.encode(),
    "UTF-16": GOOD.encode("utf-16"),
    "invalid UTF-8": GOOD.encode().replace(b"uzs", b"\xff"),
    "null": "null",
    "a number": "1",
    "a string": '"payses_02"',
    "an empty list": "[]",
    "a list of sessions": f"[{GOOD}]",
}

WRONG: Final[dict[str, tuple[str, int, str]]] = {
    "nothing in it": ("{}", 400, "invalid_id"),
    **{
        f"id {name}": (json.dumps({**BODY, "id": value}), 400, "invalid_id")
        for name, value in {
            "null": None,
            "a number": 1,
            "a list": [SESSION],
            "empty": "",
            "a space": " ",
            "spaces around": f" {SESSION} ",
            "a slash": "a/b",
            "a leading dot": ".a",
            "dots": "..",
            "a leading dash": "-a",
            "a line break": "a\nb",
            "a line break at the end": "a\n",
            "NUL": "a\x00",
            "a lone surrogate": "\ud800",
            "Cyrillic": "заказ",
            "full width digits": "１９７",
            "emoji": "🛒",
            "a semicolon": "a;b",
            "a percent sign": "a%2Fb",
            "a plus": "a+b",
            "129 characters": "x" * 129,
            "SQL": "' OR 1=1 --",
        }.items()
    },
    **{
        f"order {name}": (json.dumps({**BODY, "order_id": value}), 400, "invalid_order_id")
        for name, value in {
            "a number": 197,
            "true": True,
            "a list": [],
            "empty": "",
            "a semicolon": "a;a=1",
            "spaces around": " a ",
            "NUL": "a\x00",
            "a lone surrogate": "\udfff",
            "129 characters": "x" * 129,
        }.items()
    },
    **{
        f"amount {value}": (json.dumps(BODY).replace(str(AMOUNT), value), 400, "invalid_amount")
        for value in ("null", "true", '"14000000"', "14000000.0", "14e6", "[]", "{}", "1e400")
    },
    "amount missing": (json.dumps({"id": SESSION, "currency_code": "uzs"}), 400, "invalid_amount"),
    **{
        f"amount {value}": (json.dumps({**BODY, "amount": value}), 422, "amount_out_of_range")
        for value in (0, -1, 2**63, 2**64, 10**30)
    },
    **{
        f"currency {name}": (json.dumps({**BODY, "currency_code": value}), 400, "invalid_currency_code")
        for name, value in {"null": None, "a number": 860, "a list": ["uzs"], "true": True}.items()
    },
    "currency missing": (json.dumps({"id": SESSION, "amount": AMOUNT}), 400, "invalid_currency_code"),
    **{
        f"currency {name}": (json.dumps({**BODY, "id": "new", "currency_code": value}), 422, "currency_not_supported")
        for name, value in {"usd": "usd", "empty": "", "860": "860", "NUL": "uzs\x00", "surrogate": "\ud800"}.items()
    },
    **{
        f"locale {name}": (json.dumps({**BODY, "locale": value}), 400, "invalid_locale")
        for name, value in {
            "empty": "",
            "a number": 1,
            "upper case": "RU",
            "an underscore": "ru_RU",
            "a header": "ru\r\nSet-Cookie: a=b",
            "a path": "../..",
            "an address": "//evil.test",
            "a line break at the end": "ru\n",
            "NUL": "ru\x00",
            "too long": "ru-" + "x" * 20,
        }.items()
    },
    **{
        f"country {name}": (json.dumps({**BODY, "country_code": value}), 400, "invalid_country_code")
        for name, value in {"empty": "", "a number": 1, "upper case": "UZ", "uzb": "uzb", "NUL": "u\x00"}.items()
    },
}


def unharmed(shop: Shop) -> None:
    assert shop.session()["status"] == "pending"
    assert (shop.register().status_code, shop.session()["amount"]) == (200, AMOUNT)
    assert shop.check_perform() == {"result": {"allow": True}}


@pytest.mark.parametrize("path", ["/payment-sessions", PATH])
@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
def test_a_body_that_is_not_one_unambiguous_object_is_malformed(open_shop: Shop, body: str | bytes, path: str) -> None:
    response = open_shop.run(open_shop.ask("POST", path, content=body, headers=BACKEND))

    assert refusal(response) == (400, "invalid_json")
    unharmed(open_shop)


@pytest.mark.parametrize(("body", "status", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_member_is_named_and_nothing_is_registered(open_shop: Shop, body: str, status: int, said: str) -> None:
    response = open_shop.run(open_shop.ask("POST", "/payment-sessions", content=body, headers=BACKEND))

    assert refusal(response) == (status, said)
    unharmed(open_shop)


CHANGES: Final = {name: row for name, row in WRONG.items() if name.startswith(("amount ", "locale ", "country "))}
OPTIONAL: Final = {"amount null", "amount missing"}  # to name no amount is to change none


@pytest.mark.parametrize("name", sorted(set(CHANGES) - OPTIONAL))
def test_a_wrong_change_is_named_and_nothing_is_changed(open_shop: Shop, name: str) -> None:
    body, status, said = CHANGES[name]
    response = open_shop.run(open_shop.ask("POST", PATH, content=body, headers=BACKEND))

    assert refusal(response) == (status, said)
    unharmed(open_shop)


@pytest.mark.parametrize(
    "type_", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "\xff"]
)
def test_the_content_type_is_not_believed(open_shop: Shop, type_: str) -> None:
    headers = [(b"authorization", BACKEND["authorization"].encode()), (b"content-type", type_.encode("latin-1"))]
    response = open_shop.run(open_shop.ask("POST", "/payment-sessions", content=GOOD, headers=headers))

    assert response.status_code == 200


VERBS: Final = ["authorize", "capture", "cancel", "refund"]


@pytest.mark.parametrize("body", ["", "{", "null", '{"amount": 1}', "\x00"], ids=repr)
@pytest.mark.parametrize("verb", ["authorize", "capture", "refund"])
def test_the_body_of_a_verb_that_needs_none_is_not_believed(open_shop: Shop, verb: str, body: str) -> None:
    response = open_shop.run(open_shop.ask("POST", f"{PATH}/{verb}", content=body, headers=BACKEND))

    assert response.status_code == (200 if verb == "authorize" else 409)
    unharmed(open_shop)


# ── ids in the address ──────────────────────────────────────────────────────────────────────────────────────────

NO_IDS: Final = {
    "a dot": "%2E",
    "dots": "%2E%2E",
    "a space": "%20",
    "spaces around": f"%20{SESSION}%20",
    "a line break at the end": f"{SESSION}%0A",
    "a line break": "a%0D%0Ab",
    "NUL": f"{SESSION}%00",
    "Cyrillic": "%D0%B7%D0%B0%D0%BA%D0%B0%D0%B7",
    "bytes that are no UTF-8": "%FF%FE",
    "emoji": "%F0%9F%9B%92",
    "full width digits": "%EF%BC%91",
    "escaped twice": "a%252Fb",
    "a semicolon": "a;b",
    "a star": "*",
    "quotes": "%22%27",
    "SQL": "'%20OR%201=1%20--",
    "129 characters": "x" * 129,
    "8,000 characters": "x" * 8_000,
}

CODES: Final = ["qr.svg", "qr.png"]

ADDRESSES: Final = [
    *((verb, "") for verb in ("GET", "POST", "DELETE")),
    *(("POST", f"/{verb}") for verb in VERBS),
    *(("GET", f"/{code}") for code in CODES),
]


@pytest.mark.parametrize("id_", NO_IDS.values(), ids=NO_IDS)
@pytest.mark.parametrize(("verb", "rest"), ADDRESSES)
def test_an_impossible_id_is_malformed(open_shop: Shop, verb: str, rest: str, id_: str) -> None:
    response = open_shop.run(open_shop.ask(verb, f"/payment-sessions/{id_}{rest}", content="{}", headers=BACKEND))

    assert refusal(response) == (400, "invalid_id")
    unharmed(open_shop)


@pytest.mark.parametrize("id_", ["payses_99", "x", "x" * 128, "A.b_c:d-e", "0", "payment-sessions", SESSION.upper()])
@pytest.mark.parametrize(("verb", "rest"), ADDRESSES)
def test_an_unknown_id_is_not_found(open_shop: Shop, verb: str, rest: str, id_: str) -> None:
    response = open_shop.run(open_shop.ask(verb, f"/payment-sessions/{id_}{rest}", content="{}", headers=BACKEND))

    assert refusal(response) == (404, "not_found")
    unharmed(open_shop)


@pytest.mark.parametrize("id_", ["x" * 128, "A.b_c:d-e", "0", "authorize", "a..b", "payment-sessions"])
def test_every_possible_id_works_everywhere(shop: Shop, id_: str) -> None:
    shop.paid(id_)

    assert shop.session(id_)["status"] == "captured"
    assert public(shop, id_).json()["status"] == "captured"
    assert shop.api("POST", f"/payment-sessions/{id_}/capture").status_code == 200
    assert shop.deliver() == 1
    assert shop.backend.asked[0].url.path.endswith(f"/payment-sessions/{id_}/authorize")


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("path", [f"{PATH}%2F{{}}", f"/payment-sessions%2F{SESSION}/{{}}", f"{PATH}%2f{{}}"])
def test_a_slash_in_disguise_is_part_of_an_impossible_id(shop: Shop, path: str, verb: str) -> None:
    before = shop.register().json()
    response = shop.api("POST", path.format(verb), {})

    assert refusal(response) == (400, "invalid_id")
    assert shop.session() == before


UNKNOWN_ROUTES: Final = [
    "/",
    "/payment-sessions/",
    f"{PATH}/",
    f"{PATH}/void",
    f"{PATH}/authorize/",
    f"{PATH}/authorize/x",
    f"{PATH}/qr",
    f"{PATH}/qr.gif",
    f"{PATH}/qr.svg/",
    "/Payment-Sessions",
    "/payment-status",
    "/payment-status/",
    f"/payment-status/{SESSION}/x",
    "/healthz/",
    "/docs",
    "/.env",
    "/static/../.env",
    "/admin",
]


@pytest.mark.parametrize("path", UNKNOWN_ROUTES)
@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_an_unknown_route_is_not_found_and_never_a_redirect(open_shop: Shop, verb: str, path: str) -> None:
    response = open_shop.run(open_shop.ask(verb, path, content=GOOD, headers=BACKEND))

    assert refusal(response) == (404, "unknown_route")
    assert "location" not in response.headers


ROUTES: Final = {
    "/payment-sessions": {"POST"},
    PATH: {"GET", "HEAD", "POST", "DELETE"},
    **{f"{PATH}/{verb}": {"POST"} for verb in VERBS},
    **{f"{PATH}/{code}": {"GET", "HEAD"} for code in CODES},
    f"/payment-status/{SESSION}": {"GET", "HEAD", "OPTIONS"},
    "/healthz": {"GET", "HEAD"},
    "/readyz": {"GET", "HEAD"},
    "/metrics": {"GET", "HEAD"},
}


@pytest.mark.parametrize(
    ("path", "verb"),
    [
        (path, verb)
        for path, verbs in ROUTES.items()
        for verb in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
        if verb not in verbs
    ],
)
def test_a_wrong_verb_is_not_allowed(open_shop: Shop, path: str, verb: str) -> None:
    response = open_shop.run(open_shop.ask(verb, path, content="{}", headers=BACKEND))

    assert refusal(response) == (405, "method_not_allowed")
    assert set(response.headers["allow"].split(", ")) <= ROUTES[path]
    unharmed(open_shop)


# ── size ────────────────────────────────────────────────────────────────────────────────────────────────────────

WITH_BODY: Final = ["/payment-sessions", PATH, *(f"{PATH}/{verb}" for verb in VERBS if verb != "cancel")]


@pytest.mark.parametrize("path", WITH_BODY)
def test_a_body_of_65_536_bytes_is_read(open_shop: Shop, path: str) -> None:
    response = open_shop.run(open_shop.ask("POST", path, content=GOOD.ljust(65_536), headers=BACKEND))

    assert response.status_code in {200, 409}
    unharmed(open_shop)


@pytest.mark.parametrize("size", [65_537, 2_000_000])
@pytest.mark.parametrize("path", [*WITH_BODY, f"{PATH}/cancel"])
def test_a_longer_body_is_too_long(open_shop: Shop, path: str, size: int) -> None:
    response = open_shop.run(open_shop.ask("POST", path, content=GOOD.ljust(size), headers=BACKEND))

    assert refusal(response) == (413, "body_too_long")
    unharmed(open_shop)


@pytest.mark.parametrize("verb", ["GET", "DELETE"])
def test_a_body_that_nobody_asked_for_has_the_same_limit(open_shop: Shop, verb: str) -> None:
    responses = [
        open_shop.run(open_shop.ask(verb, PATH, content=b" " * size, headers=BACKEND)) for size in (65_537, 2_000_000)
    ]

    assert [refusal(it) for it in responses] == [(413, "body_too_long")] * 2
    unharmed(open_shop)


@pytest.mark.parametrize("path", [*WITH_BODY, f"{PATH}/cancel"])
def test_a_body_that_hides_its_length_is_read_no_further_than_the_limit(open_shop: Shop, path: str) -> None:
    taken = []

    async def endless() -> Any:
        for number in range(1_000):
            taken.append(number)
            yield b" " * 8_192

    response = open_shop.run(open_shop.ask("POST", path, content=endless(), headers=BACKEND))

    assert refusal(response) == (413, "body_too_long")
    assert len(taken) < 12
    unharmed(open_shop)


# ── the key ─────────────────────────────────────────────────────────────────────────────────────────────────────


def bearer(*values: bytes) -> list[tuple[bytes, bytes]]:
    return [(b"authorization", value) for value in values]


RIGHT: Final = b"Bearer " + API_KEY.encode()

STRANGERS: Final[dict[str, list[tuple[bytes, bytes]]]] = {
    "nothing": [],
    "an empty header": bearer(b""),
    "the scheme alone": bearer(b"Bearer "),
    "the key alone": bearer(API_KEY.encode()),
    "a wrong key": bearer(b"Bearer wrong"),
    "the beginning of the key": bearer(RIGHT[:-1]),
    "more than the key": bearer(RIGHT + b"x"),
    "the key in upper case": bearer(b"Bearer " + API_KEY.upper().encode()),
    "the key in another scheme": bearer(b"Basic " + API_KEY.encode()),
    "the key as a password": bearer(basic(f"x:{API_KEY}").encode()),
    "the key as Medusa's login": bearer(basic(f"{API_KEY}:").encode()),
    "Payme's credential": bearer(PAYME["authorization"].encode()),
    "Payme's key": bearer(b"Bearer " + KEY.encode()),
    "bytes that are no ASCII": bearer(b"Bearer \xff\xfe"),
    "two headers, both good": bearer(RIGHT, RIGHT),
    "two headers, the first good": bearer(RIGHT, b"Bearer wrong"),
    "two headers, the last good": bearer(b"", RIGHT),
    "two in one header": bearer(RIGHT + b", " + RIGHT),
    "another header": [(b"x-api-key", API_KEY.encode())],
    "a cookie": [(b"cookie", b"authorization=" + RIGHT)],
}

LOCKED: Final = [("POST", "/payment-sessions"), *((verb, f"{PATH}{rest}") for verb, rest in ADDRESSES)]


@pytest.mark.parametrize("headers", STRANGERS.values(), ids=STRANGERS)
@pytest.mark.parametrize(("verb", "path"), [*LOCKED, ("GET", "/metrics")])
def test_without_the_key_nothing_is_shown_or_done(
    open_shop: Shop, verb: str, path: str, headers: list[tuple[bytes, bytes]]
) -> None:
    response = open_shop.run(open_shop.ask(verb, path, content=GOOD, headers=headers))

    assert refusal(response) == (401, "unauthorized")
    unharmed(open_shop)


@pytest.mark.parametrize("body", [b"{", GOOD.ljust(70_000).encode(), b""], ids=["no JSON", "too long", "empty"])
@pytest.mark.parametrize("id_", [SESSION, "payses_99", "%2E%2E"], ids=["known", "unknown", "impossible"])
def test_a_stranger_learns_nothing_but_that_he_is_one(open_shop: Shop, id_: str, body: bytes) -> None:
    responses = [
        open_shop.run(open_shop.ask(verb, path, content=body))
        for verb, path in (("POST", "/payment-sessions"), *((v, f"/payment-sessions/{id_}{r}") for v, r in ADDRESSES))
    ]

    assert {(response.status_code, response.content) for response in responses} == {
        (401, responses[0].content),
    }


@pytest.mark.parametrize("key", ["a b", "k&#%?@:ey", "ключ"])
def test_the_key_is_compared_byte_for_byte(database_url: str, key: str) -> None:
    shop = Shop(database_url, sidecar_api_key=SecretStr(key))
    headers = bearer(b"Bearer " + key.encode())
    response = shop.run(shop.ask("POST", "/payment-sessions", content=GOOD, headers=headers))
    shop.close()

    assert response.status_code == 201


@pytest.mark.parametrize("scheme", [b"bearer", b"BEARER"])
def test_the_scheme_may_be_written_as_one_likes(open_shop: Shop, scheme: bytes) -> None:
    headers = bearer(scheme + b" " + API_KEY.encode())

    assert open_shop.run(open_shop.ask("GET", PATH, headers=headers)).status_code == 200


def test_the_metrics_open_to_the_key(open_shop: Shop) -> None:
    page = open_shop.api("GET", "/metrics")

    assert page.status_code == 200
    assert "payme_calls_total" in page.text
    assert not any(secret in page.text for secret in (KEY, API_KEY, SESSION, str(AMOUNT)))


# ── for everybody ───────────────────────────────────────────────────────────────────────────────────────────────


def public(shop: Shop, order_id: str) -> httpx.Response:
    return shop.run(shop.ask("GET", f"/payment-status/{order_id}", headers={"origin": "https://kiosk.test"}))


def test_the_public_status_needs_no_key_and_may_be_read_from_any_page(open_shop: Shop) -> None:
    response = public(open_shop, SESSION)

    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == "*"
    assert set(response.json()) == {"order_id", "status", "transaction_state"}


def test_the_public_status_goes_by_the_order_and_not_by_the_session(shop: Shop) -> None:
    shop.register(order_id="order_7")

    assert public(shop, "order_7").status_code == 200
    assert refusal(public(shop, SESSION)) == (404, "not_found")


@pytest.mark.parametrize("id_", ["payses_99", *NO_IDS.values()], ids=["unknown", *NO_IDS])
def test_an_order_nobody_knows_is_not_found_and_any_page_may_know_it(open_shop: Shop, id_: str) -> None:
    response = public(open_shop, id_)

    assert refusal(response) == (404, "not_found")
    assert response.headers["access-control-allow-origin"] == "*"


def test_any_page_may_know_that_a_status_is_only_read(open_shop: Shop) -> None:
    headers = {"origin": "https://kiosk.test"}
    response = open_shop.run(open_shop.ask("POST", f"/payment-status/{SESSION}", headers=headers))

    assert refusal(response) == (405, "method_not_allowed")
    assert response.headers["access-control-allow-origin"] == "*"


def test_a_browser_may_ask_beforehand(open_shop: Shop) -> None:
    headers = {"origin": "https://kiosk.test", "access-control-request-method": "GET"}
    response = open_shop.run(open_shop.ask("OPTIONS", f"/payment-status/{SESSION}", headers=headers))

    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", [PATH, "/payment-sessions", "/metrics", "/payme"])
def test_nothing_else_may_be_read_from_another_page(open_shop: Shop, path: str) -> None:
    headers = {**BACKEND, "origin": "https://kiosk.test"}
    response = open_shop.run(open_shop.ask("GET", path, headers=headers))

    assert not any(name.startswith("access-control") for name in response.headers)


# ── our own fault ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_crash_is_unavailable_whatever_was_asked(shop: Shop) -> None:
    shop.register()
    shop.run(shop.house.database.write(lose_everything))
    responses = [shop.api(verb, path, BODY) for verb, path in LOCKED]
    responses.append(public(shop, SESSION))
    assert responses[-1].headers["access-control-allow-origin"] == "*"

    assert [refusal(response) for response in responses] == [(503, "unavailable")] * len(responses)
    assert not any(word in response.text for response in responses for word in ("SELECT", "payment_session", "Error"))


def lose_everything(connection: Connection) -> None:
    for table in ("outbox_message", "payme_fiscal_receipt", "payme_transaction", "payment_session"):
        connection.execute(text(f"DROP TABLE {table}"))
