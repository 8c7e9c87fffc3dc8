"""What was found, in Markdown tables: the same for a terminal and for the page."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from benchmarks.load.payment import CALLS, PERFORM

BASE: Final = "payments/s"
OURS: Final = "payme-sidecar"
WRONG_SHOWN: Final = 3
Document = Mapping[str, Any]


def lines(section: str, document: Document) -> Iterable[str]:
    """Give the tables of a section, a line at a time."""
    return TABLES.get(section, _nothing)(document["found"])


def wrong_of_ours(found: Any) -> dict[str, int]:
    """Gather what was wrong with answers of ours, wherever it stands. A peer's known defects fail nobody."""
    wrong: dict[str, int] = {}
    if isinstance(found, Mapping):
        if str(found.get("title", OURS)).startswith(OURS):
            wrong |= found.get("complaints", {})
        for value in found.values():
            wrong |= wrong_of_ours(value)
    elif isinstance(found, list):
        for value in found:
            wrong |= wrong_of_ours(value)
    return wrong


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    names = list(head)
    yield f"| {' | '.join(names)} |"
    yield f"|{'|'.join(['---'] + ['--:'] * (len(names) - 1))}|"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def race(found: Document) -> Iterator[str]:
    for group, results in found.items():
        yield from ["", f"**{group}**", ""]
        yield from standings(results)
        yield from latencies(results)


def standings(results: Document) -> Iterator[str]:
    """Tell each contestant: what it takes, as a ratio to the first, what that costs, and what went wrong."""
    head = (
        *("", "÷ the first (quartiles)", "payments/s", "requests/s", "CPU ms a payment", "database's"),
        *("RSS", "PSS", "others' cores", "not counted"),
    )
    yield from table(head, (_standing(name, it) for name, it in results.items()))
    for name, it in results.items():
        yield from remarks(name, it)


def _standing(name: str, it: Document) -> Iterator[str]:
    figures, memory = it["figures"], it.get("memory") or {}
    yield name
    yield ratio(it["ratios"].get(BASE))
    yield number(figures.get(BASE))
    yield number(figures.get("requests/s"))
    yield number(figures.get("server CPU ms"))
    yield number(figures.get("database CPU ms"))
    yield megabytes(memory.get("rss"))
    yield megabytes(memory.get("pss"))
    yield number(figures.get("cores of others"))
    yield str(it["dropped"])


def remarks(name: str, it: Document) -> Iterator[str]:
    for kind in ("complaints", "blemishes"):
        worst = sorted(it[kind].items(), key=lambda pair: -pair[1])[:WRONG_SHOWN]
        if worst:
            yield f"- {name}: " + "; ".join(f"{what} ({times}×)" for what, times in worst)


def latencies(results: Document) -> Iterator[str]:
    """Tell p50 / p95 / p99 of each call in milliseconds, and Perform's as ratios to ours."""
    told = {name: it for name, it in results.items() if f"p50 ms {PERFORM}" in it["figures"]}
    rows = ([call, *(_percentiles(it["figures"], call) for it in told.values())] for call in CALLS)
    yield ""
    yield from table(("p50 / p95 / p99, ms", *told), rows)


def _percentiles(figures: Document, call: str) -> str:
    return " / ".join(number(figures.get(f"p{which} ms {call}")) for which in (50, 95, 99))


def rate(found: Document) -> Iterator[str]:
    rows = (
        [
            name,
            number(it["capacity"]),
            number(it["offered"]),
            number(it["served"]),
            number(it["figures"][f"p50 ms {PERFORM}"]),
            number(it["figures"][f"p99 ms {PERFORM}"]),
            number(it["p99/p50"]),
            str(sum(it["complaints"].values())),
        ]
        for name, rounds in found["rounds"].items()
        for it in rounds
    )
    head = ("", "taken at most, payments/s", "offered", "served", "Perform p50, ms", "p99, ms", "p99 ÷ p50", "wrong")
    yield from table(head, rows)
    for name, it in found["p99/p50"].items():
        yield f"- p99 ÷ p50 of PerformTransaction, {name}: {ratio(it)}"


def delivery(found: Document) -> Iterator[str]:
    yield f"Throughput with delivery ÷ without: {ratio(found['kept'])}"
    yield ""
    rows = (
        [name, *(_middle(found[key][f"p{which}"]) for which in (50, 95, 99))]
        for name, key in (("idle", "idle"), ("half of what it takes", "half"), ("all it takes", "full"))
    )
    yield from table(("from Perform's answer to the backend's door, ms", "p50", "p95", "p99"), rows)
    yield from standings(found["throughput"])


def _middle(value: Any) -> str:
    return number(value["median"] if isinstance(value, Mapping) else value)


def growth(found: Document) -> Iterator[str]:
    stored = found["stored"]
    rows = ([name, number(it["seeding s"]), f"{it['bytes'] / 2**30:.2f} GB"] for name, it in stored.items())
    yield from table(("stored payments", "filling, s", "on disk"), rows)
    timed = [name for name in next(iter(found["calls"].values()))["figures"] if name.startswith("ms ")]
    wanted = [BASE, "server CPU ms", "database CPU ms", f"p50 ms {PERFORM}", *sorted(timed)]
    smallest = next(iter(found["calls"]))
    rows2 = (
        [_plain(what), *(_grown(it, what, base=name == smallest) for name, it in found["calls"].items())]
        for what in wanted
    )
    yield from table(("", *found["calls"]), rows2)
    rows3 = (
        [what, *(f"{it['plans'][what]['blocks']} ({it['plans'][what]['ms']:.2f} ms)" for it in stored.values())]
        for what in next(iter(stored.values()))["plans"]
    )
    yield from table(("blocks touched (time)", *stored), rows3)


def _plain(what: str) -> str:
    return {"p50 ms " + PERFORM: f"{PERFORM}, ms", "server CPU ms": "our CPU, ms a payment"}.get(
        what, f"{what.removeprefix('ms ')}, ms" if what.startswith("ms ") else what
    )


def _grown(it: Document, what: str, *, base: bool) -> str:
    plain = number(it["figures"].get(what))
    return plain if base else f"{plain} (×{ratio(it['ratios'].get(what), short=True)})"


def workers(found: Document) -> Iterator[str]:
    yield from standings(found)


def soak(found: Document) -> Iterator[str]:
    yield f"{found['payments']} payments at {number(found['offered'])}/s, {found['wrong']} went wrong"
    yield ""
    yield (
        f"memory: {found['fresh_mb']:.1f} MB fresh, {found['settled_mb']:.1f} MB settled, "
        f"{found['last_mb']:.1f} MB at the end, {found['mb_per_hour']:+.2f} MB an hour"
    )


def profile(found: Document) -> Iterator[str]:
    parts = sorted({part for it in found.values() for part in it["parts"]}, key=lambda part: _share(found, part))
    rows = ([part, *(f"{it['parts'].get(part, 0):.1f}" for it in found.values())] for part in parts)
    yield from table(("% of our CPU time", *found), rows)
    for name, it in found.items():
        yield from ["", f"{name}: what took most by itself", ""]
        yield from table(("function", "%"), ([f"`{what}`", f"{share:.1f}"] for what, share in it["own"].items()))


def _share(found: Document, part: str) -> float:
    return -max(float(it["parts"].get(part, 0)) for it in found.values())


def number(value: float | None) -> str:
    """Write three digits that count."""
    if value is None:
        return "–"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"  # noqa: PLR2004


def ratio(spread: Mapping[str, float] | None, *, short: bool = False) -> str:
    if not spread:
        return "–"
    middle = number(spread["median"])
    return middle if short else f"{middle} ({number(spread['lower'])}–{number(spread['upper'])})"


def megabytes(value: float | None) -> str:
    return f"{value / 2**20:.0f} MB" if value else "–"


def _nothing(_found: Document) -> Iterator[str]:
    yield from ()


TABLES: Final[Mapping[str, Callable[[Document], Iterator[str]]]] = {
    "race": race,
    "race-sqlite": race,
    "rate": rate,
    "delivery": delivery,
    "workers": workers,
    "growth": growth,
    "soak": soak,
    "profile": profile,
}
