"""Somebody at a desk with a browser that keeps cookies, fills forms and follows no redirect by itself."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import unescape
from typing import Any, Final, NamedTuple

import httpx
from pydantic import SecretStr
from starlette.applications import Starlette

from sidecar.console import Console
from sidecar.database import Database
from sidecar.database_clock import Clocks
from sidecar.payments_api import EXCEPTION_HANDLERS
from tests.shop import Shop

PASSWORD: Final = "correct horse battery"
WITH_CONSOLE: Final = {"console_password": SecretStr(PASSWORD)}
HTMX: Final = {"hx-request": "true"}
HIDDEN: Final = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


class Parts(NamedTuple):
    """A console by itself, over the books of a shop, and what it does to the world outside them."""

    app: Starlette
    slept: list[float]
    woken: list[bool]


def console_of(shop: Shop, database: Database | None = None) -> Parts:
    """Build a shop's console so that nobody sleeps; `database` may take the place of the shop's."""
    slept: list[float] = []
    woken: list[bool] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0)

    clocks = Clocks(shop.clock, shop.clock)
    database = database or shop.house.database
    console = Console(shop.settings, database, clocks, shop.house.metrics, lambda: woken.append(True), sleep)
    return Parts(Starlette(routes=console.routes, exception_handlers=EXCEPTION_HANDLERS), slept, woken)


class Visitor:
    def __init__(
        self, shop: Shop, address: str = "10.0.0.9", scheme: str = "http", app: Starlette | None = None
    ) -> None:
        self._shop = shop
        self.console = console_of(shop)
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app or self.console.app, client=(address, 4711)),
            base_url=f"{scheme}://sidecar.test",
            cookies=httpx.Cookies(),
        )

    @property
    def cookies(self) -> httpx.Cookies:
        return self._client.cookies

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self._shop.run(self._client.get(f"/console{path}", headers=headers))

    def post(self, path: str, form: Mapping[str, str], **headers: str) -> httpx.Response:
        return self._shop.run(self._client.post(f"/console{path}", data=dict(form), headers=headers))

    def post_together(self, path: str, forms: list[dict[str, str]]) -> list[httpx.Response]:
        return self._shop.together(*(self._client.post(f"/console{path}", data=form) for form in forms))

    def hidden(self, page: httpx.Response, action: str) -> dict[str, str]:
        """The hidden fields of the form that goes to an address."""
        form = re.findall(rf'<form method="post" action="/console{action}".*?</form>', page.text, re.DOTALL)[0]
        return {name: unescape(value) for name, value in HIDDEN.findall(form)}

    def try_password(self, password: str, path: str = "/sign-in", **headers: str) -> httpx.Response:
        fields = self.hidden(self.get(path, **headers), "/sign-in")
        return self.post("/sign-in", fields | {"password": password}, **headers)

    def sign_in(self) -> "Visitor":
        assert self.try_password(PASSWORD).status_code == 303
        return self

    def leave(self) -> None:
        self._shop.run(self._client.aclose())


@contextmanager
def visiting(shop: Shop, **how: Any) -> Iterator[Visitor]:
    it = Visitor(shop, **how)
    yield it
    it.leave()
