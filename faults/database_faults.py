"""The database restarts, crashes, fills up with clients, refuses to write, holds its locks, or loses an answer."""

import asyncio
import contextlib
from typing import Final

from demo_shop.postgres import LocalPostgres
from faults import postgres
from faults.books import ASK_AGAIN, Entry
from faults.databases import POSTGRESQL, Postgres
from faults.fault import Fault
from faults.postgres_wire import Losses
from faults.town import Town
from faults.wire import passing

OK: Final = 200
UNREADY: Final = 503

BREATH: Final = (0.1, 0.8)  # seconds of load between two injuries
AWAY: Final = 60.0  # seconds
HELD: Final = 12.0
SHORT: Final = 2.5  # for the short form; longer than the sidecar waits for a lock
CROWD: Final = 50  # calls at once that meet a pool with nothing free
LOSE_ONE_IN: Final = 3


async def restart(town: Town, times: int) -> int:
    """Say goodbye or crash, by turns."""
    for number in range(times):
        await town.pause(*BREATH)
        await postgres.restart(server(town), "immediate" if number % 2 else "fast")
        await town.payments(5)
    return times


async def end_all_sessions(town: Town, times: int) -> int:
    for _ in range(times):
        await asyncio.sleep(1)
        await postgres.end_all_sessions(server(town))
    await town.payments(5)
    return times


async def let_nobody_write(town: Town, times: int) -> int:
    """Payme may ask about payments meanwhile; what it wants to move, it asks again."""
    id_ = await a_created_payment(town)
    for _ in range(times):
        await town.payments(10)
        async with postgres.read_only(server(town)):
            await told_to_ask_again(town, "PerformTransaction", id=id_)
            await in_state(town, 1, id_)
            await town.pause(*BREATH)
    await town.buyers.perform(id_)
    return times


async def take_all_connections(town: Town, times: int) -> int:
    for _ in range(times):
        await town.payments(10)
        async with postgres.crowded(server(town)):
            await told_to_ask_again(town, "CheckTransaction", id="of-nobody")
            await expect_status(town, "/healthz", OK)
            await town.pause(*BREATH)
        await town.payments(10)
    return times


async def hold_an_order(town: Town, times: int) -> int:
    """Only who needs that order waits, and not for long."""
    for _ in range(times):
        id_ = await a_created_payment(town)
        async with postgres.row_locked(server(town), id_.removeprefix("tx-")):
            over = asyncio.get_running_loop().time() + held(town)
            while asyncio.get_running_loop().time() < over:
                await told_to_ask_again(town, "PerformTransaction", id=id_)
                await in_state(town, 1, id_)
                await town.payments(20)
        await town.buyers.perform(id_)
    return times


async def hold_a_table(town: Town, times: int) -> int:
    """The pool is soon exhausted: a crowd comes, and each of it is told to ask again."""
    for _ in range(times):
        id_ = await a_created_payment(town)
        async with postgres.table_locked(server(town)):
            over = asyncio.get_running_loop().time() + held(town)
            while asyncio.get_running_loop().time() < over:
                crowd = (town.payme.try_once(door(town), "CheckTransaction", {"id": id_}) for _ in range(CROWD))
                codes = {code_of(it) for it in await asyncio.gather(*crowd)}
                if codes != {ASK_AGAIN}:
                    town.complain(f"a crowd was answered {codes} while the table was locked")
                await expect_status(town, "/healthz", OK)
        await town.payments(20)
        await in_state(town, 1, id_)
    return times


async def stall(town: Town, times: int) -> int:
    """Let writes hang, until each connection waits with one: nobody waits longer than Payme's patience."""
    for _ in range(times):
        id_ = await a_created_payment(town)
        async with postgres.stalled(server(town)):
            move = asyncio.create_task(town.payme.try_once(door(town), "PerformTransaction", {"id": id_}))
            over = asyncio.get_running_loop().time() + held(town)
            while asyncio.get_running_loop().time() < over:
                await is_answered(town, id_)
                await expect_status(town, "/healthz", OK)
                await asyncio.sleep(0.1)
        if await move is None:
            town.complain("a write that hung was never answered")
        await town.buyers.perform(id_)
        await town.payments(10)
    return times


async def be_away(town: Town, times: int) -> int:
    """And meanwhile the sidecar itself is started anew."""
    for _ in range(times):
        await town.payments(10)
        async with postgres.down(server(town), "immediate"):
            await told_to_ask_again(town, "CheckTransaction", id="of-nobody")
            await town.sidecar.kill()
            await town.sidecar.start()
            await expect_status(town, "/readyz", UNREADY)
            await told_to_ask_again(town, "CheckTransaction", id="of-nobody")
            await asyncio.sleep(SHORT if town.hurried else AWAY)
            await expect_status(town, "/healthz", OK)
        await town.payments(20)
        await expect_status(town, "/readyz", OK)
    return times


async def lose_commits(town: Town, times: int) -> int:
    """Cut the connection before a write is sent and after it is stored; to the sidecar both look the same."""
    losses = Losses(LOSE_ONE_IN)
    wire = town.wires[0].database
    assert wire  # noqa: S101 - PostgreSQL is not a file
    wire.listen = losses.listener
    wire.reset()
    await town.until(lambda: sum(losses.lost.values()) >= times, f"{times} lost commits", within=10.0 * times)
    wire.listen = lambda: passing
    wire.reset()
    if not all(losses.lost.values()):
        town.complain(f"not every moment was hit: {losses.lost}")
    return sum(losses.lost.values())


# ── what they look at ──────────────────────────────────────────────────────────────────────────────────────────────


def server(town: Town) -> LocalPostgres:
    assert isinstance(town.database, Postgres)  # noqa: S101 - these faults name it
    return town.database.server


def held(town: Town) -> float:
    return SHORT if town.hurried else HELD


def door(town: Town) -> int:
    return town.sidecar.port


async def a_created_payment(town: Town) -> str:
    """Create a payment of our own; its id is `tx-` and its session."""
    session, amount = await town.buyers.order()
    await town.buyers.create(f"tx-{session}", session, amount)
    return f"tx-{session}"


async def told_to_ask_again(town: Town, method: str, **params: object) -> None:
    """Ask once: the answer must be an answer, and must say nothing."""
    answer = await town.payme.try_once(door(town), method, dict(params))
    if code_of(answer) != ASK_AGAIN:
        town.complain(f"{method} was answered {code_of(answer)} while the database could not say")


async def in_state(town: Town, state: int, id_: str) -> None:
    """Ask once: who only reads is answered."""
    answer = await town.payme.try_once(door(town), "CheckTransaction", {"id": id_})
    if answer is None or (answer.result or {}).get("state") != state:
        town.complain(f"CheckTransaction of {id_} was answered {answer and answer.body!r}")


async def is_answered(town: Town, id_: str) -> None:
    answer = await town.payme.try_once(door(town), "CheckTransaction", {"id": id_})
    if answer is None or not (answer.result or answer.code == ASK_AGAIN):
        town.complain(f"CheckTransaction was answered {answer and answer.body!r} while writes hung")


async def expect_status(town: Town, page: str, wanted: int) -> None:
    """Look until it is so; what needs a moment gets one."""
    seen: set[int | None] = set()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(10):
            while (status := await town.sidecar.status(page)) != wanted:
                seen.add(status)
                await asyncio.sleep(0.05)
            return
    town.complain(f"{page} never answered {wanted}, only {seen}")


def code_of(answer: Entry | None) -> int | None:
    return answer.code if answer else None


FAULTS: Final = (
    Fault(
        "restarted-postgres",
        "PostgreSQL is restarted under load, `fast` and `immediate` by turns.",
        "F11",
        restart,
        times=20,
        quick_times=2,
        minutes=1,
        databases=(POSTGRESQL,),
    ),
    Fault(
        "ended-sessions",
        "Every second, all connections to PostgreSQL are terminated.",
        "F13",
        end_all_sessions,
        times=60,
        quick_times=2,
        minutes=1.5,
        databases=(POSTGRESQL,),
    ),
    Fault(
        "read-only-postgres",
        "PostgreSQL takes no writes, as a standby that is not promoted yet.",
        "F19",
        let_nobody_write,
        times=10,
        quick_times=1,
        minutes=0.5,
        databases=(POSTGRESQL,),
    ),
    Fault(
        "crowded-postgres",
        'Somebody else has taken every connection: "too many clients".',
        "F16",
        take_all_connections,
        times=10,
        quick_times=1,
        minutes=1,
        databases=(POSTGRESQL,),
    ),
    Fault(
        "held-order",
        "A stuck session holds the row of one order.",
        "F17",
        hold_an_order,
        times=3,
        quick_times=1,
        minutes=1,
        databases=(POSTGRESQL,),
    ),
    Fault(
        "held-table",
        "A stuck session holds the table of transactions, until the whole pool waits.",
        "F15",
        hold_a_table,
        times=3,
        quick_times=1,
        minutes=1,
        databases=(POSTGRESQL,),
    ),
    Fault(
        "stalled-commits",
        "No commit ends, as on a disk that hangs; then all of them do.",
        "F21",
        stall,
        times=5,
        quick_times=1,
        minutes=1.5,
        databases=(POSTGRESQL,),
    ),
    Fault(
        "absent-postgres",
        "PostgreSQL is away for a long while, and the sidecar is started while it is.",
        "F12",
        be_away,
        times=2,
        quick_times=1,
        minutes=2.5,
        databases=(POSTGRESQL,),
    ),
    Fault(
        "lost-commit",
        "The connection is cut before a commit is sent, or after it is stored and before anybody is told.",
        "F14",
        lose_commits,
        times=200,
        quick_times=12,
        minutes=1.5,
        databases=(POSTGRESQL,),
        wired=True,
    ),
)
