"""The house of the demo with a real Medusa: everything in it is real but Payme, and all of it is gone afterwards."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from demo_shop import payme
from demo_shop.addresses import Addresses
from demo_shop.children import Child, ChildFailed, healthy, running
from demo_shop.house import PATIENCE, Keys, callback_settings, cashbox, serving, sidecar_settings
from demo_shop.journal import Clock, Journal
from demo_shop.medusa import storefront
from demo_shop.medusa.preparation import Prepared
from demo_shop.medusa.seed import Seed
from demo_shop.medusa.server import command
from demo_shop.medusa.settings import settings
from demo_shop.screen import Row, Screen
from payme_sandbox.counter.cashier import Cashier

MEDUSA_DATABASE = "medusa"
SIDECAR_DATABASE = "sidecar"


@dataclass(frozen=True, slots=True)
class House:
    addresses: Addresses
    merchant_id: str
    journal: Journal
    cashier: Cashier
    seed: Seed
    children: list[Child]


@dataclass(frozen=True, slots=True)
class Builder:
    """Opens the house on what was prepared."""

    prepared: Prepared
    pages: Path

    @asynccontextmanager
    async def open_house(self, addresses: Addresses, screen: Screen, clock: Clock) -> AsyncIterator[House]:
        keys, journal, seed = Keys(backend=self.prepared.seed.secret_key), Journal(clock), self.prepared.seed
        self._make_databases()
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="payme-sidecar-demo-")))
            cashier = await self._pages(stack, addresses, keys, journal)
            await self._migrate(addresses, keys, folder)
            children = await self._children(stack, addresses, keys, folder, screen)
            yield House(addresses, keys.merchant_id, journal, cashier, seed, children)

    def _make_databases(self) -> None:
        self.prepared.seed.give(self.prepared.server, MEDUSA_DATABASE)
        self.prepared.server.create_database(SIDECAR_DATABASE)

    async def _pages(self, stack: AsyncExitStack, addresses: Addresses, keys: Keys, journal: Journal) -> Cashier:
        """The storefront's files, and the one stand-in: Payme."""
        from_payme = await stack.enter_async_context(httpx.AsyncClient(timeout=PATIENCE, trust_env=False))
        cashier = payme.cashier(cashbox(addresses, keys), from_payme, journal)
        config = storefront.config(
            addresses.medusa, self.prepared.seed.publishable_key, addresses.sidecar, addresses.payme
        )
        shop = storefront.application(self.pages, config)
        page = payme.pages(cashier, from_payme, addresses.host)
        await stack.enter_async_context(serving(shop, addresses.host, addresses.port + 2))
        await stack.enter_async_context(serving(page, addresses.host, addresses.port + 3))
        return cashier

    async def _migrate(self, addresses: Addresses, keys: Keys, folder: Path) -> None:
        async with running("migration", ["sidecar", "migrate"], self._sidecar(addresses, keys), folder) as child:
            if await child.process.wait():
                raise ChildFailed(child, "of the sidecar's database failed")

    async def _children(
        self, stack: AsyncExitStack, addresses: Addresses, keys: Keys, folder: Path, screen: Screen
    ) -> list[Child]:
        node, *medusa = command(self.prepared.toolbox, addresses.host, addresses.port + 4)
        serve = ["sidecar", "serve", "--port", str(addresses.port)]
        callback = ["sidecar", "callback", "--port", str(addresses.port + 1)]
        told = settings(self._url(MEDUSA_DATABASE), addresses.sidecar, keys.sidecar, names_of(addresses.shop))
        real = {
            f"{addresses.medusa}/health": running("Medusa server", medusa, told, folder, [node], self.prepared.project),
            f"{addresses.sidecar}/readyz": running("sidecar", serve, self._sidecar(addresses, keys), folder),
            f"{addresses.callback}/healthz": running("callback", callback, told_to_callback(addresses), folder),
        }
        started = {url: await stack.enter_async_context(child) for url, child in real.items()}
        async with httpx.AsyncClient(trust_env=False) as http:
            for url, child in started.items():
                with screen.waiting(f"the {child.name} is starting"):
                    await healthy(http, child, url)
                screen.done(f"the {child.name} is up", "real")
        screen.done("the storefront is up", "real")
        screen.done("Payme's page is up", "stand-in")
        return list(started.values())

    def _sidecar(self, addresses: Addresses, keys: Keys) -> dict[str, str]:
        ours = {"DATABASE_URL": self._url(SIDECAR_DATABASE), "COMMERCE_BACKEND_URL": addresses.medusa}
        return sidecar_settings(addresses, keys) | ours

    def _url(self, database: str) -> str:
        return self.prepared.server.url(database)


def told_to_callback(addresses: Addresses) -> dict[str, str]:
    """As to the callback of the small demo, but the review step is where a Medusa storefront has it: the default."""
    told = callback_settings(addresses)
    del told["STOREFRONT_REVIEW_PATH"]
    return told


def names_of(url: str) -> tuple[str, ...]:
    """An address of this machine under each of the names a visitor may type: to a browser they are two shops."""
    return tuple(dict.fromkeys((url, f"http://localhost:{urlsplit(url).port}")))


def rows(addresses: Addresses) -> list[Row]:
    return [
        Row("the shop", addresses.shop, "open this first (real: React and Medusa's JS SDK)"),
        Row("Medusa", addresses.medusa, "real, on PostgreSQL (its API; without the admin pages)"),
        Row("the sidecar", addresses.sidecar, "real, on PostgreSQL"),
        Row("the callback", addresses.callback, "real"),
        Row("Payme's cabinet", addresses.payme, "refunds start here (stand-in)"),
    ]
