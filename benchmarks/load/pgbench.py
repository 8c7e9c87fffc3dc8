"""The same statements without a server before them: what PostgreSQL alone can take with both cores."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import Final

from benchmarks.catalogue import BY_NAME, python_of_ours
from benchmarks.children import ChildFailed, finished
from benchmarks.house import PREPARE_TIMEOUT, housed, settings_of, spoken
from benchmarks.load.ground import Ground, PostgresGround, PostgresLand, Stock
from benchmarks.load.meter import cpu_seconds
from benchmarks.load.payment import CALLS
from benchmarks.load.rounds import CONNECTIONS, PLENTY, RUNS, Sample
from benchmarks.load.stalls import FIELDS, OURS

NAME: Final = "pgbench, the same SQL"
TPS: Final = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
PLAYED: Final = re.compile(r"^number of transactions actually processed: (\d+)", re.MULTILINE)
LATENCY: Final = re.compile(r"^latency average = ([0-9.]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Pgbench:
    ground: PostgresGround
    stock: Stock
    script: str

    def play(self, seconds: float) -> Sample:
        orders = self.stock(round(max(seconds, 1) * PLENTY * 4))
        before = cpu_seconds(self.ground.pids)
        with NamedTemporaryFile("w", suffix=".sql") as file:
            Path(file.name).chmod(0o644)  # the server's user reads it
            file.write(self.script)
            file.flush()
            said = self.ground.server.tool(
                "pgbench",
                *("--no-vacuum", "--protocol=prepared", f"--client={CONNECTIONS}", "--jobs=2"),
                *(f"--time={max(round(seconds), 1)}", f"--file={file.name}"),
                *("-D", f"base={orders.first}", "-D", f"share={orders.count // CONNECTIONS}"),
                *("-D", f"run={next(RUNS)}", "-D", "n=0", "-d", self.ground.url),
            )
        used = cpu_seconds(self.ground.pids) - before
        played, rate = int(_found(PLAYED, said)), _found(TPS, said)
        self._check(played)
        figures = {
            "payments/s": rate,
            "requests/s": rate * len(CALLS),
            "database CPU ms": 1000 * used / max(played, 1),
            "average ms of a whole payment": _found(LATENCY, said),
        }
        return Sample(NAME, figures)

    def memory(self) -> dict[str, int]:
        return {}

    def _check(self, played: int) -> None:
        """See that what was counted has happened: every payment is performed, and promised to the backend once."""
        for table, state in (("payme_transaction", "2"), ("outbox_message", "'waiting'")):
            stored = int(self.ground.run(f"SELECT count(*) FROM {table} WHERE state = {state}"))  # noqa: S608
            if stored < played:
                raise RuntimeError(f"pgbench played {played} payments, and {table} has {stored}")


@contextmanager
def pgbench(land: PostgresLand, script: str) -> Generator[Pgbench, None, None]:
    ground = land.ground()
    migrate(ground)
    yield Pgbench(ground, Stock(ground, OURS, FIELDS[OURS]), script)


def migrate(ground: Ground) -> None:
    """Make our tables, without opening a shop on them."""
    house = housed(BY_NAME[OURS], 1)
    command = spoken(house, python_of_ours(), ("sidecar", "migrate"))
    with TemporaryDirectory() as place:
        folder = Path(place)
        if finished("migrate", command, settings_of(house, ground.url), folder, PREPARE_TIMEOUT):
            raise ChildFailed((folder / "migrate.log").read_text())


def _found(pattern: re.Pattern[str], text: str) -> float:
    match = pattern.search(text)
    if match is None:
        raise RuntimeError(f"pgbench said something else:\n{text}")
    return float(match[1])
