"""Where the books lie side by side: a database in a temporary file, so that a million payments need no memory.

The file has no name and is gone with its connection.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    MetaData,
    NullPool,
    Select,
    String,
    Table,
    Text,
    bindparam,
    create_engine,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert as insert_or_update

from sidecar.clock import Millis
from sidecar.payme_merchant.machine import State
from sidecar.reconcile.books import BackendPayment, CabinetPayment, CabinetState, LedgerEntry
from sidecar.reconcile.columns import UnreadableStatement
from sidecar.reconcile.comparison import ABOUT_PAYME, Disagreement
from sidecar.reconcile.kinds import WORDS, Kind
from sidecar.reconcile.ledger import moved_in
from sidecar.reconcile.period import Period

PAGE: Final = 500
WHOLE: Final = frozenset(
    (
        *("number", "amount", "state", "time", "create_time", "perform_time", "cancel_time", "reason"),
        *("authorize_number", "authorize_since", "cancel_number", "cancel_since"),
        *("captured", "refunded", "created_time", "canceled_time", "row", "other_amount"),
    )
)
RANKS: Final = {kind: rank for rank, kind in enumerate(WORDS)}
LIFE: Final = {CabinetState.PENDING: 0, CabinetState.PAID: 1, CabinetState.RETURNED: 2}


class Sum(NamedTuple):
    """How many payments, and of how much."""

    payments: int
    amount: int


class Totals(NamedTuple):
    """Of one book and period: what was paid and is the shop's still, and what was given back since."""

    kept: Sum
    returned: Sum


meta: Final = MetaData()


def _table(name: str, kind: Any, key: str, *more: Column[Any], words: tuple[str, ...] = ()) -> Table:
    def column(field: str) -> Column[Any]:
        whole = field in WHOLE and field not in words
        return Column(field, BigInteger() if whole else Text(), primary_key=field == key)

    return Table(name, meta, *map(column, kind._fields), *more)


def _inside() -> Column[Any]:
    return Column("inside", Integer, nullable=False)  # of the period


ledger: Final = _table("ledger", LedgerEntry, "payme_id", _inside())
backend: Final = _table("backend", BackendPayment, "session_id", _inside())
cabinet: Final = _table("cabinet", CabinetPayment, "payme_id", _inside(), words=("state",))
backend_order: Final = Table(
    "backend_order",
    meta,
    Column("order_id", String, primary_key=True),
    Column("session_id", String, primary_key=True),
    sqlite_with_rowid=False,
)
finding: Final = Table(
    "finding",
    meta,
    Column("rank", Integer, nullable=False),
    Column("position", Integer, primary_key=True),
    *(Column(field, BigInteger() if field in WHOLE else Text()) for field in Disagreement._fields),
    Index("finding_payme_id", "payme_id"),
)
Index("ledger_session_id", ledger.c.session_id)

_performed: Final = ledger.alias("performed")
_columns: Final = {table: list(table.c)[:-1] for table in (ledger, backend, cabinet)}  # without `inside`
_WITH_CABINET: Final = (
    select(*_columns[ledger], *_columns[cabinet])
    .select_from(ledger.outerjoin(cabinet, cabinet.c.payme_id == ledger.c.payme_id))
    .where((ledger.c.inside == 1) | (cabinet.c.inside == 1))
)
_CABINET_ALONE: Final = (
    select(*_columns[cabinet])
    .select_from(cabinet.outerjoin(ledger, ledger.c.payme_id == cabinet.c.payme_id))
    .where(cabinet.c.inside == 1, ledger.c.payme_id.is_(None))
)
_WITH_BACKEND: Final = (
    select(*_columns[ledger], *_columns[backend])
    .select_from(ledger.outerjoin(backend, backend.c.session_id == ledger.c.session_id))
    .where(ledger.c.perform_time > 0, (ledger.c.inside == 1) | (backend.c.inside == 1))
)
_BACKEND_ALONE: Final = (
    select(*_columns[backend])
    .select_from(
        backend.outerjoin(
            _performed, (_performed.c.session_id == backend.c.session_id) & (_performed.c.perform_time > 0)
        )
    )
    .where(backend.c.inside == 1, _performed.c.payme_id.is_(None))
)
# What one book has and another has not, and what the other may hold under an earlier or a later day.
_UNKNOWN_TO_LEDGER: Final = (
    select(cabinet.c.payme_id)
    .select_from(cabinet.outerjoin(ledger, ledger.c.payme_id == cabinet.c.payme_id))
    .where(cabinet.c.inside == 1, ledger.c.payme_id.is_(None))
)
_SESSIONS_UNKNOWN_TO_LEDGER: Final = _BACKEND_ALONE.with_only_columns(backend.c.session_id)
_SESSIONS_UNKNOWN_TO_BACKEND: Final = (
    select(ledger.c.session_id)
    .distinct()
    .select_from(ledger.outerjoin(backend, backend.c.session_id == ledger.c.session_id))
    .where(ledger.c.perform_time > 0, ledger.c.inside == 1, backend.c.session_id.is_(None))
)
_ORDERS_PAID_TWICE: Final = (
    select(
        backend_order.c.order_id,
        func.group_concat(backend_order.c.session_id, " "),
        func.sum(backend.c.captured - backend.c.refunded),
    )
    .select_from(backend_order.join(backend, backend.c.session_id == backend_order.c.session_id))
    .where(backend.c.captured > backend.c.refunded)
    .group_by(backend_order.c.order_id)
    .having(func.count() > 1, func.max(backend.c.inside) == 1)
)
_CABINET_ORDERS_PAID_TWICE: Final = (
    select(cabinet.c.order, func.group_concat(cabinet.c.payme_id, " "), func.sum(cabinet.c.amount))
    .where(cabinet.c.order != "", cabinet.c.state == CabinetState.PAID)
    .group_by(cabinet.c.order)
    .having(func.count() > 1, func.max(cabinet.c.inside) == 1)
)


_KNOWN: Final = select(cabinet).where(cabinet.c.payme_id == bindparam("which"))
_DECIDE: Final = (
    update(cabinet)
    .where(cabinet.c.payme_id == bindparam("which"))
    .values(state=bindparam("decided"), row=bindparam("of_row"), time=bindparam("of_time"), inside=bindparam("within"))
)
_MENTIONED: Final = (
    select(finding.c.position)
    .where(finding.c.payme_id == bindparam("payme_id"), finding.c.kind.not_in(ABOUT_PAYME))
    .limit(1)
)
# A try that was cancelled, which held no money; a cabinet calls it what it calls a refund.
_EVER_PAID: Final = exists().where(ledger.c.payme_id == cabinet.c.payme_id, ledger.c.perform_time > 0)


class Desk:
    """The three books of a period, what is missing in each, and what was found."""

    def __init__(self, connection: Connection, period: Period) -> None:
        self._connection = connection
        self._period = period
        self._found = 0

    # ── what is laid on it ─────────────────────────────────────────────────────────────────────────────────

    def add_ledger(self, entries: Iterable[LedgerEntry]) -> None:
        self._add(ledger, ({**it._asdict(), "inside": int(moved_in(it, self._period))} for it in entries))

    def add_backend(self, payments: Iterable[BackendPayment]) -> None:
        payments = list(payments)
        self._add(backend, ({**it._asdict(), "inside": int(self._period.holds(it.created_time))} for it in payments))
        self._add(
            backend_order,
            ({"order_id": order, "session_id": it.session_id} for it in payments for order in it.orders),
        )

    def add_cabinet(self, payments: Iterable[CabinetPayment]) -> None:
        """Lay down rows of a statement. Of several of one payment that decides which comes last in its life.

        Raises:
            UnreadableStatement: two rows of one payment are of two amounts.
        """
        for it in payments:
            inside = it.time is None or self._period.holds(it.time)
            known = self._connection.execute(_KNOWN, {"which": it.payme_id}).first()
            if known is None:
                self._connection.execute(insert(cabinet), {**it._asdict(), "inside": int(inside)})
                continue
            if known.amount != it.amount:
                raise UnreadableStatement(f"rows {known.row} and {it.row} are of one payment and of two amounts")
            state, row = max((CabinetState(known.state), known.row), (it.state, it.row), key=lambda one: LIFE[one[0]])
            time = it.time if it.state is CabinetState.PAID else known.time  # when it was paid, as our sums go by it
            decided = {"which": it.payme_id, "decided": state.value, "of_row": row, "of_time": time}
            self._connection.execute(_DECIDE, {**decided, "within": int(known.inside or inside)})

    def _add(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        if values := list(rows):
            self._connection.execute(insert_or_update(table).prefix_with("OR REPLACE"), values)

    def add_finding(self, found: Disagreement) -> None:
        self._found += 1
        values = {**found._asdict(), "rank": RANKS[found.kind], "position": self._found}
        self._connection.execute(insert(finding), values)

    # ── what is read from it ───────────────────────────────────────────────────────────────────────────────

    def unknown_to_ledger(self) -> Iterator[list[str]]:
        """Give ids of the cabinet's payments, and then sessions of the backend's."""
        return self._keys(_UNKNOWN_TO_LEDGER, cabinet.c.payme_id, PAGE)

    def sessions_unknown_to_ledger(self) -> Iterator[list[str]]:
        return self._keys(_SESSIONS_UNKNOWN_TO_LEDGER, backend.c.session_id, PAGE)

    def sessions_unknown_to_backend(self, count: int) -> Iterator[list[str]]:
        return self._keys(_SESSIONS_UNKNOWN_TO_BACKEND, ledger.c.session_id, count)

    def with_cabinet(self) -> Iterator[tuple[LedgerEntry | None, CabinetPayment | None]]:
        width = len(LedgerEntry._fields)
        for row in self._stream(_WITH_CABINET):
            yield LedgerEntry._make(row[:width]), _cabinet(row[width:]) if row[width] else None
        for row in self._stream(_CABINET_ALONE):
            yield None, _cabinet(row)

    def with_backend(self) -> Iterator[tuple[LedgerEntry | None, BackendPayment | None]]:
        width = len(LedgerEntry._fields)
        for row in self._stream(_WITH_BACKEND):
            yield LedgerEntry._make(row[:width]), BackendPayment._make(row[width:]) if row[width] else None
        for row in self._stream(_BACKEND_ALONE):
            yield None, BackendPayment._make(row)

    def orders_paid_twice(self) -> Iterator[tuple[str, list[str], int]]:
        """Give an order, the sessions or transactions that paid it, and the sum of them."""
        return ((order, ids.split(), amount) for order, ids, amount in self._stream(_ORDERS_PAID_TWICE))

    def cabinet_orders_paid_twice(self) -> Iterator[tuple[str, list[str], int]]:
        return ((order, ids.split(), amount) for order, ids, amount in self._stream(_CABINET_ORDERS_PAID_TWICE))

    def mentioned(self, payme_id: str) -> bool:
        """Whether a disagreement about this payment and the backend is there already."""
        return self._connection.execute(_MENTIONED, {"payme_id": payme_id}).first() is not None

    def statement_span(self) -> tuple[Millis, Millis] | None:
        """Give the times of the first and the last payment of the statement, None if it has no times."""
        first, last = self._connection.execute(select(func.min(cabinet.c.time), func.max(cabinet.c.time))).one()
        return None if first is None else (first, last)

    def findings(self) -> Iterator[Disagreement]:
        """Give all, the gravest kind first."""
        chosen = select(*(finding.c[name] for name in Disagreement._fields))
        for row in self._stream(chosen.order_by(finding.c.rank, finding.c.position)):
            yield Disagreement._make((Kind(row[0]), *row[1:]))

    @property
    def found(self) -> int:
        return self._found

    def ledger_totals(self) -> Totals:
        begun, ended = self._period
        paid = (ledger.c.perform_time >= begun) & (ledger.c.perform_time < ended)
        return Totals(
            self._sum(ledger.c.amount, paid & (ledger.c.state == State.PERFORMED.value)),
            self._sum(ledger.c.amount, paid & (ledger.c.state == State.REVERSED.value)),
        )

    def backend_totals(self) -> Totals:
        inside = backend.c.inside == 1
        return Totals(
            self._sum(backend.c.captured - backend.c.refunded, inside & (backend.c.captured > backend.c.refunded)),
            self._sum(backend.c.refunded, inside & (backend.c.refunded > 0)),
        )

    def cabinet_totals(self) -> Totals:
        """Sum the statement, without tries that were cancelled before they were paid."""
        begun, ended = self._period
        inside = cabinet.c.time.is_(None) | (cabinet.c.time >= begun) & (cabinet.c.time < ended)
        return Totals(
            self._sum(cabinet.c.amount, inside & (cabinet.c.state == CabinetState.PAID)),
            self._sum(cabinet.c.amount, inside & (cabinet.c.state == CabinetState.RETURNED) & _EVER_PAID),
        )

    def _sum(self, amount: ColumnElement[int], which: ColumnElement[bool]) -> Sum:
        return Sum(
            *self._connection.execute(select(func.count(), func.coalesce(func.sum(amount), 0)).where(which)).one()
        )

    def _keys(self, statement: Select[Any], key: Column[str], count: int) -> Iterator[list[str]]:
        """Read by key, for what is laid down meanwhile changes the answer."""
        after = ""
        while keys := list(self._connection.scalars(statement.where(key > after).order_by(key).limit(count))):
            yield keys
            after = keys[-1]

    def _stream(self, statement: Select[Any]) -> Iterator[Any]:
        return iter(self._connection.execute(statement.execution_options(yield_per=PAGE)))


def _cabinet(row: Any) -> CabinetPayment:
    found = CabinetPayment._make(row)
    return found._replace(state=CabinetState(found.state))


@contextmanager
def open_desk(period: Period) -> Iterator[Desk]:
    """Open a desk in a temporary file, which SQLite removes when it is closed."""
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(""), poolclass=NullPool)
    with engine.connect() as connection:
        meta.create_all(connection)
        yield Desk(connection, period)
