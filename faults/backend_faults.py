"""The commerce backend is ill in every way a server can be, and then well again."""

import asyncio
import contextlib
import math
import os
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Final

from faults import databases
from faults.backend import Mode
from faults.databases import PARKED
from faults.fault import Fault
from faults.http import HOST
from faults.sidecars import INHERITED, ROOT
from faults.town import Town

# Told apart by how long a message stays in the sidecar's hands.
AT_ONCE: Final = (
    Mode.BROKEN,
    Mode.BAD_GATEWAY,
    Mode.OVERLOADED,
    Mode.TOO_MANY,
    Mode.TIMED_OUT,
    Mode.LOCKED_OUT,
    Mode.REDIRECT,
    Mode.GARBAGE,
    Mode.HALF,
    Mode.LOST_REPLY,
    Mode.WEB_PAGE,
    Mode.SPEECHLESS,
)
FOR_LONG: Final = (Mode.SLOW, Mode.TRICKLING, Mode.HANGING)
REFUSALS: Final = (Mode.REFUSING, Mode.CONFLICT, Mode.GONE, Mode.SENSELESS)

DEADLINE: Final = 33.0  # seconds: the sidecar waits thirty for an answer
SPELL: Final = 8.0  # seconds that an illness lasts
SHORT_SPELL: Final = 0.3
ANSWERS: Final = 15
PARKED_MIN: Final = 5
FIRST_PAUSE: Final = 1.0  # seconds after the first attempt; the next ones are twice as long, each


async def be_ill(town: Town, times: int) -> int:
    """Each illness in turn. Payme does not notice, and nobody is asked more often than the pauses allow."""
    begun, before = time.monotonic(), requests(town)
    healthy = await pace(town)
    for _ in range(times):
        for mode in AT_ONCE + FOR_LONG:
            town.backend.mode = mode
            await pace(town)
        ill = await pace(town)  # with every hand of the relay full
        await wait_for_deadlines(town)
        town.backend.mode = Mode.HEALTHY
    not_too_often(town, requests(town) - before, time.monotonic() - begun)
    town.note(f"Payme's answers per second while the backend hangs / is well: {ill / healthy:.2f}")
    return times * len(AT_ONCE + FOR_LONG)


async def be_unreachable(town: Town, times: int) -> int:
    """Refuse connections, then swallow them, as a firewall does."""
    begun, before = time.monotonic(), requests(town)
    for _ in range(times):
        await pace(town)
        await town.backend.kill()
        await pace(town)
        async with black_hole(town.backend.port):
            await pace(town)
            if not town.hurried:
                await asyncio.sleep(DEADLINE)
        await town.backend.start()
    not_too_often(town, requests(town) - before, time.monotonic() - begun)
    return 2 * times


async def refuse(town: Town, times: int) -> int:
    """Refuse for good: what was parked is shown and left alone, until somebody has looked and says "again"."""
    for _ in range(times):
        for mode in REFUSALS:
            town.backend.mode = mode
            await until_parked(town, await parked(town) + PARKED_MIN)
        town.backend.mode = Mode.HEALTHY
        await is_left_alone(town)
        await retry_everything(town)
    return times * len(REFUSALS)


async def until_parked(town: Town, wanted: int) -> None:
    for _ in range(100):
        await town.payments(ANSWERS)
        if await parked(town) >= wanted:
            return
    town.complain(f"never came to {wanted} parked messages")


async def is_left_alone(town: Town) -> None:
    lines = [line.split() for line in await outbox(town, "list")]
    keys = {f"{topic}:{payme_id}" for _, state, _, topic, payme_id, *_ in lines if state == "parked"}
    if len(keys) < PARKED_MIN * len(REFUSALS):
        town.complain(f"`outbox list` shows {len(keys)} parked messages")
    before = requests(town)
    await town.payments(ANSWERS)
    if pestered := [key for key in keys if requests(town)[key] > before[key]]:
        town.complain(f"the backend was asked again about what it had refused for good: {sorted(pestered)}")


async def retry_everything(town: Town) -> None:
    said = await outbox(town, "retry", "--all")
    if not any(line.endswith("due now.") for line in said):
        town.complain(f"`outbox retry --all` said {said}")
    if await parked(town):
        town.complain("messages are parked after `outbox retry --all`")


# ── what they use ──────────────────────────────────────────────────────────────────────────────────────────────────


async def pace(town: Town) -> float:
    """Let people buy for a spell; Payme's answers per second."""
    before, begun = len(town.journal.entries), time.monotonic()
    await asyncio.sleep(SHORT_SPELL if town.hurried else SPELL)
    await town.payments(ANSWERS)
    return (len(town.journal.entries) - before) / (time.monotonic() - begun)


async def wait_for_deadlines(town: Town) -> None:
    """Let what hangs be given up: by the sidecar, or in the short form by a backend that dies."""
    if town.hurried:
        await town.backend.kill()
        await town.backend.start()
    else:
        await asyncio.sleep(DEADLINE)


def not_too_often(town: Town, asked: Counter[str], seconds: float) -> None:
    """After a pause of one second comes one of two, then of four: a hot loop would show."""
    most = math.floor(math.log2(seconds / FIRST_PAUSE + 1)) + 1
    for key, number in asked.most_common(1):
        if number > most:
            town.complain(f"the backend was asked {number} times in {seconds:.0f} s under the key {key}")


def requests(town: Town) -> Counter[str]:
    """How often the backend was asked under each key."""
    return Counter(it.key for it in town.backend.asked)


@contextlib.asynccontextmanager
async def black_hole(port: int) -> AsyncIterator[None]:
    """Listen and take nobody in: once the kernel's short queue is full, nobody hears anything from this port."""
    with socket.socket() as hole:
        hole.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        hole.bind((HOST, port))
        hole.listen(0)
        yield


async def parked(town: Town) -> int:
    return await asyncio.to_thread(databases.count, town.database, PARKED)


async def outbox(town: Town, *arguments: str) -> list[str]:
    """Run `payme-sidecar outbox …`; the lines it prints."""
    ours = {name: os.environ[name] for name in INHERITED if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sidecar", "outbox", *arguments),
        cwd=town.folder,
        env={**ours, "PYTHONPATH": str(ROOT), **town.sidecar.settings},
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    return printed.decode().splitlines()


FAULTS: Final = (
    Fault(
        "ill-backend",
        "The commerce backend answers 500, 502, 503, 429, 408, 401, a redirect, garbage, half an answer, a web page, "
        "nothing, or resets the connection when it is done; it answers late, letter by letter, or never.",
        "F5, F7, F8, F9",
        be_ill,
        times=1,
        quick_times=1,
        minutes=3.5,
    ),
    Fault(
        "unreachable-backend",
        "The commerce backend refuses connections; then a firewall swallows them.",
        "F4",
        be_unreachable,
        times=2,
        quick_times=1,
        minutes=2.5,
    ),
    Fault(
        "refusing-backend",
        "The commerce backend refuses for good (404, 409, 410, 422) until a person has mended it and says "
        "`outbox retry --all`.",
        "F6",
        refuse,
        times=5,
        quick_times=1,
        minutes=1,
    ),
)
