"""The real server over real sockets: what uvicorn lacks, and that a good caller never notices a bad one."""

import contextlib
import json
import re
import signal
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
import uvicorn

from demo_shop.postgres import free_port
from sidecar.app import create_app
from sidecar.connections import Connections
from sidecar.server import Guarded
from sidecar.settings import Limits
from tests.line import (
    GOOD,
    KEY_LINE,
    MEGABYTE,
    PATIENCE,
    WRONG_KEY_LINE,
    Line,
    chunked,
    post,
    reachable,
    saying,
    served,
    somebody_is_served,
    until,
)
from tests.shop import API_KEY, settings


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with served(tmp_path_factory.mktemp("served")) as (number, _process):
        yield number


@pytest.fixture
def line(port: int) -> Iterator[Line]:
    """Give a connection; whatever was done to it, somebody else is served afterwards."""
    with Line(port) as it:
        yield it
    somebody_is_served(port)


# ── good callers ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_connection_serves_call_after_call(line: Line) -> None:
    for _ in range(3):
        line.say(post())
        assert line.hear().code == -31003


def test_calls_sent_ahead_are_answered_in_order(line: Line) -> None:
    numbers = [b"1", b'"two"', b"3", b"null", b"5"]
    line.say(b"".join(post(GOOD.replace(b"7", number)) for number in numbers))

    assert [json.loads(line.hear().body)["id"] for _ in numbers] == [1, "two", 3, None, 5]


def test_a_call_may_arrive_byte_by_byte(line: Line) -> None:
    line.say(*(bytes([byte]) for byte in post()))

    assert line.hear().code == -31003


@pytest.mark.parametrize("pieces", [[GOOD], [GOOD[:1], GOOD[1:]], [bytes([byte]) for byte in GOOD]], ids=len)
def test_a_call_may_come_in_chunks(line: Line, pieces: list[bytes]) -> None:
    line.say(chunked(*pieces), b"0\r\n\r\n", post())

    assert [line.hear().code, line.hear().code] == [-31003, -31003]


def test_a_chunked_call_may_have_extensions_and_trailers(line: Line) -> None:
    line.say(chunked(GOOD).replace(b"\r\n{", b";a=b\r\n{"), b"0;c\r\nX-Checksum: 1\r\n\r\n", post())

    assert [line.hear().code, line.hear().code] == [-31003, -31003]


def test_a_key_in_a_trailer_comes_too_late(line: Line) -> None:
    line.say(chunked(GOOD, key=b"") + b"0\r\n" + KEY_LINE + b"\r\n")

    assert line.hear().code == -32504


def test_a_caller_who_asks_whether_to_go_on_is_told_to(line: Line) -> None:
    line.say(post(b"", b"Expect: 100-continue\r\n", length=len(GOOD)))
    assert line.hear().status == 100
    line.say(GOOD)

    assert line.hear().code == -31003


def test_a_caller_who_asks_whether_to_send_too_much_is_told_not_to(line: Line) -> None:
    line.say(post(b"", b"Expect: 100-continue\r\n", length=70_000))
    answer = line.hear()

    assert (answer.status, answer.code) == (200, -32600)


def test_http_1_0_is_answered_and_hung_up_on(line: Line) -> None:
    line.say(post().replace(b"HTTP/1.1", b"HTTP/1.0"))

    assert line.hear().code == -31003
    assert line.dies()


def test_a_caller_who_wants_no_second_call_is_hung_up_on(line: Line) -> None:
    line.say(post(GOOD, b"Connection: close\r\n"))

    assert line.hear().code == -31003
    assert line.dies()


def test_a_head_gets_no_body_and_the_next_call_its_own_answer(line: Line) -> None:
    line.say(b"HEAD /payme HTTP/1.1\r\nHost: sidecar\r\n\r\n", post())

    assert line.hear(body=False).status == 200
    assert line.hear().code == -31003


@pytest.mark.parametrize("verb", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "CONNECT"])
@pytest.mark.parametrize("path", ["/payme", "/payme/"])
def test_every_verb_is_answered_with_http_200(line: Line, verb: str, path: str) -> None:
    line.say(f"{verb} {path} HTTP/1.1\r\nHost: sidecar\r\n\r\n".encode())
    answer = line.hear()

    assert (answer.status, answer.code) == (200, -32300)


def test_every_answer_names_its_call_and_not_the_server(line: Line) -> None:
    names = set()
    for path in (b"/payme", b"/nothing", b"/payment-sessions"):
        line.say(post(path=path))
        headers = line.hear().headers
        names.add(headers["x-request-id"])
        assert "server" not in headers

    assert len(names) == 3


# ── bodies without end ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("length", [65_537, 200 * MEGABYTE, 2**62])
def test_a_body_announced_too_long_is_answered_before_it_is_sent(line: Line, length: int) -> None:
    line.say(post(b"", length=length))
    answer = line.hear()

    assert (answer.status, answer.code) == (200, -32600)
    assert json.loads(answer.body)["id"] is None


@pytest.mark.parametrize("length", [65_537, 200 * MEGABYTE, 2**62])
def test_a_stranger_who_announces_too_much_is_refused_at_once(line: Line, length: int) -> None:
    line.say(post(b"", length=length, key=WRONG_KEY_LINE))

    assert line.hear().code == -32504


def test_a_body_announced_too_long_is_answered_by_the_other_door_too(line: Line) -> None:
    bearer = f"Authorization: Bearer {API_KEY}\r\n".encode()
    line.say(post(b"", length=70_000, path=b"/payment-sessions", key=bearer))

    assert line.hear().status == 413


def test_a_chunked_body_is_answered_as_soon_as_it_is_too_long(line: Line) -> None:
    line.say(chunked(*[b" " * 8_192] * 9))
    answer = line.hear()

    assert (answer.status, answer.code) == (200, -32600)


@pytest.mark.parametrize("size", [65_537, 70_000, 20 * MEGABYTE])
@pytest.mark.parametrize("key", [KEY_LINE, WRONG_KEY_LINE], ids=["Payme", "a stranger"])
def test_after_a_body_too_long_the_same_connection_serves_the_next_call(line: Line, key: bytes, size: int) -> None:
    line.say(post(b" " * size, key=key), post())

    assert line.hear().code == (-32600 if key is KEY_LINE else -32504)
    assert line.hear().code == -31003


def test_after_a_chunked_body_too_long_the_same_connection_serves_the_next_call(line: Line) -> None:
    line.say(chunked(*[b" " * 50_000] * 20), b"0\r\n\r\n", post())

    assert [line.hear().code, line.hear().code] == [-32600, -31003]


def test_a_body_nobody_asked_for_is_not_taken_for_the_next_call(line: Line) -> None:
    smuggled = post()
    line.say(b"GET /healthz HTTP/1.1\r\nHost: sidecar\r\nContent-Length: %d\r\n\r\n" % len(smuggled), smuggled, post())

    assert line.hear().status == 200
    assert line.hear().code == -31003
    line.say(b"GET /nothing HTTP/1.1\r\nHost: sidecar\r\n\r\n")
    assert line.hear().status == 404


# ── heads without end ───────────────────────────────────────────────────────────────────────────────────────────

ENDLESS: Final = {
    "an address": (b"GET /", b"a" * 65_536),
    "a header's name": (b"GET / HTTP/1.1\r\nX", b"a" * 65_536),
    "a header": (b"GET / HTTP/1.1\r\nX: ", b"a" * 65_536),
    "headers": (b"GET / HTTP/1.1\r\n", b"X: y\r\n" * 10_000),
    "a credential": (b"POST /payme HTTP/1.1\r\nAuthorization: Basic ", b"QUFB" * 16_384),
    "a header of the second call": (post() + b"GET / HTTP/1.1\r\nX: ", b"a" * 65_536),
    "a trailer": (chunked(key=b"") + b"0\r\nX: ", b"a" * 65_536),
    "trailers": (chunked(key=b"") + b"0\r\n", b"X: y\r\n" * 10_000),
    "a trailer after the body": (chunked(GOOD) + b"0\r\nX: ", b"a" * 65_536),
    "a trailer after the answer": (chunked(key=b"").replace(b"/payme", b"/nothing") + b"0\r\nX: ", b"a" * 65_536),
}


@pytest.mark.parametrize(("beginning", "piece"), ENDLESS.values(), ids=ENDLESS)
def test_a_head_without_end_is_cut(line: Line, beginning: bytes, piece: bytes) -> None:
    line.say(beginning)

    assert line.floods(piece, 30 * MEGABYTE)


@pytest.mark.parametrize("size", [16_384, MEGABYTE])
def test_a_header_of_16_kb_or_more_is_refused_or_cut(line: Line, size: int) -> None:
    with contextlib.suppress(ConnectionError):
        line.say(b"GET / HTTP/1.1\r\nX: " + b"a" * size)
        assert line.hear().status == 400

    assert line.dies()


@pytest.mark.parametrize(
    "headers", [b"X: " + b"a" * 17_000 + b"\r\n", b"X: yyyyyyyyyyyy\r\n" * 1_400], ids=["one", "many"]
)
def test_a_head_too_long_is_refused_also_when_it_comes_in_one_piece_with_its_body(line: Line, headers: bytes) -> None:
    line.say(post(GOOD, headers))

    assert line.hear().status == 400
    assert line.dies()


def test_a_head_of_12_kb_is_nothing_special(line: Line) -> None:
    line.say(post(GOOD, b"X: " + b"a" * 12_000 + b"\r\n"), post(GOOD, b"X: y\r\n" * 2_000))

    assert [line.hear().code, line.hear().code] == [-31003, -31003]


def test_a_head_and_a_body_in_one_piece_do_not_add_up_to_a_head_too_long(line: Line) -> None:
    line.say(post(GOOD.ljust(60_000)), post(GOOD.ljust(60_000)))

    assert [line.hear().code, line.hear().code] == [-31003, -31003]


# ── what is no HTTP, or two things at once ──────────────────────────────────────────────────────────────────────

AMBIGUOUS: Final = {
    "a length and chunks": post(GOOD, b"Transfer-Encoding: chunked\r\n"),
    "chunks and a length": post(GOOD).replace(b"Content-Length", b"Transfer-Encoding: chunked\r\nContent-Length"),
    "two lengths": post(GOOD, b"Content-Length: 3\r\n"),
    "a list of lengths": post(GOOD).replace(b"Content-Length: ", b"Content-Length: 3, "),
    "a negative length": post(GOOD, length=-1),
    "a length with a plus": post(GOOD).replace(b"Content-Length: ", b"Content-Length: +"),
    "a length in hex": post(GOOD).replace(b"Content-Length: ", b"Content-Length: 0x"),
    "a length of 30 digits": post(GOOD, length=10**30),
    "a length that is a word": post(GOOD).replace(b"Content-Length: ", b"Content-Length: many"),
    "an unknown coding": post(GOOD, b"Transfer-Encoding: chunked, identity\r\n"),
    "a chunk of negative size": chunked() + b"-5\r\nabcde\r\n",
    "a chunk of no size": chunked() + b"\r\nabcde\r\n",
    "a chunk of 30 digits": chunked() + b"f" * 30 + b"\r\n",
    "a header without a colon": b"POST /payme HTTP/1.1\r\nHost\r\n\r\n",
    "a space before the colon": b"POST /payme HTTP/1.1\r\nHost : sidecar\r\nContent-Length : 3\r\n\r\n{}\n",
    "a folded header": b"POST /payme HTTP/1.1\r\nAuthorization: Basic\r\n eDp5\r\n\r\n",
    "NUL in a header": b"POST /payme HTTP/1.1\r\nHost: a\x00b\r\n\r\n",
    "another version": b"GET /payme HTTP/3.0\r\n\r\n",
    "the verb in lower case": b"post /payme HTTP/1.1\r\nHost: sidecar\r\n\r\n",
    "a verb nobody knows": b"PAY /payme HTTP/1.1\r\nHost: sidecar\r\n\r\n",
    "a space in the address": b"GET /pay me HTTP/1.1\r\nHost: sidecar\r\n\r\n",
    "bytes in the address": b"GET /\xff\xfe HTTP/1.1\r\nHost: sidecar\r\n\r\n",
    "the greeting of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "the greeting of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100),
    "JSON": GOOD,
    "noise": bytes(range(256)),
}


@pytest.mark.parametrize("said", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_what_could_be_read_in_two_ways_is_refused_and_hung_up_on(line: Line, said: bytes) -> None:
    line.say(said)

    assert line.hear().status == 400
    assert line.dies()


@pytest.mark.parametrize("protocol", [b"h2c", b"websocket", b"TLS/1.0"])
def test_a_call_that_offers_another_protocol_is_still_a_call(line: Line, protocol: bytes) -> None:
    line.say(post(GOOD, b"Connection: Upgrade\r\nUpgrade: " + protocol + b"\r\n"))

    assert line.hear().code == -31003


def test_a_proxys_empty_offer_of_another_protocol_is_nothing_special(line: Line) -> None:
    """As nginx sends it when its configuration was copied from one for web sockets."""
    line.say(post(GOOD, b"Connection: upgrade\r\n"), post(GOOD, b"Upgrade: websocket\r\n"))

    assert [line.hear().code, line.hear().code] == [-31003, -31003]


def test_nothing_can_be_smuggled_in_behind_the_offer_of_another_protocol(line: Line) -> None:
    """A proxy that passes the offer on would take the answer to the hidden call for the next caller's."""
    hidden = b"GET /nothing HTTP/1.1\r\nHost: sidecar\r\n\r\n"
    line.say(post(b"", b"Connection: Upgrade\r\nUpgrade: h2c\r\n", length=len(hidden), key=b""))
    time.sleep(0.1)  # so that it comes alone
    line.say(hidden, post())

    assert [line.hear().code, line.hear().code] == [-32504, -31003]


# It asks the thread that writes, so its answer comes a moment later.
SLOW: Final = post(GOOD.replace(b"Check", b"Perform"))
SPOILT: Final = {
    "noise": b"\x00\r\n\r\n",
    "a head too long": b"GET / HTTP/1.1\r\nX: " + b"a" * 20_000,
    "two lengths": post(GOOD, b"Content-Length: 3\r\n"),
}


@pytest.mark.parametrize("spoilt", SPOILT.values(), ids=SPOILT)
@pytest.mark.parametrize("before", [SLOW, SLOW + SLOW, post(key=b"")], ids=["a call", "two calls", "a stranger's"])
def test_what_is_no_call_behind_a_call_in_hand_ends_the_connection_and_is_no_error(
    tmp_path: Path, before: bytes, spoilt: bytes
) -> None:
    with served(tmp_path) as (port, _process):
        with Line(port) as line:
            line.say(before + spoilt)

            assert line.dies()
        somebody_is_served(port)

    assert re.search('Traceback|"level": "error"', (tmp_path / "log").read_text()) is None


# ── requests that never end ─────────────────────────────────────────────────────────────────────────────────────


HASTY: Final = Limits(request_deadline=1, keep_alive=2)


@pytest.fixture(scope="module")
def hasty_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    number = free_port()
    options: dict[str, Any] = {
        "http": partial(Guarded, limits=HASTY, among=Connections(1_000)),
        "ws": "none",
        "lifespan": "on",
        "access_log": False,
        "log_config": None,
        "timeout_keep_alive": HASTY.keep_alive,
        "timeout_graceful_shutdown": 1,
    }
    app = create_app(settings(f"sqlite:///{tmp_path_factory.mktemp('hasty')}/sidecar.db"))
    server = uvicorn.Server(uvicorn.Config(app, port=number, **options))
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started)
    yield number
    server.should_exit = True
    thread.join()


HALF_OPEN: Final[dict[str, bytes]] = {
    "nothing": b"",
    "a blank line": b"\r\n",
    "half a verb": b"PO",
    "half a head": post()[:40],
    "half a body": post()[:-1],
    "a body not begun": post(b"", length=10),
    "half a chunk": chunked() + b"5\r\nab",
    "no last chunk": chunked(b"{}"),
    "half a trailer": chunked(b"{}") + b"0\r\nX: ",
    "a second call half sent": post() + post()[:40],
    "a stranger's half body": post(key=b"")[:-1],
    "too long a body not sent": post(b"", length=70_000),
}


def test_whoever_never_finishes_is_hung_up_on_while_others_are_served(hasty_port: int) -> None:
    with saying(hasty_port, HALF_OPEN) as lines:
        somebody_is_served(hasty_port)

        assert [name for name, line in lines.items() if not line.dies()] == []
    somebody_is_served(hasty_port)


@pytest.mark.parametrize("drip", [b"a", b"a: b\r\n", b"\r\n"], ids=["letters", "headers", "blank lines"])
@pytest.mark.parametrize(
    "beginning",
    [b"", b"POST /payme HTTP/1.1\r\nX: ", post(b"", length=60_000), chunked()],
    ids=["nothing", "a head", "a body", "chunks"],
)
def test_whoever_drips_is_hung_up_on(hasty_port: int, beginning: bytes, drip: bytes) -> None:
    with Line(hasty_port) as line:
        line.say(beginning)

        until(lambda: line.floods(drip, len(drip)))
    somebody_is_served(hasty_port)


IDLE: Final[dict[str, bytes]] = {
    "after a call": post(),
    "after a call and a blank line": post() + b"\r\n",
    "after too long a body": post(b" " * 70_000),
    "after a body nobody asked for": b"GET /healthz HTTP/1.1\r\nHost: sidecar\r\nContent-Length: 2\r\n\r\n{}",
}


def test_an_idle_connection_is_kept_for_a_while_and_not_for_ever(hasty_port: int) -> None:
    with saying(hasty_port, IDLE) as lines:
        assert [name for name, line in lines.items() if not line.dies()] == []


LATE: Final = {
    "a blank line after the answer": (post(), b"\r\n"),
    "a body after its answer": (post(b"", length=70_000), b" " * 70_000),
    "chunks after their answer": (chunked(b" " * 70_000), b"0\r\n\r\n"),
}


@pytest.mark.parametrize(("said", "later"), LATE.values(), ids=LATE)
def test_what_comes_after_the_answer_does_not_keep_a_connection_for_ever(
    hasty_port: int, said: bytes, later: bytes
) -> None:
    with Line(hasty_port) as line:
        line.say(said)
        line.hear()
        line.say(later)

        assert line.dies()


def test_a_caller_who_hangs_up_in_the_middle_is_forgotten(port: int) -> None:
    for _ in range(20):
        with saying(port, HALF_OPEN):
            pass

    somebody_is_served(port)


# ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("asked_by", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_asked_to_end_it_finishes_the_call_in_hand_takes_no_other_and_ends_well(
    tmp_path: Path, asked_by: signal.Signals
) -> None:
    with served(tmp_path) as (port, process), Line(port) as idle, Line(port) as busy:
        idle.say(post())
        idle.hear()
        busy.say(post(b"", b"Expect: 100-continue\r\n", length=len(GOOD)))
        assert busy.hear().status == 100  # so the call is in hand
        process.send_signal(asked_by)
        until(lambda: not reachable(port))

        assert idle.dies()
        busy.say(GOOD)
        assert busy.hear().code == -31003
        assert busy.dies()
        assert process.wait(PATIENCE) == 0

    assert re.search("Traceback|exception", (tmp_path / "log").read_text()) is None


def test_callers_who_never_finish_do_not_hold_up_the_end(tmp_path: Path) -> None:
    with served(tmp_path) as (port, process), saying(port, HALF_OPEN):
        somebody_is_served(port)
        process.send_signal(signal.SIGTERM)

        assert process.wait(PATIENCE) == 0
