"""A commerce backend of one page: it registers payments with the sidecar and takes what the sidecar tells it."""

import base64
import itertools
import os
import secrets
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

TOPICS: Final = {"authorize": "paid", "cancel": "cancelled"}


@dataclass
class Books:
    """What the sidecar has told of each order, and we have taken; a repeat under one key is the same news."""

    works: bool = True
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    taken: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def take(self, order_id: str, key: str) -> bool:
        if not self.works and key.startswith("authorize:"):
            return False
        self.taken[order_id].add(key)
        return True

    def told(self, order_id: str) -> dict[str, int]:
        topics = [key.partition(":")[0] for key in self.taken[order_id]]
        return {word: topics.count(topic) for topic, word in TOPICS.items()}


@dataclass(frozen=True, slots=True)
class Backend:
    """The two calls of the sidecar, and the side door for a test."""

    sidecar: httpx.AsyncClient
    key: str = field(repr=False)
    books: Books = field(default_factory=Books)

    def app(self) -> Starlette:
        session = "/admin/payme/payment-sessions/{order_id}"
        return Starlette(
            routes=[
                Route(f"{session}/authorize", self._take, methods=["POST"]),
                Route(f"{session}/cancel", self._take, methods=["POST"]),
                Route("/orders", self._new, methods=["POST"]),
                Route("/orders", self._told, methods=["GET"]),
                Route("/hook", self._hook, methods=["POST"]),
            ]
        )

    async def _take(self, request: Request) -> JSONResponse:
        credential = "Basic " + base64.b64encode(f"{self.key}:".encode()).decode()
        if not secrets.compare_digest(request.headers.get("authorization", ""), credential):
            return JSONResponse({}, HTTPStatus.UNAUTHORIZED)
        taken = self.books.take(request.path_params["order_id"], request.headers["idempotency-key"])
        return JSONResponse({}, HTTPStatus.OK if taken else HTTPStatus.SERVICE_UNAVAILABLE)

    async def _new(self, request: Request) -> JSONResponse:
        number, amount = str(next(self.books.numbers)), (await request.json()).get("amount")
        session = {"id": number, "amount": amount, "currency_code": "uzs"}
        answer = await self.sidecar.post("/payment-sessions", json=session)
        if not answer.is_success:
            return JSONResponse({"message": answer.text}, HTTPStatus.BAD_REQUEST)
        self.books.taken[number].clear()
        return JSONResponse({"account": {"order_id": number}, "amount": amount}, HTTPStatus.CREATED)

    async def _told(self, request: Request) -> JSONResponse:
        order_id = request.query_params.get("order_id", "")
        if order_id not in self.books.taken:
            return JSONResponse({"message": "no such order"}, HTTPStatus.NOT_FOUND)
        return JSONResponse(self.books.told(order_id))

    async def _hook(self, request: Request) -> JSONResponse:
        self.books.works = (await request.json())["works"] is True
        return JSONResponse({})


def main(environ: Mapping[str, str]) -> None:
    credential = {"Authorization": f"Bearer {environ['SIDECAR_API_KEY']}"}
    sidecar = httpx.AsyncClient(base_url=environ["SIDECAR_URL"], headers=credential, trust_env=False)
    backend = Backend(sidecar, environ["COMMERCE_BACKEND_KEY"])
    uvicorn.run(backend.app(), host="127.0.0.1", port=int(environ["BACKEND_PORT"]), log_level="warning")


if __name__ == "__main__":
    main(os.environ)
