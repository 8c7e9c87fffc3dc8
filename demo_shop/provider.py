"""The payment provider as the backend sees it: the sidecar's provider API, verb by verb (contract, section 4)."""

from dataclasses import asdict, dataclass
from typing import Any

import httpx


class Unavailable(Exception):
    """The sidecar gave no answer worth the name: nobody may conclude anything from it."""


@dataclass(frozen=True, slots=True)
class Owed:
    """How much, for what, and where the shopper comes back to. `detail` is Payme's, for the fiscal receipt."""

    amount: int
    detail: dict[str, Any]
    locale: str
    country_code: str


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    order_id: str
    amount: int
    status: str
    payment_url: str
    qr_url: str
    locale: str
    country_code: str
    transaction_state: int | None


@dataclass(frozen=True, slots=True)
class Refusal:
    status: int
    code: str


class Provider:
    def __init__(self, http: httpx.AsyncClient) -> None:
        """Take a client that already knows the sidecar's address and carries the bearer key."""
        self._http = http

    async def initiate(self, session_id: str, owed: Owed) -> Session | Refusal:
        return await self._ask("POST", "/payment-sessions", {"id": session_id, "currency_code": "uzs", **asdict(owed)})

    async def update(self, session_id: str, owed: Owed) -> Session | Refusal:
        return await self._ask("POST", f"/payment-sessions/{session_id}", asdict(owed))

    async def retrieve(self, session_id: str) -> Session | Refusal:
        return await self._ask("GET", f"/payment-sessions/{session_id}")

    async def authorize(self, session_id: str) -> Session | Refusal:
        return await self._ask("POST", f"/payment-sessions/{session_id}/authorize", {})

    async def cancel(self, session_id: str) -> Session | Refusal:
        return await self._ask("POST", f"/payment-sessions/{session_id}/cancel")

    async def _ask(self, verb: str, path: str, body: dict[str, Any] | None = None) -> Session | Refusal:
        try:
            answer = await self._http.request(verb, path, json=body)
            return read(answer.status_code, answer.json())
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as broken:
            raise Unavailable(f"{verb} {path}: {broken!r}") from broken


def read(status: int, body: Any) -> Session | Refusal:
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise ValueError(f"HTTP {status}")
    if status >= httpx.codes.BAD_REQUEST:
        return Refusal(status, body["code"])
    transaction = body["transaction"]
    return Session(
        id=body["id"],
        order_id=body["order_id"],
        amount=body["amount"],
        status=body["status"],
        payment_url=body["payment_url"],
        qr_url=body["qr_url"],
        locale=body["locale"],
        country_code=body["country_code"],
        transaction_state=transaction["state"] if transaction else None,
    )
