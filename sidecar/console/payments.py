"""Payments as the list shows them: each payment session with its newest transaction, newest session first.

Pages go by key. A page with a filter looks at `LOOK_AT` sessions at most and says how far it got, so that no question,
however rare its answer, walks through years of books.
"""

import re
from enum import StrEnum
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    bindparam,
    func,
    select,
    true,
    tuple_,
    union,
)

from sidecar import payment_sessions
from sidecar.clock import Millis
from sidecar.database import Connection
from sidecar.money import Tiyin
from sidecar.payme_merchant import transactions
from sidecar.payme_merchant.machine import State

PAGE: Final = 40  # payments on one page
LOOK_AT: Final = 2_000  # sessions looked at for one page; SQLite answers in the event loop, and Payme calls meanwhile
NUMBER: Final = re.compile(r"[0-9]{1,18}")  # of a transaction; a longer one no row can have
UNTRIED: Final = 0  # the state of a session without a transaction; Payme has no such state

_sessions = payment_sessions.table
_transactions = transactions.table


class Status(StrEnum):
    """Where a payment stands, as its owner would say it."""

    WAITING = "waiting"  # a link nobody has used
    PENDING = "pending"  # Payme has begun
    PAID = "paid"
    REFUNDED = "refunded"
    FAILED = "failed"  # the newest try came to nothing; the link still works
    CLOSED = "closed"  # the shop closed it, unpaid


class Payment(NamedTuple):
    session_id: str
    order_id: str
    amount: Tiyin
    created_time: Millis
    closed_time: Millis | None
    payme_id: str | None
    state: State | None
    perform_time: Millis | None
    cancel_time: Millis | None
    reason: int | None

    @property
    def status(self) -> Status:
        return standing(self.state, closed=self.closed_time is not None)

    @property
    def key(self) -> "Key":
        return Key(self.created_time, self.session_id)


class Key(NamedTuple):
    """The place of a payment in the list."""

    time: Millis
    session_id: str


class Wish(NamedTuple):
    """What to list: created in `[start, end)`, of one status or of any."""

    start: Millis
    end: Millis
    status: Status | None = None


class Page(NamedTuple):
    payments: list[Payment]
    next: Key | None  # where the next page begins
    looked_until: Millis | None  # when the sessions looked at ended before the page was full


def standing(state: State | None, *, closed: bool) -> Status:
    match state:
        case State.PERFORMED:
            return Status.PAID
        case State.REVERSED:
            return Status.REFUNDED
        case _ if closed:
            return Status.CLOSED
        case State.CREATED:
            return Status.PENDING
        case State.CANCELLED:
            return Status.FAILED
    return Status.WAITING


def _newest(session_id: ColumnElement[str]) -> Any:
    others = _transactions.alias("others")
    return select(func.max(others.c.number)).where(others.c.session_id == session_id).scalar_subquery()


def _listed(sessions: Any) -> Select[Any]:
    return select(
        sessions.c.id,
        sessions.c.order_id,
        sessions.c.amount,
        sessions.c.created_time,
        sessions.c.closed_time,
        _transactions.c.payme_id,
        _transactions.c.state,
        _transactions.c.perform_time,
        _transactions.c.cancel_time,
        _transactions.c.reason,
    ).join_from(sessions, _transactions, _transactions.c.number == _newest(sessions.c.id), isouter=True)


_window = (
    select(_sessions)
    .where(
        tuple_(_sessions.c.created_time, _sessions.c.id)
        < tuple_(bindparam("time", type_=BigInteger()), bindparam("id", type_=String())),
        _sessions.c.created_time >= bindparam("start", type_=BigInteger()),
    )
    .order_by(_sessions.c.created_time.desc(), _sessions.c.id.desc())
    .limit(LOOK_AT)
    .subquery("looked_at")
)
# Looked up session by session: in a join, PostgreSQL would sooner or later read every transaction there is.
_state = func.coalesce(
    select(_transactions.c.state)
    .where(_transactions.c.session_id == _window.c.id)
    .order_by(_transactions.c.number.desc())
    .limit(1)
    .scalar_subquery(),
    UNTRIED,
)
_open = _window.c.closed_time.is_(None)
_WHERE: Final[dict[Status | None, ColumnElement[bool]]] = {
    None: true(),
    Status.WAITING: (_state == UNTRIED) & _open,
    Status.PENDING: (_state == State.CREATED.value) & _open,
    Status.PAID: _state == State.PERFORMED.value,
    Status.REFUNDED: _state == State.REVERSED.value,
    Status.FAILED: (_state == State.CANCELLED.value) & _open,
    Status.CLOSED: _state.in_((UNTRIED, State.CREATED.value, State.CANCELLED.value)) & ~_open,
}


def _list(where: ColumnElement[bool]) -> Select[Any]:
    newest_first = (_window.c.created_time.desc(), _window.c.id.desc())
    # The limit is written in, so that a plan knows how few they are.
    chosen = select(_window).where(where).order_by(*newest_first).limit(PAGE + 1).subquery("chosen")
    return _listed(chosen).order_by(chosen.c.created_time.desc(), chosen.c.id.desc()).limit(bindparam("count"))


LIST: Final = {status: _list(where) for status, where in _WHERE.items()}
LAST_LOOKED_AT: Final = (
    select(_window.c.created_time, _window.c.id, func.count().over())
    .order_by(_window.c.created_time, _window.c.id)
    .limit(1)
)

_WORD = bindparam("word", type_=String())
# Each of the three by an index of its own; joined by OR, one of them would walk through everything.
_found = union(
    select(_sessions.c.id).where(_sessions.c.id == _WORD),
    select(_sessions.c.id).where(_sessions.c.order_id == _WORD),
    select(_transactions.c.session_id).where(_transactions.c.payme_id == _WORD),
    select(_transactions.c.session_id).where(_transactions.c.number == bindparam("number", type_=BigInteger())),
).subquery("found")
_among = select(_sessions).where(_sessions.c.id.in_(select(_found.c[0]))).subquery("among")
SEARCH: Final = _listed(_among).order_by(_among.c.created_time.desc(), _among.c.id.desc()).limit(bindparam("count"))


def page(connection: Connection, wish: Wish, after: Key | None = None, count: int = PAGE) -> Page:
    """Read up to `count` payments, `PAGE` at most, of a period, newest first; `after` is where the last page ended."""
    start_at = after or Key(wish.end, "")  # nothing is called "": all that was created before the end
    seen = {"time": start_at.time, "id": start_at.session_id, "start": wish.start}
    found = [_payment(row) for row in connection.execute(LIST[wish.status], seen | {"count": count + 1})]
    if len(found) > count:
        return Page(found[:count], found[count - 1].key, None)
    if wish.status is None:
        return Page(found, None, None)
    *last, looked_at = connection.execute(LAST_LOOKED_AT, seen).first() or (0, "", 0)
    if looked_at < LOOK_AT:
        return Page(found, None, None)
    return Page(found, Key(*last), Key(*last).time)


def search(connection: Connection, word: str, count: int = PAGE) -> list[Payment]:
    """Find by order, payment session, Payme's id, or our number of the transaction: each as a whole."""
    number = int(word) if NUMBER.fullmatch(word) else 0
    return [_payment(row) for row in connection.execute(SEARCH, {"word": word, "number": number, "count": count})]


def _payment(row: Any) -> Payment:
    payment = Payment._make(row)
    return payment if payment.state is None else payment._replace(state=State(payment.state))
