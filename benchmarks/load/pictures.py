"""Pictures of the measurements: SVG that is readable on white and on black, small, and the same each time."""

from collections.abc import Callable, Mapping
from math import isfinite
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.load import stalls
from benchmarks.load.payment import PERFORM
from benchmarks.load.race import BASE

INK: Final = "#7d8590"  # reads on white and on black
OURS: Final = "#2f81f7"
LIMIT: Final = "#a371f7"
PEER: Final = "#db8a36"
STYLE: Final[Any] = {
    "svg.hashsalt": "payme-sidecar",
    "svg.fonttype": "none",
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "legend.labelcolor": INK,
}
Found = Mapping[str, Any]


def draw(section: str, found: Found, folder: Path) -> list[Path]:
    """Draw what a section can be seen in; give the files."""
    written = []
    for name, picture in PICTURES.get(section, {}).items():
        with mpl.rc_context():
            mpl.rcParams.update(STYLE)
            figure = picture(found)
            figure.savefig(
                file := folder / f"performance-{name}.svg",
                transparent=True,
                bbox_inches="tight",
                metadata={"Date": None, "Creator": None},
            )
        written.append(file)
    return written


def contestants(found: Found) -> dict[str, Found]:
    """Everybody once, ours with one worker first."""
    everybody: dict[str, Found] = {}
    for results in found.values():
        for name, it in results.items():
            everybody.setdefault(name, it)
    return everybody


def race(found: Found) -> Figure:
    told = {name: it["ratios"][BASE] for name, it in contestants(found).items() if it["ratios"].get(BASE)}
    ours = {f"{stalls.OURS} ×1": {"median": 1.0, "lower": 1.0, "upper": 1.0}}
    rows = sorted((told | ours).items(), key=lambda pair: pair[1]["median"])
    figure = Figure(figsize=(8, 0.4 * len(rows) + 1))
    axes = figure.subplots()
    middles = [it["median"] for _, it in rows]
    quartiles = [[it["median"] - it["lower"] for _, it in rows], [it["upper"] - it["median"] for _, it in rows]]
    names = [name for name, _ in rows]
    axes.barh(names, middles, xerr=quartiles, color=[_colour(name) for name in names], ecolor=INK, height=0.62)
    for place, value in enumerate(middles):
        axes.annotate(f"{value:.2g}", (rows[place][1]["upper"], place), (6, 0), textcoords="offset points", va="center")
    axes.set_xscale("log")
    axes.set_xlabel(f"payments/s as a ratio to {stalls.OURS} with one worker (logarithmic; whiskers are quartiles)")
    return figure


def latency(found: Found) -> Figure:
    told = {name: it["figures"] for name, it in contestants(found).items() if f"p50 ms {PERFORM}" in it["figures"]}
    rows = sorted(told.items(), key=lambda pair: -float(pair[1][f"p50 ms {PERFORM}"]))
    figure = Figure(figsize=(8, 0.4 * len(rows) + 1.2))
    axes = figure.subplots()
    for place, (name, figures) in enumerate(rows):
        p50, p95, p99 = (figures[f"p{which} ms {PERFORM}"] for which in (50, 95, 99))
        axes.plot([p50, p99], [place, place], color=_colour(name), linewidth=2)
        axes.plot([p50, p95, p99], [place] * 3, "o", color=_colour(name), markersize=5)
    axes.set_yticks(range(len(rows)), [name for name, _ in rows])
    axes.set_xscale("log")
    axes.set_xlabel("PerformTransaction under eight connections, ms: p50, p95, p99 (logarithmic)")
    return figure


def growth(found: Found) -> Figure:
    sizes = found["sizes"]
    series: dict[str, list[float]] = {}
    for place, it in enumerate(found["calls"].values()):
        wanted = {name for name in it["figures"] if name.startswith("ms ")} | {f"p50 ms {PERFORM}"}
        for name in sorted(wanted):
            told = 1.0 if place == 0 else it["ratios"].get(name, {}).get("median", float("nan"))
            series.setdefault(name, []).append(told)
    figure = Figure(figsize=(8, 3.6))
    axes = figure.subplots()
    for name, values in series.items():
        axes.plot(
            sizes, values, "o-", label=name.replace("p50 ms ", "").removeprefix("ms "), linewidth=1.5, markersize=4
        )
    axes.set_xscale("log")
    axes.set_ylim(0, max(2.0, *(value * 1.1 for values in series.values() for value in values if isfinite(value))))
    axes.set_xlabel("stored payments")
    axes.set_ylabel(f"time ÷ with {sizes[0]:,}".replace(",", " "))
    axes.legend(fontsize=8, loc="lower left", ncols=2)
    return figure


def soak(found: Found) -> Figure:
    figure = Figure(figsize=(8, 2.6))
    axes = figure.subplots()
    minutes, memory = ([it[name] for it in found["series"]] for name in ("minute", "rss_mb"))
    axes.plot(minutes, memory, color=OURS, linewidth=1.5)
    axes.set_ylim(0, 1.2 * max(memory))
    axes.set_xlabel(f"minutes at {found['offered']:.0f} payments/s")
    axes.set_ylabel("RSS, MB")
    return figure


def _colour(name: str) -> str:
    if name.startswith(f"{stalls.OURS} ×"):
        return OURS
    return PEER if name.startswith(stalls.PEERS) else LIMIT


PICTURES: Final[Mapping[str, Mapping[str, Callable[[Found], Figure]]]] = {
    "race": {"race": race, "latency": latency},
    "growth": {"growth": growth},
    "soak": {"soak": soak},
}
CAPTIONS: Final = {
    "race": "Payments a second of every contestant, as a ratio to ours",
    "latency": "PerformTransaction of every contestant: p50, p95 and p99",
    "growth": "Times of calls with more and more stored payments",
    "soak": "Memory of one process under steady load",
}
