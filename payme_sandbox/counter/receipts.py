"""Payme's receipt: one attempt of one buyer, and what Payme believes has become of it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple

from payme_sandbox.calls import Call
from payme_sandbox.link import Link
from payme_sandbox.protocol import Method, Reason, State


class Standing(StrEnum):
    """What Payme believes."""

    NEW = "new"
    REFUSED = "refused"
    CREATING = "creating"
    DEBITING = "debiting"
    QUEUED = "queued"
    PAID = "paid"
    RETURNED = "returned"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class Belief(NamedTuple):
    """The number that Payme's documentation has for it, and where the merchant's transaction may be meanwhile."""

    number: int
    there: frozenset[State]


BELIEFS: Final[dict[Standing, Belief]] = {
    Standing.NEW: Belief(0, frozenset({State.UNKNOWN})),
    Standing.REFUSED: Belief(50, frozenset({State.UNKNOWN, State.CANCELLED})),
    Standing.CREATING: Belief(1, frozenset({State.UNKNOWN, State.CREATED})),
    Standing.DEBITING: Belief(2, frozenset({State.CREATED})),
    Standing.QUEUED: Belief(30, frozenset({State.CREATED, State.PERFORMED})),
    Standing.PAID: Belief(4, frozenset({State.PERFORMED})),
    Standing.RETURNED: Belief(50, frozenset({State.CANCELLED})),
    Standing.CANCELLING: Belief(21, frozenset(State) - {State.UNKNOWN}),
    Standing.CANCELLED: Belief(50, frozenset({State.CANCELLED})),
    Standing.REFUNDED: Belief(50, frozenset({State.REVERSED})),
}
# Payme has these in a queue and asks again by itself; here a button does.
WAITING: Final = frozenset({Standing.CREATING, Standing.DEBITING, Standing.QUEUED, Standing.CANCELLING})


@dataclass
class Receipt:
    """Times are Payme's own clock, 0 while unset."""

    id: str
    time: int
    """When Payme says that it was made: what the merchant is told, and what the 12 hours count from."""
    link: Link
    opened: int
    """When it really was made."""
    standing: Standing = Standing.NEW
    paid_time: int = 0
    cancel_time: int = 0
    reason: Reason | None = None
    asked: set[Method] = field(default_factory=set)
    """What Payme has asked of the merchant so far, answered or not."""
    told: dict[str, Any] = field(default_factory=dict)
    """What the merchant's answers have said of the transaction: its number there, and its times there."""
    stopped_by: Call | None = None
    """The answer that Payme could not go on from."""

    @property
    def waits(self) -> bool:
        return self.standing in WAITING

    @property
    def number(self) -> int:
        return BELIEFS[self.standing].number
