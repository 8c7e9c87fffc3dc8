"""The merchant's endpoint, as Payme reaches it: HTTP POST, Basic authorization, JSON-RPC."""

import asyncio
import base64
import itertools
import json
import math
import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import httpx

from payme_sandbox.calls import Call, Request
from payme_sandbox.redaction import without_secrets, without_secrets_in

LOGIN: Final = "Paycom"
JSON: Final = "application/json; charset=UTF-8"  # what the sandbox sends; the documentation shows text/json
FROM_SANDBOX: Final = {"Test-Operation": "Paycom", "Referer": "http://test.paycom.uz"}  # Payme's own carries them, too
TEXT_MAX: Final = 2_000
ONCE: Final = httpx.Limits(max_keepalive_connections=0)  # some servers close a connection without saying so
REPLY_MAX: Final = 32_000_000  # a statement may be long, and an answer without end is none
UNSENDABLE: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]|^[ \t]|[ \t]$")


def basic(credential: str) -> str:
    return "Basic " + base64.b64encode(credential.encode()).decode("ascii")


@dataclass(frozen=True, slots=True)
class Merchant:
    http: httpx.AsyncClient
    url: str
    authorization: str = field(repr=False)
    """The whole header; `basic("Paycom:key")`."""
    heard: Callable[[Call], None] = lambda _: None
    """Told of every exchange."""
    patience: float | None = None
    """Seconds for a whole exchange; the client's own limits begin anew with every byte."""
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(secrets.randbelow(90_000) + 10_000))

    async def call(self, request: Request, *, headers: Mapping[str, str | None] | None = None, **changes: Any) -> Call:
        """Ask as Payme asks; `changes` go into the envelope (`id=…`). A member or header of None is left out."""
        envelope = {"jsonrpc": "2.0", "id": next(self.ids), "method": request.method, "params": request.params}
        body = {name: value for name, value in (envelope | changes).items() if value is not None}
        return await self.send(json.dumps(body).encode(), label=request.method, headers=headers)

    async def send(
        self,
        body: bytes,
        *,
        label: str,
        verb: str = "POST",
        url: str | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> Call:
        """Send any bytes. A header of None is left out."""
        usual = {"Authorization": self.authorization, "Content-Type": JSON, **FROM_SANDBOX}
        kept: dict[bytes, bytes] = {
            name.encode(): value.encode() for name, value in {**usual, **(headers or {})}.items() if value is not None
        }
        shown = (self.authorization, kept.get(b"Authorization", b"").decode())
        started = time.perf_counter()
        try:
            if any(map(UNSENDABLE.search, kept.values())):
                raise httpx.LocalProtocolError("no header can carry it")
            async with (
                asyncio.timeout(self.patience),
                self.http.stream(verb, url or self.url, content=body, headers=kept) as answer,
            ):
                status, content = answer.status_code, await _read(answer)
            came = _document(without_secrets(content, *shown))
        except (TimeoutError, httpx.TimeoutException):
            status, came = None, "it took too long"
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            status, came = None, without_secrets_in(str(error), *shown)[:TEXT_MAX] or type(error).__name__
        call = Call(label, _document(body), status, came, round((time.perf_counter() - started) * 1000))
        self.heard(call)
        return call

    async def hang_up(self, request: Request, after: float, **changes: Any) -> None:
        """Ask, and close the connection `after` seconds without having read the answer."""
        asking = asyncio.create_task(self.call(request, **changes))
        await asyncio.wait({asking}, timeout=after)
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking


async def _read(answer: httpx.Response) -> bytes:
    content = bytearray()
    async for part in answer.aiter_bytes():
        content += part
        if len(content) > REPLY_MAX:
            raise httpx.ReadError(f"the answer is longer than {REPLY_MAX:,} bytes")
    return bytes(content)


def _document(content: bytes) -> Any:
    try:
        return json.loads(content, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError):
        return content[:TEXT_MAX].decode("utf-8", "backslashreplace")


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is Python's and JavaScript's, not JSON's")


def _finite(number: str) -> float:
    value = float(number)
    return value if math.isfinite(value) else _no_number(number)
