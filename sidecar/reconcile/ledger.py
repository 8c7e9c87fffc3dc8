"""Our own book: transactions of a period with their messages and receipts, read in pages by key."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, and_, bindparam, select, tuple_
from sqlalchemy.types import BigInteger

from sidecar import outbox, strict_json
from sidecar.clock import HOUR, MINUTE, Millis
from sidecar.database import Connection, Database
from sidecar.money import Tiyin
from sidecar.outbox import UNDELIVERED
from sidecar.payme_merchant import transactions
from sidecar.payme_merchant.machine import TIMEOUT, State
from sidecar.reconcile.books import LedgerEntry
from sidecar.reconcile.period import Period
from sidecar.vocabulary import Topic

PAGE: Final = 500
# A transaction is performed within twelve hours of Payme's `time`, or never; the rest is for two clocks.
EARLIER: Final = TIMEOUT + HOUR
LATER: Final = 10 * MINUTE


class StatementEntry(NamedTuple):
    """A transaction as the statement shows it."""

    number: int
    payme_id: str
    session_id: str
    order_id: str
    amount: Tiyin
    state: int
    time: Millis
    create_time: Millis
    perform_time: Millis
    cancel_time: Millis
    reason: int | None
    fiscal_data: str | None

    @property
    def fiscal_sign(self) -> str:
        """The receipt's sign of the tax office, empty without one; Payme's text is kept as it came (spec 2.11)."""
        if self.fiscal_data is None:
            return ""
        try:
            data = strict_json.decode(self.fiscal_data.encode())
        except strict_json.NotJson:
            return ""
        sign = data.get("fiscal_sign") if isinstance(data, dict) else None
        return "" if sign is None else str(sign)


class Undelivered(NamedTuple):
    number: int
    session_id: str
    transaction_id: str
    topic: str
    state: str
    created_time: Millis
    last_answer: str


table: Final = transactions.table
_authorize: Final = outbox.table.alias("authorize")
_cancel: Final = outbox.table.alias("cancel")
_sale: Final = transactions.receipts.alias("sale")


def _told(message: Any) -> list[Any]:
    return [message.c.number, message.c.state, message.c.created_time, message.c.last_answer]


def _about(message: Any, of: Any, topic: Topic) -> Any:
    return and_(message.c.transaction_id == of.c.payme_id, message.c.topic == topic)


def _page(moment: Any, *conditions: Any) -> Any:
    """Choose a page by a moment and our number. How short it is stands written in, so that a plan knows it."""
    after = tuple_(moment, table.c.number) > tuple_(bindparam("from_", type_=BigInteger()), bindparam("after"))
    chosen = select(table).where(after, moment < bindparam("to"), *conditions)
    return chosen.order_by(moment, table.c.number).limit(PAGE).subquery("page")


def _entries(of: Any) -> Select[Any]:
    return select(*(of.c[name] for name in LedgerEntry._fields[:11]), *_told(_authorize), *_told(_cancel)).select_from(
        of.outerjoin(_authorize, _about(_authorize, of, Topic.AUTHORIZE)).outerjoin(
            _cancel, _about(_cancel, of, Topic.CANCEL)
        )
    )


_by_time: Final = _page(table.c.time)
_by_refund: Final = _page(
    table.c.cancel_time,
    table.c.cancel_time > 0,  # as the index has it
    table.c.cancel_time >= bindparam("from_"),
    table.c.state == State.REVERSED.value,
)
BETWEEN: Final = _entries(_by_time).order_by(_by_time.c.time, _by_time.c.number)
TAKEN_BACK: Final = _entries(_by_refund).order_by(_by_refund.c.cancel_time, _by_refund.c.number)
BY_ID: Final = _entries(table).where(table.c.payme_id == bindparam("payme_id"))
# The one that has held money, of all that tried.
OF_SESSION: Final = (
    _entries(table)
    .where(table.c.session_id == bindparam("session_id"), table.c.perform_time > 0)
    .order_by(table.c.number.desc())
    .limit(1)
)
STATEMENT: Final = (
    select(*(_by_time.c[name] for name in StatementEntry._fields[:11]), _sale.c.fiscal_data)
    .select_from(
        _by_time.outerjoin(_sale, and_(_sale.c.transaction_number == _by_time.c.number, _sale.c.type == "PERFORM"))
    )
    .order_by(_by_time.c.time, _by_time.c.number)
)
STUCK: Final = (
    select(*(outbox.table.c[name] for name in Undelivered._fields))
    .where(
        outbox.table.c.state.in_(UNDELIVERED),
        outbox.table.c.number > bindparam("after"),
        outbox.table.c.created_time < bindparam("before"),
    )
    .order_by(outbox.table.c.number)
    .limit(PAGE)
)


def between(connection: Connection, from_: Millis, to: Millis, after: int) -> list[LedgerEntry]:
    """Read a page by Payme's `time`; of its first millisecond only what is numbered beyond `after`."""
    values = {"from_": from_, "to": to, "after": after}
    return [LedgerEntry._make(row) for row in connection.execute(BETWEEN, values)]


def taken_back(connection: Connection, from_: Millis, to: Millis, after: int) -> list[LedgerEntry]:
    """Read a page of what was refunded, by the time of that; most of it was paid before the period."""
    values = {"from_": from_, "to": to, "after": after}
    return [LedgerEntry._make(row) for row in connection.execute(TAKEN_BACK, values)]


def statement_page(connection: Connection, from_: Millis, to: Millis, after: int) -> list[StatementEntry]:
    values = {"from_": from_, "to": to, "after": after}
    return [StatementEntry._make(row) for row in connection.execute(STATEMENT, values)]


def by_id(connection: Connection, payme_ids: Sequence[str]) -> list[LedgerEntry]:
    found = (connection.execute(BY_ID, {"payme_id": payme_id}).first() for payme_id in payme_ids)
    return [LedgerEntry._make(row) for row in found if row]


def of_sessions(connection: Connection, session_ids: Sequence[str]) -> list[LedgerEntry]:
    """Give what was ever performed in these sessions."""
    found = (connection.execute(OF_SESSION, {"session_id": session_id}).first() for session_id in session_ids)
    return [LedgerEntry._make(row) for row in found if row]


def stuck(connection: Connection, before: Millis, after: int) -> list[Undelivered]:
    values = {"before": before, "after": after}
    return [Undelivered._make(row) for row in connection.execute(STUCK, values)]


async def of_period(database: Database, period: Period) -> AsyncIterator[list[LedgerEntry]]:
    """Give pages of all that may have moved in the period, and some from beside it."""
    wide = Period(Millis(period.start - EARLIER), Millis(period.end + LATER))
    async for page in pages(database, between, wide, lambda entry: entry.time):
        yield page
    async for page in pages(database, taken_back, period, lambda entry: entry.cancel_time):
        yield page


async def statement(database: Database, period: Period) -> AsyncIterator[list[StatementEntry]]:
    """Give pages of a period by Payme's `time`, as GetStatement has it."""
    async for page in pages(database, statement_page, period, lambda entry: entry.time):
        yield page


async def stuck_messages(database: Database, before: Millis) -> AsyncIterator[list[Undelivered]]:
    after = 0
    while page := await database.read(stuck, before, after):
        yield page
        after = page[-1].number


async def pages(
    database: Database, read: Callable[..., list[Any]], period: Period, when: Callable[[Any], Millis]
) -> AsyncIterator[list[Any]]:
    """Read page after page, each of its own moment. A row that moved meanwhile may come twice, never not at all."""
    from_, after = period.start, 0
    while page := await database.read(read, from_, period.end, after):
        yield page
        from_, after = when(page[-1]), page[-1].number


def moved_in(entry: LedgerEntry, period: Period) -> bool:
    """Whether it belongs to the period: money moved in it, or without any it was begun in it."""
    if entry.perform_time:
        return period.holds(entry.perform_time) or period.holds(entry.cancel_time)
    return period.holds(entry.time)
