"""What was said and done, for people: each call of a provider, each attempt to tell the backend, each operator's act.

The ledger is elsewhere (`transactions`, `outbox`), and nothing is decided by what stands here. Calls and attempts are
written beside the work, some at once, and kept for JOURNAL_DAYS; acts are written in the transaction that does them,
and are kept.

Calls are read by time and number, and every way to look for them has an index that ends in those two.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Executable,
    Index,
    Insert,
    Integer,
    Select,
    String,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    select,
    tuple_,
    union_all,
)
from sqlmodel import Field, SQLModel

from sidecar.clock import Millis
from sidecar.database import Connection
from sidecar.database_clock import MOMENT, told
from sidecar.money import Tiyin

EACH: Final = 200  # of the attempts for one message, of the acts upon one subject: the newest so many are given
FORGET_BATCH: Final = 100  # rows that are deleted at once
ROWS: Final = (64, 16, 4, 1)  # that one INSERT may hold; each is a text of its own


def _number() -> Column[int]:
    return Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)


def _by_time(name: str, *first: str, where: ColumnElement[bool]) -> Index:
    return Index(name, *first, "time", "number", sqlite_where=where, postgresql_where=where)


class CallTable(SQLModel, table=True):
    __tablename__ = "provider_call"
    __table_args__ = (
        Index("provider_call_time", "time", "number"),
        Index("provider_call_method", "method", "time", "number"),
        _by_time("provider_call_refused", where=Column("code") != 0),
        _by_time("provider_call_transaction_id", "transaction_id", where=Column("transaction_id").is_not(None)),
        _by_time("provider_call_order_id", "order_id", where=Column("order_id").is_not(None)),
    )

    number: int = Field(sa_column=_number())
    provider: str = Field(sa_column=Column(String(16), nullable=False))
    time: int = Field(sa_column=Column(BigInteger, nullable=False))
    method: str = Field(sa_column=Column(String(64), nullable=False))
    transaction_id: str | None = Field(default=None, sa_column=Column(String(64)))
    order_id: str | None = Field(default=None, sa_column=Column(String(128)))
    amount: int | None = Field(default=None, sa_column=Column(BigInteger))
    code: int = Field(sa_column=Column(Integer, nullable=False))
    answer: str = Field(sa_column=Column(Text, nullable=False))
    microseconds: int = Field(sa_column=Column(BigInteger, nullable=False))
    caller: str = Field(sa_column=Column(String(64), nullable=False))


class AttemptTable(SQLModel, table=True):
    __tablename__ = "delivery_attempt"
    __table_args__ = (
        Index("delivery_attempt_time", "time", "number"),
        Index("delivery_attempt_message_number", "message_number", "number"),
    )

    number: int = Field(sa_column=_number())
    time: int = Field(sa_column=Column(BigInteger, nullable=False))
    message_number: int = Field(sa_column=Column(BigInteger, nullable=False))
    attempt: int = Field(sa_column=Column(Integer, nullable=False))
    outcome: str = Field(sa_column=Column(String(16), nullable=False))
    answer: str = Field(sa_column=Column(Text, nullable=False))
    microseconds: int = Field(sa_column=Column(BigInteger, nullable=False))


class ActionTable(SQLModel, table=True):
    __tablename__ = "operator_action"
    __table_args__ = (Index("operator_action_subject", "subject", "number"),)

    number: int = Field(sa_column=_number())
    time: int = Field(sa_column=Column(BigInteger, nullable=False))
    operator: str = Field(sa_column=Column(String(64), nullable=False))
    caller: str = Field(sa_column=Column(String(64), nullable=False))
    action: str = Field(sa_column=Column(String(32), nullable=False))
    subject: str = Field(sa_column=Column(String(128), nullable=False))
    outcome: str = Field(sa_column=Column(String(64), nullable=False))


class Call(NamedTuple):
    """What a provider asked and was answered. `code` 0 is a result; `answer` is what was sent, shortened."""

    provider: str
    time: Millis
    method: str
    transaction_id: str | None
    order_id: str | None
    amount: Tiyin | None
    code: int
    answer: str
    microseconds: int
    caller: str


class StoredCall(NamedTuple):
    """A row, in the order of the columns."""

    number: int
    provider: str
    time: Millis
    method: str
    transaction_id: str | None
    order_id: str | None
    amount: Tiyin | None
    code: int
    answer: str
    microseconds: int
    caller: str


class Attempt(NamedTuple):
    """One call to the commerce backend about one message of the outbox."""

    time: Millis
    message_number: int
    attempt: int
    outcome: str
    answer: str
    microseconds: int


class StoredAttempt(NamedTuple):
    """A row, in the order of the columns."""

    number: int
    time: Millis
    message_number: int
    attempt: int
    outcome: str
    answer: str
    microseconds: int


class Action(NamedTuple):
    """What an operator did to what, and what came of it."""

    time: Millis
    operator: str
    caller: str
    action: str
    subject: str
    outcome: str


class Filters(NamedTuple):
    """Which calls are asked for: all that fit whatever is given. `since` is still in, `until` no more."""

    order_id: str | None = None
    transaction_id: str | None = None
    method: str | None = None
    errors: bool = False
    since: Millis | None = None
    until: Millis | None = None


calls: Final = cast("Table", CallTable.__table__)  # type: ignore[attr-defined]  # SQLModel types hide it
attempts: Final = cast("Table", AttemptTable.__table__)  # type: ignore[attr-defined]
actions: Final = cast("Table", ActionTable.__table__)  # type: ignore[attr-defined]

CONDITIONS: Final[dict[str, ColumnElement[bool]]] = {
    "order_id": calls.c.order_id == bindparam("order_id"),
    "transaction_id": calls.c.transaction_id == bindparam("transaction_id"),
    "method": calls.c.method == bindparam("method"),
    "errors": calls.c.code != 0,
    "since": calls.c.time >= bindparam("since"),
    "until": calls.c.time < bindparam("until"),
    # One comparison of both, or SQLite would walk from the newest to find each next one.
    "before": tuple_(calls.c.time, calls.c.number) < tuple_(told("before_time"), told("before")),
    "after": calls.c.number > bindparam("after"),
}
TIME_OF: Final = select(calls.c.time).where(calls.c.number == bindparam("number"))
LAST_NUMBER: Final = select(func.max(calls.c.number))
ATTEMPTS: Final = (
    select(attempts)
    .where(attempts.c.message_number == bindparam("message"))
    .order_by(attempts.c.number.desc())
    .limit(EACH)
)
_newest_actions = select(*(actions.c[name] for name in Action._fields)).order_by(actions.c.number.desc())
ACTIONS: Final = _newest_actions.where(actions.c.subject == bindparam("subject")).limit(EACH)
RECENT_ACTIONS: Final = _newest_actions.limit(bindparam("count"))
RECORD_ACTION: Final = insert(actions)


def calls_of(
    connection: Connection, order_id: str | None, transaction_ids: Iterable[str], limit: int
) -> list[StoredCall]:
    """Give the calls about an order and about transactions of Payme's, oldest first; of too many the newest."""
    wanted = [Filters(transaction_id=it) for it in transaction_ids]
    if order_id is not None:
        wanted.append(Filters(order_id=order_id))
    found = {call for filters in wanted for call in recent_calls(connection, filters, None, limit)}
    return sorted(found, key=lambda it: (it.time, it.number))[-limit:]


def recent_calls(connection: Connection, filters: Filters, before: int | None, count: int) -> list[StoredCall]:
    """Give a page of calls, newest first; `before` is the number of the last one of the page before."""
    asked = _asked(filters)
    if before is not None:
        known = connection.execute(TIME_OF, {"number": before}).first()
        if known is None:
            return []  # it is too old to be kept, and so is all before it
        asked |= {"before_time": known[0], "before": before}
    rows = connection.execute(_listing(frozenset(asked), newest_first=True), asked | {"count": count})
    return [StoredCall._make(row) for row in rows]


def calls_after(connection: Connection, filters: Filters, after: int, count: int) -> list[StoredCall]:
    """Give calls as they were written down after the one of that number."""
    asked = _asked(filters) | {"after": after}
    rows = connection.execute(_listing(frozenset(asked), newest_first=False), asked | {"count": count})
    return [StoredCall._make(row) for row in rows]


def last_number(connection: Connection) -> int:
    """Give the greatest number of a call so far, 0 before the first."""
    return int(connection.execute(LAST_NUMBER).scalar() or 0)


def attempts_of(connection: Connection, message_numbers: Iterable[int]) -> list[StoredAttempt]:
    """Give the attempts to deliver messages of the outbox, oldest first; of each message the newest `EACH`."""
    rows = [row for it in message_numbers for row in connection.execute(ATTEMPTS, {"message": it})]
    return sorted((StoredAttempt._make(row) for row in rows), key=lambda it: (it.time, it.number))


def actions_of(connection: Connection, subjects: Iterable[str]) -> list[Action]:
    """Give what operators did to these subjects, oldest first; of each subject the newest `EACH`."""
    rows = [row for it in subjects for row in reversed(connection.execute(ACTIONS, {"subject": it}))]
    return sorted((Action._make(row) for row in rows), key=lambda it: it.time)


def recent_actions(connection: Connection, count: int) -> list[Action]:
    """Give what operators did last, newest first."""
    return [Action._make(row) for row in connection.execute(RECENT_ACTIONS, {"count": count})]


def record_action(connection: Connection, action: Action) -> None:
    """Write down an act in the transaction that does it."""
    connection.execute(RECORD_ACTION, action._asdict())


def record(connection: Connection, notes: Sequence[Call | Attempt]) -> None:
    """Write down calls and attempts, many by one statement."""
    _insert(connection, calls, [it for it in notes if isinstance(it, Call)])
    _insert(connection, attempts, [it for it in notes if isinstance(it, Attempt)])


def forget(connection: Connection, table: Table, age: int, now: Millis | None = None) -> int:
    """Delete a batch of calls or attempts older than `age` milliseconds, the oldest first; say how many those were."""
    return len(connection.execute(_deletion(table), {"age": age, "now": now}))


def _asked(filters: Filters) -> dict[str, object]:
    return {name: value for name, value in filters._asdict().items() if value not in (None, False)}


@cache
def _listing(asked: frozenset[str], *, newest_first: bool) -> Select[Any]:
    conditions = [condition for name, condition in CONDITIONS.items() if name in asked]
    order = (calls.c.time.desc(), calls.c.number.desc()) if newest_first else (calls.c.number,)
    return select(calls).where(*conditions).order_by(*order).limit(bindparam("count"))


def _insert(connection: Connection, table: Table, notes: list[Any]) -> None:
    while notes:
        size = next(rows for rows in ROWS if rows <= len(notes))
        batch, notes = notes[:size], notes[size:]
        values = {f"{name}_{i}": value for i, it in enumerate(batch) for name, value in it._asdict().items()}
        connection.execute(_insertion(table, size), values)


@cache
def _insertion(table: Table, rows: int) -> Insert:
    columns = [column for column in table.c if not column.primary_key]
    # What an INSERT takes as VALUES would be bound by the columns' names alone.
    lines = [select(*(bindparam(f"{it.name}_{i}", type_=it.type) for it in columns)) for i in range(rows)]
    return insert(table).from_select([it.name for it in columns], union_all(*lines) if rows > 1 else lines[0])


@cache
def _deletion(table: Table) -> Executable:
    old = (
        select(table.c.number)
        .where(table.c.time < MOMENT - told("age"))
        .order_by(table.c.time, table.c.number)
        .limit(FORGET_BATCH)  # written in, so that a plan knows how few they are
        .with_for_update(skip_locked=True)  # PostgreSQL: two replicas never wait for each other
        .cte("old")
    )
    return delete(table).where(table.c.number.in_(select(old.c.number))).returning(table.c.number)
