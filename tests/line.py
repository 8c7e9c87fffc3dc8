"""One connection to a real `serve`, spoken byte by byte."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple, Self

from demo_shop.postgres import free_port
from tests.shop import API_KEY, BACKEND_KEY, KEY, PAYME, basic

PATIENCE: Final = 15.0  # seconds to wait for what must happen; nothing is measured
MEGABYTE: Final = 1_000_000

GOOD: Final = b'{"id":7,"method":"CheckTransaction","params":{"id":"tx1"}}'
KEY_LINE: Final = b"Authorization: " + PAYME["authorization"].encode() + b"\r\n"
WRONG_KEY_LINE: Final = b"Authorization: " + basic("Paycom:wrong").encode() + b"\r\n"


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> int:
        return int(json.loads(self.body)["error"]["code"])


class Line:
    """One connection, spoken byte by byte."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._heard = b""

    def say(self, *pieces: bytes) -> None:
        for piece in pieces:
            self._socket.sendall(piece)

    def hear(self, *, body: bool = True) -> Answer:
        """Read one answer; of a HEAD there is no body, whatever its length says."""
        while b"\r\n\r\n" not in self._heard:
            self._more()
        head, _, self._heard = self._heard.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        status = int(first.split(" ")[1])
        length = int(headers.get("content-length", 0)) if body and status != 100 else 0
        while len(self._heard) < length:
            self._more()
        said, self._heard = self._heard[:length], self._heard[length:]
        return Answer(status, headers, said)

    def _more(self) -> None:
        heard = self._socket.recv(65_536)
        if not heard:
            raise ConnectionResetError("the line is dead")
        self._heard += heard

    def rest(self) -> bytes:
        """Read all that comes until the server hangs up."""
        while heard := self._socket.recv(1 << 20):
            self._heard += heard
        return self._heard

    def dies(self) -> bool:
        """Say whether the server hangs up, after whatever it still has to say."""
        try:
            while self._socket.recv(65_536):
                pass
        except TimeoutError:
            return False
        except ConnectionError:
            pass
        return True

    def floods(self, piece: bytes, limit: int) -> bool:
        """Say the piece again and again; say whether the server hung up before the limit."""
        try:
            for _ in range(limit // len(piece)):
                self._socket.sendall(piece)
        except ConnectionError:
            return True
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def post(
    body: bytes = GOOD, *extra: bytes, length: int | None = None, path: bytes = b"/payme", key: bytes = KEY_LINE
) -> bytes:
    size = str(len(body) if length is None else length).encode()
    head = b"POST " + path + b" HTTP/1.1\r\nHost: sidecar\r\n" + key + b"Content-Length: " + size + b"\r\n"
    return head + b"".join(extra) + b"\r\n" + body


def chunked(*pieces: bytes, key: bytes = KEY_LINE) -> bytes:
    head = b"POST /payme HTTP/1.1\r\nHost: sidecar\r\n" + key + b"Transfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)


def until(happens: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def reachable(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), PATIENCE).close()
    except ConnectionRefusedError:
        return False
    return True


@contextlib.contextmanager
def served(
    folder: Path, descriptors: int | None = None, service: str = "serve", **changes: str
) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """One of our services in a process of its own, which may open so many descriptors and no more."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "PORT": str(port),
        "DATABASE_URL": f"sqlite:///{folder}/sidecar.db",
        "PAYME_MERCHANT_ID": "587f72c72cac0d162c722ae2",
        "PAYME_KEY": KEY,
        "SIDECAR_API_KEY": API_KEY,
        "COMMERCE_BACKEND_URL": "http://127.0.0.1:1",
        "COMMERCE_BACKEND_KEY": BACKEND_KEY,
        "CALLBACK_URL": "https://shop.uz/payme-callback",
        "STOREFRONT_URL": "https://shop.uz",
    } | changes
    command = [sys.executable, "-m", "sidecar", service]
    if descriptors:
        command = ["sh", "-c", f'ulimit -n {descriptors} && exec "$@"', "sh", *command]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        until(lambda: reachable(port) or process.poll() is not None)
        yield port, process
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def saying(port: int, said: dict[str, bytes]) -> Iterator[dict[str, Line]]:
    """Open a line for each thing to say, and say it."""
    with contextlib.ExitStack() as stack:
        lines = {name: stack.enter_context(Line(port)) for name in said}
        for name, line in lines.items():
            line.say(said[name])
        yield lines


def somebody_is_served(port: int) -> None:
    with Line(port) as line:
        line.say(post())
        assert line.hear().code == -31003
