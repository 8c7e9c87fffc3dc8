"""The smallest balancer there is: each connection goes to the next replica that takes it, byte for byte."""

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from typing import Any, Final, Self

PIECE: Final = 65_536
HOST: Final = "127.0.0.1"


class Balancer:
    """Round robin over TCP; a replica that refuses the connection is passed over, as a health check would do it."""

    def __init__(self, port: int, replicas: list[int]) -> None:
        self.port = port
        self.taken: list[int] = []  # who got each connection, in order
        self.replicas = replicas  # ports; the owner adds and takes away
        self._next = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        self._wait(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        self._wait(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _wait(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._carry, HOST, self.port, backlog=512)

    async def _close(self) -> None:
        self._server.close()
        carrying = asyncio.all_tasks() - {asyncio.current_task()}
        for task in carrying:
            task.cancel()
        await asyncio.gather(*carrying, return_exceptions=True)

    async def _carry(self, caller: asyncio.StreamReader, to_caller: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.CancelledError):
            replica, to_replica = await self._somebody()
            await asyncio.gather(_pour(caller, to_replica), _pour(replica, to_caller))
        to_caller.close()

    async def _somebody(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        for _ in range(len(self.replicas)):
            port = self.replicas[self._next % len(self.replicas)]
            self._next += 1
            with contextlib.suppress(OSError):
                line = await asyncio.open_connection(HOST, port)
                self.taken.append(port)
                return line
        raise ConnectionRefusedError


async def _pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while piece := await source.read(PIECE):
            sink.write(piece)
            await sink.drain()
    finally:
        sink.close()
