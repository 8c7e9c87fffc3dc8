"""Empties the outbox at its own pace: claim, tell, settle; never a transaction open while it tells.

Messages of different sessions go side by side, so that one hanging call holds up nobody else. Any number of relays may
share one outbox: a claim is theirs until its lease runs out, and a relay that dies needs no cleaner.

A turn is one transaction: what was told since the last one is settled, and what is due is claimed. Under load a turn
settles and claims many at once.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Final, NamedTuple

import structlog
from tenacity import RetryCallState, wait_exponential_jitter

from sidecar import outbox
from sidecar.clock import SECOND, Millis
from sidecar.database import Connection, Database
from sidecar.database_clock import Clocks
from sidecar.database_faults import AWAY, fault
from sidecar.journal import Attempt
from sidecar.metrics import Metrics
from sidecar.outbox import Message, MessageState, Settlement
from sidecar.seldom import Seldom
from sidecar.session_bridge.backend import Answer, Backend, Outcome

log = structlog.get_logger()

SIDE_BY_SIDE: Final = outbox.CLAIM_MAX  # sessions told at once; a real Medusa needs half a second of CPU for each
POLL: Final = 0.5  # seconds; a move in this process wakes the relay at once
BREATH: Final = 0.01  # seconds between two turns: what ends or falls due meanwhile shares the next one
DRAIN: Final = 10.0  # seconds at shutdown
RETRY_DELAY_MAX: Final = 15 * 60
GROWING_PAUSE: Final = wait_exponential_jitter(max=RETRY_DELAY_MAX, jitter=0.5)  # 1 s, 2 s, 4 s … 15 min


class Consequence(NamedTuple):
    """What an outcome means for the message, and how loudly it is said."""

    state: MessageState
    level: int
    event: str
    advice: str | None = None


CONSEQUENCES: Final = {
    Outcome.DELIVERED: Consequence(MessageState.DELIVERED, logging.INFO, "relay.delivered"),
    Outcome.UNKNOWN: Consequence(MessageState.WAITING, logging.WARNING, "relay.postponed"),
    Outcome.DENIED: Consequence(
        MessageState.WAITING, logging.ERROR, "relay.denied", "the backend refuses COMMERCE_BACKEND_KEY"
    ),
    Outcome.REFUSED: Consequence(MessageState.PARKED, logging.ERROR, "relay.parked", "see `payme-sidecar outbox list`"),
}


class Told(NamedTuple):
    settlement: Settlement
    outcome: Outcome


class Relay:
    def __init__(
        self,
        database: Database,
        backend: Backend,
        clocks: Clocks,
        metrics: Metrics,
        note: Callable[[Attempt], None],
    ) -> None:
        """`note` is called after each attempt to tell the backend."""
        self._database = database
        self._backend = backend
        self._clocks = clocks
        self._metrics = metrics
        self._note_attempt = note
        self._woken = asyncio.Event()
        self._in_hand: set[asyncio.Task[None]] = set()
        self._told: list[Told] = []
        self._complaints = Seldom()

    def wake(self) -> None:
        """There is something to do. Cheap, and safe to call for nothing: what comes during a turn is the next one's."""
        self._woken.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Deliver until told to stop, then finish what is in hand."""
        while not stopping.is_set():
            self._woken.clear()
            await self._try_turn()
            await asyncio.sleep(BREATH)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL * random.uniform(0.8, 1.2)):  # noqa: S311 - spreads replicas
                    await self._woken.wait()
        await self._drain()

    async def start_due(self, hands: int = SIDE_BY_SIDE) -> int:
        """Take a turn: settle what was told, claim what is due as far as hands are free, start telling it.

        Say how much that was.
        """
        told, self._told = self._told, []
        free = max(0, hands - len(self._in_hand))
        if not told and not free:
            return 0
        run = self._database.write if told else self._database.move  # a claim alone is one statement
        try:
            settled, messages = await run(take_turn, [it.settlement for it in told], self._clocks.told(), free)
        except Exception as error:
            if fault(error) in AWAY:
                self._told[:0] = told  # for the next turn; what fails for another cause would fail again
            raise
        for it in told:
            self._note(it, in_time=it.settlement.message.number in settled)
        for message in messages:
            task = asyncio.create_task(self._tell(message))
            self._in_hand.add(task)
            task.add_done_callback(self._put_down)
        if free:
            self._metrics.relay_claimed.set(self._clocks.ours() / SECOND)
        return len(messages)

    async def finish(self) -> None:
        """Wait for what is in hand, however long it takes."""
        if self._in_hand:
            await asyncio.wait(self._in_hand)

    async def _try_turn(self, hands: int = SIDE_BY_SIDE) -> None:
        """Take a turn. What one leaves unsettled is told again when its lease runs out, under its key."""
        try:
            await self.start_due(hands)
        except Exception as error:
            # The database is away; its messages are not. Twice a second would be too often to say so.
            left_out = self._complaints.due(type(error).__name__, monotonic())
            if left_out is not None:
                log.exception("relay.turn_failed", left_out=left_out)

    async def _drain(self) -> None:
        """Give what is in hand a moment. What is dropped then falls due again when its lease runs out."""
        if self._in_hand:
            _, unanswered = await asyncio.wait(self._in_hand, timeout=DRAIN)
            for task in unanswered:
                task.cancel()
            await asyncio.gather(*unanswered, return_exceptions=True)
        await self._try_turn(hands=0)

    def _put_down(self, task: asyncio.Task[None]) -> None:
        self._in_hand.discard(task)
        self.wake()  # there is something to settle, a hand is free, and the session's next message may be due

    async def _tell(self, message: Message) -> None:
        started, time = monotonic(), self._clocks.ours()
        try:
            answer = await self._backend.tell(message)
        except Exception:
            # The lease runs out and the message is told again, under the same key.
            log.exception("relay.delivery_failed", message=message.number)
            return
        self._metrics.deliveries.labels(message.topic, answer.outcome).inc()
        elapsed = monotonic() - started
        self._metrics.delivery_seconds.labels(message.topic).observe(elapsed)
        state = CONSEQUENCES[answer.outcome].state
        pause = pause_after(message.attempts, answer) if state is MessageState.WAITING else 0
        self._told.append(Told(Settlement(message, state, answer.text, pause), answer.outcome))
        attempt = (time, message.number, message.attempts, answer.outcome.value, answer.text, int(elapsed * 1e6))
        self._note_attempt(Attempt._make(attempt))

    def _note(self, told: Told, *, in_time: bool) -> None:
        message, state, answer, pause = told.settlement
        facts: dict[str, object] = {
            "message": message.number,
            "topic": message.topic.value,
            "session_id": message.session_id,
            "payme_id": message.transaction_id,
            "attempts": message.attempts,
            "answer": answer,
        }
        if not in_time:
            # Settled before: by who took it over when our lease had run out, or by us, and the answer was lost.
            log.warning("relay.too_late", **facts)
            return
        consequence = CONSEQUENCES[told.outcome]
        if consequence.advice:
            facts["advice"] = consequence.advice
        if state is MessageState.DELIVERED:
            facts["waited_ms"] = waited = max(0, self._clocks.ours() - message.created_time)
            self._metrics.delivered_after.labels(message.topic).observe(waited / SECOND)
        if state is MessageState.WAITING:
            facts["pause_ms"] = pause
        log.log(consequence.level, consequence.event, **facts)


def take_turn(
    connection: Connection, settlements: Sequence[Settlement], now: Millis | None, free: int
) -> tuple[set[int], list[Message]]:
    """Settle, then claim: what one message's end sets free may be claimed in the same moment."""
    settled = outbox.settle(connection, settlements, now)
    return settled, outbox.claim(connection, now, free) if free else []


def pause_after(attempts: int, answer: Answer) -> int:
    """Milliseconds until the next attempt: ours, or longer if the backend asked for it, never over our longest."""
    return max(growing_pause(attempts), min(answer.retry_after, RETRY_DELAY_MAX * SECOND))


def growing_pause(attempts: int) -> int:
    """Milliseconds to wait after so many attempts, by tenacity's wait strategy."""
    state = RetryCallState(retry_object=None, fn=None, args=(), kwargs={})  # type: ignore[arg-type]  # it reads only:
    state.attempt_number = attempts
    return round(GROWING_PAUSE(state) * SECOND)
