"""Certificates as they are met: real ones, over a real line."""

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
import pytest
import trustme

from sidecar.clock import Millis, system_clock
from sidecar.doctor import certificate
from sidecar.doctor.asking import Silence, ask, reason
from sidecar.doctor.certificate import DAY, Validity
from sidecar.doctor.finding import Grade

NOW: Final = Millis(1_790_000_000_000)
HELLO: Final = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@asynccontextmanager
async def served(issued: trustme.LeafCert | None, says: bytes = HELLO) -> AsyncIterator[int]:
    """Serve TLS with a certificate, or plain HTTP without one; the port."""
    context = None
    if issued:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issued.configure_cert(context)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1024)
        writer.write(says)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def met(authority: trustme.CA, issued: trustme.LeafCert | None) -> Validity | Silence:
    async def meet() -> Validity | Silence:
        async with served(issued) as port:
            return await certificate.shown(f"https://localhost:{port}", trusting(authority))

    return asyncio.run(meet())


def ending(days: float) -> dt.datetime:
    return dt.datetime.now(dt.UTC) + dt.timedelta(days=days)


def test_a_good_certificate_says_until_when(authority: trustme.CA) -> None:
    it = met(authority, authority.issue_cert("localhost", not_before=ending(-1), not_after=ending(30)))

    assert not isinstance(it, Silence)
    assert it.since < system_clock()
    assert 29 * DAY < it.until - system_clock() <= 30 * DAY


def test_an_expired_certificate_is_named(authority: trustme.CA) -> None:
    issued = authority.issue_cert("localhost", not_before=ending(-90), not_after=ending(-1))

    assert met(authority, issued) == Silence("its certificate is not to be trusted (certificate has expired)")


def test_a_certificate_of_another_name_is_named(authority: trustme.CA) -> None:
    found = met(authority, authority.issue_cert("shop.uz"))

    assert isinstance(found, Silence)
    assert "Hostname mismatch" in found.reason


def test_a_certificate_that_nobody_vouches_for_is_named(authority: trustme.CA) -> None:
    found = met(authority, trustme.CA().issue_cert("localhost"))

    assert isinstance(found, Silence)
    assert found.reason.startswith("its certificate is not to be trusted")


def test_a_port_without_tls_is_named(authority: trustme.CA) -> None:
    assert met(authority, None) == Silence("it does not speak TLS with us")


@pytest.mark.parametrize(
    ("whole", "left", "grade", "words"),
    [
        (90 * DAY, 14 * DAY, Grade.GOOD, "valid for another 14 days"),
        (90 * DAY, 14 * DAY - 1, Grade.WARNING, "valid for another 13 days"),
        (6 * DAY, 2 * DAY, Grade.GOOD, "valid for another 2 days"),
        (DAY // 2, DAY // 8, Grade.GOOD, "valid for another 3 hours"),
        (DAY // 2, DAY // 8 - 1, Grade.WARNING, "valid for another 2 hours"),
    ],
)
def test_somebody_should_know_before_its_end(whole: int, left: int, grade: Grade, words: str) -> None:
    [found] = certificate.judged(Validity(Millis(NOW + left - whole), Millis(NOW + left)), NOW)

    assert (found.grade, found.found) == (grade, words)


# ── other silences ────────────────────────────────────────────────────────────────────────────────────────────────────


def asked(issued: trustme.LeafCert | None, url: str, says: bytes = HELLO) -> Any:
    async def meet() -> Any:
        async with served(issued, says) as port, httpx.AsyncClient(trust_env=False) as client:
            return await ask(client, "GET", url.format(port=port))

    return asyncio.run(meet())


def test_an_answer_is_whole_and_no_redirect_is_followed() -> None:
    moved = b"HTTP/1.1 301 Moved\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"

    assert asked(None, "http://127.0.0.1:{port}/").body == b"hello"
    assert asked(None, "http://127.0.0.1:{port}/", moved).redirects


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:1/", "nobody listens there"),
        ("http://no-such-host.invalid/", "its name is not known"),
        ("https://127.0.0.1:{port}/", "it does not speak TLS with us"),
    ],
)
def test_each_silence_has_its_reason(url: str, words: str) -> None:
    assert asked(None, url) == Silence(words)


def test_half_an_answer_is_none() -> None:
    half = b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello"

    assert asked(None, "http://127.0.0.1:{port}/", half) == Silence("it hung up, or does not speak HTTP")
    assert asked(None, "http://127.0.0.1:{port}/", b"SSH-2.0\r\n") == Silence("it hung up, or does not speak HTTP")


def test_a_time_out_is_a_time_out_however_it_is_wrapped() -> None:
    for error in (TimeoutError(), httpx.ReadTimeout("x"), httpx.ConnectTimeout("x")):
        assert reason(error) == "no answer within 6 s"


def test_what_nobody_foresaw_is_named_by_its_kind_and_never_by_its_text() -> None:
    assert reason(OSError("https://user:hunter2@shop.uz")) == "no answer (OSError)"
