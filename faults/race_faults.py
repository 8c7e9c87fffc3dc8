"""Payme at its worst: the same call to everybody at once, many calls at the same time, calls out of order or late."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Final

from faults.books import Entry, State
from faults.databases import POSTGRESQL
from faults.fault import Fault
from faults.lives import GIVEN_UP, REFUND
from faults.payme import milliseconds
from faults.town import Town

CROWD: Final = 20
BUSY: Final = -31051
CANNOT: Final = -31008
NOT_FOUND: Final = -31003
TIMEOUT: Final = 12 * 3_600_000  # milliseconds
MINUTE: Final = 60_000
ALMOST: Final = 1_500  # milliseconds that are left of the twelve hours
SIDE_BY_SIDE: Final = 8
EARLY: Final = frozenset({0, CANNOT, NOT_FOUND, BUSY})  # what a call out of order may be answered


async def ask_everybody(town: Town, times: int) -> int:
    town.payme.to_all = True
    begun = len(town.journal.entries)
    await town.payments(times)
    return (len(town.journal.entries) - begun) // len(town.sidecars)


async def race(town: Town, times: int) -> int:
    for number in range(times):
        for contest in CONTESTS:
            await contest(town, f"{contest.__name__}-{number}")
    return times * len(CONTESTS)


async def the_same_life(town: Town, name: str) -> None:
    """Everybody is first: twenty at once of each call of one payment."""
    session, amount = await _order(town, name)
    created = await _crowd([_create(town, name, session, amount)] * CROWD)
    performed = await _crowd([_calling(town, "PerformTransaction", id=name)] * CROWD)
    cancelled = await _crowd([_calling(town, "CancelTransaction", id=name, reason=REFUND)] * CROWD)
    for answers in (created, performed, cancelled):
        if codes := {it.code for it in answers} - {0}:
            town.complain(f"some of {CROWD} equal calls about {name} were refused with {codes}")


async def performed_and_cancelled(town: Town, name: str) -> None:
    session, amount = await _order(town, name)
    await town.payme.call("CreateTransaction", **_creation(name, session, amount))
    perform = _calling(town, "PerformTransaction", id=name)
    cancel = _calling(town, "CancelTransaction", id=name, reason=GIVEN_UP)
    calls = [perform, cancel] * (CROWD // 2)
    town.dice.shuffle(calls)
    await _crowd(calls)
    last = await town.payme.call("CheckTransaction", id=name)
    if (last.result or {}).get("state") not in {State.CANCELLED, State.REVERSED}:
        town.complain(f"{name} was cancelled and is {last.result}")


async def twenty_for_one_order(town: Town, name: str) -> None:
    session, amount = await _order(town, name)
    answers = await _crowd([_create(town, f"{name}-{n}", session, amount) for n in range(CROWD)])
    codes = Counter(it.code for it in answers)
    if codes != {0: 1, BUSY: CROWD - 1}:
        town.complain(f"{CROWD} transactions for one order were answered {dict(codes)}")
    winner = next((it for it in answers if it.result), None)
    if winner:
        await town.payme.call("PerformTransaction", id=winner.payme_id)


CONTESTS: Final = (the_same_life, performed_and_cancelled, twenty_for_one_order)


async def forget_and_repeat(town: Town, times: int) -> int:
    """Play payments side by side, each by a Payme that has lost its notes."""
    names = (f"restless-{number}" for number in range(times))
    while batch := list(itertools.islice(names, SIDE_BY_SIDE)):
        await asyncio.gather(*(town.dice.choice(RESTLESS)(town, name) for name in batch))
    return times


async def out_of_order(town: Town, name: str) -> None:
    """Each call one to five times, in any order, some of them at once; also after the payment was cancelled."""
    session, amount = await _order(town, name)
    create = _create(town, name, session, amount)
    calls = [
        create,
        _calling(town, "PerformTransaction", id=name),
        _calling(town, "CheckTransaction", id=name),
        _calling(town, "CheckPerformTransaction", amount=amount, account={"order_id": session}),
    ]
    if town.dice.random() < 0.5:  # noqa: PLR2004 - every second payment is taken back
        calls.append(_calling(town, "CancelTransaction", id=name, reason=REFUND))
    deck = [call for call in calls for _ in range(town.dice.randint(1, 5))]
    town.dice.shuffle(deck)
    while deck:
        hand = [deck.pop() for _ in range(min(len(deck), town.dice.randint(1, 4)))]
        for answer in await _crowd(hand):
            if answer.code not in EARLY | {-31052}:
                town.complain(f"{answer.method} of {name}, out of order, was answered {answer.code}")
    await create()


async def created_too_late(town: Town, name: str) -> None:
    """A call that took twelve hours and a minute to arrive stores nothing; one of 11:59 does."""
    session, amount = await _order(town, name)
    for late, code in ((TIMEOUT + MINUTE, CANNOT), (TIMEOUT - MINUTE, 0)):
        id_ = f"{name}-{code}"
        answer = await town.payme.call("CreateTransaction", **_creation(id_, session, amount, late))
        if answer.code != code:
            town.complain(f"a Create {late / MINUTE:.0f} minutes late was answered {answer.code}")
        found = await town.payme.call("CheckTransaction", id=id_)
        if found.code != (NOT_FOUND if code else 0):
            town.complain(f"after a Create {late / MINUTE:.0f} minutes late, Check says {found.body!r}")


async def performed_too_late(town: Town, name: str) -> None:
    """The twelve hours end between Create and Perform: no repeat brings the payment back."""
    session, amount = await _order(town, name)
    created = await town.payme.call("CreateTransaction", **_creation(name, session, amount, TIMEOUT - ALMOST))
    if created.code == CANNOT:
        return  # on a slow day the twelve hours end before it arrives
    await asyncio.sleep((ALMOST + 100) / 1000)
    answers = await _crowd([_calling(town, "PerformTransaction", id=name)] * 3)
    last = await town.payme.call("CheckTransaction", id=name)
    stood = (last.result or {}).get("state"), (last.result or {}).get("reason")
    if {it.code for it in answers} != {CANNOT} or stood != (State.CANCELLED, 4):
        town.complain(f"{name} was performed too late, answered {[it.code for it in answers]}, and is {stood}")


RESTLESS: Final = (out_of_order, out_of_order, out_of_order, created_too_late, performed_too_late)

Call = Callable[[], Awaitable[Entry]]


async def _order(town: Town, name: str) -> tuple[str, int]:
    session, amount = f"ses-{name}", town.dice.randrange(100_000, 100_000_000)
    await town.shop.register(session, amount)
    return session, amount


async def _crowd(calls: list[Call]) -> list[Entry]:
    """All at once."""
    return list(await asyncio.gather(*(call() for call in calls)))


def _calling(town: Town, method: str, **params: Any) -> Call:
    return lambda: town.payme.call(method, **params)


def _create(town: Town, payme_id: str, session: str, amount: int) -> Call:
    return _calling(town, "CreateTransaction", **_creation(payme_id, session, amount))


def _creation(payme_id: str, session: str, amount: int, late: int = 0) -> dict[str, Any]:
    return {"id": payme_id, "time": milliseconds() - late, "amount": amount, "account": {"order_id": session}}


FAULTS: Final = (
    Fault(
        "same-calls-to-two",
        "Two sidecars on one database get every call at the same time.",
        "F25, F26",
        ask_everybody,
        times=20_000,
        quick_times=200,
        minutes=2,
        replicas=2,
    ),
    Fault(
        "same-calls-to-four",
        "Four sidecars on one PostgreSQL get every call at the same time.",
        "F25",
        ask_everybody,
        times=20_000,
        quick_times=200,
        minutes=2,
        databases=(POSTGRESQL,),
        replicas=4,
    ),
    Fault(
        "raced",
        "Twenty equal calls at once, Perform against Cancel, twenty transactions for one order.",
        "F28",
        race,
        times=200,
        quick_times=3,
        minutes=3,
        buyers=0,
    ),
    Fault(
        "raced-on-two",
        "The same races between two sidecars on one database.",
        "F28, F25",
        race,
        times=200,
        quick_times=3,
        minutes=3,
        buyers=0,
        replicas=2,
    ),
    Fault(
        "restless-payme",
        "Payme sends each call one to five times, out of order, at once, hours late and after a cancel.",
        "F29",
        forget_and_repeat,
        times=1_000,
        quick_times=16,
        minutes=3,
        buyers=2,
    ),
)
