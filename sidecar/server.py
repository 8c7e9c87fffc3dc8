"""uvicorn, with the limits it lacks.

httptools buffers a header of any length, joining it again for each piece (60 MB block the loop for seconds), and
nothing ends a request that never ends. `Guarded` closes both.
"""

import asyncio
import signal
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADERS_MAX: Final = 16_384  # bytes before the body
REQUEST_DEADLINE: Final = 5.0  # seconds from a request's first byte, or from connecting, to its last
KEEP_ALIVE: Final = 620  # seconds; Payme asks for ten minutes (spec 1.1)
DRAIN: Final = 20  # seconds for calls in hand at shutdown


class Guarded(HttpToolsProtocol):
    _deadline: asyncio.TimerHandle | None = None
    _in_headers = True
    _header_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_headers:
            self._header_bytes += len(data)
        super().data_received(data)
        # A short head with its body in one piece has left the headers by now.
        if self._in_headers and self._header_bytes > HEADERS_MAX and not self.transport.is_closing():
            self.send_400_response("The headers are too long.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._start_deadline()

    def on_headers_complete(self) -> None:
        self._in_headers = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._stop_deadline()
        self._in_headers = True
        self._header_bytes = 0
        super().on_message_complete()

    def _start_deadline(self) -> None:
        self._stop_deadline()
        self._deadline = self.loop.call_later(REQUEST_DEADLINE, self.transport.close)

    def _stop_deadline(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None


def serve(app: ASGIApp, host: str, port: int) -> int:
    """Serve until SIGTERM or Ctrl-C, then finish what is in hand; 0 when it ended well."""
    options: dict[str, Any] = {
        "http": Guarded,
        "loop": "auto",  # uvloop where there is one: it also sets TCP_NODELAY
        "ws": "none",
        "lifespan": "on",
        "access_log": False,  # ours is better and costs half
        "log_config": None,
        "server_header": False,
        "proxy_headers": False,  # who is believed is a setting of ours
        "timeout_keep_alive": KEEP_ALIVE,
        "timeout_graceful_shutdown": DRAIN,
    }
    server = uvicorn.Server(uvicorn.Config(app, host=host, port=port, **options))
    for asked_to_end in (signal.SIGINT, signal.SIGTERM):
        # uvicorn raises the signal again when all is done; a deploy that went well must not look like a kill
        signal.signal(asked_to_end, server.handle_exit)
    server.run()
    return 0 if server.started else 1
