"""A town for one fault: a database, sidecars, a commerce backend, Payme, and people who buy.

The database and the sidecars are real; the others are stand-ins that behave as badly as they are told to.
"""

import asyncio
import contextlib
import itertools
import random
import re
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from demo_shop.postgres import LocalPostgres
from faults import databases
from faults.backend import CommerceBackend
from faults.books import Evidence, Journal, Message, Row, performed, statement_row
from faults.databases import HURRY, PASSWORD, POSTGRESQL, WAITING, Database, Postgres, opened
from faults.http import HOST
from faults.lives import Buyers, Shop
from faults.payme import LOGIN, Payme
from faults.sidecars import Sidecar
from faults.wire import Wire

KEY: Final = "k&#%?@:ey"  # cashbox keys are like that
API_KEY: Final = "backend-to-sidecar"
BACKEND_KEY: Final = "sk_sidecar_to_backend"
SECRETS: Final = (
    KEY,
    API_KEY,
    BACKEND_KEY,
    PASSWORD,
    b64encode(f"{LOGIN}:{KEY}".encode()).decode(),
    b64encode(f"{BACKEND_KEY}:".encode()).decode(),
)
LAST_LIFE: Final = 120.0  # seconds for what has begun to come to its end
LOOK: Final = 0.2  # seconds between two looks at the backlog
HURRY_EVERY: Final = 5  # looks
WAIT: Final = 60.0
EVER: Final = 2**53  # Payme's clock will not get there


@dataclass(frozen=True)
class Plan:
    """What a fault needs of its town."""

    replicas: int = 1
    wired: bool = False
    """With a wire on every side of each sidecar."""
    patience: float = 15.0
    """Seconds that Payme and the shop wait for one answer before they ask again."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Environment variables of the sidecars besides the usual ones."""


@dataclass(frozen=True)
class Wires:
    """The wires of one sidecar; no database wire for a file."""

    front: Wire
    back: Wire
    database: Wire | None

    @property
    def all(self) -> list[Wire]:
        return [wire for wire in (self.front, self.back, self.database) if wire]


@dataclass
class Town:
    folder: Path
    database: Database
    backend: CommerceBackend
    payme: Payme
    shop: Shop
    buyers: Buyers
    sidecars: list[Sidecar]
    wires: list[Wires]
    """One for each sidecar, in a town with wires."""
    dice: random.Random
    hurried: bool = False
    """Leases and pauses are cut short by hand where only time would pass; for the short form."""

    notes: list[str] = field(default_factory=list)
    """What was measured on the way; it is reported and judged by nobody."""

    @property
    def journal(self) -> Journal:
        return self.payme.journal

    @property
    def sidecar(self) -> Sidecar:
        """The one there is, or the first."""
        return self.sidecars[0]

    def complain(self, sentence: str) -> None:
        """Say what the fault itself saw go wrong; it fails the run."""
        self.journal.complaints.append(sentence)

    def note(self, sentence: str) -> None:
        self.notes.append(sentence)

    @contextlib.asynccontextmanager
    async def load(self, buyers: int) -> AsyncIterator[None]:
        """People buy for as long as the block lasts, then bring to an end what they began."""
        tasks = [asyncio.create_task(self.buyers.buy_all_day()) for _ in range(buyers)]
        try:
            yield
            self.buyers.call_it_a_day()
            if tasks:
                _, endless = await asyncio.wait(tasks, timeout=LAST_LIFE)
                if endless:
                    self.complain(f"{len(endless)} payments never came to an end: {self.journal.silences[-1:]}")
        finally:
            for task in tasks:
                task.cancel()
            for outcome in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(outcome, Exception):
                    raise outcome

    async def pause(self, least: float, most: float) -> None:
        await asyncio.sleep(self.dice.uniform(least, most))

    async def until(self, happened: Callable[[], object], what: str, within: float = WAIT) -> None:
        """Wait for what must happen; complain and go on when it does not."""
        deadline = time.monotonic() + within
        while not happened():
            if time.monotonic() > deadline:
                self.complain(f"waited {within:.0f} s in vain for {what}")
                return
            await asyncio.sleep(0.01)

    async def payments(self, number: int) -> None:
        """Wait until so many more moves were acknowledged: there is load, and it gets through."""
        wanted = len(self.journal.entries) + number
        await self.until(lambda: len(self.journal.entries) >= wanted, f"{number} more answers")

    async def heal(self, within: float) -> float:
        """Wait until the backlog is gone, by itself; the seconds that took."""
        begun = time.monotonic()
        for look in itertools.count():
            if not await asyncio.to_thread(databases.count, self.database, WAITING):
                break
            if time.monotonic() > begun + within:
                break  # the check will name what is left
            if self.hurried and look % HURRY_EVERY == 0:
                await self.hurry()
            await asyncio.sleep(LOOK)
        return time.monotonic() - begun

    async def hurry(self) -> None:
        """Let the pauses and leases of waiting messages be over."""
        await asyncio.to_thread(self.database.execute, HURRY)

    async def evidence(self) -> Evidence:
        """Close the books."""
        stated = await self.payme.call("GetStatement", **{"from": 0, "to": EVER})
        for sidecar in self.sidecars:
            await sidecar.end()
        rows, messages, damage = await asyncio.to_thread(_read, self.database)
        return Evidence(
            journal=self.journal,
            statement=tuple(map(statement_row, (stated.result or {}).get("transactions", ()))),
            rows=rows,
            messages=messages,
            effects=tuple(self.backend.effects),
            contradictions=tuple(self.backend.contradictions),
            leaks=tuple(await asyncio.to_thread(leaks, self.folder)),
            damage=tuple(damage),
        )


@contextlib.asynccontextmanager
async def open_town(
    kind: str,
    folder: Path,
    seed: int,
    plan: Plan,
    server: LocalPostgres | None = None,
) -> AsyncIterator[Town]:
    """Open a town in which everything runs; nothing of it is left afterwards but its folder.

    PostgreSQL is a server of the town's own, or a database on the one that is given.
    """
    dice = random.Random(seed)  # noqa: S311 - a seed is to give the same choices again
    async with contextlib.AsyncExitStack() as stack:
        database = stack.enter_context(opened(kind, folder, server))
        backend = CommerceBackend(BACKEND_KEY, dice)
        await backend.start()
        stack.push_async_callback(backend.kill)
        sidecars = [Sidecar(f"sidecar-{number + 1}", folder, {}) for number in range(plan.replicas)]
        wires = [await _wire(stack, it, backend, database) for it in sidecars if plan.wired]
        for number, sidecar in enumerate(sidecars):
            sidecar.settings = _settings(database, backend, wires[number] if wires else None, plan.settings)
            stack.push_async_callback(sidecar.kill)
        await _start(sidecars, kind)
        doors = [it.port for it in sidecars]
        payme = Payme(KEY, Journal(), lambda: [it.front.port for it in wires] or doors, dice, plan.patience)
        shop = Shop(API_KEY, lambda: doors, dice, plan.patience)
        stack.callback(payme.close)
        stack.callback(shop.close)
        yield Town(folder, database, backend, payme, shop, Buyers(payme, shop, dice), sidecars, wires, dice)


async def _start(sidecars: list[Sidecar], kind: str) -> None:
    if kind == POSTGRESQL:
        await sidecars[0].migrate()
    for sidecar in sidecars:
        await sidecar.start()


async def _wire(
    stack: contextlib.AsyncExitStack, sidecar: Sidecar, backend: CommerceBackend, database: Database
) -> Wires:
    to_database = Wire(database.server.port) if isinstance(database, Postgres) else None
    wires = Wires(Wire(sidecar.port), Wire(backend.port), to_database)
    for wire in wires.all:
        await wire.open()
        stack.push_async_callback(wire.close)
    return wires


def _settings(
    database: Database, backend: CommerceBackend, wires: Wires | None, more: Mapping[str, str]
) -> dict[str, str]:
    """Everything a sidecar needs."""
    backend_port = wires.back.port if wires else backend.port
    database_url = database.url
    if wires and wires.database and isinstance(database, Postgres):
        database_url = database.url_at(wires.database.port)
    return {
        "PAYME_MERCHANT_ID": "587f72c72cac0d162c722ae2",
        "PAYME_KEY": KEY,
        "SIDECAR_API_KEY": API_KEY,
        "COMMERCE_BACKEND_URL": f"http://{HOST}:{backend_port}",
        "COMMERCE_BACKEND_KEY": BACKEND_KEY,
        "CALLBACK_URL": "https://shop.uz/payme-callback",
        "DATABASE_URL": database_url,
        **more,
    }


def _read(database: Database) -> tuple[tuple[Row, ...], tuple[Message, ...], list[str]]:
    return databases.rows(database), databases.messages(database), database.damage()


def leaks(folder: Path) -> list[str]:
    """The logs that give a secret away, plain or as JSON or a URL would write it."""
    return [log.name for log in sorted(folder.glob("*.log")) if _gives_away(log.read_text("utf-8", "replace"))]


def _gives_away(text: str) -> bool:
    plain = re.sub(r"%([0-9A-Fa-f]{2})", lambda it: chr(int(it[1], 16)), text.replace('\\"', '"'))
    return any(secret in text or secret in plain for secret in SECRETS)


def paid(evidence: Evidence) -> int:
    return len(performed(evidence.rows))
