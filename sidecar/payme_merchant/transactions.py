"""What happened: one row for each transaction whose CreateTransaction succeeded, and its fiscal receipts.

Invariants live in the schema: Payme's id is unique, an order has one transaction that is not cancelled, a state and its
times agree, a transaction and its session agree on the order. A move is stored by naming the state it starts from and
the session as it was seen; when nothing was stored, somebody else moved first, and the unit of work is decided again
(`database.Overtaken`).
"""

from typing import Any, Final, NamedTuple, cast

from sqlalchemy import (
    BigInteger,
    BindParameter,
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    bindparam,
    insert,
    select,
    tuple_,
    update,
)
from sqlmodel import Field, SQLModel

from sidecar import outbox, payment_sessions
from sidecar.clock import Millis
from sidecar.database import Chain, Connection, Overtaken
from sidecar.money import Tiyin
from sidecar.payme_merchant.machine import Lifecycle, State, Step
from sidecar.payment_sessions import PaymentSession

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
        Index(
            "payme_transaction_cancelled",
            "cancel_time",
            sqlite_where=Column("cancel_time") > 0,
            postgresql_where=Column("cancel_time") > 0,
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


class Receipt(NamedTuple):
    """A fiscal receipt as Payme sent it: `fiscal_data` is JSON, of which any member may be missing (spec 2.11)."""

    type: str
    fiscal_data: str
    received_time: Millis


table: Final = cast("Table", TransactionTable.__table__)  # type: ignore[attr-defined]  # SQLModel types hide it
receipts: Final = cast("Table", FiscalReceiptTable.__table__)  # type: ignore[attr-defined]
_sessions = payment_sessions.table

FACTS: Final = len(Transaction._fields) - 1  # before the lifecycle
SESSION: Final = len(_sessions.c)  # the columns of a session, and after them those of a transaction


def _whole(name: str) -> BindParameter[int]:
    return bindparam(name, type_=BigInteger())


FIND: Final = select(table).where(table.c.payme_id == bindparam("payme_id"))
LOOK: Final = (
    select(*_sessions.c, *table.c)
    .join_from(table, _sessions, table.c.session_id == _sessions.c.id)
    .where(table.c.payme_id == bindparam("payme_id"))
)
# The newest session answers for its order; the unique index makes the order's holder one row at most.
LOOK_BY_ORDER: Final = (
    select(*_sessions.c, *table.c)
    .join_from(
        _sessions,
        table,
        (table.c.order_id == _sessions.c.order_id) & (table.c.state != State.CANCELLED.value),
        isouter=True,
    )
    .where(_sessions.c.order_id == bindparam("order_id"))
    .order_by(_sessions.c.closed_time.desc().nulls_first())
    .limit(1)
)
LOOK_BY_SESSION: Final = (
    select(*_sessions.c, *table.c)
    .join_from(_sessions, table, table.c.session_id == _sessions.c.id, isouter=True)
    .where(_sessions.c.id == bindparam("session_id"))
    .order_by(table.c.number.desc())
    .limit(1)
)
NEWEST: Final = (
    select(table).where(table.c.session_id == bindparam("session_id")).order_by(table.c.number.desc()).limit(1)
)

OF_SESSION: Final = (
    select(table)
    .where(table.c.session_id == bindparam("session_id"))
    .order_by(table.c.number)
    .limit(bindparam("count"))
)

LIFECYCLE: Final = ("state", "time", "create_time", "perform_time", "cancel_time", "reason")
_CREATED: Final = ("payme_id", "session_id", "order_id", "amount", "account", *LIFECYCLE)


def _record(held: ColumnElement[bool]) -> Any:
    values = select(*(bindparam(name, type_=table.c[name].type) for name in _CREATED)).where(held)
    return insert(table).from_select(_CREATED, values).returning(table.c.number)


def _move(held: ColumnElement[bool]) -> Any:
    return (
        update(table)
        .where(table.c.number == bindparam("which"), table.c.state == bindparam("before"), held)
        .values(
            state=bindparam("after"),
            perform_time=bindparam("performed"),
            cancel_time=bindparam("cancelled"),
            reason=bindparam("why"),
        )
        .returning(table.c.number)
    )


RECORD: Final = Chain(payment_sessions.HOLD, _record)
MOVE: Final = Chain(payment_sessions.HOLD, _move)
MOVE_AND_PROMISE: Final = Chain(payment_sessions.HOLD, _move, outbox.promising)
# One comparison of both, or SQLite would walk from the first page to find each next one.
BETWEEN: Final = (
    select(table)
    .where(
        tuple_(table.c.time, table.c.number) > tuple_(_whole("from_"), _whole("after")),
        table.c.time <= bindparam("to"),
    )
    .order_by(table.c.time, table.c.number)
    .limit(bindparam("count"))
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
RECEIPTS_OF: Final = (
    select(receipts.c.type, receipts.c.fiscal_data, receipts.c.received_time)
    .where(receipts.c.transaction_number == bindparam("which"))
    .order_by(receipts.c.type.desc())  # the sale, then the refund
)
RECORD_RECEIPT: Final = insert(receipts)
REPLACE_RECEIPT: Final = (
    update(receipts)
    .where(receipts.c.transaction_number == bindparam("which"), receipts.c.type == bindparam("kind"))
    .values(fiscal_data=bindparam("data"), received_time=bindparam("now"))
)


def find(connection: Connection, payme_id: str) -> Transaction | None:
    row = connection.execute(FIND, {"payme_id": payme_id}).first()
    return _transaction(row) if row else None


def look(connection: Connection, payme_id: str) -> tuple[PaymentSession, Transaction] | None:
    """Read a transaction and its session, as they are at one moment."""
    row = connection.execute(LOOK, {"payme_id": payme_id}).first()
    return (PaymentSession._make(row[:SESSION]), _transaction(row[SESSION:])) if row else None


def look_by_order(connection: Connection, order_id: str) -> tuple[PaymentSession | None, Transaction | None]:
    """Read the session that answers for an order, and the transaction that holds it: the one that is not cancelled."""
    return _session_and_transaction(connection.execute(LOOK_BY_ORDER, {"order_id": order_id}).first())


def look_by_session(connection: Connection, session_id: str) -> tuple[PaymentSession | None, Transaction | None]:
    """Read a session and its newest transaction, as they are at one moment."""
    return _session_and_transaction(connection.execute(LOOK_BY_SESSION, {"session_id": session_id}).first())


def newest(connection: Connection, session_id: str) -> Transaction | None:
    row = connection.execute(NEWEST, {"session_id": session_id}).first()
    return _transaction(row) if row else None


def of_session(connection: Connection, session_id: str, count: int) -> list[Transaction]:
    """Read the tries to pay a session, oldest first."""
    return [_transaction(row) for row in connection.execute(OF_SESSION, {"session_id": session_id, "count": count})]


def record(connection: Connection, session: PaymentSession, transaction: Transaction) -> Transaction:
    """Store a new transaction of a session; the number it is given becomes our id for it.

    Raises:
        Overtaken: the session is no longer as it was seen.
    """
    values = payment_sessions.seen(session) | transaction._asdict() | _columns(transaction.lifecycle)
    number = connection.execute(RECORD, values).scalar()
    if number is None:
        raise Overtaken
    return transaction._replace(number=number)


def move(
    connection: Connection,
    session: PaymentSession,
    transaction: Transaction,
    step: Step,
    promise: dict[str, object] | None = None,
) -> Transaction:
    """Store a step, and with it the promise to tell the backend.

    Raises:
        Overtaken: the transaction is no longer where the step begins, or the session no longer as it was seen.
    """
    after = step.after
    values = payment_sessions.seen(session) | {
        "which": transaction.number,
        "before": step.before.state,
        "after": after.state,
        "performed": after.perform_time,
        "cancelled": after.cancel_time,
        "why": after.reason,
    }
    statement = MOVE
    if promise:
        statement = MOVE_AND_PROMISE
        values |= promise
    if not connection.execute(statement, values):
        raise Overtaken
    return transaction._replace(lifecycle=after)


def between(connection: Connection, from_: Millis, to: Millis, after: int, count: int) -> list[Transaction]:
    """Read a page of a period by Payme's `time`; of its first millisecond only what is numbered beyond `after`."""
    which = {"from_": from_, "to": to, "after": after, "count": count}
    return [_transaction(row) for row in connection.execute(BETWEEN, which)]


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


def receipts_of(connection: Connection, transaction: Transaction) -> list[Receipt]:
    """Read the receipts of a transaction, the sale's first: two at most."""
    return [Receipt._make(row) for row in connection.execute(RECEIPTS_OF, {"which": transaction.number})]


def _columns(lifecycle: Lifecycle) -> dict[str, object]:
    return {
        "state": lifecycle.state.value,
        "time": lifecycle.time,
        "create_time": lifecycle.create_time,
        "perform_time": lifecycle.perform_time,
        "cancel_time": lifecycle.cancel_time,
        "reason": lifecycle.reason,
    }


def _session_and_transaction(row: Any) -> tuple[PaymentSession | None, Transaction | None]:
    if row is None:
        return None, None
    return PaymentSession._make(row[:SESSION]), _transaction(row[SESSION:]) if row[SESSION] else None


def _transaction(row: Any) -> Transaction:
    state, *moments = row[FACTS:]
    return Transaction._make((*row[:FACTS], Lifecycle(State(state), *moments)))
