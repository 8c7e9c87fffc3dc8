"""What a browser holds: a ticket once it has signed in, a token in every form, and a mark that it once had a ticket.

All are signed with keys made from CONSOLE_PASSWORD and stored nowhere: another password ends every session at once, and
any replica honours what another one has given out.
"""

import hashlib
import secrets
from typing import Any, Final, NamedTuple

from itsdangerous import BadData, URLSafeSerializer
from pydantic import SecretStr

from sidecar.clock import HOUR, Millis

LIFE: Final = 12 * HOUR
# Somebody who reads a ticket off a wire must not find the password by trying: each guess costs them 16 MB and 50 ms.
SLOWLY: Final = {"n": 2**14, "r": 8, "p": 1}


class Ticket(NamedTuple):
    id: str
    until: Millis


class Tickets:
    def __init__(self, password: SecretStr) -> None:
        key = hashlib.scrypt(password.get_secret_value().encode(), salt=b"payme-sidecar console", **SLOWLY)
        self._tickets = _seal(key, "ticket")
        self._tokens = _seal(key, "token")
        self._marks = _seal(key, "mark")

    def issue(self, now: Millis) -> str:
        return str(self._tickets.dumps([secrets.token_urlsafe(16), now + LIFE]))

    def read(self, text: str, now: Millis) -> Ticket | None:
        """Give the ticket if it is ours and not over; the end of its life is no part of it."""
        match _opened(self._tickets, text):
            case [str(id_), int(until)] if now < until:
                return Ticket(id_, Millis(until))
        return None

    def token(self, holder: str) -> str:
        """Make what a form must bring: it fits the ticket or the visit it was made for, and no other."""
        return str(self._tokens.dumps(holder))

    def fits(self, token: str, holder: str) -> bool:
        return bool(holder) and _opened(self._tokens, token) == holder

    def mark(self) -> str:
        """Mark a browser that knew the password, so that its owner has tries of their own (see `patience`)."""
        return str(self._marks.dumps(secrets.token_urlsafe(16)))

    def marked(self, text: str) -> str | None:
        found = _opened(self._marks, text)
        return found if isinstance(found, str) else None


def visit() -> str:
    """Name a browser that has no ticket yet."""
    return secrets.token_urlsafe(16)


def _seal(key: bytes, purpose: str) -> URLSafeSerializer:
    signing = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return URLSafeSerializer(key, salt=f"payme-sidecar console {purpose}", signer_kwargs=signing)


def _opened(seal: URLSafeSerializer, text: str) -> Any:
    try:
        return seal.loads(text)
    except BadData:
        return None
