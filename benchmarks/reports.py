"""What a run of the sandbox has found, read from its JSON report."""

import json
from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True)
class Outcome:
    name: str
    chapter: str
    title: str
    source: str
    verdict: Verdict
    reason: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    started: str
    outcomes: tuple[Outcome, ...]

    def with_verdict(self, verdict: Verdict) -> tuple[Outcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.verdict is verdict)

    def with_failures_of(self, again: "Report", when: str) -> "Report":
        """What failed in another run of the same shop has failed, whatever it did in this one."""
        failed = {it.name: replace(it, reason=f"{it.reason} ({when})") for it in again.with_verdict(Verdict.FAILED)}
        return replace(self, outcomes=tuple(failed.get(it.name, it) for it in self.outcomes))

    def totals(self) -> tuple[int, ...]:
        """How many passed, failed and were not run."""
        counted = Counter(outcome.verdict for outcome in self.outcomes)
        return tuple(counted[verdict] for verdict in Verdict)


def read(file: Path) -> Report:
    document = json.loads(file.read_text("utf-8"))
    return Report(document["started"], tuple(map(_outcome, document["scenarios"])))


def _outcome(scenario: dict[str, Any]) -> Outcome:
    return Outcome(
        scenario["name"],
        scenario["chapter"],
        scenario["title"],
        scenario.get("source") or "",
        Verdict(scenario["verdict"]),
        scenario.get("reason") or "",
        tuple(scenario.get("notes") or ()),
    )
