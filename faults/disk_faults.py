"""The disk is full, or the database's file is somebody else's for a while, or no good at all."""

import asyncio
import contextlib
import resource
import sqlite3
import time
from collections.abc import Iterator
from typing import Final

from faults.books import ASK_AGAIN
from faults.database_faults import BREATH, OK, a_created_payment, expect_status, in_state, told_to_ask_again
from faults.databases import POSTGRESQL, SQLITE, Sqlite
from faults.fault import Fault
from faults.sidecars import Sidecar
from faults.town import Town

PAGE: Final = 4_096
HELD: Final = 10.0  # seconds
SHORT: Final = 2.5  # longer than the sidecar waits for the lock
A_CROWD: Final = 20
A_FEW: Final = 5
PATIENCE: Final = 20.0  # seconds in which a sidecar that cannot work must have said so
USAGE: Final = 2  # the exit code of a command that was told something impossible


async def fill_the_disk(town: Town, times: int) -> int:
    """Let no file of the sidecar grow: neither its database nor its log. Who only asks is answered."""
    for _ in range(times):
        id_ = await a_created_payment(town)
        with full_disk(town.sidecar):
            await told_to_ask_again(town, "PerformTransaction", id=id_)
            await in_state(town, 1, id_)
            await expect_status(town, "/healthz", OK)
            await town.pause(*BREATH)
        await town.buyers.perform(id_)
        await town.payments(10)
    return times


async def fill_the_log(town: Town, times: int) -> int:
    """Let its log not grow; its database is on another machine. Nobody may notice."""
    for _ in range(times):
        before = len(town.journal.entries)
        with full_disk(town.sidecar):
            await town.payments(100)
            await delivers(town)
        if any(it.code == ASK_AGAIN for it in town.journal.entries[before:]):
            town.complain("Payme was told to ask again because a log could not be written")
    return times


async def hold_the_file(town: Town, times: int) -> int:
    """Take the write lock, as a backup does; who only asks is answered, who writes is told to ask again."""
    assert isinstance(town.database, Sqlite)  # noqa: S101 - this fault names it
    for _ in range(times):
        id_ = await a_created_payment(town)
        with contextlib.closing(locker(town.database)) as other:
            await asyncio.to_thread(other.execute, "BEGIN EXCLUSIVE")
            over = time.monotonic() + (SHORT if town.hurried else HELD)
            writers = [asyncio.create_task(told_to_ask_again(town, "PerformTransaction", id=id_))]
            while time.monotonic() < over:
                crowd = (in_state(town, 1, id_) for _ in range(A_CROWD))
                await asyncio.gather(*crowd, expect_status(town, "/healthz", OK), expect_status(town, "/readyz", OK))
                await asyncio.sleep(0.1)
            await asyncio.gather(*writers)
            other.execute("ROLLBACK")
        await town.buyers.perform(id_)
        await town.payments(10)
    return times


async def spoil_the_file(town: Town, _times: int) -> int:
    """Start a second sidecar on what is no database, or is one that nobody may write: it says so and ends."""
    assert isinstance(town.database, Sqlite)  # noqa: S101 - this fault names it
    garbage = town.folder / "garbage.db"
    garbage.write_bytes(b"not a database at all, " * PAGE)
    nowhere = town.folder / "gone" / "sidecar.db"
    spoiled = {
        "read-only": f"sqlite:///file:{town.database.path}?mode=ro&uri=true",
        "garbage": f"sqlite:///{garbage}",
        "folder": f"sqlite:///{town.folder}",
        "nowhere": f"sqlite:///{nowhere}",
    }
    await asyncio.gather(*(refuses_to_start(town, name, url) for name, url in spoiled.items()))
    return len(spoiled)


async def delivers(town: Town) -> None:
    wanted = len(town.backend.effects) + A_FEW
    await town.until(lambda: len(town.backend.effects) >= wanted, "deliveries")


async def refuses_to_start(town: Town, name: str, url: str) -> None:
    second = Sidecar(name, town.folder, {**town.sidecar.settings, "DATABASE_URL": url})
    await second.launch()
    try:
        code = await asyncio.wait_for(second.gone(), PATIENCE)
    except TimeoutError:
        await second.kill()
        code = None
    words = second.last_words()
    if code != USAGE or "DATABASE_URL" not in words or "Traceback" in words:
        town.complain(f"a sidecar on a {name} database ended with {code}: {words[-300:]}")


def locker(database: Sqlite) -> sqlite3.Connection:
    return sqlite3.connect(database.path, timeout=HELD, isolation_level=None, check_same_thread=False)


@contextlib.contextmanager
def full_disk(sidecar: Sidecar) -> Iterator[None]:
    """Refuse it every byte behind the first page of any file, as a full disk refuses new ones. Needs no root."""
    limits = resource.prlimit(sidecar.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(sidecar.pid, resource.RLIMIT_FSIZE, (PAGE, limits[1]))
    try:
        yield
    finally:
        resource.prlimit(sidecar.pid, resource.RLIMIT_FSIZE, limits)


FAULTS: Final = (
    Fault(
        "full-disk",
        "The disk is full: neither the database file nor the log can grow.",
        "F20",
        fill_the_disk,
        times=20,
        quick_times=2,
        minutes=1,
        databases=(SQLITE,),
    ),
    Fault(
        "full-log",
        "The disk with the log is full; the database is elsewhere.",
        "F20",
        fill_the_log,
        times=10,
        quick_times=1,
        minutes=0.5,
        databases=(POSTGRESQL,),
    ),
    Fault(
        "held-file",
        "Another process holds the write lock of the SQLite file.",
        "F22",
        hold_the_file,
        times=3,
        quick_times=1,
        minutes=1,
        databases=(SQLITE,),
    ),
    Fault(
        "spoiled-file",
        "A sidecar is started on a SQLite file that is read-only, no database, a folder, or in no folder.",
        "F23",
        spoil_the_file,
        times=1,
        quick_times=1,
        minutes=0.2,
        databases=(SQLITE,),
    ),
)
