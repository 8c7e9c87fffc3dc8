"""The race: every contestant stands between two rounds of ours, A X A Y A, and is told as a ratio to them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any, Final, Protocol

from benchmarks.load import stalls
from benchmarks.load.figures import Spread, ratio, steady
from benchmarks.load.ground import Land, PostgresLand
from benchmarks.load.pgbench import pgbench
from benchmarks.load.rounds import Sample, sample, visit
from benchmarks.load.stalls import Stall
from benchmarks.load.statements import captured

BASE: Final = "payments/s"
WARM_UP: Final = 1.0  # seconds; caches fill, and nobody looks
Say = Callable[[str], None]


class Contestant(Protocol):
    def play(self, seconds: float) -> Sample: ...
    def memory(self) -> dict[str, int]: ...


@dataclass(frozen=True, slots=True)
class Server:
    """A contestant that a crowd comes to."""

    stall: Stall
    name: str

    def play(self, seconds: float) -> Sample:
        return sample(self.name, visit(self.stall, seconds))

    def memory(self) -> dict[str, int]:
        return asdict(self.stall.memory())


Opening = Callable[[Land], AbstractContextManager[Contestant]]


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody who takes part, not yet open."""

    name: str
    title: str
    workers: int
    open: Opening


@dataclass(slots=True)
class Results:
    """Everything that was measured of one entry."""

    title: str
    workers: int
    figures: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    ratios: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    dropped: int = 0
    complaints: Counter[str] = field(default_factory=Counter)
    blemishes: Counter[str] = field(default_factory=Counter)
    memory: dict[str, int] = field(default_factory=dict)

    def add(self, it: Sample) -> None:
        for name, value in it.figures.items():
            self.figures[name].append(value)
        self.complaints.update(it.complaints)
        self.blemishes.update(it.blemishes)

    def compare(self, it: Sample, before: Sample, after: Sample) -> None:
        """Set it against its neighbours, unless the machine changed between them."""
        if not steady(before.figures[BASE], after.figures[BASE]):
            self.dropped += 1
            return
        for name in it.figures.keys() & before.figures.keys() & after.figures.keys():
            found = ratio(it.figures[name], before.figures[name], after.figures[name])
            if found is not None:
                self.ratios[name].append(found)

    def document(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "workers": self.workers,
            "figures": {name: round(median(values), 4) for name, values in self.figures.items()},
            "ratios": {name: _rounded(values) for name, values in self.ratios.items()},
            "dropped": self.dropped,
            "complaints": dict(self.complaints),
            "blemishes": dict(self.blemishes),
            "memory": self.memory,
            "samples": {name: [round(it, 4) for it in values] for name, values in self.figures.items()},
        }


def _rounded(values: Sequence[float]) -> dict[str, float]:
    spread = Spread.of(values)
    return {name: round(value, 4) for name, value in asdict(spread).items()} if spread else {}


def alternate(
    land: Land, base: Entry, others: Sequence[Entry], seconds: float, rounds: int, say: Say
) -> dict[str, Any]:
    """Open the base and some others, let them take turns, and give what was found of each by name."""
    found = {entry.name: Results(entry.title, entry.workers) for entry in (base, *others)}
    with ExitStack() as market:
        opened = {}
        for entry in (base, *others):
            say(f"opening {entry.name}")
            opened[entry.name] = market.enter_context(entry.open(land))
            opened[entry.name].play(WARM_UP)
        before = opened[base.name].play(seconds)
        found[base.name].add(before)
        for number in range(rounds):
            for entry in _rotated(others, number):
                it = opened[entry.name].play(seconds)
                after = opened[base.name].play(seconds)
                found[base.name].add(after)
                found[entry.name].add(it)
                found[entry.name].compare(it, before, after)
                say(f"round {number + 1}/{rounds}: {_progress(base, entry, it, before, after)}")
                before = after
        for name, contestant in opened.items():
            found[name].memory = contestant.memory()
    return {name: results.document() for name, results in found.items()}


def _rotated(others: Sequence[Entry], number: int) -> Iterable[Entry]:
    """Give each another neighbourhood in every round."""
    turn = number % len(others) if others else 0
    return (*others[turn:], *others[:turn])


def _progress(base: Entry, entry: Entry, it: Sample, before: Sample, after: Sample) -> str:
    told = ratio(it.figures[BASE], before.figures[BASE], after.figures[BASE]) or 0
    doubt = "" if steady(before.figures[BASE], after.figures[BASE]) else ", dropped: its neighbours differ"
    wrong = f", {sum(it.complaints.values())} payments went wrong" if it.complaints else ""
    return f"{entry.name} {it.figures[BASE]:.1f}/s, {told:.3f} of {base.name}{doubt}{wrong}"


def race(land: Land, counts: Sequence[int], seconds: float, rounds: int, say: Say) -> dict[str, Any]:
    """Race in groups, each beside ours with one worker on a new database: limits, our workers, each peer's workers."""
    groups: dict[str, list[Entry]] = {"limits": limits(land, say)}
    groups["ours"] = [ours(workers) for workers in counts if workers > 1]
    groups |= {name: [peer(name, workers) for workers in counts] for name in stalls.PEERS}
    found: dict[str, Any] = {}
    for number, (name, others) in enumerate(groups.items()):
        if others:
            say(f"group {number + 1} of {len(groups)}: {name}")
            found[name] = alternate(land, ours(1), others, seconds, rounds, say)
    return found


def ours(workers: int) -> Entry:
    @contextmanager
    def opened(land: Land) -> Generator[Contestant, None, None]:
        with stalls.sidecar(land, workers=workers) as stall:
            yield Server(stall, name)

    name = f"{stalls.OURS} ×{workers}"
    return Entry(name, stalls.OURS, workers, opened)


def variant(name: str, title: str) -> Entry:
    @contextmanager
    def opened(land: Land) -> Generator[Contestant, None, None]:
        with stalls.sidecar(land, variant=name) as stall:
            yield Server(stall, title)

    return Entry(title, title, 1, opened)


def peer(shop: str, workers: int) -> Entry:
    @contextmanager
    def opened(land: Land) -> Generator[Contestant, None, None]:
        with stalls.peer(land, shop, workers=workers) as stall:
            yield Server(stall, name)

    name = f"{shop} ×{workers}"
    return Entry(name, shop, workers, opened)


def limits(land: Land, say: Say) -> list[Entry]:
    """Name what nobody with a database, a protocol or Python can pass."""
    found = [
        variant("relay_asleep", stalls.ASLEEP),
        variant("in_memory", stalls.IN_MEMORY),
        Entry(stalls.EMPTY, stalls.EMPTY, 1, _empty),
    ]
    if isinstance(land, PostgresLand):
        say("listening to the statements of one payment")
        script = captured()
        found.append(Entry("pgbench", "pgbench, the same SQL", 8, lambda land: _pgbench(land, script)))
    return found


@contextmanager
def _empty(_land: Land) -> Generator[Contestant, None, None]:
    with stalls.empty_endpoint() as stall:
        yield Server(stall, stalls.EMPTY)


@contextmanager
def _pgbench(land: Land, script: str) -> Generator[Contestant, None, None]:
    assert isinstance(land, PostgresLand)  # noqa: S101 - or it is not asked for
    with pgbench(land, script) as bench:
        yield bench
