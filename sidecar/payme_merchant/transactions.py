"""What happened: one row for each transaction whose CreateTransaction succeeded, and its fiscal receipts.

Invariants live in the schema: Payme's id is unique, an order has one transaction that is not cancelled, a state and its
times agree, a transaction and its session agree on the order. A move is stored by naming the state it starts from; when
nothing was stored, somebody else moved first, and the unit of work is decided again (`database.Overtaken`).
"""

from collections.abc import Iterator
from typing import Final, NamedTuple, cast

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Row,
    SmallInteger,
    String,
    Table,
    Text,
    bindparam,
    insert,
    select,
    update,
)
from sqlmodel import Field, SQLModel

from sidecar import payment_sessions
from sidecar.clock import Millis
from sidecar.database import Overtaken
from sidecar.money import Tiyin
from sidecar.payme_merchant.machine import Lifecycle, State, Step

# The table of the machine once more, for whoever writes to the database by hand.
TIMES_AGREE_WITH_STATE: Final = """
    (state = 1  AND perform_time = 0 AND cancel_time = 0 AND reason IS NULL) OR
    (state = 2  AND perform_time > 0 AND cancel_time = 0 AND reason IS NULL) OR
    (state = -1 AND perform_time = 0 AND cancel_time > 0 AND reason IS NOT NULL) OR
    (state = -2 AND perform_time > 0 AND cancel_time > 0 AND reason IS NOT NULL)
"""


class TransactionTable(SQLModel, table=True):
    __tablename__ = "payme_transaction"
    __table_args__ = (
        ForeignKeyConstraint(
            ["session_id", "order_id"],
            ["payment_session.id", "payment_session.order_id"],
            name="payme_transaction_session",
        ),
        Index(
            "one_live_transaction_per_order",
            "order_id",
            unique=True,
            sqlite_where=Column("state") != State.CANCELLED.value,
            postgresql_where=Column("state") != State.CANCELLED.value,
        ),
        Index("payme_transaction_session_id", "session_id", "number"),
        Index("payme_transaction_time", "time", "number"),
        Index(
            "payme_transaction_pending",
            "time",
            sqlite_where=Column("state") == State.CREATED.value,
            postgresql_where=Column("state") == State.CREATED.value,
        ),
        CheckConstraint("amount > 0", name="an_amount_is_positive"),
        CheckConstraint(TIMES_AGREE_WITH_STATE, name="times_agree_with_state"),
        CheckConstraint(
            "time > 0 AND create_time > 0 AND "
            "(perform_time = 0 OR perform_time >= create_time) AND "
            "(cancel_time = 0 OR cancel_time >= create_time AND cancel_time >= perform_time)",
            name="times_go_forward",
        ),
    )

    number: int = Field(
        sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    )
    payme_id: str = Field(sa_column=Column(String(64), nullable=False, unique=True))
    session_id: str = Field(sa_column=Column(String(128), nullable=False))
    order_id: str = Field(sa_column=Column(String(128), nullable=False))
    amount: int = Field(sa_column=Column(BigInteger, nullable=False))
    account: str = Field(sa_column=Column(Text, nullable=False))
    state: int = Field(sa_column=Column(SmallInteger, nullable=False))
    time: int = Field(sa_column=Column(BigInteger, nullable=False))
    create_time: int = Field(sa_column=Column(BigInteger, nullable=False))
    perform_time: int = Field(sa_column=Column(BigInteger, nullable=False))
    cancel_time: int = Field(sa_column=Column(BigInteger, nullable=False))
    reason: int | None = Field(default=None, sa_column=Column(BigInteger))


class FiscalReceiptTable(SQLModel, table=True):
    """One receipt for the sale and one for the refund: the tax office counts them apart (spec 2.11)."""

    __tablename__ = "payme_fiscal_receipt"
    __table_args__ = (CheckConstraint("type IN ('PERFORM', 'CANCEL')", name="a_type_we_know"),)

    transaction_number: int = Field(
        sa_column=Column(
            BigInteger,
            ForeignKey("payme_transaction.number"),
            primary_key=True,
            autoincrement=False,
        )
    )
    type: str = Field(sa_column=Column(String(8), primary_key=True))
    fiscal_data: str = Field(sa_column=Column(Text, nullable=False))
    received_time: int = Field(sa_column=Column(BigInteger, nullable=False))


class Transaction(NamedTuple):
    number: int
    payme_id: str
    session_id: str
    order_id: str
    amount: Tiyin
    account: str
    lifecycle: Lifecycle

    @property
    def transaction(self) -> str:
        """Our own id on the wire: a string, as the documents ask (spec 8.9)."""
        return str(self.number)


table: Final = cast("Table", TransactionTable.__table__)  # type: ignore[attr-defined]  # SQLModel types hide it
receipts: Final = cast("Table", FiscalReceiptTable.__table__)  # type: ignore[attr-defined]
_sessions = payment_sessions.table

FIND: Final = select(table).where(table.c.payme_id == bindparam("payme_id"))
LOCK_SESSION: Final = (
    select(_sessions)
    .where(
        _sessions.c.id == select(table.c.session_id).where(table.c.payme_id == bindparam("payme_id")).scalar_subquery()
    )
    .with_for_update()
)
# The unique index makes it one row at most.
HOLDER: Final = select(table).where(table.c.order_id == bindparam("order_id"), table.c.state != State.CANCELLED.value)
NEWEST: Final = (
    select(table).where(table.c.session_id == bindparam("session_id")).order_by(table.c.number.desc()).limit(1)
)
RECORD: Final = insert(table).returning(table.c.number)
MOVE: Final = (
    update(table)
    .where(table.c.number == bindparam("which"), table.c.state == bindparam("before"))
    .values(
        state=bindparam("after"),
        perform_time=bindparam("performed"),
        cancel_time=bindparam("cancelled"),
        reason=bindparam("why"),
    )
)
BETWEEN: Final = (
    select(table)
    .where(table.c.time >= bindparam("from_"), table.c.time <= bindparam("to"))
    .order_by(table.c.time, table.c.number)
)
PENDING_SINCE: Final = (
    select(table.c.payme_id)
    .where(table.c.state == State.CREATED.value, table.c.time <= bindparam("before"))
    .order_by(table.c.time)
    .limit(bindparam("count"))
)
FIND_RECEIPT: Final = select(receipts.c.type).where(
    receipts.c.transaction_number == bindparam("which"), receipts.c.type == bindparam("kind")
)
RECORD_RECEIPT: Final = insert(receipts)
REPLACE_RECEIPT: Final = (
    update(receipts)
    .where(receipts.c.transaction_number == bindparam("which"), receipts.c.type == bindparam("kind"))
    .values(fiscal_data=bindparam("data"), received_time=bindparam("now"))
)


def find(connection: Connection, payme_id: str) -> Transaction | None:
    return _one(connection.execute(FIND, {"payme_id": payme_id}).first())


def lock_session(connection: Connection, payme_id: str) -> payment_sessions.PaymentSession | None:
    """Lock the session that a transaction belongs to; None when there is no such transaction."""
    row = connection.execute(LOCK_SESSION, {"payme_id": payme_id}).first()
    return payment_sessions.PaymentSession._make(row) if row else None


def holder(connection: Connection, order_id: str) -> Transaction | None:
    """Read the transaction that holds an order: the one that is not cancelled."""
    return _one(connection.execute(HOLDER, {"order_id": order_id}).first())


def newest(connection: Connection, session_id: str) -> Transaction | None:
    return _one(connection.execute(NEWEST, {"session_id": session_id}).first())


def record(connection: Connection, transaction: Transaction) -> Transaction:
    """Store a new transaction; the number it is given becomes our id for it."""
    values = transaction._asdict() | _columns(transaction.lifecycle)
    del values["number"], values["lifecycle"]
    number = connection.execute(RECORD, values).scalar_one()
    return transaction._replace(number=number)


def move(connection: Connection, transaction: Transaction, step: Step) -> Transaction:
    """Store a step.

    Raises:
        Overtaken: the transaction is no longer where the step begins.
    """
    after = step.after
    values = {
        "which": transaction.number,
        "before": step.before.state.value,
        "after": after.state.value,
        "performed": after.perform_time,
        "cancelled": after.cancel_time,
        "why": after.reason,
    }
    if connection.execute(MOVE, values).rowcount == 0:
        raise Overtaken
    return transaction._replace(lifecycle=after)


def between(connection: Connection, from_: Millis, to: Millis) -> Iterator[Transaction]:
    return map(_transaction, connection.execute(BETWEEN, {"from_": from_, "to": to}))


def pending_since(connection: Connection, before: Millis, count: int) -> list[str]:
    return list(connection.execute(PENDING_SINCE, {"before": before, "count": count}).scalars())


def keep_receipt(connection: Connection, transaction: Transaction, kind: str, data: str, now: Millis) -> None:
    """Keep a fiscal receipt; Payme may send the same one again."""
    which = {"which": transaction.number, "kind": kind}
    if connection.execute(FIND_RECEIPT, which).first():
        connection.execute(REPLACE_RECEIPT, {**which, "data": data, "now": now})
        return
    values = {
        "transaction_number": transaction.number,
        "type": kind,
        "fiscal_data": data,
        "received_time": now,
    }
    connection.execute(RECORD_RECEIPT, values)


def _columns(lifecycle: Lifecycle) -> dict[str, object]:
    return {
        "state": lifecycle.state.value,
        "time": lifecycle.time,
        "create_time": lifecycle.create_time,
        "perform_time": lifecycle.perform_time,
        "cancel_time": lifecycle.cancel_time,
        "reason": lifecycle.reason,
    }


def _one(row: Row[tuple[object, ...]] | None) -> Transaction | None:
    return _transaction(row) if row else None


def _transaction(row: Row[tuple[object, ...]]) -> Transaction:
    values = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    return Transaction(
        values["number"],
        values["payme_id"],
        values["session_id"],
        values["order_id"],
        values["amount"],
        values["account"],
        Lifecycle(
            State(values["state"]),
            values["time"],
            values["create_time"],
            values["perform_time"],
            values["cancel_time"],
            values["reason"],
        ),
    )
