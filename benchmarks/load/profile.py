"""Where our server's CPU time goes: it is sampled while a crowd pays, and every function gets its share."""

import json
import os
import signal
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks.load.ground import Land
from benchmarks.load.rounds import sample, visit
from benchmarks.load.stalls import sidecar

FUNCTIONS: Final = 25
# What the server does, by where the innermost function of ours or of a library lives; the first that fits counts.
PARTS: Final = (
    ("logging", ("structlog/", "logging/", "sidecar/logs.py", "json/encoder.py:JSONEncoder")),
    ("delivery (httpx, relay)", ("httpx/", "httpcore/", "anyio/", "h11/", "sidecar/session_bridge/")),
    ("SQLAlchemy", ("sqlalchemy/",)),
    ("asyncpg", ("asyncpg/",)),
    ("uvicorn", ("uvicorn/", "sidecar/server.py")),
    ("Starlette", ("starlette/",)),
    ("metrics", ("prometheus_client/", "sidecar/metrics.py")),
    ("the sidecar's own code", ("sidecar/",)),
)
# How the server was started: below everything, and of no interest.
BELOW: Final = ("typer/", "<frozen runpy>", "benchmarks/", "asyncio/runners", "uvicorn/server", "uvicorn/_compat")
OTHER: Final = "the interpreter's library, the event loop"


def profiled(land: Land, seconds: float, variant: str = "") -> dict[str, Any]:
    """Play for so long and give the shares in percent, with what a payment cost meanwhile."""
    with TemporaryDirectory() as place:
        target = Path(place) / "samples.json"
        with sidecar(land, variant=variant, settings={"SAMPLES": str(target)}) as stall:
            visit(stall, 1)
            os.kill(stall.servers[0], signal.SIGUSR1)
            found = visit(stall, seconds)
            os.kill(stall.servers[0], signal.SIGUSR1)
        stacks = json.loads(target.read_text())
    return shares(stacks) | {
        "figures": sample("payme-sidecar", found).figures,
        "complaints": found.complaints,
        "variant": variant or "as served",
    }


def shares(stacks: Iterable[dict[str, Any]]) -> dict[str, Any]:
    own: Counter[str] = Counter()
    inclusive: Counter[str] = Counter()
    parts: Counter[str] = Counter()
    for it in stacks:
        stack, seen = it["stack"], it["seen"]
        if not stack:
            continue
        own[stack[0]] += seen
        parts[part_of(stack)] += seen
        inclusive.update(dict.fromkeys((it for it in stack if not it.startswith(BELOW)), seen))
    total = own.total()
    return {
        "samples": total,
        "parts": _percent(parts, total, None),
        "own": _percent(own, total, FUNCTIONS),
        "inclusive": _percent(inclusive, total, 2 * FUNCTIONS),
    }


def part_of(stack: list[str]) -> str:
    """Name the part that the innermost known function belongs to: a library's helpers count for the library."""
    for function in stack:
        for name, marks in PARTS:
            if function.startswith(marks):
                return name
    return OTHER


def _percent(counted: Counter[str], total: int, most: int | None) -> dict[str, float]:
    return {name: round(100 * seen / total, 2) for name, seen in counted.most_common(most)}


def text(profile: dict[str, Any]) -> str:
    """Write it for a terminal."""
    figures = profile["figures"]
    lines = [
        f"{profile['variant']}: {figures['payments/s']:.0f} payments/s under the sampler",
        f"server CPU per payment: {figures['server CPU ms']:.2f} ms, seen in {profile['samples']} samples",
        f"database CPU per payment: {figures.get('database CPU ms', 0):.2f} ms",
    ]
    for table in ("parts", "own", "inclusive"):
        lines += ["", f"{table}, % of the server's CPU time:"]
        lines += [f"{share:7.2f}  {name}" for name, share in profile[table].items()]
    return "\n".join(lines)
