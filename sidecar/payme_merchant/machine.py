"""The life of a transaction (spec, section 2).

Rule 1: everything that decides a state is here. Rule 2: nothing here can wait, read a clock or store.

A transaction moves for two causes. Payme's calls are events. Time and the shop are not: twelve hours pass, or the
session is closed, and the transaction stands differently before anybody calls. So the table has a row for each way to
stand and a column for each event, and every cell says what then is true.
"""

from dataclasses import dataclass, replace
from enum import Enum, IntEnum, auto
from typing import Final

from sidecar.clock import HOUR, NEVER, Millis
from sidecar.payme_merchant.errors import PaymeError
from sidecar.vocabulary import Topic

TIMEOUT: Final = 12 * HOUR  # from Payme's own `time`, not from our `create_time` (spec 2.4)


class State(IntEnum):
    CREATED = 1
    PERFORMED = 2
    CANCELLED = -1
    REVERSED = -2


class Reason(IntEnum):
    """The two reasons that are ours to give. Payme may send any integer, and it is kept (spec 2.3)."""

    FAILED = 3
    TIMEOUT = 4


class Event(Enum):
    CREATE = auto()
    PERFORM = auto()
    CANCEL = auto()
    SWEEP = auto()


class Standing(Enum):
    """A state, and for a created transaction also what happened around it."""

    CREATED = auto()
    ABANDONED = auto()  # its session was closed meanwhile
    OVERDUE = auto()  # twelve hours have passed; wins over abandoned
    PERFORMED = auto()
    CANCELLED = auto()
    REVERSED = auto()


@dataclass(frozen=True)
class Lifecycle:
    """The part of a transaction that moves. Unset times are 0 and an unset reason is None, as on the wire."""

    state: State
    time: Millis
    create_time: Millis
    perform_time: Millis = NEVER
    cancel_time: Millis = NEVER
    reason: int | None = None


@dataclass(frozen=True)
class Cell:
    """Where an event leads: to a state or nowhere, and perhaps to a refusal besides."""

    to: State | None = None
    reason: Reason | None = None
    refusal: PaymeError | None = None


STAY: Final = Cell()
REFUSE: Final = Cell(refusal=PaymeError.CANNOT_PERFORM)
PERFORM: Final = Cell(State.PERFORMED)
CANCEL: Final = Cell(State.CANCELLED)
REVERSE: Final = Cell(State.REVERSED)
EXPIRE: Final = Cell(State.CANCELLED, Reason.TIMEOUT, PaymeError.CANNOT_PERFORM)
GIVE_UP: Final = Cell(State.CANCELLED, Reason.FAILED, PaymeError.CANNOT_PERFORM)

# fmt: off
TRANSITIONS: Final[dict[Standing, dict[Event, Cell]]] = {
    Standing.CREATED:   {Event.CREATE: STAY,   Event.PERFORM: PERFORM, Event.CANCEL: CANCEL,  Event.SWEEP: STAY},
    Standing.ABANDONED: {Event.CREATE: STAY,   Event.PERFORM: GIVE_UP, Event.CANCEL: CANCEL,  Event.SWEEP: STAY},
    Standing.OVERDUE:   {Event.CREATE: EXPIRE, Event.PERFORM: EXPIRE,  Event.CANCEL: CANCEL,  Event.SWEEP: EXPIRE},
    Standing.PERFORMED: {Event.CREATE: REFUSE, Event.PERFORM: STAY,    Event.CANCEL: REVERSE, Event.SWEEP: STAY},
    Standing.CANCELLED: {Event.CREATE: REFUSE, Event.PERFORM: REFUSE,  Event.CANCEL: STAY,    Event.SWEEP: STAY},
    Standing.REVERSED:  {Event.CREATE: REFUSE, Event.PERFORM: REFUSE,  Event.CANCEL: STAY,    Event.SWEEP: STAY},
}
# fmt: on

# The backend hears of a move, never of a call: a repeated call makes no move.
CONSEQUENCES: Final[dict[tuple[State, State], Topic]] = {
    (State.CREATED, State.PERFORMED): Topic.AUTHORIZE,
    (State.PERFORMED, State.REVERSED): Topic.CANCEL,
}

# What the transaction that holds an order says to another one. Only a cancelled transaction lets go of its order, and
# an overdue one is as good as cancelled.
HOLDS: Final[dict[Standing, PaymeError | None]] = {
    Standing.CREATED: PaymeError.ORDER_BUSY,
    Standing.ABANDONED: PaymeError.ORDER_BUSY,
    Standing.OVERDUE: None,
    Standing.PERFORMED: PaymeError.ORDER_NOT_PAYABLE,
    Standing.CANCELLED: None,
    Standing.REVERSED: PaymeError.ORDER_NOT_PAYABLE,
}


@dataclass(frozen=True)
class Step:
    before: Lifecycle
    after: Lifecycle
    refusal: PaymeError | None = None

    @property
    def moved(self) -> bool:
        return self.before != self.after

    @property
    def consequence(self) -> Topic | None:
        return CONSEQUENCES.get((self.before.state, self.after.state))


def advance(before: Lifecycle, event: Event, now: Millis, *, closed: bool = False, reason: int | None = None) -> Step:
    """Decide. `closed` says that the session was closed; `reason` is what Payme sent with a cancel."""
    cell = TRANSITIONS[standing(before, now, closed=closed)][event]
    if cell.to is None:
        return Step(before, before, cell.refusal)
    return Step(before, _enter(before, cell.to, now, cell.reason or reason), cell.refusal)


def standing(lifecycle: Lifecycle, now: Millis, *, closed: bool = False) -> Standing:
    if lifecycle.state is not State.CREATED:
        return Standing[lifecycle.state.name]
    if overdue(lifecycle.time, now):
        return Standing.OVERDUE
    return Standing.ABANDONED if closed else Standing.CREATED


def overdue(time: Millis, now: Millis) -> bool:
    return now - time >= TIMEOUT


def _enter(before: Lifecycle, state: State, now: Millis, reason: int | None) -> Lifecycle:
    moment = Millis(max(now, before.create_time, before.perform_time))  # a clock set back turns no story round
    if state is State.PERFORMED:
        return replace(before, state=state, perform_time=moment)
    return replace(before, state=state, cancel_time=moment, reason=reason)
