"""The sidecar as a shop runs it: a process of its own, real sockets, and a commerce backend that may misbehave.

Everything a process prints goes to a file in one folder, so that one test can read it all.
"""

import base64
import contextlib
import functools
import itertools
import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import httpx

from demo_shop.postgres import LocalPostgres, free_port
from tests.shop import AMOUNT, API_KEY, BACKEND, BACKEND_KEY, KEY, PAYME

ROOT: Final = Path(__file__).resolve().parent.parent
PATIENCE: Final = 30.0  # seconds to wait for what must happen; nothing is measured
DSN_PASSWORD: Final = "dsn-p4ssword"
SECRETS: Final = (
    KEY,
    API_KEY,
    BACKEND_KEY,
    DSN_PASSWORD,
    PAYME["authorization"].removeprefix("Basic "),
    base64.b64encode(f"{BACKEND_KEY}:".encode()).decode(),
)


def eventually(condition: Callable[[], Any], of_what: str = "what must happen") -> Any:
    """Wait until it is true, and give what made it so."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited in vain for {of_what}"
        time.sleep(0.02)
    return found


# ── the commerce backend ───────────────────────────────────────────────────────────────────────────────────────────


class Asked(NamedTuple):
    session: str
    topic: str
    key: str
    authorization: str
    body: dict[str, Any]


class CommerceBackend:
    """Writes down what it is asked; answers 200 unless told otherwise for a session; can hang, go away, come back."""

    def __init__(self) -> None:
        self.port = free_port()
        self.asked: list[Asked] = []
        self.taken: list[Asked] = []  # answered 2xx, as far as the backend knows
        self.statuses: dict[str, int] = {}
        self.during: dict[str, Callable[[], object]] = {}  # session → what happens inside the call
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        server = _Server(("127.0.0.1", self.port), functools.partial(_Handler, self))
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        self._server = server

    def stop(self) -> None:
        """Go away: from now on, connections are refused."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @contextlib.contextmanager
    def hanging(self, session: str) -> Iterator[None]:
        """Answer nothing about this session for as long as the block lasts."""
        over = threading.Event()
        self.during[session] = lambda: over.wait(PATIENCE)
        try:
            yield
        finally:
            del self.during[session]
            over.set()

    def about(self, session: str) -> list[str]:
        return [it.key for it in self.asked if it.session == session]

    def answer(self, asked: Asked) -> int:
        self.asked.append(asked)
        if during := self.during.get(asked.session):
            during()
        status = self.statuses.get(asked.session, 200)
        if status < 300:
            self.taken.append(asked)
        return status


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError):  # a caller that was killed reads no answer
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, backend: CommerceBackend, *args: Any) -> None:
        self._backend = backend
        super().__init__(*args)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        session, topic = self.path.split("/")[-2:]
        asked = Asked(session, topic, self.headers["idempotency-key"], self.headers["authorization"], body)
        self.send_response(self._backend.answer(asked))
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - so it is called
        """Say nothing: the tests read what was asked."""


# ── the database ───────────────────────────────────────────────────────────────────────────────────────────────────


class Storage(Protocol):
    url: str

    def sql(self, statement: str) -> list[str]:
        """Run one statement; the first column of what it gave."""
        ...


class SqliteStorage:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "sidecar.db"
        self.url = f"sqlite:///{self.path}"

    def sql(self, statement: str) -> list[str]:
        with contextlib.closing(sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)) as connection:
            return [str(row[0]) for row in connection.execute(statement)]


class PostgresStorage:
    def __init__(self, server: LocalPostgres, name: str) -> None:
        self.server = server
        self.name = name
        server.create_database(name)
        self.url = server.url(name).replace("@", f":{DSN_PASSWORD}@")  # it trusts everybody, and the process has one

    def sql(self, statement: str) -> list[str]:
        return self.server.psql(statement, self.name).splitlines()


# ── the sidecar ────────────────────────────────────────────────────────────────────────────────────────────────────


class Ended(NamedTuple):
    code: int
    out: str
    err: str


class Sidecar:
    """One installation: a folder, its settings, and its processes one after the other, on one port."""

    def __init__(self, folder: Path, printed: Path, database_url: str, backend_url: str, **changes: str | None) -> None:
        """`changes` are variables set besides; None leaves one out."""
        self.port = free_port()
        self._folder = folder
        self._printed = printed
        self._numbers = itertools.count(1)
        self._environment = environment(database_url, backend_url, **changes)
        self._process: subprocess.Popen[bytes] | None = None
        self._said = printed
        self._client = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            timeout=PATIENCE,
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),  # the process at the other end comes and goes
        )

    def start(self) -> None:
        """Start `serve` and return when it lives."""
        self._process = self._popen("serve", "--port", str(self.port))
        eventually(self._lives_or_ended, "a sidecar that answers")
        assert self._process.poll() is None, self.said

    def kill(self) -> None:
        """Kill it as `kill -9` does, at whatever it is doing."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def ask_to_end(self) -> None:
        assert self._process
        self._process.terminate()

    def wait_for_end(self) -> int:
        assert self._process
        code = self._process.wait(PATIENCE)
        self._process = None
        return code

    def close(self) -> None:
        if self._process:
            self.ask_to_end()
            self.wait_for_end()
        self._client.close()

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def said(self) -> str:
        """What the newest `serve` has printed so far."""
        return self._said.read_text()

    def run(self, *arguments: str) -> Ended:
        """Run another command of the same installation to its end."""
        process = self._popen(*arguments)
        code = process.wait(PATIENCE)
        return Ended(code, self._said.with_suffix(".out").read_text(), self._said.read_text())

    def _popen(self, *arguments: str) -> "subprocess.Popen[bytes]":
        self._said = self._printed / f"{self.port}-{next(self._numbers)}-{arguments[0]}.err"
        with self._said.open("wb") as err, self._said.with_suffix(".out").open("wb") as out:
            return subprocess.Popen(
                [sys.executable, "-m", "sidecar", *arguments],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )

    def _lives_or_ended(self) -> bool:
        return not self.runs or self.status_of("/healthz") == 200

    # What Payme and the backend do, over the wire.

    def payme(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method; the whole answer."""
        call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        response = self._client.post("/payme", json=call, headers=PAYME)
        assert response.status_code == 200
        answer: dict[str, Any] = response.json()
        return answer

    def create(self, id_: str, session: str) -> dict[str, Any]:
        now = time.time_ns() // 1_000_000
        return self.payme("CreateTransaction", id=id_, time=now, amount=AMOUNT, account={"order_id": session})

    def perform(self, id_: str) -> dict[str, Any]:
        return self.payme("PerformTransaction", id=id_)

    def check(self, id_: str) -> dict[str, Any]:
        return self.payme("CheckTransaction", id=id_)

    def statement(self) -> dict[str, dict[str, Any]]:
        rows = self.payme("GetStatement", **{"from": 0, "to": 2**62})["result"]["transactions"]
        return {row["id"]: row for row in rows}

    def register(self, session: str, amount: int = AMOUNT) -> httpx.Response:
        body = {"id": session, "amount": amount, "currency_code": "uzs"}
        return self._client.post("/payment-sessions", json=body, headers=BACKEND)

    def authorize(self, session: str) -> httpx.Response:
        return self._client.post(f"/payment-sessions/{session}/authorize", headers=BACKEND)

    def created(self, session: str) -> str:
        """Register a session and let Payme create a transaction on it; its id."""
        id_ = f"tx-{session}"
        assert self.register(session).status_code == 201
        assert self.create(id_, session)["result"]["state"] == 1
        return id_

    def paid(self, session: str) -> str:
        id_ = self.created(session)
        assert self.perform(id_)["result"]["state"] == 2
        return id_

    def status_of(self, path: str) -> int | None:
        """The status of a page, None when nobody answers."""
        try:
            return self._client.get(path).status_code
        except httpx.TransportError:
            return None


def environment(database_url: str, backend_url: str, **changes: str | None) -> dict[str, str]:
    """Everything a sidecar needs, and of our own surroundings only what Python needs."""
    ours = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    given: dict[str, str | None] = {
        "PYTHONPATH": str(ROOT),
        "PAYME_MERCHANT_ID": "587f72c72cac0d162c722ae2",
        "PAYME_KEY": KEY,
        "SIDECAR_API_KEY": API_KEY,
        "COMMERCE_BACKEND_URL": backend_url,
        "COMMERCE_BACKEND_KEY": BACKEND_KEY,
        "CALLBACK_URL": "https://shop.uz/payme-callback",
        "DATABASE_URL": database_url,
    }
    return ours | {name: value for name, value in (given | changes).items() if value is not None}


def secrets_in(text: str) -> list[str]:
    """Which secrets a text gives away, also as JSON or a URL would write them."""
    plain = re.sub(r"%([0-9A-Fa-f]{2})", lambda it: chr(int(it[1], 16)), text.replace('\\"', '"'))
    return [secret for secret in SECRETS if secret in text or secret in plain]
