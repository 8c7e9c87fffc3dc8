"""The commerce backend of the suite: it misbehaves as told, and counts an idempotency key once."""

import asyncio
import base64
import json
import random
from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from faults.backend import BEHAVIOURS, CommerceBackend, Mode
from faults.http import Client, NoAnswer

KEY: Final = "sk_key"
PATH: Final = "/admin/payme/payment-sessions/ses-1/authorize"
# What a caller sees of a mode: a status, or nothing that is an answer.
SEEN: Final[dict[Mode, int | None]] = {
    Mode.HEALTHY: 200,
    Mode.BROKEN: 500,
    Mode.BAD_GATEWAY: 502,
    Mode.OVERLOADED: 503,
    Mode.TOO_MANY: 429,
    Mode.TIMED_OUT: 408,
    Mode.LOCKED_OUT: 401,
    Mode.REFUSING: 404,
    Mode.CONFLICT: 409,
    Mode.GONE: 410,
    Mode.SENSELESS: 422,
    Mode.WEB_PAGE: 200,
    Mode.SPEECHLESS: None,  # its answer has no length, and our client wants one
    Mode.REDIRECT: 302,
    Mode.HANGING: None,
    Mode.TRICKLING: None,
    Mode.GARBAGE: None,
    Mode.HALF: None,
    Mode.LOST_REPLY: None,
}


def visited(visit: Callable[[CommerceBackend], Awaitable[Any]]) -> CommerceBackend:
    backend = CommerceBackend(KEY, random.Random(1))

    async def opened() -> None:
        await backend.start()
        await visit(backend)
        await backend.kill()

    asyncio.run(opened())
    return backend


async def tell(backend: CommerceBackend, body: Any = None, key: str = "authorize:tx", secret: str = KEY) -> int | None:
    client = Client(patience=0.5)
    credential = base64.b64encode(f"{secret}:".encode()).decode()
    headers = {"authorization": f"Basic {credential}", "idempotency-key": key}
    try:
        return (await client.ask(backend.port, "POST", PATH, headers, json.dumps(body or {}).encode())).status
    except NoAnswer:
        return None
    finally:
        client.close()


@pytest.mark.parametrize("mode", SEEN)
def test_a_mode_is_seen_as_what_it_is_called(mode: Mode) -> None:
    seen: list[int | None] = []

    async def visit(backend: CommerceBackend) -> None:
        backend.mode = mode
        seen.append(await tell(backend))

    backend = visited(visit)

    assert seen == [SEEN[mode]]
    assert len(backend.effects) == BEHAVIOURS[mode].does


def test_a_key_that_comes_again_has_no_second_effect() -> None:
    async def visit(backend: CommerceBackend) -> None:
        assert [await tell(backend), await tell(backend)] == [200, 200]

    backend = visited(visit)

    assert (len(backend.asked), len(backend.effects), backend.contradictions) == (2, 1, [])


def test_a_key_that_comes_with_another_content_is_noted() -> None:
    async def visit(backend: CommerceBackend) -> None:
        await tell(backend, {"amount": 1})
        await tell(backend, {"amount": 2})

    assert len(visited(visit).contradictions) == 1


def test_a_stranger_is_sent_away() -> None:
    async def visit(backend: CommerceBackend) -> None:
        assert await tell(backend, secret="guessed") == 401

    backend = visited(visit)

    assert (backend.strangers, backend.effects) == (1, [])


def test_one_session_may_have_a_mode_of_its_own() -> None:
    async def visit(backend: CommerceBackend) -> None:
        backend.modes["ses-1"] = Mode.BROKEN
        assert await tell(backend) == 500

    visited(visit)


def test_a_killed_backend_answers_nobody_and_remembers_what_it_did() -> None:
    async def visit(backend: CommerceBackend) -> None:
        await tell(backend)
        await backend.kill()
        assert await tell(backend) is None
        await backend.start()
        assert await tell(backend) == 200

    assert len(visited(visit).effects) == 1
