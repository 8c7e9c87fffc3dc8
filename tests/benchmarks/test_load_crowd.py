"""The crowd against endpoints that do it right, that do it wrong, and that hang up; and against our sidecar."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

import pytest

from benchmarks.house import free_ports
from benchmarks.load.backend import Books, Door
from benchmarks.load.crowd import ECHO, Findings, Plan, play
from benchmarks.load.ground import AMOUNT, PostgresLand, sqlite_land
from benchmarks.load.payment import CALLS, PERFORM, REPEATED, Orders
from benchmarks.load.rounds import sample, visit
from benchmarks.load.stalls import sidecar
from demo_shop.postgres import LocalPostgres

TIMES = count(1_000)


class Endpoint:
    """A merchant of the fewest words; what he says of a call can be changed."""

    def __init__(self, *, keeps_alive: bool = True) -> None:
        self.keeps_alive = keeps_alive
        self.performed: dict[str, int] = {}
        self.forgets_when_it_was_performed = False
        self.connections = 0

    def answer(self, call: dict[str, Any]) -> dict[str, Any]:
        id_ = call["params"].get("id")
        if call["method"] == PERFORM and self.forgets_when_it_was_performed:
            self.performed[id_] = next(TIMES)
        time = self.performed.setdefault(id_, next(TIMES)) if call["method"] == PERFORM else self.performed.get(id_)
        results: dict[str, dict[str, Any]] = {
            "CheckPerformTransaction": {"allow": True},
            "CreateTransaction": {"create_time": 500, "transaction": id_, "state": 1},
            "PerformTransaction": {"perform_time": time, "transaction": id_, "state": 2},
            "CheckTransaction": {
                "create_time": 500,
                "perform_time": time,
                "cancel_time": 0,
                "transaction": id_,
                "state": 2,
                "reason": None,
            },
        }
        return {"jsonrpc": "2.0", "id": call["id"], "result": results[call["method"]]}


@contextmanager
def opened(endpoint: Endpoint) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            endpoint.connections += 1
            super().setup()

        def do_POST(self) -> None:
            call = json.loads(self.rfile.read(int(self.headers["content-length"])))
            body = json.dumps(endpoint.answer(call)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            if not endpoint.keeps_alive:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - so it is called
            """Say nothing."""

    socketserver.TCPServer.allow_reuse_address = True

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Say nothing: it was asked to die."""

    server = Server(("127.0.0.1", free_ports(1)[0]), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def came(endpoint: Endpoint, payments: int = 5, **changes: Any) -> Findings:
    with opened(endpoint) as port:
        plan = Plan(ports=[port], key="k3y", orders=Orders(1, payments, AMOUNT), seconds=30, connections=2, run=9)
        return play(Plan(**{**{name: getattr(plan, name) for name in Plan.__slots__}, **changes}))


def test_whole_payments_are_counted_and_every_call_has_its_latency() -> None:
    found = came(Endpoint())

    assert (found.payments, found.begun, found.complaints, found.blemishes) == (5, 5, {}, {})
    assert {name: len(it) for name, it in found.latencies.items()} == dict.fromkeys(CALLS, 5)


def test_a_wrong_perform_time_is_found_and_such_a_payment_is_not_counted() -> None:
    endpoint = Endpoint()
    endpoint.forgets_when_it_was_performed = True

    found = came(endpoint)

    assert found.payments == 0
    assert found.complaints == {f"{PERFORM}{REPEATED}: perform_time is not what it was or must be": 5}


def test_a_server_that_closes_after_each_answer_is_called_anew() -> None:
    endpoint = Endpoint(keeps_alive=False)

    found = came(endpoint)

    assert found.payments == 5
    assert endpoint.connections >= 5 * len(CALLS)


def test_a_server_that_is_away_is_a_complaint_and_no_crash() -> None:
    class Dying(Endpoint):
        def answer(self, call: dict[str, Any]) -> dict[str, Any]:
            if call["method"] == PERFORM:
                raise ConnectionResetError
            return super().answer(call)

    found = came(Dying())

    assert found.payments == 0
    assert found.complaints == {f"{PERFORM}: no answer": 5}


def test_payments_arrive_by_themselves_in_an_open_loop() -> None:
    found = came(Endpoint(), payments=1_000, seconds=1.0, rate=20.0, connections=1, keep_performed=True)

    assert found.begun < 1_000
    assert found.payments == found.begun == len(found.performed)


def test_an_endpoint_without_a_protocol_is_judged_by_its_echo() -> None:
    class Empty(Endpoint):
        def answer(self, call: dict[str, Any]) -> dict[str, Any]:
            return {"id": call["id"]}

    assert came(Empty(), judge=ECHO).payments == 5
    assert came(Empty()).payments == 0


def test_a_crowd_pays_at_our_sidecar_on_both_databases(postgres_server: LocalPostgres) -> None:
    with ExitStack() as lands:
        for land in (PostgresLand(postgres_server), lands.enter_context(sqlite_land())):
            with sidecar(land, workers=2) as stall:
                found = visit(stall, 0.5)

                assert found.complaints == found.blemishes == {}
                assert found.payments == found.begun > 0
                assert sample("ours", found).figures["payments/s"] > 0
                assert stall.memory().rss > 0


@pytest.mark.parametrize("variant", ["in_memory", "relay_asleep"])
def test_a_variant_of_ours_answers_as_ours_does(variant: str) -> None:
    with sqlite_land() as land, sidecar(land, variant=variant) as stall:
        found = visit(stall, 0.3)

    assert found.complaints == found.blemishes == {}
    assert found.payments > 0


def test_the_stand_in_for_a_backend_writes_down_when_it_was_first_asked() -> None:
    class Transport:
        def __init__(self) -> None:
            self.written = b""

        def write(self, data: bytes) -> None:
            self.written += data

    books, transport = Books(), Transport()
    door = Door(books)
    door.connection_made(transport)  # type: ignore[arg-type]  # as much of one as it needs
    call = b"POST /admin HTTP/1.1\r\nIdempotency-Key: authorize:abc\r\nContent-Length: 2\r\n\r\n{}"

    door.data_received(call[:30])
    assert transport.written == b""
    door.data_received(call[30:] + call)

    assert transport.written.count(b"200 OK") == 2
    assert books.calls == 2
    assert list(books.moments) == ["abc"]
