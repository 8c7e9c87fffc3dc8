"""How late the event loop is: everything in the process waits for it."""

import asyncio
from time import monotonic
from typing import Final

BEAT: Final = 0.05  # seconds


class Heartbeat:
    def __init__(self) -> None:
        self._worst = 0.0
        self._due: float | None = None

    async def run(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            self._due = monotonic() + BEAT
            await asyncio.sleep(BEAT)
            self._note()

    def worst_gap(self) -> float:
        """Seconds by which the latest beat since the last question was late."""
        self._note()
        worst, self._worst = self._worst, 0.0
        return worst

    def _note(self) -> None:
        if self._due is not None:
            self._worst = max(self._worst, monotonic() - self._due)
