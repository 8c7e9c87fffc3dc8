"""`python3 dev.py faults`: put faults in, one after the other, and print what came of each."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer
from rich.console import Console

from faults.catalogue import BY_NAME, CATALOGUE
from faults.fault import Fault
from faults.page import cells, page
from faults.run import Report, run

ENDINGS: Final = (signal.SIGTERM, signal.SIGHUP)
SHOWN: Final = 10  # findings of one run on the screen
WIDTHS: Final = "{:<22} {:<11} {:>7} {:>9} {:>13} {:>5} {:>7} {:>9} {:>9}  {}"
HEADINGS: Final = (
    "fault",
    "database",
    "put in",
    "payments",
    "acknowledged",
    "lost",
    "double",
    "silence",
    "healing",
    "",
)

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAMES]", help="Faults to put in, by default all.")]
Listed = Annotated[bool, typer.Option("--list", help="Say what there is, and how long it takes, and end.")]
Quick = Annotated[bool, typer.Option("--quick", help="A few times instead of hundreds; leases are cut short.")]
AtOnce = Annotated[int, typer.Option(min=1, help="Faults side by side, each in a town of its own. Most of them wait.")]
Seed = Annotated[int, typer.Option(help="The same dice for the same run.")]
Database = Annotated[str | None, typer.Option(help="sqlite or postgresql; by default every one a fault is for.")]
Markdown = Annotated[Path | None, typer.Option(metavar="FILE", help="Write the table as a page.")]


def main(
    names: Names = None,
    *,
    listed: Listed = False,
    quick: Quick = False,
    at_once: AtOnce = 1,
    seed: Seed = 1,
    database: Database = None,
    markdown: Markdown = None,
) -> None:
    """Put faults in under load, and hold the ledger against what Payme and the backend were told."""
    console = Console(highlight=False, soft_wrap=True)
    faults = chosen(names)
    runs = [(fault, kind) for fault in faults for kind in fault.databases if database in {None, kind}]
    if listed:
        for fault in faults:
            console.print(catalogue_line(fault))
        console.print(f"all: {len(runs)} runs, about {sum(fault.minutes for fault, _ in runs):.0f} min")
        return
    reports: list[Report] = []
    console.print(WIDTHS.format(*HEADINGS))
    outcomes = suffered(runs, seed, quick=quick, at_once=at_once)
    for number, (fault, kind) in enumerate(runs, start=1):
        with console.status(f"{number} of {len(runs)}: {fault.name} on {kind}, about {minutes(fault, quick=quick)}"):
            reports.append(next(outcomes))
        tell(console, reports[-1])
    if markdown:
        how = [*(["--quick"] if quick else []), *([f"--at-once {at_once}"] if at_once > 1 else [])]
        words = [*(names or []), *how, f"--seed {seed}", f"--markdown {os.path.relpath(markdown)}"]
        markdown.write_text(page(reports, arguments=words, quick=quick), "utf-8")
        console.print(f"written: {markdown}")
    if not all(report.passed for report in reports):
        raise typer.Exit(1)


def suffered(runs: list[tuple[Fault, str]], seed: int, *, quick: bool, at_once: int) -> Iterator[Report]:
    """Put each fault in, in this order or several at once; give the reports in this order."""
    if at_once == 1:
        yield from (run(fault, kind, seed, quick=quick) for fault, kind in runs)
        return
    with ThreadPoolExecutor(at_once) as pool:
        yield from pool.map(lambda it: run(it[0], it[1], seed, quick=quick), runs)


def tell(console: Console, report: Report) -> None:
    console.print(WIDTHS.format(*cells(report)), style=None if report.passed else "red", markup=False)
    for note in report.notes:
        console.print(f"    {note}", markup=False)
    for finding in report.findings[:SHOWN]:
        console.print(f"    {finding.invariant}: {finding.sentence}", markup=False)
    if report.folder:
        console.print(f"    the logs are in {report.folder}", markup=False)


def catalogue_line(fault: Fault) -> str:
    where = " and ".join(fault.databases)
    return f"{fault.name:<22} {fault.row:<14} {where}, {fault.times} times, {minutes(fault)} each\n    {fault.sentence}"


def minutes(fault: Fault, *, quick: bool = False) -> str:
    return "some seconds" if quick else f"{fault.minutes:g} min"


def chosen(names: list[str] | None) -> list[Fault]:
    """Give the faults in the order of the catalogue."""
    for name in names or []:
        if name not in BY_NAME:
            raise typer.BadParameter(f"there is no fault {name}; there are {', '.join(BY_NAME)}")
    return [fault for fault in CATALOGUE if not names or fault.name in names]


def ended(number: int, _frame: object) -> NoReturn:
    """Leave by the front door, so that every child is ended on the way out."""
    for ending in ENDINGS:
        signal.signal(ending, signal.SIG_IGN)
    raise SystemExit(128 + number)


if __name__ == "__main__":
    for ending in ENDINGS:
        signal.signal(ending, ended)
    typer.run(main)
