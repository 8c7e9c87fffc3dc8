"""The sidecar as a shop runs it: `payme-sidecar serve`, a process of its own, and all that can be done to one."""

import asyncio
import contextlib
import ctypes
import itertools
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from demo_shop.postgres import free_port
from faults.http import Client, NoAnswer

ROOT: Final = Path(__file__).resolve().parent.parent
START_TIMEOUT: Final = 60.0
STOP_TIMEOUT: Final = 40.0  # longer than the sidecar gives what is in its hands
KNOCK_PAUSE: Final = 0.02
TAIL: Final = 20
PR_SET_PDEATHSIG: Final = 1
INHERITED: Final = ("PATH", "HOME", "TMPDIR", "LANG")


class SidecarFailed(Exception):
    """It ended when it should not, or did not end when it should; its last words are in the message."""


class Sidecar:
    """One place for a process: its port and settings stay, its processes come and go."""

    def __init__(self, name: str, folder: Path, settings: Mapping[str, str]) -> None:
        self.name = name
        self.port = free_port()
        self._folder = folder
        self.settings = settings
        self.program: tuple[str, ...] = ("sidecar",)
        """The module that is run, and what it is told before our own words."""
        self._numbers = itertools.count(1)
        self._process: asyncio.subprocess.Process | None = None
        self._log = folder / f"{name}.log"

    @property
    def pid(self) -> int:
        assert self._process  # noqa: S101 - asked for while it runs
        return self._process.pid

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start `serve` and return when it answers."""
        await self.launch()
        await self.lives()

    async def launch(self) -> None:
        """Start `serve` and do not wait."""
        self._process = await self._run("serve", "--port", str(self.port))

    async def lives(self) -> None:
        """Wait until it answers /healthz."""
        async with asyncio.timeout(START_TIMEOUT):
            while await self.status("/healthz") != 200:  # noqa: PLR2004 - HTTP's "OK"
                if not self.runs:
                    raise SidecarFailed(f"{self.name} ended while it started\n{self.last_words()}")
                await asyncio.sleep(KNOCK_PAUSE)

    async def migrate(self) -> None:
        process = await self._run("migrate")
        if await process.wait():
            raise SidecarFailed(f"{self.name} could not migrate\n{self.last_words()}")

    def strike(self) -> None:
        """Send SIGKILL, here and now; `gone` waits for the end."""
        self.signal(signal.SIGKILL)

    async def gone(self) -> int:
        """Wait for its end; the exit code."""
        if not self._process:
            return 0
        try:
            return await asyncio.wait_for(self._process.wait(), STOP_TIMEOUT)
        except TimeoutError:
            self.strike()
            await self._process.wait()
            raise SidecarFailed(f"{self.name} did not end\n{self.last_words()}") from None

    async def kill(self) -> None:
        self.strike()
        await self.gone()

    async def end(self) -> int:
        """Ask it to end, as a deploy does; the exit code."""
        self.signal(signal.SIGTERM)
        return await self.gone()

    def pause(self) -> None:
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.signal(signal.SIGCONT)

    def signal(self, number: signal.Signals) -> None:
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def status(self, path: str) -> int | None:
        """The status of a page, None when nobody answers."""
        client = Client(patience=2.0)
        try:
            return (await client.ask(self.port, "GET", path, {})).status
        except NoAnswer:
            return None
        finally:
            client.close()

    def last_words(self) -> str:
        return "\n".join(self._log.read_text("utf-8", "replace").splitlines()[-TAIL:])

    async def _run(self, *arguments: str) -> asyncio.subprocess.Process:
        self._log = self._folder / f"{self.name}-{next(self._numbers)}-{arguments[0]}.log"
        ours = {name: os.environ[name] for name in INHERITED if name in os.environ}
        with self._log.open("wb") as log:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", *self.program, *arguments),
                cwd=self._folder,
                env={**ours, "PYTHONPATH": str(ROOT), **self.settings},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the suite, which ends its children itself …
                preexec_fn=_end_with_us if sys.platform == "linux" else None,
            )


def _end_with_us() -> None:
    """Have the kernel kill the child when the suite is killed: it would run, and be heard, for ever."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
