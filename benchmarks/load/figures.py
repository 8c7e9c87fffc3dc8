"""Medians, quartiles, percentiles, and the ratio of a sample to the two that stand beside it."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

UNSTEADY: Final = 0.25
"""Neighbours that differ by more say that the machine changed meanwhile, and what stands between them says nothing."""


@dataclass(frozen=True, slots=True)
class Spread:
    median: float
    lower: float
    upper: float
    samples: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread | None":
        if not values:
            return None
        if len(values) == 1:
            return cls(values[0], values[0], values[0], 1)
        lower, median, upper = statistics.quantiles(values, n=4, method="inclusive")
        return cls(median, lower, upper, len(values))


def percentile(ordered: Sequence[float], which: float) -> float:
    """Give the smallest value that so many percent do not exceed (the nearest rank)."""
    rank = -(-len(ordered) * which // 100)
    return ordered[max(int(rank), 1) - 1]


def steady(before: float, after: float) -> bool:
    return abs(before - after) <= UNSTEADY * max(before, after)


def ratio(value: float, before: float, after: float) -> float | None:
    """Give the ratio to the mean of the two neighbours; nothing where they are nothing."""
    base = (before + after) / 2
    return value / base if base else None


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Give how much y grows for each unit of x, by least squares."""
    return statistics.linear_regression([x for x, _ in points], [y for _, y in points]).slope
