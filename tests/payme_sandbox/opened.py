"""Things at real addresses: `sandbox serve` as a process of its own, and any ASGI app in a thread."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from demo_shop.addresses import can_bind
from demo_shop.postgres import free_port
from payme_sandbox.counter.serve import listen
from tests.processes import ROOT

HOST: Final = "127.0.0.1"
PATIENCE: Final = 30.0
START: Final = (
    "import sys; from payme_sandbox.counter.serve import serve; sys.exit(serve(*sys.argv[2:], port=int(sys.argv[1])))"
)


@contextmanager
def opened(port: int, *told: str) -> "Iterator[subprocess.Popen[str]]":
    """Serve Payme's pages until the block ends; `told` is the endpoint and its key."""
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", START, str(port), *told],
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1", "COLUMNS": "40"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        deadline = time.monotonic() + PATIENCE
        while can_bind(HOST, port) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(PATIENCE)


@contextmanager
def at_address(app: ASGIApp, certificate: Path | None = None) -> Iterator[str]:
    """Serve an app; its URL."""
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ssl_certfile=certificate)
    )
    with listen(HOST, port) as listener:
        thread = threading.Thread(target=server.run, args=[[listener]])
        thread.start()
        try:
            yield f"http://{HOST}:{port}"
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
