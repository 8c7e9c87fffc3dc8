"""A shop that is open: its processes, its addresses, and a folder for its books that goes when it closes."""

import secrets
import socket
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from benchmarks.catalogue import Shop
from benchmarks.children import Child, ChildFailed, deadline, finished, running

FIRST_PORT: Final = 21_000
END_OF_PORTS: Final = 32_768  # from here on a kernel lends them to outgoing connections
START_TIMEOUT: Final = 60.0
PREPARE_TIMEOUT: Final = 120.0
PAYME_ID: Final = "5e730e8e0b852a417aa49ceb"


@dataclass(frozen=True, slots=True)
class House:
    shop: Shop
    port: int
    door_port: int
    key: str = field(repr=False)

    @property
    def endpoint(self) -> str:
        """Where Payme knocks."""
        return f"http://127.0.0.1:{self.port}/payme"

    @property
    def door(self) -> str:
        """Where a test makes orders."""
        return f"http://127.0.0.1:{self.door_port}"

    def sandbox(self) -> tuple[str, ...]:
        """What follows `payme-sidecar`."""
        return ("sandbox", "run", self.endpoint, "--key", self.key, "--shop", self.door)


@contextmanager
def open_house(shop: Shop, python: Path, database_url: str | None = None) -> Generator[House, None, None]:
    """Prepare the database, by default a file of its own, start the servers, and wait until they answer."""
    with tempfile.TemporaryDirectory(prefix=f"{shop.name}-") as place, ExitStack() as children:
        folder = Path(place)
        ports = free_ports(1 + shop.side_door)
        house = House(shop, ports[0], ports[-1], secrets.token_hex(18))
        settings = settings_of(house, database_url or f"sqlite:///{folder / 'shop.db'}")
        if finished("prepare", spoken(house, python, shop.prepare), settings, folder, PREPARE_TIMEOUT):
            raise ChildFailed(f"{shop.name} could not be prepared\n{(folder / 'prepare.log').read_text()}")
        servers = [
            children.enter_context(running(name, spoken(house, python, words), settings, folder))
            for name, words in shop.servers.items()
        ]
        wait_for(house, servers)
        yield house


def settings_of(house: House, database_url: str) -> dict[str, str]:
    ours = {
        "DATABASE_URL": database_url,
        "PAYME_ID": PAYME_ID,
        "PAYME_MERCHANT_ID": PAYME_ID,
        "PAYME_KEY": house.key,
        "PYTHONPATH": ":".join(house.shop.paths),
    }
    return {name: filled(house, value) for name, value in house.shop.settings.items()} | ours


def spoken(house: House, python: Path, words: tuple[str, ...]) -> tuple[str, ...]:
    return (str(python), "-m", *(filled(house, word) for word in words))


def filled(house: House, text: str) -> str:
    return text.replace("{port}", str(house.port)).replace("{door}", str(house.door_port))


def wait_for(house: House, servers: list[Child]) -> None:
    """Both doors answer when anything but a failure comes back."""
    doors = {house.endpoint, f"{house.door}/orders?order_id=0&id=0"}
    with httpx.Client(trust_env=False) as http:
        for _ in deadline(START_TIMEOUT):
            for server in servers:
                if not server.alive:
                    raise server.failed("ended by itself")
            if all(answers(http, url) for url in doors):
                return
    raise servers[0].failed(f"did not answer within {START_TIMEOUT:.0f} s")


def answers(http: httpx.Client, url: str) -> bool:
    try:
        return not http.get(url).is_server_error
    except httpx.HTTPError:
        return False


def free_ports(number: int) -> list[int]:
    found = list(_free(FIRST_PORT, number))
    if len(found) < number:
        raise ChildFailed(f"no {number} free ports were found between {FIRST_PORT} and {END_OF_PORTS}")
    return found


def _free(first: int, number: int) -> Generator[int, None, None]:
    for port in range(first, END_OF_PORTS):
        if number and is_free(port):
            number -= 1
            yield port


def is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen()
        except OSError:
            return False
    return True
