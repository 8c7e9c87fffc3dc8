"""Payme's cashier: the calls that a wish comes to, and what Payme believes afterwards."""

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import pytest

from payme_sandbox.counter.receipts import Standing
from payme_sandbox.counter.visits import Visit, Wish
from payme_sandbox.link import Link
from payme_sandbox.protocol import Reason
from tests.payme_sandbox.billing import KEY
from tests.payme_sandbox.counter import NOON, Counter, run

PAY = ["CheckPerform", "Create", "Create", "Perform", "Perform"]
CALL_OFF = [*PAY[:3], "Cancel", "Cancel"]


def standings(visit: Visit) -> list[Standing]:
    return [receipt.standing for receipt in visit.receipts]


def test_a_payment_is_check_then_create_twice_then_perform_twice() -> None:
    async def story() -> None:
        counter = Counter()

        visit = await counter.played(Wish.PAY)

        assert counter.wire.methods == PAY
        assert standings(visit) == [Standing.PAID]
        assert (visit.receipts[0].stopped_by, visit.defects) == (None, [])
        assert counter.billing.told["1", "paid"] == 1

    run(story())


@pytest.mark.parametrize(("wish", "reason"), [(Wish.DECLINE, 2), (Wish.CANCEL, 3)])
def test_a_payment_called_off_ends_with_cancel_twice_and_a_reason(wish: Wish, reason: int) -> None:
    async def story() -> None:
        counter = Counter()

        visit = await counter.played(wish)

        assert counter.wire.methods == CALL_OFF
        assert counter.wire.asked[-1]["params"] == {"id": visit.receipts[0].id, "reason": reason}
        assert standings(visit) == [Standing.CANCELLED]

    run(story())


def test_a_refund_cancels_the_performed_transaction_with_reason_five_and_the_times_are_kept() -> None:
    async def story() -> None:
        counter = Counter()

        visit = await counter.played(Wish.DECLINE, Wish.PAY, Wish.PAY, Wish.REFUND)

        declined, paid, refused = visit.receipts
        assert counter.wire.asked[-1]["params"] == {"id": paid.id, "reason": 5}
        assert standings(visit) == [Standing.CANCELLED, Standing.REFUNDED, Standing.REFUSED]
        assert NOON < paid.paid_time < paid.cancel_time
        assert (declined.paid_time, refused.paid_time) == (0, 0)

    run(story())


def test_the_calls_have_paymes_shape() -> None:
    async def story() -> None:
        counter = Counter()

        visit = await counter.played(Wish.PAY)

        calls, receipt = counter.wire.asked, visit.receipts[0]
        assert [call["id"] - calls[0]["id"] for call in calls] == [0, 1, 2, 3, 4]
        assert {call["jsonrpc"] for call in calls} == {"2.0"}
        assert calls[0]["params"] == {"amount": visit.link.amount, "account": visit.link.account}
        assert calls[1]["params"] == {"id": receipt.id, "time": receipt.time, **calls[0]["params"]}
        assert calls[1]["params"] == calls[2]["params"]
        assert calls[3]["params"] == {"id": receipt.id}

    run(story())


def test_a_transaction_id_begins_with_the_second_of_its_time() -> None:
    async def story() -> None:
        receipt = (await Counter().played(Wish.PAY)).receipts[0]

        assert len(receipt.id) == 24
        assert set(receipt.id) <= set("0123456789abcdef")
        assert int(receipt.id[:8], 16) == receipt.time // 1000
        assert NOON < receipt.time < NOON + 1000

    run(story())


def test_every_attempt_is_a_new_transaction() -> None:
    async def story() -> None:
        visit = await Counter().played(Wish.DECLINE, Wish.DECLINE, Wish.PAY)

        assert len({receipt.id for receipt in visit.receipts}) == 3

    run(story())


def test_a_clear_no_ends_the_walk_and_is_not_asked_twice() -> None:
    async def story() -> None:
        counter = Counter()
        visit = await counter.visit()
        counter.billing.orders["1"] += 1

        await counter.cashier.play(visit, Wish.PAY)

        [receipt] = visit.receipts
        assert counter.wire.methods == ["CheckPerform"]
        assert receipt.stopped_by is not None
        assert (receipt.stopped_by.code, receipt.standing, visit.defects) == (-31001, Standing.REFUSED, [])

    run(story())


def test_two_clicks_on_pay_are_one_payment_and_one_refusal() -> None:
    async def story() -> None:
        counter = Counter()
        visit = await counter.visit()

        await asyncio.gather(*(counter.cashier.play(visit, Wish.PAY) for _ in range(2)))

        assert counter.wire.methods == [*PAY, "CheckPerform"]
        assert standings(visit) == [Standing.PAID, Standing.REFUSED]

    run(story())


# ── silence ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500, json={"jsonrpc": "2.0", "id": 1, "result": {"state": 2}}),
        httpx.Response(200, text="<h1>It works!</h1>"),
        httpx.Response(200, json=["not", "an", "object"]),
    ],
)
def test_a_perform_without_an_answer_leaves_the_receipt_debited_and_queued_and_only_the_perform_is_asked_again(
    answer: httpx.Response,
) -> None:
    async def story() -> None:
        counter = Counter()
        visit = await counter.visit()
        counter.wire.answers["PerformTransaction"] = answer

        await counter.cashier.play(visit, Wish.PAY)
        assert standings(visit) == [Standing.QUEUED]
        assert (visit.receipts[0].number, visit.receipts[0].waits) == (30, True)
        assert len(visit.defects) == 2
        assert all(it.startswith("an answer must be a JSON object over HTTP 200") for it in visit.defects)
        counter.wire.answers.clear()
        await counter.cashier.play(visit, Wish.ASK_AGAIN, visit.receipts[0])

        assert counter.wire.methods == [*PAY, "Perform", "Perform"]
        assert standings(visit) == [Standing.PAID]

    run(story())


def test_a_perform_that_was_done_though_nobody_heard_is_confirmed_when_payme_asks_again() -> None:
    async def story() -> None:
        counter = Counter()
        counter.wire.deaf_after = "PerformTransaction"
        visit = await counter.played(Wish.PAY)
        assert visit.defects == []  # a broken line is not a bug of the merchant
        counter.wire.deaf_after = ""

        await counter.cashier.play(visit, Wish.PAY)

        assert standings(visit) == [Standing.PAID]
        assert counter.billing.told["1", "paid"] == 1

    run(story())


def test_a_create_whose_reply_was_lost_is_asked_again_with_the_same_id() -> None:
    async def story() -> None:
        counter = Counter()
        counter.wire.deaf_after = "CreateTransaction"
        visit = await counter.played(Wish.PAY)
        assert standings(visit) == [Standing.CREATING]
        counter.wire.deaf_after = ""

        await counter.cashier.play(visit, Wish.PAY)

        assert standings(visit) == [Standing.PAID]
        assert len(counter.billing.rows) == 1

    run(story())


def test_a_cancel_without_an_answer_waits_and_is_asked_again_with_its_first_reason() -> None:
    async def story() -> None:
        counter = Counter()
        counter.wire.answers["CancelTransaction"] = httpx.Response(502)
        visit = await counter.played(Wish.DECLINE)
        assert standings(visit) == [Standing.CANCELLING]
        counter.wire.answers.clear()

        await counter.cashier.play(visit, Wish.ASK_AGAIN, visit.receipts[0])

        assert counter.wire.asked[-1]["params"]["reason"] == Reason.DEBIT_FAILED
        assert standings(visit) == [Standing.CANCELLED]

    run(story())


def test_a_queued_payment_that_is_given_up_is_cancelled_wherever_the_merchant_has_it() -> None:
    async def story() -> None:
        counter = Counter()
        counter.wire.deaf_after = "PerformTransaction"
        visit = await counter.played(Wish.PAY)

        await counter.cashier.play(visit, Wish.CANCEL)

        assert standings(visit) == [Standing.REFUNDED]  # it had performed it
        assert visit.defects == []

    run(story())


def test_a_create_that_is_refused_lets_the_next_attempt_be_a_new_one() -> None:
    async def story() -> None:
        counter = Counter()
        visit = await counter.visit()
        refusal = {"id": 1, "error": {"code": -31008, "message": {}}}
        counter.wire.answers["CreateTransaction"] = httpx.Response(200, json=refusal)
        await counter.cashier.play(visit, Wish.PAY)
        assert counter.wire.methods == ["CheckPerform", "Create"]
        counter.wire.answers.clear()

        await counter.cashier.play(visit, Wish.PAY)

        assert standings(visit) == [Standing.REFUSED, Standing.PAID]

    run(story())


def test_silence_at_the_check_ends_the_payment_before_it_began() -> None:
    async def story() -> None:
        counter = Counter()
        counter.wire.down = True

        visit = await counter.played(Wish.PAY)

        assert [call.status for call in visit.calls] == [None]
        assert standings(visit) == [Standing.NEW]
        assert visit.defects == []

    run(story())


def test_a_perform_that_is_refused_gives_the_money_back() -> None:
    async def story() -> None:
        counter = Counter()
        refusal = {"id": 1, "error": {"code": -31008, "message": {}}}
        counter.wire.answers["PerformTransaction"] = httpx.Response(200, json=refusal)

        visit = await counter.played(Wish.PAY)

        assert standings(visit) == [Standing.RETURNED]

    run(story())


def test_a_refund_that_is_refused_leaves_the_receipt_paid() -> None:
    async def story() -> None:
        visit = await Counter("refund").played(Wish.PAY, Wish.REFUND)

        [receipt] = visit.receipts
        assert receipt.standing is Standing.PAID
        assert receipt.stopped_by is not None
        assert receipt.stopped_by.code == -31007

    run(story())


def test_a_refund_that_is_called_a_mere_cancellation_is_not_believed() -> None:
    async def story() -> None:
        counter = Counter()
        counter.wire.lies["CancelTransaction"] = {"state": -1}

        visit = await counter.played(Wish.PAY, Wish.REFUND)

        assert standings(visit) == [Standing.CANCELLING]
        assert visit.defects == ["state is -1, not -2"] * 2

    run(story())


def test_a_refund_is_for_a_paid_receipt_only() -> None:
    async def story() -> None:
        counter = Counter()
        visit = await counter.played(Wish.PAY)
        [receipt] = visit.receipts

        await asyncio.gather(*(counter.cashier.play(visit, Wish.REFUND, receipt) for _ in range(2)))

        assert counter.wire.methods == [*PAY, "Cancel", "Cancel"]

    run(story())


# ── what can go wrong ──────────────────────────────────────────────────────────────────────────────────────────────


def test_of_two_buyers_at_the_same_moment_one_pays_and_every_call_is_delivered_twice() -> None:
    async def story() -> None:
        counter = Counter()

        visit = await counter.played(Wish.TWO_BUYERS)

        assert sorted(standings(visit)) == [Standing.PAID, Standing.REFUSED]
        assert counter.wire.methods.count("CheckPerform") == 4
        assert counter.wire.methods.count("Create") == 4
        assert counter.wire.methods.count("Perform") == 2
        assert counter.billing.told["1", "paid"] == 1
        assert visit.defects == []

    run(story())


def test_an_accumulative_account_takes_both_buyers() -> None:
    async def story() -> None:
        visit = await Counter(accumulative=True).played(Wish.TWO_BUYERS)

        assert standings(visit) == [Standing.PAID, Standing.PAID]

    run(story())


def test_a_merchant_who_does_not_take_calls_in_turn_sells_twice_and_says_two_things_at_once() -> None:
    async def story() -> None:
        visit = await Counter("in turn").played(Wish.TWO_BUYERS)

        assert standings(visit) == [Standing.PAID, Standing.PAID]
        assert any(it.startswith("the repeated call got another result than the first") for it in visit.defects)

    run(story())


def test_lost_replies_are_asked_again_with_the_same_params_and_other_envelopes() -> None:
    async def story() -> None:
        counter = Counter()

        visit = await counter.played(Wish.LOSE)

        assert counter.wire.methods == PAY
        [_, lost, asked, *_] = counter.wire.asked
        assert lost["params"] == asked["params"]
        assert lost["id"] != asked["id"]
        assert standings(visit) == [Standing.PAID]
        assert [it.lost for it in visit.spoken] == [False, True, False, True, False]
        assert visit.spoken[1].call.sent == lost

    run(story())


def test_lose_hangs_up_on_a_merchant_who_is_slow() -> None:
    async def story() -> None:
        counter = Counter()
        visit = await counter.visit()
        came: list[str] = []

        async def slow(_: httpx.Request) -> httpx.Response:
            try:
                await asyncio.sleep(0.2)
            except asyncio.CancelledError:
                came.append("hung up")
                raise
            came.append("answered")
            return httpx.Response(200, json={"id": 1, "result": {"allow": True, "state": 1}})

        http = httpx.AsyncClient(transport=httpx.MockTransport(slow))
        counter.cashier.merchant = replace(counter.cashier.merchant, http=http)
        await counter.cashier.play(visit, Wish.LOSE)

        assert came[:3] == ["answered", "hung up", "answered"]

    run(story())


def test_a_payment_12_hours_late_is_refused_by_a_right_merchant_and_the_money_goes_back() -> None:
    async def story() -> None:
        counter = Counter()

        visit = await counter.played(Wish.OVERDUE)

        [receipt] = visit.receipts
        assert counter.wire.methods == PAY[:4]
        assert receipt.stopped_by is not None
        assert (receipt.standing, receipt.stopped_by.code) == (Standing.RETURNED, -31008)
        assert counter.billing.rows[receipt.id].reason == 4
        assert receipt.opened - receipt.time == 12 * 3_600_000 - 2_000
        assert visit.defects == []

    run(story())


def test_a_payment_12_hours_late_that_is_taken_stays_paid_in_paymes_books() -> None:
    async def story() -> None:
        visit = await Counter("12 hours").played(Wish.OVERDUE)

        assert standings(visit) == [Standing.PAID]

    run(story())


# ── what is heard and kept ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_repeat_with_another_result_is_a_defect_and_told_to_the_listener() -> None:
    async def story() -> None:
        counter = Counter("replay")

        visit = await counter.played(Wish.PAY)

        assert visit.defects == ["the repeated call got another result than the first (create_time)"]
        assert [it.defects for it in counter.heard if it.defects] == [tuple(visit.defects)]
        assert {it.order for it in counter.heard} == {"1"}

    run(story())


def test_the_receipts_are_listed_newest_first_and_found_by_their_id() -> None:
    async def story() -> None:
        counter = Counter()
        first, second = await counter.played(Wish.PAY), await counter.played(Wish.OVERDUE)

        assert [it.id for it in counter.cashier.receipts] == [second.receipts[0].id, first.receipts[0].id]
        assert counter.cashier.receipt(first.receipts[0].id) == (first, first.receipts[0])
        assert counter.cashier.receipt("nobody") is None

    run(story())


def test_accounts_that_share_a_value_are_two_orders() -> None:
    counter = Counter()

    phone, order = (counter.cashier.visit(Link("5", {field: "7"}, 1, "ru", "")) for field in ("phone", "order_id"))

    assert phone is not order


def test_the_key_is_in_no_repr_and_in_no_log() -> None:
    async def story() -> None:
        counter = Counter()

        visit = await counter.played(Wish.PAY)

        shown: list[Any] = [counter.cashier.cashbox, counter.cashier.merchant, visit, list(counter.cashier.log)]
        assert not any(KEY in repr(it) for it in shown)
        assert counter.cashier.merchant.authorization not in repr(shown)

    run(story())
