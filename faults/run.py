"""One fault, from an open town to a verdict."""

import asyncio
import shutil
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from demo_shop.postgres import LocalPostgres
from faults.check import Finding, Invariant, check
from faults.fault import Fault
from faults.sidecars import SidecarFailed
from faults.town import Town, open_town, paid

FEW: Final = 4  # buyers, in the short form
LIMIT: Final = 6  # a machine may be so many times slower than ours
LOST: Final = frozenset({Invariant.KEPT, Invariant.TOLD})


@dataclass(frozen=True)
class Report:
    """What came of one fault on one database."""

    fault: Fault
    database: str
    injections: int = 0
    payments: int = 0
    acknowledged: int = 0
    silence: float = 0.0
    """The longest time, in seconds, without any acknowledgement."""
    healing: float = 0.0
    """Seconds until the backlog was gone."""
    seconds: float = 0.0
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    """What was measured on the way."""
    folder: Path | None = None
    """Where the logs lie, when something was found."""

    @property
    def lost(self) -> int:
        return sum(finding.invariant in LOST for finding in self.findings)

    @property
    def doubled(self) -> int:
        return sum(finding.invariant is Invariant.ONCE for finding in self.findings)

    @property
    def passed(self) -> bool:
        return not self.findings


def run(
    fault: Fault,
    database: str,
    seed: int,
    *,
    quick: bool = False,
    server: LocalPostgres | None = None,
    within: Path | None = None,
) -> Report:
    """Open a town, put the fault in under load, let it heal, and check the ledger.

    PostgreSQL is a server of the town's own unless one is given; its folder lies among temporary ones, or `within`.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"payme-sidecar-{fault.name}-", dir=within))
    report: Report | None = None
    try:
        report = asyncio.run(_run(fault, database, seed, folder, quick=quick, server=server))
        return report
    finally:
        if report is None or report.passed:
            shutil.rmtree(folder)


async def _run(
    fault: Fault, database: str, seed: int, folder: Path, *, quick: bool, server: LocalPostgres | None
) -> Report:
    begun = time.monotonic()
    try:
        async with (
            asyncio.timeout(LIMIT * fault.minutes * 60),
            open_town(database, folder, seed, fault.plan, server) as town,
        ):
            report = await _suffer(fault, town, quick=quick)
    except (SidecarFailed, TimeoutError) as failure:
        said = str(failure) or f"not done in {LIMIT} times the {fault.minutes:g} minutes it should take"
        report = Report(fault, database, findings=(Finding(Invariant.HEALED, said),))
    return replace(report, seconds=time.monotonic() - begun, folder=None if report.passed else folder)


async def _suffer(fault: Fault, town: Town, *, quick: bool) -> Report:
    town.hurried = quick
    async with town.load(min(fault.buyers, FEW) if quick else fault.buyers):
        injections = await fault.inject(town, fault.quick_times if quick else fault.times)
    healing = await town.heal(fault.healing)
    evidence = await town.evidence()
    return Report(
        fault=fault,
        database=town.database.kind,
        injections=injections,
        payments=paid(evidence),
        acknowledged=sum(1 for _ in evidence.journal.acknowledged()),
        silence=evidence.journal.longest_silence(),
        healing=healing,
        findings=tuple(check(evidence)),
        notes=tuple(town.notes),
    )
