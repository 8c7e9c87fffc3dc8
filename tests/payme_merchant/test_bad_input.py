"""Payme's door, given everything but a good call: each answer is HTTP 200 with a code, and nothing is left behind.

One shop serves every row on each database, because every row proves that it left the shop as it found it.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import text

from demo_shop.postgres import LocalPostgres
from sidecar.database import Connection
from tests.shop import AMOUNT, NOON, PAYME, SESSION, Shop, code

EVER: Final = 2**63 - 1
HOUR: Final = 3_600_000
NULL_ID: Final = "null"

CHECK: Final = {"id": "tx1"}
CREATE: Final = {"id": "tx1", "time": NOON, "amount": AMOUNT, "account": {"order_id": SESSION}}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def open_shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    url = f"sqlite:///{tmp_path_factory.mktemp('bad_input')}/sidecar.db"
    if request.param == "postgresql":
        server: LocalPostgres = request.getfixturevalue("migrated_postgres")
        server.drop_database("bad_input")  # a worker may come back to this module
        server.create_database("bad_input", template="empty_but_migrated")
        url = server.url("bad_input")
    it = Shop(url)
    it.register()
    yield it
    it.close()


def refused(shop: Shop, body: str | bytes, headers: dict[str, str] = PAYME) -> tuple[int, str | None]:
    """Send it; give the code and the `data` of the refusal, once nothing is stored and a good call still works."""
    return refusal(shop, send(shop, body, headers))


def refusal(shop: Shop, response: httpx.Response) -> tuple[int, str | None]:
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json; charset=utf-8")
    reply = response.json()
    assert set(reply) == {"jsonrpc", "id", "error"}
    assert set(reply["error"]) <= {"code", "message", "data"}
    message = reply["error"]["message"]
    assert set(message) == {"ru", "uz", "en"}
    assert all(isinstance(words, str) and words for words in message.values())
    unharmed(shop)
    return code(reply), reply["error"].get("data")


def unharmed(shop: Shop) -> None:
    assert shop.statement(0, EVER) == []
    assert shop.check_perform() == {"result": {"allow": True}}


def send(shop: Shop, body: str | bytes, headers: dict[str, str] = PAYME) -> httpx.Response:
    return shop.run(shop.ask("POST", "/payme", content=body, headers=headers))


def rpc(method: Any = "CheckTransaction", params: Any = CHECK, id_: Any = 7) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": id_, "method": method, "params": params})


def create(**changes: Any) -> str:
    """Write a CreateTransaction that is good but for the changes; `...` leaves a member out."""
    changed = CREATE | changes
    return rpc("CreateTransaction", {name: value for name, value in changed.items() if value is not ...})


def echoed(response: httpx.Response) -> str:
    """Give the `id` of a reply as it was written, so that 1, 1.0, true and "1" stay apart."""
    written = response.text.removeprefix('{"jsonrpc":"2.0","id":')
    assert written != response.text
    return written.partition(',"error":' if ',"error":' in written else ',"result":')[0]


# ── not JSON ────────────────────────────────────────────────────────────────────────────────────────────────────

GOOD: Final = rpc()

NOT_JSON: Final[dict[str, str | bytes]] = {
    "empty": b"",
    "spaces": b" \r\n\t ",
    "truncated": GOOD[:-1],
    "trailing comma": GOOD[:-1] + ",}",
    "comment": GOOD + "/* paid */",
    "two documents": GOOD + GOOD,
    "single quotes": GOOD.replace('"', "'"),
    "leading zeros": '{"id":007,"method":"CheckTransaction","params":{"id":"tx1"}}',
    "a plus sign": '{"id":+7,"method":"CheckTransaction","params":{"id":"tx1"}}',
    "a bare word": "paid",
    "a form": "id=7&method=CheckTransaction",
    "XML": '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "id twice": '{"id":7,"id":8,"method":"CheckTransaction","params":{"id":"tx1"}}',
    "method twice": '{"id":7,"method":"CheckTransaction","method":"PerformTransaction","params":{"id":"tx1"}}',
    "params twice": '{"id":7,"method":"CheckTransaction","params":{"id":"tx1"},"params":{"id":"tx2"}}',
    "amount twice": create().replace('"amount":', f'"amount": {AMOUNT}, "amount":'),
    "amount twice, once in disguise": create().replace('"amount":', f'"amount": {AMOUNT}, "\\u0061mount":'),
    "order twice in the account": create().replace('"order_id":', '"order_id": "other", "order_id":'),
    "NaN": create().replace(str(AMOUNT), "NaN"),
    "Infinity": create().replace(str(AMOUNT), "Infinity"),
    "minus Infinity": create().replace(str(AMOUNT), "-Infinity"),
    "five thousand digits": create().replace(str(AMOUNT), "1" * 5_000),
    "thirty thousand levels": '{"id":7,"params":' + "[" * 30_000 + "]" * 30_000 + "}",
    "sixty thousand brackets": "[" * 60_000,
    "byte order mark": b"\xef\xbb\xbf" + GOOD.encode(),
    "UTF-16": GOOD.encode("utf-16"),
    "UTF-16 without a mark": GOOD.encode("utf-16-le"),
    "UTF-32": GOOD.encode("utf-32"),
    "windows-1251": create(account={"order_id": "заказ"}).encode().decode("unicode_escape").encode("cp1251"),
    "invalid UTF-8": GOOD.encode().replace(b"tx1", b"\xff\xfe"),
    "overlong UTF-8": GOOD.encode().replace(b"tx1", b"\xc0\xaf"),
    "a surrogate in UTF-8": GOOD.encode().replace(b"tx1", b"\xed\xa0\x80"),
    "NUL": GOOD.encode().replace(b"tx1", b"\x00"),
    "NUL at the end": GOOD.encode() + b"\x00",
    "a line break in a string": GOOD.replace("tx1", "tx\n1"),
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + bytes(32),
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
def test_what_is_not_one_unambiguous_json_document_is_not_json(open_shop: Shop, body: str | bytes) -> None:
    response = send(open_shop, body)

    assert refusal(open_shop, response) == (-32700, None)
    assert echoed(response) == NULL_ID


def test_a_compressed_body_is_not_inflated(open_shop: Shop) -> None:
    assert refused(open_shop, NOT_JSON["gzip"], PAYME | {"content-encoding": "gzip"}) == (-32700, None)


@pytest.mark.parametrize(
    "type_", ["text/json; charset=UTF-8", "text/plain; charset=windows-1251", "multipart/form-data", "nonsense", ""]
)
def test_the_content_type_is_not_believed(open_shop: Shop, type_: str) -> None:
    assert refused(open_shop, GOOD, PAYME | {"content-type": type_}) == (-31003, None)


# ── the envelope ────────────────────────────────────────────────────────────────────────────────────────────────

NO_CALL: Final = {
    "null": "null",
    "a number": "1",
    "a string": '"x"',
    "true": "true",
    "an empty list": "[]",
    "a batch of one": f"[{GOOD}]",
    "an empty object": "{}",
    "1e400": "1e400",
}


@pytest.mark.parametrize("body", NO_CALL.values(), ids=NO_CALL)
def test_json_that_is_no_call_is_an_invalid_request(open_shop: Shop, body: str) -> None:
    response = send(open_shop, body)

    assert refusal(open_shop, response)[0] == -32600
    assert echoed(response) == NULL_ID


@pytest.mark.parametrize("levels", [100, 500, 1_000])
def test_a_deep_document_is_an_invalid_request(open_shop: Shop, levels: int) -> None:
    response = send(open_shop, '{"id":7,"method":"CheckTransaction","params":' + "[" * levels + "]" * levels + "}")

    assert refusal(open_shop, response) == (-32600, "params")
    assert echoed(response) == "7"


IDS: Final = [
    "7",
    "0",
    "-1",
    "1.5",
    "1.0",
    "true",
    "false",
    "null",
    '""',
    '"7"',
    '"\\u0437"',
    '"\\ud800"',
    '"\\u0000"',
    '"\\r\\nSet-Cookie: a=b"',
    str(2**53 + 1),
    str(2**63),
    str(2**70),
    "1" * 4_000,
    f'"{"x" * 50_000}"',
]


@pytest.mark.parametrize("id_", IDS, ids=lambda id_: f"{id_[:24]}")
def test_the_envelopes_id_comes_back_as_it_was_written(open_shop: Shop, id_: str) -> None:
    body = f'{{"id":{id_},"method":"CheckTransaction","params":{{"id":"tx1"}}}}'
    response = send(open_shop, body)

    assert refusal(open_shop, response) == (-31003, None)
    assert echoed(response) == id_


def test_an_id_too_big_for_a_float_comes_back_as_a_number(open_shop: Shop) -> None:
    response = send(open_shop, '{"id":1e400,"method":"CheckTransaction","params":{"id":"tx1"}}')

    assert refusal(open_shop, response)[0] == -31003
    assert not isinstance(response.json()["id"], str)


def test_a_result_echoes_the_id_too(open_shop: Shop) -> None:
    params = {"amount": AMOUNT, "account": {"order_id": SESSION}}
    response = send(open_shop, rpc("CheckPerformTransaction", params, id_="7"))

    assert response.json() == {"jsonrpc": "2.0", "id": "7", "result": {"allow": True}}


def test_a_call_without_an_id_is_answered_with_null(open_shop: Shop) -> None:
    response = send(open_shop, '{"method":"CheckTransaction","params":{"id":"tx1"}}')

    assert refusal(open_shop, response) == (-31003, None)
    assert echoed(response) == NULL_ID


@pytest.mark.parametrize("id_", ["{}", "[]", '{"a":1}', "[7]"])
def test_an_id_that_is_an_object_or_a_list_is_an_invalid_request(open_shop: Shop, id_: str) -> None:
    response = send(open_shop, f'{{"id":{id_},"method":"CheckTransaction","params":{{"id":"tx1"}}}}')

    assert refusal(open_shop, response)[0] == -32600
    assert echoed(response) == NULL_ID


@pytest.mark.parametrize("version", ['"1.0"', "2", "null", "{}"])
def test_the_version_is_not_asked_for(open_shop: Shop, version: str) -> None:
    body = f'{{"jsonrpc":{version},"id":7,"method":"CheckTransaction","params":{{"id":"tx1"}}}}'

    assert refused(open_shop, body) == (-31003, None)


# ── method ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("method", [None, 1, True, 1.5, [], {}, ["CheckTransaction"]], ids=str)
def test_a_method_that_is_no_text_is_an_invalid_request(open_shop: Shop, method: Any) -> None:
    assert refused(open_shop, rpc(method)) == (-32600, "method")


def test_a_missing_method_is_an_invalid_request(open_shop: Shop) -> None:
    assert refused(open_shop, '{"id":7,"params":{"id":"tx1"}}') == (-32600, "method")


def test_a_method_too_big_for_a_float_is_no_text(open_shop: Shop) -> None:
    assert refused(open_shop, '{"id":7,"method":1e400,"params":{}}') == (-32600, "method")


UNKNOWN_METHODS: Final = {
    "another": "Refund",
    "lower case": "checktransaction",
    "spaces": " CheckTransaction ",
    "dunder": "__init__",
    "a constant of Python's": "METHODS",
    "a path": "../../etc/passwd",
    "legacy": "ChangePassword",
    "a lone surrogate": "\ud800",
    "NUL": "CheckTransaction\x00",
    "line breaks": "a\r\nb",
    "emoji": "💸",
    "64 characters": "x" * 64,
}


@pytest.mark.parametrize("method", UNKNOWN_METHODS.values(), ids=UNKNOWN_METHODS)
def test_an_unknown_method_is_named_in_the_answer(open_shop: Shop, method: str) -> None:
    assert refused(open_shop, rpc(method)) == (-32601, method)


def test_no_more_than_64_characters_of_an_unknown_method_are_said_back(open_shop: Shop) -> None:
    assert refused(open_shop, rpc("x" * 60_000)) == (-32601, "x" * 64)


def test_an_empty_method_is_unknown(open_shop: Shop) -> None:
    assert refused(open_shop, rpc("")) == (-32601, "")


# ── params ──────────────────────────────────────────────────────────────────────────────────────────────────────

METHODS: Final = [
    "CheckPerformTransaction",
    "CreateTransaction",
    "PerformTransaction",
    "CancelTransaction",
    "CheckTransaction",
    "GetStatement",
    "SetFiscalData",
]


@pytest.mark.parametrize("params", [None, [], ["tx1"], "tx1", 1, True], ids=str)
@pytest.mark.parametrize("method", METHODS)
def test_params_that_are_no_object_are_an_invalid_request(open_shop: Shop, method: str, params: Any) -> None:
    assert refused(open_shop, rpc(method, params)) == (-32600, "params")


@pytest.mark.parametrize("method", METHODS)
def test_missing_params_are_an_invalid_request(open_shop: Shop, method: str) -> None:
    assert refused(open_shop, json.dumps({"id": 7, "method": method})) == (-32600, "params")


# −32600 for all, says the reliability table; the contract gives account, amount and fiscal data codes of their own.
EMPTY_PARAMS: Final = {
    "CheckPerformTransaction": (-31050, "order_id"),
    "CreateTransaction": (-32600, "id"),
    "PerformTransaction": (-32600, "id"),
    "CancelTransaction": (-32600, "reason"),
    "CheckTransaction": (-32600, "id"),
    "GetStatement": (-32600, "from"),
    "SetFiscalData": (-32602, "id"),
}


@pytest.mark.parametrize(("method", "answer"), EMPTY_PARAMS.items())
def test_empty_params_are_refused_by_each_method_in_its_own_way(
    open_shop: Shop, method: str, answer: tuple[int, str]
) -> None:
    assert refused(open_shop, rpc(method, {})) == answer


def test_members_nobody_asked_for_are_ignored(open_shop: Shop) -> None:
    params = {"id": "tx1", "amount": -1, "account": None, "𝔵": {"deep": [[[]]]}}
    body = json.dumps({"id": 7, "method": "CheckTransaction", "params": params, "extra": [1], "error": {}, "": 0})

    assert refused(open_shop, body) == (-31003, None)


# ── Payme's id ──────────────────────────────────────────────────────────────────────────────────────────────────

NO_PAYME_IDS: Final = {
    "missing": ...,
    "null": None,
    "a number": 1,
    "true": True,
    "a float": 1.5,
    "a list": ["tx1"],
    "an object": {"id": "tx1"},
    "empty": "",
    "65 characters": "x" * 65,
    "4,000 characters": "x" * 4_000,
    "NUL": "tx\x001",
    "a lone surrogate": "\ud800",
    "half a pair": "tx\udc00",
    "line breaks": "a\r\nb",
    "a terminal's escape": "\x1b[2J",
    "right to left": "\u202e1xt",
}

# They can be asked for, and never be begun: no header carries them.
ODD_PAYME_IDS: Final = {
    "a space": " ",
    "spaces around": " tx1 ",
    "a space inside": "tx 1",
    "Cyrillic": "транзакция",
    "full width digits": "１９７",
    "emoji": "💸",
    "SQL with spaces": "' OR 1=1 --",
}

ID_METHODS: Final[dict[str, dict[str, Any]]] = {
    "CreateTransaction": CREATE,
    "PerformTransaction": {},
    "CancelTransaction": {"reason": 5},
    "CheckTransaction": {},
    "SetFiscalData": {"type": "PERFORM", "fiscal_data": {"receipt_id": 1}},
}


@pytest.mark.parametrize("id_", NO_PAYME_IDS.values(), ids=NO_PAYME_IDS)
@pytest.mark.parametrize(("method", "others"), ID_METHODS.items(), ids=ID_METHODS)
def test_a_malformed_transaction_id_is_an_invalid_request(
    open_shop: Shop, method: str, others: dict[str, Any], id_: Any
) -> None:
    params = {name: value for name, value in {**others, "id": id_}.items() if value is not ...}

    assert refused(open_shop, rpc(method, params)) == (-32602 if method == "SetFiscalData" else -32600, "id")


@pytest.mark.parametrize(("method", "others"), ID_METHODS.items(), ids=ID_METHODS)
def test_a_transaction_id_too_big_for_a_float_is_no_text(shop: Shop, method: str, others: dict[str, Any]) -> None:
    shop.register()
    body = rpc(method, {**others, "id": "tx1"}).replace('"tx1"', "1e400")

    assert refused(shop, body) == (-32602 if method == "SetFiscalData" else -32600, "id")


UNKNOWN_PAYME_IDS: Final = {
    "one character": "x",
    "25 characters": "x" * 25,
    "64 characters": "x" * 64,
    "SQL": "';DROP/**/TABLE/**/payme_transaction;--",
    "wildcards": "%_",
    "JNDI": "${jndi:ldap://127.0.0.1/a}",
    "a template": "{{7*7}}{7*7}%s%(id)s",
    "a path": "../b?c#d",
    "a key of ours": "authorize:tx1",
    "our own number for a transaction": "1",
}


@pytest.mark.parametrize("id_", [*UNKNOWN_PAYME_IDS.values(), *ODD_PAYME_IDS.values()])
@pytest.mark.parametrize("method", ["PerformTransaction", "CancelTransaction", "CheckTransaction", "SetFiscalData"])
def test_any_other_transaction_id_is_just_unknown(open_shop: Shop, method: str, id_: str) -> None:
    refusal_, _data = refused(open_shop, rpc(method, {**ID_METHODS[method], "id": id_}))

    assert refusal_ == (-32001 if method == "SetFiscalData" else -31003)


@pytest.mark.parametrize("id_", ODD_PAYME_IDS.values(), ids=ODD_PAYME_IDS)
def test_no_transaction_begins_whose_id_no_header_carries(open_shop: Shop, id_: str) -> None:
    assert refused(open_shop, rpc("CreateTransaction", CREATE | {"id": id_})) == (-32600, "id")


# ── account ─────────────────────────────────────────────────────────────────────────────────────────────────────

ACCOUNTS: Final[dict[str, Any]] = {
    "missing": ...,
    "null": None,
    "empty": {},
    "a list": [],
    "a list of accounts": [{"order_id": SESSION}],
    "a string": SESSION,
    "a number": 1,
    "another field": {"phone": SESSION},
    "another case": {"Order_ID": SESSION},
    "null inside": {"order_id": None},
    "true inside": {"order_id": True},
    "a float inside": {"order_id": 197.0},
    "a huge number inside": {"order_id": 10**30},
    "a negative number inside": {"order_id": -1},
    "a list inside": {"order_id": [SESSION]},
    "an object inside": {"order_id": {"order_id": SESSION}},
    "an empty string": {"order_id": ""},
    "spaces": {"order_id": "   "},
    "an unknown order": {"order_id": "payses_99"},
    "another case of the order": {"order_id": SESSION.upper()},
    "the beginning of the order": {"order_id": SESSION[:-1]},
    "more than the order": {"order_id": SESSION + "0"},
    "NUL": {"order_id": SESSION + "\x00"},
    "NUL alone": {"order_id": "\x00"},
    "a lone surrogate": {"order_id": SESSION + "\ud800"},
    "10,000 characters": {"order_id": "x" * 10_000},
    "60,000 characters": {"order_id": "x" * 60_000},
    "emoji": {"order_id": "🛒"},
    "right to left": {"order_id": f"\u202e{SESSION}"},
    "a zero width space": {"order_id": f"{SESSION}\u200b"},
    "a look-alike": {"order_id": SESSION.replace("a", "а")},
    "full width digits": {"order_id": SESSION.replace("01", "０１")},
    "a line break and a false log line": {"order_id": f'{SESSION}\r\n{{"event": "paid"}}'},
    "SQL": {"order_id": "' OR 1=1 --"},
    "more SQL": {"order_id": f"{SESSION}'; DROP TABLE payment_session; --"},
    "wildcards": {"order_id": "%"},
    "an underscore for a character": {"order_id": SESSION.replace("0", "_")},
    "JNDI": {"order_id": "${jndi:ldap://127.0.0.1/a}"},
    "a template": {"order_id": "{{7*7}}"},
    "a path": {"order_id": f"../{SESSION}"},
}


@pytest.mark.parametrize("account", ACCOUNTS.values(), ids=ACCOUNTS)
@pytest.mark.parametrize("method", ["CheckPerformTransaction", "CreateTransaction"])
def test_a_wrong_account_is_answered_with_the_name_of_its_field(open_shop: Shop, method: str, account: Any) -> None:
    params = {**CREATE, "account": account}
    body = rpc(method, {name: value for name, value in params.items() if value is not ...})

    assert refused(open_shop, body) == (-31050, "order_id")


def test_an_order_named_like_a_huge_number_is_not_that_number(shop: Shop) -> None:
    shop.register()
    shop.register("1e400")
    body = create(account={"order_id": "1e400"}).replace('"1e400"', "1e400")

    assert refused(shop, body) == (-31050, "order_id")


# ── amount ──────────────────────────────────────────────────────────────────────────────────────────────────────

AMOUNTS: Final = {
    "null": "null",
    "zero": "0",
    "minus zero": "-0",
    "minus one": "-1",
    "the amount, negative": str(-AMOUNT),
    "one tiyin less": str(AMOUNT - 1),
    "one tiyin more": str(AMOUNT + 1),
    "so'm for tiyin": str(AMOUNT // 100),
    "a float": f"{AMOUNT}.0",
    "a float, nearly": f"{AMOUNT}.0000000001",
    "scientific": "14e6",
    "a string": f'"{AMOUNT}"',
    "true": "true",
    "a list": f"[{AMOUNT}]",
    "an object": "{}",
    "2**31": str(2**31),
    "2**63 - 1": str(2**63 - 1),
    "2**63": str(2**63),
    "2**64": str(2**64),
    "2**64 and the amount": str(2**64 + AMOUNT),
    "-2**63 - 1": str(-(2**63) - 1),
    "10**30": str(10**30),
    "4,000 digits": "9" * 4_000,
    "1e400": "1e400",
}


@pytest.mark.parametrize("amount", AMOUNTS.values(), ids=AMOUNTS)
@pytest.mark.parametrize("method", ["CheckPerformTransaction", "CreateTransaction"])
def test_a_wrong_amount_is_a_wrong_amount_whatever_its_shape(open_shop: Shop, method: str, amount: str) -> None:
    body = rpc(method, CREATE).replace(f'"amount": {AMOUNT}', f'"amount": {amount}')

    assert refused(open_shop, body) == (-31001, "amount")


@pytest.mark.parametrize("method", ["CheckPerformTransaction", "CreateTransaction"])
def test_a_missing_amount_is_a_wrong_amount(open_shop: Shop, method: str) -> None:
    params = {name: value for name, value in CREATE.items() if name != "amount"}

    assert refused(open_shop, rpc(method, params)) == (-31001, "amount")


# ── times and reasons ───────────────────────────────────────────────────────────────────────────────────────────

NO_TIMES: Final = {
    "null": "null",
    "minus one": "-1",
    "a float": f"{NOON}.0",
    "scientific": "1.79e12",
    "a string": f'"{NOON}"',
    "true": "true",
    "a list": "[]",
    "2**63": str(2**63),
    "10**30": str(10**30),
    "1e400": "1e400",
}


@pytest.mark.parametrize("time", [*NO_TIMES.values(), "0"], ids=[*NO_TIMES, "zero"])
def test_a_time_that_is_no_positive_whole_number_is_an_invalid_request(open_shop: Shop, time: str) -> None:
    assert refused(open_shop, create().replace(f'"time": {NOON}', f'"time": {time}')) == (-32600, "time")


def test_a_missing_time_is_an_invalid_request(open_shop: Shop) -> None:
    assert refused(open_shop, create(time=...)) == (-32600, "time")


OLD: Final = {
    "the year 1970": 1,
    "seconds for milliseconds": NOON // 1_000,
    "thirteen hours ago": NOON - 13 * HOUR,
    "twelve hours ago": NOON - 12 * HOUR,
}


@pytest.mark.parametrize("time", OLD.values(), ids=OLD)
def test_a_new_transaction_that_is_twelve_hours_old_is_refused_and_not_stored(open_shop: Shop, time: int) -> None:
    assert refused(open_shop, create(time=time)) == (-31008, "time")


@pytest.mark.parametrize("time", NO_TIMES.values(), ids=NO_TIMES)
@pytest.mark.parametrize("end", ["from", "to"])
def test_a_statement_needs_two_times(open_shop: Shop, end: str, time: str) -> None:
    body = rpc("GetStatement", {"from": 1, "to": 2}).replace(
        f'"{end}": {1 if end == "from" else 2}', f'"{end}": {time}'
    )

    assert refused(open_shop, body) == (-32600, end)


@pytest.mark.parametrize("end", ["from", "to"])
def test_a_statement_needs_both_ends(open_shop: Shop, end: str) -> None:
    params = {"from": 1, "to": 1}
    del params[end]

    assert refused(open_shop, rpc("GetStatement", params)) == (-32600, end)


@pytest.mark.parametrize(("from_", "to"), [(2, 1), (0, 0), (0, EVER), (EVER, EVER)])
def test_a_statement_of_a_time_in_which_nothing_happened_is_empty(open_shop: Shop, from_: int, to: int) -> None:
    assert open_shop.statement(from_, to) == []


REASONS: Final = {
    "null": "null",
    "a float": "5.0",
    "a string": '"5"',
    "true": "true",
    "a list": "[5]",
    "2**63": str(2**63),
    "10**30": str(10**30),
    "1e400": "1e400",
}


@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
def test_a_reason_that_is_no_whole_number_is_an_invalid_request(open_shop: Shop, reason: str) -> None:
    body = rpc("CancelTransaction", {"id": "tx1", "reason": 5}).replace('"reason": 5', f'"reason": {reason}')

    assert refused(open_shop, body) == (-32600, "reason")


# ── fiscal data ─────────────────────────────────────────────────────────────────────────────────────────────────

RECEIPT: Final = {"id": "tx1", "type": "PERFORM", "fiscal_data": {"receipt_id": 1, "status_code": 0}}

RECEIPTS: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "no type": ({"type": None}, "type"),
    "another type": ({"type": "REFUND"}, "type"),
    "lower case": ({"type": "perform"}, "type"),
    "a list for a type": ({"type": ["PERFORM"]}, "type"),
    "an object for a type": ({"type": {}}, "type"),
    "no data": ({"fiscal_data": None}, "fiscal_data"),
    "a list for data": ({"fiscal_data": []}, "fiscal_data"),
    "a list inside": ({"fiscal_data": {"message": []}}, "fiscal_data.message"),
    "an object inside": ({"fiscal_data": {"qr_code_url": {}}}, "fiscal_data.qr_code_url"),
    "a float inside": ({"fiscal_data": {"date": 1.5}}, "fiscal_data.date"),
    "true inside": ({"fiscal_data": {"status_code": True}}, "fiscal_data.status_code"),
}


@pytest.mark.parametrize(("changes", "named"), RECEIPTS.values(), ids=RECEIPTS)
def test_a_malformed_receipt_is_refused_with_the_name_of_the_parameter(
    open_shop: Shop, changes: dict[str, Any], named: str
) -> None:
    assert refused(open_shop, rpc("SetFiscalData", RECEIPT | changes)) == (-32602, named)


NASTY_RECEIPTS: Final[dict[str, dict[str, Any]]] = {
    "NUL": {"message": "\x00"},
    "a lone surrogate": {"message": "\ud800"},
    "emoji": {"message": "🧾"},
    "60,000 characters": {"message": "x" * 60_000},
    "10**30": {"receipt_id": 10**30},
    "members nobody knows": {"__proto__": {"a": [1]}, "\x00": "\ud800"},
    "nothing": {},
}


@pytest.mark.parametrize("data", NASTY_RECEIPTS.values(), ids=NASTY_RECEIPTS)
def test_nasty_words_in_a_receipt_are_words(shop: Shop, data: dict[str, Any]) -> None:
    shop.paid()

    assert shop.payme("SetFiscalData", **RECEIPT | {"fiscal_data": data}) == {"result": {"success": True}}

    [receipt] = shop.session()["fiscal_receipts"]
    assert {name: value for name, value in receipt.items() if name in data} == {
        name: value for name, value in data.items() if name in receipt
    }


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://ofd.example/check", "HTTPS", "", 7, None])
def test_an_address_that_no_browser_should_open_is_not_given_on(shop: Shop, url: Any) -> None:
    shop.paid()
    shop.payme("SetFiscalData", **RECEIPT | {"fiscal_data": {"receipt_id": 1, "qr_code_url": url}})

    [receipt] = shop.session()["fiscal_receipts"]
    assert (receipt["receipt_id"], receipt["qr_code_url"]) == (1, None)


# ── what may be stored is given back ────────────────────────────────────────────────────────────────────────────

STORED_ACCOUNTS: Final[dict[str, Any]] = {
    "NUL beside the order": {"order_id": SESSION, "note": "\x00", "\x00": 1},
    "a lone surrogate beside the order": {"order_id": SESSION, "note": "\ud800"},
    "emoji beside the order": {"order_id": SESSION, "note": "🛒"},
    "10**30 beside the order": {"order_id": SESSION, "note": 10**30},
    "60,000 characters beside the order": {"order_id": SESSION, "note": "x" * 60_000},
    "spaces around the order": {"order_id": f"  {SESSION}\t"},
    "300 levels beside the order": {"order_id": SESSION, "note": json.loads("[" * 300 + "]" * 300)},
}


@pytest.mark.parametrize("account", STORED_ACCOUNTS.values(), ids=STORED_ACCOUNTS)
def test_the_statement_gives_back_a_nasty_account_as_it_came(shop: Shop, account: Any) -> None:
    shop.register()
    reply = shop.payme("CreateTransaction", **CREATE | {"account": account})

    assert reply["result"]["state"] == 1
    assert [row["account"] for row in shop.statement()] == [account]


@pytest.mark.parametrize("levels", [400, 600, 800, 900, 930, 950, 970, 990])
def test_an_account_is_refused_or_can_be_given_back_however_deep_it_is(shop: Shop, levels: int) -> None:
    shop.register()
    account = f'{{"order_id":"{SESSION}","note":{"[" * levels + "]" * levels}}}'
    reply = shop.post(
        f'{{"id":7,"method":"CreateTransaction","params":'
        f'{{"id":"tx1","time":{NOON},"amount":{AMOUNT},"account":{account}}}}}'
    )

    assert code(reply) in {0, -32700}
    assert len(shop.statement()) == (code(reply) == 0)


@pytest.mark.parametrize("id_", UNKNOWN_PAYME_IDS.values(), ids=UNKNOWN_PAYME_IDS)
def test_any_visible_transaction_id_is_paid_told_and_reported(shop: Shop, id_: str) -> None:
    shop.paid(transaction=id_)

    assert shop.check(id_)["result"]["state"] == 2
    assert [row["id"] for row in shop.statement()] == [id_]
    assert shop.deliver() == 1
    assert shop.backend.keys == [f"authorize:{id_}"]


@pytest.mark.parametrize("changes", [{"amount": 1}, {"amount": None}, {"account": None}, {"time": NOON + 1}], ids=str)
def test_a_create_repeated_with_other_params_gets_its_first_answer(shop: Shop, changes: dict[str, Any]) -> None:
    shop.register()
    first = shop.payme("CreateTransaction", **CREATE)

    assert shop.payme("CreateTransaction", **CREATE | changes) == first
    assert [(row["amount"], row["time"]) for row in shop.statement()] == [(AMOUNT, NOON)]


# ── the order of checks ─────────────────────────────────────────────────────────────────────────────────────────

STRANGER: Final[dict[str, str]] = {}

# Each row is wrong in its own way and in every way below it.
FIRST_COMPLAINT: Final[dict[str, tuple[dict[str, str], str, int]]] = {
    "auth": (STRANGER, rpc("Nonsense", [], id_=7), -32504),
    "envelope": (PAYME, rpc(None, [], id_=7), -32600),
    "method": (PAYME, rpc("Nonsense", [], id_=7), -32601),
    "params": (PAYME, create(id=1, account=None, amount=0), -32600),
    "time, of the params": (PAYME, create(time="now", account=None, amount=0), -32600),
    "account": (PAYME, create(account=None, amount=0, time=1), -31050),
    "amount": (PAYME, create(amount=0, time=1), -31001),
    "age": (PAYME, create(time=1), -31008),
}


@pytest.mark.parametrize(("headers", "body", "complaint"), FIRST_COMPLAINT.values(), ids=FIRST_COMPLAINT)
def test_of_several_things_wrong_the_first_is_named(
    open_shop: Shop, headers: dict[str, str], body: str, complaint: int
) -> None:
    assert refused(open_shop, body, headers)[0] == complaint


def test_the_verb_comes_first_of_all(open_shop: Shop) -> None:
    response = open_shop.run(open_shop.ask("PUT", "/payme", content=b"{", headers=STRANGER))

    assert refusal(open_shop, response)[0] == -32300
    assert echoed(response) == NULL_ID


@pytest.mark.parametrize("method", ["CheckPerformTransaction", "CreateTransaction"])
def test_the_state_of_the_order_comes_before_the_amount(shop: Shop, method: str) -> None:
    shop.register()
    wrong = CREATE | {"id": "tx2", "amount": 1}
    shop.create("tx1")
    busy = shop.payme(method, **wrong)
    shop.perform("tx1")
    paid = shop.payme(method, **wrong)
    shop.cancel("tx1")
    refunded = shop.payme(method, **wrong)

    assert [code(reply) for reply in (busy, paid, refunded)] == [-31051, -31052, -31052]
    assert {reply["error"]["data"] for reply in (busy, paid, refunded)} == {"order_id"}


def test_a_closed_session_comes_before_the_amount(shop: Shop) -> None:
    shop.register()
    shop.close_session()

    assert code(shop.check_perform(amount=1)) == -31052
    assert code(shop.create(amount=1)) == -31052


# ── paths and verbs ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["/payme", "/payme/", "/payme?order_id=1", "/payme/?a=b&a=c"])
def test_the_door_has_two_paths_and_ignores_the_query(open_shop: Shop, path: str) -> None:
    response = open_shop.run(open_shop.ask("POST", path, content=GOOD, headers=PAYME))

    assert refusal(open_shop, response) == (-31003, None)
    assert echoed(response) == "7"


@pytest.mark.parametrize("path", ["//payme", "/PAYME", "/payme/x", "/payme//", "/payme;a=b", "/x/payme"])
def test_any_other_path_is_unknown_and_never_a_redirect(open_shop: Shop, path: str) -> None:
    response = open_shop.run(open_shop.ask("POST", f"http://sidecar.test{path}", content=GOOD, headers=PAYME))

    assert response.status_code == 404
    assert "location" not in response.headers
    unharmed(open_shop)


@pytest.mark.parametrize("path", ["/payme", "/payme/"])
@pytest.mark.parametrize("verb", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "BREW"])
def test_every_other_verb_is_refused_with_http_200(open_shop: Shop, verb: str, path: str) -> None:
    response = open_shop.run(open_shop.ask(verb, path, content=GOOD, headers=PAYME))

    assert refusal(open_shop, response) == (-32300, None)
    assert echoed(response) == "7"


# ── size ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_body_of_65_536_bytes_is_read(open_shop: Shop) -> None:
    response = send(open_shop, GOOD.ljust(65_536))

    assert refusal(open_shop, response) == (-31003, None)
    assert echoed(response) == "7"


@pytest.mark.parametrize("size", [65_537, 100_000, 2_000_000])
def test_a_longer_body_is_an_invalid_request_without_an_id(open_shop: Shop, size: int) -> None:
    response = send(open_shop, GOOD.ljust(size))

    assert refusal(open_shop, response) == (-32600, None)
    assert echoed(response) == NULL_ID


def test_a_100_kb_order_in_a_good_call_is_an_invalid_request(open_shop: Shop) -> None:
    assert refused(open_shop, create(account={"order_id": "x" * 100_000})) == (-32600, None)


def test_a_body_that_hides_its_length_is_read_no_further_than_the_limit(open_shop: Shop) -> None:
    taken = []

    async def endless() -> Any:
        for number in range(1_000):
            taken.append(number)
            yield b" " * 8_192

    response = open_shop.run(open_shop.ask("POST", "/payme", content=endless(), headers=PAYME))

    assert refusal(open_shop, response) == (-32600, None)
    assert len(taken) < 12


# ── our own fault ───────────────────────────────────────────────────────────────────────────────────────────────

CALLS: Final[dict[str, dict[str, Any]]] = {
    "CheckPerformTransaction": {"amount": AMOUNT, "account": {"order_id": SESSION}},
    "CreateTransaction": CREATE,
    "PerformTransaction": CHECK,
    "CancelTransaction": CHECK | {"reason": 5},
    "CheckTransaction": CHECK,
    "GetStatement": {"from": 0, "to": EVER},
    "SetFiscalData": RECEIPT,
}


@pytest.mark.parametrize("id_", [7, "7", None], ids=str)
def test_a_crash_is_ask_me_again_whatever_was_asked(shop: Shop, id_: Any) -> None:
    shop.register()
    shop.run(shop.house.database.write(lose_everything))
    replies = [shop.post(rpc(method, params, id_)) for method, params in CALLS.items()]

    assert {code(reply) for reply in replies} == {-32400}
    assert [reply["id"] for reply in replies] == [id_] * len(CALLS)
    assert {frozenset(reply["error"]["message"]) for reply in replies} == {frozenset({"ru", "uz", "en"})}
    assert not any("data" in reply["error"] for reply in replies)


def test_a_crash_is_never_a_final_no_even_when_it_comes_halfway(shop: Shop) -> None:
    shop.register()
    shop.create()
    shop.run(shop.house.database.write(lose_the_outbox))

    assert code(shop.perform()) == -32400
    assert shop.check()["result"]["state"] == 1


def lose_everything(connection: Connection) -> None:
    for table in ("outbox_message", "payme_fiscal_receipt", "payme_transaction", "payment_session"):
        connection.execute(text(f"DROP TABLE {table}"))


def lose_the_outbox(connection: Connection) -> None:
    connection.execute(text("DROP TABLE outbox_message"))
