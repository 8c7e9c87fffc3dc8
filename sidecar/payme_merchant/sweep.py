"""Cancels transactions that nobody asks about any more, so that their orders are free (spec, section 2.4)."""

import asyncio
import contextlib
from typing import Final

import structlog

from sidecar.clock import MINUTE, Clock, Millis
from sidecar.database import Database
from sidecar.metrics import Metrics
from sidecar.payme_merchant import methods, transactions
from sidecar.payme_merchant.machine import TIMEOUT

log = structlog.get_logger()

MARGIN: Final = 5 * MINUTE  # Payme's last call may still be on its way when the twelve hours end
INTERVAL: Final = 60.0  # seconds
BATCH: Final = 100


class Sweep:
    def __init__(self, database: Database, clock: Clock, metrics: Metrics) -> None:
        self._database = database
        self._clock = clock
        self._metrics = metrics

    async def run(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            try:
                await self.sweep_once()
            except Exception:
                log.exception("sweep.failed")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(INTERVAL):
                    await stopping.wait()

    async def sweep_once(self) -> int:
        """Expire every transaction that is due, each in a transaction of its own; say how many moved."""
        moved = 0
        now = self._clock()
        while batch := await self._database.read(transactions.pending_since, Millis(now - TIMEOUT - MARGIN), BATCH):
            for payme_id in batch:
                if await self._database.write(methods.expire, payme_id, now):
                    moved += 1
                    self._metrics.expired.inc()
                    log.info("sweep.expired", payme_id=payme_id)
        return moved
