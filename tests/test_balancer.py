"""The balancer of compose.yaml, run: the real Caddy with the file it gets there, before two stand-ins for a replica."""

import asyncio
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from demo_shop.postgres import free_port
from sidecar.clock import system_clock
from sidecar.doctor import certificate
from sidecar.doctor.asking import Silence
from sidecar.origin import origin
from sidecar.settings import Settings
from tests.processes import PATIENCE, eventually
from tests.shop import settings

CADDYFILE: Final = Path(__file__).parents[1] / "deploy/Caddyfile"
CADDYFILES: Final = (CADDYFILE, CADDYFILE.parent / "systemd/Caddyfile")
CADDY: Final = Path(sys.executable).with_name("caddy")
PAYME: Final = "185.234.113.1"
COMPOSE_NETWORK: Final = "10.87.0.0/24"


class Replica(ThreadingHTTPServer):
    """Writes down its calls; can be not ready, gone, or hang up in the middle of a call."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.ready = True
        self.hangs_up = False
        self.calls: list[tuple[str, str | None]] = []  # verb and path, X-Forwarded-For
        self.probed = 0
        threading.Thread(target=self.serve_forever, args=[0.02], daemon=True).start()

    def leave(self) -> None:
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    server: Replica

    def do_GET(self) -> None:
        if self.path == "/readyz":
            self.server.probed += 1
            self._answer(200 if self.server.ready else 503)
        else:
            self.do_POST()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.calls.append((f"{self.command} {self.path}", self.headers.get("x-forwarded-for")))
        if self.server.hangs_up:
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            self._answer(200)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - so it is called
        """Say nothing."""

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            return  # the balancer left


class Town:
    """Caddy as Compose runs it, with addresses of this machine in the place of names."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.tls_port = free_port()
        self.authority = folder / "caddy/pki/authorities/local/root.crt"
        self.ports = [free_port(), free_port()]
        self.replicas = [Replica(port) for port in self.ports]
        written = re.sub("^:8700", f"http://127.0.0.1:{self.port}", CADDYFILE.read_text(), flags=re.MULTILINE)
        written = written.replace("servers :8700", f"servers :{self.port}").replace("callback:8701", "127.0.0.1:1")
        written = written.replace("http_port 8080", f"http_port {free_port()}")
        written = written.replace("https_port 8443", f"https_port {self.tls_port}")
        written = written.replace("health_interval 2s", "health_interval 100ms")  # we have no time
        for number, port in enumerate(self.ports, 1):
            written = written.replace(f"sidecar-{number}:8700", f"127.0.0.1:{port}")
        (folder / "Caddyfile").write_text(written)
        home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
        self._log = (folder / "log").open("wb")
        self._caddy = subprocess.Popen(
            [CADDY, "run", "--config", folder / "Caddyfile", "--adapter", "caddyfile"],
            env=home | {"PATH": os.environ["PATH"]},
            stdout=self._log,
            stderr=self._log,
        )
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=PATIENCE, trust_env=False)
        eventually(self._listens, "a balancer that answers")
        self._all_probed()

    def ask(self, verb: str = "POST", path: str = "/payme", **headers: str) -> int:
        return self._client.request(verb, path, headers=headers).status_code

    def without_a_call(self) -> None:
        for replica in self.replicas:
            replica.calls.clear()

    def leaves(self, number: int) -> None:
        self.replicas[number].leave()

    def returns(self, number: int) -> None:
        self.replicas[number] = Replica(self.ports[number])
        self._all_probed()

    def _all_probed(self) -> None:
        """Wait for two probes of each: the first one's verdict is known when the second comes."""
        wanted = [it.probed + 2 for it in self.replicas]
        eventually(lambda: all(it.probed >= want for it, want in zip(self.replicas, wanted, strict=True)), "probes")

    def says(self, number: int, *, ready: bool) -> None:
        self.replicas[number].ready = ready
        self._all_probed()

    def _listens(self) -> bool:
        try:
            return bool(self.ask("GET", "/healthz"))
        except httpx.TransportError:
            return False

    def close(self) -> None:
        self._client.close()
        self._caddy.terminate()
        self._caddy.wait(PATIENCE)
        self._log.close()
        for replica in self.replicas:
            replica.leave()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    it = Town(tmp_path_factory.mktemp("caddy"))
    yield it
    it.close()


@pytest.fixture(autouse=True)
def all_is_well(town: Town) -> None:
    town.without_a_call()


@pytest.mark.parametrize("file", CADDYFILES, ids=lambda file: str(file.parent.name))
def test_caddy_finds_nothing_to_improve_in_a_file(file: Path) -> None:
    assert shutil.which(CADDY)
    formatted = subprocess.run([CADDY, "fmt", file], check=False, capture_output=True, text=True)

    assert formatted.stdout == file.read_text()


def test_the_calls_are_shared_out(town: Town) -> None:
    assert {town.ask() for _ in range(10)} == {200}

    assert [len(it.calls) for it in town.replicas] == [5, 5]


def test_a_replica_that_is_not_ready_gets_no_call_until_it_is(town: Town) -> None:
    town.says(0, ready=False)
    assert {town.ask() for _ in range(10)} == {200}
    assert [len(it.calls) for it in town.replicas] == [0, 10]

    town.says(0, ready=True)
    town.without_a_call()
    assert {town.ask() for _ in range(10)} == {200}
    assert [len(it.calls) for it in town.replicas] == [5, 5]


def test_a_call_that_a_replica_refuses_to_take_goes_to_the_other_whatever_its_verb(town: Town) -> None:
    town.leaves(1)
    try:
        with ThreadPoolExecutor(4) as pool:
            answers = set(pool.map(lambda _: town.ask(), range(20)))
        assert answers == {200}
        assert len(town.replicas[0].calls) == 20
    finally:
        town.returns(1)


def test_a_post_that_a_replica_took_and_did_not_answer_is_not_repeated_by_the_balancer(town: Town) -> None:
    for replica in town.replicas:
        replica.hangs_up = True
    try:
        assert town.ask() == 502
        assert sum(len(it.calls) for it in town.replicas) == 1
    finally:
        for replica in town.replicas:
            replica.hangs_up = False


def test_payme_is_known_by_its_address_through_both_proxies_and_nobody_else_is(town: Town) -> None:
    """The reverse proxy of the shop says whom it saw; Caddy adds the reverse proxy."""
    believed = settings("sqlite:///none.db", forwarded_allow_ips=f"{COMPOSE_NETWORK}, 127.0.0.1")

    town.ask(**{"x-forwarded-for": PAYME})
    town.ask(**{"x-forwarded-for": f"{PAYME}, 6.6.6.6"})
    town.ask()

    said = [forwarded for it in town.replicas for _, forwarded in it.calls]
    assert {seen(forwarded, believed) for forwarded in said} == {PAYME, "6.6.6.6", "127.0.0.1"}


def seen(forwarded: str | None, believed: Settings) -> str:
    balancer = {"client": ("10.87.0.7", 50_000), "headers": [(b"x-forwarded-for", (forwarded or "").encode())]}
    return str(origin(balancer, believed.forwarded_allow_ips))


# ── the world's side, by TLS ──────────────────────────────────────────────────────────────────────────────────────────


FOR_THE_WORLD: Final = {
    ("POST", "/payme"): 200,
    ("POST", "/payme/"): 200,
    ("GET", "/payment-status/order-1"): 200,
    ("GET", "/payment-sessions/payses_01/qr.svg"): 200,
    ("GET", "/payment-sessions/payses_01/qr.png"): 200,
    ("POST", "/payment-sessions"): 404,
    ("GET", "/payment-sessions/payses_01"): 404,
    ("POST", "/payment-sessions/payses_01/refund"): 404,
    ("GET", "/metrics"): 404,
    ("GET", "/readyz"): 404,
    ("GET", "/stats"): 404,
    ("GET", "/console"): 404,
    ("GET", "/openapi.json"): 404,
    ("GET", "/"): 404,
}


@pytest.fixture
def world(town: Town) -> Iterator[httpx.Client]:
    """Somebody who trusts the authority that Caddy made, and nobody else."""
    eventually(town.authority.exists, "a certificate")
    trusted = ssl.create_default_context(cafile=town.authority)
    with httpx.Client(base_url=f"https://localhost:{town.tls_port}", verify=trusted, trust_env=False) as client:
        yield client


@pytest.mark.parametrize(("verb", "path"), FOR_THE_WORLD, ids=str)
def test_the_world_gets_its_own_pages_and_no_other(world: httpx.Client, verb: str, path: str) -> None:
    assert world.request(verb, path).status_code == FOR_THE_WORLD[verb, path]


def test_a_shopper_gets_to_the_callback(world: httpx.Client, town: Town) -> None:
    assert world.get("/payme-callback?order_id=order-1").status_code == 502  # it goes there, and nobody is there
    assert all(not it.calls for it in town.replicas)


def test_a_caller_from_the_world_is_who_he_is_whatever_he_says(world: httpx.Client, town: Town) -> None:
    world.post("/payme", headers={"x-forwarded-for": PAYME})

    [(_, forwarded)] = [call for it in town.replicas for call in it.calls]
    assert forwarded in {"127.0.0.1", "::1"}


def test_the_doctor_finds_the_certificate_good(world: httpx.Client, town: Town) -> None:
    assert world
    trusted = ssl.create_default_context(cafile=town.authority)
    it = asyncio.run(certificate.shown(f"https://localhost:{town.tls_port}", trusted))

    assert not isinstance(it, Silence)
    assert it.until > system_clock()
