"""What a fault is: a sentence, how to put it in, and how often."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from faults.databases import BOTH
from faults.town import Plan, Town

Inject = Callable[[Town, int], Awaitable[int]]
"""Put the fault in so many times, while buyers buy; leave everything running again; say how often it was put in."""


@dataclass(frozen=True)
class Fault:
    name: str
    sentence: str
    row: str
    """The rows of the reliability table that it covers."""
    inject: Inject
    times: int
    quick_times: int
    minutes: float
    """About how long it takes on one database, in full."""
    databases: tuple[str, ...] = BOTH
    replicas: int = 1
    buyers: int = 8
    """People who buy meanwhile; 0 for a fault that makes its own load."""
    wired: bool = False
    patience: float = 15.0
    settings: Mapping[str, str] = field(default_factory=dict)
    healing: float = 120.0
    """Seconds in which everything is to be well again by itself."""

    @property
    def plan(self) -> Plan:
        return Plan(self.replicas, self.wired, self.patience, self.settings)
