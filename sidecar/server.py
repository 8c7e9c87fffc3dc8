"""uvicorn, with the limits it lacks.

httptools buffers a header of any length, joining it again for each piece (60 MB block the loop for seconds), and
nothing ends a request that never ends. Trailers are headers too: they count, and nothing in them is believed.
"""

import asyncio
import re
import signal
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADERS_MAX: Final = 16_384  # bytes before the body
REQUEST_DEADLINE: Final = 5.0  # seconds from a request's first byte, or from connecting, to its last
KEEP_ALIVE: Final = 620  # seconds; Payme asks for ten minutes (spec 1.1)
DRAIN: Final = 20  # seconds for calls in hand at shutdown


# httptools drops the body of a call that offers another protocol, as every JDK client does (uvicorn#2722). The offer is
# renamed before it is read; the new name has the same length, so that nothing else moves.
OFFER: Final = re.compile(rb"(?<=\r\n)upgrade(?=[ \t]*:)", re.IGNORECASE)


class Guarded(HttpToolsProtocol):
    request_deadline = REQUEST_DEADLINE

    _timer: asyncio.TimerHandle | None = None
    _in_head = False
    _in_body = False
    _head_bytes = 0  # of the head, or since the last piece of a chunked body: trailers are a head too

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._give(self.request_deadline)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._in_body:
            self._head_bytes += len(data)
            data = OFFER.sub(b"x-offer", data)
        super().data_received(data)
        # A short head with its body in one piece has left the head by now.
        if not self._in_body and self._head_bytes > HEADERS_MAX and not self.transport.is_closing():
            self.send_400_response("The headers are too long.")

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # what comes in a trailer is nobody's credential or address
            super().on_header(name, value)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._give(self.request_deadline)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._in_body = True
        super().on_headers_complete()

    def on_chunk_header(self) -> None:
        self._in_body = False  # until its data come; the last chunk has none, and trailers follow
        self._head_bytes = 0

    def on_body(self, body: bytes) -> None:
        self._in_body = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_body = False
        self._head_bytes = 0
        # uvicorn's own timer is off after an early answer or a blank line
        self._give(self.timeout_keep_alive)
        super().on_message_complete()

    def _give(self, seconds: float) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(seconds, self._hang_up)

    def _hang_up(self) -> None:
        self.transport.close()
        # A peer that reads nothing would keep it half closed for ever.
        self._timer = self.loop.call_later(self.request_deadline, self.transport.abort)

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None


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
