"""One run of a demo, from the free ports to what it says at the end; who plays in it is told from outside."""

import asyncio
import io
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from rich.console import Console

from demo_shop.addresses import Addresses, NoFreePorts, free_block
from demo_shop.browser import Lost
from demo_shop.children import Child, ChildFailed, while_alive
from demo_shop.journal import Clock, Journal, system_clock
from demo_shop.screen import Row, Screen
from demo_shop.walk import Surprise

INTERRUPTED: Final = 128 + signal.SIGINT
ENDED: Final = 128 + signal.SIGTERM


class Stage(Protocol):
    """What a house must have to be shown."""

    @property
    def addresses(self) -> Addresses: ...
    @property
    def journal(self) -> Journal: ...
    @property
    def children(self) -> list[Child]: ...


House = TypeVar("House", bound=Stage)


@dataclass(frozen=True, slots=True)
class Play(Generic[House]):
    ports: int
    open_house: Callable[[Addresses, Screen, Clock], AbstractAsyncContextManager[House]]
    purchase: Callable[[House, Screen], Awaitable[str]]
    """Walks one purchase and says what came of it."""
    rows: Callable[[Addresses], list[Row]]


def perform(play: Play[House], screen: Screen, *, once: bool, host: str, port: int) -> int:
    """Run the demo until Ctrl-C, or with `once` one purchase; return the exit status."""
    try:
        return asyncio.run(show(play, screen, once=once, host=host, port=port))
    except KeyboardInterrupt:
        return interrupted(screen, once=once)
    except asyncio.CancelledError:  # somebody ended us politely: the house was put away on the way here
        return ENDED


def interrupted(screen: Screen, *, once: bool) -> int:
    screen.say("\nThe demo has ended; nothing of it is left.")
    return INTERRUPTED if once else 0


def terminal() -> Console:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without ✓ and ‘ shall not end the demo
    return Console(highlight=False)


async def show(play: Play[House], screen: Screen, *, once: bool, host: str, port: int) -> int:
    end_politely()
    try:
        addresses = free_block(host, port, play.ports)
        screen.moved(addresses, port)
        async with play.open_house(addresses, screen, system_clock) as house:
            house.journal.listeners.append(screen.step)
            return await (buy_once if once else stay_open)(play, house, screen)
    except NoFreePorts as none:
        screen.failed(str(none))
    except ChildFailed as failed:
        screen.failed(str(failed))
        screen.tail(failed.child.name, failed.last_words)
    return 1


async def buy_once(play: Play[House], house: House, screen: Screen) -> int:
    started = system_clock()
    try:
        outcome = await while_alive(house.children, play.purchase(house, screen))
    except Surprise as surprise:
        screen.failed(surprise.what)
        screen.say(f"   expected  {surprise.expected}")
        screen.say(f"   found     {surprise.found}")
    except (Lost, TimeoutError) as lost:
        screen.failed(str(lost) or "the purchase took too long")
    else:
        took = (system_clock() - started) / 1000
        screen.say(f"{outcome}, in {took:.1f} s.", "bold green")
        return 0
    for child in house.children:
        screen.tail(child.name, child.tail())
    return 1


async def stay_open(play: Play[House], house: House, screen: Screen) -> int:
    screen.addresses(play.rows(house.addresses))
    await while_alive(house.children, asyncio.Event().wait())
    return 0


def end_politely() -> None:
    """A closed terminal or a `kill` is an end like Ctrl-C: the children must not outlive it."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - we are running in it
    for name in ("SIGTERM", "SIGHUP"):
        with suppress(AttributeError, NotImplementedError, RuntimeError, ValueError):  # not here, or not this thread
            asyncio.get_running_loop().add_signal_handler(getattr(signal, name), task.cancel)
