"""The conformance table: every shop is opened, examined by the sandbox and closed, and the page is written."""

import signal
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer
from rich.console import Console

from benchmarks import reports
from benchmarks.catalogue import BY_NAME, CATALOGUE, ROOT, Shop, python_of_ours
from benchmarks.children import ChildFailed, finished
from benchmarks.environments import CannotInstall, by_pip, cache, environment
from benchmarks.house import House, open_house
from benchmarks.page import page
from benchmarks.reports import Report, Verdict

PAGE: Final = ROOT / "docs" / "conformance.md"
RUN_TIMEOUT: Final = 900.0
ROUNDS: Final = 20
RACES: Final = "race-"
ENDINGS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Examine = Callable[[Iterable[str]], Report]
"""Plays the named scenarios, or all when none is named."""

Names = Annotated[
    list[str] | None, typer.Option("--only", metavar="SHOP", help=f"One of {', '.join(BY_NAME)}; again for more.")
]
Target = Annotated[
    Path | None, typer.Option("--to", help=f"Where the page goes; with --only nowhere, else {PAGE.name}.")
]
Opened = Annotated[
    str | None, typer.Option("--open", metavar="SHOP", help="Open this shop and keep it open until Ctrl-C.")
]
Database = Annotated[str | None, typer.Option(help="An empty PostgreSQL for --open or one --only; else SQLite.")]


def main(only: Names = None, to: Target = None, open_: Opened = None, database_url: Database = None) -> None:
    """Run Payme's sandbox against our sidecar and its peers, and write the table."""
    console = Console(highlight=False)
    try:
        if open_:
            keep_open(console, known(open_), database_url)
        else:
            compare(console, chosen(only), to or (None if only else PAGE), database_url)
    except (ChildFailed, CannotInstall) as failure:
        console.print(str(failure), style="red", markup=False)
        raise typer.Exit(1) from None


def compare(console: Console, shops: list[Shop], target: Path | None, database_url: str | None) -> None:
    if database_url and len(shops) > 1:
        raise typer.BadParameter("two shops cannot share one database: name one with --only")
    found = {shop: examined(console, shop, database_url) for shop in shops}
    text = page(found, "PostgreSQL" if database_url else "SQLite", ROUNDS)
    if target is None:
        console.print(text, markup=False)
    else:
        target.write_text(text, "utf-8")
        console.print(f"written: {target}")


def examined(console: Console, shop: Shop, database_url: str | None) -> Report:
    """Open the shop, let the sandbox examine it, close it."""
    python = installed(console, shop)
    with (
        console.status(f"{shop.title}: opening") as shown,
        tempfile.TemporaryDirectory() as place,
        open_house(shop, python, database_url) as house,
    ):
        shown.update(f"{shop.title}: the sandbox is at work")
        started = time.monotonic()
        examine = partial(sandbox, house, Path(place))
        report = raced(examine([]), examine)
    passed, failed, not_run = report.totals()
    console.print(f"{shop.title}: ✓ {passed}  ✗ {failed}  – {not_run}  in {time.monotonic() - started:.0f} s")
    return report


def raced(report: Report, again: Examine) -> Report:
    """Run again what chance may have let pass."""
    for number in range(2, ROUNDS + 1):
        passed = [outcome.name for outcome in report.with_verdict(Verdict.PASSED) if outcome.name.startswith(RACES)]
        if not passed:
            break
        report = report.with_failures_of(again(passed), f"in round {number}")
    return report


def sandbox(house: House, folder: Path, only: Iterable[str]) -> Report:
    """Its exit status says whether all is well; we read the report, and it must be there."""
    file = folder / "report.json"
    file.unlink(missing_ok=True)
    command = (str(python_of_ours()), "-m", "sidecar", *house.sandbox(), "--json", str(file))
    command += tuple(f"--only={name}" for name in only)
    status = finished("sandbox", command, {"PYTHONPATH": str(ROOT)}, folder, RUN_TIMEOUT)
    if not file.exists():
        raise ChildFailed(
            f"the sandbox ended with {status} and without a report\n{(folder / 'sandbox.log').read_text()}"
        )
    return reports.read(file)


def installed(console: Console, shop: Shop) -> Path:
    if shop.requirements is None:
        return python_of_ours()
    with console.status(f"{shop.title}: its packages (half a minute the first time)"):
        return environment(shop.name, shop.requirements, cache(), by_pip)


def keep_open(console: Console, shop: Shop, database_url: str | None) -> None:
    python = installed(console, shop)
    with open_house(shop, python, database_url) as house:
        console.print(f"{shop.title} is open at {house.endpoint} until Ctrl-C.", soft_wrap=True)
        console.print("Examine it from another terminal:\n")
        console.print(f"    payme-sidecar {' '.join(house.sandbox())}\n", soft_wrap=True)
        signal.pause()


def chosen(only: list[str] | None) -> list[Shop]:
    """Give the shops in the order of the catalogue, whatever the order in which they were named."""
    wanted = [known(name) for name in only or BY_NAME]
    return [shop for shop in CATALOGUE if shop in wanted]


def known(name: str) -> Shop:
    if name not in BY_NAME:
        raise typer.BadParameter(f"there is no shop {name}; there are {', '.join(BY_NAME)}")
    return BY_NAME[name]


def ended(number: int, _frame: object) -> NoReturn:
    """Leave by the front door, so that every child is ended on the way out."""
    for ending in ENDINGS:
        signal.signal(ending, signal.SIG_IGN)  # once is enough: a second one would leave children behind
    raise SystemExit(128 + number)


if __name__ == "__main__":
    for ending in ENDINGS:
        signal.signal(ending, ended)
    typer.run(main)
