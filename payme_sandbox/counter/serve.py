"""`sandbox serve`: the pages on a port of this machine, until Ctrl-C."""

import asyncio
import socket
import ssl
from contextlib import suppress
from typing import Final

import httpx
import uvicorn
from rich.console import Console
from rich.text import Text

from payme_sandbox.counter.cashbox import Cashbox
from payme_sandbox.counter.cashier import Cashier
from payme_sandbox.counter.desk import Desk
from payme_sandbox.counter.site import site
from payme_sandbox.merchant import LOGIN, ONCE

PORT: Final = 8790
EVERYWHERE: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared with, not bound to


def serve(  # noqa: PLR0913 - a command line is as wide as its options
    endpoint: str = "",
    key: str = "",
    *,
    login: str = LOGIN,
    merchant_id: str = "",
    host: str = "127.0.0.1",
    port: int = PORT,
    timeout: float = 30.0,
    verify: ssl.SSLContext | bool = True,
    console: Console | None = None,
) -> int:
    """Serve until Ctrl-C; the exit status. Without an endpoint the first page asks for it."""
    console = console or Console(highlight=False)
    try:
        listener = listen(host, port)
    except OSError as taken:
        _say(console, f"✗ {host}:{port} cannot be used ({taken.strerror or taken}); choose another with --port", "red")
        return 1
    with listener:
        cashbox = Cashbox(endpoint, key, login, merchant_id) if endpoint else None
        _say(console, f"Payme's side is at {address(host, listener.getsockname()[1])}", "bold")
        _say(console, f"It calls {endpoint}" if endpoint else "Open it: it asks for your endpoint and its key.")
        _say(console, "A stand-in for Payme: no money moves. Ctrl-C ends it.", "dim")
        with suppress(KeyboardInterrupt):  # uvicorn has ended well, and says once more why
            asyncio.run(_serve(listener, cashbox, host, timeout, verify))
    return 0


async def _serve(
    listener: socket.socket,
    cashbox: Cashbox | None,
    host: str,
    timeout: float,  # noqa: ASYNC109 - of each call
    verify: ssl.SSLContext | bool,
) -> None:
    async with httpx.AsyncClient(timeout=timeout, limits=ONCE, verify=verify, trust_env=False) as http:
        desk = Desk(http, cashier=Cashier(cashbox, http) if cashbox else None)
        config = uvicorn.Config(
            site(desk, host), log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2
        )
        await uvicorn.Server(config).serve([listener])
        running = asyncio.all_tasks() - {asyncio.current_task()}  # scenarios, for instance
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def address(host: str, port: int) -> str:
    host = "127.0.0.1" if host in EVERYWHERE else host
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _say(console: Console, line: str, style: str = "") -> None:
    console.print(Text(line, style), soft_wrap=True)
