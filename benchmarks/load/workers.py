"""More of ours on one PostgreSQL: what two, three and four `serve` processes take, against one."""

from collections.abc import Sequence
from typing import Any

from benchmarks.load.ground import Land
from benchmarks.load.race import Say, alternate, ours


def workers(land: Land, counts: Sequence[int], seconds: float, rounds: int, say: Say) -> dict[str, Any]:
    return alternate(land, ours(1), [ours(number) for number in counts if number > 1], seconds, rounds, say)
