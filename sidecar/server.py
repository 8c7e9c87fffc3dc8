"""uvicorn, with the limits it lacks.

httptools buffers a header of any length, joining it again for each piece (60 MB block the loop for seconds), nothing
ends a request that never ends, and nothing makes room among thousands who only wait. Trailers are headers too: they
count, and nothing in them is believed.
"""

import asyncio
import re
import signal
from functools import partial
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from sidecar.connections import Connections, space
from sidecar.doorkeeper import KNOWN
from sidecar.settings import Limits

DRAIN: Final = 20  # seconds for calls in hand at shutdown


# httptools drops the body of a call that offers another protocol, as every JDK client does (uvicorn#2722). The offer is
# renamed before it is read; the new name has the same length, so that nothing else moves.
OFFER: Final = re.compile(rb"(?<=\r\n)upgrade(?=[ \t]*:)", re.IGNORECASE)


class Guarded(HttpToolsProtocol):
    """A request has REQUEST_DEADLINE seconds from its first byte, or from connecting, to its last."""

    _timer: asyncio.TimerHandle | None = None
    _in_head = False
    _in_body = False
    _head_bytes = 0  # of the head, or since the last piece of a chunked body: trailers are a head too
    _read_bytes = 0  # the same, as far as the parser has read them

    def __init__(self, *given: Any, limits: Limits, among: Connections, **named: Any) -> None:
        super().__init__(*given, **named)
        self._limits = limits
        self._among = among
        self._known = False
        self._in_hand: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._give(self._limits.request_deadline)
        self._among.enter(self, self.loop.time())

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        self._among.leave(self)
        self._let_go()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._in_body:
            self._head_bytes += len(data)
            data = OFFER.sub(b"x-offer", data)
        super().data_received(data)
        # A short head with its body in one piece has left the head by now.
        if not self._in_body and self._head_bytes > self._limits.headers_max and not self.transport.is_closing():
            self.send_400_response("The headers are too long.")

    def on_url(self, url: bytes) -> None:
        self._count(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(name, value)
        if self._in_head:  # what comes in a trailer is nobody's credential or address
            super().on_header(name, value)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._read_bytes = 0
        self._give(self._limits.request_deadline)

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
        self._give(self._limits.keep_alive)
        super().on_message_complete()
        if self._has_whole_call():
            self._among.works(self)

    def on_response_complete(self) -> None:
        self._among.waits(self)
        super().on_response_complete()
        if self._has_whole_call():  # sent ahead of its turn
            self._among.works(self)

    @property
    def known(self) -> bool:
        self._known = self._known or (self._in_hand is not None and KNOWN in self._in_hand.scope)
        return self._known

    def cut(self) -> None:
        self._let_go()
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        """Say what is wrong; but where a whole call is in hand, this would be taken for its answer."""
        has_whole_call = self._has_whole_call()
        self._let_go()
        if has_whole_call:
            self.transport.close()
        else:
            super().send_400_response(msg)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._in_hand = cycle
        super()._start_asgi_task(cycle, app)

    def _has_whole_call(self) -> bool:
        it = self._in_hand
        return it is not None and not it.response_complete and not it.more_body

    def _let_go(self) -> None:
        """Nobody hears the answer to the call in hand: uvloop would raise when it is written."""
        if self._in_hand:
            self._in_hand.disconnected = True
            self._in_hand.message_event.set()

    def _count(self, *words: bytes) -> None:
        """Refuse a head that came too long in one piece with its body: the parser takes this fault for its own."""
        self._read_bytes += sum(map(len, words))
        if self._read_bytes > self._limits.headers_max:
            raise ValueError("the headers are too long")

    def _give(self, seconds: float) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(seconds, self._hang_up)

    def _hang_up(self) -> None:
        self._let_go()
        self.transport.close()
        # A peer that reads nothing would keep it half closed for ever.
        self._timer = self.loop.call_later(self._limits.request_deadline, self.transport.abort)

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None


def serve(app: ASGIApp, host: str, port: int, limits: Limits) -> int:
    """Serve until SIGTERM or Ctrl-C, then finish what is in hand; 0 when it ended well."""
    room, backlog = space(limits.connections_max)
    options: dict[str, Any] = {
        "http": partial(Guarded, limits=limits, among=Connections(room)),
        "backlog": backlog,
        "loop": "auto",  # uvloop where there is one: it also sets TCP_NODELAY
        "ws": "none",
        "lifespan": "on",
        "access_log": False,  # ours is better and costs half
        "log_config": None,
        "server_header": False,
        "proxy_headers": False,  # who is believed is a setting of ours
        "timeout_keep_alive": limits.keep_alive,
        "timeout_graceful_shutdown": DRAIN,
    }
    server = uvicorn.Server(uvicorn.Config(app, host=host, port=port, **options))
    for asked_to_end in (signal.SIGINT, signal.SIGTERM):
        # uvicorn raises the signal again when all is done; a deploy that went well must not look like a kill
        signal.signal(asked_to_end, server.handle_exit)
    server.run()
    return 0 if server.started else 1
