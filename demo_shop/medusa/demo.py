"""`payme-sidecar demo --medusa`: prepare what is not there yet, open the house, and put all of it away at the end."""

import signal
from contextlib import suppress
from types import FrameType
from typing import NoReturn

from demo_shop import show
from demo_shop.addresses import MEDUSA_BLOCK
from demo_shop.medusa.house import Builder, rows
from demo_shop.medusa.node import Node, NoNode, ProgramFailed
from demo_shop.medusa.preparation import prepare
from demo_shop.medusa.sources import NoRepository, Sources
from demo_shop.medusa.walk import purchase
from demo_shop.postgres import NoPostgres, postgres
from demo_shop.screen import Screen
from demo_shop.show import Play


def run(*, once: bool, host: str = "127.0.0.1", port: int = 8700) -> int:
    """Run the demo until Ctrl-C, or with `once` one purchase; return the exit status."""
    screen = Screen(show.terminal())
    end_politely()
    try:
        return play(screen, once=once, host=host, port=port)
    except (NoRepository, NoNode, NoPostgres) as missing:
        screen.failed(str(missing))
    except ProgramFailed as failed:
        screen.failed(failed.what)
        screen.tail(failed.name, failed.last_words)
    except KeyboardInterrupt:
        return show.interrupted(screen, once=once)
    return 1


def play(screen: Screen, *, once: bool, host: str, port: int) -> int:
    Sources().check()
    Node.find()
    with postgres() as server:
        prepared = prepare(server, screen.waiting)
        builder = Builder(prepared, prepared.storefront(screen.waiting))
        screen.done("Medusa, the plugin and the storefront are built", str(prepared.toolbox.folder))
        acts = Play(MEDUSA_BLOCK, builder.open_house, purchase, rows)
        return show.perform(acts, screen, once=once, host=host, port=port)


def end_politely() -> None:
    """Until the show has its own ears: an end that is asked for goes through every `finally`, as Ctrl-C does."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("SIGTERM", "SIGHUP"):
        with suppress(AttributeError, ValueError):  # not here, or not this thread
            signal.signal(getattr(signal, name), end)


def end(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(show.ENDED)
