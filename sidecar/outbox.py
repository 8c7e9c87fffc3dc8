"""What the backend must still be told, written in the transaction that decided it.

A message waits until it is due, and a claim moves its due time forward: schedule and lease are one column, so a relay
that dies needs no cleaner. Messages about one session go in order: none is claimed while an older one is undelivered.

    waiting ──► delivered      the backend took it
       │  ▲
       ▼  │ retry
     parked                    the backend refused it for good; a person must look
       │
       └─────► withdrawn       Payme took the payment back before the backend heard of it
"""

from enum import StrEnum
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlmodel import Field, SQLModel

from sidecar import strict_json
from sidecar.clock import SECOND, Millis
from sidecar.vocabulary import Topic

# Longer than the backend's thirty seconds, so that nobody asks again while an answer may still come; short enough
# that a message in hand at a crash is asked again within a minute.
LEASE: Final = 45 * SECOND


class MessageState(StrEnum):
    WAITING = "waiting"
    PARKED = "parked"
    DELIVERED = "delivered"
    WITHDRAWN = "withdrawn"


UNDELIVERED: Final = (MessageState.WAITING, MessageState.PARKED)


class MessageTable(SQLModel, table=True):
    __tablename__ = "outbox_message"
    __table_args__ = (
        UniqueConstraint("transaction_id", "topic", name="one_message_per_move"),
        Index(
            "outbox_message_due",
            "due_time",
            sqlite_where=Column("state") == "waiting",
            postgresql_where=Column("state") == "waiting",
        ),
        Index(
            "outbox_message_undelivered",
            "session_id",
            "number",
            sqlite_where=Column("state").in_(("waiting", "parked")),
            postgresql_where=Column("state").in_(("waiting", "parked")),
        ),
        CheckConstraint("topic IN ('authorize', 'cancel')", name="a_topic_we_know"),
        CheckConstraint("state IN ('waiting', 'parked', 'delivered', 'withdrawn')", name="a_state_we_know"),
    )

    number: int = Field(
        sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    )
    session_id: str = Field(sa_column=Column(String(128), ForeignKey("payment_session.id"), nullable=False))
    topic: str = Field(sa_column=Column(String(16), nullable=False))
    transaction_id: str = Field(sa_column=Column(String(64), nullable=False))
    payload: str = Field(sa_column=Column(Text, nullable=False))
    state: str = Field(sa_column=Column(String(16), nullable=False))
    created_time: int = Field(sa_column=Column(BigInteger, nullable=False))
    due_time: int = Field(sa_column=Column(BigInteger, nullable=False))
    attempts: int = Field(sa_column=Column(Integer, nullable=False))
    last_answer: str = Field(sa_column=Column(Text, nullable=False))


class Message(NamedTuple):
    """A row, in the order of the columns."""

    number: int
    session_id: str
    topic: Topic
    transaction_id: str
    payload: str
    state: MessageState
    created_time: Millis
    due_time: Millis
    attempts: int
    last_answer: str

    @property
    def idempotency_key(self) -> str:
        return f"{self.topic}:{self.transaction_id}"


class Backlog(NamedTuple):
    waiting: int
    parked: int
    oldest_time: Millis | None


table: Final = cast("Table", MessageTable.__table__)  # type: ignore[attr-defined]  # SQLModel types hide it

ENQUEUE: Final = insert(table)
_older = table.alias("older")
_due = (
    select(table.c.number)
    .where(
        table.c.state == MessageState.WAITING,
        table.c.due_time <= bindparam("now"),
        ~select(_older.c.number)
        .where(
            _older.c.session_id == table.c.session_id,
            _older.c.number < table.c.number,
            _older.c.state.in_(UNDELIVERED),
        )
        .exists(),
    )
    .order_by(table.c.due_time, table.c.number)
    .limit(bindparam("count"))
    .with_for_update(skip_locked=True, of=table)  # PostgreSQL: two relays never wait for each other
    .cte("due")
)
CLAIM: Final = (
    update(table)
    .where(table.c.number.in_(select(_due.c.number)))
    .values(due_time=bindparam("lease_end"), attempts=table.c.attempts + 1)
    .returning(*table.c)
)
# Whoever holds an older claim comes too late to say "not yet" or "never"; "done" is true whoever says it.
_SETTLE = (
    update(table)
    .where(table.c.number == bindparam("message"), table.c.state.in_(UNDELIVERED))
    .values(last_answer=bindparam("answer"))
)
_IN_HAND = table.c.attempts == bindparam("claimed_attempts")
CLOSE: Final = _SETTLE.values(state=MessageState.DELIVERED)
POSTPONE: Final = _SETTLE.where(_IN_HAND).values(due_time=bindparam("next_time"))
PARK: Final = _SETTLE.where(_IN_HAND).values(state=MessageState.PARKED)
# The backend surely does not have it: it was never sent, or was refused for good.
WITHDRAW: Final = (
    update(table)
    .where(
        table.c.transaction_id == bindparam("transaction"),
        table.c.topic == Topic.AUTHORIZE,
        or_(
            table.c.state == MessageState.PARKED,
            (table.c.state == MessageState.WAITING) & (table.c.attempts == 0),
        ),
    )
    .values(state=MessageState.WITHDRAWN)
)
LIST: Final = select(table).where(table.c.state.in_(UNDELIVERED)).order_by(table.c.number)
RETRY: Final = (
    update(table)
    .where(table.c.state.in_(UNDELIVERED))
    .values(state=MessageState.WAITING, due_time=bindparam("now"))
    .returning(table.c.number)
)
RETRY_ONE: Final = RETRY.where(table.c.number == bindparam("message"))
BACKLOG: Final = (
    select(table.c.state, func.count(), func.min(table.c.created_time))
    .where(table.c.state.in_(UNDELIVERED))
    .group_by(table.c.state)
)


def enqueue(
    connection: Connection,
    topic: Topic,
    session_id: str,
    transaction_id: str,
    payload: dict[str, Any],
    now: Millis,
    *,
    state: MessageState = MessageState.WAITING,
) -> None:
    """Promise to tell the backend. The caller's commit is the promise."""
    connection.execute(
        ENQUEUE,
        {
            "session_id": session_id,
            "topic": topic,
            "transaction_id": transaction_id,
            "payload": strict_json.encode(payload).decode("ascii"),
            "state": state,
            "created_time": now,
            "due_time": now,
            "attempts": 0,
            "last_answer": "",
        },
    )


def withdraw(connection: Connection, transaction_id: str) -> bool:
    """Take back the authorize of a transaction if the backend surely has not taken it; say whether that was so."""
    return connection.execute(WITHDRAW, {"transaction": transaction_id}).rowcount == 1


def claim(connection: Connection, now: Millis, count: int) -> list[Message]:
    """Take up to `count` due messages in hand, at most one of each session."""
    rows = connection.execute(CLAIM, {"now": now, "lease_end": now + LEASE, "count": count})
    return [_message(row) for row in rows]


def close(connection: Connection, message: Message, answer: str) -> None:
    connection.execute(CLOSE, {"message": message.number, "answer": answer})


def postpone(connection: Connection, message: Message, answer: str, next_time: Millis) -> None:
    connection.execute(POSTPONE, {**_claimed(message, answer), "next_time": next_time})


def park(connection: Connection, message: Message, answer: str) -> None:
    connection.execute(PARK, _claimed(message, answer))


def undelivered(connection: Connection) -> list[Message]:
    return [_message(row) for row in connection.execute(LIST)]


def retry(connection: Connection, number: int, now: Millis) -> bool:
    """Make one undelivered message due now; False when there is no such message."""
    return connection.execute(RETRY_ONE, {"message": number, "now": now}).first() is not None


def retry_all(connection: Connection, now: Millis) -> list[int]:
    return sorted(connection.execute(RETRY, {"now": now}).scalars())


def backlog(connection: Connection) -> Backlog:
    by_state = {row[0]: row for row in connection.execute(BACKLOG)}
    counts = {state: by_state[state][1] if state in by_state else 0 for state in UNDELIVERED}
    oldest = min((row[2] for row in by_state.values()), default=None)
    return Backlog(counts[MessageState.WAITING], counts[MessageState.PARKED], oldest)


def _claimed(message: Message, answer: str) -> dict[str, object]:
    return {"message": message.number, "claimed_attempts": message.attempts, "answer": answer}


def _message(row: Any) -> Message:
    message = Message._make(row)
    return message._replace(topic=Topic(message.topic), state=MessageState(message.state))
