"""How Payme's calls travel, and what is said when they do not."""

import asyncio
import base64
from collections.abc import Callable
from typing import Any, Final

import httpx
import pytest
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from payme_sandbox.calls import Call, Request
from payme_sandbox.merchant import Merchant, basic
from tests.payme_sandbox.opened import at_address

KEY: Final = "калит-сўз-9"
KNOCK: Final = Request("CheckTransaction", {"id": "0" * 24})


def asked(answer: Callable[[httpx.Request], Any], **headers: str | None) -> Call:
    async def visit() -> Call:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            return await Merchant(http, "http://merchant.test/", basic(f"Paycom:{KEY}")).call(KNOCK, headers=headers)

    return asyncio.run(visit())


def test_a_key_that_is_no_ascii_travels_in_utf_8() -> None:
    seen: list[bytes] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.extend(value for name, value in scope["headers"] if name == b"authorization")
        await JSONResponse({})(scope, receive, send)

    async def visit(url: str) -> None:
        async with httpx.AsyncClient(trust_env=False) as http:
            merchant = Merchant(http, url, basic(f"Paycom:{KEY}"))
            await merchant.call(KNOCK)
            await merchant.call(KNOCK, headers={"Authorization": f"Bearer {KEY}"})

    with at_address(app) as address:
        asyncio.run(visit(address))

    assert base64.b64decode(seen[0].removeprefix(b"Basic ")) == f"Paycom:{KEY}".encode()
    assert seen[1:] == [f"Bearer {KEY}".encode()]


@pytest.mark.parametrize("end", ["\n", "\r\nX-Own: 1", " ", "\t", "\x00", "\x7f"])
def test_what_no_header_can_carry_is_not_sent_and_said_without_the_key(end: str) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        raise AssertionError

    call = asked(answer, Authorization=f"Bearer {KEY}{end}")

    assert call.found == "no answer (no header can carry it)"


@pytest.mark.parametrize(
    "said", [KEY, repr(f"Bearer {KEY}".encode()), basic(f"Paycom:{KEY}"), repr(basic(f"Paycom:{KEY}").encode())]
)
def test_the_words_of_a_failure_do_not_show_the_key(said: str) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        raise httpx.LocalProtocolError(f"Illegal header value {said}")

    call = asked(answer)

    assert (call.status, "Illegal header value" in call.came, "…" in call.came) == (None, True, True)
    assert not any(secret in call.came for secret in (KEY, repr(KEY.encode())[2:-1], basic(f":{KEY}")[-12:-2]))


def test_a_failure_without_words_is_told_by_its_name() -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("")

    assert asked(answer).came == "ReadError"
