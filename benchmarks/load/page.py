"""docs/performance.md and its pictures, made of nothing but the measurements and our notes on how they were taken."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.load import pictures, stalls, tables
from benchmarks.load.goals import GOALS, Measurements, best, by_workers
from benchmarks.load.tables import number, table

NOTES: Final = Path(__file__).with_name("notes.md")
MARKS: Final = {True: "**reached**", False: "not reached", None: "–"}
TITLES: Final[Mapping[str, str]] = {
    "race": "The race",
    "race-sqlite": "The race on SQLite",
    "rate": "Latencies at half load",
    "delivery": "Telling the backend",
    "workers": "One to four processes",
    "growth": "Ten thousand payments, and ten million",
    "soak": "Twenty minutes of work",
    "profile": "Where the time goes",
}
HEAD: Final = """\
# Performance

Every figure below comes from a file in [docs/measurements](measurements) that one command wrote; this page is made of
them and says nothing else. Run it on your machine:

    python3 dev.py bench race --quick      some minutes, to see that it works; nothing is kept
    python3 dev.py bench all               everything, some hours, and this page again
    python3 dev.py bench page              this page again from what was kept
"""


def write(measurements: Path, docs: Path) -> list[Path]:
    """Write the page and draw its pictures; give the files."""
    measured = read(measurements)
    images = docs / "images"
    images.mkdir(parents=True, exist_ok=True)
    drawn = [file for name, it in measured.items() for file in pictures.draw(name, it["found"], images)]
    target = docs / "performance.md"
    target.write_text(text(measured, notes(NOTES.read_text("utf-8"))), "utf-8")
    return [target, *drawn]


def read(folder: Path) -> dict[str, Any]:
    files = {name: folder / f"{name}.json" for name in TITLES}
    return {name: json.loads(file.read_text("utf-8")) for name, file in files.items() if file.exists()}


def text(measured: Measurements, said: Mapping[str, str]) -> str:
    parts: list[str] = [HEAD, *_goals(measured), "", said.get("goals", "")]
    for name, document in measured.items():
        parts += [f"## {TITLES[name]}\n", _how(document)]
        parts += [
            f"![{pictures.CAPTIONS[it]}](images/performance-{it}.svg)\n" for it in pictures.PICTURES.get(name, ())
        ]
        if name.startswith("race"):
            parts += _summary(document["found"])
        parts += ["\n".join(tables.lines(name, document)) + "\n", said.get(name, "")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts)).strip() + "\n"


def notes(source: str) -> dict[str, str]:
    """Read our notes: a section for each heading."""
    parts = re.split(r"^## (.+)\n", source, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], (part.strip() + "\n" for part in parts[1::2]), strict=True))


def _goals(measured: Measurements) -> Iterator[str]:
    verdicts = [(goal, goal.held_against(measured)) for goal in GOALS]
    yield "## Goals\n"
    yield from table(("goal", "measured", ""), ([it.title, told.said, MARKS[told.reached]] for it, told in verdicts))


def _how(document: Mapping[str, Any]) -> str:
    machine, versions = document["machine"], document["versions"]
    on = f"{machine['cores']} cores of {machine['cpu']}, {machine['memory_gb']:g} GB, {machine['system']}"
    of = f"commit `{versions['commit']}`, Python {versions['python']}"
    return f"{document['date'][:10]} · {on} · {of} · `{document['command']}`\n"


def _summary(race: Mapping[str, Any]) -> Iterable[str]:
    """Ours against each peer: as many workers on both sides, and each with what suits it best."""
    ratios = by_workers(race)
    mine = ratios[stalls.OURS]
    counts = sorted({count for it in ratios.values() for count in it})
    rows = []
    for shop, theirs in ratios.items():
        if shop == stalls.OURS:
            continue
        same = [number(mine[it] / theirs[it]) if it in mine and it in theirs else "–" for it in counts]
        (our_count, ours), (count, their_best) = best(mine), best(theirs)
        rows.append([shop, *same, f"{number(ours / their_best)} ({our_count} against {count})"])
    head = ("ours is so many times", *(f"with {it} on both sides" for it in counts), "each with what suits it best")
    yield from table(head, rows)
