"""A period of our ledger for the accountant: one row for each transaction, by Payme's `time` as GetStatement has it."""

from typing import Final

from sidecar import days
from sidecar.clock import NEVER, Millis
from sidecar.database import Database
from sidecar.payme_merchant.machine import State
from sidecar.reconcile import ledger
from sidecar.reconcile.ledger import StatementEntry
from sidecar.reconcile.period import Period
from sidecar.reconcile.tables import Cell, Soum, Writer
from sidecar.reconcile.watch import Watch

HEADINGS: Final = (
    *("time", "payme_id", "order_id", "session_id", "amount_tiyin", "amount_soum", "state", "state_meaning"),
    *("create_time", "perform_time", "cancel_time", "reason", "number", "fiscal_sign"),
)
"""Times are Tashkent's, `2026-11-21 15:04:05`, empty where there is none; `number` is our own id for Payme."""

MEANINGS: Final = {
    State.CREATED: "created",
    State.PERFORMED: "performed",
    State.CANCELLED: "cancelled",
    State.REVERSED: "taken back",
}


async def export(database: Database, period: Period, writer: Writer, watch: Watch) -> int:
    """Write the period; give the number of transactions."""
    count = 0
    async for page in ledger.statement(database, period):
        for entry in page:
            writer.write(row(entry))
        count += len(page)
        watch("our ledger", count)
    return count


def row(entry: StatementEntry) -> list[Cell]:
    return [
        _moment(entry.time),
        entry.payme_id,
        entry.order_id,
        entry.session_id,
        entry.amount,
        Soum(entry.amount),
        entry.state,
        MEANINGS[State(entry.state)],
        _moment(entry.create_time),
        _moment(entry.perform_time),
        _moment(entry.cancel_time),
        entry.reason,
        entry.number,
        entry.fiscal_sign,
    ]


def _moment(moment: Millis) -> str:
    return "" if moment == NEVER else days.said(moment)
