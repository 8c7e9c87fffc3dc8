"""A whole sidecar in one process, driven step by step: Payme's calls, the backend's calls, the clock.

Two things are stand-ins: the clock, which moves when told to, and the commerce backend, which answers as it is told.
Everything between them is the real thing, the database included.
"""

import asyncio
import base64
import itertools
import json
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

import httpx
from pydantic import SecretStr
from starlette.applications import Starlette

from sidecar.app import House, create_app, prepare
from sidecar.clock import Millis
from sidecar.settings import Settings

T = TypeVar("T")

NOON: Final = 1_790_000_000_000
AMOUNT: Final = 14_000_000
KEY: Final = "k&#%?@:ey"
API_KEY: Final = "backend-to-sidecar"
BACKEND_KEY: Final = "sk_sidecar_to_backend"
SESSION: Final = "payses_01"


def settings(database_url: str, **changes: Any) -> Settings:
    given: dict[str, Any] = {
        "database_url": SecretStr(database_url),
        "payme_merchant_id": "587f72c72cac0d162c722ae2",
        "payme_key": SecretStr(KEY),
        "sidecar_api_key": SecretStr(API_KEY),
        "commerce_backend_url": "http://medusa.test",
        "commerce_backend_key": SecretStr(BACKEND_KEY),
        "callback_url": "https://shop.uz/payme-callback",
    }
    return Settings(**given | changes)


def basic(credential: str) -> str:
    return "Basic " + base64.b64encode(credential.encode()).decode()


PAYME: Final = {"authorization": basic(f"Paycom:{KEY}")}
BACKEND: Final = {"authorization": f"Bearer {API_KEY}"}


class FakeClock:
    """Time stands still until it is told to go on."""

    def __init__(self, now: int = NOON) -> None:
        self.now = now

    def __call__(self) -> Millis:
        return Millis(self.now)

    def advance(self, milliseconds: int) -> None:
        self.now += milliseconds


class FakeBackend:
    """A commerce backend that writes down what it is asked and answers what it is told to answer."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.status = 200
        self.answers: Callable[[httpx.Request], Coroutine[Any, Any, httpx.Response]] | None = None

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.asked.append(request)
        if self.answers:
            return await self.answers(request)
        return httpx.Response(self.status, json={})

    @property
    def keys(self) -> list[str]:
        return [request.headers["idempotency-key"] for request in self.asked]


class Shop:
    def __init__(self, database_url: str, **changes: Any) -> None:
        self.clock = FakeClock()
        self.backend = FakeBackend()
        self.settings = settings(database_url, **changes)
        self._runner = asyncio.Runner()
        self._ids = itertools.count(1)
        self.app: Starlette = create_app(self.settings, clock=self.clock, transport=httpx.MockTransport(self.backend))
        self.house: House = self.app.state.house
        self.run(prepare(self.house.database))
        self._browser = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://sidecar.test")

    def close(self) -> None:
        self.run(self._browser.aclose())
        self.run(self.house.client.aclose())
        self.run(self.house.database.close())
        self._runner.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def together(self, *work: Coroutine[Any, Any, T]) -> list[T]:
        """Do things at once and return what came of each."""

        async def gather() -> list[T]:
            return list(await asyncio.gather(*work))

        return self.run(gather())

    async def ask(self, verb: str, path: str, **options: Any) -> httpx.Response:
        return await self._browser.request(verb, path, **options)

    # ── Payme ──────────────────────────────────────────────────────────────────────────────────────────────

    def payme(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method; give `result`, or `error` under its own name."""
        return self.run(self.calling(method, **params))

    async def calling(self, method: str, **params: Any) -> dict[str, Any]:
        call = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params}
        response = await self.ask("POST", "/payme", content=json.dumps(call), headers=PAYME)
        reply: dict[str, Any] = response.json()
        assert response.status_code == 200
        assert reply.pop("id") == call["id"]
        assert reply.pop("jsonrpc") == "2.0"
        assert list(reply) in (["result"], ["error"])
        return reply

    def post(self, body: str | bytes, headers: dict[str, str] = PAYME) -> dict[str, Any]:
        """Send any bytes to Payme's door."""
        response = self.run(self.ask("POST", "/payme", content=body, headers=headers))
        assert response.status_code == 200
        reply: dict[str, Any] = response.json()
        return reply

    def check_perform(self, order: Any = SESSION, amount: Any = AMOUNT) -> dict[str, Any]:
        return self.payme("CheckPerformTransaction", amount=amount, account={"order_id": order})

    def create(self, id_: str = "tx1", order: Any = SESSION, amount: Any = AMOUNT, time: Any = None) -> dict[str, Any]:
        return self.run(self.creating(id_, order, amount, time))

    async def creating(
        self, id_: str = "tx1", order: Any = SESSION, amount: Any = AMOUNT, time: Any = None
    ) -> dict[str, Any]:
        time = self.clock.now if time is None else time
        return await self.calling("CreateTransaction", id=id_, time=time, amount=amount, account={"order_id": order})

    def perform(self, id_: str = "tx1") -> dict[str, Any]:
        return self.payme("PerformTransaction", id=id_)

    def cancel(self, id_: str = "tx1", reason: int = 5) -> dict[str, Any]:
        return self.payme("CancelTransaction", id=id_, reason=reason)

    def check(self, id_: str = "tx1") -> dict[str, Any]:
        return self.payme("CheckTransaction", id=id_)

    def statement(self, from_: int = 0, to: int = NOON * 2) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.payme("GetStatement", **{"from": from_, "to": to})["result"]["transactions"]
        return rows

    # ── the commerce backend ───────────────────────────────────────────────────────────────────────────────

    def api(self, verb: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        content = None if body is None else json.dumps(body)
        return self.run(self.ask(verb, path, content=content, headers=BACKEND, **options))

    def register(self, id_: str = SESSION, **changes: Any) -> httpx.Response:
        body = {"id": id_, "amount": AMOUNT, "currency_code": "uzs"} | changes
        return self.api("POST", "/payment-sessions", body)

    def session(self, id_: str = SESSION) -> dict[str, Any]:
        view: dict[str, Any] = self.api("GET", f"/payment-sessions/{id_}").json()
        return view

    def close_session(self, id_: str = SESSION) -> httpx.Response:
        return self.api("DELETE", f"/payment-sessions/{id_}")

    def paid(self, id_: str = SESSION, transaction: str = "tx1") -> "Shop":
        """Take a session all the way to a performed payment."""
        self.register(id_)
        self.create(transaction, order=id_)
        assert self.perform(transaction)["result"]["state"] == 2
        return self

    # ── what is promised ───────────────────────────────────────────────────────────────────────────────────

    def deliver(self) -> int:
        """Tell the backend all that is due now; say how many messages that was."""

        async def until_quiet() -> int:
            told = 0
            while started := await self.house.relay.start_due():
                told += started
                await self.house.relay.finish()
            return told

        return self.run(until_quiet())

    def sweep(self) -> int:
        return self.run(self.house.sweep.sweep_once())


def code(reply: dict[str, Any]) -> int:
    """The error code of a reply, 0 for a result."""
    return int(reply["error"]["code"]) if "error" in reply else 0
