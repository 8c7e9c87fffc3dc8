"""A merchant at a real address: any handler, and the side door through which its test shop makes orders."""

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import httpx

from demo_shop.postgres import free_port
from payme_sandbox.certification.orders import NoOrder, Order, Shop
from tests.payme_sandbox.billing import Billing

Handler = Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]


class Address(NamedTuple):
    endpoint: str
    shop: str


@contextmanager
def served(handler: Handler, shop: Shop | None = None) -> Iterator[Address]:
    """Serve `/payme` by a handler, and the side door below `/shop`, one call at a time."""
    turn = threading.Lock()

    def answer(request: httpx.Request) -> httpx.Response:
        with turn:
            work = side_door(shop, request) if shop and request.url.path.startswith("/shop/") else handler(request)
            return asyncio.run(_read(work))

    class Connection(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            request = httpx.Request(
                self.command, f"http://served{self.path}", headers=[*self.headers.items()], content=body
            )
            response = answer(request)
            self.send_response(response.status_code)
            self.send_header("content-type", response.headers.get("content-type", "text/plain"))
            self.send_header("content-length", str(len(response.content)))
            self.end_headers()
            self.wfile.write(response.content)

        do_GET = do_POST = do_PUT = _any  # noqa: N815 - so they are called

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def handle(self) -> None:
            with suppress(OSError):  # who hung up reads no answer
                super().handle()

    server = ThreadingHTTPServer(("127.0.0.1", free_port()), Connection)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield Address(f"{address}/payme", f"{address}/shop")
    finally:
        server.shutdown()
        server.server_close()


async def side_door(shop: Shop, request: httpx.Request) -> httpx.Response:
    match (request.method, request.url.path):
        case ("POST", "/shop/orders"):
            try:
                order = await shop.order(json.loads(request.content)["amount"])
            except NoOrder as why:
                return httpx.Response(409, text=str(why))
            return httpx.Response(201, json={"account": dict(order.account), "amount": order.amount})
        case ("GET", "/shop/orders"):
            effect = await shop.effect(Order(dict(request.url.params), 0))
            return httpx.Response(200, json=effect._asdict()) if effect else httpx.Response(404)
        case ("POST", "/shop/hook"):
            done = await shop.hook(works=json.loads(request.content)["works"])
            return httpx.Response(200 if done else 404, json={})
    return httpx.Response(404)


def of_billing(billing: Billing) -> Handler:
    return httpx.ASGITransport(billing).handle_async_request


async def _read(work: Coroutine[Any, Any, httpx.Response]) -> httpx.Response:
    response = await work
    await response.aread()
    return response
