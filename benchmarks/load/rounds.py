"""One round: a crowd of its own comes to one stall for some seconds, and what it found becomes figures."""

import json
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from itertools import count
from typing import Any, Final

from benchmarks.catalogue import ROOT, python_of_ours
from benchmarks.children import ChildFailed
from benchmarks.load.crowd import OTHERS, Findings, Plan
from benchmarks.load.figures import percentile
from benchmarks.load.payment import CALLS
from benchmarks.load.stalls import Stall

CONNECTIONS: Final = 8
PLENTY: Final = 2_000  # payments a second that nobody here can take; so many orders are made
TIMEOUT: Final = 180.0
PERCENTILES: Final = (50, 95, 99)
RUNS: Final = count(1)


@dataclass(frozen=True, slots=True)
class Sample:
    """The figures of one round."""

    contestant: str
    figures: dict[str, float]
    complaints: dict[str, int] = field(default_factory=dict)
    blemishes: dict[str, int] = field(default_factory=dict)


def visit(
    stall: Stall,
    seconds: float,
    *,
    rate: float = 0.0,
    connections: int = CONNECTIONS,
    keep_performed: bool = False,
) -> Findings:
    """Make orders, then let a crowd in a process of its own pay them."""
    orders = stall.stock(max(round(seconds * (2 * rate or PLENTY)), 100))
    plan = Plan(
        ports=list(stall.ports),
        key=stall.key,
        orders=orders,
        seconds=seconds,
        connections=connections,
        rate=rate,
        run=next(RUNS),
        judge=stall.judge,
        watch={name: pids for name, pids in stall.watch.items() if pids},
        keep_performed=keep_performed,
    )
    return crowd(plan)


def crowd(plan: Plan) -> Findings:
    done = subprocess.run(  # noqa: S603 - our own words
        (str(python_of_ours()), "-m", "benchmarks.load.crowd"),
        input=json.dumps(asdict(plan)),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=plan.seconds + TIMEOUT,
        check=False,
    )
    if done.returncode:
        raise ChildFailed(f"the crowd ended with {done.returncode}\n{done.stderr[-3000:]}")
    return Findings(**json.loads(done.stdout))


def sample(name: str, found: Findings) -> Sample:
    figures = {
        "payments/s": found.payments_per_second,
        "requests/s": found.payments_per_second * len(CALLS),
    }
    cpu = dict(found.cpu)
    figures["cores of others"] = max(cpu.pop(OTHERS), 0.0) / found.seconds
    figures |= {f"{tree} CPU ms": 1000 * used / max(found.begun, 1) for tree, used in cpu.items()}
    for call, latencies in found.latencies.items():
        figures |= dict(latency_figures(call, latencies))
    return Sample(name, figures, found.complaints, found.blemishes)


def latency_figures(call: str, microseconds: list[int]) -> Iterable[tuple[str, float]]:
    ordered = sorted(microseconds)
    for which in PERCENTILES:
        if ordered:
            yield f"p{which} ms {call}", percentile(ordered, which) / 1000


def document(samples: Iterable[Sample]) -> list[dict[str, Any]]:
    return [asdict(it) for it in samples]
