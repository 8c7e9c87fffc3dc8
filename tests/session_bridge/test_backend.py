"""The two calls to the commerce backend, and what its answers mean."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from demo_shop.postgres import free_port
from sidecar.clock import Millis
from sidecar.outbox import Message, MessageState
from sidecar.session_bridge.backend import EXCERPT_LENGTH, WEEK, Answer, Backend, Outcome
from sidecar.vocabulary import Topic
from tests.shop import BACKEND_KEY, Shop, basic, settings

MESSAGE = Message(1, "payses:01", Topic.AUTHORIZE, "tx1", "{}", MessageState.WAITING, Millis(1), Millis(1), 1, "")


def tell(answers: httpx.MockTransport, deadline: float = 30.0, base: str = "http://medusa.test") -> Answer:
    async def work() -> Answer:
        async with httpx.AsyncClient(transport=answers) as client:
            given = settings("sqlite:///x.db", commerce_backend_url=base)
            return await Backend(given, client, deadline).tell(MESSAGE)

    return asyncio.run(work())


def answering(status: int, text: str = "") -> httpx.MockTransport:
    return httpx.MockTransport(lambda _request: httpx.Response(status, text=text))


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_means_done(status: int) -> None:
    assert tell(answering(status)).outcome is Outcome.DELIVERED


@pytest.mark.parametrize("status", [404, 409, 410, 422])
def test_four_answers_mean_that_a_person_must_look(status: int) -> None:
    assert tell(answering(status)).outcome is Outcome.REFUSED


@pytest.mark.parametrize("status", [301, 302, 307, 400, 405, 408, 413, 418, 429, 500, 502, 503, 504])
def test_any_other_answer_means_ask_again(status: int) -> None:
    assert tell(answering(status)).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_told_apart(status: int) -> None:
    assert tell(answering(status)).outcome is Outcome.DENIED


@pytest.mark.parametrize(
    ("headers", "milliseconds"),
    [
        ({}, 0),
        ({"retry-after": "7"}, 7_000),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "-7"}, 0),
        ({"retry-after": "1.5"}, 0),
        ({"retry-after": "soon"}, 0),
        ({"retry-after": "999999999"}, WEEK * 1_000),
        ({"retry-after": "9" * 5_000}, 0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 30_000),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT", "date": "Wed, 21 Oct 2026 07:28:30 GMT"}, 0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT"}, 0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 -0000", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 0),
    ],
)
def test_how_long_the_backend_asks_to_be_left_alone(headers: dict[str, str], milliseconds: int) -> None:
    """A date is held against the answer's own, so that our clock has no say in it."""
    transport = httpx.MockTransport(lambda _request: httpx.Response(503, headers=headers))

    assert tell(transport).retry_after == milliseconds


def test_a_redirect_is_not_followed() -> None:
    asked: list[str] = []

    def elsewhere(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(307, headers={"location": "http://169.254.169.254/"})

    tell(httpx.MockTransport(elsewhere))
    assert asked == ["http://medusa.test/admin/payme/payment-sessions/payses%3A01/authorize"]


def test_no_connection_means_ask_again() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    assert tell(httpx.MockTransport(refuse)) == Answer(Outcome.UNKNOWN, "ConnectError: refused")


def test_silence_is_cut_at_the_deadline_and_means_ask_again() -> None:
    async def hang(_request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60)
        return httpx.Response(200)

    assert tell(httpx.MockTransport(hang), deadline=0.05) == Answer(Outcome.UNKNOWN, "no answer within 0.05 s")


def test_an_answer_that_trickles_is_cut_at_the_same_deadline() -> None:
    async def trickle() -> AsyncIterator[bytes]:
        while True:
            yield b"."
            await asyncio.sleep(0.01)

    transport = httpx.MockTransport(lambda _request: httpx.Response(200, content=trickle()))
    assert tell(transport, deadline=0.1).outcome is Outcome.UNKNOWN


def test_half_an_answer_is_no_answer_whatever_its_status_said() -> None:
    async def half() -> AsyncIterator[bytes]:
        yield b"{"
        raise httpx.RemoteProtocolError("peer closed connection")

    transport = httpx.MockTransport(lambda _request: httpx.Response(200, content=half()))
    assert tell(transport).outcome is Outcome.UNKNOWN


def test_an_endless_answer_is_read_up_to_a_limit() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 10_000

    transport = httpx.MockTransport(lambda _request: httpx.Response(200, content=endless()))
    assert tell(transport).outcome is Outcome.DELIVERED


def test_a_small_answer_that_unpacks_to_a_gigabyte_is_kept_packed() -> None:
    packed = b"not gzip at all, or far too much of it"
    transport = httpx.MockTransport(
        lambda _request: httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(packed))
    )

    assert tell(transport) == Answer(Outcome.DELIVERED, f"200 {packed.decode()}")


@pytest.mark.parametrize("said_back", ["HTTP/1.1 200 OK\r\n{}\r\n\r\n", "{}\r\n\r\n"])
def test_a_server_that_says_back_our_key_gives_it_to_nobody(said_back: str) -> None:
    """An echo server at a wrong port speaks no HTTP, and the error would quote it."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        (line,) = (line for line in head.split("\r\n") if line.lower().startswith("authorization"))
        writer.write(said_back.format(line.replace(":", "")).encode())
        writer.close()

    async def work() -> Answer:
        server = await asyncio.start_server(echo, "127.0.0.1", free_port())
        port = server.sockets[0].getsockname()[1]
        async with server, httpx.AsyncClient() as client:
            given = settings("sqlite:///x.db", commerce_backend_url=f"http://127.0.0.1:{port}")
            return await Backend(given, client).tell(MESSAGE)

    answer = asyncio.run(work())
    assert answer.outcome is Outcome.UNKNOWN
    assert "Basic …" in answer.text


def test_what_the_backend_said_is_kept_as_one_short_printable_line() -> None:
    text = tell(answering(409, '{"code":\n\t"stock_gone\x1b[31m",' + "x" * 1000)).text

    assert text.startswith('409 {"code": "stock_gone [31m",')
    assert len(text) <= EXCERPT_LENGTH
    assert text.isprintable()


def test_the_authorize_call_is_the_contracts(shop: Shop) -> None:
    shop.paid()
    shop.deliver()
    (request,) = shop.backend.asked

    assert request.method == "POST"
    assert str(request.url) == "http://medusa.test/admin/payme/payment-sessions/payses_01/authorize"
    assert request.headers["authorization"] == basic(f"{BACKEND_KEY}:")
    assert request.headers["idempotency-key"] == "authorize:tx1"
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.content) == {
        "transaction_id": "tx1",
        "amount": 14_000_000,
        "perform_time": shop.check()["result"]["perform_time"],
    }


def test_the_cancel_call_is_the_contracts(shop: Shop) -> None:
    shop.paid().deliver()
    shop.cancel(reason=5)
    shop.deliver()
    request = shop.backend.asked[1]

    assert str(request.url) == "http://medusa.test/admin/payme/payment-sessions/payses_01/cancel"
    assert request.headers["idempotency-key"] == "cancel:tx1"
    assert json.loads(request.content) == {
        "transaction_id": "tx1",
        "amount": 14_000_000,
        "reason": 5,
        "cancel_time": shop.check()["result"]["cancel_time"],
    }


def test_the_backend_may_live_below_a_path() -> None:
    asked: list[str] = []

    def note(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200)

    tell(httpx.MockTransport(note), base="http://medusa.test/shop")
    assert asked == ["/shop/admin/payme/payment-sessions/payses:01/authorize"]
