"""The seven methods of the Merchant API (spec, section 2), in Payme's order: the thin shell around the machine.

Each is a unit of work: it locks the payment session, reads, lets the machine decide, stores the step and, when the step
has a consequence, the promise to tell the backend. It returns the `result` of the reply, or a `Refusal`; a refusal that
is returned commits what was decided with it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog
from sqlalchemy import Connection

from sidecar import outbox, payment_sessions, strict_json
from sidecar.clock import Millis
from sidecar.money import Tiyin
from sidecar.outbox import MessageState
from sidecar.payme_merchant import params, transactions
from sidecar.payme_merchant.errors import PaymeError, Refusal
from sidecar.payme_merchant.machine import (
    HOLDS,
    Event,
    Lifecycle,
    State,
    Step,
    advance,
    overdue,
    standing,
)
from sidecar.payme_merchant.transactions import Transaction
from sidecar.payment_sessions import PaymentSession
from sidecar.vocabulary import Topic

log = structlog.get_logger()

Reply = Mapping[str, Any] | Refusal


def check_perform_transaction(connection: Connection, call: params.CheckPerform, now: Millis) -> Reply:
    """May this order be paid with this amount? Writes nothing."""
    session = payment_sessions.find_by_order(connection, call.order_id) if call.order_id else None
    holder = transactions.holder(connection, session.order_id) if session else None
    admit(session, holder, call.amount, now)
    return {"allow": True}


def create_transaction(connection: Connection, call: params.Create, now: Millis) -> Reply:
    """Look up by Payme's id before anything is judged: a repeated call gets its first answer."""
    found = transactions.find(connection, call.id)
    if found:
        _note_difference(found, call)
        return _move(connection, found, Event.CREATE, now)
    session = payment_sessions.lock_by_order(connection, call.order_id) if call.order_id else None
    holder = transactions.holder(connection, session.order_id) if session else None
    if holder and holder.payme_id == call.id:  # a parallel call with the same id was first
        return _move(connection, holder, Event.CREATE, now)
    session, amount = admit(session, holder, call.amount, now)
    if overdue(call.time, now):
        return Refusal(PaymeError.CANNOT_PERFORM, "time")
    if holder:  # overdue, or it would not have been admitted
        _move(connection, holder, Event.SWEEP, now)
    created = transactions.record(
        connection,
        Transaction(
            number=0,
            payme_id=call.id,
            session_id=session.id,
            order_id=session.order_id,
            amount=amount,
            account=call.account,
            lifecycle=Lifecycle(State.CREATED, time=call.time, create_time=now),
        ),
    )
    return ANSWERS[Event.CREATE](created)


def perform_transaction(connection: Connection, call: params.Perform, now: Millis) -> Reply:
    """The buyer's money has been taken: this call, not the shopper's return, is the proof of payment."""
    session, found = _hold(connection, call.id)
    return _move(connection, found, Event.PERFORM, now, closed=session.closed)


def cancel_transaction(connection: Connection, call: params.Cancel, now: Millis) -> Reply:
    session, found = _hold(connection, call.id)
    return _move(connection, found, Event.CANCEL, now, closed=session.closed, reason=call.reason)


def check_transaction(connection: Connection, call: params.Check, _now: Millis) -> Reply:
    return _report(_found(transactions.find(connection, call.id)))


def get_statement(connection: Connection, call: params.Statement, _now: Millis) -> Reply:
    """Report every created transaction by Payme's own `time`, both ends included, oldest first (spec, section 4)."""
    rows = transactions.between(connection, call.from_, call.to)
    return {"transactions": [_statement_row(row) for row in rows]}


def set_fiscal_data(connection: Connection, call: params.FiscalData, now: Millis) -> Reply:
    _lock, found = _hold(connection, call.id, missing=PaymeError.RECEIPT_NOT_FOUND)
    transactions.keep_receipt(connection, found, call.type, call.fiscal_data, now)
    return {"success": True}


@dataclass(frozen=True)
class Method:
    read: Callable[[params.Params, str], Any]
    work: Callable[[Connection, Any, Millis], Reply]
    writes: bool = True
    promises: bool = False  # may leave a message for the backend


METHODS: Final[dict[str, Method]] = {
    "CheckPerformTransaction": Method(params.check_perform, check_perform_transaction, writes=False),
    "CreateTransaction": Method(params.create, create_transaction),
    "PerformTransaction": Method(params.perform, perform_transaction, promises=True),
    "CancelTransaction": Method(params.cancel, cancel_transaction, promises=True),
    "CheckTransaction": Method(params.check, check_transaction, writes=False),
    "GetStatement": Method(params.statement, get_statement, writes=False),
    "SetFiscalData": Method(params.fiscal_data, set_fiscal_data),
}


def admit(
    session: PaymentSession | None, holder: Transaction | None, amount: Tiyin | None, now: Millis
) -> tuple[PaymentSession, Tiyin]:
    """Decide whether an order may be paid: for CheckPerform and Create alike, so that they cannot disagree.

    Raises:
        Refusal: the account first, then the amount (contract, section 3).
    """
    if session is None:
        raise Refusal(PaymeError.ACCOUNT_NOT_FOUND)
    if session.closed:
        raise Refusal(PaymeError.ORDER_NOT_PAYABLE)
    if holder and (held := HOLDS[standing(holder.lifecycle, now)]):
        raise Refusal(held)
    if amount != session.amount:
        raise Refusal(PaymeError.WRONG_AMOUNT, "amount")
    return session, session.amount


def expire(connection: Connection, payme_id: str, now: Millis) -> bool:
    """Cancel a transaction that nobody asks about any more (the sweep's unit of work); say whether it moved."""
    session, found = _hold(connection, payme_id)
    step = advance(found.lifecycle, Event.SWEEP, now, closed=session.closed)
    _store(connection, found, step, now)
    return step.moved


def _note_difference(found: Transaction, call: params.Create) -> None:
    """A repeated Create should say what the first one said; it gets its answer all the same."""
    if (found.lifecycle.time, found.amount, found.order_id) != (call.time, call.amount, call.order_id):
        log.warning("payme.create_differs", payme_id=call.id)


def _hold(
    connection: Connection, payme_id: str, missing: PaymeError = PaymeError.TRANSACTION_NOT_FOUND
) -> tuple[PaymentSession, Transaction]:
    """Lock the session, then read its transaction: what is read after the lock stays true until the commit."""
    session = transactions.lock_session(connection, payme_id)
    if session is None:
        raise Refusal(missing)
    return session, _found(transactions.find(connection, payme_id))


def _found(transaction: Transaction | None) -> Transaction:
    if transaction is None:
        raise Refusal(PaymeError.TRANSACTION_NOT_FOUND)
    return transaction


def _move(
    connection: Connection,
    transaction: Transaction,
    event: Event,
    now: Millis,
    *,
    closed: bool = False,
    reason: int | None = None,
) -> Reply:
    step = advance(transaction.lifecycle, event, now, closed=closed, reason=reason)
    stored = _store(connection, transaction, step, now)
    if step.refusal:
        return Refusal(step.refusal)
    return ANSWERS[event](stored)


def _store(connection: Connection, transaction: Transaction, step: Step, now: Millis) -> Transaction:
    """Store a step and the promise it makes, in the caller's one transaction."""
    if not step.moved:
        return transaction
    stored = transactions.move(connection, transaction, step)
    if step.consequence:
        _promise(connection, stored, step.consequence, now)
    return stored


def _promise(connection: Connection, transaction: Transaction, topic: Topic, now: Millis) -> None:
    # When Payme takes back what the backend surely never heard of, both messages are closed unsent.
    unheard = topic is Topic.CANCEL and outbox.withdraw(connection, transaction.payme_id)
    outbox.enqueue(
        connection,
        topic,
        transaction.session_id,
        transaction.payme_id,
        PAYLOADS[topic](transaction),
        now,
        state=MessageState.WITHDRAWN if unheard else MessageState.WAITING,
    )


PAYLOADS: Final[dict[Topic, Callable[[Transaction], dict[str, Any]]]] = {
    Topic.AUTHORIZE: lambda it: {
        "transaction_id": it.payme_id,
        "amount": it.amount,
        "perform_time": it.lifecycle.perform_time,
    },
    Topic.CANCEL: lambda it: {
        "transaction_id": it.payme_id,
        "amount": it.amount,
        "reason": it.lifecycle.reason,
        "cancel_time": it.lifecycle.cancel_time,
    },
}

ANSWERS: Final[dict[Event, Callable[[Transaction], dict[str, Any]]]] = {
    Event.CREATE: lambda it: {
        "create_time": it.lifecycle.create_time,
        "transaction": it.transaction,
        "state": it.lifecycle.state,
    },
    Event.PERFORM: lambda it: {
        "transaction": it.transaction,
        "perform_time": it.lifecycle.perform_time,
        "state": it.lifecycle.state,
    },
    Event.CANCEL: lambda it: {
        "transaction": it.transaction,
        "cancel_time": it.lifecycle.cancel_time,
        "state": it.lifecycle.state,
    },
    Event.SWEEP: lambda _: {},
}


def _report(transaction: Transaction) -> dict[str, Any]:
    lifecycle = transaction.lifecycle
    return {
        "create_time": lifecycle.create_time,
        "perform_time": lifecycle.perform_time,
        "cancel_time": lifecycle.cancel_time,
        "transaction": transaction.transaction,
        "state": lifecycle.state,
        "reason": lifecycle.reason,
    }


def _statement_row(transaction: Transaction) -> dict[str, Any]:
    return {
        "id": transaction.payme_id,
        "time": transaction.lifecycle.time,
        "amount": transaction.amount,
        "account": strict_json.decode(transaction.account.encode("ascii")),
        **_report(transaction),
        "receivers": None,
    }
