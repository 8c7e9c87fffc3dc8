"""The moments at which a crash hurts most, and how to hear that one has come.

Payme ──call──► sidecar ──write──► COMMIT ──► reply                     what Payme was told, and what is stored
                sidecar ──claim──► COMMIT ──► authorize ──► settle      what the backend was told, and what is stored
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from faults import postgres_wire
from faults.databases import BOTH, POSTGRESQL
from faults.postgres_wire import Conversation
from faults.sidecars import Sidecar
from faults.town import Wires
from faults.wire import Cut, Listener, Side, Wire, passing

A_MOVE: Final = re.compile(rb'"(Create|Perform|Cancel)Transaction"')
A_PAYMENT: Final = postgres_wire.OF_A_PAYMENT
# What comes of a message, but not its claim, which skips what others have locked.
A_SETTLEMENT: Final = re.compile(r"\A(?!.*SKIP LOCKED).*\bUPDATE\s+outbox_message\b", re.IGNORECASE | re.DOTALL)

Strike = Callable[[], None]


class Ambush:
    """Waits for the nth time that a moment comes, then kills; nothing that was said in it is passed on."""

    def __init__(self, victim: Sidecar) -> None:
        self._victim = victim
        self._left: int | None = None

    def arm(self, nth: int) -> None:
        self._left = nth

    def __call__(self) -> None:
        if self._left is None:
            return
        self._left -= 1
        if self._left == 0:
            self._left = None
            self._victim.strike()
            raise Cut


@dataclass(frozen=True)
class Moment:
    name: str
    wire: Callable[[Wires], Wire | None]
    listener: Callable[[Strike], Listener]
    databases: tuple[str, ...] = BOTH

    @contextmanager
    def watched(self, wires: Wires, strike: Strike) -> Iterator[None]:
        """Hear every new connection for as long as the block lasts."""
        wire = self.wire(wires)
        assert wire, f"{self.name} cannot be heard here"  # noqa: S101 - the catalogue names no such pair
        wire.listen = lambda: self.listener(strike)
        wire.reset()
        try:
            yield
        finally:
            wire.listen = lambda: passing


def at_reply(strike: Strike) -> Listener:
    """A move of Payme's was decided, and its answer is about to go out."""
    asked = b""

    def listener(speaker: Side, said: bytes) -> bytes:
        nonlocal asked
        if speaker is Side.CALLER:
            asked = said
        elif A_MOVE.search(asked):
            strike()
        return said

    return listener


def at_first_word_of(side: Side) -> Callable[[Strike], Listener]:
    def listening(strike: Strike) -> Listener:
        def listener(speaker: Side, said: bytes) -> bytes:
            if speaker is side:
                strike()
            return said

        return listener

    return listening


def at_write(moment: postgres_wire.Moment, matter: re.Pattern[str]) -> Callable[[Strike], Listener]:
    def listening(strike: Strike) -> Listener:
        def act(now: postgres_wire.Moment) -> None:
            if now is moment:
                strike()

        return Conversation(act, matter)

    return listening


ON_POSTGRESQL: Final = (POSTGRESQL,)
SENDING, STORED = postgres_wire.Moment.SENDING, postgres_wire.Moment.STORED

MOMENTS: Final = (
    Moment("before the commit", lambda it: it.database, at_write(SENDING, A_PAYMENT), ON_POSTGRESQL),
    Moment("after the commit", lambda it: it.database, at_write(STORED, A_PAYMENT), ON_POSTGRESQL),
    Moment("between commit and reply", lambda it: it.front, at_reply),
    Moment("between claim and send", lambda it: it.back, at_first_word_of(Side.CALLER)),
    Moment("between send and settle", lambda it: it.back, at_first_word_of(Side.CALLED)),
    Moment("before the settlement", lambda it: it.database, at_write(SENDING, A_SETTLEMENT), ON_POSTGRESQL),
    Moment("after the settlement", lambda it: it.database, at_write(STORED, A_SETTLEMENT), ON_POSTGRESQL),
)
