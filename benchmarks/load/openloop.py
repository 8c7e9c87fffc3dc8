"""Half of what it can take, arriving by itself: how long the slow calls are, set against the usual ones."""

from typing import Any, Final

from benchmarks.load import stalls
from benchmarks.load.figures import Spread
from benchmarks.load.ground import Land
from benchmarks.load.payment import PERFORM
from benchmarks.load.race import BASE, Say
from benchmarks.load.rounds import sample, visit

HALF: Final = 0.5


def open_loop(land: Land, seconds: float, rounds: int, rate: float | None, say: Say) -> dict[str, Any]:
    """Measure what it takes, then offer half of that (or `rate`), and both again: a machine is not always as fast."""
    found: list[dict[str, Any]] = []
    with stalls.sidecar(land) as stall:
        visit(stall, 2)
        for number in range(rounds):
            capacity = visit(stall, seconds).payments_per_second
            offered = rate or capacity * HALF
            it = sample(stalls.OURS, visit(stall, seconds, rate=offered))
            p50, p99 = (it.figures[f"p{which} ms {PERFORM}"] for which in (50, 99))
            found.append(
                {
                    "capacity": capacity,
                    "offered": offered,
                    "served": it.figures[BASE],
                    "p99/p50": p99 / p50,
                    "figures": it.figures,
                    "complaints": it.complaints,
                }
            )
            say(f"{number + 1}/{rounds}: {offered:.0f}/s of {capacity:.0f}, Perform p50 {p50:.2f} ms, p99 {p99:.2f} ms")
    return {"rounds": found, "p99/p50": spread([it["p99/p50"] for it in found])}


def spread(values: list[float]) -> dict[str, float]:
    it = Spread.of(values)
    return {"median": it.median, "lower": it.lower, "upper": it.upper, "samples": it.samples} if it else {}
