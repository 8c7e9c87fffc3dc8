"""One HTTP connection of the crowd's: a request out, an answer in, and as little in between as Python allows."""

import asyncio
from collections.abc import Callable
from typing import Final

END_OF_HEAD: Final = b"\r\n\r\n"
LENGTH: Final = b"\r\ncontent-length:"
CLOSE: Final = b"\r\nconnection: close"
CHUNKED: Final = b"\r\ntransfer-encoding:"

NO_ANSWER: Final = 0
"""The status of an answer that did not come."""


class Wire(asyncio.Protocol):
    """Tells its owner the status and the body of each answer, and whether the server goes on with this connection."""

    def __init__(self, answered: Callable[[int, bytes, bool], None]) -> None:
        self._answered = answered
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._waiting = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # TCP has no other
        self._transport = transport

    def send(self, request: bytes) -> None:
        assert self._transport  # noqa: S101 - connected, or nobody would have us
        self._waiting = True
        self._transport.write(request)

    def close(self) -> None:
        if self._transport:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        head_end = self._buffer.find(END_OF_HEAD)
        if head_end < 0:
            return
        head = self._buffer[: head_end + 2].lower()
        length = _length(head)
        if length is None:
            return  # it ends where the connection ends
        body = self._buffer[head_end + 4 :]
        if len(body) >= length:
            self._finish(int(head[9:12]), body, stays=CLOSE not in head)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - lost is lost
        self._transport = None
        if not self._waiting:
            return
        head_end = self._buffer.find(END_OF_HEAD)
        head = self._buffer[: head_end + 2].lower()
        if head_end >= 0 and _length(head) is None and CHUNKED not in head:
            self._finish(int(head[9:12]), self._buffer[head_end + 4 :], stays=False)
        else:
            self._finish(NO_ANSWER, b"", stays=False)

    @property
    def connected(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def _finish(self, status: int, body: bytes, *, stays: bool) -> None:
        self._buffer = b""
        self._waiting = False
        if not stays:
            self.close()
        self._answered(status, body, stays)


def _length(head: bytes) -> int | None:
    at = head.find(LENGTH)
    return int(head[at + len(LENGTH) : head.index(b"\r\n", at + 2)]) if at >= 0 else None
