"""Thousands who only wait: whoever has something to ask is served, and a key, once shown, keeps its place."""

import contextlib
import json
import resource
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from sidecar.connections import BACKLOG, OWN, Connections, Space, shared, space
from sidecar.settings import Limits
from tests.line import GOOD, Line, chunked, post, served, somebody_is_served

A_THOUSAND: Final = 1_000
FIVE_THOUSAND: Final = 5_000

WAITING: Final[dict[str, bytes]] = {
    "silent": b"",
    "half a head": post()[:40],
    "half a body": post(key=b"")[:-1],
    "half a chunk": chunked(key=b"") + b"5\r\nab",
    "idle after a wrong key": post(key=b""),
    "idle after a look at the health": b"GET /healthz HTTP/1.1\r\nHost: sidecar\r\n\r\n",
    "a second call half sent": post(key=b"") + post(key=b"")[:40],
}


@pytest.fixture(autouse=True)
def _many_descriptors() -> Iterator[None]:
    """The crowd needs some on this side, too."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@contextlib.contextmanager
def crowd(port: int, said: bytes, count: int = A_THOUSAND) -> Iterator[list[Line]]:
    """So many connections that all say this and then wait; now and then somebody else must be served."""
    count = min(count, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - OWN)
    with contextlib.ExitStack() as stack:
        lines: list[Line] = []
        for number in range(count):
            line = stack.enter_context(Line(port))
            with contextlib.suppress(ConnectionError):  # it may have been cut already
                line.say(said)
            lines.append(line)
            if number % 250 == 0:
                somebody_is_served(port)
        yield lines


def asks(line: Line) -> int:
    line.say(post(GOOD))
    return line.hear().code


def told(folder: Path, event: str) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in (folder / "log").read_text().splitlines()]
    return [line for line in lines if line["event"] == event]


def no_error_was_logged(folder: Path) -> None:
    said = (folder / "log").read_text()
    assert [line for line in said.splitlines() if json.loads(line)["level"] not in {"info", "warning"}] == []


def descriptors_of(process: int) -> int:
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


@pytest.mark.parametrize("said", WAITING.values(), ids=WAITING)
def test_a_good_caller_is_served_while_a_thousand_wait(tmp_path: Path, said: bytes) -> None:
    with served(tmp_path, CONNECTIONS_MAX="300") as (port, process), Line(port) as known:
        assert asks(known) == -31003

        with crowd(port, said):
            assert asks(known) == -31003
            somebody_is_served(port)
            assert descriptors_of(process.pid) < 300 + OWN
        somebody_is_served(port)

    no_error_was_logged(tmp_path)
    assert len(told(tmp_path, "server.crowded")) == 1  # a minute


def test_a_good_caller_is_served_while_five_thousand_wait_and_nothing_was_set(tmp_path: Path) -> None:
    with served(tmp_path) as (port, process), Line(port) as known:
        assert asks(known) == -31003

        with crowd(port, b"", FIVE_THOUSAND):
            assert asks(known) == -31003
            somebody_is_served(port)
            assert descriptors_of(process.pid) < Limits().connections_max + OWN

    no_error_was_logged(tmp_path)


@pytest.mark.parametrize("descriptors", [256, 1_024])
def test_a_process_with_few_descriptors_makes_do_with_them(tmp_path: Path, descriptors: int) -> None:
    with served(tmp_path, descriptors) as (port, process), Line(port) as known:
        assert asks(known) == -31003

        with crowd(port, b"", 2 * descriptors):
            assert asks(known) == -31003
            somebody_is_served(port)
            assert descriptors_of(process.pid) < descriptors
    no_error_was_logged(tmp_path)
    (line,) = told(tmp_path, "server.few_descriptors")
    assert line["connections_max"] == shared(descriptors).connections


def test_a_soft_limit_is_raised_as_far_as_the_connections_need(tmp_path: Path) -> None:
    with served(tmp_path, CONNECTIONS_MAX="400") as (port, process):
        soft, _hard = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)

        assert soft >= 400 + OWN + BACKLOG
        somebody_is_served(port)


def test_a_crowd_that_comes_in_one_go_is_no_error(tmp_path: Path) -> None:
    """All of it is let in before the loop has closed the first: as when a stopped process goes on."""
    at_once = shared(256).backlog
    with served(tmp_path, 256) as (port, process), contextlib.ExitStack() as stack:
        for _ in range(10):
            process.send_signal(signal.SIGSTOP)
            for _ in range(at_once):
                stack.enter_context(Line(port))
            process.send_signal(signal.SIGCONT)
            somebody_is_served(port)

    no_error_was_logged(tmp_path)


def test_whoever_asks_and_never_reads_the_answers_keeps_nobody_out(tmp_path: Path) -> None:
    """Each has a call in hand for ever: the answer cannot be written."""
    asked = b"GET /openapi.json HTTP/1.1\r\nHost: sidecar\r\n\r\n" * 400
    with served(tmp_path, CONNECTIONS_MAX="16") as (port, _process), contextlib.ExitStack() as stack:
        for _ in range(40):
            deaf = stack.enter_context(socket.socket())
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            deaf.connect(("127.0.0.1", port))
            deaf.setblocking(False)
            with contextlib.suppress(OSError):
                deaf.send(asked)
        for _ in range(5):
            somebody_is_served(port)
    no_error_was_logged(tmp_path)


def test_the_callback_service_has_the_same_limits(tmp_path: Path) -> None:
    shopper = b"GET /payme-callback?order_id= HTTP/1.1\r\nHost: shop\r\n\r\n"
    with served(tmp_path, None, "callback", CONNECTIONS_MAX="50", HEADERS_MAX="4096") as (port, process):
        with contextlib.ExitStack() as stack:
            for _ in range(200):
                stack.enter_context(Line(port))
            line = stack.enter_context(Line(port))
            line.say(shopper)
            assert line.hear().status == 303
            assert descriptors_of(process.pid) < 50 + OWN
        with Line(port) as line:
            line.say(shopper.replace(b"Host", b"X: " + b"a" * 5_000 + b"\r\nHost"))
            assert line.hear().status == 400
    no_error_was_logged(tmp_path)


def test_a_crowd_that_has_the_key_keeps_nobody_out_either(tmp_path: Path) -> None:
    with served(tmp_path, CONNECTIONS_MAX="50") as (port, process), crowd(port, post(), 200):
        somebody_is_served(port)
        assert descriptors_of(process.pid) < 50 + OWN
    no_error_was_logged(tmp_path)


# ── who goes first ──────────────────────────────────────────────────────────────────────────────────────────────


class Somebody:
    def __init__(self) -> None:
        self.known = False
        self.gone = False

    def cut(self) -> None:
        self.gone = True


def guests(connections: Connections, count: int) -> list[Somebody]:
    found = [Somebody() for _ in range(count)]
    for it in found:
        connections.enter(it, 0)
    return found


def test_who_has_got_no_answer_for_the_longest_time_goes_first() -> None:
    connections = Connections(3)
    first, second, third = guests(connections, 3)
    connections.waits(first)
    guests(connections, 1)

    assert [first.gone, second.gone, third.gone] == [False, True, False]


def test_a_stranger_goes_whatever_he_is_doing() -> None:
    connections = Connections(2)
    first, second = guests(connections, 2)
    connections.works(first)
    (newcomer,) = guests(connections, 1)

    assert [first.gone, second.gone, newcomer.gone] == [True, False, False]


def test_strangers_go_before_those_who_have_shown_a_key() -> None:
    connections = Connections(3)
    known, stranger, another = guests(connections, 3)
    known.known = True
    connections.waits(known)
    guests(connections, 1)

    assert [known.gone, stranger.gone, another.gone] == [False, True, False]


def test_whoever_shows_a_key_with_the_call_in_hand_is_no_stranger_any_more() -> None:
    connections = Connections(2)
    known, stranger = guests(connections, 2)
    connections.works(known)
    known.known = True
    guests(connections, 2)

    assert [known.gone, stranger.gone] == [False, True]


def test_among_those_who_have_shown_a_key_who_waits_longest_goes_and_none_with_a_call_in_hand() -> None:
    connections = Connections(3)
    busy, first, second = guests(connections, 3)
    for it in (busy, first, second):
        it.known = True
        connections.waits(it)
    connections.works(busy)
    (newcomer,) = guests(connections, 1)

    assert [busy.gone, first.gone, second.gone, newcomer.gone] == [False, True, False, False]


def test_when_all_have_shown_a_key_and_have_a_call_in_hand_the_newcomer_goes() -> None:
    connections = Connections(2)
    busy = guests(connections, 2)
    for it in busy:
        it.known = True
        connections.waits(it)
        connections.works(it)
    (newcomer,) = guests(connections, 1)

    assert newcomer.gone
    assert not any(it.gone for it in busy)


def test_whoever_leaves_makes_room() -> None:
    connections = Connections(2)
    first, second = guests(connections, 2)
    connections.leave(first)
    (third,) = guests(connections, 1)

    assert not second.gone
    assert not third.gone


@pytest.mark.parametrize("descriptors", [64, 128, 256, 1_024, 3_000])
def test_descriptors_are_shared_out_so_that_all_find_one(descriptors: int) -> None:
    found = shared(descriptors)

    assert found.connections >= 1
    assert found.connections + found.backlog + OWN <= max(descriptors, 2 + OWN + descriptors // 4)


def test_with_descriptors_enough_the_setting_is_kept() -> None:
    assert space(50) == Space(50, BACKLOG)
