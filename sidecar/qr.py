"""A payment link as a QR code, and the token that opens it to a browser, which can show no key."""

import base64
import hmac
import io
from collections.abc import Callable
from typing import Final, NamedTuple

import segno

QUIET_ZONE: Final = 4  # modules, as the standard wants
PNG_WIDTH_MIN: Final = 600  # pixels; a camera reads it from a screen at arm's length
SVG_SCALE: Final = 8
TOKEN_BYTES: Final = 16


class LinkTooLong(Exception):
    """No QR code holds so much text and stays readable."""


class Drawing(NamedTuple):
    media_type: str
    draw: Callable[[str], bytes]


def url(sidecar_url: str, key: str, session_id: str) -> str:
    return f"{sidecar_url}/payment-sessions/{session_id}/qr.svg?token={token(key, session_id)}"


def token(key: str, session_id: str) -> str:
    """Make what opens the code of this one session and nothing else: the link in it tells the amount."""
    digest = hmac.digest(key.encode(), f"qr:{session_id}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:TOKEN_BYTES]).rstrip(b"=").decode("ascii")


def svg(text: str) -> bytes:
    # White is drawn, not left out: on a dark page nobody's camera would see the code.
    return _saved(_code(text), "svg", scale=SVG_SCALE, unit="px", light="#fff", xmldecl=False, lineclass=None)


def png(text: str) -> bytes:
    code = _code(text)
    width, _ = code.symbol_size(border=QUIET_ZONE)
    return _saved(code, "png", scale=-(-PNG_WIDTH_MIN // width))


def _code(text: str) -> segno.QRCode:
    try:
        return segno.make_qr(text, error="m", boost_error=False)
    except segno.DataOverflowError:
        raise LinkTooLong from None


def _saved(code: segno.QRCode, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    code.save(out, kind=kind, border=QUIET_ZONE, **options)
    return out.getvalue()


DRAWINGS: Final = {"svg": Drawing("image/svg+xml", svg), "png": Drawing("image/png", png)}
