"""The real sidecar and the real callback, as child processes: started with nothing of the visitor's own settings."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import httpx

Outcome = TypeVar("Outcome")

# Every setting of the contract, section 2, and the one that uvicorn reads by itself.
SETTINGS: Final = frozenset(
    {
        "PAYME_MERCHANT_ID",
        "PAYME_KEY",
        "PAYME_KEY_PREVIOUS",
        "PAYME_TEST_KEY",
        "PAYME_TEST_MODE",
        "PAYME_LOGIN",
        "PAYME_ACCOUNT_FIELD",
        "PAYME_CHECKOUT_URL",
        "PAYME_ORDER_BUSY_CODE",
        "PAYME_ALLOWED_IPS",
        "FORWARDED_ALLOW_IPS",
        "DATABASE_URL",
        "SIDECAR_API_KEY",
        "SIDECAR_API_KEY_PREVIOUS",
        "COMMERCE_BACKEND_URL",
        "COMMERCE_BACKEND_KEY",
        "CALLBACK_URL",
        "STOREFRONT_URL",
        "STOREFRONT_REVIEW_PATH",
        "DEFAULT_LOCALE",
        "DEFAULT_COUNTRY_CODE",
        "SIDECAR_URL",
        "LOG_LEVEL",
        "HOST",
        "PORT",
        "WEB_CONCURRENCY",
    }
)
PYTHON: Final = (sys.executable, "-m")
START_TIMEOUT: Final = 90.0  # a cold disk under load takes its time
KNOCK_PAUSE: Final = 0.1
STOP_TIMEOUT: Final = 10.0
TAIL: Final = 25


class ChildFailed(Exception):
    """A child died, or never became ready; its last words are part of the story."""

    def __init__(self, child: "Child", what: str) -> None:
        super().__init__(f"the {child.name} {what}")
        self.child = child
        self.last_words = child.tail()  # now: the log goes with the folder


@dataclass(frozen=True, slots=True)
class Child:
    name: str
    process: asyncio.subprocess.Process
    log: Path

    def tail(self) -> list[str]:
        return self.log.read_text("utf-8", "replace").splitlines()[-TAIL:]


def environment(inherited: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """What a child sees: the visitor's environment without any setting of ours, then the demo's own.

    Settings are read without regard to case, so they are taken out without regard to it.
    """
    kept = {name: value for name, value in inherited.items() if name.upper() not in SETTINGS}
    neighbours = {"NO_PROXY": "*", "no_proxy": "*", "PYTHONUNBUFFERED": "1"}  # everybody lives on this machine
    return {**kept, **neighbours, **settings}


@asynccontextmanager
async def running(
    name: str,
    arguments: list[str],
    settings: Mapping[str, str],
    folder: Path,
    program: Sequence[str] = PYTHON,
    home: Path | None = None,
) -> AsyncIterator[Child]:
    """Run `python -m …`, or another program, in the demo's folder or its own, where no `.env` of the visitor lies.

    It gets a session of its own: Ctrl-C is for the demo, which then ends its children in order.
    """
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *[*program, *arguments],
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            cwd=home or folder,
            env=environment(os.environ, settings),
            start_new_session=True,
        )
    try:
        yield Child(name, process, log)
    finally:
        await stop(process)


async def stop(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_TIMEOUT)
    except (TimeoutError, asyncio.CancelledError):
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def healthy(http: httpx.AsyncClient, child: Child, url: str) -> None:
    """Knock until the child answers 200."""
    try:
        async with asyncio.timeout(START_TIMEOUT):
            await while_alive([child], _knock(http, url))
    except TimeoutError:
        raise ChildFailed(child, f"was not ready after {START_TIMEOUT:.0f} s ({url})") from None


async def _knock(http: httpx.AsyncClient, url: str) -> None:
    while True:
        with suppress(httpx.HTTPError):
            if (await http.get(url)).status_code == httpx.codes.OK:
                return
        await asyncio.sleep(KNOCK_PAUSE)


async def while_alive(children: list[Child], work: Awaitable[Outcome]) -> Outcome:
    """Do the work; when a child dies meanwhile, stop and say which."""
    task = asyncio.ensure_future(work)
    deaths = {asyncio.create_task(child.process.wait()): child for child in children}
    try:
        await asyncio.wait({task, *deaths}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        dead = next(child for death, child in deaths.items() if death.done())
        raise ChildFailed(dead, f"ended by itself with status {dead.process.returncode}")
    finally:
        await _cancelled(task, *deaths)


async def _cancelled(*tasks: asyncio.Future[Outcome] | asyncio.Task[int]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
