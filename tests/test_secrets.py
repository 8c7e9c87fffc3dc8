"""No secret is in anything that comes out: lines, answers, metrics, the database, the process list, an error or a repr.

Both services run with all secrets at hand, on the most talkative level, beside a backend that says back whatever it
was sent, and go through a walk of everything, failures included. Then all that came out is searched.
"""

import base64
import contextlib
import html
import itertools
import json
import re
import socketserver
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx
import pytest
from pydantic import SecretStr

from demo_shop.postgres import LocalPostgres, free_port
from sidecar.settings import Settings, SettingsError
from storefront_callback.settings import Settings as CallbackSettings
from tests.console.visitor import HIDDEN
from tests.processes import PATIENCE, PostgresStorage, Sidecar, SqliteStorage, environment, eventually
from tests.shop import AMOUNT, basic, settings

DSN_PASSWORD: Final = "dsn-9assw0rd-of-its-own"
KEYS: Final = {
    "PAYME_KEY": "live&#%?@:k3y\"of'its<own>",
    "PAYME_KEY_PREVIOUS": "live&#%?@:k3y-before",
    "PAYME_TEST_KEY": "sandbox&#%?@:k3y",
    "SIDECAR_API_KEY": "b4ckend-to-sidecar/of+its=own",
    "SIDECAR_API_KEY_PREVIOUS": "b4ckend-to-sidecar-before",
    "CONSOLE_PASSWORD": "console-pa55word/of+its=own",
    "COMMERCE_BACKEND_KEY": "sk_sidecar-to-b4ckend/of+its=own",
}
SECRETS: Final = (DSN_PASSWORD, *KEYS.values())

numbers = itertools.count(1)


def forms(secret: str) -> set[str]:
    """Every way in which something on the way may write it."""
    basics = [secret, f"Paycom:{secret}", f"{secret}:", f"Bearer {secret}"]
    spelt = {base64.b64encode(it.encode()).decode().rstrip("=") for it in basics}
    return {secret, quote(secret), quote(secret, safe=""), html.escape(secret), json.dumps(secret)[1:-1], *spelt}


FORMS: Final = {form for secret in SECRETS for form in forms(secret)}
AUTHORIZATION: Final = re.compile(r"(?i)basic [a-z0-9+/]{16}")


def leaks(text: str) -> list[str]:
    return [form for form in FORMS if form in text] + AUTHORIZATION.findall(text)


@pytest.mark.parametrize("secret", SECRETS)
def test_the_search_finds_a_secret_in_every_dress(secret: str) -> None:
    dressed = [
        secret,
        repr({"key": secret}) if '"' not in secret else secret,
        json.dumps({"key": secret}),
        f"<b>{html.escape(secret)}</b>",
        f"/path?key={quote(secret)}",
        str({"authorization": basic(f"Paycom:{secret}")}),
        str({"authorization": basic(f"{secret}:").encode()}),
        f"Bearer {secret}",
    ]

    assert [it for it in dressed if not leaks(it)] == []
    assert leaks("send the key as Authorization: Bearer …") == []


# ── a backend that says back what it was sent ──────────────────────────────────────────────────────────────────────


def authorization(head: bytes) -> bytes:
    return next(line for line in head.split(b"\r\n") if line.lower().startswith(b"authorization"))


def chunked(data: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + data


ECHOES: Final[dict[str, Callable[[bytes], bytes]]] = {
    "in its answer": lambda head: b"HTTP/1.1 500 X\r\ncontent-length: %d\r\n\r\n%b" % (len(head), head),
    "in a refusal": lambda head: b"HTTP/1.1 422 X\r\ncontent-length: %d\r\n\r\n%b" % (len(head), authorization(head)),
    "in half an answer": lambda head: b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n" + authorization(head),
    "in its reason": lambda head: b"HTTP/1.1 500 %b\r\ncontent-length: 0\r\n\r\n" % authorization(head),
    "where it sends us": lambda head: (
        b"HTTP/1.1 307 X\r\nlocation: http://127.0.0.1:1/?%b\r\ncontent-length: 0\r\n\r\n"
        % quote(authorization(head)).encode()
    ),
    "as a header": lambda head: b"HTTP/1.1 500 X\r\n%b\r\ncontent-length: 0\r\n\r\n" % authorization(head),
    "as a header that is none": lambda head: b"HTTP/1.1 500 X\r\n%b\r\n\r\n" % authorization(head).replace(b":", b""),
    "as a status that is none": lambda head: authorization(head) + b"\r\n\r\n",
    "as a length that is none": lambda head: (
        b"HTTP/1.1 500 X\r\ncontent-length: %b\r\n\r\n" % authorization(head).split()[-1]
    ),
    "as an encoding that is none": lambda head: (
        b"HTTP/1.1 500 X\r\ntransfer-encoding: %b\r\n\r\n" % authorization(head).split()[-1]
    ),
    "as a chunk that is none": lambda head: chunked(authorization(head).split()[-1] + b"\r\n\r\n"),
    "as it came": lambda head: head,
}


class Echo(socketserver.ThreadingTCPServer):
    """Answers each session in a way of its own, and what it says always holds what it was sent."""

    daemon_threads = True
    allow_reuse_address = True
    heard: set[str]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", free_port()), EchoHandler)
        self.heard = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class EchoHandler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        head = b"".join(iter(self.rfile.readline, b"\r\n"))
        session = head.split(b"/")[4].decode()
        self.wfile.write(list(ECHOES.values())[int(session.rpartition("_")[2])](head))
        assert isinstance(self.server, Echo)
        self.server.heard.add(session)


@contextlib.contextmanager
def echoing() -> Iterator[Echo]:
    with Echo() as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.02])
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


# ── the walk ───────────────────────────────────────────────────────────────────────────────────────────────────────


class Visitor:
    """Knocks at every door, and keeps all that is said to him."""

    def __init__(self, port: int) -> None:
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE, trust_env=False)
        self.told = ""

    def ask(self, verb: str, path: str, authorization: str | None = None, **options: Any) -> httpx.Response:
        headers = {"authorization": authorization} if authorization is not None else {}
        response = self._client.request(verb, path, headers=headers, **options)
        self.told += f"{response.status_code} {response.headers} {response.text}\n"
        return response

    def payme(self, method: str, key: str = KEYS["PAYME_KEY"], **params: Any) -> dict[str, Any]:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        reply: dict[str, Any] = self.ask("POST", "/payme", basic(f"Paycom:{key}"), json=body).json()
        return reply

    def api(self, verb: str, path: str, key: str = KEYS["SIDECAR_API_KEY"], **options: Any) -> httpx.Response:
        return self.ask(verb, path, f"Bearer {key}", **options)

    def close(self) -> None:
        self._client.close()


def pay(visitor: Visitor, session: str) -> None:
    registered = visitor.api(
        "POST", "/payment-sessions", json={"id": session, "amount": AMOUNT, "currency_code": "uzs"}
    )
    assert registered.status_code == 201
    now = time.time_ns() // 1_000_000
    visitor.payme("CreateTransaction", id=f"tx-{session}", time=now, amount=AMOUNT, account={"order_id": session})
    assert visitor.payme("PerformTransaction", id=f"tx-{session}")["result"]["state"] == 2


def knock_in_every_wrong_way(visitor: Visitor) -> None:
    for secret in SECRETS:
        for authorization in (basic(f"Paycom:{secret}x"), basic(f"{secret}:"), f"Bearer {secret}x", secret):
            visitor.ask("POST", "/payme", authorization, json={"id": 1, "method": "CheckTransaction", "params": {}})
            visitor.ask("POST", "/payment-sessions", authorization, json={})
            visitor.ask("GET", "/metrics", authorization)
        visitor.payme("CheckTransaction", key=secret, id="unknown")
        visitor.api("GET", "/payment-sessions/unknown", key=secret)
        visitor.api("POST", "/payment-sessions", content="{", key=secret)
        visitor.ask("GET", f"/payment-sessions/unknown/qr.svg?token={quote(secret, safe='')}")
        visitor.ask("GET", f"/{quote(secret, safe='')}?key={quote(secret, safe='')}")
    for key in (KEYS["SIDECAR_API_KEY"], KEYS["SIDECAR_API_KEY_PREVIOUS"]):
        assert visitor.api("GET", "/metrics", key=key).status_code == 200


def while_the_tables_are_away(visitor: Visitor, storage: SqliteStorage | PostgresStorage) -> None:
    """Every call meets an exception that nobody expected."""
    storage.sql("ALTER TABLE payment_session RENAME TO elsewhere")
    try:
        assert visitor.payme("CheckPerformTransaction", amount=1, account={"order_id": "x"})["error"]["code"] == -32400
        assert visitor.api("GET", "/payment-sessions/unknown").status_code == 503
        visitor.ask("GET", "/payment-status/unknown")
    finally:
        storage.sql("ALTER TABLE elsewhere RENAME TO payment_session")


def while_postgresql_is_away(visitor: Visitor, server: LocalPostgres) -> None:
    server.stop("immediate")
    try:
        assert visitor.payme("CheckTransaction", id="x")["error"]["code"] == -32400
        assert visitor.ask("GET", "/readyz").status_code == 503
        assert visitor.api("GET", "/metrics").status_code in {200, 503}
    finally:
        server.start()
    eventually(lambda: visitor.ask("GET", "/readyz").status_code == 200, "a database that is back")


def look_round_the_console(visitor: Visitor, sessions: list[str]) -> None:
    def sign_in(password: str) -> int:
        fields = dict(HIDDEN.findall(visitor.ask("GET", "/console/sign-in").text))
        return visitor.ask("POST", "/console/sign-in", data=fields | {"password": password}).status_code

    assert sign_in(KEYS["CONSOLE_PASSWORD"] + "x") == 401
    assert sign_in(KEYS["CONSOLE_PASSWORD"]) == 303
    rooms = ["", "/payments", "/messages", "/journal", "/journal?errors=on", "/nowhere"]
    for path in [*rooms, *(f"/payments/{session}" for session in sessions)]:
        assert visitor.ask("GET", f"/console{path}").status_code == (404 if path == "/nowhere" else 200)


def process_list() -> str:
    said = ""
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            said += process.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace") + "\n"
    return said


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_no_secret_of_the_sidecar_comes_out(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    printed, home = tmp_path / "printed", tmp_path / "home"
    printed.mkdir()
    home.mkdir()
    storage: SqliteStorage | PostgresStorage = SqliteStorage(home)
    if kind == "postgresql":
        storage = PostgresStorage(request.getfixturevalue("postgres_server"), f"secrets_{next(numbers)}")
        storage.url = storage.server.url(storage.name).replace("@", f":{DSN_PASSWORD}@")
    with echoing() as echo:
        sidecar = Sidecar(home, printed, storage.url, echo.url, LOG_LEVEL="debug", PAYME_TEST_MODE="true", **KEYS)
        assert sidecar.run("migrate").code == 0
        sidecar.start()
        visitor = Visitor(sidecar.port)
        sessions = [f"session_{number}" for number in range(len(ECHOES))]
        try:
            for session in sessions:
                pay(visitor, session)
            knock_in_every_wrong_way(visitor)
            while_the_tables_are_away(visitor, storage)
            if isinstance(storage, PostgresStorage):
                while_postgresql_is_away(visitor, storage.server)
            eventually(lambda: echo.heard >= set(sessions), "a backend that heard of every payment")
            eventually(lambda: "not sent yet" not in sidecar.run("outbox", "list").out, "an answer to each")
            look_round_the_console(visitor, sessions)
            visitor.api("GET", "/stats")
            sidecar.run("journal", "--json")
            sidecar.run("doctor")
            sidecar.run("reconcile")
            visitor.api("GET", "/metrics")
            listed = process_list()
        finally:
            sidecar.close()
            visitor.close()
    kept = "\n".join(storage.sql("SELECT coalesce(last_answer, '') FROM outbox_message"))
    said = {file.name: file.read_text() for file in printed.iterdir()}

    assert '"level": "debug"' in "".join(said.values())
    assert "payme.crash" in "".join(said.values())  # and a traceback
    assert "-m sidecar serve" in listed
    assert "RemoteProtocolError" in kept
    everything = {**said, "answers": visitor.told, "database": kept, "process list": listed}
    assert {name: leaks(text) for name, text in everything.items() if leaks(text)} == {}


def test_no_secret_in_the_environment_comes_out_of_the_callback(tmp_path: Path) -> None:
    """As with one `.env` for both services."""
    port, sidecar_port = free_port(), free_port()
    given = environment("postgresql://payme:" + DSN_PASSWORD + "@127.0.0.1/payme", "http://127.0.0.1:1", **KEYS)
    given |= {
        "STOREFRONT_URL": "https://shop.uz",
        "SIDECAR_URL": f"http://127.0.0.1:{sidecar_port}",  # nobody is there
        "LOG_LEVEL": "debug",
    }
    said = tmp_path / "said"
    with said.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "sidecar", "callback", "--port", str(port)],
            cwd=tmp_path,
            env=given,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    visitor = Visitor(port)
    try:
        eventually(lambda: answers(port), "a callback that answers")
        for secret in SECRETS:
            where = quote(secret, safe="")
            visitor.ask("GET", f"/payme-callback?order_id={where}%20&locale={where}&key={where}")
            visitor.ask("GET", f"/{where}", basic(f"Paycom:{secret}"))
        visitor.ask("GET", "/payme-callback?order_id=payses_01")
        listed = process_list()
    finally:
        process.terminate()
        process.wait(PATIENCE)
        visitor.close()

    assert "sidecar.no_answer" in said.read_text()
    for text in (said.read_text(), visitor.told, listed):
        assert leaks(text) == []


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


# ── settings ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", [*KEYS, "DATABASE_URL"])
def test_an_impossible_secret_stops_the_start_and_is_not_said(name: str, tmp_path: Path) -> None:
    url = f"postgresql://payme:{DSN_PASSWORD}@127.0.0.1:1/payme"
    spoilt = KEYS | {name: f"\t{KEYS[name]} " if name in KEYS else f"mysql://payme:{DSN_PASSWORD}@localhost/payme"}
    sidecar = Sidecar(tmp_path, tmp_path, url, "http://127.0.0.1:1", **spoilt)
    ended = sidecar.run("serve", "--port", "0")
    sidecar.close()

    assert ended.code == 2
    assert name in ended.err
    assert leaks(ended.out + ended.err) == []


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://payme:{DSN_PASSWORD}@127.0.0.1:1/payme",
        f"postgresql://payme:{DSN_PASSWORD}@127.0.0.1:1/payme?sslmode=nonsense",
        f"postgresql://payme:{DSN_PASSWORD}@127.0.0.1:1/payme?target_session_attrs=nonsense",
        f"postgresql://payme:{DSN_PASSWORD}@nowhere.invalid/payme",
        f"postgresql://payme@127.0.0.1:1/payme?password={DSN_PASSWORD}&sslrootcert=/nowhere&sslmode=verify-full",
        f"postgresql:///payme?host=/nowhere&user=payme&password={DSN_PASSWORD}",
    ],
)
@pytest.mark.parametrize("command", [["migrate"], ["outbox", "list"], ["outbox", "retry", "--all"]], ids=" ".join)
def test_a_database_that_cannot_be_used_keeps_its_password_to_itself(
    command: list[str], url: str, tmp_path: Path
) -> None:
    sidecar = Sidecar(tmp_path, tmp_path, url, "http://127.0.0.1:1", **KEYS)
    ended = sidecar.run(*command)
    sidecar.close()

    assert ended.code != 0
    assert leaks(ended.out + ended.err) == []


def taken() -> Settings:
    secrets = {name.lower(): SecretStr(value) for name, value in KEYS.items()}
    return settings(f"postgresql://payme:{DSN_PASSWORD}@127.0.0.1/payme", payme_test_mode=True, **secrets)


def test_no_secret_is_in_any_way_of_writing_the_settings_down() -> None:
    it = taken()

    for text in (repr(it), str(it), f"{it}", repr(it.model_dump()), it.model_dump_json(), repr(vars(it))):
        assert leaks(text) == []
        assert "**********" in text


def test_no_secret_is_in_an_error_of_the_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in KEYS.items():
        monkeypatch.setenv(name, f"\t{value} ")
    monkeypatch.setenv("DATABASE_URL", f"mysql://payme:{DSN_PASSWORD}@localhost/payme")

    with pytest.raises(SettingsError) as said:
        Settings.load()

    assert all(name in str(said.value) for name in KEYS)
    assert leaks("".join(traceback.format_exception(said.value)) + repr(said.value)) == []


def test_the_callback_has_no_secret_at_all() -> None:
    assert not [name for name in CallbackSettings.model_fields if re.search("key|secret|password|token", name)]
