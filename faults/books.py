"""What Payme was told, written down as it came: the side of the ledger that no fault can reach."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

ASK_AGAIN: Final = -32400  # "outcome unknown": no answer, for one who never gives up

# What a method's answer acknowledges, by the name it has on the wire.
MOVES: Final = {
    "CreateTransaction": "create_time",
    "PerformTransaction": "perform_time",
    "CancelTransaction": "cancel_time",
}


class State(IntEnum):
    CREATED = 1
    PERFORMED = 2
    CANCELLED = -1
    REVERSED = -2


@dataclass(frozen=True)
class Entry:
    """One answer: to which call, when it was sent and when the answer had come (seconds of one steady clock)."""

    number: int
    method: str
    params: dict[str, Any]
    begun: float
    ended: float
    status: int
    body: bytes

    @property
    def payme_id(self) -> str:
        return str(self.params.get("id", ""))

    @cached_property
    def envelope(self) -> dict[str, Any]:
        """The answer as JSON; empty when it is none."""
        try:
            document = json.loads(self.body)
        except ValueError:
            return {}
        return document if isinstance(document, dict) else {}

    @cached_property
    def result(self) -> dict[str, Any] | None:
        return self.envelope.get("result") if self.status == 200 else None  # noqa: PLR2004 - HTTP's "OK"

    @cached_property
    def code(self) -> int:
        """The code of an error, 0 for a result."""
        error = self.envelope.get("error")
        return int(error["code"]) if isinstance(error, dict) else 0

    @property
    def said(self) -> bytes:
        """The answer without the `id` that was echoed: what a repeat must say again, byte for byte."""
        return self.body.replace(b'"id":%d,' % self.number, b"", 1)

    @property
    def is_answer(self) -> bool:
        """Whether Payme would stop asking."""
        return self.result is not None or (self.code not in {0, ASK_AGAIN})


@dataclass
class Journal:
    """All answers that came, and how often none came."""

    entries: list[Entry] = field(default_factory=list)
    silences: list[str] = field(default_factory=list)
    """Why no answer came, once for each try."""
    complaints: list[str] = field(default_factory=list)
    """What a story did not expect: a refusal without a reason."""
    most_tries: int = 0
    """The most tries that one call took."""

    def acknowledged(self) -> Iterator[Entry]:
        """Every answer that is a fact: this transaction was created, performed or cancelled at this time."""
        return (entry for entry in self.entries if entry.method in MOVES and entry.result)

    def by_transaction(self) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            if entry.payme_id:
                found.setdefault(entry.payme_id, []).append(entry)
        return found

    def longest_silence(self) -> float:
        """Seconds between two acknowledgements, at most."""
        moments = sorted(entry.ended for entry in self.acknowledged())
        return max((later - sooner for sooner, later in pairwise(moments)), default=0.0)


@dataclass(frozen=True, slots=True)
class Row:
    """A transaction as the database or the statement has it."""

    payme_id: str
    order_id: str
    amount: int
    state: int
    time: int
    create_time: int
    perform_time: int
    cancel_time: int
    reason: int | None


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the outbox."""

    session_id: str
    topic: str
    transaction_id: str
    state: str
    attempts: int
    last_answer: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What a request changed at the commerce backend; a repeat under a known key changes nothing."""

    session_id: str
    topic: str
    key: str
    body: dict[str, Any]

    @property
    def payme_id(self) -> str:
        return str(self.body.get("transaction_id", ""))


@dataclass(frozen=True)
class Evidence:
    """Everything there is to compare when all is over."""

    journal: Journal
    statement: tuple[Row, ...]
    rows: tuple[Row, ...]
    messages: tuple[Message, ...]
    effects: tuple[Effect, ...]
    contradictions: tuple[str, ...] = ()
    """Requests that came to the backend under a known key with other content."""
    leaks: tuple[str, ...] = ()
    """Log files that give a secret away."""
    damage: tuple[str, ...] = ()
    """What the database's own check of its files found."""


def statement_row(row: dict[str, Any], account_field: str = "order_id") -> Row:
    return Row(
        payme_id=row["id"],
        order_id=str(row["account"][account_field]),
        **{name: row[name] for name in ("amount", "state", "time", "create_time", "perform_time", "cancel_time")},
        reason=row["reason"],
    )


def performed(rows: Iterable[Row]) -> list[Row]:
    """Give the payments whose money came, given back or not."""
    return [row for row in rows if row.perform_time]
