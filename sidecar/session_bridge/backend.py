"""The commerce backend over HTTP: two calls, and what its answers mean (contract, section 5)."""

import asyncio
import base64
from enum import StrEnum
from typing import Final, NamedTuple
from urllib.parse import quote

import httpx

from sidecar.clock import SECOND
from sidecar.outbox import LEASE, Message
from sidecar.settings import Settings

DEADLINE: Final = 30.0  # seconds for one call, from connect to the last byte of its answer
ANSWER_MAX: Final = 65_536  # bytes of an answer that are read at all
EXCERPT_LENGTH: Final = 200  # characters of it that are kept for people

assert DEADLINE * SECOND < LEASE, "or two relays could tell the same thing at once"  # noqa: S101


class Outcome(StrEnum):
    DELIVERED = "delivered"
    REFUSED = "refused"  # for good: a person must look
    UNKNOWN = "unknown"  # ask again, under the same key


OUTCOMES: Final = {
    **dict.fromkeys(range(200, 300), Outcome.DELIVERED),
    **dict.fromkeys((404, 409, 410, 422), Outcome.REFUSED),
}


class Answer(NamedTuple):
    outcome: Outcome
    text: str


class Backend:
    def __init__(self, settings: Settings, client: httpx.AsyncClient, deadline: float = DEADLINE) -> None:
        """`client` follows no redirects: a message goes where the settings say and nowhere else."""
        key = settings.commerce_backend_key.get_secret_value()
        credential = base64.b64encode(f"{key}:".encode()).decode("ascii")
        self._base = settings.commerce_backend_url
        self._authorization = f"Basic {credential}"
        self._secrets = (credential, key)
        self._client = client
        self._deadline = deadline

    async def tell(self, message: Message) -> Answer:
        """Deliver one message. Never raises: no answer is an answer too."""
        try:
            async with asyncio.timeout(self._deadline):
                return await self._post(message)
        except TimeoutError:
            return Answer(Outcome.UNKNOWN, f"no answer within {self._deadline:g} s")
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            return Answer(Outcome.UNKNOWN, _line(f"{type(error).__name__}: {error}"))

    async def _post(self, message: Message) -> Answer:
        headers = {
            "authorization": self._authorization,
            "idempotency-key": message.idempotency_key,
            "content-type": "application/json",
            "accept-encoding": "identity",
        }
        url = f"{self._base}/admin/payme/payment-sessions/{quote(message.session_id, safe='')}/{message.topic}"
        request = self._client.stream("POST", url, content=message.payload, headers=headers, timeout=None)
        async with request as response:
            said = await _read(response)  # half an answer is no answer, whatever its status said
        for secret in self._secrets:  # some backends say back what they were sent
            said = said.replace(secret, "…")
        outcome = OUTCOMES.get(response.status_code, Outcome.UNKNOWN)
        return Answer(outcome, _line(f"{response.status_code} {said}"))


async def _read(response: httpx.Response) -> str:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > ANSWER_MAX:
            break
    return body.decode("utf-8", "replace")


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:EXCERPT_LENGTH]
