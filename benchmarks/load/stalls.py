"""Who stands on the market: every contestant, opened on a database of its own, with what a crowd must know of it."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from benchmarks.catalogue import BY_NAME, CATALOGUE, ROOT, Shop, python_of_ours
from benchmarks.environments import by_pip, cache, environment
from benchmarks.house import House, open_house
from benchmarks.load.crowd import ECHO, PAYMENT
from benchmarks.load.ground import Ground, Land, Plenty, Stock
from benchmarks.load.meter import Memory, memory
from benchmarks.load.payment import Orders

OURS: Final = "payme-sidecar"
ASLEEP: Final = "payme-sidecar, not delivering"
IN_MEMORY: Final = "the same app without a database"
EMPTY: Final = "an empty Starlette endpoint"
PEERS: Final = tuple(shop.name for shop in CATALOGUE if shop.name != OURS)

VARIANTS: Final = ("benchmarks.shops.payme_sidecar.variants", "serve", "--host", "127.0.0.1", "--port", "{port}")
# Our default: one line for each call, into a file; the peers log what their packages and servers log by themselves.
LOGGING: Final = {"LOG_LEVEL": "info"}
FIELDS: Final = {
    "payme-sidecar": "order_id",
    "payme-pkg": "order_id",
    "paytechuz-django": "id",
    "paytechuz-fastapi": "id",
}


@dataclass(frozen=True, slots=True)
class Stall:
    """A contestant that is open."""

    name: str
    title: str
    ports: tuple[int, ...]
    key: str = field(repr=False)
    stock: Callable[[int], Orders]
    """Makes so many orders; never while a clock runs."""
    servers: list[int]
    """Its processes' roots, without the stand-in for a commerce backend."""
    ground: Ground | None
    judge: str = PAYMENT
    backend: tuple[int, ...] = ()
    """Processes of that stand-in."""
    backend_port: int = 0

    @property
    def watch(self) -> dict[str, list[int]]:
        database = self.ground.pids if self.ground else []
        return {"server": self.servers, "database": database, "backend": list(self.backend)}

    def memory(self) -> Memory:
        return memory(self.servers)


@contextmanager
def sidecar(
    land: Land, *, workers: int = 1, variant: str = "", settings: Mapping[str, str] = LOGGING
) -> Generator[Stall, None, None]:
    """Open ours: as it is served, or by the entry file that takes one part away."""
    shop = BY_NAME[OURS]
    words = VARIANTS if variant or "SAMPLES" in settings else shop.servers["sidecar"]
    shop = replace(shop, servers={"sidecar": words, "backend": ("benchmarks.load.backend",)})
    ground = land.ground()
    told = dict(LOGGING) | dict(settings) | {"VARIANT": variant}
    with open_house(shop, python_of_ours(), ground.url, workers=workers, settings=told) as house:
        name = {"": OURS, "relay_asleep": ASLEEP, "in_memory": IN_MEMORY}[variant]
        if variant == "in_memory":
            yield _stall(house, name, shop, Plenty(), None)
        else:
            yield _stall(house, name, shop, Stock(ground, OURS, FIELDS[OURS]), ground)


@contextmanager
def peer(land: Land, name: str, *, workers: int) -> Generator[Stall, None, None]:
    shop, ground = BY_NAME[name], land.ground()
    with open_house(shop, installed(shop), ground.url, workers=workers) as house:
        yield _stall(house, name, shop, Stock(ground, name, FIELDS[name]), ground)


@contextmanager
def empty_endpoint() -> Generator[Stall, None, None]:
    shop = Shop(
        name="empty-starlette",
        package="starlette",
        folder="empty_starlette",
        made_of=("starlette", "uvicorn", "uvloop"),
        prepare=(),
        servers={"uvicorn": ("benchmarks.shops.empty_starlette.app", "{port}")},
        paths=(str(ROOT),),
        workers=1,
    )
    with open_house(shop, python_of_ours()) as house:
        yield replace(_stall(house, EMPTY, shop, Plenty(), None), judge=ECHO)


def installed(shop: Shop) -> Path:
    if shop.requirements is None:
        return python_of_ours()
    return environment(shop.name, shop.requirements, cache(), by_pip)


def _stall(house: House, name: str, shop: Shop, stock: Callable[[int], Orders], ground: Ground | None) -> Stall:
    pids = {server: [child.process.pid for child in them] for server, them in house.servers.items()}
    return Stall(
        name=name,
        title=shop.title if name == shop.name else name,
        ports=house.ports,
        key=house.key,
        stock=stock,
        servers=[pid for server, them in pids.items() if server != "backend" for pid in them],
        ground=ground,
        backend=tuple(pids.get("backend", ())),
        backend_port=house.door_port,
    )
