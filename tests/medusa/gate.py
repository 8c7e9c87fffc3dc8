"""A gate between Medusa and the sidecar: a call can be held there, so that a crash happens at exactly that point."""

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

import httpx

from tests.processes import PATIENCE

KEPT: Final = ("authorization", "content-type", "idempotency-key")


class Gate:
    """Forwards to the sidecar; an open gate is not noticed."""

    def __init__(self, sidecar_url: str) -> None:
        self._client = httpx.Client(base_url=sidecar_url, timeout=PATIENCE, trust_env=False)
        self._held: dict[str, threading.Event] = {}  # how a path ends → somebody has come with such a one
        self._opened = threading.Event()
        self._server = _Server(("127.0.0.1", 0), functools.partial(_Handler, self))
        threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @contextmanager
    def held(self, *endings: str) -> Iterator[None]:
        """Hold the calls whose path ends so, until the block ends."""
        self._opened.clear()
        self._held = {ending: threading.Event() for ending in endings}
        try:
            yield
        finally:
            self._held = {}
            self._opened.set()

    def wait_for_call(self, ending: str) -> None:
        assert self._held[ending].wait(PATIENCE), f"nobody came to the gate for {ending}"

    def pass_on(self, method: str, path: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        for ending, arrived in self._held.items():
            if path.endswith(ending):
                arrived.set()
                self._opened.wait(PATIENCE)
        return self._client.request(method, path, headers=headers, content=body)

    def close(self) -> None:
        self._opened.set()
        self._server.shutdown()
        self._server.server_close()
        self._client.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"  # a connection per call: both ends come and go

    def __init__(self, gate: Gate, *rest: object) -> None:
        self.gate = gate
        super().__init__(*rest)  # type: ignore[arg-type]

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name: self.headers[name] for name in KEPT if name in self.headers}
        try:
            answer = self.gate.pass_on(self.command, self.path, headers, body)
            self.send_response(answer.status_code)
            self.send_header("content-type", answer.headers.get("content-type", "application/json"))
            self.end_headers()
            self.wfile.write(answer.content)
        except (httpx.TransportError, OSError):
            self.close_connection = True  # the sidecar is not there, or Medusa is not there any more

    do_GET = do_POST = do_DELETE = _any  # noqa: N815 - so they are called

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - so it is called
        """Say nothing."""
