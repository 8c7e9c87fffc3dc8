"""A Medusa of one's own, started, stopped and killed at will."""

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import httpx

from demo_shop.medusa import node
from demo_shop.medusa.preparation import Prepared
from demo_shop.medusa.settings import settings
from demo_shop.medusa.toolbox import Toolbox
from demo_shop.postgres import free_port

HOST: Final = "127.0.0.1"
START_TIMEOUT: Final = 120.0
STOP_TIMEOUT: Final = 20.0
KNOCK_PAUSE: Final = 0.1
TAIL: Final = 40


class MedusaFailed(Exception):
    """It ended while starting, or took too long; the message holds its last words."""


def command(toolbox: Toolbox, host: str, port: int) -> list[str]:
    return [*toolbox.program("medusa"), "start", "--host", host, "--port", str(port)]


class Medusa:
    """One installation with one database and one address; its processes come and go."""

    def __init__(self, prepared: Prepared, database: str, port: int, told: Mapping[str, str], log: Path) -> None:
        self.url = f"http://{HOST}:{port}"
        self.prepared = prepared
        self.database = database
        self._command = command(prepared.toolbox, HOST, port)
        self._told = dict(told)
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and return when it is healthy; nothing to do if it runs."""
        if self.runs:
            return
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own words
                self._command,
                cwd=self.prepared.project,
                env=node.environment(self._told),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the tests; they stop it
            )
        try:
            self._wait_until_healthy()
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """End it politely, as a deployment does."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as `kill -9` does, at whatever it is doing."""
        self._end(signal.SIGKILL)

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        """Everything its processes have printed so far."""
        return self._log.read_text("utf-8", "replace") if self._log.exists() else ""

    def psql(self, statement: str) -> str:
        """Run one statement in its database and return what it printed, bare, with `|` between columns."""
        return self.prepared.server.psql(statement, self.database)

    def _end(self, sign: signal.Signals) -> None:
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, sign)
        try:
            self._process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            node.end(self._process)
        self._process = None

    def _wait_until_healthy(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        with httpx.Client(trust_env=False, timeout=5) as http:
            while time.monotonic() < deadline:
                if not self.runs:
                    raise MedusaFailed(f"Medusa ended while starting:\n{self._last_words()}")
                with suppress(httpx.TransportError):
                    if http.get(f"{self.url}/health").status_code == httpx.codes.OK:
                        return
                time.sleep(KNOCK_PAUSE)
        raise MedusaFailed(f"Medusa was not ready after {START_TIMEOUT:.0f} s:\n{self._last_words()}")

    def _last_words(self) -> str:
        return "\n".join(self.log.splitlines()[-TAIL:])


@contextmanager
def medusa_server(
    prepared: Prepared,
    folder: Path,
    *,
    sidecar_url: str,
    sidecar_key: str,
    storefronts: tuple[str, ...] = (),
    port: int | None = None,
) -> Iterator[Medusa]:
    """A running Medusa with a freshly seeded database; both are gone afterwards, the log in `folder` stays."""
    database = f"medusa_{secrets.token_hex(4)}"
    prepared.seed.give(prepared.server, database)
    told = settings(prepared.server.url(database), sidecar_url, sidecar_key, storefronts)
    medusa = Medusa(prepared, database, port or free_port(), told, folder / f"{database}.log")
    try:
        medusa.start()
        yield medusa
    finally:
        medusa.stop()
        prepared.server.drop_database(database)
