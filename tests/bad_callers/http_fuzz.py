"""The real server, sent HTTP with something wrong between the bytes."""

import json
import re
import socket
from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from tests.bad_callers.openapi_fuzz import rules
from tests.bad_callers.payme_fuzz import BODIES, judged
from tests.line import GOOD, KEY_LINE, WRONG_KEY_LINE, chunked, post, somebody_is_served
from tests.shop import API_KEY

SILENCE: Final = 0.05  # seconds without a word: it waits for more, and would hang up in the end
BEARER: Final = f"Authorization: Bearer {API_KEY}\r\n".encode()

GOOD_CALLS: Final = st.one_of(
    BODIES.map(post),
    BODIES.map(lambda body: post(body, key=WRONG_KEY_LINE)),
    st.lists(st.binary(min_size=1, max_size=20), max_size=4).map(lambda pieces: chunked(*pieces) + b"0\r\n\r\n"),
    st.sampled_from(
        (
            post(),
            chunked(GOOD) + b"0\r\n\r\n",
            b"GET /healthz HTTP/1.1\r\nHost: sidecar\r\n\r\n",
            b"GET /payment-status/payses_01 HTTP/1.1\r\nHost: sidecar\r\n\r\n",
            b"GET /payment-sessions/payses_01/qr.svg?token=x HTTP/1.1\r\nHost: sidecar\r\n\r\n",
            post(b'{"id":"payses_01","amount":1,"currency_code":"uzs"}', path=b"/payment-sessions", key=BEARER),
            b"DELETE /payment-sessions/payses_99 HTTP/1.1\r\nHost: sidecar\r\n" + BEARER + b"\r\n",
        )
    ),
)
PIECES: Final = re.compile(rb"\r\n|[^\r\n]+|.", re.DOTALL)
JUNK: Final = (
    *(b"\r\n", b"\n", b"\r", b"\x00", b" ", b"\t", b":", b"\xff", b"0\r\n\r\n", b"GET / HTTP/1.1\r\n"),
    *(
        b"Content-Length: 3\r\n",
        b"Content-Length: -1\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Host: a\r\nHost: b\r\n",
    ),
    *(b"Expect: 100-continue\r\n", b"Connection: close, upgrade\r\nUpgrade: h2c\r\n", KEY_LINE, WRONG_KEY_LINE),
    *(b"Content-Encoding: gzip\r\n", b"X: " + b"a" * 20_000 + b"\r\n", b"%2e%2e%2f", b"%00", b"//", b"?a=b#c"),
)


@st.composite
def wrong_http(draw: st.DrawFn) -> bytes:
    """One to three calls on one connection; in some of them a line, a piece or a byte is wrong."""
    said = b"".join(draw(st.lists(GOOD_CALLS, min_size=1, max_size=3)))
    pieces = PIECES.findall(said) or [b""]
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(pieces) - 1))
        match draw(st.sampled_from(("drop", "double", "junk", "junk", "byte"))):
            case "drop" if len(pieces) > 1:
                del pieces[place]
            case "double":
                pieces.insert(place, pieces[place])
            case "junk":
                pieces.insert(place, draw(st.sampled_from(JUNK)))
            case "byte":
                at = draw(st.integers(0, len(pieces[place])))
                pieces[place] = pieces[place][:at] + draw(st.binary(max_size=2)) + pieces[place][at + 1 :]
    return b"".join(pieces)


class Heard(NamedTuple):
    status: int
    head: bytes
    body: bytes


def run(port: int, examples: int, seed: int) -> Counter[str]:
    """So many connections; count the answers by status, and the connections that got none."""
    counts: Counter[str] = Counter()

    @rules(examples, seed)
    @given(said=wrong_http(), cut=st.integers(0, 3))
    def speak(said: bytes, cut: int) -> None:
        pieces = [said] if not cut else [said[: len(said) * cut // 4], said[len(said) * cut // 4 :]]
        heard = list(answers(conversation(port, pieces)))
        for it in heard:
            judge(it)
        counts.update(f"HTTP {it.status}" for it in heard)
        counts["HTTP, no answer"] += not heard

    speak()
    somebody_is_served(port)
    return counts


def conversation(port: int, pieces: list[bytes]) -> bytes:
    """Say it, and hear all that comes before a hang-up or a silence."""
    heard = b""
    with socket.create_connection(("127.0.0.1", port), SILENCE) as line:
        try:
            for piece in pieces:
                line.sendall(piece)
            while more := line.recv(65_536):
                heard += more
        except (TimeoutError, ConnectionError):
            pass
    return heard


def answers(heard: bytes) -> Iterator[Heard]:
    """Take the stream of answers apart; what is no answer at all is a failure."""
    while heard:
        head, end, rest = heard.partition(b"\r\n\r\n")
        assert end, heard
        first = re.match(rb"HTTP/1\.1 (\d{3}) ", head)
        assert first, head
        status = int(first[1])
        length = re.search(rb"\r\ncontent-length: (\d+)", head)
        size = int(length[1]) if length and status != 100 else 0
        # The answer to a HEAD has a length and no body: then the next answer follows at once.
        size = 0 if rest.startswith(b"HTTP/1.1 ") else min(size, len(rest))
        yield Heard(status, head, rest[:size])
        heard = rest[size:]


def judge(heard: Heard) -> None:
    assert heard.status < 500, heard
    if heard.status >= 400 and b"application/json" in heard.head and heard.body:
        assert set(json.loads(heard.body)) == {"type", "code", "message"}
    if heard.body.startswith(b'{"jsonrpc"'):
        assert heard.status == 200
        judged(json.loads(heard.body))
