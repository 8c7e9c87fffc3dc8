"""The SQL of a payment, as PostgreSQL hears it from the sidecar, made into a script for pgbench.

It is taken from the server's log while one payment is played, so it cannot drift from what the sidecar does.
"""

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.request import ProxyHandler, Request, build_opener

from benchmarks.load.crowd import Plan
from benchmarks.load.ground import PostgresLand, postgres_land
from benchmarks.load.rounds import crowd
from benchmarks.load.stalls import sidecar
from demo_shop.postgres import data_folder

TALKATIVE: Final[Mapping[str, str]] = MappingProxyType(
    {"logging_collector": "on", "log_destination": "jsonlog", "log_directory": "log", "log_statement": "all"}
)
APPLICATION: Final = "payme-sidecar"
WORDS: Final = re.compile(r"(?:execute [^:]*|statement): (.*)", re.DOTALL)
PARAMETER: Final = re.compile(r"\$(\d+) = (?:'((?:[^']|'')*)'|NULL)")
PLACE: Final = re.compile(r"\$(\d+)")
NUMBER: Final = 7_700_001  # of the transaction, so that it is taken for nothing else
RUN: Final = 0xBE7C4

HEAD: Final = """\
-- One payment: the statements of the six calls, in their order, as the sidecar said them. Made by
-- `python3 dev.py bench statements`; played by pgbench with -D base=… -D share=… -D run=… -D n=0.
\\set n :n + 1
\\set order :base + :client_id * :share + :n
\\set id :run * 1000000000 + :order
"""


@dataclass(frozen=True, slots=True)
class Statement:
    text: str
    parameters: Mapping[int, str | None]

    def mentions(self, value: str) -> bool:
        return value in self.parameters.values()


@dataclass(frozen=True, slots=True)
class Known:
    """What the parameters of the captured payment mean."""

    order: str
    payme_id: str
    begun: int

    def said(self, value: str | None) -> str:
        if value is None:
            return "NULL"
        names = {self.order: ":order", self.payme_id: ":id", str(NUMBER): ":tx_number"}
        if value in names:
            return names[value]
        if value.isdigit() and abs(int(value) - self.begun) < 86_400_000:  # noqa: PLR2004 - a day: it is a time
            return ":now"
        # What pgbench would take for a variable is none: JSON is written with a space instead.
        return "'" + re.sub(r":(?=\w)", ": ", value.replace("'", "''")) + "'"


def captured() -> str:
    """Play a payment on a talkative server and give the script."""
    with postgres_land(TALKATIVE) as land, sidecar(land, variant="relay_asleep") as stall:
        orders = stall.stock(2)
        assert stall.ground  # noqa: S101 - ours has one
        stall.ground.run(f"SELECT setval('payme_transaction_number_seq', {NUMBER - 2})")
        plan = Plan(list(stall.ports), stall.key, orders, seconds=20, connections=1, run=RUN)
        found = crowd(plan)
        if found.complaints or found.payments != orders.count:
            raise RuntimeError(f"the payment that was to be captured went wrong: {found.complaints}")
        second = orders.first + 1
        begun = stall.ground.run("SELECT max(time) FROM payme_transaction")
        known = Known(str(second), f"{RUN:08x}{second:016x}", int(begun))
        return script(list(_of_payment(land, known)), known)


CHORES: Final = {
    "the relay claims what is due": re.compile(
        r"UPDATE outbox_message.*SKIP LOCKED|SKIP LOCKED.*UPDATE outbox", re.DOTALL
    ),
    "the sweep looks for what is overdue": re.compile(
        r"SELECT.*\sFROM payme_transaction.*\.time <= .*LIMIT", re.DOTALL
    ),
    "/metrics counts the backlog": re.compile(r"SELECT(?!.*SKIP LOCKED).*\sFROM outbox_message", re.DOTALL),
}
"""What the sidecar asks by itself, and how its statement is known among the others."""
METRICS_KEY: Final = "known to two processes"


def chores() -> dict[str, str]:
    """Listen to a sidecar that is on duty, and give the statement of each of its chores with the words of that time."""
    with postgres_land(TALKATIVE) as land, sidecar(land) as stall:
        found = crowd(Plan(list(stall.ports), stall.key, stall.stock(2), seconds=20, connections=1, run=RUN))
        if found.complaints:
            raise RuntimeError(f"a payment went wrong: {found.complaints}")
        _ask_for_metrics(stall.ports[0])
        time.sleep(2)  # the relay looks again by itself
        said = list(_log(data_folder(land.server.home) / "log"))
    known = Known("", "", time.time_ns() // 1_000_000)
    told = {}
    for chore, words in CHORES.items():
        matching = [it for it in said if words.search(it.text)]
        if not matching:
            raise RuntimeError(f"the sidecar said nothing by which {chore}")
        told[chore] = _filled(matching[-1], known).rstrip("; \n")
    return told


def _ask_for_metrics(port: int) -> None:
    request = Request(f"http://127.0.0.1:{port}/metrics", headers={"Authorization": f"Bearer {METRICS_KEY}"})
    with build_opener(ProxyHandler({})).open(request) as answer:
        answer.read()


def script(statements: list[Statement], known: Known) -> str:
    return f"{HEAD}\\set now {known.begun}\n\n" + "\n".join(_lines(statements, known)) + "\n"


def _lines(statements: list[Statement], known: Known) -> Iterator[str]:
    later = [any(it.mentions(str(NUMBER)) for it in statements[place + 1 :]) for place in range(len(statements))]
    for statement, needed in zip(statements, later, strict=True):
        text = _filled(statement, known)
        gives = needed and "INSERT INTO payme_transaction" in text and "RETURNING" in text
        yield text.rstrip("; \n") + (" \\gset tx_" if gives else ";")


def _filled(statement: Statement, known: Known) -> str:
    return PLACE.sub(lambda it: known.said(statement.parameters.get(int(it[1]))), statement.text)


def _of_payment(land: PostgresLand, known: Known) -> Iterator[Statement]:
    """Everything the sidecar said from the first word about the second payment on."""
    said = list(_log(data_folder(land.server.home) / "log"))
    first = next(place for place, it in enumerate(said) if it.mentions(known.order))
    # A transaction begins before it says what it is about.
    begins = first - 1 if first and said[first - 1].text.upper().startswith("BEGIN") else first
    yield from said[begins:]


def _log(folder: Path) -> Iterator[Statement]:
    for file in sorted(folder.glob("*.json")):
        for line in file.read_text("utf-8").splitlines():
            entry = json.loads(line)
            words = WORDS.fullmatch(entry.get("message", ""))
            if entry.get("application_name") == APPLICATION and words:
                yield Statement(words[1], _parameters(entry.get("detail", "")))


def _parameters(detail: str) -> dict[int, str | None]:
    found = PARAMETER.finditer(detail)
    return {int(it[1]): None if it[2] is None else it[2].replace("''", "'") for it in found}
