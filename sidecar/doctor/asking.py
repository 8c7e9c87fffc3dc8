"""One question over HTTP: a whole answer, or why there was none, in words that hold no secret."""

import socket
import ssl
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import httpx

PATIENCE: Final = 6.0  # seconds for one question; the callback takes up to five when it cannot ask the sidecar
ANSWER_MAX: Final = 65_536  # bytes that are read


class Reply(NamedTuple):
    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def redirects(self) -> bool:
        return httpx.codes.is_redirect(self.status)


class Silence(NamedTuple):
    reason: str


async def ask(client: httpx.AsyncClient, verb: str, url: str, **options: Any) -> Reply | Silence:
    """Ask once, and follow nothing. Never raises for what is on the other side."""
    try:
        async with client.stream(verb, url, timeout=PATIENCE, follow_redirects=False, **options) as response:
            body = b""
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > ANSWER_MAX:
                    break
            return Reply(response.status_code, response.headers, body)
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
        return Silence(reason(error))


def reason(error: BaseException) -> str:
    """Find what lies under it all. The texts of libraries may repeat an address; ours do not."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not to be trusted ({cause.verify_message.rstrip('.')})"
        for kind, words in REASONS:
            if isinstance(cause, kind):
                return words
    return f"no answer ({type(error).__name__})"


# The deepest is asked first, and of these lines the first that fits.
REASONS: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (ssl.SSLError, "it does not speak TLS with us"),
    (socket.gaierror, "its name is not known"),
    (ConnectionRefusedError, "nobody listens there"),
    (ConnectionResetError, "it hung up"),
    (httpx.TimeoutException, f"no answer within {PATIENCE:g} s"),
    (TimeoutError, f"no answer within {PATIENCE:g} s"),
    (httpx.RemoteProtocolError, "it hung up, or does not speak HTTP"),
)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Give the deepest first."""
    members = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    for deeper in (*members, error.__cause__ or error.__context__):
        if deeper is not None:
            yield from _causes(deeper)
    yield error
