"""Twenty minutes of steady work: does the memory of a process grow?"""

import time
from collections import Counter
from typing import Any, Final

from benchmarks.load import stalls
from benchmarks.load.figures import slope
from benchmarks.load.ground import Land
from benchmarks.load.race import Say
from benchmarks.load.rounds import visit

STRETCH: Final = 15.0  # seconds of one crowd; its answers are judged, then the next one comes
SETTLED: Final = 0.25  # of the time: until then caches fill and pools open, and growth is no leak
MEGABYTE: Final = 2**20


def soak(land: Land, minutes: float, say: Say) -> dict[str, Any]:
    """Offer half of what it takes, and write down the memory after every stretch."""
    points: list[dict[str, float]] = []
    paid, complaints = 0, Counter[str]()
    stretch = min(STRETCH, minutes * 60 / 8)
    with stalls.sidecar(land) as stall:
        fresh = stall.memory().rss
        offered = visit(stall, 3).payments_per_second / 2
        started = time.monotonic()
        while (passed := time.monotonic() - started) < minutes * 60:
            found = visit(stall, stretch, rate=offered)
            paid += found.payments
            complaints.update(found.complaints)
            memory = stall.memory()
            points.append(
                {
                    "minute": round((time.monotonic() - started) / 60, 3),
                    "rss_mb": round(memory.rss / MEGABYTE, 3),
                    "payments": paid,
                }
            )
            say(f"minute {passed / 60:.1f} of {minutes:g}: {points[-1]['rss_mb']:.1f} MB after {paid} payments")
    settled = [it for it in points if it["minute"] >= SETTLED * points[-1]["minute"]]
    return {
        "offered": round(offered, 1),
        "payments": paid,
        "requests": paid * 6,
        "wrong": complaints.total(),
        "complaints": dict(complaints),
        "fresh_mb": round(fresh / MEGABYTE, 3),
        "settled_mb": settled[0]["rss_mb"],
        "last_mb": points[-1]["rss_mb"],
        "mb_per_hour": round(60 * slope([(it["minute"], it["rss_mb"]) for it in settled]), 3),
        "series": points,
    }
