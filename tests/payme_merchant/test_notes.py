"""What Payme's door notes in the journal: each call that was understood, and few of those that were not."""

import json
from typing import Any, Final

import pytest

from sidecar import journal
from sidecar.clock import Millis
from sidecar.journal import Filters, StoredCall
from tests.shop import AMOUNT, BACKEND_KEY, KEY, NOON, PAYME, SESSION, Shop, basic

PROXY: Final = {"forwarded_allow_ips": "127.0.0.0/8"}


def noted(shop: Shop) -> list[StoredCall]:
    shop.run(shop.house.scribe.write())
    return list(reversed(shop.run(shop.house.database.read(journal.recent_calls, Filters(), None, 1_000))))


def test_each_call_is_noted_with_its_ids_its_amount_and_its_answer(shop: Shop) -> None:
    shop.register()
    shop.check_perform()
    shop.clock.advance(7)
    shop.create()
    shop.clock.advance(7)
    shop.perform()
    check, create, perform = noted(shop)

    assert check[1:9] == (
        *("payme", NOON, "CheckPerformTransaction", None, SESSION, AMOUNT, 0),
        '{"jsonrpc":"2.0","id":1,"result":{"allow":true}}',
    )
    assert create[1:8] == ("payme", NOON + 7, "CreateTransaction", "tx1", SESSION, AMOUNT, 0)
    assert json.loads(create.answer)["result"]["state"] == 1
    assert perform[1:8] == ("payme", NOON + 14, "PerformTransaction", "tx1", None, None, 0)
    assert all(it.microseconds > 0 and it.caller == "127.0.0.1" for it in (check, create, perform))


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("CheckPerformTransaction", {"amount": AMOUNT, "account": {"order_id": "unknown"}}, -31050),
        ("CheckPerformTransaction", {"amount": 1, "account": {"order_id": SESSION}}, -31001),
        ("PerformTransaction", {"id": "unknown"}, -31003),
        ("CancelTransaction", {"id": "tx1", "reason": "none"}, -32600),
        ("SetFiscalData", {"id": "tx1"}, -32602),
    ],
)
def test_a_refusal_is_noted_with_its_code_and_its_answer(
    shop: Shop, method: str, params: dict[str, Any], code: int
) -> None:
    shop.register()
    shop.payme(method, **params)
    (call,) = noted(shop)

    assert (call.method, call.code) == (method, code)
    assert json.loads(call.answer)["error"]["code"] == code


def test_a_crash_of_ours_is_noted(shop: Shop) -> None:
    async def crash(*_args: object) -> None:
        raise RuntimeError

    door = shop.app.routes[0].app  # type: ignore[attr-defined]
    door._run["read"] = crash  # noqa: SLF001
    shop.check()

    assert [(it.method, it.code) for it in noted(shop)] == [("CheckTransaction", -32400)]


@pytest.mark.parametrize("rows", [2, 120], ids=["a page", "many pages"])
def test_of_a_long_answer_the_beginning_is_kept(shop: Shop, rows: int) -> None:
    for number in range(rows):
        shop.register(f"s{number}")
        shop.create(f"tx{number:020}", order=f"s{number}")
    shop.statement()
    statement = noted(shop)[-1]

    assert statement.method == "GetStatement"
    assert statement.answer.startswith('{"jsonrpc":"2.0","id":')
    assert '"transactions":[{"id":"tx00000000000000000000"' in statement.answer
    assert len(statement.answer) <= 1_000


# ── calls that were not understood ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        ("{}", {"authorization": basic("Paycom:wrong")}, -32504),
        ("{}", {}, -32504),
        ("not JSON", PAYME, -32700),
        ("[]", PAYME, -32600),
        ('{"id":1,"method":"Unknown","params":{}}', PAYME, -32601),
        ("{" + " " * 70_000, PAYME, -32600),
    ],
)
def test_of_a_flood_one_call_in_half_a_minute_is_noted(
    shop: Shop, body: str, headers: dict[str, str], code: int
) -> None:
    for _ in range(20):
        shop.post(body, headers)

    (call,) = noted(shop)
    assert (call.method, call.code, call.transaction_id, call.order_id) == ("unread", code, None, None)
    assert json.loads(call.answer) == {"error": {"code": code}, "left_out": 0}


def test_the_next_one_says_how_many_were_left_out(shop: Shop) -> None:
    now = 1_000.0
    door = shop.app.routes[0].app  # type: ignore[attr-defined]
    door._monotonic = lambda: now  # noqa: SLF001
    for _ in range(8):
        shop.post("{}", {})
    now += 30
    shop.post("{}", {})
    shop.post("not JSON")

    assert [json.loads(it.answer) for it in noted(shop)] == [
        {"error": {"code": -32504}, "left_out": 0},
        {"error": {"code": -32504}, "left_out": 7},
        {"error": {"code": -32700}, "left_out": 0},
    ]


def test_neither_a_credential_nor_what_a_stranger_sent_is_kept(shop: Shop) -> None:
    body = json.dumps({"id": "said-by-a-stranger", "method": "CheckTransaction", "params": {"id": "tx-of-a-stranger"}})
    shop.post(body, {"authorization": basic("Paycom:guessed"), "x-note": "from-a-header"})
    shop.paid()
    kept = str(noted(shop))

    assert "tx1" in kept
    for secret in (KEY, BACKEND_KEY, PAYME["authorization"], PAYME["authorization"][6:], "stranger", "from-a-header"):
        assert secret not in kept


# ── the caller ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changes", "said", "caller"),
    [
        ({}, "185.234.113.1", "127.0.0.1"),
        (PROXY, "185.234.113.1", "185.234.113.1"),
        (PROXY, "192.0.2.1, 2001:db8::7", "2001:db8::7"),
        (PROXY, "somebody", "unknown"),
    ],
    ids=["no proxy is trusted", "one is", "the last entry counts", "it says nonsense"],
)
def test_the_caller_is_the_nearest_that_is_no_proxy_of_ours(
    database_url: str, changes: dict[str, Any], said: str, caller: str
) -> None:
    shop = Shop(database_url, **changes)
    shop.post('{"id":1,"method":"CheckTransaction","params":{"id":"tx1"}}', PAYME | {"x-forwarded-for": said})

    assert [it.caller for it in noted(shop)] == [caller]
    shop.close()


def test_a_call_is_noted_at_the_moment_it_came(shop: Shop) -> None:
    shop.check()

    assert noted(shop)[0].time == Millis(NOON)


def test_a_call_through_a_tunnel_to_a_trusted_proxys_address_is_noted_by_it(database_url: str) -> None:
    shop = Shop(database_url, forwarded_allow_ips="127.0.0.1")
    shop.payme("CheckTransaction", id="tx1")

    assert [it.caller for it in noted(shop)] == ["127.0.0.1"]
    shop.close()
