"""A whole shop on one machine: the real sidecar and the real callback, and honest stand-ins for everybody else.

`payme-sidecar demo` calls `run`. Nothing here is needed in production, and nothing in production needs this.
"""

import asyncio
import io
import signal
import sys
from contextlib import suppress
from typing import Final

from rich.console import Console

from demo_shop import walk
from demo_shop.addresses import NoFreePorts, free_block
from demo_shop.browser import Lost
from demo_shop.children import ChildFailed, while_alive
from demo_shop.house import House, open_house
from demo_shop.journal import system_clock
from demo_shop.pages import som
from demo_shop.screen import Screen
from demo_shop.walk import Surprise

__all__ = ["run"]

INTERRUPTED: Final = 128 + signal.SIGINT
ENDED: Final = 128 + signal.SIGTERM


def run(*, once: bool, host: str = "127.0.0.1", port: int = 8700) -> int:
    """Run the demo until Ctrl-C, or with `once` one purchase; return the exit status."""
    screen = Screen(terminal())
    # A shell that starts a job in the background may have it ignore Ctrl-C; whoever sends SIGINT means it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return asyncio.run(demo(screen, once=once, host=host, port=port))
    except KeyboardInterrupt:
        screen.say("\nThe demo has ended; nothing of it is left.")
        return INTERRUPTED if once else 0
    except asyncio.CancelledError:  # somebody ended us politely: the house was put away on the way here
        return ENDED


def terminal() -> Console:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without ✓ and ‘ shall not end the demo
    return Console(highlight=False)


async def demo(screen: Screen, *, once: bool, host: str, port: int) -> int:
    end_politely()
    try:
        addresses = free_block(host, port)
        screen.moved(addresses, port)
        async with open_house(addresses, screen, system_clock) as house:
            house.journal.listeners.append(screen.step)
            return await (buy_once if once else stay_open)(house, screen)
    except NoFreePorts as none:
        screen.failed(str(none))
    except ChildFailed as failed:
        screen.failed(str(failed))
        screen.tail(failed.child.name, failed.last_words)
    return 1


async def buy_once(house: House, screen: Screen) -> int:
    started = system_clock()
    try:
        order = await while_alive(house.children, walk.purchase(house, screen))
    except Surprise as surprise:
        screen.failed(surprise.what)
        screen.say(f"   expected  {surprise.expected}")
        screen.say(f"   found     {surprise.found}")
    except (Lost, TimeoutError) as lost:
        screen.failed(str(lost) or "the purchase took too long")
    else:
        took = (system_clock() - started) / 1000
        screen.say(f"Order {order.number} is paid: {som(order.amount, 'en')}, in {took:.1f} s.", "bold green")
        return 0
    for child in house.children:
        screen.tail(child.name, child.tail())
    return 1


async def stay_open(house: House, screen: Screen) -> int:
    screen.addresses(house.addresses)
    await while_alive(house.children, asyncio.Event().wait())
    return 0


def end_politely() -> None:
    """A closed terminal or a `kill` is an end like Ctrl-C: the children must not outlive it."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - we are running in it
    for name in ("SIGTERM", "SIGHUP"):
        with suppress(AttributeError, NotImplementedError, RuntimeError, ValueError):  # not here, or not this thread
            asyncio.get_running_loop().add_signal_handler(getattr(signal, name), task.cancel)
