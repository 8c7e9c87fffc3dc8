"""What two books say of one payment, and how they disagree. Decides only: values in, disagreements out."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from sidecar.clock import Millis
from sidecar.money import CURRENCY, soum
from sidecar.outbox import MessageState
from sidecar.payme_merchant.machine import State
from sidecar.reconcile.books import BackendPayment, BackendState, CabinetPayment, CabinetState, LedgerEntry
from sidecar.reconcile.kinds import Kind

ABSENT: Final = None


class Disagreement(NamedTuple):
    """One sentence of the report. Amounts are tiyin, None where a book has none."""

    kind: Kind
    payme_id: str
    session_id: str
    order_id: str
    time: Millis | None
    amount: int | None  # in our ledger
    other_amount: int | None  # in the other book
    detail: str = ""


class Open(NamedTuple):
    """What cannot be called a disagreement yet: a message on its way, a payment at the edge of a statement."""

    why: str


ON_ITS_WAY: Final = Open("messages on their way to the backend, not late yet")
AT_THE_EDGE: Final = Open("payments too near the end of the statement to miss them there (export a day more)")

# Our state and the cabinet's; what is not here agrees. A statement may list paid payments only, so that a payment
# without money may be missing from it.
AT_PAYME: Final[dict[tuple[State | None, CabinetState | None], Kind]] = {
    (ABSENT, CabinetState.PAID): Kind.PAID_UNKNOWN_HERE,
    (State.CREATED, CabinetState.PAID): Kind.PAID_NOT_PERFORMED_HERE,
    (State.PERFORMED, ABSENT): Kind.NOT_IN_THE_CABINET,
    (State.PERFORMED, CabinetState.PENDING): Kind.NOT_PAID_AT_PAYME,
    (State.PERFORMED, CabinetState.RETURNED): Kind.TAKEN_BACK_AT_PAYME_ONLY,
    (State.CANCELLED, CabinetState.PAID): Kind.CANCELLED_HERE_PAID_THERE,
    (State.REVERSED, CabinetState.PAID): Kind.TAKEN_BACK_HERE_PAID_THERE,
}

ABOUT_PAYME: Final = frozenset((*AT_PAYME.values(), Kind.AMOUNT_AT_PAYME))

# Our state – None is any in which Payme has no money – and the backend's.
AT_BACKEND: Final[dict[tuple[State | None, BackendState], Kind]] = {
    (State.PERFORMED, BackendState.AUTHORIZED): Kind.NOT_CAPTURED_AT_BACKEND,
    (State.PERFORMED, BackendState.RETURNED): Kind.RETURNED_AT_BACKEND_ONLY,
    (State.REVERSED, BackendState.AUTHORIZED): Kind.TAKEN_BACK_NOT_REFUNDED,
    (State.REVERSED, BackendState.CAPTURED): Kind.TAKEN_BACK_NOT_REFUNDED,
    (ABSENT, BackendState.AUTHORIZED): Kind.CAPTURED_WITHOUT_PAYMENT,
    (ABSENT, BackendState.CAPTURED): Kind.CAPTURED_WITHOUT_PAYMENT,
}

# Performed, and no payment at the backend: what became of the message says why.
BY_MESSAGE: Final = {
    MessageState.PARKED.value: Kind.REFUSED_BY_THE_BACKEND,
    MessageState.WAITING.value: Kind.NOT_TOLD_YET,
    MessageState.DELIVERED.value: Kind.TOLD_BUT_NO_PAYMENT,
}

Finding = Disagreement | Open


def at_payme(entry: LedgerEntry | None, row: CabinetPayment | None, *, covered: bool) -> Iterator[Finding]:
    """Compare our ledger with the cabinet's statement; `covered` if a payment like ours must be in it."""
    kind = AT_PAYME.get((State(entry.state) if entry else ABSENT, row.state if row else ABSENT))
    if kind is Kind.NOT_IN_THE_CABINET and not covered:
        yield AT_THE_EDGE
    elif kind:
        yield _between(kind, entry, row and row.amount, _row_of(row), row)
    if entry and row and entry.amount != row.amount:
        detail = f"{soum(entry.amount)} here, {soum(row.amount)} there; {_row_of(row)}"
        yield _between(Kind.AMOUNT_AT_PAYME, entry, row.amount, detail)


def at_backend(entry: LedgerEntry | None, payment: BackendPayment | None, late: Millis) -> Iterator[Finding]:
    """Compare what was once performed with the backend's payment; a message younger than `late` is on its way.

    Either may be missing, not both. Of an `entry` money has moved, at least once.
    """
    if payment is None:
        if entry and entry.state == State.PERFORMED:
            yield _untold(entry, late)
        return
    if entry and _on_its_way(entry, late):
        yield ON_ITS_WAY
        return
    kind = AT_BACKEND.get((State(entry.state) if entry else ABSENT, payment.state))
    if kind:
        yield _with_message(_of_payment(kind, entry, payment), entry)
    elif entry and entry.state == State.PERFORMED:
        yield from _paid_in_both(entry, payment)
    elif entry and payment.refunded < payment.captured:
        found = _of_payment(Kind.TAKEN_BACK_NOT_REFUNDED, entry, payment)
        detail = f"{soum(payment.refunded)} of {soum(payment.captured)} refunded"
        yield _with_message(found._replace(detail=f"{found.detail}; {detail}"), entry)


def undelivered(
    number: int, topic: str, session_id: str, payme_id: str, since: Millis, state: str, answer: str
) -> Disagreement:
    detail = f"message {number} ({topic}) is {state}: {answer or 'no answer yet'}"
    return Disagreement(Kind.MESSAGE_UNDELIVERED, payme_id, session_id, "", since, None, None, detail)


def paid_twice(order_id: str, payments: list[str], amount: int, book: str) -> Disagreement:
    """Name an order for which several payments are kept; `payments` as that book names them."""
    detail = f"{len(payments)} payments for it {book}: {', '.join(payments)}"
    return Disagreement(Kind.PAID_TWICE, "", "", order_id, None, None, amount, detail)


def _untold(entry: LedgerEntry, late: Millis) -> Finding:
    if _waits(entry.authorize_state, entry.authorize_since, late):
        return ON_ITS_WAY
    kind = BY_MESSAGE.get(entry.authorize_state or "", Kind.NEVER_TOLD)
    if kind is Kind.REFUSED_BY_THE_BACKEND and "paid_twice" in (entry.authorize_answer or ""):
        kind = Kind.PAID_TWICE
    return _with_message(_between(kind, entry, None, ""), entry)


def _paid_in_both(entry: LedgerEntry, payment: BackendPayment) -> Iterator[Disagreement]:
    if payment.currency_code.lower() != CURRENCY:
        detail = f"in {payment.currency_code} at the backend"
        yield _of_payment(Kind.AMOUNT_AT_BACKEND, entry, payment)._replace(detail=detail)
    elif payment.captured != entry.amount:
        detail = f"{soum(entry.amount)} at Payme, {soum(payment.captured)} captured at the backend"
        yield _of_payment(Kind.AMOUNT_AT_BACKEND, entry, payment)._replace(detail=detail)
    if not payment.orders:
        yield _with_message(_of_payment(Kind.PAYMENT_WITHOUT_ORDER, entry, payment), entry)


def _on_its_way(entry: LedgerEntry, late: Millis) -> bool:
    """Whether the last thing that happened is still being told."""
    if entry.state == State.REVERSED:
        return _waits(entry.cancel_state, entry.cancel_since, late)
    return _waits(entry.authorize_state, entry.authorize_since, late)


def _waits(state: str | None, since: Millis | None, late: Millis) -> bool:
    return state == MessageState.WAITING and since is not None and since > late


def _between(
    kind: Kind, entry: LedgerEntry | None, other: int | None, detail: str, row: CabinetPayment | None = None
) -> Disagreement:
    if entry:
        moment = entry.perform_time or entry.time
        return Disagreement(kind, entry.payme_id, entry.session_id, entry.order_id, moment, entry.amount, other, detail)
    assert row is not None  # noqa: S101 - one of the two there is
    return Disagreement(kind, row.payme_id, "", row.order, row.time, None, other, detail)


def _row_of(row: CabinetPayment | None) -> str:
    return f"row {row.row} of the statement" if row else ""


def _of_payment(kind: Kind, entry: LedgerEntry | None, payment: BackendPayment) -> Disagreement:
    moment = (entry.perform_time or entry.time) if entry else payment.created_time
    amount = payment.captured or payment.amount
    return Disagreement(
        kind,
        entry.payme_id if entry else "",
        payment.session_id,
        " ".join(payment.orders) or (entry.order_id if entry else ""),
        moment,
        entry.amount if entry else None,
        amount,
        f"payment {payment.payment_id}",
    )


TOLD: Final[dict[bool, Callable[[LedgerEntry], tuple[int | None, str | None, str | None]]]] = {
    False: lambda entry: (entry.authorize_number, entry.authorize_state, entry.authorize_answer),
    True: lambda entry: (entry.cancel_number, entry.cancel_state, entry.cancel_answer),
}


def _with_message(found: Disagreement, entry: LedgerEntry | None) -> Disagreement:
    """Say what became of the message about it."""
    if entry is None:
        return found
    number, state, answer = TOLD[entry.state == State.REVERSED](entry)
    if number is None:
        return found
    said = f"message {number} is {state}{f': {answer}' if answer else ''}"
    return found._replace(detail=f"{found.detail}; {said}" if found.detail else said)
