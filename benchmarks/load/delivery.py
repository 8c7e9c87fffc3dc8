"""What telling the backend costs, and how soon it is told: a stand-in that answers at once and writes down when."""

import json
import time
from typing import Any, Final
from urllib.request import ProxyHandler, build_opener

from benchmarks.load import stalls
from benchmarks.load.crowd import Findings
from benchmarks.load.figures import percentile
from benchmarks.load.ground import Land
from benchmarks.load.openloop import spread
from benchmarks.load.race import BASE, Say, alternate, ours, variant
from benchmarks.load.rounds import visit
from benchmarks.load.stalls import Stall

IDLE_RATE: Final = 5.0  # payments a second: each finds the house quiet
TOLD_WITHIN: Final = 60.0
OPENER: Final = build_opener(ProxyHandler({}))


def delivery(land: Land, seconds: float, rounds: int, say: Say) -> dict[str, Any]:
    """Measure the throughput with delivery against without, then the way from Perform's answer to the backend."""
    throughput = alternate(land, variant("relay_asleep", stalls.ASLEEP), [ours(1)], seconds, rounds, say)
    with stalls.sidecar(land) as stall:
        visit(stall, 2)
        arrived(stall, {})
        idle = delays(stall, visit(stall, max(seconds, 6), rate=IDLE_RATE, connections=2, keep_performed=True))
        say(f"idle: told after {idle['p50']:.1f} ms (p50), {idle['p95']:.1f} ms (p95)")
        halves, fulls = [], []
        for _ in range(rounds):
            full = visit(stall, seconds, keep_performed=True)
            fulls.append(delays(stall, full))
            half = visit(stall, seconds, rate=full.payments_per_second / 2, keep_performed=True)
            halves.append(delays(stall, half))
            say(f"half load: {halves[-1]['p50']:.1f} ms (p50); full load: {fulls[-1]['p50']:.1f} ms (p50)")
    ratios = throughput[ours(1).name]["ratios"].get(BASE, {})
    return {
        "throughput": throughput,
        "kept": ratios,
        "idle": idle,
        "half": _together(halves),
        "full": _together(fulls),
    }


def _together(samples: list[dict[str, float]]) -> dict[str, Any]:
    return {name: spread([it[name] for it in samples]) for name in samples[0]}


def delays(stall: Stall, found: Findings) -> dict[str, float]:
    """Wait until the backend has heard of every payment; milliseconds from Perform's answer to that.

    A relay may be quicker than the answer: that is less than nothing, and counts as it is.
    """
    started = time.monotonic()
    told = arrived(stall, found.performed)
    late = sorted((told[it] - answered) / 1e6 for it, answered in found.performed.items())
    return {f"p{which}": percentile(late, which) for which in (50, 95, 99)} | {
        "payments": len(late),
        "drained after s": time.monotonic() - started,
    }


def arrived(stall: Stall, performed: dict[str, int]) -> dict[str, int]:
    told: dict[str, int] = {}
    deadline = time.monotonic() + TOLD_WITHIN
    while True:
        with OPENER.open(f"http://127.0.0.1:{stall.backend_port}/moments") as answer:
            told |= json.load(answer)
        if performed.keys() <= told.keys():
            return told
        if time.monotonic() > deadline:
            raise RuntimeError(f"{len(performed.keys() - told.keys())} performed payments were not told to the backend")
        time.sleep(0.2)
