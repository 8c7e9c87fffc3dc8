"""Payme's books beside the merchant's: every disagreement, by name."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from payme_sandbox.calls import Call, written
from payme_sandbox.certification.expectations import is_int
from payme_sandbox.counter.receipts import BELIEFS, Receipt, Standing
from payme_sandbox.protocol import UNKNOWN_TRANSACTION, State


class Kind(StrEnum):
    # One transaction, asked for by CheckTransaction.
    NO_ANSWER = "no_answer"
    UNKNOWN_THERE = "unknown_there"
    STATE_UNREADABLE = "state_unreadable"
    PAID_HERE_OPEN_THERE = "paid_here_open_there"
    PAID_HERE_CANCELLED_THERE = "paid_here_cancelled_there"
    PAID_THERE_ONLY = "paid_there_only"
    OPEN_THERE_ONLY = "open_there_only"
    CANCELLED_THERE_ONLY = "cancelled_there_only"
    REFUND_DIFFERS = "refund_differs"
    FIELD_MISSING = "field_missing"
    TIME_MISSING = "time_missing"
    TIME_TOO_MUCH = "time_too_much"
    REASON_DIFFERS = "reason_differs"
    TOLD_OTHERWISE = "told_otherwise"
    # GetStatement.
    STATEMENT_UNREADABLE = "statement_unreadable"
    MISSING_IN_STATEMENT = "missing_in_statement"
    LISTED_TWICE = "listed_twice"
    ONLY_IN_STATEMENT = "only_in_statement"
    AMOUNT_DIFFERS = "amount_differs"
    ACCOUNT_DIFFERS = "account_differs"
    PAYME_TIME_DIFFERS = "payme_time_differs"
    ROW_DIFFERS = "row_differs"
    OUT_OF_ORDER = "out_of_order"


@dataclass(frozen=True, slots=True)
class Difference:
    """`here` is Payme's, `there` the merchant's; `field` where it is about one."""

    kind: Kind
    receipt_id: str = ""
    here: str = ""
    there: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Books:
    """Payme's. Rows from before they were `opened`, and rows of `others`, may be in the merchant's alone."""

    receipts: Sequence[Receipt]
    opened: int = 0
    others: Container[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Comparison:
    time: int
    compared: int
    differences: tuple[Difference, ...]


# The merchant's state, where Payme's belief allows another: from which side the disagreement hurts.
DISAGREEMENTS: Final[dict[State, Kind]] = {
    State.CREATED: Kind.OPEN_THERE_ONLY,
    State.PERFORMED: Kind.PAID_THERE_ONLY,
    State.CANCELLED: Kind.CANCELLED_THERE_ONLY,
    State.REVERSED: Kind.REFUND_DIFFERS,
}
PAID: Final[dict[State, Kind]] = {
    State.CREATED: Kind.PAID_HERE_OPEN_THERE,
    State.CANCELLED: Kind.PAID_HERE_CANCELLED_THERE,
    State.REVERSED: Kind.PAID_HERE_CANCELLED_THERE,
}
REFUNDED: Final = {State.CANCELLED: Kind.REFUND_DIFFERS}
# Which times a transaction in this state has.
STAMPED: Final[dict[State, frozenset[str]]] = {
    State.CREATED: frozenset({"create_time"}),
    State.PERFORMED: frozenset({"create_time", "perform_time"}),
    State.CANCELLED: frozenset({"create_time", "cancel_time"}),
    State.REVERSED: frozenset({"create_time", "perform_time", "cancel_time"}),
}
TIMES: Final = ("create_time", "perform_time", "cancel_time")
FIELDS: Final = (*TIMES, "transaction", "state", "reason")


def compare(books: Books, statement: Call, checks: Mapping[str, Call]) -> Iterator[Difference]:
    """Give what differs: first transaction by transaction, then the statement as a whole."""
    rows = _rows(statement)
    if rows is None:
        yield Difference(Kind.STATEMENT_UNREADABLE, there=statement.found)
    for receipt in books.receipts:
        yield from _checked(receipt, checks[receipt.id])
        if rows is not None:
            mine = [row for row in rows if row.get("id") == receipt.id]
            yield from _listed(receipt, mine, checks[receipt.id])
    yield from _statement(books, rows or [])


def _checked(receipt: Receipt, check: Call) -> Iterator[Difference]:
    allowed = BELIEFS[receipt.standing].there
    if check.result is None:
        if check.code != UNKNOWN_TRANSACTION:
            yield Difference(Kind.NO_ANSWER, receipt.id, receipt.standing, check.found)
        elif State.UNKNOWN not in allowed:
            yield Difference(Kind.UNKNOWN_THERE, receipt.id, receipt.standing, check.found)
        return
    state = _state(check.result)
    if state is None:
        yield Difference(Kind.STATE_UNREADABLE, receipt.id, receipt.standing, _shown(check.result, "state"), "state")
        return
    if state not in allowed:
        yield Difference(_disagreement(receipt.standing, state), receipt.id, receipt.standing, f"state {state:d}")
    yield from _fields(receipt, check.result, state)


def _disagreement(standing: Standing, state: State) -> Kind:
    special = {Standing.PAID: PAID, Standing.REFUNDED: REFUNDED}.get(standing, {})
    return special.get(state) or DISAGREEMENTS[state]


def _fields(receipt: Receipt, result: Mapping[str, Any], state: State) -> Iterator[Difference]:
    for name in FIELDS:
        if name not in result:
            yield Difference(Kind.FIELD_MISSING, receipt.id, there="missing", field=name)
    for name in TIMES:
        given, due = bool(result.get(name)), name in STAMPED[state]
        if name in result and given != due:
            kind = Kind.TIME_MISSING if due else Kind.TIME_TOO_MUCH
            yield Difference(kind, receipt.id, f"state {state:d}", _shown(result, name), name)
    for name, told in receipt.told.items():
        if result.get(name) and result[name] != told:
            yield Difference(
                Kind.TOLD_OTHERWISE, receipt.id, f"told before: {written(told)}", _shown(result, name), name
            )
    if "reason" in result and not _right_reason(receipt, result["reason"], state):
        here = "null" if receipt.reason is None else str(int(receipt.reason))
        yield Difference(Kind.REASON_DIFFERS, receipt.id, here, _shown(result, "reason"), "reason")


def _right_reason(receipt: Receipt, reason: Any, state: State) -> bool:
    """A merchant that closed it by itself has a reason of its own."""
    if state > 0:
        return reason is None or reason == 0  # official code sends either
    return reason == receipt.reason if receipt.cancel_time else is_int(reason)


def _listed(receipt: Receipt, rows: Sequence[Mapping[str, Any]], check: Call) -> Iterator[Difference]:
    if not rows:
        if check.result is not None:
            yield Difference(Kind.MISSING_IN_STATEMENT, receipt.id, receipt.standing, f"{check.found}, but not listed")
        return
    if len(rows) > 1:
        yield Difference(Kind.LISTED_TWICE, receipt.id, "once", f"{len(rows)} times")
    row = rows[0]
    here = {"amount": receipt.link.amount, "account": receipt.link.account, "time": receipt.time}
    there = {**row, "account": _in_text(row.get("account"))}
    for name, kind in OURS.items():
        if there.get(name) != here[name]:
            yield Difference(kind, receipt.id, str(here[name]), _shown(row, name), name)
    for name in FIELDS if check.result is not None else ():
        if (row.get(name) or None) != ((check.result or {}).get(name) or None):
            said = f"CheckTransaction: {_shown(check.result or {}, name)}"
            yield Difference(Kind.ROW_DIFFERS, receipt.id, said, f"statement: {_shown(row, name)}", name)


OURS: Final = {"amount": Kind.AMOUNT_DIFFERS, "account": Kind.ACCOUNT_DIFFERS, "time": Kind.PAYME_TIME_DIFFERS}


def _in_text(account: Any) -> Any:
    """Payme sends strings; a merchant may keep a number."""
    return {name: str(value) for name, value in account.items()} if isinstance(account, dict) else account


def _statement(books: Books, rows: Sequence[Mapping[str, Any]]) -> Iterator[Difference]:
    ours = [receipt.id for receipt in books.receipts]  # a list: what is listed there may be no string, but anything
    strangers = [it for it in rows if it.get("id") not in ours and str(it.get("id")) not in books.others]
    for row in strangers:
        time = row.get("time")
        if not isinstance(time, int) or time >= books.opened:
            yield Difference(Kind.ONLY_IN_STATEMENT, str(row.get("id")), "no such receipt", "listed")
    times = [time for row in rows if isinstance(time := row.get("time"), int)]
    if times != sorted(times):
        yield Difference(Kind.OUT_OF_ORDER, here="ascending by time", there="not ascending", field="time")


def _rows(statement: Call) -> list[Mapping[str, Any]] | None:
    rows = (statement.result or {}).get("transactions")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else None


def _state(result: Mapping[str, Any]) -> State | None:
    state = result.get("state")
    return State(state) if is_int(state) and state in set(State) - {State.UNKNOWN} else None


def _shown(values: Mapping[str, Any], name: str) -> str:
    return written(values[name]) if name in values else "missing"
