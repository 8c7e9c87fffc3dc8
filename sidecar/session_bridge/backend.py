"""The commerce backend over HTTP: two calls, and what its answers mean (contract, section 5)."""

import asyncio
import base64
import re
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final, NamedTuple, cast
from urllib.parse import quote

import httpx

from sidecar.clock import SECOND
from sidecar.outbox import LEASE, Message
from sidecar.settings import Settings

DEADLINE: Final = 30.0  # seconds for one call, from connect to the last byte of its answer
ANSWER_MAX: Final = 65_536  # bytes of an answer that are read at all
EXCERPT_LENGTH: Final = 200  # characters of it that are kept for people
WEEK: Final = 7 * 24 * 3600  # seconds; nobody asks for a longer pause in earnest

assert DEADLINE * SECOND < LEASE, "or two relays could tell the same thing at once"  # noqa: S101


class Outcome(StrEnum):
    DELIVERED = "delivered"
    REFUSED = "refused"  # for good: a person must look
    DENIED = "denied"  # our key is wrong: ask again, and call somebody
    UNKNOWN = "unknown"  # ask again, under the same key


OUTCOMES: Final = {
    **dict.fromkeys(range(200, 300), Outcome.DELIVERED),
    **dict.fromkeys((404, 409, 410, 422), Outcome.REFUSED),
    **dict.fromkeys((401, 403), Outcome.DENIED),
}


class Answer(NamedTuple):
    outcome: Outcome
    text: str
    retry_after: int = 0  # milliseconds the backend asked to be left alone


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
            return Answer(Outcome.UNKNOWN, self._line(f"{type(error).__name__}: {error}"))

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
        outcome = OUTCOMES.get(response.status_code, Outcome.UNKNOWN)
        return Answer(outcome, self._line(f"{response.status_code} {said}"), retry_after(response.headers))

    def _line(self, text: str) -> str:
        """Make what is kept: one short printable line without our key. Some say back what they were sent."""
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:EXCERPT_LENGTH]


def retry_after(headers: httpx.Headers) -> int:
    """Read Retry-After, seconds or a date, in milliseconds; 0 when there is none that makes sense.

    A date is compared with the answer's own, so that our clock need not agree with the backend's.
    """
    asked = headers.get("retry-after", "")
    if re.fullmatch(r"[0-9]{1,9}", asked):
        return min(int(asked), WEEK) * SECOND
    try:
        pause = parsedate_to_datetime(asked) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError):  # no dates, or only one of the two with a time zone
        return 0
    return round(min(max(pause.total_seconds(), 0), WEEK) * SECOND)


async def _read(response: httpx.Response) -> str:
    body = b""
    # As it came: unpacked, a small answer may be a thousand times as large.
    async for chunk in cast("httpx.AsyncByteStream", response.stream):
        body += chunk
        if len(body) > ANSWER_MAX:
            break
    return body.decode("utf-8", "replace")
