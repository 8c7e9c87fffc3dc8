"""Ten thousand, a million, ten million stored payments: what a call costs must not know the difference."""

import http.client
import json
import random
import re
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from benchmarks.load import stalls
from benchmarks.load.ground import AMOUNT, Land, PostgresLand
from benchmarks.load.payment import Letter, Orders
from benchmarks.load.race import Contestant, Entry, Say, alternate
from benchmarks.load.rounds import Sample, sample, visit
from benchmarks.load.stalls import Stall
from benchmarks.load.statements import captured, chores

STEP: Final = 36_000  # milliseconds from one stored transaction to the next: a hundred an hour, however many there are
HOUR: Final = 3_600_000
DAY: Final = 24 * HOUR
CHUNK: Final = 500_000
PROBES: Final = 40
UNDELIVERED: Final = 100  # messages and overdue transactions that relay and sweep find at every size

SEED: Final = """
SET session_replication_role = replica;
INSERT INTO payment_session (id, order_id, amount, currency_code, created_time)
    SELECT 'g' || n, 'g' || n, {amount}, 'uzs', {begin} + n * {step}
    FROM generate_series({first}::bigint, {last}::bigint) n;
INSERT INTO payme_transaction (payme_id, session_id, order_id, amount, account, state, time,
                               create_time, perform_time, cancel_time, reason)
    SELECT lpad(to_hex(n), 24, '0'), 'g' || n, 'g' || n, {amount}, '{{"order_id":"g' || n || '"}}',
        CASE WHEN n % 10 = 0 THEN -1 ELSE 2 END, {begin} + n * {step}, {begin} + n * {step} + 500,
        CASE WHEN n % 10 = 0 THEN 0 ELSE {begin} + n * {step} + 9000 END,
        CASE WHEN n % 10 = 0 THEN {begin} + n * {step} + 9000 ELSE 0 END,
        CASE WHEN n % 10 = 0 THEN 3 END
    FROM generate_series({first}::bigint, {last}::bigint) n;
INSERT INTO outbox_message (session_id, topic, transaction_id, payload, state, created_time, due_time,
                            attempts, last_answer)
    SELECT 'g' || n, 'authorize', lpad(to_hex(n), 24, '0'),
        '{{"transaction_id":"' || lpad(to_hex(n), 24, '0') || '","amount":{amount},"perform_time":{begin}}}',
        'delivered', {begin} + n * {step}, {begin} + n * {step}, 1, '200'
    FROM generate_series({first}::bigint, {last}::bigint) n WHERE n % 10 <> 0
"""
SETTLE: Final = ("VACUUM (ANALYZE) payment_session, payme_transaction, outbox_message", "CHECKPOINT")
# Seen by one connection only, and undone: what the chores would find on a bad day.
BACKLOG: Final = """
INSERT INTO payment_session (id, order_id, amount, currency_code, created_time)
    SELECT 'late' || n, 'late' || n, {amount}, 'uzs', {now} FROM generate_series(1, {count}) n;
INSERT INTO payme_transaction (payme_id, session_id, order_id, amount, account, state, time,
                               create_time, perform_time, cancel_time)
    SELECT 'late' || n, 'late' || n, 'late' || n, {amount}, '', 1, {now} - 2 * {day}, {now} - 2 * {day}, 0, 0
    FROM generate_series(1, {count}) n;
INSERT INTO outbox_message (session_id, topic, transaction_id, payload, state, created_time, due_time,
                            attempts, last_answer)
    SELECT 'late' || n, 'authorize', 'late' || n, '{{}}', 'waiting', {now} - {day}, {now} - {day}, 0, ''
    FROM generate_series(1, {count}) n
"""
EXPLAIN: Final = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "


@dataclass(frozen=True, slots=True)
class Grown:
    """A sidecar on so many stored payments: a crowd comes, then single calls are timed one after the other."""

    stall: Stall
    size: int
    begin: int
    chance: random.Random

    def play(self, seconds: float) -> Sample:
        it = sample(name_of(self.size), visit(self.stall, seconds))
        it.figures.update(self._probed())
        return it

    def memory(self) -> dict[str, int]:
        return {}

    def _probed(self) -> dict[str, float]:
        line = http.client.HTTPConnection("127.0.0.1", self.stall.ports[0], timeout=60)
        fresh = self.stall.stock(PROBES)
        found = {name: self._timed(line, name, params) for name, params in self._calls(fresh)}
        line.close()
        return found

    def _calls(self, fresh: Orders) -> Iterator[tuple[str, Callable[[int], tuple[str, dict[str, Any]]]]]:
        yield "ms CheckTransaction", lambda _: ("CheckTransaction", {"id": f"{self._stored():024x}"})
        yield "ms CheckPerformTransaction", lambda n: ("CheckPerformTransaction", _order(str(fresh.first + n)))
        yield "ms GetStatement of an hour", lambda _: ("GetStatement", self._span(HOUR))
        yield "ms GetStatement of a day", lambda _: ("GetStatement", self._span(DAY))

    def _timed(
        self, line: http.client.HTTPConnection, name: str, params: Callable[[int], tuple[str, dict[str, Any]]]
    ) -> float:
        headers = {"Authorization": Letter.credential(self.stall.key), "Content-Type": "application/json"}
        took = []
        for number in range(PROBES):
            method, said = params(number)
            body = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": said})
            started = time.perf_counter()
            line.request("POST", "/payme", body, headers)
            answer = line.getresponse().read()
            took.append(1000 * (time.perf_counter() - started))
            if "result" not in json.loads(answer):
                raise RuntimeError(f"{name}: {answer.decode()[:300]}")
        return median(took)

    def _stored(self) -> int:
        return self.chance.randint(1, self.size)

    def _span(self, length: int) -> dict[str, int]:
        """Somewhere in the books, with as many rows whatever the size."""
        first = self.chance.randint(1, max(self.size - length // STEP, 1))
        return {"from": self.begin + first * STEP, "to": self.begin + first * STEP + length - 1}


def growth(land: Land, sizes: Sequence[int], seconds: float, rounds: int, say: Say) -> dict[str, Any]:
    """Fill a database for each size, let them take turns against the smallest, and look at the plans."""
    assert isinstance(land, PostgresLand)  # noqa: S101 - its plans are what we look at
    say("listening to the statements of a payment, the relay, the sweep and /metrics")
    payment = list(_statements(captured()))
    spoken = {f"payment {place}: {_summary(it)}": it for place, it in enumerate(payment, start=1)} | chores()
    facts: dict[str, dict[str, Any]] = {}
    entries = [_entry(size, spoken, facts, say) for size in sorted(sizes)]
    found = alternate(land, entries[0], entries[1:], seconds, rounds, say)
    return {"sizes": sorted(sizes), "stored": facts, "calls": found}


def _entry(size: int, spoken: dict[str, str], facts: dict[str, dict[str, Any]], say: Say) -> Entry:
    @contextmanager
    def opened(land: Land) -> Generator[Contestant, None, None]:
        begin = time.time_ns() // 1_000_000 - size * STEP - 2 * DAY
        with stalls.sidecar(land) as stall:
            assert stall.ground  # noqa: S101 - ours has one
            took = fill(stall, size, begin, say)
            facts[name_of(size)] = {"size": size, "seeding s": round(took, 1), "bytes": _bytes(stall)}
            yield Grown(stall, size, begin, random.Random(size))  # noqa: S311 - the same each time
            say(f"{name_of(size)}: looking at the plans")
            facts[name_of(size)]["plans"] = plans(stall, spoken)

    return Entry(name_of(size), name_of(size), 1, opened)


def name_of(size: int) -> str:
    return f"{size:,}".replace(",", " ")


def fill(stall: Stall, size: int, begin: int, say: Say) -> float:
    """Store so many payments, and say how long that took."""
    assert stall.ground  # noqa: S101 - as above
    started = time.monotonic()
    for first in range(1, size + 1, CHUNK):
        last = min(first + CHUNK - 1, size)
        stall.ground.run(SEED.format(amount=AMOUNT, begin=begin, step=STEP, first=first, last=last))
        say(f"{name_of(size)}: {name_of(last)} stored after {time.monotonic() - started:.0f} s")
    for statement in SETTLE:
        stall.ground.run(statement)
    return time.monotonic() - started


def plans(stall: Stall, spoken: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Run every statement once more to warm the caches and once to look, and undo it all: blocks touched, and ms."""
    assert stall.ground  # noqa: S101 - as above
    order = str(stall.stock(1).first)
    now = time.time_ns() // 1_000_000
    backlog = BACKLOG.format(amount=AMOUNT, now=now, day=DAY, count=UNDELIVERED)
    said = [EXPLAIN + _told(text, order, now) for text in spoken.values()]
    for _ in range(2):
        printed = stall.ground.run(";\n".join(["BEGIN", backlog, *said, "ROLLBACK"]))
    return {name: _cost(plan) for name, plan in zip(spoken, _documents(printed), strict=True)}


def _told(text: str, order: str, now: int) -> str:
    number = "currval('payme_transaction_number_seq')"
    for name, value in (
        (":order", f"'{order}'"),
        (":id", f"'fresh{order}'"),
        (":now", str(now)),
        (":tx_number", number),
    ):
        text = text.replace(name, value)
    return text


def _statements(script: str) -> Iterator[str]:
    """Give those of a pgbench script that have a plan."""
    lines = "\n".join(line for line in script.splitlines() if not line.startswith(("\\", "--")))
    for text in lines.replace("\\gset tx_", ";").split(";"):
        if text.strip() and not text.strip().upper().startswith(("BEGIN", "COMMIT")):
            yield text.strip()


def _summary(statement: str) -> str:
    """Say in a few words what it does: what it stores, or where it looks first."""
    stores = re.findall(r"(?:INSERT INTO|UPDATE) \w+", statement)
    return ", ".join(stores or re.findall(r"FROM \w+", statement)[:1])


def _documents(printed: str) -> Iterator[Any]:
    decoder, at = json.JSONDecoder(), printed.find("[")
    while at >= 0:
        document, end = decoder.raw_decode(printed, at)
        yield document[0]
        at = printed.find("[", end)


def _cost(plan: dict[str, Any]) -> dict[str, Any]:
    root = plan["Plan"]
    return {
        "blocks": root["Shared Hit Blocks"] + root["Shared Read Blocks"],
        "ms": plan["Execution Time"],
        "scans": sorted(set(_scans(root))),
    }


def _scans(node: dict[str, Any]) -> Iterator[str]:
    """Name how each table is reached: a `Seq Scan` of a table that grows would be the answer to a bad question."""
    if "Scan" in node["Node Type"]:
        yield " ".join(filter(None, (node["Node Type"], node.get("Index Name") or node.get("Relation Name"))))
    for child in node.get("Plans", ()):
        yield from _scans(child)


def _bytes(stall: Stall) -> int:
    assert stall.ground  # noqa: S101 - as above
    return int(stall.ground.run("SELECT pg_database_size(current_database())"))


def _order(order: str) -> dict[str, Any]:
    return {"amount": AMOUNT, "account": {"order_id": order}}
