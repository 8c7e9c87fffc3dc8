"""Several faults one after the other in one town, a few times each: to open a town takes longer than most of them."""

from collections.abc import Iterable
from pathlib import Path

from demo_shop.postgres import LocalPostgres
from faults.fault import Fault
from faults.run import Report, run
from faults.town import Town


def in_turn(faults: Iterable[Fault], kind: str) -> Fault:
    """One fault that is all those that are for this database, one after the other."""
    chosen = [fault for fault in faults if kind in fault.databases]

    async def inject(town: Town, _times: int) -> int:
        return sum([await fault.inject(town, fault.quick_times) for fault in chosen])

    wired = any(fault.wired for fault in chosen)
    sentence = ", then ".join(fault.name for fault in chosen)
    return Fault("in-turn", sentence, "–", inject, times=1, quick_times=1, minutes=1, databases=(kind,), wired=wired)


def put_in(fault: Fault, kind: str, server: LocalPostgres, folder: Path) -> Report:
    return run(fault, kind, seed=1, quick=True, server=server, within=folder)
