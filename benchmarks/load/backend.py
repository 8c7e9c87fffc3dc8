"""The cheapest commerce backend there is: says 200 to everything, and when it was first asked to authorize what.

    BACKEND_PORT=21000 python -m benchmarks.load.backend

`GET /moments` gives `{transaction: monotonic nanoseconds}` and forgets; `GET /count` says how many calls came.
"""

import asyncio
import json
import os
import time
from typing import Final

import uvloop

END_OF_HEAD: Final = b"\r\n\r\n"
LENGTH: Final = b"\r\ncontent-length:"
KEY: Final = b"\r\nidempotency-key: authorize:"
YES: Final = b"{}"


class Books:
    def __init__(self) -> None:
        self.moments: dict[str, int] = {}
        self.calls = 0

    def take(self, transaction: str, moment: int) -> None:
        self.calls += 1
        self.moments.setdefault(transaction, moment)

    def page(self, path: bytes) -> bytes:
        if path == b"/count":
            return json.dumps(self.calls).encode()
        if path == b"/moments":
            told, self.moments = self.moments, {}
            return json.dumps(told).encode()
        return YES


class Door(asyncio.Protocol):
    def __init__(self, books: Books) -> None:
        self._books = books
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # TCP has no other
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        moment = time.monotonic_ns()
        self._buffer += data
        while (request := self._request()) is not None:
            assert self._transport  # noqa: S101 - it has just spoken
            self._transport.write(self._answer(request, moment))

    def _request(self) -> bytes | None:
        """Take one whole request from what has come; its head."""
        head_end = self._buffer.find(END_OF_HEAD)
        if head_end < 0:
            return None
        head = self._buffer[: head_end + 2]
        at = head.lower().find(LENGTH)
        length = int(head[at + len(LENGTH) : head.index(b"\r\n", at + 2)]) if at >= 0 else 0
        if len(self._buffer) < head_end + 4 + length:
            return None
        self._buffer = self._buffer[head_end + 4 + length :]
        return head

    def _answer(self, head: bytes, moment: int) -> bytes:
        at = head.lower().find(KEY)
        if at >= 0:
            self._books.take(head[at + len(KEY) : head.index(b"\r\n", at + 2)].decode(), moment)
        body = self._books.page(head.split(b" ", 2)[1])
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


async def serve(port: int) -> None:
    books = Books()
    server = await asyncio.get_running_loop().create_server(lambda: Door(books), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(os.environ["BACKEND_PORT"])))
