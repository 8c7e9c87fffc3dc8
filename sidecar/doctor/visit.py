"""The doctor's round: every check beside the others, each with a limit of time, and none able to stop another."""

import asyncio
import contextlib
import os
import shutil
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import httpx

from sidecar import database as databases
from sidecar.clock import Clock
from sidecar.database import Database
from sidecar.database_clock import Clocks
from sidecar.database_faults import fault
from sidecar.doctor import backend, books, certificate, disk, door, shoppers, suspicion
from sidecar.doctor.asking import Silence
from sidecar.doctor.certificate import Validity
from sidecar.doctor.finding import Finding, skipped, wrong
from sidecar.settings import DatabaseSettings, Settings

LONGEST: Final = 20.0  # seconds for one check, which may ask three questions
DATABASE_PATIENCE: Final = 8.0
NEEDS_SETTINGS: Final = "needs settings that are missing or impossible"


@dataclass(frozen=True)
class Installation:
    """What there is to examine."""

    complaints: Sequence[str]
    """About settings, as `serve` would say them."""
    settings: Settings | None
    """None when there are such complaints."""
    books: DatabaseSettings | None
    """None when DATABASE_URL itself is impossible."""
    url: str | None
    """The public address that was named, without `/payme`."""
    dotenv: Path
    names: Collection[str]
    """What is set, in the environment or in `.env`, ours or not."""


@dataclass(frozen=True)
class Tools:
    """What to examine it with."""

    clock: Clock
    relay: httpx.AsyncClient
    """Asks the backend and `serve`, and trusts whom they trust."""
    visitor: httpx.AsyncClient
    """Asks public addresses."""
    certificate_shown: Callable[[str], Awaitable[Validity | Silence]]
    place: Callable[[Path], disk.Place]


class Check(NamedTuple):
    names: tuple[str, ...]
    look: Callable[[Installation, Tools], Awaitable[list[Finding]]]


@contextlib.asynccontextmanager
async def tools(clock: Clock, trusted: ssl.SSLContext) -> AsyncIterator[Tools]:
    """`trusted` is who may vouch for public addresses."""
    async with (
        httpx.AsyncClient(trust_env=False) as relay,
        httpx.AsyncClient(trust_env=False, verify=trusted) as visitor,
    ):
        yield Tools(clock, relay, visitor, lambda url: certificate.shown(url, trusted), place)


async def examine(installation: Installation, tools: Tools) -> list[Finding]:
    """Run all checks side by side; their findings come in the order of the table below."""
    found = await asyncio.gather(*(_in_time(check, installation, tools) for check in CHECKS))
    return [it for group in found for it in group]


async def _in_time(check: Check, installation: Installation, tools: Tools) -> list[Finding]:
    try:
        async with asyncio.timeout(LONGEST):
            return await check.look(installation, tools)
    except TimeoutError:
        return [
            wrong(check.names[0], f"no result within {LONGEST:g} s", "look at the network and at the machine's load")
        ]
    except Exception as error:  # noqa: BLE001 - one check that breaks must not hide what the others find
        return [wrong(check.names[0], f"the check itself failed ({type(error).__name__})", "tell the project")]


async def _settings(it: Installation, _tools: Tools) -> list[Finding]:
    found = suspicion.suspicions(it.settings) if it.settings else suspicion.complaints(it.complaints)
    mode = it.dotenv.stat().st_mode if it.dotenv.exists() else None
    return [*found, *suspicion.slips(it.names), *suspicion.dotenv_mode(mode)]


async def _books(it: Installation, tools: Tools) -> list[Finding]:
    if it.books is None:
        return [skipped(name, NEEDS_SETTINGS) for name in OF_BOOKS]
    url = it.books.database_url.get_secret_value()
    file = disk.file_of(url)
    if file is not None and not file.exists():
        return books.missing_file(file)
    database = databases.connect(url)
    try:
        return await _read(database, Clocks(tools.clock))
    finally:
        await database.close()


async def _read(database: Database, clocks: Clocks) -> list[Finding]:
    try:
        async with asyncio.timeout(DATABASE_PATIENCE):
            return books.judged(await database.read(books.look, clocks))
    except Exception as error:  # noqa: BLE001 - whatever it is, there is no answer, and its text may hold the address
        return books.unanswered(fault(error))


async def _disk(it: Installation, tools: Tools) -> list[Finding]:
    file = disk.file_of(it.books.database_url.get_secret_value()) if it.books else None
    if file is None or not file.resolve().parent.exists():
        return []
    return disk.room(tools.place(file.resolve()))


def place(file: Path) -> disk.Place:
    writable = os.access(file.parent, os.W_OK) and (not file.exists() or os.access(file, os.W_OK))
    return disk.Place(file.parent, shutil.disk_usage(file.parent).free, writable)


async def _backend(it: Installation, tools: Tools) -> list[Finding]:
    if it.settings is None:
        return [skipped(backend.CHECK, NEEDS_SETTINGS)]
    return await backend.visit(it.settings, tools.relay, tools.clock)


async def _sidecar(it: Installation, tools: Tools) -> list[Finding]:
    if it.settings is None:
        return [skipped(door.SIDECAR, NEEDS_SETTINGS)]
    return await door.at_home(it.settings, tools.relay)


async def _public(it: Installation, tools: Tools) -> list[Finding]:
    if it.settings is None:
        return [skipped(door.PUBLIC, NEEDS_SETTINGS)]
    url = it.url or public_address(it.settings)
    return await door.from_outside(it.settings, url, tools.visitor, tools.certificate_shown, tools.clock)


async def _shoppers(it: Installation, tools: Tools) -> list[Finding]:
    if it.settings is None:
        return [skipped(shoppers.CALLBACK, NEEDS_SETTINGS)]
    return await shoppers.visit(it.settings, tools.visitor)


def public_address(settings: Settings) -> str | None:
    """Where the world finds the sidecar, as far as its settings tell."""
    url = settings.sidecar_url
    return None if url is None or suspicion.is_local(url) else url


OF_BOOKS: Final = (books.DATABASE, books.SCHEMA, books.CLOCK, books.OUTBOX)
CHECKS: Final = (
    Check((suspicion.CHECK,), _settings),
    Check(OF_BOOKS, _books),
    Check((disk.CHECK,), _disk),
    Check((door.SIDECAR,), _sidecar),
    Check((backend.CHECK, backend.CLOCK), _backend),
    Check((shoppers.CALLBACK, shoppers.STOREFRONT), _shoppers),
    Check((door.PUBLIC, certificate.CHECK, door.INSIDE), _public),
)
