"""Writes the journal beside the work: a note costs its author microseconds and goes into a buffer, a task stores it.

Whoever notes something neither waits nor fails. While the database is away the buffer keeps what it can hold, the
newest of it; what is lost is counted.
"""

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import Awaitable
from dataclasses import dataclass
from time import monotonic
from typing import Final

import structlog

from sidecar import journal
from sidecar.database import Database
from sidecar.database_clock import Clocks
from sidecar.database_faults import AWAY, Fault, fault
from sidecar.days import DAY
from sidecar.journal import Attempt, Call
from sidecar.metrics import Metrics
from sidecar.seldom import Seldom

log = structlog.get_logger()

BUFFER_MAX: Final = 10_000  # notes; ten megabytes at most
BATCH: Final = 256  # notes of one transaction: SQLite has one writer, and Payme's calls want it too

LATER: Final = AWAY | {Fault.SCHEMA}  # the same may go well in a moment, or when somebody has run `migrate`


@dataclass(frozen=True)
class Pace:
    """How often things are done, in seconds."""

    write: float = 0.5
    after_failure: float = 5.0
    forget_first: tuple[float, float] = (60.0, 300.0)  # replicas that start together part here
    forget: float = 3_600.0
    breath: float = 0.05  # between two batches that are forgotten


class Scribe:
    def __init__(
        self,
        database: Database,
        clocks: Clocks,
        metrics: Metrics,
        keep_days: int,
        buffer_max: int = BUFFER_MAX,
        pace: Pace = Pace(),
    ) -> None:
        self._database = database
        self._clocks = clocks
        self._metrics = metrics
        self._age = keep_days * DAY
        self._buffer_max = buffer_max
        self._pace = pace
        self._waiting: deque[Call | Attempt] = deque()  # the oldest first
        self._complaints = Seldom()

    def note(self, it: Call | Attempt) -> None:
        """Keep it until it is written down; of too many the newest."""
        if len(self._waiting) >= self._buffer_max:
            self._waiting.popleft()
            self._metrics.journal_dropped.inc()
        self._waiting.append(it)

    async def run(self, stopping: asyncio.Event) -> None:
        """Write until told to stop; what is noted from then on is for `finish`.

        Forgetting goes beside it: after a long absence there are many old rows, and notes come meanwhile.
        """
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._write_on(stopping))
            tasks.create_task(self._forget_on(stopping))

    async def finish(self) -> None:
        """Write the rest, when everybody who notes something has come to an end."""
        await self._try(self.write())
        if self._waiting:
            log.error("journal.lost", notes=len(self._waiting))
            self._metrics.journal_dropped.inc(len(self._waiting))
            self._waiting.clear()

    async def write(self) -> int:
        """Write down what waits, and say how much that was. What the database may take later waits on."""
        written = 0
        for _ in range(0, len(self._waiting), BATCH):  # no more than waits now: the pause is for others
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            written += await self._store(batch)
        return written

    async def forget(self, stopping: asyncio.Event | None = None) -> int:
        """Delete what is older than JOURNAL_DAYS by the database's clock, a little at a time; say how much that was."""
        forgotten = 0
        for table in (journal.calls, journal.attempts):
            deleted = journal.FORGET_BATCH
            while deleted == journal.FORGET_BATCH and not (stopping and stopping.is_set()):
                now = self._clocks.told()
                deleted = await self._database.write(journal.forget, table, self._age, now)
                forgotten += deleted
                await asyncio.sleep(self._pace.breath)
        return forgotten

    async def _write_on(self, stopping: asyncio.Event) -> None:
        pause = 0.0
        while not await _stopped_within(pause, stopping):
            pause = self._pace.write if await self._try(self.write()) else self._pace.after_failure

    async def _forget_on(self, stopping: asyncio.Event) -> None:
        pause = random.uniform(*self._pace.forget_first)  # noqa: S311 - it parts replicas, and guards nothing
        while not await _stopped_within(pause, stopping):
            await self._try(self.forget(stopping))
            pause = self._pace.forget

    async def _store(self, batch: list[Call | Attempt]) -> int:
        """Write a batch; what will never do is looked for by halves and lost alone.

        One such note costs twice eight short transactions. Where nothing at all will do, it is not the notes.
        """
        stored, pieces = 0, [batch]
        while pieces:
            piece = pieces.pop()
            try:
                await self._database.write(journal.record, piece)
            except Exception as error:
                if fault(error) in LATER:
                    self._put_back([it for rest in (piece, *reversed(pieces)) for it in rest])
                    raise
                self._halve(piece, pieces, error)
                if not pieces and not stored:
                    raise
            else:
                stored += len(piece)
                self._metrics.journal_written.inc(len(piece))
        return stored

    def _halve(self, piece: list[Call | Attempt], pieces: list[list[Call | Attempt]], error: Exception) -> None:
        """Put the halves on top of the pieces, the older uppermost; what cannot be halved is lost."""
        middle = len(piece) // 2
        if middle:
            pieces += [piece[middle:], piece[:middle]]
            return
        self._metrics.journal_dropped.inc()
        left_out = self._complaints.due(f"unstorable {type(error).__name__}", monotonic())
        if left_out is not None:
            log.error("journal.unstorable", error=type(error).__name__, left_out=left_out)

    def _put_back(self, notes: list[Call | Attempt]) -> None:
        """Keep what failed for the next time, the newest of it as far as there is room."""
        kept = notes[max(0, len(notes) - (self._buffer_max - len(self._waiting))) :]
        self._waiting.extendleft(reversed(kept))
        self._metrics.journal_dropped.inc(len(notes) - len(kept))

    async def _try(self, work: Awaitable[int]) -> bool:
        try:
            await work
        except Exception as error:
            # The database is away, and others say so too: once a minute is enough.
            left_out = self._complaints.due(type(error).__name__, monotonic())
            if left_out is not None:
                log.exception("journal.postponed", waiting=len(self._waiting), left_out=left_out)
            return False
        return True


async def _stopped_within(seconds: float, stopping: asyncio.Event) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stopping.wait()
    return stopping.is_set()
