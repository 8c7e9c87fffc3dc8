"""The whole house of the demo: two real services, two stand-ins, one folder that is gone afterwards."""

import secrets
import tempfile
from asyncio import Task, create_task
from collections.abc import AsyncIterator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import uvicorn
from starlette.types import ASGIApp

from demo_shop import payme, storefront
from demo_shop.addresses import Addresses, NoFreePorts, listen
from demo_shop.backend import AdminRoutes, Backend
from demo_shop.children import Child, healthy, running
from demo_shop.journal import Clock, Journal
from demo_shop.provider import Provider
from demo_shop.screen import Screen
from demo_shop.storefront import SHOP_NAME, Storefront
from payme_sandbox.counter.cashbox import Cashbox
from payme_sandbox.counter.cashier import Cashier

LOGIN: Final = "Paycom"
KEY_LENGTH: Final = 36
PATIENCE: Final = 10.0  # seconds that the shop and Payme give the sidecar for an answer
AWKWARD: Final = "&#%?@:"  # real keys hold these, and integrations trip over them


def payme_key() -> str:
    """A cashbox key of this run, as long and as awkward as a real one."""
    letters = [*secrets.token_hex(KEY_LENGTH)[: KEY_LENGTH - len(AWKWARD)], *AWKWARD]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)


@dataclass(frozen=True, slots=True)
class Keys:
    """Made for one run, known to nobody else, gone with it; kept out of every repr."""

    merchant_id: str = field(default_factory=lambda: secrets.token_hex(12))
    payme: str = field(default_factory=payme_key, repr=False)
    sidecar: str = field(default_factory=lambda: f"sk_demo_{secrets.token_urlsafe(24)}", repr=False)
    backend: str = field(default_factory=lambda: f"sk_demo_{secrets.token_urlsafe(24)}", repr=False)


@dataclass(frozen=True, slots=True)
class House:
    addresses: Addresses
    merchant_id: str
    journal: Journal
    backend: Backend
    cashier: Cashier
    children: list[Child]


def sidecar_settings(addresses: Addresses, keys: Keys) -> dict[str, str]:
    return {
        "HOST": addresses.host,
        "PAYME_MERCHANT_ID": keys.merchant_id,
        "PAYME_KEY": keys.payme,
        "PAYME_LOGIN": LOGIN,
        "PAYME_CHECKOUT_URL": addresses.payme,
        "DATABASE_URL": "sqlite:///demo.db",
        "SIDECAR_API_KEY": keys.sidecar,
        "COMMERCE_BACKEND_URL": addresses.shop,
        "COMMERCE_BACKEND_KEY": keys.backend,
        "CALLBACK_URL": f"{addresses.callback}/payme-callback",
    }


def callback_settings(addresses: Addresses) -> dict[str, str]:
    return {
        "HOST": addresses.host,
        "STOREFRONT_URL": addresses.shop,
        "STOREFRONT_REVIEW_PATH": storefront.REVIEW_PATH,
        "SIDECAR_URL": addresses.sidecar,
    }


def cashbox(addresses: Addresses, keys: Keys) -> Cashbox:
    return Cashbox(f"{addresses.sidecar}/payme", keys.payme, LOGIN, keys.merchant_id, SHOP_NAME)


@asynccontextmanager
async def open_house(addresses: Addresses, screen: Screen, clock: Clock) -> AsyncIterator[House]:
    """Start everything, wait until all of it answers, and end everything in the opposite order."""
    keys, journal = Keys(), Journal(clock)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="payme-sidecar-demo-")))
        backend, cashier = await _stand_ins(stack, addresses, keys, journal)
        serve = ["sidecar", "serve", "--port", str(addresses.port)]
        callback = ["sidecar", "callback", "--port", str(addresses.port + 1)]
        real = {
            f"{addresses.sidecar}/readyz": running("sidecar", serve, sidecar_settings(addresses, keys), folder),
            f"{addresses.callback}/healthz": running("callback", callback, callback_settings(addresses), folder),
        }
        started = {url: await stack.enter_async_context(child) for url, child in real.items()}
        await _all_up(started, screen)
        yield House(addresses, keys.merchant_id, journal, backend, cashier, list(started.values()))


async def _all_up(started: dict[str, Child], screen: Screen) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        for url, child in started.items():
            with screen.waiting(f"the {child.name} is starting"):
                await healthy(http, child, url)
            screen.done(f"the {child.name} is up", "real")
    screen.done("the shop and Payme's page are up", "stand-ins")


async def _stand_ins(
    stack: AsyncExitStack, addresses: Addresses, keys: Keys, journal: Journal
) -> tuple[Backend, Cashier]:
    bearer = {"Authorization": f"Bearer {keys.sidecar}"}
    from_shop = httpx.AsyncClient(base_url=addresses.sidecar, headers=bearer, timeout=PATIENCE, trust_env=False)
    from_payme = await stack.enter_async_context(httpx.AsyncClient(timeout=PATIENCE, trust_env=False))
    backend = Backend(Provider(await stack.enter_async_context(from_shop)), journal)
    cashier = payme.cashier(cashbox(addresses, keys), from_payme, journal)
    routes = [
        *AdminRoutes(backend, journal, keys.backend).routes(),
        *Storefront(backend, journal, addresses.sidecar, addresses.payme).routes(),
    ]
    page = payme.pages(cashier, from_payme, addresses.host)
    await stack.enter_async_context(serving(storefront.application(routes), addresses.host, addresses.port + 2))
    await stack.enter_async_context(serving(page, addresses.host, addresses.port + 3))
    return backend, cashier


class Server(uvicorn.Server):
    """A uvicorn that leaves the signals to the demo."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


@asynccontextmanager
async def serving(app: ASGIApp, host: str, port: int) -> AsyncIterator[None]:
    try:
        listener = listen(host, port)
    except OSError as taken:
        raise NoFreePorts(f"port {port} was free a moment ago and is taken now ({taken}); try again") from taken
    server = Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2))
    task: Task[None] = create_task(server.serve([listener]))
    try:
        yield  # the socket listens already: a caller who is early waits in its queue
    finally:
        server.should_exit = True
        await task
        listener.close()
