"""A crowd of payers in a process of its own: whole payments against any number of addresses, every answer judged.

    python -m benchmarks.load.crowd < plan.json > findings.json

In a closed loop each connection starts its next payment when the last one is done, which shows how much a server can
take. In an open loop payments arrive by themselves, at random moments, at a given rate, whether the server keeps up or
not; a payment that finds no free connection waits, and its waiting counts. Answers are judged after the clock stops.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import uvloop

from benchmarks.load.meter import cpu_seconds, machine_seconds
from benchmarks.load.payment import CALLS, PERFORM, Answer, Complaint, Letter, Orders, Payment, blemishes, judged
from benchmarks.load.wire import NO_ANSWER, Wire

SECOND: Final = 1_000_000_000  # in nanoseconds
LINES_MAX: Final = 256  # connections of an open loop
PATIENCE: Final = 60.0  # seconds for payments under way when the time is up
OTHERS: Final = "others"
ECHO: Final = "echo"
PAYMENT: Final = "payment"


@dataclass(frozen=True, slots=True)
class Plan:
    ports: list[int]
    key: str = field(repr=False)
    orders: Orders
    seconds: float
    """When the time is up, or the orders are used up, no payment begins; those under way are finished."""
    connections: int = 8
    rate: float = 0.0
    """Payments a second that arrive in an open loop; 0 is a closed loop."""
    run: int = 0
    """Goes into Payme's ids, so that no two runs on one database share one."""
    judge: str = PAYMENT
    """`echo` asks for HTTP 200 and the id only: what an endpoint without a protocol can give."""
    watch: dict[str, list[int]] = field(default_factory=dict)
    """Process trees whose CPU time is read when the clock starts and when it stops."""
    keep_performed: bool = False
    path: str = "/payme"


@dataclass(frozen=True, slots=True)
class Findings:
    seconds: float
    """From the first call to the end of the time, or of the last payment if that came first."""
    calls_in_time: int
    payments: int
    """Whole payments with nothing to complain of, those finished after the time included."""
    begun: int
    complaints: dict[str, int]
    blemishes: dict[str, int]
    latencies: dict[str, list[int]]
    """Microseconds by call."""
    cpu: dict[str, float]
    performed: dict[str, int]
    """Payme's id → when the answer to PerformTransaction was in, in monotonic nanoseconds of this machine."""

    @property
    def payments_per_second(self) -> float:
        """Six calls are a payment: counting calls is fair to those that were under way when the time was up."""
        return self.calls_in_time / len(CALLS) / self.seconds


class Line:
    """One caller: plays a payment to its end over one connection, which it opens again when the server closes it."""

    def __init__(self, crowd: "Crowd", port: int) -> None:
        self._crowd = crowd
        self._port = port
        self._letter = crowd.letter
        self._wire: Wire | None = None
        self._payment: Payment | None = None
        self._sent = 0

    def play(self, payment: Payment, due: int) -> None:
        self._payment = payment
        self._call(due)

    def close(self) -> None:
        if self._wire:
            self._wire.close()

    async def connect(self) -> None:
        loop = asyncio.get_running_loop()
        _, self._wire = await loop.create_connection(lambda: Wire(self._answered), "127.0.0.1", self._port)

    def _call(self, since: int) -> None:
        assert self._payment  # noqa: S101 - we are playing it
        self._sent = since
        request = self._letter.call(self._payment, len(self._payment.answers))
        if self._wire and self._wire.connected:
            self._wire.send(request)
        else:
            self._crowd.keep(asyncio.get_running_loop().create_task(self._connect_and_send(request)))

    async def _connect_and_send(self, request: bytes) -> None:
        try:
            await self.connect()
        except OSError:
            self._answered(NO_ANSWER, b"", False)
            return
        assert self._wire  # noqa: S101 - just connected
        self._wire.send(request)

    def _answered(self, status: int, body: bytes, _stays: bool) -> None:
        payment = self._payment
        assert payment  # noqa: S101 - nobody answers unasked
        now = time.monotonic_ns()
        if status != NO_ANSWER:
            payment.answers.append(Answer(status, body, self._sent, now))
        if status == NO_ANSWER or payment.whole:
            self._payment = None
            self._crowd.done(self)
        else:
            self._call(now)


class Crowd:
    def __init__(self, plan: Plan) -> None:
        self.letter = Letter("127.0.0.1", plan.path, plan.key, plan.orders)
        self.payments: list[Payment] = []
        self.begin = self.end = 0
        self._plan = plan
        self._numbers = iter(range(plan.orders.first, plan.orders.first + plan.orders.count))
        self._idle: list[Line] = []
        self._late: deque[int] = deque()
        self._lines: list[Line] = []
        self._all_done = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def pay(self) -> None:
        for place in range(self._plan.connections):
            await self._line(place).connect()
        self.begin = time.monotonic_ns()
        self.end = self.begin + round(self._plan.seconds * SECOND)
        self._idle = list(self._lines)
        async with asyncio.timeout(self._plan.seconds + PATIENCE):
            await (self._arrive() if self._plan.rate else self._besiege())
            while len(self._idle) < len(self._lines):
                self._all_done.clear()
                await self._all_done.wait()
        for line in self._lines:
            line.close()

    def done(self, line: Line) -> None:
        """A payment of this line is over: the next one, or none."""
        now = time.monotonic_ns()
        if self._plan.rate:
            begun = bool(self._late) and self._begin(line, self._late.popleft())
        else:
            begun = now < self.end and self._begin(line, now)
        if not begun:
            self._idle.append(line)
            self._all_done.set()

    def keep(self, task: asyncio.Task[None]) -> None:
        """Hold on to a task until it is done, as asyncio asks."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _besiege(self) -> None:
        for line in self._take_all():
            if not self._begin(line, time.monotonic_ns()):
                self._idle.append(line)

    async def _arrive(self) -> None:
        for due in _arrivals(self._plan.rate, self._plan.run, self.begin, self.end):
            if (pause := due - time.monotonic_ns()) > 0:
                await asyncio.sleep(pause / SECOND)
            if not self._idle and len(self._lines) < LINES_MAX:
                self._idle.append(self._line(len(self._lines)))
            if not self._idle:
                self._late.append(due)
            elif not self._begin(line := self._idle.pop(), due):
                self._idle.append(line)
                return

    def _begin(self, line: Line, due: int) -> bool:
        number = next(self._numbers, None)
        if number is None:
            return False
        payment = Payment(number, f"{self._plan.run:08x}{number:016x}", time.time_ns() // 1_000_000)
        self.payments.append(payment)
        line.play(payment, due)
        return True

    def _line(self, place: int) -> Line:
        line = Line(self, self._plan.ports[place % len(self._plan.ports)])
        self._lines.append(line)
        return line

    def _take_all(self) -> list[Line]:
        taken, self._idle = self._idle, []
        return taken


def _arrivals(rate: float, seed: int, begin: int, end: int) -> Iterator[int]:
    """Give the moments of a Poisson process: independent payers do not wait for each other."""
    chance = random.Random(seed)  # noqa: S311 - the same crowd each time
    due = begin + chance.expovariate(rate) * SECOND
    while due < end:
        yield round(due)
        due += chance.expovariate(rate) * SECOND


def findings(plan: Plan, crowd: Crowd, cpu: dict[str, float]) -> Findings:
    judge = judged if plan.judge == PAYMENT else _echoed
    complaints: Counter[str] = Counter()
    small: Counter[str] = Counter()
    for payment in crowd.payments:
        try:
            judge(payment)
            small.update(blemishes(payment))
        except Complaint as complaint:
            complaints[str(complaint)] += 1
    received = [answer.received for payment in crowd.payments for answer in payment.answers]
    last = max(received, default=crowd.end)
    return Findings(
        seconds=(min(last, crowd.end) - crowd.begin) / SECOND,
        calls_in_time=sum(moment <= crowd.end for moment in received),
        payments=len(crowd.payments) - complaints.total(),
        begun=len(crowd.payments),
        complaints=dict(complaints),
        blemishes=dict(small),
        latencies={name: list(_latencies(crowd.payments, place)) for place, name in enumerate(CALLS)},
        cpu=cpu,
        performed=_performed(crowd.payments) if plan.keep_performed else {},
    )


def _echoed(payment: Payment) -> None:
    if not payment.whole:
        raise Complaint(f"{CALLS[len(payment.answers)]}: no answer")
    for name, answer in zip(CALLS, payment.answers, strict=True):
        if answer.status != 200:  # noqa: PLR2004 - as in `payment`
            raise Complaint(f"{name}: HTTP {answer.status}")


def _latencies(payments: list[Payment], place: int) -> Iterator[int]:
    for payment in payments:
        if len(payment.answers) > place:
            answer = payment.answers[place]
            yield (answer.received - answer.sent) // 1000


def _performed(payments: list[Payment]) -> dict[str, int]:
    place = CALLS.index(PERFORM)
    return {it.payme_id: it.answers[place].received for it in payments if len(it.answers) > place}


def play(plan: Plan) -> Findings:
    """Play the plan in this process, and judge."""

    async def played() -> Crowd:
        crowd = Crowd(plan)
        await crowd.pay()
        return crowd

    watch = Watch(plan.watch)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        crowd = runner.run(played())
    return findings(plan, crowd, watch.used())


class Watch:
    """CPU time of the trees it was given, of ourselves, and of everybody else on the machine, from now on."""

    def __init__(self, trees: dict[str, list[int]]) -> None:
        self._trees = trees
        self._before = self._read()

    def used(self) -> dict[str, float]:
        used = {name: value - self._before[name] for name, value in self._read().items()}
        used[OTHERS] -= sum(seconds for name, seconds in used.items() if name != OTHERS)
        return used

    def _read(self) -> dict[str, float]:
        trees = {name: cpu_seconds(roots) for name, roots in self._trees.items()}
        return trees | {"crowd": time.process_time(), OTHERS: machine_seconds()}


def plan_of(document: dict[str, Any]) -> Plan:
    return Plan(**document | {"orders": Orders(**document["orders"])})


if __name__ == "__main__":
    json.dump(asdict(play(plan_of(json.load(sys.stdin)))), sys.stdout)
