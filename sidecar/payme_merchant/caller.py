"""Is it Payme? The Basic credential and the address it calls from (spec, sections 1.3 and 1.5)."""

import base64
import binascii
import hmac
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from starlette.types import Scope

from sidecar.settings import Network, Settings

Address = IPv4Address | IPv6Address
SCHEME: Final = b"basic "


class Caller:
    """What a caller must show. The whole `login:key` is compared, byte for byte and in constant time."""

    def __init__(self, settings: Settings) -> None:
        keys = [settings.payme_key]
        if settings.payme_test_mode and settings.payme_test_key:
            keys.append(settings.payme_test_key)
        self._credentials = [f"{settings.payme_login}:{key.get_secret_value()}".encode() for key in keys]
        self._allowed = settings.payme_allowed_ips
        self._proxies = settings.forwarded_allow_ips

    def is_payme(self, scope: Scope) -> bool:
        return self._from_allowed_address(scope) and self._has_credential(headers(scope, b"authorization"))

    def _has_credential(self, authorization: Sequence[bytes]) -> bool:
        if len(authorization) != 1 or authorization[0][: len(SCHEME)].lower() != SCHEME:
            return False
        try:
            shown = base64.b64decode(authorization[0][len(SCHEME) :].strip(), validate=True)
        except binascii.Error:
            return False
        matches = [hmac.compare_digest(shown, credential) for credential in self._credentials]
        return any(matches)

    def _from_allowed_address(self, scope: Scope) -> bool:
        if not self._allowed:
            return True
        peer = address(scope["client"][0]) if scope.get("client") else None
        if peer and _within(peer, self._proxies):
            forwarded = b",".join(headers(scope, b"x-forwarded-for")).rpartition(b",")[2]
            peer = address(forwarded.decode("latin-1").strip())
        return peer is not None and _within(peer, self._allowed)


def headers(scope: Scope, name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key == name]


def address(text: str) -> Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def _within(peer: Address, networks: Iterable[Network]) -> bool:
    return any(peer in network for network in networks)
