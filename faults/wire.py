"""A wire with an ear: a TCP proxy that hears what the sidecar says to a neighbour and can act at the exact moment.

    Payme ──── front wire ──── sidecar ──── back wire ──── commerce backend
                                  └──────── database wire ──── PostgreSQL

Every connection gets a listener of its own. It is given what came from one side before the other side gets it; what it
returns is passed on. `Cut` ends the connection on the spot, with a reset to both sides.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from enum import Enum, auto
from typing import Final

from demo_shop.postgres import free_port
from faults.http import HOST

CHUNK: Final = 65_536
LINGER_NOT: Final = struct.pack("ii", 1, 0)  # close() resets the connection


class Side(Enum):
    """Who speaks."""

    CALLER = auto()  # the one that opened the connection
    CALLED = auto()


class Cut(Exception):
    """Pass on the given bytes, nothing after them, and reset the connection."""

    def __init__(self, last: bytes = b"") -> None:
        super().__init__()
        self.last = last


Listener = Callable[[Side, bytes], bytes]


def passing(_side: Side, said: bytes) -> bytes:
    return said


class Wire:
    """Listens on `port`, speaks to `target`. Set `listen` to have new connections heard by somebody else."""

    def __init__(self, target: int, listen: Callable[[], Listener] = lambda: passing) -> None:
        self.port = free_port()
        self.listen = listen
        self._target = target
        self._server: asyncio.Server | None = None
        self._calls: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        if not self._server:
            self._server = await asyncio.start_server(self._connected, HOST, self.port)

    async def close(self) -> None:
        """Refuse new connections and reset those there are."""
        if self._server:
            self._server.close()
            self._server = None
        self.reset()
        await asyncio.gather(*self._calls, return_exceptions=True)

    def reset(self) -> None:
        """Cut every connection there is; new ones are welcome."""
        for call in self._calls:
            call.cancel()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task  # noqa: S101 - asyncio runs this in one
        self._calls.add(task)
        try:
            await self._relay(reader, writer)
        except asyncio.CancelledError:
            pass  # `reset` is how it ends
        finally:
            self._calls.discard(task)
            reset(writer)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(HOST, self._target)
        except OSError:
            return
        listener = self.listen()
        ways = [
            asyncio.ensure_future(_carry(reader, far_writer, listener, Side.CALLER)),
            asyncio.ensure_future(_carry(far_reader, writer, listener, Side.CALLED)),
        ]
        try:
            ended, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            if not any(way.result() for way in ended):
                await _hang_up(writer, far_writer)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            reset(far_writer)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listener: Listener, speaker: Side) -> bool:
    """Carry what one side says until it has no more to say; whether it was cut short."""
    try:
        while said := await reader.read(CHUNK):
            writer.write(listener(speaker, said))
            await writer.drain()
    except Cut as cut:
        writer.write(cut.last)
        return True
    except OSError:
        return True
    return False


async def _hang_up(*writers: asyncio.StreamWriter) -> None:
    """End connections politely: what was said last still arrives."""
    for writer in writers:
        writer.close()
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(1):
            await asyncio.gather(*(writer.wait_closed() for writer in writers))


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection as a crash does."""
    if writer.is_closing():
        return
    ours = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
    writer.transport.abort()
