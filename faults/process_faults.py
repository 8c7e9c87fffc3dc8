"""Processes that end or stand still when they should not: killed at random, killed at the worst moment, told to end."""

from collections.abc import Iterable
from typing import Final

from faults.backend import Mode
from faults.databases import POSTGRESQL
from faults.fault import Fault
from faults.moments import MOMENTS, Ambush
from faults.town import Town

BREATH: Final = (0.05, 0.6)  # seconds of load between two kills
SOON: Final = 8  # a moment is waited for so many times at most
ONE_RETRY: Final = 2  # tries
NAP: Final = 60.0  # seconds that a process stands still: longer than a lease
SHORT_NAP: Final = 2.0


async def kill_the_sidecar(town: Town, times: int) -> int:
    for _ in range(times):
        await town.pause(*BREATH)
        await town.sidecar.kill()
        await town.sidecar.start()
    await town.payments(1)
    return times


async def kill_one_of_many(town: Town, times: int) -> int:
    for _ in range(times):
        await town.pause(*BREATH)
        victim = town.dice.choice(town.sidecars)
        await victim.kill()
        await victim.start()
    return times


async def kill_at_every_moment(town: Town, times: int) -> int:
    moments = [it for it in MOMENTS if town.database.kind in it.databases]
    ambush = Ambush(town.sidecar)
    for moment in moments:
        with moment.watched(town.wires[0], ambush):
            for _ in range(times):
                ambush.arm(town.dice.randint(1, SOON))
                await town.until(lambda: not town.sidecar.runs, f"a crash {moment.name}")
                await town.sidecar.kill()  # if it did not come to it
                await town.sidecar.start()
    return times * len(moments)


async def kill_the_backend(town: Town, times: int) -> int:
    for _ in range(times):
        await town.payments(10)
        await town.backend.kill()
        await town.payments(20)  # Payme does not notice
        await town.backend.start()
    return times


async def deploy(town: Town, times: int) -> int:
    """Tell one after the other to end, and start its successor, as a rolling deploy does."""
    codes = []
    for number in range(times):
        await town.pause(*BREATH)
        sidecar = town.sidecars[number % len(town.sidecars)]
        codes.append(await sidecar.end())
        await sidecar.start()
    for code in nonzero(codes):
        town.complain(f"a sidecar that was told to end ended with {code}")
    if town.journal.most_tries > ONE_RETRY:
        town.complain(f"a call took {town.journal.most_tries} tries, where one retry should do")
    return times


async def stand_still(town: Town, times: int) -> int:
    """Stop one of two with messages in its hands, for longer than its lease; then let it go on as if nothing were."""
    for _ in range(times):
        sleeper = town.dice.choice(town.sidecars)
        town.backend.mode = Mode.SLOW
        await town.payments(30)
        sleeper.pause()
        town.backend.mode = Mode.HEALTHY
        await town.pause(*(2 * [SHORT_NAP if town.hurried else NAP]))
        if town.hurried:
            await town.hurry()  # its leases are over, and the other one takes what it held
            await town.payments(30)
        sleeper.resume()
        await town.payments(30)
    if len(town.backend.asked) == len(town.backend.effects):
        town.complain("no message was told twice: whoever stood still had nothing in its hands")
    return times


def nonzero(codes: Iterable[int]) -> list[int]:
    return [code for code in codes if code]


FAULTS: Final = (
    Fault(
        "killed-sidecar",
        "The sidecar is killed with `kill -9`, again and again, and started again.",
        "F1",
        kill_the_sidecar,
        times=200,
        quick_times=2,
        minutes=6,
    ),
    Fault(
        "killed-replica",
        "One of two sidecars on one database is killed with `kill -9` and started again.",
        "F1, F25, F26",
        kill_one_of_many,
        times=100,
        quick_times=2,
        minutes=4,
        replicas=2,
    ),
    Fault(
        "killed-between",
        "The sidecar is killed at the exact moments before and after a commit, between commit and reply, between claim "
        "and send, between send and settlement, before and after a settlement.",
        "F2",
        kill_at_every_moment,
        times=20,
        quick_times=1,
        minutes=5,
        wired=True,
    ),
    Fault(
        "killed-backend",
        "The commerce backend is killed with requests in its hands and comes back.",
        "F4, F8",
        kill_the_backend,
        times=50,
        quick_times=2,
        minutes=2,
    ),
    Fault(
        "deployed",
        "One of two sidecars is told to end (SIGTERM) and its successor started, in turns: exit code 0 each time, and "
        "no call needs more than one retry.",
        "F3",
        deploy,
        times=50,
        quick_times=2,
        minutes=3,
        replicas=2,
    ),
    Fault(
        "stopped-replica",
        "One of two sidecars stands still (SIGSTOP) for a minute with messages in its hands, then goes on.",
        "F27",
        stand_still,
        times=5,
        quick_times=1,
        minutes=6,
        databases=(POSTGRESQL,),
        replicas=2,
        patience=2.0,
    ),
)
