"""Half of what it can take, arriving by itself: how long the slow calls are, set against the usual ones.

The same app without a database is asked too: what of it the random arrivals alone make of an answer.
"""

from contextlib import ExitStack
from typing import Any, Final

from benchmarks.load import stalls
from benchmarks.load.figures import Spread
from benchmarks.load.ground import Land
from benchmarks.load.payment import PERFORM
from benchmarks.load.race import BASE, Say
from benchmarks.load.rounds import sample, visit
from benchmarks.load.stalls import Stall

HALF: Final = 0.5


def open_loop(land: Land, seconds: float, rounds: int, rate: float | None, say: Say) -> dict[str, Any]:
    """Measure what each takes, then offer half of that (or `rate`), and both again: a machine is not always as fast."""
    with ExitStack() as market:
        ours = market.enter_context(stalls.sidecar(land))
        control = market.enter_context(stalls.sidecar(land, variant="in_memory"))
        found: dict[str, list[dict[str, Any]]] = {it.name: [] for it in (ours, control)}
        for stall in (ours, control):
            visit(stall, 2)
        for number in range(rounds):
            for stall in (ours, control):
                found[stall.name].append(it := half_load(stall, seconds, rate))
                say(f"{number + 1}/{rounds}: {stall.name}, {it['offered']:.0f}/s: p99 ÷ p50 {it['p99/p50']:.2f}")
    return {"rounds": found, "p99/p50": {name: spread([it["p99/p50"] for it in them]) for name, them in found.items()}}


def half_load(stall: Stall, seconds: float, rate: float | None) -> dict[str, Any]:
    capacity = visit(stall, seconds).payments_per_second
    offered = rate or capacity * HALF
    it = sample(stall.name, visit(stall, seconds, rate=offered))
    p50, p99 = (it.figures[f"p{which} ms {PERFORM}"] for which in (50, 99))
    return {
        "capacity": capacity,
        "offered": offered,
        "served": it.figures[BASE],
        "p99/p50": p99 / p50,
        "figures": it.figures,
        "complaints": it.complaints,
    }


def spread(values: list[float]) -> dict[str, float]:
    it = Spread.of(values)
    return {"median": it.median, "lower": it.lower, "upper": it.upper, "samples": it.samples} if it else {}
