"""The Merchant API as Payme's sandbox walks it, and the corners that it does not reach."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from sidecar.clock import HOUR, MINUTE
from sidecar.database import Connection
from sidecar.payme_merchant import methods, transactions
from sidecar.payme_merchant.transactions import receipts
from tests.shop import AMOUNT, NOON, PAYME, SESSION, Shop, code

HALF_DAY = 12 * HOUR
ORDER = {"order_id": SESSION}


# ── the sandbox's two scenarios (spec 5.4, 5.5) ─────────────────────────────────────────────────────────────────


def test_scenario_one_creates_and_cancels_an_unconfirmed_transaction(shop: Shop) -> None:
    shop.register()
    assert shop.check_perform() == {"result": {"allow": True}}

    created = shop.create()["result"]
    assert created == {"create_time": NOON, "transaction": created["transaction"], "state": 1}
    assert isinstance(created["transaction"], str)
    shop.clock.advance(7)
    assert shop.create(time=NOON)["result"] == created
    assert shop.check()["result"] == {**created, "perform_time": 0, "cancel_time": 0, "reason": None}
    assert code(shop.create("tx2")) == -31051

    shop.clock.advance(7)
    cancelled = shop.cancel(reason=3)["result"]
    assert cancelled == {"transaction": created["transaction"], "cancel_time": NOON + 14, "state": -1}
    shop.clock.advance(7)
    assert shop.cancel(reason=9)["result"] == cancelled
    assert shop.check()["result"] == {**created, **cancelled, "perform_time": 0, "reason": 3}


def test_scenario_two_performs_and_takes_back(shop: Shop) -> None:
    shop.register()
    created = shop.create()["result"]

    shop.clock.advance(7)
    performed = shop.perform()["result"]
    assert performed == {"transaction": created["transaction"], "perform_time": NOON + 7, "state": 2}
    shop.clock.advance(7)
    assert shop.perform()["result"] == performed
    assert shop.check()["result"] == {**created, **performed, "cancel_time": 0, "reason": None}

    shop.clock.advance(7)
    cancelled = shop.cancel()["result"]
    assert cancelled == {"transaction": created["transaction"], "cancel_time": NOON + 21, "state": -2}
    shop.clock.advance(7)
    assert shop.cancel()["result"] == cancelled
    assert shop.check()["result"] == {**created, **performed, **cancelled, "reason": 5}


def test_another_envelope_id_and_another_amount_get_the_first_answer_again(shop: Shop) -> None:
    shop.register()
    first = shop.create()["result"]
    shop.clock.advance(MINUTE)

    assert shop.create(amount=1, order="nobody's")["result"] == first
    assert shop.create(amount="nonsense", order=None, time=NOON + MINUTE)["result"] == first


# ── may it be paid? ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "account", [None, {}, [], "x", {"order": SESSION}, {"order_id": "nobody's"}, {"order_id": None}]
)
@pytest.mark.parametrize("method", ["CheckPerformTransaction", "CreateTransaction"])
def test_an_unknown_or_shapeless_account_is_named(shop: Shop, method: str, account: Any) -> None:
    shop.register()
    error = shop.payme(method, id="tx1", time=NOON, amount=AMOUNT, account=account)["error"]

    assert (error["code"], error["data"]) == (-31050, "order_id")
    assert set(error["message"]) == {"ru", "uz", "en"}


@pytest.mark.parametrize("written", [197, "197", " 197 ", "197\t"])
def test_an_order_number_may_come_as_a_number_or_with_spaces_around_it(shop: Shop, written: Any) -> None:
    shop.register(order_id="197")

    assert shop.check_perform(written) == {"result": {"allow": True}}


@pytest.mark.parametrize("written", ["0197", "197.0", 197.0, True, "１９７"])
def test_an_order_number_is_not_guessed_at(shop: Shop, written: Any) -> None:
    shop.register(order_id="197")
    shop.register("payses_02", order_id="True")

    assert code(shop.check_perform(written)) == -31050


@pytest.mark.parametrize(
    "amount", [AMOUNT - 1, AMOUNT // 100, AMOUNT * 100, 0, -AMOUNT, 14000000.0, "14000000", True, None]
)
@pytest.mark.parametrize("method", ["CheckPerformTransaction", "CreateTransaction"])
def test_an_amount_that_is_not_the_orders_is_refused(shop: Shop, method: str, amount: Any) -> None:
    shop.register()

    assert code(shop.payme(method, id="tx1", time=NOON, amount=amount, account=ORDER)) == -31001
    assert shop.statement() == []


def test_the_account_is_judged_before_the_amount(shop: Shop) -> None:
    assert code(shop.check_perform("nobody's", amount="nonsense")) == -31050


def test_thirty_million_soum_are_paid_to_the_tiyin(shop: Shop) -> None:
    shop.register(amount=3_000_000_099)
    shop.create(amount=3_000_000_099)
    shop.perform()

    assert shop.session()["amount"] == 3_000_000_099
    assert shop.statement()[0]["amount"] == 3_000_000_099


def test_check_perform_writes_nothing(shop: Shop) -> None:
    shop.register()
    shop.create()
    shop.clock.advance(HALF_DAY)
    before = shop.check()

    assert shop.check_perform() == {"result": {"allow": True}}
    assert shop.check() == before
    assert before["result"]["state"] == 1


def test_an_order_with_a_pending_transaction_is_busy_for_check_and_create_alike(shop: Shop) -> None:
    shop.register()
    shop.create()

    for reply in (shop.check_perform(), shop.create("tx2")):
        assert (reply["error"]["code"], reply["error"]["data"]) == (-31051, "order_id")


@pytest.mark.parametrize("busy_code", [-31008, -31099])
def test_the_busy_code_is_a_setting(database_url: str, busy_code: int) -> None:
    shop = Shop(database_url, payme_order_busy_code=busy_code, payme_account_field="invoice")
    shop.register()
    account = {"invoice": SESSION}
    shop.payme("CreateTransaction", id="tx1", time=NOON, amount=AMOUNT, account=account)
    error = shop.payme("CheckPerformTransaction", amount=AMOUNT, account=account)["error"]
    shop.close()

    assert (error["code"], error["data"]) == (busy_code, "invoice")


def test_a_paid_order_takes_no_second_payment(shop: Shop) -> None:
    shop.paid()

    assert code(shop.check_perform()) == -31052
    assert code(shop.create("tx2")) == -31052


def test_a_refunded_order_takes_no_second_payment(shop: Shop) -> None:
    shop.paid().cancel()

    assert code(shop.check_perform()) == -31052
    assert code(shop.create("tx2")) == -31052


def test_a_closed_session_takes_no_payment(shop: Shop) -> None:
    shop.register()
    shop.close_session()

    assert code(shop.check_perform()) == -31052
    assert code(shop.create()) == -31052


def test_an_order_is_payable_again_after_a_declined_card(shop: Shop) -> None:
    shop.register()
    for attempt in ("tx1", "tx2", "tx3"):
        assert shop.create(attempt)["result"]["state"] == 1
        assert shop.cancel(attempt, reason=2)["result"]["state"] == -1

    assert shop.create("tx4")["result"]["state"] == 1
    assert shop.perform("tx4")["result"]["state"] == 2


# ── twelve hours ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_create_that_arrives_overdue_is_refused_and_not_stored(shop: Shop) -> None:
    shop.register()

    assert code(shop.create(time=NOON - HALF_DAY)) == -31008
    assert shop.statement() == []
    assert shop.create("tx2", time=NOON - HALF_DAY + 1)["result"]["state"] == 1


def test_an_overdue_create_refused_leaves_the_overdue_one_before_it_alone(shop: Shop) -> None:
    shop.register()
    shop.create()
    shop.clock.advance(HALF_DAY)

    assert code(shop.create("tx2", time=NOON)) == -31008
    assert shop.check()["result"]["state"] == 1


def test_an_overdue_perform_is_refused_and_the_cancellation_kept(shop: Shop) -> None:
    shop.register()
    shop.create()
    shop.clock.advance(HALF_DAY)

    assert code(shop.perform()) == -31008
    checked = shop.check()["result"]
    assert (checked["state"], checked["reason"], checked["cancel_time"]) == (-1, 4, NOON + HALF_DAY)
    assert shop.deliver() == 0


def test_a_perform_one_millisecond_before_the_twelve_hours_is_taken(shop: Shop) -> None:
    shop.register()
    shop.create()
    shop.clock.advance(HALF_DAY - 1)

    assert shop.perform()["result"]["state"] == 2


def test_an_overdue_create_repeated_is_refused_and_the_cancellation_kept(shop: Shop) -> None:
    shop.register()
    shop.create()
    shop.clock.advance(HALF_DAY)

    assert code(shop.create(time=NOON)) == -31008
    assert (shop.check()["result"]["state"], shop.check()["result"]["reason"]) == (-1, 4)


def test_a_new_create_expires_the_overdue_one_and_takes_the_order(shop: Shop) -> None:
    shop.register()
    shop.create()
    shop.clock.advance(HALF_DAY)

    assert shop.create("tx2")["result"]["state"] == 1
    assert (shop.check()["result"]["state"], shop.check()["result"]["reason"]) == (-1, 4)


def test_an_overdue_transaction_is_cancelled_with_the_reason_payme_gives(shop: Shop) -> None:
    shop.register()
    shop.create()
    shop.clock.advance(HALF_DAY)

    assert shop.cancel(reason=3)["result"]["state"] == -1
    assert shop.check()["result"]["reason"] == 3


def test_the_sweep_frees_an_order_that_nobody_asks_about(shop: Shop) -> None:
    shop.register()
    shop.create()
    shop.clock.advance(HALF_DAY + 5 * MINUTE - 1)
    assert shop.sweep() == 0

    shop.clock.advance(1)
    assert shop.sweep() == 1
    assert (shop.check()["result"]["state"], shop.check()["result"]["reason"]) == (-1, 4)
    assert shop.sweep() == 0


def test_the_sweep_takes_more_than_one_batch_and_leaves_the_rest_alone(shop: Shop) -> None:
    for number in range(120):
        shop.register(f"payses_{number}")
        shop.create(f"tx{number}", order=f"payses_{number}")
    shop.perform("tx0")
    shop.cancel("tx1")
    shop.clock.advance(HALF_DAY + 5 * MINUTE)
    shop.register("payses_new")
    shop.create("tx_new", order="payses_new")

    assert shop.sweep() == 118
    assert [shop.check(it)["result"]["state"] for it in ("tx0", "tx1", "tx2", "tx_new")] == [2, -1, -1, 1]


# ── a session closed while Payme is at work ─────────────────────────────────────────────────────────────────────


def test_a_perform_after_the_session_was_closed_is_refused_and_cancelled(shop: Shop) -> None:
    shop.register()
    created = shop.create()
    shop.close_session()

    assert shop.create(time=NOON) == created
    assert code(shop.perform()) == -31008
    assert (shop.check()["result"]["state"], shop.check()["result"]["reason"]) == (-1, 3)
    assert shop.session()["status"] == "canceled"
    assert shop.deliver() == 0


def test_overdue_wins_over_closed(shop: Shop) -> None:
    shop.register()
    shop.create()
    shop.close_session()
    shop.clock.advance(HALF_DAY)

    assert code(shop.perform()) == -31008
    assert shop.check()["result"]["reason"] == 4


def test_a_closed_sessions_pending_transaction_keeps_its_order_busy_for_the_next_session(shop: Shop) -> None:
    shop.register(order_id="order_1")
    shop.create(order="order_1")
    shop.close_session()
    shop.register("payses_02", order_id="order_1")
    assert code(shop.check_perform("order_1")) == -31051

    assert code(shop.perform()) == -31008
    assert shop.create("tx2", order="order_1")["result"]["state"] == 1
    assert shop.perform("tx2")["result"]["state"] == 2


# ── what has happened cannot be undone ──────────────────────────────────────────────────────────────────────────


def test_a_create_repeated_after_the_perform_is_refused(shop: Shop) -> None:
    assert code(shop.paid().create(time=NOON)) == -31008


@pytest.mark.parametrize("reason", [2, 5])
def test_a_cancelled_payment_is_never_performed(shop: Shop, reason: int) -> None:
    shop.register()
    shop.create()
    if reason == 5:
        shop.perform()
    cancelled = shop.cancel(reason=reason)

    assert code(shop.perform()) == -31008
    assert shop.cancel(reason=9) == cancelled
    assert shop.check()["result"]["state"] == cancelled["result"]["state"]
    assert shop.check()["result"]["reason"] == reason


@pytest.mark.parametrize("method", ["PerformTransaction", "CancelTransaction", "CheckTransaction"])
def test_an_unknown_transaction_is_not_an_unknown_order(shop: Shop, method: str) -> None:
    assert code(shop.payme(method, id="nobody's", reason=1)) == -31003


@pytest.mark.parametrize("reason", [0, -1, 1, 10, 99, 2**63 - 1])
def test_any_whole_reason_is_kept(shop: Shop, reason: int) -> None:
    shop.register()
    shop.create()
    shop.cancel(reason=reason)

    assert shop.check()["result"]["reason"] == reason


def test_change_password_is_an_unknown_method(shop: Shop) -> None:
    error = shop.payme("ChangePassword", password="x" * 36)["error"]

    assert (error["code"], error["data"]) == (-32601, "ChangePassword")


# ── GetStatement (spec, section 4) ──────────────────────────────────────────────────────────────────────────────


def test_the_statement_shows_every_created_transaction_in_every_state_by_paymes_time(shop: Shop) -> None:
    for id_, time in {"tx4": 40, "tx2": 20, "tx3": 30, "tx1": 10}.items():
        shop.register(f"payses_{id_}")
        shop.create(id_, order=f"payses_{id_}", time=NOON + time)
    shop.perform("tx2")
    shop.perform("tx3")
    shop.cancel("tx3")
    shop.cancel("tx4")
    shop.create("refused", order="nobody's")

    rows = shop.statement()
    assert [(row["id"], row["time"], row["state"]) for row in rows] == [
        ("tx1", NOON + 10, 1),
        ("tx2", NOON + 20, 2),
        ("tx3", NOON + 30, -2),
        ("tx4", NOON + 40, -1),
    ]


def test_the_statement_includes_both_ends(shop: Shop) -> None:
    shop.register()
    shop.create(time=NOON)

    assert len(shop.statement(NOON, NOON)) == 1
    assert shop.statement(NOON + 1, NOON + 1) == []
    assert shop.statement(NOON - 1, NOON - 1) == []
    assert shop.statement(NOON + 1, NOON - 1) == []


def test_a_statement_row_has_every_field_and_the_account_as_it_came(shop: Shop) -> None:
    shop.register(order_id="197")
    account = {"order_id": 197, "note": "привет\u0000\ud800", "n": [1.5, None]}
    body = {"id": "tx1", "time": NOON - 5, "amount": AMOUNT, "account": account}
    shop.payme("CreateTransaction", **body)
    shop.clock.advance(1)
    shop.perform()

    assert shop.statement() == [
        {
            "id": "tx1",
            "time": NOON - 5,
            "amount": AMOUNT,
            "account": account,
            "create_time": NOON,
            "perform_time": NOON + 1,
            "cancel_time": 0,
            "transaction": "1",
            "state": 2,
            "reason": None,
            "receivers": None,
        }
    ]


# ── SetFiscalData (spec 2.11) ───────────────────────────────────────────────────────────────────────────────────

RECEIPT = {
    "receipt_id": 121,
    "status_code": 0,
    "message": "accepted",
    "terminal_id": "EP000000000025",
    "fiscal_sign": "800031554082",
    "qr_code_url": "https://ofd.soliq.uz/check?t=EP000000000025&r=121&c=20220706155800&s=800031554082",
    "date": "20220706221021",
}


def test_the_receipts_of_the_sale_and_of_the_refund_are_kept_apart(shop: Shop) -> None:
    shop.paid().cancel()
    refund = {**RECEIPT, "receipt_id": 122}
    for kind, receipt in {"PERFORM": RECEIPT, "CANCEL": refund}.items():
        for _ in ("once", "again"):
            assert shop.payme("SetFiscalData", id="tx1", type=kind, fiscal_data=receipt) == {
                "result": {"success": True}
            }

    assert stored_receipts(shop) == {"PERFORM": RECEIPT, "CANCEL": refund}


def test_a_receipt_sent_again_takes_the_place_of_the_first(shop: Shop) -> None:
    shop.paid()
    shop.payme("SetFiscalData", id="tx1", type="PERFORM", fiscal_data={**RECEIPT, "status_code": 7})
    shop.payme("SetFiscalData", id="tx1", type="PERFORM", fiscal_data=RECEIPT)

    assert stored_receipts(shop) == {"PERFORM": RECEIPT}


def test_a_receipt_of_an_unknown_payment_is_not_found(shop: Shop) -> None:
    assert code(shop.payme("SetFiscalData", id="nobody's", type="PERFORM", fiscal_data=RECEIPT)) == -32001


@pytest.mark.parametrize(
    ("named", "changes"),
    [
        ("id", {"id": 7}),
        ("type", {"type": "REFUND"}),
        ("type", {"type": ["PERFORM"]}),
        ("fiscal_data", {"fiscal_data": "x"}),
        ("fiscal_data.qr_code_url", {"fiscal_data": {"qr_code_url": {"javascript": 1}}}),
        ("fiscal_data.status_code", {"fiscal_data": {"status_code": 1.5}}),
    ],
)
def test_a_malformed_receipt_names_the_parameter(shop: Shop, named: str, changes: dict[str, Any]) -> None:
    shop.paid()
    params = {"id": "tx1", "type": "PERFORM", "fiscal_data": RECEIPT} | changes
    error = shop.payme("SetFiscalData", **params)["error"]

    assert (error["code"], error["data"]) == (-32602, named)
    assert stored_receipts(shop) == {}


def stored_receipts(shop: Shop) -> dict[str, Any]:
    def read(connection: Connection) -> dict[str, Any]:
        rows = connection.execute(select(receipts.c.type, receipts.c.fiscal_data))
        return {kind: json.loads(data) for kind, data in rows}

    return shop.run(shop.house.database.read(read))


# ── the envelope ────────────────────────────────────────────────────────────────────────────────────────────────


def test_requests_need_no_jsonrpc_member_and_no_content_type(shop: Shop) -> None:
    body = json.dumps({"id": 7, "method": "CheckTransaction", "params": {"id": "nobody's"}})

    for content_type in ("text/json; charset=UTF-8", "application/x-www-form-urlencoded", ""):
        reply = shop.post(body, {**PAYME, "content-type": content_type})
        assert (reply["id"], reply["error"]["code"]) == (7, -31003)


def test_a_statement_of_many_pages_is_one_statement(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three have the same `time`, and a page ends between them; the last page is full."""
    monkeypatch.setattr(methods, "PAGE", 2)
    times = [NOON, NOON + 1, NOON + 1, NOON + 1, NOON + 2, NOON + 3]
    for number, time in enumerate(times):
        shop.register(f"ses{number}")
        shop.create(f"tx{number}", order=f"ses{number}", time=time)

    assert [row["id"] for row in shop.statement(NOON, NOON + 3)] == [f"tx{number}" for number in range(6)]
    assert [row["id"] for row in shop.statement(NOON + 1, NOON + 2)] == ["tx1", "tx2", "tx3", "tx4"]


def test_a_statement_that_breaks_off_has_no_end(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a statement that looks whole would be an accountant's loss."""
    monkeypatch.setattr(methods, "PAGE", 1)
    for number in range(2):
        shop.register(f"ses{number}")
        shop.create(f"tx{number}", order=f"ses{number}")
    pages = iter([transactions.between])

    def between(*arguments: Any) -> Any:
        return next(pages)(*arguments)  # StopIteration for the second page

    monkeypatch.setattr(transactions, "between", between)

    with pytest.raises(AssertionError):  # how httpx says that the answer had no end
        shop.statement(0, NOON * 2)
