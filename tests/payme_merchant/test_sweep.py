"""The sweep frees orders by the database's clock, and touches nothing while the clocks disagree."""

import asyncio
from typing import Any

import pytest

from sidecar import database
from sidecar.clock import HOUR, MINUTE, SECOND, Clock, Millis, system_clock
from sidecar.database_clock import TOLERANCE, Clocks
from sidecar.metrics import Metrics
from sidecar.payme_merchant.machine import TIMEOUT
from sidecar.payme_merchant.sweep import BATCH, MARGIN, Sweep
from tests.shop import Shop


def long_ago() -> int:
    return system_clock() - TIMEOUT - MARGIN - MINUTE


def off_by(milliseconds: int) -> Clock:
    return lambda: Millis(system_clock() + milliseconds)


def pending(shop: Shop, count: int = 1, time: int | None = None) -> None:
    """Leave transactions that nobody asks about any more, by the real clock."""
    shop.clock.now = long_ago() if time is None else time
    for number in range(count):
        shop.register(f"payses_{number}")
        shop.create(f"tx{number}", order=f"payses_{number}")


def sweep(shop: Shop, ours: Clock, metrics: Metrics | None = None) -> int:
    """One sweep by a replica whose own clock shows what is given; the database's is the real one."""
    return shop.run(Sweep(shop.house.database, Clocks(ours), metrics or Metrics()).sweep_once())


@pytest.mark.parametrize("offset", [0, TOLERANCE - 10 * SECOND, 10 * SECOND - TOLERANCE])
def test_the_clock_that_counts_is_the_databases(shop: Shop, offset: int) -> None:
    pending(shop)
    shop.register("payses_later")
    shop.create("later", order="payses_later", time=long_ago() + 2 * MINUTE)

    assert sweep(shop, off_by(offset)) == 1
    assert shop.check("tx0")["result"]["state"] == -1
    assert shop.check("later")["result"]["state"] == 1


@pytest.mark.parametrize("offset", [13 * HOUR, -HOUR, TOLERANCE + SECOND, -TOLERANCE - SECOND])
def test_while_the_clocks_disagree_nothing_is_cancelled(shop: Shop, offset: int) -> None:
    pending(shop)
    metrics = Metrics()

    assert sweep(shop, off_by(offset), metrics) == 0
    assert shop.check("tx0")["result"]["state"] == 1
    page = metrics.page({}).decode().splitlines()
    assert 'sweep_runs_total{outcome="refused"} 1.0' in page
    assert "sweep_last_success_timestamp_seconds 0.0" in page


def test_a_clock_back_in_1970_cancels_nothing(shop: Shop) -> None:
    pending(shop)

    assert sweep(shop, lambda: Millis(1)) == 0


def test_a_sweep_that_came_to_its_end_says_when(shop: Shop) -> None:
    pending(shop)
    metrics = Metrics()
    sweep(shop, system_clock, metrics)
    page = metrics.page({}).decode()

    assert 'sweep_runs_total{outcome="done"} 1.0' in page.splitlines()
    assert "transactions_expired_total 1.0" in page.splitlines()
    assert "sweep_last_success_timestamp_seconds 0.0" not in page


def test_several_sweeps_at_once_free_each_order_once(shop: Shop, database_url: str) -> None:
    pending(shop, BATCH + 20)
    others = [database.connect(database_url) for _ in range(3)]
    sweeps = [Sweep(it, Clocks(system_clock), Metrics()) for it in (shop.house.database, *others)]

    async def work() -> list[int]:
        try:
            return await asyncio.gather(*(it.sweep_once() for it in sweeps))
        finally:
            for other in others:
                await other.close()

    moved = shop.run(work())
    left = sweep(shop, system_clock)  # one that gave way to the others may leave some for the next minute
    assert sum(moved) + left == BATCH + 20
    assert {row["state"] for row in shop.statement()} == {-1}


def test_a_shutdown_does_not_wait_for_a_long_sweep(shop: Shop) -> None:
    pending(shop, 5)
    stopping = asyncio.Event()
    asked: list[Any] = []

    class Stopped:
        """A database behind which somebody asks to stop after the first transaction."""

        name = "stopped"

        async def read(self, *args: Any) -> Any:
            return await shop.house.database.read(*args)

        async def move(self, *args: Any) -> Any:
            asked.append(args)
            stopping.set()
            return await shop.house.database.move(*args)

    async def work() -> int:
        return await Sweep(Stopped(), Clocks(system_clock), Metrics()).sweep_once(stopping)  # type: ignore[arg-type]

    assert shop.run(work()) == len(asked) == 1
