"""What is owed: one row for each payment session the commerce backend registered.

An order belongs to one open session. Closing a session lets go of its order, and only an unpaid session closes.
"""

import re
from typing import Final, NamedTuple, cast

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Executable,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlmodel import Field, SQLModel

from sidecar.clock import Millis
from sidecar.database import Connection
from sidecar.money import Tiyin

IDENTIFIER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")


class PaymentSessionTable(SQLModel, table=True):
    __tablename__ = "payment_session"
    __table_args__ = (
        UniqueConstraint("id", "order_id", name="payment_session_id_order_id"),  # what a transaction points at
        Index(
            "one_open_session_per_order",
            "order_id",
            unique=True,
            sqlite_where=Column("closed_time").is_(None),
            postgresql_where=Column("closed_time").is_(None),
        ),
        Index("payment_session_order_id", "order_id"),
        Index("payment_session_created_time", "created_time", "id"),
        CheckConstraint("amount > 0", name="an_amount_is_positive"),
        CheckConstraint("closed_time >= created_time", name="closed_after_created"),
    )

    id: str = Field(sa_column=Column(String(128), primary_key=True))
    order_id: str = Field(sa_column=Column(String(128), nullable=False))
    amount: int = Field(sa_column=Column(BigInteger, nullable=False))
    currency_code: str = Field(sa_column=Column(String(3), nullable=False))
    locale: str | None = Field(default=None, sa_column=Column(String(16)))
    country_code: str | None = Field(default=None, sa_column=Column(String(2)))
    created_time: int = Field(sa_column=Column(BigInteger, nullable=False))
    closed_time: int | None = Field(default=None, sa_column=Column(BigInteger))
    detail: str | None = Field(default=None, sa_column=Column(Text))


class PaymentSession(NamedTuple):
    """A row, in the order of the columns."""

    id: str
    order_id: str
    amount: Tiyin
    currency_code: str
    locale: str | None
    country_code: str | None
    created_time: Millis
    closed_time: Millis | None
    detail: str | None  # fiscal lines, the JSON text that Payme gets (spec 2.12)

    @property
    def closed(self) -> bool:
        return self.closed_time is not None


table: Final = cast("Table", PaymentSessionTable.__table__)  # type: ignore[attr-defined]  # SQLModel types hide it

FIND: Final = select(table).where(table.c.id == bindparam("id"))
LOCK: Final = FIND.with_for_update()
# The newest session answers for its order: the open one, else the one that closed last.
FIND_BY_ORDER: Final = (
    select(table)
    .where(table.c.order_id == bindparam("order_id"))
    .order_by(table.c.closed_time.desc().nulls_first())
    .limit(1)
)
# The session as it was seen, kept so until the transaction ends.
HOLD: Final = (
    select(table.c.id)
    .where(
        table.c.id == bindparam("seen_id"),
        table.c.amount == bindparam("seen_amount"),
        table.c.closed_time.is_not_distinct_from(bindparam("seen_closed_time", type_=BigInteger)),
    )
    .with_for_update()
)
LATEST_CLOSE: Final = select(func.max(table.c.closed_time)).where(table.c.order_id == bindparam("order_id"))
RECORD: Final = insert(table)
CHANGE: Final = (
    update(table)
    .where(table.c.id == bindparam("session_id"))
    .values(
        amount=bindparam("new_amount"),
        locale=bindparam("new_locale"),
        country_code=bindparam("new_country_code"),
        detail=bindparam("new_detail"),
    )
)
CLOSE: Final = (
    update(table)
    .where(table.c.id == bindparam("session_id"), table.c.closed_time.is_(None))
    .values(closed_time=bindparam("now"))
)


def find(connection: Connection, id_: str) -> PaymentSession | None:
    return _one(connection, FIND, id=id_)


def lock(connection: Connection, id_: str) -> PaymentSession | None:
    """Read the session and keep everybody else's moves on it waiting until the transaction ends."""
    return _one(connection, LOCK, id=id_)


def find_by_order(connection: Connection, order_id: str) -> PaymentSession | None:
    return _one(connection, FIND_BY_ORDER, order_id=order_id)


def seen(session: PaymentSession) -> dict[str, object]:
    """Give the values of `HOLD`."""
    return {"seen_id": session.id, "seen_amount": session.amount, "seen_closed_time": session.closed_time}


def record(connection: Connection, session: PaymentSession) -> None:
    connection.execute(RECORD, session._asdict())


def change(connection: Connection, session: PaymentSession) -> None:
    connection.execute(
        CHANGE,
        {
            "session_id": session.id,
            "new_amount": session.amount,
            "new_locale": session.locale,
            "new_country_code": session.country_code,
            "new_detail": session.detail,
        },
    )


def close(connection: Connection, session: PaymentSession, now: Millis) -> None:
    # Later than every one before it, or an order would forget which is its newest: clocks are set back.
    latest = connection.execute(LATEST_CLOSE, {"order_id": session.order_id}).scalar() or 0
    connection.execute(CLOSE, {"session_id": session.id, "now": max(now, session.created_time, latest + 1)})


def _one(connection: Connection, statement: Executable, **values: object) -> PaymentSession | None:
    row = connection.execute(statement, values).first()
    return PaymentSession._make(row) if row else None
