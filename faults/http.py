"""HTTP as Payme speaks it: connections are kept, and whatever is not a whole answer is no answer."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import Final, NamedTuple

HOST: Final = "127.0.0.1"
PATIENCE: Final = 15.0  # seconds for one try


class NoAnswer(Exception):
    """Refused, cut, or nothing heard in time. The text says which."""


class Response(NamedTuple):
    status: int
    body: bytes


Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Client:
    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._idle: defaultdict[int, list[Line]] = defaultdict(list)

    async def ask(self, port: int, verb: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Response:
        """Ask once.

        Raises:
            NoAnswer: nothing came, or not all of it.
        """
        line: Line | None = None
        try:
            async with asyncio.timeout(self._patience):
                line = await self._line(port)
                response = await _exchange(line, _request(verb, path, headers, body))
        except (OSError, EOFError, ValueError, KeyError, TimeoutError) as error:
            if line:
                line[1].transport.abort()
            raise NoAnswer(f"{type(error).__name__}: {error}") from None
        except asyncio.CancelledError:
            if line:
                line[1].transport.abort()
            raise
        self._idle[port].append(line)
        return response

    def close(self) -> None:
        for lines in self._idle.values():
            for _, writer in lines:
                writer.transport.abort()
        self._idle.clear()

    async def _line(self, port: int) -> Line:
        idle = self._idle[port]
        while idle:
            reader, writer = idle.pop()
            if not (reader.at_eof() or writer.is_closing()):
                return reader, writer
            writer.transport.abort()
        return await asyncio.open_connection(HOST, port)


def _request(verb: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"{verb} {path} HTTP/1.1", f"host: {HOST}", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


async def _exchange(line: Line, request: bytes) -> Response:
    reader, writer = line
    writer.write(request)
    await writer.drain()
    head = await reader.readuntil(b"\r\n\r\n")
    status, headers = read_head(head)
    return Response(int(status.split()[1]), await _body(reader, headers))


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    """Read it whole; a long statement comes in chunks."""
    if "chunked" not in headers.get("transfer-encoding", ""):
        return await reader.readexactly(int(headers["content-length"]))
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readexactly(len(b"\r\n"))
    await reader.readexactly(len(b"\r\n"))
    return body


def read_head(head: bytes) -> tuple[str, dict[str, str]]:
    """Split the first line from the headers, whose names come in lower case."""
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return first, {name.strip().lower(): value.strip() for name, _, value in pairs}
