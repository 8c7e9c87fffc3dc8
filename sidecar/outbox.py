"""What the backend must still be told, written in the transaction that decided it.

A message waits until it is due, and a claim moves its due time forward: schedule and lease are one column, so a relay
that dies needs no cleaner. Both go by the database's clock. Messages about one session go in order: none is claimed
while an older one is undelivered.

    waiting ──► delivered      the backend took it
       │  ▲
       ▼  │ retry
     parked                    the backend refused it for good; a person must look
       │
       └─────► withdrawn       Payme took the payment back before the backend heard of it
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Insert,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlmodel import Field, SQLModel

from sidecar import strict_json
from sidecar.clock import SECOND, Millis
from sidecar.database import Connection
from sidecar.database_clock import DATABASE_NOW, MOMENT, told
from sidecar.money import Tiyin
from sidecar.vocabulary import Topic

# Longer than the backend's thirty seconds, so that nobody asks again while an answer may still come; short enough
# that a message in hand at a crash is asked again within a minute.
LEASE: Final = 45 * SECOND
CLAIM_MAX: Final = 16  # messages at once


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
        Index(
            "outbox_message_parked",
            "number",
            sqlite_where=Column("state") == "parked",
            postgresql_where=Column("state") == "parked",
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
    def amount(self) -> Tiyin:
        """The money it tells of."""
        return Tiyin(strict_json.decode(self.payload.encode())["amount"])

    @property
    def standing(self) -> str:
        """The last answer, or why there is none."""
        return self.last_answer or ("being told, no answer yet" if self.attempts else "not sent yet")

    @property
    def idempotency_key(self) -> str:
        return f"{self.topic}:{self.transaction_id}"


class Settlement(NamedTuple):
    """What becomes of a message that was told: delivered, parked, or waiting once more."""

    message: Message
    state: MessageState
    answer: str
    pause: int = 0  # milliseconds until it is due again, if it waits


class Backlog(NamedTuple):
    """How much is undelivered, and since when the oldest of it."""

    waiting: int
    parked: int
    waiting_since: Millis | None
    parked_since: Millis | None


table: Final = cast("Table", MessageTable.__table__)  # type: ignore[attr-defined]  # SQLModel types hide it

# What is promised is due at once: by the database's clock if ours is ahead, so that a wrong clock delays nothing.
DUE_AT_ONCE: Final[ColumnElement[int]] = case((told("now") < DATABASE_NOW, told("now")), else_=DATABASE_NOW)
_PROMISED: Final = ("session_id", "topic", "transaction_id", "payload", "state", "attempts", "last_answer")


def promising(decided: ColumnElement[bool]) -> Insert:
    """Write the statement that promises a message, if what it follows from was decided: a link of a `Chain`."""
    promised = (bindparam(f"message_{name}", type_=table.c[name].type) for name in _PROMISED)
    values = select(*promised, told("now"), DUE_AT_ONCE).where(decided)
    return insert(table).from_select((*_PROMISED, "created_time", "due_time"), values).returning(table.c.number)


ENQUEUE: Final = promising(true())
_undelivered = table.c.state.in_(UNDELIVERED)
_older = table.alias("older")
_due = (
    select(table.c.number)
    .where(
        table.c.state == MessageState.WAITING,
        table.c.due_time <= MOMENT,
        ~select(_older.c.number)
        .where(
            _older.c.session_id == table.c.session_id,
            _older.c.number < table.c.number,
            _older.c.state.in_(UNDELIVERED),
        )
        .exists(),
    )
    .order_by(table.c.due_time)  # and by nothing else: `retry --all` makes thousands due at one moment
    .limit(CLAIM_MAX)  # written in, so that a plan knows how few they are
    .with_for_update(skip_locked=True, of=table)  # PostgreSQL: two relays never wait for each other
    .cte("due")
)
CLAIM: Final = (
    update(table)
    .where(table.c.number.in_(select(_due.c.number).limit(bindparam("count"))))
    .values(due_time=MOMENT + LEASE, attempts=table.c.attempts + 1)
    .returning(*table.c)
)
_SETTLE = (
    update(table)
    .where(table.c.number == bindparam("message"), _undelivered)
    .values(last_answer=bindparam("answer"))
    .returning(table.c.number)
)
# A claim is known by its number of attempts. Whoever holds an older one comes too late to say "not yet" or "never";
# "done" is true whoever says it.
_IN_HAND = table.c.attempts == bindparam("claimed_attempts")
CLOSE: Final = _SETTLE.values(state=MessageState.DELIVERED)
POSTPONE: Final = _SETTLE.where(_IN_HAND).values(due_time=MOMENT + told("pause"))
PARK: Final = _SETTLE.where(_IN_HAND).values(state=MessageState.PARKED)
# The backend surely does not have it: it was never sent, or was refused for good.
WITHDRAW: Final = (
    update(table)
    .where(
        table.c.transaction_id == bindparam("transaction"),
        table.c.topic == Topic.AUTHORIZE,
        or_(table.c.state == MessageState.PARKED, (table.c.state == MessageState.WAITING) & (table.c.attempts == 0)),
    )
    .values(state=MessageState.WITHDRAWN)
    .returning(table.c.number)
)
LIST: Final = select(table).where(_undelivered).order_by(table.c.number)
# Also what is in hand: whether its holder lives, nobody knows. Its key is the same, and so a second call beside the
# first does no harm.
RETRY: Final = (
    update(table).where(_undelivered).values(state=MessageState.WAITING, due_time=MOMENT).returning(table.c.number)
)
RETRY_ONE: Final = RETRY.where(table.c.number == bindparam("message"))
# Counted in the indices alone, which hold what is undelivered and nothing else.
COUNT_WAITING: Final = select(func.count(), func.min(table.c.number)).where(table.c.state == MessageState.WAITING)
COUNT_UNDELIVERED: Final = select(func.count()).where(_undelivered)
OLDEST_PARKED: Final = select(func.min(table.c.number)).where(_undelivered, table.c.state == MessageState.PARKED)
SINCE: Final = select(table.c.created_time).where(table.c.number == bindparam("message"))


def promise(
    topic: Topic,
    session_id: str,
    transaction_id: str,
    payload: dict[str, Any],
    now: Millis,
    state: MessageState = MessageState.WAITING,
) -> dict[str, object]:
    """Give a new message as the values of `ENQUEUE` and of every chain that ends in `promising`."""
    return {
        "message_session_id": session_id,
        "message_topic": topic,
        "message_transaction_id": transaction_id,
        "message_payload": strict_json.encode(payload).decode("ascii"),
        "message_state": state,
        "message_attempts": 0,
        "message_last_answer": "",
        "now": now,
    }


def enqueue(connection: Connection, promised: dict[str, object]) -> None:
    """Promise to tell the backend. The caller's commit is the promise."""
    connection.execute(ENQUEUE, promised)


def withdraw(connection: Connection, transaction_id: str) -> bool:
    """Take back the authorize of a transaction if the backend surely has not taken it; say whether that was so."""
    return bool(connection.execute(WITHDRAW, {"transaction": transaction_id}))


def claim(connection: Connection, now: Millis | None, count: int) -> list[Message]:
    """Take up to `count` due messages in hand, at most one of each session. Without `now`, by the database's clock."""
    return [_message(row) for row in connection.execute(CLAIM, {"now": now, "count": count})]


def settle(connection: Connection, settlements: Sequence[Settlement], now: Millis | None) -> set[int]:
    """Write down what became of messages; give the numbers of those that were still ours to settle."""
    in_order = sorted(settlements, key=lambda it: it.message.number)  # two that settle wait for each other in a line
    return {it.message.number for it in in_order if _settle(connection, it, now)}


def undelivered(connection: Connection) -> list[Message]:
    return [_message(row) for row in connection.execute(LIST)]


def retry(connection: Connection, number: int, now: Millis | None = None) -> bool:
    """Make one undelivered message due now; False when there is no such message."""
    return connection.execute(RETRY_ONE, {"message": number, "now": now}).first() is not None


def retry_all(connection: Connection, now: Millis | None = None) -> list[int]:
    return sorted(connection.execute(RETRY, {"now": now}).scalars())


def backlog(connection: Connection) -> Backlog:
    waiting, first_waiting = connection.execute(COUNT_WAITING).first()
    parked = max(0, connection.execute(COUNT_UNDELIVERED).scalar() - waiting)  # they were counted one after the other
    first_parked = connection.execute(OLDEST_PARKED).scalar() if parked else None
    return Backlog(waiting, parked, _since(connection, first_waiting), _since(connection, first_parked))


def _since(connection: Connection, number: int | None) -> Millis | None:
    return connection.execute(SINCE, {"message": number}).scalar() if number else None


def _settle(connection: Connection, it: Settlement, now: Millis | None) -> bool:
    which = {"message": it.message.number, "answer": it.answer}
    claimed = which | {"claimed_attempts": it.message.attempts}
    match it.state:
        case MessageState.DELIVERED:
            return bool(connection.execute(CLOSE, which))
        case MessageState.PARKED:
            return bool(connection.execute(PARK, claimed))
        case _:
            return bool(connection.execute(POSTPONE, claimed | {"now": now, "pause": it.pause}))


def _message(row: Any) -> Message:
    message = Message._make(row)
    return message._replace(topic=Topic(message.topic), state=MessageState(message.state))
