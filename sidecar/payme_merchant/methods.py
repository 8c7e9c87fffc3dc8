"""The seven methods of the Merchant API (spec, section 2), in Payme's order: the thin shell around the machine.

Each is a unit of work: it reads, lets the machine decide, and stores the step and, when the step has a consequence, the
promise to tell the backend, on condition that what it read is still so (ADR 0010). It returns the `result` of the
reply, or a `Refusal`; a refusal that is returned commits what was decided with it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import structlog

from sidecar import fiscal, outbox, strict_json
from sidecar.clock import Millis
from sidecar.database import Connection, Overtaken
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

PAGE: Final = 100  # transactions of a statement that are read, and held, at once

Reply = Mapping[str, Any] | Refusal


@dataclass(frozen=True)
class StatementPage:
    """A part of a statement, and what to ask for the next part."""

    transactions: list[dict[str, Any]]
    next: params.Statement | None


def check_perform_transaction(connection: Connection, call: params.CheckPerform, now: Millis) -> Reply:
    """May this order be paid with this amount? Writes nothing. Tells what the order is made of, if that is known."""
    session, holder = _look_by_order(connection, call.order_id)
    admitted, _ = admit(session, holder, call.amount, now)
    detail = fiscal.shown(admitted.detail)
    return {"allow": True} | ({"detail": detail} if detail else {})


def create_transaction(connection: Connection, call: params.Create, now: Millis) -> Reply:
    """Look up by Payme's id before anything is judged: a repeated call gets its first answer."""
    if known := transactions.look(connection, call.id):
        _note_difference(known[1], call)
        return _move(connection, *known, Event.CREATE, now)
    session, holder = _look_by_order(connection, call.order_id)
    if holder and holder.payme_id == call.id:
        raise Overtaken  # by a parallel call with the same id
    session, amount = admit(session, holder, call.amount, now)
    if overdue(call.time, now):
        return Refusal(PaymeError.CANNOT_PERFORM, "time")
    if holder:  # overdue, or it would not have been admitted
        expire(connection, holder.payme_id, now)
    created = transactions.record(
        connection,
        session,
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
    return _move(connection, *_look(connection, call.id), Event.PERFORM, now)


def cancel_transaction(connection: Connection, call: params.Cancel, now: Millis) -> Reply:
    return _move(connection, *_look(connection, call.id), Event.CANCEL, now, reason=call.reason)


def check_transaction(connection: Connection, call: params.Check, _now: Millis) -> Reply:
    found = transactions.find(connection, call.id)
    return _report(found) if found else Refusal(PaymeError.TRANSACTION_NOT_FOUND)


def get_statement(connection: Connection, call: params.Statement, _now: Millis) -> StatementPage:
    """Report every created transaction by Payme's own `time`, both ends included, oldest first (spec, section 4).

    A year of a busy shop has a million: it is read in pages, each of its own moment. No transaction changes its place.
    """
    found = transactions.between(connection, call.from_, call.to, call.after, PAGE + 1)
    page = found[:PAGE]
    rest = replace(call, from_=page[-1].lifecycle.time, after=page[-1].number) if len(found) > PAGE else None
    return StatementPage([_statement_row(row) for row in page], rest)


def set_fiscal_data(connection: Connection, call: params.FiscalData, now: Millis) -> Reply:
    found = transactions.find(connection, call.id)
    if found is None:
        return Refusal(PaymeError.RECEIPT_NOT_FOUND)
    transactions.keep_receipt(connection, found, call.type, call.fiscal_data, now)
    return {"success": True}


Run = Literal["read", "move", "write"]
"""How the database is asked."""


@dataclass(frozen=True)
class Method:
    read: Callable[[params.Params, str], Any]
    work: Callable[[Connection, Any, Millis], Reply | StatementPage]
    runs: Run = "move"
    promises: bool = False  # may leave a message for the backend


METHODS: Final[dict[str, Method]] = {
    "CheckPerformTransaction": Method(params.check_perform, check_perform_transaction, runs="read"),
    "CreateTransaction": Method(params.create, create_transaction),
    "PerformTransaction": Method(params.perform, perform_transaction, promises=True),
    "CancelTransaction": Method(params.cancel, cancel_transaction, runs="write", promises=True),
    "CheckTransaction": Method(params.check, check_transaction, runs="read"),
    "GetStatement": Method(params.statement, get_statement, runs="read"),
    "SetFiscalData": Method(params.fiscal_data, set_fiscal_data, runs="write"),
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
    session, found = _look(connection, payme_id)
    step = advance(found.lifecycle, Event.SWEEP, now, closed=session.closed)
    _store(connection, session, found, step, now)
    return step.moved


def _note_difference(found: Transaction, call: params.Create) -> None:
    """A repeated Create should say what the first one said; it gets its answer all the same."""
    if (found.lifecycle.time, found.amount, found.order_id) != (call.time, call.amount, call.order_id):
        log.warning("payme.create_differs", payme_id=call.id)


def _look(connection: Connection, payme_id: str) -> tuple[PaymentSession, Transaction]:
    known = transactions.look(connection, payme_id)
    if known is None:
        raise Refusal(PaymeError.TRANSACTION_NOT_FOUND)
    return known


def _look_by_order(connection: Connection, order_id: str | None) -> tuple[PaymentSession | None, Transaction | None]:
    return transactions.look_by_order(connection, order_id) if order_id else (None, None)


def _move(
    connection: Connection,
    session: PaymentSession,
    transaction: Transaction,
    event: Event,
    now: Millis,
    *,
    reason: int | None = None,
) -> Reply:
    step = advance(transaction.lifecycle, event, now, closed=session.closed, reason=reason)
    stored = _store(connection, session, transaction, step, now)
    if step.refusal:
        return Refusal(step.refusal)
    return ANSWERS[event](stored)


def _store(
    connection: Connection, session: PaymentSession, transaction: Transaction, step: Step, now: Millis
) -> Transaction:
    """Store a step and the promise it makes, all or nothing."""
    if not step.moved:
        return transaction
    stored = transaction._replace(lifecycle=step.after)
    match step.consequence:
        case None:
            transactions.move(connection, session, transaction, step)
        case Topic.AUTHORIZE:
            transactions.move(connection, session, transaction, step, _promise(stored, Topic.AUTHORIZE, now))
        case Topic.CANCEL:
            transactions.move(connection, session, transaction, step)
            # When Payme takes back what the backend surely never heard of, both messages are closed unsent.
            unheard = outbox.withdraw(connection, transaction.payme_id)
            state = MessageState.WITHDRAWN if unheard else MessageState.WAITING
            outbox.enqueue(connection, _promise(stored, Topic.CANCEL, now, state))
    return stored


def _promise(
    transaction: Transaction, topic: Topic, now: Millis, state: MessageState = MessageState.WAITING
) -> dict[str, object]:
    payload = PAYLOADS[topic](transaction)
    return outbox.promise(topic, transaction.session_id, transaction.payme_id, payload, now, state)


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
