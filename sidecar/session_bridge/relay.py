"""Empties the outbox at its own pace: claim, tell, settle; never a transaction open while it tells.

Messages of different sessions go side by side, so that one hanging call holds up nobody else. Any number of relays may
share one outbox: a claim is theirs until its lease runs out, and a relay that dies needs no cleaner.
"""

import asyncio
import contextlib
import random
from typing import Final

import structlog
from tenacity import RetryCallState, wait_exponential_jitter

from sidecar import outbox
from sidecar.clock import SECOND, Clock, Millis
from sidecar.database import Database
from sidecar.metrics import Metrics
from sidecar.outbox import Message
from sidecar.session_bridge.backend import Answer, Backend, Outcome

log = structlog.get_logger()

SIDE_BY_SIDE: Final = 16  # sessions told at once; a real Medusa needs half a second of CPU for each
POLL: Final = 0.5  # seconds; a move in this process wakes the relay at once
DRAIN: Final = 10.0  # seconds at shutdown
RETRY_DELAY_MAX: Final = 15 * 60
GROWING_PAUSE: Final = wait_exponential_jitter(max=RETRY_DELAY_MAX, jitter=0.5)  # 1 s, 2 s, 4 s … 15 min


class Relay:
    def __init__(self, database: Database, backend: Backend, clock: Clock, metrics: Metrics) -> None:
        self._database = database
        self._backend = backend
        self._clock = clock
        self._metrics = metrics
        self._woken = asyncio.Event()
        self._in_hand: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """There is something to tell. Cheap, and safe to call for nothing."""
        self._woken.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Deliver until told to stop, then finish what is in hand."""
        while not stopping.is_set():
            self._woken.clear()
            try:
                await self.start_due()
            except Exception:
                log.exception("relay.claim_failed")  # the database is away; its messages are not
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL * random.uniform(0.8, 1.2)):  # noqa: S311 - spreads replicas
                    await self._woken.wait()
        await self._drain()

    async def start_due(self) -> int:
        """Claim what is due, as far as hands are free, and start telling it; say how much that was."""
        free = SIDE_BY_SIDE - len(self._in_hand)
        if free == 0:
            return 0
        messages = await self._database.write(outbox.claim, self._clock(), free)
        for message in messages:
            task = asyncio.create_task(self._deliver(message))
            self._in_hand.add(task)
            task.add_done_callback(self._put_down)
        return len(messages)

    async def finish(self) -> None:
        """Wait for what is in hand, however long it takes."""
        if self._in_hand:
            await asyncio.wait(self._in_hand)

    async def _drain(self) -> None:
        """Give what is in hand a moment. What is dropped then falls due again when its lease runs out."""
        if not self._in_hand:
            return
        _, unanswered = await asyncio.wait(self._in_hand, timeout=DRAIN)
        for task in unanswered:
            task.cancel()
        await asyncio.gather(*unanswered, return_exceptions=True)

    def _put_down(self, task: asyncio.Task[None]) -> None:
        self._in_hand.discard(task)
        self.wake()  # a hand is free, and the session's next message may be due

    async def _deliver(self, message: Message) -> None:
        try:
            answer = await self._backend.tell(message)
            self._metrics.deliveries.labels(message.topic, answer.outcome).inc()
            await self._settle(message, answer)
        except Exception:
            # The lease runs out and the message is told again, under the same key.
            log.exception("relay.delivery_failed", message=message.number)

    async def _settle(self, message: Message, answer: Answer) -> None:
        facts = {
            "message": message.number,
            "topic": message.topic.value,
            "session_id": message.session_id,
            "payme_id": message.transaction_id,
            "attempts": message.attempts,
            "answer": answer.text,
        }
        match answer.outcome:
            case Outcome.DELIVERED:
                await self._database.write(outbox.close, message, answer.text)
                log.info("relay.delivered", **facts)
            case Outcome.REFUSED:
                await self._database.write(outbox.park, message, answer.text)
                log.error("relay.parked", advice="see `payme-sidecar outbox list`", **facts)
            case Outcome.UNKNOWN:
                pause = growing_pause(message.attempts)
                await self._database.write(outbox.postpone, message, answer.text, Millis(self._clock() + pause))
                log.warning("relay.postponed", pause_ms=pause, **facts)


def growing_pause(attempts: int) -> int:
    """Milliseconds to wait after so many attempts, by tenacity's wait strategy."""
    state = RetryCallState(retry_object=None, fn=None, args=(), kwargs={})  # type: ignore[arg-type]  # it reads only:
    state.attempt_number = attempts
    return round(GROWING_PAUSE(state) * SECOND)
