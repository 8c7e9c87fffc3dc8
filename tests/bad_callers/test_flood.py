"""A flood of wrong keys: it opens nothing, locks nobody out and fills no log."""

import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.line import WRONG_KEY_LINE, Line, post, served
from tests.shop import BACKEND, PAYME, basic

FLOODS: Final = 4  # connections that try keys side by side
CALLS: Final = 100


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    with served(tmp_path) as (number, _process):
        yield number


class Flood:
    """Wrong keys, one after the other, as fast as they are refused."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._over = threading.Event()
        self.codes: list[int] = []

    def run(self) -> None:
        with Line(self._port) as line:
            while not self._over.is_set():
                line.say(post(key=f"Authorization: {basic(f'Paycom:{len(self.codes)}')}\r\n".encode()))
                self.codes.append(line.hear().code)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        threads = [threading.Thread(target=self.run) for _ in range(FLOODS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()


def test_a_good_caller_is_served_during_a_flood_of_wrong_keys(port: int, tmp_path: Path) -> None:
    flood = Flood(port)
    with flood.running(), Line(port) as line:
        for _ in range(CALLS):
            line.say(post())
            assert line.hear().code == -31003

    assert len(flood.codes) > CALLS  # it came between all of them
    assert set(flood.codes) == {-32504}
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    calls = [line for line in lines if line["event"] == "call" and line["path"] == "/payme"]
    assert len([line for line in calls if line["code"] == -31003]) == CALLS
    assert len(calls) - CALLS <= 2  # one a minute
    page = httpx.get(f"http://127.0.0.1:{port}/metrics", headers=BACKEND, trust_env=False).text
    assert f'callers_refused_total{{door="payme",reason="credential"}} {len(flood.codes)}.0' in page


def test_the_same_connection_may_show_a_wrong_key_and_then_the_right_one(port: int) -> None:
    with Line(port) as line:
        for _ in range(50):
            line.say(post(key=WRONG_KEY_LINE))
            assert line.hear().code == -32504
        line.say(post())

        assert line.hear().code == -31003


def test_a_flood_at_the_backends_door_locks_the_backend_out_of_nothing(port: int) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        for number in range(CALLS):
            wrong = client.get("/payment-sessions/payses_01", headers={"authorization": f"Bearer {number}"})
            assert wrong.status_code == 401

        assert client.get("/payment-sessions/payses_01", headers=BACKEND).status_code == 404
        assert client.post("/payme", headers=PAYME).json()["error"]["code"] == -32700
