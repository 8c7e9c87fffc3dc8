"""A run in short: a chapter in a line, steps that are alike once, and orders for the next run."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from payme_sandbox.certification.expectations import Verdict
from payme_sandbox.certification.run import Outcome, Result
from payme_sandbox.certification.scenario import Scenario
from payme_sandbox.certification.stage import Step

RANGES: Final = re.compile(r"(\d+)\.\.(\d+)(?=,|$)")


class Told(NamedTuple):
    """A step, and how many more went wrong in the same words."""

    step: Step
    more: int


@dataclass(frozen=True, slots=True)
class Chapter:
    title: str
    scenarios: Sequence[Scenario]
    outcomes: Mapping[str, Outcome]
    """Those that have ended, by the scenario's name."""

    def count(self, result: Result) -> int:
        return sum(self.outcomes[it.name].result is result for it in self.scenarios if it.name in self.outcomes)

    @property
    def ended(self) -> bool:
        return all(scenario.name in self.outcomes for scenario in self.scenarios)

    @property
    def result(self) -> Result:
        """The worst of its scenarios' that says something."""
        return next((it for it in (Result.FAILED, Result.PASSED) if self.count(it)), Result.NOT_RUN)


def told(steps: Iterable[Step]) -> list[Told]:
    """Keep the first of those wrong steps that say the same; the right ones tell the story, each in its place."""
    found: dict[tuple[object, ...], Told] = {}
    for number, step in enumerate(steps):
        failed = step.verdict is Verdict.FAILED
        key = (step.call and step.call.method, step.expected, step.found) if failed else (number,)
        first = found.get(key)
        found[key] = Told(first.step, first.more + 1) if first else Told(step, 0)
    return list(found.values())


def following(accounts: str) -> str:
    """Name the accounts after these, as many: `order_id=1001..1060` becomes `order_id=1061..1120`. A list has none."""
    fields = [field.partition("=") for field in accounts.split()]
    moved = [(name, _moved(values)) for name, _, values in fields]
    if all(new == values for (_, new), (_, _, values) in zip(moved, fields, strict=True)):
        return ""
    return " ".join(f"{name}={values}" for name, values in moved)


def _moved(values: str) -> str:
    ends = [int(number) for ends in RANGES.findall(values) for number in ends]
    way = max(ends, default=0) - min(ends, default=0) + 1
    return RANGES.sub(lambda it: f"{_after(it[1], way)}..{_after(it[2], way)}", values)


def _after(number: str, way: int) -> str:
    return f"{int(number) + way:0{len(number)}}"
