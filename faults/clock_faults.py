"""The sidecar's clock jumps, forward, back, and to 1970, while people buy."""

import asyncio
import time
from collections import Counter
from typing import Final

from faults import databases
from faults.database_faults import a_created_payment
from faults.databases import POSTGRESQL, WAITING
from faults.fault import Fault
from faults.payme import milliseconds
from faults.town import Town
from faults.with_a_clock import set_ahead

HOUR: Final = 3_600_000
JUMPS: Final = {"+13 h": 13 * HOUR, "−1 h": -HOUR, "1970": None}
SHOPPERS: Final = 4
PENDING: Final = 5  # payments that are at Payme when the clock jumps
ROUND: Final = 3.0  # seconds of shopping under each clock
SHORT_ROUND: Final = 0.5
CANNOT_PERFORM: Final = -31008


async def jump(town: Town, times: int) -> int:
    """Jump while the sidecar runs, and start it under the wrong clock besides: its sweep begins with its start."""
    clock = town.folder / "clock"
    set_ahead(clock, 0)
    town.sidecar.program = ("faults.with_a_clock", str(clock), *town.sidecar.program)
    await start_anew(town)
    for name, ahead in JUMPS.items():
        new, pending = Counter[str](), Counter[str]()
        for _ in range(times):
            ids = [await a_created_payment(town) for _ in range(PENDING)]
            set_ahead(clock, -milliseconds() if ahead is None else ahead)
            new += await shop(town)
            await start_anew(town)
            new += await shop(town)
            await delivered(town, name)
            set_ahead(clock, 0)
            pending += Counter([await perform(town, id_) for id_ in ids])
        town.note(f"{name}: new payments {said(new)}; those that were pending at the jump {said(pending)}")
        # SQLite has the clock of its machine and can ask no other.
        if town.database.kind == POSTGRESQL and set(pending) != {"paid"}:
            town.complain(f"{name}: payments that were pending at the jump ended {said(pending)}")
    return times * len(JUMPS)


def said(outcomes: Counter[str]) -> str:
    return ", ".join(f"{number} {outcome}" for outcome, number in outcomes.items())


async def start_anew(town: Town) -> None:
    await town.sidecar.end()
    await town.sidecar.start()


async def shop(town: Town) -> Counter[str]:
    """Some people buy for a while; what came of it."""
    over = time.monotonic() + (SHORT_ROUND if town.hurried else ROUND)

    async def buy() -> Counter[str]:
        outcomes: Counter[str] = Counter()
        while time.monotonic() < over:
            outcomes[await pay(town)] += 1
        return outcomes

    return sum(await asyncio.gather(*(buy() for _ in range(SHOPPERS))), Counter())


async def pay(town: Town) -> str:
    """Buy, as far as the twelve hours of a wrong clock allow."""
    session, amount = await town.buyers.order()
    created = await town.payme.call(
        "CreateTransaction", id=f"tx-{session}", time=milliseconds(), amount=amount, account={"order_id": session}
    )
    if created.result is None:
        return outcome(town, "not created", created.code)
    return await perform(town, f"tx-{session}")


async def perform(town: Town, id_: str) -> str:
    performed = await town.payme.call("PerformTransaction", id=id_)
    return "paid" if performed.result else outcome(town, "not performed", performed.code)


def outcome(town: Town, what: str, code: int) -> str:
    """Only one refusal is to be expected: too late, by a wrong clock."""
    if code != CANNOT_PERFORM:
        town.complain(f"{what}: {code}")
    return what


async def delivered(town: Town, name: str) -> None:
    """Whatever the time, who has paid gets what was bought."""
    for _ in range(200):
        if not await asyncio.to_thread(databases.count, town.database, WAITING):
            return
        await asyncio.sleep(0.1)
    town.complain(f"{name}: messages wait for the clock to be right again")


FAULTS: Final = (
    Fault(
        "jumping-clock",
        "The sidecar's clock jumps 13 hours forward, an hour back, to 1970, and right again; under each clock it is "
        "started anew.",
        "F24",
        jump,
        times=5,
        quick_times=1,
        minutes=2,
        buyers=0,
    ),
)
