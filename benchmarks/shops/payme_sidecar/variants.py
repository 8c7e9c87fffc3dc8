"""The sidecar as it is served, but for one part: without its database, without its relay, or while it is sampled.

    python -m benchmarks.shops.payme_sidecar.variants serve --port 8700     with VARIANT=in_memory,relay_asleep
                                                                            and SAMPLES=file

What stays is what is measured: uvicorn and its limits, the door, the credential, JSON, the machine, log and metrics.
"""

import asyncio
import os
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Final

from benchmarks.shops.payme_sidecar.samples import sampling
from sidecar import database
from sidecar.cli import main as command_line
from sidecar.payme_merchant.errors import PaymeError, Refusal
from sidecar.payme_merchant.machine import Event, Lifecycle, State, advance
from sidecar.payme_merchant.sweep import Sweep
from sidecar.session_bridge.relay import Relay

AMOUNT: Final = 5_000_000  # of every order


class InMemory:
    """What the units of work do with tables, done with a dict. Every numbered order is there to be paid."""

    name = "in memory"
    in_use = 0

    def __init__(self) -> None:
        self._lifecycles: dict[str, tuple[str, Lifecycle]] = {}
        self._holders: dict[str, str] = {}
        self._numbers = count(1)
        self._works: Mapping[str, Callable[..., Any]] = {
            "check_perform_transaction": self._check_perform,
            "create_transaction": self._create,
            "perform_transaction": self._perform,
            "check_transaction": self._check,
            "is_current": lambda: True,
            "record": lambda _notes: None,  # of the journal
        }

    async def read(self, work: Any, *args: Any, **_kwargs: Any) -> Any:
        return self._works[work.__name__](*args)

    move = write = read

    async def alter(self, _work: Any) -> str:
        return self.name  # there is no schema

    async def close(self) -> None:
        self._lifecycles.clear()

    def _check_perform(self, call: Any, _now: Any) -> Any:
        self._admit(call)
        return {"allow": True}

    def _create(self, call: Any, now: Any) -> Any:
        if call.id not in self._lifecycles:
            self._admit(call)
            self._lifecycles[call.id] = str(next(self._numbers)), Lifecycle(State.CREATED, call.time, now)
            self._holders[call.order_id] = call.id
        number, after = self._moved(call.id, Event.CREATE, now)
        return {"create_time": after.create_time, "transaction": number, "state": after.state}

    def _perform(self, call: Any, now: Any) -> Any:
        number, after = self._moved(call.id, Event.PERFORM, now)
        return {"transaction": number, "perform_time": after.perform_time, "state": after.state}

    def _check(self, call: Any, _now: Any) -> Any:
        number, lifecycle = self._lifecycles[call.id]
        return {
            "create_time": lifecycle.create_time,
            "perform_time": lifecycle.perform_time,
            "cancel_time": lifecycle.cancel_time,
            "transaction": number,
            "state": lifecycle.state,
            "reason": lifecycle.reason,
        }

    def _admit(self, call: Any) -> None:
        if not (call.order_id or "").isdigit():
            raise Refusal(PaymeError.ACCOUNT_NOT_FOUND)
        if call.order_id in self._holders:
            raise Refusal(PaymeError.ORDER_BUSY)
        if call.amount != AMOUNT:
            raise Refusal(PaymeError.WRONG_AMOUNT, "amount")

    def _moved(self, payme_id: str, event: Event, now: Any) -> tuple[str, Lifecycle]:
        number, before = self._lifecycles[payme_id]
        after = advance(before, event, now).after
        self._lifecycles[payme_id] = number, after
        return number, after


def in_memory() -> None:
    """Nothing is promised to a backend and nothing outlives the twelve hours, so relay and sweep have no work."""

    def connect(url: str) -> Any:  # noqa: ARG001 - there is nothing behind it
        return InMemory()

    database.connect = connect
    Relay.run = Sweep.run = rest  # type: ignore[assignment,method-assign]


def relay_asleep() -> None:
    Relay.run = rest  # type: ignore[assignment,method-assign]


async def rest(_it: object, stopping: asyncio.Event) -> None:
    await stopping.wait()


VARIANTS: Final[Mapping[str, Callable[[], None]]] = {"in_memory": in_memory, "relay_asleep": relay_asleep}


def main() -> None:
    for name in filter(None, os.environ.get("VARIANT", "").split(",")):
        VARIANTS[name]()
    with sampling(os.environ.get("SAMPLES")):
        command_line()


if __name__ == "__main__":
    main()
