"""One payment's whole story: everything the books know of a payment session, in the order in which it happened."""

from collections.abc import Iterator
from enum import IntEnum, auto
from typing import Any, Final, NamedTuple

from sidecar import fiscal, journal, payment_sessions, strict_json
from sidecar.clock import Millis
from sidecar.console import messages, payments
from sidecar.console.payments import Payment, Status
from sidecar.database import Connection
from sidecar.outbox import Message
from sidecar.payme_merchant import transactions
from sidecar.payme_merchant.transactions import Transaction
from sidecar.payment_sessions import PaymentSession

# More than any payment of flesh and blood has; a tester that knocks on one order all night is cut off here.
TRANSACTIONS_MAX: Final = 100
CALLS_MAX: Final = 500
MESSAGES_MAX: Final = 2 * TRANSACTIONS_MAX


class Kind(IntEnum):
    """What an event is; of one millisecond, the cause before its effect."""

    REGISTERED = auto()
    CALL = auto()
    CREATED = auto()
    PERFORMED = auto()
    CANCELLED = auto()
    PROMISED = auto()
    ATTEMPT = auto()
    RECEIPT = auto()
    ACT = auto()
    CLOSED = auto()


class Receipt(NamedTuple):
    type: str
    fiscal_data: dict[str, Any]
    received_time: Millis

    @property
    def link(self) -> str:
        """The tax office's page of this receipt; empty when it is no address a browser should open."""
        return fiscal.link(self.fiscal_data.get("qr_code_url")) or ""


class Event(NamedTuple):
    time: Millis
    kind: Kind
    about: Any
    """The row it was read from: session, transaction, call, message, attempt, receipt or act."""


class Story(NamedTuple):
    session: PaymentSession
    transactions: list[Transaction]
    messages: list[Message]
    receipts: list[Receipt]
    events: list[Event]
    siblings: list[Payment]
    """The other sessions of the same order."""

    @property
    def status(self) -> Status:
        newest = self.transactions[-1].lifecycle.state if self.transactions else None
        return payments.standing(newest, closed=self.session.closed)

    @property
    def detail(self) -> dict[str, Any]:
        """The fiscal lines, as Payme gets them; empty when there are none."""
        return fiscal.shown(self.session.detail) or {}


def tell(connection: Connection, session_id: str) -> Story | None:
    """Read all there is of a payment session (a unit of work); None when there is no such session."""
    session = payment_sessions.find(connection, session_id)
    if session is None:
        return None
    tries = transactions.of_session(connection, session_id, TRANSACTIONS_MAX)
    told = messages.of_session(connection, session_id, MESSAGES_MAX)
    receipts = [receipt for it in tries for receipt in receipts_of(connection, it)]
    calls = journal.calls_of(connection, session.order_id, [it.payme_id for it in tries], CALLS_MAX)
    attempts = journal.attempts_of(connection, [it.number for it in told])
    acts = journal.actions_of(connection, [messages.subject(it.number) for it in told])
    events = [
        *of_session_itself(session),
        *(event for it in tries for event in of_transaction(it)),
        *(Event(it.time, Kind.CALL, it) for it in calls),
        *(Event(it.created_time, Kind.PROMISED, it) for it in told),
        *(Event(it.time, Kind.ATTEMPT, it) for it in attempts),
        *(Event(it.received_time, Kind.RECEIPT, it) for it in receipts),
        *(Event(it.time, Kind.ACT, it) for it in acts),
    ]
    siblings = [it for it in payments.search(connection, session.order_id) if it.session_id != session_id]
    return Story(session, tries, told, receipts, in_order(events), siblings)


def in_order(events: list[Event]) -> list[Event]:
    return sorted(events, key=lambda event: (event.time, event.kind))


def of_session_itself(session: PaymentSession) -> Iterator[Event]:
    yield Event(session.created_time, Kind.REGISTERED, session)
    if session.closed_time is not None:
        yield Event(session.closed_time, Kind.CLOSED, session)


def of_transaction(transaction: Transaction) -> Iterator[Event]:
    moments = {
        Kind.CREATED: transaction.lifecycle.create_time,
        Kind.PERFORMED: transaction.lifecycle.perform_time,
        Kind.CANCELLED: transaction.lifecycle.cancel_time,
    }
    return (Event(time, kind, transaction) for kind, time in moments.items() if time)


def receipts_of(connection: Connection, transaction: Transaction) -> list[Receipt]:
    if not transaction.lifecycle.perform_time:
        return []  # nothing was sold
    found = transactions.receipts_of(connection, transaction)
    return [Receipt(it.type, _object(it.fiscal_data), it.received_time) for it in found]


def _object(text: str) -> dict[str, Any]:
    try:
        found = strict_json.decode(text.encode())
    except strict_json.NotJson:
        return {}
    return found if isinstance(found, dict) else {}
