"""Messages to the backend as the operator sees them, and this console's one act: telling the backend again, now."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, bindparam, select, tuple_

from sidecar import journal, outbox
from sidecar.clock import Millis
from sidecar.database import Connection
from sidecar.journal import Action
from sidecar.outbox import Message, MessageState
from sidecar.payme_merchant import transactions
from sidecar.vocabulary import Topic

PAGE: Final = 40
REDELIVER: Final = "redeliver"
DUE: Final = "due now"

_messages = outbox.table
_transactions = transactions.table


class Place(NamedTuple):
    """Where a page of waiting messages begins: they are listed as they fall due."""

    due_time: Millis
    number: int


FIRST: Final = Place(Millis(0), 0)

# Both in the order of an index that holds what is parked, or what waits, and nothing else.
PARKED: Final = (
    select(_messages)
    .where(_messages.c.state == MessageState.PARKED, _messages.c.number > bindparam("after", type_=BigInteger()))
    .order_by(_messages.c.number)
    .limit(bindparam("count"))
)
WAITING: Final = (
    select(_messages)
    .where(
        _messages.c.state == MessageState.WAITING,
        _messages.c.due_time >= bindparam("due_time", type_=BigInteger()),  # what the index of one column understands
        tuple_(_messages.c.due_time, _messages.c.number)
        > tuple_(bindparam("due_time", type_=BigInteger()), bindparam("number", type_=BigInteger())),
    )
    .order_by(_messages.c.due_time, _messages.c.number)
    .limit(bindparam("count"))
)
ONE: Final = select(_messages).where(_messages.c.number == bindparam("number", type_=BigInteger()))
OF_SESSION: Final = (
    select(_messages)
    .join_from(_transactions, _messages, _messages.c.transaction_id == _transactions.c.payme_id)
    .where(_transactions.c.session_id == bindparam("session_id"))
    .order_by(_messages.c.number)
    .limit(bindparam("count"))
)


def parked(connection: Connection, after: int = 0, count: int = PAGE) -> list[Message]:
    """Read a page of what a person must look at, oldest first."""
    return _all(connection.execute(PARKED, {"after": after, "count": count}))


def waiting(connection: Connection, after: Place = FIRST, count: int = PAGE) -> list[Message]:
    """Read a page of what the backend has yet to take, in the order it falls due."""
    return _all(connection.execute(WAITING, after._asdict() | {"count": count}))


def find(connection: Connection, number: int) -> Message | None:
    return next(iter(_all(connection.execute(ONE, {"number": number}))), None)


def of_session(connection: Connection, session_id: str, count: int) -> list[Message]:
    """Read what was promised about each transaction of a session, oldest first."""
    return _all(connection.execute(OF_SESSION, {"session_id": session_id, "count": count}))


def subject(number: int) -> str:
    """Name a message in the books of what operators did."""
    return f"message:{number}"


def redeliver(connection: Connection, number: int, act: Action, now: Millis | None) -> Message | None:
    """Make an undelivered message due now and write down who did it, in one transaction.

    None when there is nothing to redeliver: no such message, or the backend has taken it. Then nothing is written.
    """
    if not outbox.retry(connection, number, now):
        return None
    journal.record_action(connection, act)
    return find(connection, number)


def _all(rows: Sequence[Any]) -> list[Message]:
    messages = (Message._make(row) for row in rows)
    return [it._replace(topic=Topic(it.topic), state=MessageState(it.state)) for it in messages]
