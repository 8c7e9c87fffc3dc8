"""Cancels transactions that nobody asks about any more, so that their orders are free (spec, section 2.4).

It goes by the database's clock, and while ours disagrees with it, it cancels nothing: one of the two is wrong, and a
payment cancelled by mistake cannot be brought back. Any number of sweeps may run at once.
"""

import asyncio
import contextlib
from typing import Final

import structlog

from sidecar.clock import MINUTE, SECOND, Millis
from sidecar.database import Database
from sidecar.database_clock import Clocks
from sidecar.metrics import Metrics
from sidecar.payme_merchant import methods, transactions
from sidecar.payme_merchant.machine import TIMEOUT

log = structlog.get_logger()

MARGIN: Final = 5 * MINUTE  # Payme's last call may still be on its way when the twelve hours end
INTERVAL: Final = 60.0  # seconds
BATCH: Final = 100


class Sweep:
    def __init__(self, database: Database, clocks: Clocks, metrics: Metrics) -> None:
        self._database = database
        self._clocks = clocks
        self._metrics = metrics

    async def run(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            try:
                await self.sweep_once(stopping)
            except Exception:
                self._metrics.sweep_runs.labels("failed").inc()
                log.exception("sweep.failed")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(INTERVAL):
                    await stopping.wait()

    async def sweep_once(self, stopping: asyncio.Event | None = None) -> int:
        """Expire every transaction that is due, each by a statement of its own; say how many moved."""
        reading = await self._database.read(self._clocks.compare)
        if not reading.trusted:
            self._metrics.sweep_runs.labels("refused").inc()
            log.error("sweep.refused", clock_offset_ms=reading.offset, advice="set this machine's clock right")
            return 0
        moved = 0
        before = Millis(reading.now - TIMEOUT - MARGIN)
        while batch := await self._database.read(transactions.pending_since, before, BATCH):
            moved_before = moved
            for payme_id in batch:
                if stopping and stopping.is_set():
                    return moved
                moved += await self._expire(payme_id, reading.now)
            if moved == moved_before:
                break  # another sweep is at these; what it leaves is next minute's
        self._metrics.sweep_runs.labels("done").inc()
        self._metrics.swept.set(self._clocks.ours() / SECOND)
        return moved

    async def _expire(self, payme_id: str, now: Millis) -> bool:
        moved = await self._database.move(methods.expire, payme_id, now)
        if moved:
            self._metrics.expired.inc()
            log.info("sweep.expired", payme_id=payme_id)
        return moved
