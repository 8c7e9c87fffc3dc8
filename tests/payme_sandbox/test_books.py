"""Payme's books beside the merchant's: each disagreement has its name, and agreement has none."""

from typing import Any

import pytest

from payme_sandbox.calls import Call
from payme_sandbox.counter.books import Books, Difference, Kind, compare
from payme_sandbox.counter.receipts import BELIEFS, Receipt, Standing
from payme_sandbox.counter.visits import Wish
from payme_sandbox.link import Link
from payme_sandbox.protocol import Reason
from tests.payme_sandbox.counter import Counter, run

T = 1_790_000_000_000
TIMES = {"create_time": T + 1, "perform_time": T + 2, "cancel_time": T + 3}
# What a right merchant says of a transaction in each state.
RIGHT: dict[int, dict[str, Any]] = {
    1: {"state": 1, "create_time": T + 1, "perform_time": 0, "cancel_time": 0, "reason": None, "transaction": "7"},
    2: {"state": 2, "create_time": T + 1, "perform_time": T + 2, "cancel_time": 0, "reason": None, "transaction": "7"},
    -1: {"state": -1, "create_time": T + 1, "perform_time": 0, "cancel_time": T + 3, "reason": 3, "transaction": "7"},
    -2: {**TIMES, "state": -2, "reason": 5, "transaction": "7"},
}
REASONS = {Standing.CANCELLED: Reason.EXECUTION_FAILED, Standing.REFUNDED: Reason.REFUND}


def receipt(standing: Standing) -> Receipt:
    it = Receipt("r1", T, Link("m", {"order_id": "1"}, 500, "ru", ""), T, standing, reason=REASONS.get(standing))
    it.cancel_time = T + 3 if it.reason else 0
    return it


def row(state: int, /, **changes: Any) -> dict[str, Any]:
    return {"id": "r1", "time": T, "amount": 500, "account": {"order_id": "1"}, **RIGHT[state], **changes}


def answer(method: str, result: Any) -> Call:
    return Call(method, {"id": 1}, 200, {"id": 1, "result": result})


def refusal(code: int) -> Call:
    return Call("CheckTransaction", {"id": 1}, 200, {"id": 1, "error": {"code": code, "message": {}}})


def kinds(standing: Standing, check: Call | dict[str, Any], rows: Any, *, opened: int = T) -> list[tuple[str, str]]:
    check = answer("CheckTransaction", check) if isinstance(check, dict) else check
    statement = rows if isinstance(rows, Call) else answer("GetStatement", {"transactions": rows})
    found = compare(Books([receipt(standing)], opened, {"rehearsed"}), statement, {"r1": check})
    return [(it.kind, it.field) for it in found]


# ── agreement ──────────────────────────────────────────────────────────────────────────────────────────────────────

AGREEING = [(standing, int(state)) for standing, belief in BELIEFS.items() for state in belief.there if state]


@pytest.mark.parametrize(("standing", "state"), AGREEING)
def test_where_payme_may_believe_the_state_the_books_agree(standing: Standing, state: int) -> None:
    reasons = {Standing.REFUNDED: 5, Standing.CANCELLED: 3}
    changes = {"reason": reasons.get(standing, 4)} if state < 0 else {}

    assert kinds(standing, RIGHT[state] | changes, [row(state, **changes)]) == []


@pytest.mark.parametrize("standing", [Standing.REFUSED, Standing.CREATING])
def test_what_was_never_taken_need_not_be_known(standing: Standing) -> None:
    assert kinds(standing, refusal(-31003), []) == []


def test_null_for_zero_zero_for_null_and_numbers_in_an_account_are_official_habits() -> None:
    check = RIGHT[2] | {"cancel_time": None, "reason": 0}

    assert kinds(Standing.PAID, check, [row(2, account={"order_id": 1})]) == []


def test_the_statement_may_hold_what_was_there_before_and_what_the_scenarios_made() -> None:
    rows = [row(1, id="yesterday", time=T - 1), row(2), row(1, id="rehearsed", time=T + 5)]

    assert kinds(Standing.PAID, RIGHT[2], rows) == []


# ── disagreement ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("standing", "state", "kind"),
    [
        (Standing.PAID, 1, Kind.PAID_HERE_OPEN_THERE),
        (Standing.PAID, -1, Kind.PAID_HERE_CANCELLED_THERE),
        (Standing.PAID, -2, Kind.PAID_HERE_CANCELLED_THERE),
        (Standing.REFUSED, 2, Kind.PAID_THERE_ONLY),
        (Standing.REFUSED, 1, Kind.OPEN_THERE_ONLY),
        (Standing.RETURNED, 1, Kind.OPEN_THERE_ONLY),
        (Standing.RETURNED, 2, Kind.PAID_THERE_ONLY),
        (Standing.CANCELLED, 1, Kind.OPEN_THERE_ONLY),
        (Standing.CANCELLED, 2, Kind.PAID_THERE_ONLY),
        (Standing.REFUNDED, 2, Kind.PAID_THERE_ONLY),
        (Standing.QUEUED, -1, Kind.CANCELLED_THERE_ONLY),
        (Standing.DEBITING, -1, Kind.CANCELLED_THERE_ONLY),
        (Standing.CREATING, 2, Kind.PAID_THERE_ONLY),
    ],
)
def test_a_state_that_payme_cannot_believe_has_a_name(standing: Standing, state: int, kind: Kind) -> None:
    assert (kind, "") in kinds(standing, RIGHT[state], [row(state)])


def test_they_may_disagree_about_a_refund() -> None:
    check = RIGHT[-1] | {"reason": 5}
    other = RIGHT[-2] | {"reason": 3}

    assert kinds(Standing.REFUNDED, check, [row(-1, reason=5)]) == [(Kind.REFUND_DIFFERS, "")]
    assert kinds(Standing.CANCELLED, other, [row(-2, reason=3)]) == [(Kind.REFUND_DIFFERS, "")]


UNKNOWN = refusal(-31003)


@pytest.mark.parametrize(
    ("check", "rows", "found"),
    [
        # CheckTransaction
        (UNKNOWN, [], [(Kind.UNKNOWN_THERE, "")]),
        (refusal(-31050), [row(2)], [(Kind.NO_ANSWER, "")]),
        (Call("CheckTransaction", {}, None, "refused"), [row(2)], [(Kind.NO_ANSWER, "")]),
        (Call("CheckTransaction", {}, 500, "<h1>"), [row(2)], [(Kind.NO_ANSWER, "")]),
        (RIGHT[2] | {"state": "2"}, [row(2, state="2")], [(Kind.STATE_UNREADABLE, "state")]),
        (RIGHT[2] | {"state": 0}, [row(2, state=0)], [(Kind.STATE_UNREADABLE, "state")]),
        (RIGHT[2] | {"perform_time": 0}, [row(2, perform_time=0)], [(Kind.TIME_MISSING, "perform_time")]),
        (RIGHT[2] | {"cancel_time": T}, [row(2, cancel_time=T)], [(Kind.TIME_TOO_MUCH, "cancel_time")]),
        (RIGHT[2] | {"reason": 5}, [row(2, reason=5)], [(Kind.REASON_DIFFERS, "reason")]),
        (
            {name: value for name, value in RIGHT[2].items() if name != "reason"},
            [row(2)],
            [(Kind.FIELD_MISSING, "reason")],
        ),
        # GetStatement
        (RIGHT[2], refusal(-31050), [(Kind.STATEMENT_UNREADABLE, "")]),
        (RIGHT[2], answer("GetStatement", {"transaction": []}), [(Kind.STATEMENT_UNREADABLE, "")]),
        (RIGHT[2], [], [(Kind.MISSING_IN_STATEMENT, "")]),
        (RIGHT[2], [row(2), row(2)], [(Kind.LISTED_TWICE, "")]),
        (RIGHT[2], [row(2), row(1, id="stranger")], [(Kind.ONLY_IN_STATEMENT, "")]),
        (RIGHT[2], [row(2), row(1, id="stranger", time=None)], [(Kind.ONLY_IN_STATEMENT, "")]),
        (RIGHT[2], [row(2, amount=5)], [(Kind.AMOUNT_DIFFERS, "amount")]),
        (RIGHT[2], [row(2, account={"order_id": "2"})], [(Kind.ACCOUNT_DIFFERS, "account")]),
        (RIGHT[2], [row(2, account=None)], [(Kind.ACCOUNT_DIFFERS, "account")]),
        (RIGHT[2], [row(2, time=T + 9)], [(Kind.PAYME_TIME_DIFFERS, "time")]),
        (RIGHT[2], [row(2, perform_time=T // 1000)], [(Kind.ROW_DIFFERS, "perform_time")]),
        (RIGHT[2], [row(1)], [(Kind.ROW_DIFFERS, "perform_time"), (Kind.ROW_DIFFERS, "state")]),
        (RIGHT[2], [row(1, id="rehearsed", time=T + 1), row(2)], [(Kind.OUT_OF_ORDER, "time")]),
    ],
)
def test_each_disagreement_about_a_paid_receipt_has_its_name(
    check: Call | dict[str, Any], rows: Any, found: list[tuple[str, str]]
) -> None:
    assert kinds(Standing.PAID, check, rows) == found


def test_a_cancellation_has_paymes_reason_unless_the_merchant_closed_it_by_itself() -> None:
    check = RIGHT[-1] | {"reason": 4}

    assert kinds(Standing.CANCELLED, check, [row(-1, reason=4)]) == [(Kind.REASON_DIFFERS, "reason")]
    assert kinds(Standing.RETURNED, check, [row(-1, reason=4)]) == []
    assert (Kind.REASON_DIFFERS, "reason") in kinds(Standing.RETURNED, check | {"reason": None}, [row(-1, reason=None)])


def test_what_was_told_once_must_be_told_again() -> None:
    it = receipt(Standing.PAID)
    it.told = {"transaction": "7", "create_time": T + 1, "perform_time": T + 99}
    statement = answer("GetStatement", {"transactions": [row(2)]})

    found = list(compare(Books([it]), statement, {"r1": answer("CheckTransaction", RIGHT[2])}))

    told, now = f"told before: {T + 99}", str(T + 2)
    assert found == [Difference(Kind.TOLD_OTHERWISE, "r1", told, now, "perform_time")]


# ── asked of a merchant ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_right_merchant_agrees_with_everything_that_was_played() -> None:
    async def story() -> None:
        counter = Counter()
        for wish in (Wish.PAY, Wish.DECLINE, Wish.TWO_BUYERS, Wish.LOSE, Wish.OVERDUE):
            await counter.played(wish)
        await counter.played(Wish.PAY, Wish.REFUND)

        comparison = await counter.cashier.compare()

        assert (comparison.compared, comparison.differences) == (7, ())
        assert counter.wire.methods[-8:] == ["GetStatement", *["Check"] * 7]

    run(story())


def test_a_payment_that_the_merchant_forgets_is_found() -> None:
    async def story() -> None:
        counter = Counter()
        visit = await counter.played(Wish.PAY)
        counter.billing.rows.clear()

        comparison = await counter.cashier.compare()

        assert [(it.kind, it.receipt_id) for it in comparison.differences] == [
            (Kind.UNKNOWN_THERE, visit.receipts[0].id)
        ]

    run(story())


@pytest.mark.parametrize(
    ("broken", "kind"),
    [
        ("perform time", Kind.TIME_MISSING),
        ("every state", Kind.MISSING_IN_STATEMENT),
        ("oldest first", Kind.OUT_OF_ORDER),
        ("shape", Kind.FIELD_MISSING),
        ("from", Kind.MISSING_IN_STATEMENT),
        ("to", Kind.MISSING_IN_STATEMENT),
    ],
)
def test_a_broken_rule_of_the_books_shows(broken: str, kind: Kind) -> None:
    async def story() -> None:
        counter = Counter(broken)
        await counter.played(Wish.DECLINE)
        await counter.played(Wish.PAY, Wish.REFUND)
        await counter.played(Wish.PAY)
        await counter.played(Wish.DECLINE)

        comparison = await counter.cashier.compare()

        assert kind in {it.kind for it in comparison.differences}

    run(story())


def test_without_receipts_there_is_nothing_to_compare() -> None:
    async def story() -> None:
        comparison = await Counter().cashier.compare()

        assert (comparison.compared, comparison.differences) == (0, ())

    run(story())


@pytest.mark.parametrize("odd", [{}, [], {"a": [1]}, [[]], None, True, 5, 1.5])
def test_whatever_stands_where_a_word_belongs_is_a_difference(odd: Any) -> None:
    assert kinds(Standing.PAID, RIGHT[2], [row(2, id=odd)]) == [
        (Kind.MISSING_IN_STATEMENT, ""),
        (Kind.ONLY_IN_STATEMENT, ""),
    ]
    found = kinds(Standing.PAID, RIGHT[2] | {"reason": odd}, [row(2, reason=odd)])
    assert found == ([] if odd is None else [(Kind.REASON_DIFFERS, "reason")])
