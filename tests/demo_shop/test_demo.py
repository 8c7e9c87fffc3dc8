"""The demo as a visitor starts it: whole, with the real sidecar and the real callback."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from demo_shop.addresses import BLOCK, Addresses, can_bind, free_block, listen

HOST = "127.0.0.1"
STRAY = {
    "PAYME_KEY": "a key of somebody else",
    "PAYME_MERCHANT_ID": "somebody-else",
    "DATABASE_URL": "postgresql://nobody@nowhere.invalid/nothing",
    "STOREFRONT_URL": "https://elsewhere.uz",
    "PAYME_ALLOWED_IPS": "203.0.113.0/24",
    "PORT": "1",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9",
}


class Visitor:
    """Somebody in a folder of their own, whose temporary files are looked at afterwards."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.leftovers = folder / "tmp"
        self.home.mkdir()
        self.leftovers.mkdir()
        # A street of its own for every process: tests run side by side, and neighbours have neighbouring numbers.
        self.port = free_block(HOST, 12_000 + os.getpid() * 16 % 20_000).port

    def starts(self, *options: str, **environ: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "sidecar", "demo", "--port", str(self.port), *options],
            cwd=self.home,
            env=self.environment(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )

    def runs(self, *options: str, **environ: str) -> tuple[int, str]:
        with self.starts(*options, **environ) as demo:
            shown, _ = demo.communicate(timeout=180)
        return demo.returncode, shown

    def environment(self, changes: Mapping[str, str]) -> dict[str, str]:
        return {**os.environ, "TMPDIR": str(self.leftovers), "PYTHONUTF8": "1", **changes}

    def left_behind(self) -> list[str]:
        return [path.name for folder in (self.home, self.leftovers) for path in folder.iterdir() if path.name != ".env"]


@pytest.fixture
def visitor(tmp_path: Path) -> Visitor:
    return Visitor(tmp_path)


@contextmanager
def somebody_on(port: int) -> Iterator[socket.socket]:
    with listen(HOST, port) as listener:
        yield listener


def test_once_walks_to_a_paid_order_and_leaves_nothing_behind(visitor: Visitor) -> None:
    status, shown = visitor.runs("--once")

    assert status == 0, shown
    steps = (
        "Payme → sidecar     PerformTransaction        state 2",
        "sidecar → shop      authorize",
        "✓ Payme is content",
    )
    assert all(step in shown for step in steps)
    assert "payment=success" in shown
    assert shown.splitlines()[-1].startswith("Order 1001 is paid: 140\N{NO-BREAK SPACE}000\N{NO-BREAK SPACE}so‘m")
    assert visitor.left_behind() == []


def test_a_stray_environment_and_a_stray_env_file_change_nothing(visitor: Visitor) -> None:
    (visitor.home / ".env").write_text(
        "PAYME_KEY=from-a-file\nSTOREFRONT_URL=https://elsewhere.uz\nLOG_LEVEL=nonsense\n"
    )

    status, shown = visitor.runs("--once", **STRAY)

    assert status == 0, shown


def test_taken_ports_are_noticed_and_another_block_is_used(visitor: Visitor) -> None:
    with somebody_on(visitor.port + 2):
        status, shown = visitor.runs("--once")

    assert status == 0, shown
    assert f"Port {visitor.port} or one of the next three is taken; using " in shown
    assert f"{HOST}:{visitor.port + 2}/" not in shown


ENDINGS = [
    (signal.SIGINT, 0),
    (signal.SIGTERM, 128 + signal.SIGTERM),
    (signal.SIGHUP, 128 + signal.SIGTERM),
]


@pytest.mark.parametrize(("sign", "status"), ENDINGS)
def test_the_open_demo_serves_its_shop_until_it_is_ended_and_takes_everything_along(
    visitor: Visitor, sign: signal.Signals, status: int
) -> None:
    with visitor.starts() as demo:
        shown = until(demo, "Ctrl-C ends it")
        where = Addresses(HOST, visitor.port)
        assert where.shop in shown, shown
        assert httpx.get(where.shop, follow_redirects=True, trust_env=False).status_code == 200
        assert httpx.get(f"{where.callback}/healthz", trust_env=False).status_code == 200
        assert visitor.left_behind() != []

        demo.send_signal(sign)
        rest, _ = demo.communicate(timeout=60)

    assert demo.returncode == status, rest
    assert "Traceback" not in rest
    assert visitor.left_behind() == []
    assert all(can_bind(HOST, visitor.port + place) for place in range(BLOCK))


def test_a_sidecar_that_dies_early_is_quoted(visitor: Visitor, tmp_path: Path) -> None:
    path = impostor(tmp_path, "import sys\nprint('no such luck')\nsys.exit(3)\n")

    status, shown = runs_with(visitor, path)

    assert status == 1
    assert "✗ the sidecar ended by itself with status 3" in shown
    assert "   no such luck" in shown
    assert visitor.left_behind() == []


def test_a_purchase_that_fails_says_why_and_quotes_the_logs(visitor: Visitor, tmp_path: Path) -> None:
    path = impostor(tmp_path, YES_MAN)

    status, shown = runs_with(visitor, path)

    assert status == 1
    assert "✗ there is no #review on" in shown
    assert "── the last lines of the sidecar's log" in shown
    assert "   I say yes to everything" in shown
    assert visitor.left_behind() == []


YES_MAN = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class YesMan(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"yes")

    do_POST = do_GET

print("I say yes to everything", flush=True)
HTTPServer(("127.0.0.1", int(sys.argv[-1])), YesMan).serve_forever()
"""


def impostor(folder: Path, source: str) -> Path:
    """Make a package that is found under the sidecar's name."""
    package = folder / "impostors" / "sidecar"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(source)
    return package.parent


def runs_with(visitor: Visitor, path: Path) -> tuple[int, str]:
    """Start the demo by its own door, as the command line does, with an impostor for its children."""
    start = f"import sys, demo_shop; sys.exit(demo_shop.run(once=True, port={visitor.port}))"
    done = subprocess.run(
        [sys.executable, "-c", start],
        cwd=visitor.home,
        env=visitor.environment({"PYTHONPATH": str(path)}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=180,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def until(demo: "subprocess.Popen[str]", words: str) -> str:
    """Read along until the words are said, or the demo has no more to say."""
    shown = ""
    for line in demo.stdout or ():
        shown += line
        if words in line:
            break
    return shown
