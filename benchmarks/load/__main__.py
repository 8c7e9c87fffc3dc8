"""`python3 dev.py bench`: every figure of docs/performance.md, one section at a time or all of them."""

import json
import signal
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from benchmarks.catalogue import ROOT
from benchmarks.children import ChildFailed
from benchmarks.conformance import ENDINGS, ended
from benchmarks.environments import CannotInstall
from benchmarks.load import delivery as deliveries
from benchmarks.load import growth as growing
from benchmarks.load import openloop, page, profile, race, soak, statements, tables, workers
from benchmarks.load.ground import Land, postgres_land, sqlite_land
from benchmarks.load.machine import heading

MEASUREMENTS: Final = ROOT / "docs" / "measurements"


class Kind(StrEnum):
    POSTGRESQL = "postgresql"
    SQLITE = "sqlite"


LANDS: Final[Mapping[Kind, Callable[[], AbstractContextManager[Land]]]] = {
    Kind.POSTGRESQL: postgres_land,
    Kind.SQLITE: sqlite_land,
}

Quick = Annotated[bool, typer.Option("--quick", help="About a minute, to see that it works; nothing is kept.")]
To = Annotated[Path | None, typer.Option("--to", help="Folder for the measurements; else docs/measurements.")]
Seconds = Annotated[float | None, typer.Option(help="Length of one round.")]
Rounds = Annotated[int | None, typer.Option(help="How often everybody has a turn.")]
Database = Annotated[Kind, typer.Option(help="What the shops stand on.")]
Workers = Annotated[str | None, typer.Option(help="Numbers of worker processes, with commas.")]

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
console = Console(highlight=False, soft_wrap=True)


@app.command("race")
def _race(
    quick: Quick = False,
    seconds: Seconds = None,
    rounds: Rounds = None,
    workers: Workers = None,
    database: Database = Kind.POSTGRESQL,
    to: To = None,
) -> None:
    """Ours, the peers, pgbench, an empty endpoint and our app without a database, side by side."""
    counts = _numbers(workers or ("4" if quick else "1,2,4"))
    length, turns = seconds or (1.5 if quick else 4), rounds or (1 if quick else 7)
    with LANDS[database]() as land:
        found = race.race(land, counts, length, turns, _say)
    name = "race" if database is Kind.POSTGRESQL else f"race-{database}"
    _keep(name, found, quick, to, seconds=length, rounds=turns, database=database, counts=counts)


@app.command("rate")
def _rate(
    quick: Quick = False,
    rate: Annotated[float | None, typer.Option(help="Payments a second; else half of what it takes.")] = None,
    seconds: Seconds = None,
    rounds: Rounds = None,
    to: To = None,
) -> None:
    """Latencies at half load: payments arrive by themselves."""
    length, turns = seconds or (4 if quick else 20), rounds or (3 if quick else 9)
    with postgres_land() as land:
        found = openloop.open_loop(land, length, turns, rate, _say)
    _keep("rate", found, quick, to, seconds=length, rounds=turns)


@app.command("delivery")
def _delivery(quick: Quick = False, seconds: Seconds = None, rounds: Rounds = None, to: To = None) -> None:
    """What telling the backend costs, and how soon it is told."""
    length, turns = seconds or (3 if quick else 6), rounds or (2 if quick else 9)
    with postgres_land() as land:
        found = deliveries.delivery(land, length, turns, _say)
    _keep("delivery", found, quick, to, seconds=length, rounds=turns)


@app.command("workers")
def _workers(
    quick: Quick = False, seconds: Seconds = None, rounds: Rounds = None, workers_: Workers = None, to: To = None
) -> None:
    """One to four `serve` processes on one PostgreSQL."""
    length, turns = seconds or (2 if quick else 5), rounds or (2 if quick else 9)
    with postgres_land() as land:
        found = workers.workers(land, _numbers(workers_ or "1,2,3,4"), length, turns, _say)
    _keep("workers", found, quick, to, seconds=length, rounds=turns)


@app.command("growth")
def _growth(
    quick: Quick = False,
    sizes: Annotated[str | None, typer.Option(help="Stored payments, with commas.")] = None,
    seconds: Seconds = None,
    rounds: Rounds = None,
    to: To = None,
) -> None:
    """What calls, sweep, relay and /metrics cost with more and more stored payments."""
    length, turns = seconds or (2 if quick else 5), rounds or (2 if quick else 7)
    wanted = _numbers(sizes or ("10000,100000" if quick else "10000,1000000"))
    with postgres_land() as land:
        found = growing.growth(land, wanted, length, turns, _say)
    _keep("growth", found, quick, to, seconds=length, rounds=turns)


@app.command("soak")
def _soak(
    quick: Quick = False,
    minutes: Annotated[float | None, typer.Option(help="How long.")] = None,
    to: To = None,
) -> None:
    """Memory of one process under steady work."""
    length = minutes or (1 if quick else 20)
    with postgres_land() as land:
        found = soak.soak(land, length, _say)
    _keep("soak", found, quick, to, minutes=length)


@app.command("profile")
def _profile(quick: Quick = False, seconds: Seconds = None, to: To = None) -> None:
    """Where the server's CPU time goes: sampled, as served, without delivery and without a database."""
    length = seconds or (5 if quick else 30)
    found = {}
    with postgres_land() as land:
        for variant in ("", "relay_asleep", "in_memory"):
            _say(f"sampling {variant or 'as served'}")
            found[variant or "as served"] = profile.profiled(land, length, variant)
    _keep("profile", found, quick, to, seconds=length)


@app.command("statements")
def _statements() -> None:
    """Print the SQL of one payment, as the sidecar says it, as a script for pgbench."""
    sys.stdout.write(statements.captured())


@app.command("page")
def _page(measurements: Annotated[Path, typer.Option("--from", help="Folder of measurements.")] = MEASUREMENTS) -> None:
    """Write docs/performance.md and its pictures from the measurements."""
    for file in page.write(measurements, ROOT / "docs"):
        console.print(f"written: {file.relative_to(ROOT)}")


@app.command("all")
def _all(
    quick: Quick = False,
    sizes: Annotated[str, typer.Option(help="Stored payments of `growth`.")] = "10000,1000000,10000000",
    to: To = None,
) -> None:
    """Everything, one section after the other, then the page: some hours; with --quick some minutes, and no page."""
    _race(quick=quick, to=to)
    _race(quick=quick, to=to, database=Kind.SQLITE)
    _rate(quick=quick, to=to)
    _delivery(quick=quick, to=to)
    _workers(quick=quick, to=to)
    _growth(quick=quick, to=to, sizes=None if quick else sizes)
    _profile(quick=quick, to=to)
    _soak(quick=quick, to=to)
    if not quick:
        _page(to or MEASUREMENTS)


def _keep(name: str, found: dict[str, Any], quick: bool, to: Path | None, **how: Any) -> None:
    """Print what matters, and save everything unless it was a rehearsal."""
    document = heading(name, _command(), **how) | {"found": found}
    for line in tables.lines(name, document):
        console.print(line, markup=False)
    if to or not quick:
        folder = to or MEASUREMENTS
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{name}.json"
        file.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
        _say(f"kept in {file}")
    if wrong := tables.wrong_of_ours(found):
        console.print(f"payments of ours went wrong: {wrong}", style="red", markup=False)
        raise SystemExit(1)


def _command() -> str:
    return " ".join(("python3 dev.py bench", *sys.argv[1:]))


def _numbers(text: str) -> list[int]:
    return [int(part.replace("_", "")) for part in text.split(",")]


STARTED: Final = time.monotonic()


def _say(line: str) -> None:
    console.print(f"{time.monotonic() - STARTED:6.0f} s  {line}", markup=False)


@contextmanager
def failures() -> Generator[None, None, None]:
    """Say what did not work in its own words, without a traceback."""
    try:
        yield
    except (ChildFailed, CannotInstall) as failure:
        console.print(str(failure), style="red", markup=False)
        raise SystemExit(1) from None


if __name__ == "__main__":
    for ending in ENDINGS:
        signal.signal(ending, ended)
    with failures():
        app(prog_name="dev.py bench")
