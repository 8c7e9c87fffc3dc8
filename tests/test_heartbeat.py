"""How late the event loop is."""

import asyncio
import time

from sidecar.heartbeat import BEAT, Heartbeat


def gaps(blocked: float) -> list[float]:
    async def work() -> list[float]:
        heartbeat = Heartbeat()
        stopping = asyncio.Event()
        running = asyncio.create_task(heartbeat.run(stopping))
        await asyncio.sleep(0)
        time.sleep(blocked)  # noqa: ASYNC251 - this is the fault
        found = [heartbeat.worst_gap()]
        await asyncio.sleep(0)
        found.append(heartbeat.worst_gap())
        stopping.set()
        await running
        return found

    return asyncio.run(work())


def test_a_loop_that_stood_still_is_seen_even_before_it_beats_again() -> None:
    assert gaps(blocked=BEAT + 0.3)[0] >= 0.3


def test_a_heartbeat_that_has_not_begun_is_not_late() -> None:
    assert Heartbeat().worst_gap() == 0
