"""What happened, in the order it happened: who said what to whom.

The stand-ins write it; the terminal reads along, and the confirmation page tells the shopper's part of it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Final

Clock = Callable[[], int]


class Step(StrEnum):
    SESSION_REGISTERED = "session_registered"
    SESSION_UPDATED = "session_updated"
    PAYME_CALLED = "payme_called"
    AUTHORIZE_ASKED = "authorize_asked"
    CANCEL_ASKED = "cancel_asked"
    STATUS_ASKED = "status_asked"
    ANSWERED_NO = "answered_no"
    ORDER_PLACED = "order_placed"
    ORDER_REFUNDED = "order_refunded"
    SHOPPER_RETURNED = "shopper_returned"


PARTIES: Final[dict[Step, tuple[str, str]]] = {
    Step.SESSION_REGISTERED: ("shop", "sidecar"),
    Step.SESSION_UPDATED: ("shop", "sidecar"),
    Step.PAYME_CALLED: ("Payme", "sidecar"),
    Step.AUTHORIZE_ASKED: ("sidecar", "shop"),
    Step.CANCEL_ASKED: ("sidecar", "shop"),
    Step.STATUS_ASKED: ("shop", "sidecar"),
    Step.ANSWERED_NO: ("shop", "sidecar"),
    Step.ORDER_PLACED: ("shop", ""),
    Step.ORDER_REFUNDED: ("shop", ""),
    Step.SHOPPER_RETURNED: ("callback", "shop"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    time: int
    order_id: str
    step: Step
    what: str
    outcome: str = ""
    note: str = ""


class Journal:
    def __init__(self, clock: Clock) -> None:
        self.entries: list[Entry] = []
        self.listeners: list[Callable[[Entry], None]] = []
        self.clock = clock

    def write(self, order_id: str, step: Step, what: str, outcome: str = "", note: str = "") -> None:
        entry = Entry(self.clock(), order_id, step, what, outcome, note)
        self.entries.append(entry)
        for listener in self.listeners:
            listener(entry)

    def about(self, order_id: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.order_id == order_id]

    def story(self, order_id: str) -> list[tuple[Entry, int]]:
        """One order's entries; a repeat right after its like is counted, not told again."""
        runs = [list(run) for _, run in groupby(self.about(order_id), key=likeness)]
        return [(run[0], len(run)) for run in runs]


def likeness(entry: Entry) -> tuple[str, ...]:
    return entry.step, entry.what, entry.outcome, entry.note


def system_clock() -> int:
    return time.time_ns() // 1_000_000
