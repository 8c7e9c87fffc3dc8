"""A few ports in a row, and the addresses behind them."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

BLOCK: Final = 4
MEDUSA_BLOCK: Final = 5  # a real backend has an address of its own
WORDS: Final = {3: "three", 4: "four", 5: "five"}
STRIDE: Final = 10
TRIES: Final = 100
PORT_MAX: Final = 65_535

# A server that listens everywhere is visited here.
EVERYWHERE: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared with, not bound to


class NoFreePorts(Exception):
    """Somebody else has the ports: every block that was tried, or one of ours since we looked."""


@dataclass(frozen=True, slots=True)
class Addresses:
    host: str
    port: int
    size: int = BLOCK

    @property
    def sidecar(self) -> str:
        return self._url(0)

    @property
    def callback(self) -> str:
        return self._url(1)

    @property
    def shop(self) -> str:
        return self._url(2)

    @property
    def payme(self) -> str:
        return self._url(3)

    @property
    def medusa(self) -> str:
        return self._url(4)

    def _url(self, place: int) -> str:
        host = "127.0.0.1" if self.host in EVERYWHERE else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port + place}"


def free_block(host: str, port: int, size: int = BLOCK, is_free: Callable[[str, int], bool] | None = None) -> Addresses:
    """The first block of free ports, from `port` upwards."""
    is_free = is_free or can_bind
    for first in range(max(port, 1), min(port + TRIES * STRIDE, PORT_MAX - size + 2), STRIDE):
        if all(is_free(host, first + place) for place in range(size)):
            return Addresses(host, first, size)
    raise NoFreePorts(f"no {WORDS[size]} free ports in a row were found from {port} upwards on {host}")


def can_bind(host: str, port: int) -> bool:
    try:
        listen(host, port).close()
    except OSError:
        return False
    return True


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
