"""The goals of the project, each held against what was measured."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.load import stalls
from benchmarks.load.race import BASE
from benchmarks.load.tables import number

TIMES_THE_BEST_PEER: Final = 10.0
OF_THE_APP_WITHOUT_A_DATABASE: Final = 0.30
P99_OVER_P50: Final = 3.0
TOLD_WITHIN_MS: Final = 50.0
KEPT_WITH_DELIVERY: Final = 0.8
FLAT: Final = 1.05  # the last stretch over the first settled one
SOAK_MINUTES: Final = 20.0

Measurements = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Verdict:
    said: str
    reached: bool | None
    """None when it was not measured."""


NOT_MEASURED: Final = Verdict("not measured", None)


@dataclass(frozen=True, slots=True)
class Goal:
    title: str
    section: str
    judge: Callable[[Mapping[str, Any]], Verdict]

    def held_against(self, measured: Measurements) -> Verdict:
        document = measured.get(self.section)
        return self.judge(document) if document else NOT_MEASURED


def middle(results: Mapping[str, Any], name: str) -> float | None:
    """Give the median ratio of payments/s to ours with one worker."""
    found = results.get(name, {}).get("ratios", {}).get(BASE)
    return float(found["median"]) if found else None


def by_workers(race: Mapping[str, Any]) -> dict[str, dict[int, float]]:
    """Give, for us and for each peer, the ratio to ours with one worker by number of workers."""
    found: dict[str, dict[int, float]] = {stalls.OURS: {1: 1.0}}
    for group, results in race.items():
        shop = stalls.OURS if group == "ours" else group
        if group == "limits":
            continue
        for name, it in results.items():
            told = middle(results, name)
            if told is not None:
                found.setdefault(shop, {})[it["workers"]] = told
    return found


def best(ratios: Mapping[int, float]) -> tuple[int, float]:
    """Give the number of workers that suits best, and its ratio."""
    return max(ratios.items(), key=lambda pair: pair[1])


def _times_the_best_peer(document: Mapping[str, Any]) -> Verdict:
    found = document["found"]
    ratios, ceiling = by_workers(found), middle(found.get("limits", {}), stalls.IN_MEMORY)
    peers = {shop: best(it) for shop, it in ratios.items() if shop != stalls.OURS}
    if not peers:
        return NOT_MEASURED
    shop, (workers, theirs) = max(peers.items(), key=lambda pair: pair[1][1])
    mine, ours = best(ratios[stalls.OURS])
    said = f"{number(ours / theirs)} times {shop} (ours with {mine}, it with {workers} workers)"
    if ceiling:
        said += f"; without any database, one worker of ours would be {number(ceiling / theirs)} times as fast"
    return Verdict(said, ours / theirs >= TIMES_THE_BEST_PEER)


def _without_a_database(document: Mapping[str, Any]) -> Verdict:
    limits = document["found"].get("limits", {})
    ceiling, asleep = middle(limits, stalls.IN_MEMORY), middle(limits, stalls.ASLEEP)
    if not ceiling or not asleep:
        return NOT_MEASURED
    said = f"{number(asleep / ceiling)} while it does not deliver, {number(1 / ceiling)} while it does"
    return Verdict(said, asleep / ceiling >= OF_THE_APP_WITHOUT_A_DATABASE)


def _steady_answers(document: Mapping[str, Any]) -> Verdict:
    found = document["found"]["p99/p50"]
    ours, control = (found[name].get("median") for name in (stalls.OURS, stalls.IN_MEMORY))
    if not ours or not control:
        return NOT_MEASURED
    said = f"{number(ours)} times; {number(control)} times by the same app without a database"
    return Verdict(said, ours < P99_OVER_P50)


def _told_soon(document: Mapping[str, Any]) -> Verdict:
    found = document["found"]
    idle, half = found["idle"]["p50"], found["half"]["p50"]["median"]
    return Verdict(f"{number(idle)} ms; under half load {number(half)} ms", max(idle, half) < TOLD_WITHIN_MS)


def _cheap_delivery(document: Mapping[str, Any]) -> Verdict:
    kept = document["found"]["kept"].get("median")
    if kept is None:
        return NOT_MEASURED
    return Verdict(f"{number(100 * (1 - kept))} % of it", kept >= KEPT_WITH_DELIVERY)


def _flat(document: Mapping[str, Any]) -> Verdict:
    found = document["found"]
    said = (
        f"from {found['settled_mb']:.1f} to {found['last_mb']:.1f} MB in {document['minutes']:g} minutes "
        f"({found['requests']} requests)"
    )
    long_enough = document["minutes"] >= SOAK_MINUTES
    return Verdict(said, found["last_mb"] <= FLAT * found["settled_mb"] if long_enough else None)


GOALS: Final = (
    Goal(
        "at least 10 times the payments/s of the best peer on the same PostgreSQL, each with the number of workers "
        "that suits it best",
        "race",
        _times_the_best_peer,
    ),
    Goal("at least 0.30 of the same app without a database, with one worker", "race", _without_a_database),
    Goal("p99 of a Perform under three times its p50 at half load", "rate", _steady_answers),
    Goal("from Perform to the backend's authorize under 50 ms (median) with an idle backend", "delivery", _told_soon),
    Goal("delivery to the backend costs under a fifth of the throughput", "delivery", _cheap_delivery),
    Goal("memory flat over twenty minutes of load", "soak", _flat),
)
