"""Lays the books of a period side by side, and writes down what disagrees."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Final

from sidecar.clock import Millis
from sidecar.database import Database
from sidecar.reconcile import comparison, ledger
from sidecar.reconcile.backend_book import SESSIONS_MAX, BackendBook
from sidecar.reconcile.books import CabinetPayment, LedgerEntry
from sidecar.reconcile.comparison import Disagreement, Finding, Open
from sidecar.reconcile.desk import Desk, Totals
from sidecar.reconcile.ledger import LATER
from sidecar.reconcile.period import Period
from sidecar.reconcile.watch import Watch

LAID_AT_ONCE: Final = 500


@dataclass(frozen=True)
class Reconciliation:
    """What is compared: our ledger always, the others when they are given. Messages older than `late` are late."""

    database: Database
    period: Period
    late: Millis
    watch: Watch
    backend: BackendBook | None = None
    cabinet: Iterator[CabinetPayment] | None = None

    async def run(self, desk: Desk) -> "Outcome":
        """Compare the books.

        Raises:
            BackendAway, UnreadableStatement: they could not be compared.
        """
        outcome = Outcome()
        if self.cabinet is not None:
            self._lay_cabinet(desk, self.cabinet)
        await self._lay_ledger(desk)
        if self.backend is not None:
            await self._lay_backend(desk, self.backend)
        self._compare(desk, outcome)
        await self._add_stuck_messages(desk)
        outcome.totals["our ledger"] = desk.ledger_totals()
        if self.backend is not None:
            outcome.totals["the backend"] = desk.backend_totals()
        if self.cabinet is not None:
            outcome.totals["Payme's cabinet"] = desk.cabinet_totals()
        return outcome

    # ── the books ──────────────────────────────────────────────────────────────────────────────────────────

    def _lay_cabinet(self, desk: Desk, cabinet: Iterator[CabinetPayment]) -> None:
        def counted() -> Iterator[CabinetPayment]:
            for count, payment in enumerate(cabinet, start=1):
                if count % LAID_AT_ONCE == 0:
                    self.watch("Payme's cabinet", count)
                yield payment

        desk.add_cabinet(counted())

    async def _lay_ledger(self, desk: Desk) -> None:
        """What moved in the period, and by its id what the statement has of it under another day."""
        await self._lay_entries(desk, ledger.of_period(self.database, self.period))
        for ids in desk.unknown_to_ledger():
            desk.add_ledger(await self.database.read(ledger.by_id, ids))

    async def _lay_entries(self, desk: Desk, pages: AsyncIterator[list[LedgerEntry]]) -> None:
        count = 0
        async for page in pages:
            desk.add_ledger(page)
            count += len(page)
            self.watch("our ledger", count)

    async def _lay_backend(self, desk: Desk, backend: BackendBook) -> None:
        """What it has of the period, and by session what either book has under another day."""
        count = 0
        async for page in backend.created_in(self.period):
            desk.add_backend(page)
            count += len(page)
            self.watch("the backend", count)
        for sessions in desk.sessions_unknown_to_ledger():
            desk.add_ledger(await self.database.read(ledger.of_sessions, sessions))
        for sessions in desk.sessions_unknown_to_backend(SESSIONS_MAX):
            desk.add_backend(await backend.of_sessions(sessions))

    # ── what they say ──────────────────────────────────────────────────────────────────────────────────────

    def _compare(self, desk: Desk, outcome: "Outcome") -> None:
        for found in self._findings(desk):
            if isinstance(found, Open):
                outcome.open[found] += 1
            else:
                desk.add_finding(found)

    def _findings(self, desk: Desk) -> Iterator[Finding]:
        if self.cabinet is not None:
            span = _covered(desk, self.period)
            for entry, row in desk.with_cabinet():
                yield from comparison.at_payme(entry, row, covered=entry is not None and _inside(entry, span))
            for order, ids, amount in desk.cabinet_orders_paid_twice():
                yield comparison.paid_twice(order, ids, amount, "in the cabinet")
        if self.backend is not None:
            for entry, payment in desk.with_backend():
                yield from comparison.at_backend(entry, payment, self.late)
            for order, ids, amount in desk.orders_paid_twice():
                yield comparison.paid_twice(order, ids, amount, "at the backend")

    async def _add_stuck_messages(self, desk: Desk) -> None:
        """What is still untold of all that was promised before the period's end, unless it was named already."""
        async for page in ledger.stuck_messages(self.database, Millis(min(self.late, self.period.end))):
            for it in page:
                if not desk.mentioned(it.transaction_id):
                    desk.add_finding(_stuck(it))


@dataclass(frozen=True)
class Outcome:
    """Sums of each book, and how much could not be called a disagreement yet."""

    totals: dict[str, Totals] = field(default_factory=dict)
    open: Counter[Open] = field(default_factory=Counter)


def _covered(desk: Desk, period: Period) -> Period:
    """Say for which time the statement is surely whole: the period or more, less what two clocks may differ by."""
    first, last = desk.statement_span() or period
    return Period(Millis(min(first, period.start) + LATER), Millis(max(last, period.end) - LATER))


def _inside(entry: LedgerEntry, span: Period) -> bool:
    """Whether the statement must have it, whichever of a payment's times it goes by."""
    return span.holds(entry.time) and span.holds(entry.perform_time)


def _stuck(it: ledger.Undelivered) -> Disagreement:
    return comparison.undelivered(
        it.number, it.topic, it.session_id, it.transaction_id, it.created_time, it.state, it.last_answer
    )
