"""The table of a run: for a terminal while it goes on, and as a page of the docs."""

import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from faults.fault import Fault
from faults.run import Report

COLUMNS: Final = (
    "fault",
    "database",
    "put in",
    "payments",
    "acknowledged",
    "lost",
    "double",
    "longest silence",
    "well again",
    "verdict",
)
RULE: Final = "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |"
CPUINFO: Final = Path("/proc/cpuinfo")

HEAD: Final = """\
# The fault suite

Real sidecars, a real PostgreSQL or SQLite file, people who buy, and one thing that goes wrong on purpose, again and
again. Payme's side never gives up and writes down whatever it is told. When all is over, four books are held against
each other: what Payme was told, the statement, the database, and what the commerce backend did.

    python3 dev.py faults{again}

makes this page again. Run on {date} (UTC) on {cores} cores ({cpu}), Python {python}{form}; the runs took {minutes} min,
put one behind the other.
{verdict}
"""
TERMS: Final = """\
- **put in**: how often the fault was put in; **acknowledged**: answers of Create, Perform and Cancel, each of which
  must still be true at the end; **lost**: acknowledged and gone, or performed and never told to the backend;
  **double**: told twice with effect.
- **longest silence**: between two acknowledgements to anybody, on one machine that also runs the load. A process that
  is started again after a kill is silent for as long as it takes to start.
- **well again**: from the end of the load until the backlog is gone, by itself. A message in the hands of a process
  that died is told again when its lease is over.
"""
CHECKED: Final = """\
## What is checked after each fault

| | |
| --- | --- |
| I1 | every acknowledged Create, Perform and Cancel is in the database with the same time |
| I2 | every performed payment took effect at the backend exactly once, under one idempotency key |
| I3 | the backend did nothing without a performed payment, and heard the right amount and time |
| I4 | no order has two live transactions |
| I5 | only the arrows of [the table](payme-state-machine.md), in the database and in what Payme saw |
| I6 | a repeated call is answered the same, byte for byte but for its `id` |
| I7 | every answer has HTTP 200 and an envelope; the statement is the ledger |
| I8 | no log gives a secret away |
| I9 | the backlog goes to nothing by itself |
| I10 | SQLite: `integrity_check`. PostgreSQL: every page has its checksum, every index can be built anew |
"""


def page(reports: Sequence[Report], *, arguments: Sequence[str], quick: bool) -> str:
    wrong = sum(not report.passed for report in reports)
    head = HEAD.format(
        again="".join(f" {word}" for word in arguments),
        date=datetime.now(UTC).date(),
        minutes=round(sum(report.seconds for report in reports) / 60),
        cores=len(_processors()) or 1,
        cpu=next(iter(_processors()), platform.machine()),
        python=platform.python_version(),
        form=", short form" if quick else "",
        verdict=f"**{wrong} of {len(reports)} runs found something wrong.**" if wrong else "Nothing was found wrong.",
    )
    parts = [head, _table(reports), TERMS, *_findings(reports), _notes(reports), _sentences(reports), CHECKED]
    return "\n".join(part for part in parts if part)


def cells(report: Report) -> tuple[str, ...]:
    return (
        report.fault.name,
        report.database,
        f"{report.injections:,}",
        f"{report.payments:,}",
        f"{report.acknowledged:,}",
        str(report.lost),
        str(report.doubled),
        f"{report.silence:.1f} s",
        f"{report.healing:.1f} s",
        "passed" if report.passed else f"{len(report.findings)} findings",
    )


def _table(reports: Iterable[Report]) -> str:
    lines = [_row(COLUMNS), RULE, *(_row(cells(report)) for report in reports)]
    return "\n".join([*lines, ""])


def _sentences(reports: Iterable[Report]) -> str:
    faults: dict[str, Fault] = {report.fault.name: report.fault for report in reports}
    lines = [_row((f"`{it.name}`", it.row, it.sentence)) for it in faults.values()]
    return "\n".join(["## The faults\n", _row(("name", "row", "what is done")), "| --- | --- | --- |", *lines, ""])


def _findings(reports: Iterable[Report]) -> Iterable[str]:
    for report in reports:
        if report.findings:
            lines = [f"- {it.invariant}: {it.sentence}" for it in report.findings]
            yield "\n".join([f"## What {report.fault.name} found on {report.database}\n", *lines, ""])


def _notes(reports: Iterable[Report]) -> str:
    lines = [f"- {report.fault.name}, {report.database}: {note}" for report in reports for note in report.notes]
    return "\n".join(["## Measured on the way\n", *lines, ""]) if lines else ""


def _row(words: Iterable[str]) -> str:
    return f"| {' | '.join(words)} |"


def _processors() -> list[str]:
    """The model of each core."""
    lines = CPUINFO.read_text().splitlines() if CPUINFO.exists() else []
    return [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
