"""A commerce backend that misbehaves to order, and counts what it did: one effect for each idempotency key.

`mode` says how requests that come from now on are answered. A backend that is killed drops everything in its hands;
its effects are its database, and outlive it.
"""

import asyncio
import base64
import contextlib
import json
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final, NamedTuple

from demo_shop.postgres import free_port
from faults.books import Effect
from faults.http import HOST, read_head
from faults.wire import reset

EVER: Final = 3_600.0  # longer than anybody waits
WORK: Final = 0.02  # seconds that a healthy backend needs, at most
STUMBLE: Final = 3.0  # the pause of a slow one


class Mode(Enum):
    HEALTHY = auto()
    HANGING = auto()  # takes the request, does nothing, says nothing
    SLOW = auto()  # does it, says so some seconds later
    TRICKLING = auto()  # does it, says so letter by letter, for ever
    BROKEN = auto()  # 500, and nothing done
    BAD_GATEWAY = auto()  # 502 with a page of the proxy before it, and nothing done
    OVERLOADED = auto()  # 503, and nothing done
    TOO_MANY = auto()  # 429 with a Retry-After, and nothing done
    TIMED_OUT = auto()  # 408, and nothing done
    LOCKED_OUT = auto()  # 401: somebody changed the key at one end only
    REFUSING = auto()  # 404, and nothing done: the sidecar parks the message, as it does for the next three
    CONFLICT = auto()  # 409
    GONE = auto()  # 410
    SENSELESS = auto()  # 422
    GARBAGE = auto()  # does it, answers what is no HTTP
    HALF = auto()  # does it, and half of the answer comes
    LOST_REPLY = auto()  # does it, and resets the connection
    REDIRECT = auto()  # 302 to another page, and nothing done
    WEB_PAGE = auto()  # does it, and answers 200 with HTML
    SPEECHLESS = auto()  # does it, and answers 204 with nothing


class Asked(NamedTuple):
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def key(self) -> str:
        return self.headers.get("idempotency-key", "")

    @property
    def session_id(self) -> str:
        return self.path.split("/")[-2]

    @property
    def topic(self) -> str:
        return self.path.split("/")[-1]


class CommerceBackend:
    def __init__(self, key: str, dice: random.Random) -> None:
        self.port = free_port()
        self.mode = Mode.HEALTHY
        self.modes: dict[str, Mode] = {}
        """Sessions with a mode of their own."""
        self.asked: list[Asked] = []
        self.effects: list[Effect] = []
        self.contradictions: list[str] = []
        self.strangers = 0
        """Requests with a wrong key, or to a page that is not ours to call."""
        self.heard: Callable[[Asked], None] = lambda _: None
        """Called when a request has come, before anything is done."""
        self.done: Callable[[Asked], None] = lambda _: None
        """Called when its effect has been had, before anything is said."""
        self._authorization = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
        self._dice = dice
        self._by_key: dict[str, Asked] = {}
        self._server: asyncio.Server | None = None
        self._calls: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    async def start(self) -> None:
        if not self._server:
            self._server = await asyncio.start_server(self._connected, HOST, self.port)

    async def kill(self) -> None:
        """End as `kill -9` ends it: connections are reset, new ones refused, what was in hand is half done."""
        if self._server:
            self._server.close()
            self._server = None
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task  # noqa: S101 - asyncio runs this in one
        self._calls.add(task)
        try:
            while True:
                await self._exchange(await _read(reader), writer)
        except (OSError, EOFError, asyncio.CancelledError):
            pass  # the caller went, or we were killed
        finally:
            self._calls.discard(task)
            reset(writer)

    async def _exchange(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.headers.get("authorization") != self._authorization or asked.topic not in {"authorize", "cancel"}:
            self.strangers += 1
            return await _say(writer, 401)
        self.asked.append(asked)
        self.heard(asked)
        behaviour = BEHAVIOURS[self.modes.get(asked.session_id, self.mode)]
        await asyncio.sleep(self._dice.uniform(0, WORK))
        if behaviour.does:
            self._do(asked)
        self.done(asked)
        await behaviour.says(writer)
        return None

    def _do(self, asked: Asked) -> None:
        """Have the effect, unless this key had it before."""
        known = self._by_key.setdefault(asked.key, asked)
        if known is asked:
            self.effects.append(Effect(asked.session_id, asked.topic, asked.key, asked.body))
        elif (known.path, known.body) != (asked.path, asked.body):
            self.contradictions.append(f"the key {asked.key} came first with {known.body} and then with {asked.body}")


async def _read(reader: asyncio.StreamReader) -> Asked:
    first, headers = read_head(await reader.readuntil(b"\r\n\r\n"))
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(first.split()[1], headers, json.loads(body or b"{}"))


async def _say(writer: asyncio.StreamWriter, status: int, headers: Mapping[str, str] | None = None) -> None:
    lines = [f"HTTP/1.1 {status} so", "content-type: application/json", "content-length: 2"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    writer.write("\r\n".join([*lines, "", "{}"]).encode())
    await writer.drain()


async def _say_page(writer: asyncio.StreamWriter, status: int) -> None:
    page = b"<!doctype html><title>hello</title>"
    writer.write(b"HTTP/1.1 %d so\r\ncontent-type: text/html\r\ncontent-length: %d\r\n\r\n" % (status, len(page)))
    writer.write(page)
    await writer.drain()


async def _say_nothing(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 204 so\r\n\r\n")
    await writer.drain()


async def _hang(_writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(EVER)


async def _say_late(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(STUMBLE)
    await _say(writer, 200)


async def _trickle(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 so\r\ncontent-length: 60000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.5)


async def _mumble(writer: asyncio.StreamWriter) -> None:
    writer.write(b"<html>\x00\xff nginx says hello\r\n\r\n")
    await writer.drain()
    raise EOFError


async def _say_half(writer: asyncio.StreamWriter) -> None:
    writer.write(b'HTTP/1.1 200 so\r\ncontent-length: 100\r\n\r\n{"half": ')
    await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()
        await writer.wait_closed()
    raise EOFError


async def _drop(writer: asyncio.StreamWriter) -> None:
    reset(writer)
    raise EOFError


def _saying(status: int, **headers: str) -> Callable[[asyncio.StreamWriter], Awaitable[None]]:
    async def say(writer: asyncio.StreamWriter) -> None:
        await _say(writer, status, headers)

    return say


def _showing_a_page(status: int) -> Callable[[asyncio.StreamWriter], Awaitable[None]]:
    return lambda writer: _say_page(writer, status)


@dataclass(frozen=True)
class Behaviour:
    does: bool
    """Whether the request has its effect."""
    says: Callable[[asyncio.StreamWriter], Awaitable[None]]


BEHAVIOURS: Final = {
    Mode.HEALTHY: Behaviour(True, _saying(200)),
    Mode.HANGING: Behaviour(False, _hang),
    Mode.SLOW: Behaviour(True, _say_late),
    Mode.TRICKLING: Behaviour(True, _trickle),
    Mode.BROKEN: Behaviour(False, _saying(500)),
    Mode.BAD_GATEWAY: Behaviour(False, _showing_a_page(502)),
    Mode.OVERLOADED: Behaviour(False, _saying(503)),
    Mode.TOO_MANY: Behaviour(False, _saying(429, **{"retry-after": "3"})),
    Mode.TIMED_OUT: Behaviour(False, _saying(408)),
    Mode.LOCKED_OUT: Behaviour(False, _saying(401)),
    Mode.REFUSING: Behaviour(False, _saying(404)),
    Mode.CONFLICT: Behaviour(False, _saying(409)),
    Mode.GONE: Behaviour(False, _saying(410)),
    Mode.SENSELESS: Behaviour(False, _saying(422)),
    Mode.GARBAGE: Behaviour(True, _mumble),
    Mode.HALF: Behaviour(True, _say_half),
    Mode.LOST_REPLY: Behaviour(True, _drop),
    Mode.REDIRECT: Behaviour(False, _saying(302, location="/elsewhere/a/authorized")),
    Mode.WEB_PAGE: Behaviour(True, _showing_a_page(200)),
    Mode.SPEECHLESS: Behaviour(True, _say_nothing),
}
