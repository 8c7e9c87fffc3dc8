"""A shop that is open: its processes, its addresses, and a folder for its books that goes when it closes."""

import itertools
import random
import secrets
import socket
import tempfile
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

import httpx

from benchmarks.catalogue import Shop
from benchmarks.children import Child, ChildFailed, deadline, finished, running

FIRST_PORT: Final = 21_000
END_OF_PORTS: Final = 32_768  # from here on a kernel lends them to outgoing connections
START_TIMEOUT: Final = 60.0
PREPARE_TIMEOUT: Final = 120.0
PAYME_ID: Final = "5e730e8e0b852a417aa49ceb"
NO_SETTINGS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class House:
    shop: Shop
    port: int
    door_port: int
    key: str = field(repr=False)
    workers: int = 1
    more_ports: tuple[int, ...] = ()
    """Of replicas after the first."""
    servers: Mapping[str, tuple[Child, ...]] = field(default_factory=dict, repr=False)

    @property
    def ports(self) -> tuple[int, ...]:
        """All of one kind: whoever calls may take any of them."""
        return (self.port, *self.more_ports)

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
def open_house(
    shop: Shop,
    python: Path,
    database_url: str | None = None,
    *,
    workers: int | None = None,
    settings: Mapping[str, str] = NO_SETTINGS,
) -> Generator[House, None, None]:
    """Prepare the database, by default a file of its own, start the servers, and wait until they answer."""
    with tempfile.TemporaryDirectory(prefix=f"{shop.name}-") as place, ExitStack() as children:
        folder = Path(place)
        house = housed(shop, workers or shop.workers)
        surroundings = settings_of(house, database_url or f"sqlite:///{folder / 'shop.db'}") | dict(settings)
        if shop.prepare and finished(
            "prepare", spoken(house, python, shop.prepare), surroundings, folder, PREPARE_TIMEOUT
        ):
            raise ChildFailed(f"{shop.name} could not be prepared\n{(folder / 'prepare.log').read_text()}")
        servers = {
            name: tuple(
                children.enter_context(running(log, spoken(room, python, words), surroundings, folder))
                for log, room in rooms(house, name)
            )
            for name, words in shop.servers.items()
        }
        wait_for(house, [child for them in servers.values() for child in them])
        yield replace(house, servers=servers)


def housed(shop: Shop, workers: int) -> House:
    replicas = workers if shop.replicas else 1
    ports = free_ports(replicas + shop.side_door)
    return House(shop, ports[0], ports[-1], secrets.token_hex(18), workers=workers, more_ports=tuple(ports[1:replicas]))


def rooms(house: House, server: str) -> list[tuple[str, House]]:
    """Where each process of a server runs, and the name of its log: one, or one for each port of a replica."""
    if server != house.shop.replicas or not house.more_ports:
        return [(server, house)]
    return [(f"{server}-{port}", replace(house, port=port)) for port in house.ports]


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
    given = {"{port}": house.port, "{door}": house.door_port, "{workers}": house.workers}
    for name, value in given.items():
        text = text.replace(name, str(value))
    return text


def wait_for(house: House, servers: list[Child]) -> None:
    """Both doors answer when anything but a failure comes back."""
    doors = {f"http://127.0.0.1:{port}/payme" for port in house.ports} | {f"{house.door}/orders?order_id=0&id=0"}
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
    """Look at random: two houses that open at once must not find the same."""
    ports = random.sample(range(FIRST_PORT, END_OF_PORTS), k=END_OF_PORTS - FIRST_PORT)
    found = list(itertools.islice(filter(is_free, ports), number))
    if len(found) < number:
        raise ChildFailed(f"no {number} free ports were found between {FIRST_PORT} and {END_OF_PORTS}")
    return found


def is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen()
        except OSError:
            return False
    return True
