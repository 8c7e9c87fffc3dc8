"""A whole installation in one process for the doctor to visit: each part may be told to misbehave."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from typing import Any, Final

import httpx
from pydantic import SecretStr

from sidecar.clock import HOUR, SECOND, Millis, system_clock
from sidecar.doctor.asking import Silence
from sidecar.doctor.certificate import DAY, Validity
from sidecar.doctor.disk import MEGABYTE, Place
from sidecar.doctor.finding import Finding, Grade
from sidecar.doctor.visit import Installation, Tools, examine
from sidecar.settings import Settings
from storefront_callback.app import create_app as create_callback
from storefront_callback.settings import Settings as CallbackSettings
from storefront_callback.status import Patience
from tests.shop import BACKEND_KEY, Shop, basic, settings

PUBLIC: Final = "https://pay.shop.uz"
LONG_KEY: Final = "an-api-key-that-nobody-guesses-in-a-lifetime"
IN_SQLITE: Final = "the books are in SQLite, which is for one process on one disk"
NO_PATIENCE: Final = Patience(total=0.2, ask=0.1, pause=0.01, pause_max=0.02)
Answer = Callable[[httpx.Request], Awaitable[httpx.Response]]


def sound(database_url: str, **changes: Any) -> Settings:
    """Give settings that nobody would frown at."""
    given: dict[str, Any] = {"sidecar_api_key": SecretStr(LONG_KEY), "sidecar_url": PUBLIC}
    return settings(database_url, **given | changes)


def valid(left: int) -> Validity:
    """Give a certificate of ninety days, with so many milliseconds left, and an hour for the tests to come to it."""
    until = system_clock() + left + HOUR
    return Validity(Millis(until - 90 * DAY), Millis(until))


@dataclass
class Town:
    """Who answers at which host; a test puts another one there."""

    shop: Shop
    settings: Settings
    hosts: dict[str, Answer] = field(default_factory=dict)
    complaints: tuple[str, ...] = ()
    url: str | None = None
    free: int = 50_000 * MEGABYTE
    writable: bool = True
    certificate: Validity | Silence = field(default_factory=lambda: valid(80 * DAY))
    dotenv: Path = Path("/no/such/folder/.env")
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        sidecar = httpx.ASGITransport(self.shop.app)
        callback = create_callback(
            CallbackSettings(storefront_url="https://shop.uz", sidecar_url="http://sidecar"),
            transport=sidecar,
            patience=NO_PATIENCE,
        )
        self.callback = httpx.ASGITransport(callback)
        self.sidecar = sidecar
        self.hosts = {
            "medusa.test": self.medusa,
            "127.0.0.1": sidecar.handle_async_request,
            "pay.shop.uz": self.proxy,
            "shop.uz": self.storefront,
        }

    async def medusa(self, request: httpx.Request) -> httpx.Response:
        """A backend with the plugin: it asks for the key first, then finds that nothing was said."""
        headers = {"date": formatdate(system_clock() / SECOND, usegmt=True)}
        if request.headers.get("authorization") != basic(f"{BACKEND_KEY}:"):
            return httpx.Response(401, headers=headers, json={"type": "unauthorized"})
        return httpx.Response(400, headers=headers, json={"type": "invalid_data"})

    async def proxy(self, request: httpx.Request) -> httpx.Response:
        """A reverse proxy that lets `/payme` in and nothing else."""
        if request.url.path == "/payme":
            return await self.sidecar.handle_async_request(request)
        return httpx.Response(404, text="")

    async def storefront(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/payme-callback":
            return await self.callback.handle_async_request(request)
        return httpx.Response(200, text="<html>the review step")

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.host not in self.hosts:
            raise httpx.ConnectError("refused") from ConnectionRefusedError()
        return await self.hosts[request.url.host](request)

    def place(self, file: Path) -> Place:
        return Place(file.parent, self.free, self.writable)

    async def _shown(self, _url: str) -> Validity | Silence:
        return self.certificate

    def examined(self) -> list[Finding]:
        async def visit() -> list[Finding]:
            async with httpx.AsyncClient(transport=httpx.MockTransport(self._answer)) as client:
                tools = Tools(system_clock, client, client, self._shown, self.place)
                known = None if self.complaints else self.settings
                it = Installation(self.complaints, known, self.settings, self.url, self.dotenv, self.names)
                return await examine(it, tools)

        return self.shop.run(visit())

    def complained(self) -> dict[str, tuple[Grade, str]]:
        """All that is not good, by the check, but for what is so on purpose.

        The books may be in SQLite, and the PostgreSQL of the tests never syncs.
        """
        found = (it for it in self.examined() if it.found != IN_SQLITE and it.check != "database")
        return {it.check: (it.grade, it.found) for it in found if it.grade is not Grade.GOOD}


def answering(status: int, body: str = "", **headers: str) -> Answer:
    """Somebody who says the same to everybody."""

    async def answer(_request: httpx.Request) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.Response(status, headers=named, text=body)

    return answer


def failing(error: Exception) -> Answer:
    async def answer(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no connection") from error

    return answer
