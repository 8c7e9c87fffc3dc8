"""What is said on a wire to PostgreSQL, heard well enough to know when a write is on its way and when it is stored.

sidecar:     Bind(UPDATE payme_transaction …) ──► Query(COMMIT) ──►┊            a cut here: it never happened
PostgreSQL:                                                        └► stored ──► COMMIT ──►┊  here: it did
"""

import re
from collections.abc import Callable, Iterator
from enum import Enum, auto
from typing import Final, NamedTuple

from faults.wire import Cut, Listener, Side

OF_A_PAYMENT: Final = re.compile(r"\b(?:UPDATE|INSERT\s+INTO)\s+payme_transaction\b", re.IGNORECASE)


class Word(NamedTuple):
    """One message of the protocol: its kind, one byte, and what it holds."""

    kind: bytes
    held: bytes

    def text(self, number: int = 0) -> str:
        """Give one of the strings it begins with; each ends with a zero."""
        return self.held.split(b"\0")[number].decode("utf-8", "replace")


class Words:
    """Cuts what one side says into words, wherever the network has cut it."""

    def __init__(self, *, hello: bool) -> None:
        self._rest = b""
        self._hello = hello  # the caller's first word has no kind

    def hear(self, said: bytes) -> Iterator[Word]:
        self._rest += said
        while word := self._next():
            yield word

    def _next(self) -> Word | None:
        head = 0 if self._hello else 1
        length = int.from_bytes(self._rest[head : head + 4])
        end = head + length
        if length == 0 or len(self._rest) < max(end, head + 4):
            return None
        word = Word(self._rest[:head], self._rest[head + 4 : end])
        self._rest, self._hello = self._rest[end:], False
        return word


class Moment(Enum):
    """Where in the life of a write about a payment we are."""

    SENDING = auto()  # what makes it final was said and not passed on yet
    STORED = auto()  # PostgreSQL has it and says so; that is not passed on yet


class Conversation:
    """One connection. `act` is called at every moment of every write about a payment, and may raise `Cut`."""

    def __init__(self, act: Callable[[Moment], None], matter: re.Pattern[str] = OF_A_PAYMENT) -> None:
        self._act = act
        self._matter = matter
        self._words = {Side.CALLER: Words(hello=True), Side.CALLED: Words(hello=False)}
        self._statements: dict[str, str] = {}
        self._in_transaction = False
        self._writes = False
        self._failed = False

    def __call__(self, speaker: Side, said: bytes) -> bytes:
        hear = self._asked if speaker is Side.CALLER else self._answered
        for word in self._words[speaker].hear(said):
            hear(word)
        return said

    def _asked(self, word: Word) -> None:
        match word.kind:
            case b"P":
                self._statements[word.text()] = word.text(1)
            case b"B":
                self._about_to(self._statements.get(word.text(1), ""))
            case b"Q":
                self._about_to(word.text())

    def _about_to(self, statement: str) -> None:
        final = statement.lstrip().upper().startswith("COMMIT")
        self._writes = self._writes or bool(self._matter.search(statement))
        if self._writes and (final or not self._in_transaction):
            self._act(Moment.SENDING)

    def _answered(self, word: Word) -> None:
        match word.kind:
            case b"E":
                self._failed = True
            case b"C" if word.text() == "ROLLBACK":
                self._failed = True
            case b"Z":
                self._in_transaction = word.held != b"I"
                if not self._in_transaction:
                    stored, self._writes, self._failed = self._writes and not self._failed, False, False
                    if stored:
                        self._act(Moment.STORED)


class Losses:
    """Loses one write of a payment in so many: by turns before it was sent and after it was stored."""

    def __init__(self, one_in: int) -> None:
        self.one_in = one_in
        self.lost: dict[Moment, int] = dict.fromkeys(Moment, 0)
        self._seen: dict[Moment, int] = dict.fromkeys(Moment, 0)

    def listener(self) -> Listener:
        return Conversation(self.at)

    def at(self, moment: Moment) -> None:
        self._seen[moment] += 1
        if self.one_in and self._seen[moment] % self.one_in == 0:
            self.lost[moment] += 1
            raise Cut
