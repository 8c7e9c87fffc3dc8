"""Leaving the key out of what an endpoint sends back: a debug page shows every header."""

import base64
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

KEY_LENGTH_MIN: Final = 8  # what is shorter is no key, and may well be something else
MARK: Final = "…"
HTML_NAMES: Final = {"&": b"amp", "<": b"lt", ">": b"gt", '"': b"quot", "'": b"apos", "/": b"sol", "+": b"plus"}
# Bounded: a page of nothing but backslashes must not keep a search busy.
BACKSLASHES: Final = rb"\\{1,4}"
AMPERSAND: Final = rb"&(?:amp;){0,2}"


def without_secrets(content: bytes, *authorizations: str) -> bytes:
    secrets = {secret for it in authorizations for secret in _secrets(it) if len(secret) >= KEY_LENGTH_MIN}
    for secret in sorted(secrets, key=len, reverse=True):
        content = re.sub(b"".join(map(_sign, secret)), MARK.encode(), content)
    return content


def without_secrets_in(text: str, *authorizations: str) -> str:
    return without_secrets(text.encode("utf-8", "backslashreplace"), *authorizations).decode()


def _secrets(authorization: str) -> Iterator[str]:
    """Everything that gives the key away: the header, the key, and the key alone in Base64."""
    token = authorization.rpartition(" ")[2]
    yield token.rstrip("=")
    with suppress(ValueError):  # some headers are wrong on purpose
        key = base64.b64decode(token, validate=True).decode().partition(":")[2]
        yield key
        for alone in (base64.b64encode(key.encode()), base64.urlsafe_b64encode(key.encode())):
            yield alone.decode("ascii").rstrip("=")


def _sign(sign: str) -> bytes:
    """Match one sign however it is written: as it is, or as JSON, HTML, an address or Python's repr has it."""
    raw, code = sign.encode("utf-8", "surrogatepass"), ord(sign)
    units = sign.encode("utf-16-be", "surrogatepass").hex()
    forms = [
        re.escape(raw),
        b"(?i:%s)" % b"".join(b"%su%s" % (BACKSLASHES, units[at : at + 4].encode()) for at in range(0, len(units), 4)),
        b"(?i:%s)" % b"".join(b"%sx%02x" % (BACKSLASHES, byte) for byte in raw),
        b"(?i:%s)" % b"".join(b"%%%02x" % byte for byte in raw),
        b"%s#0{0,4}%d;" % (AMPERSAND, code),
        b"(?i:%s#x0{0,4}%x;)" % (AMPERSAND, code),
    ]
    if sign == " ":
        forms.append(rb"\+")
    if sign in HTML_NAMES:
        forms.append(b"%s%s;" % (AMPERSAND, HTML_NAMES[sign]))
    # The longest first, so that no half of an escape is left behind.
    escaped = b"" if sign.isalnum() else b"(?:%s)?" % BACKSLASHES
    return b"%s(?:%s)" % (escaped, b"|".join(reversed(forms)))
