"""Is it Payme? The Basic credential and the address it calls from (spec, sections 1.3 and 1.5)."""

import base64
import binascii
from collections.abc import Sequence
from typing import Final

from starlette.types import Scope

from sidecar.doorkeeper import Door, Doorkeeper, Reason
from sidecar.keys import Key, Keys, credentials
from sidecar.metrics import Metrics
from sidecar.origin import headers, origin, within
from sidecar.settings import Settings

SCHEME: Final = b"basic "


class Caller:
    """What a caller must show. The whole `login:key` is compared, byte for byte and in constant time."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        secrets = {
            Key.CURRENT: settings.payme_key,
            Key.PREVIOUS: settings.payme_key_previous,
            Key.TEST: settings.payme_test_key if settings.payme_test_mode else None,
        }
        self._keys = Keys(credentials(f"{settings.payme_login}:", secrets))
        self._allowed = settings.payme_allowed_ips
        self._proxies = settings.forwarded_allow_ips
        self._doorkeeper = Doorkeeper(Door.PAYME, metrics, settings.forwarded_allow_ips)

    def is_payme(self, scope: Scope) -> bool:
        if not self._from_allowed_address(scope):
            self._doorkeeper.turns_away(scope, Reason.ADDRESS)
            return False
        key = self._keys.shown(_credential(headers(scope, b"authorization")))
        if key is None:
            self._doorkeeper.turns_away(scope, Reason.CREDENTIAL)
            return False
        self._doorkeeper.lets_in(scope, key)
        return True

    def _from_allowed_address(self, scope: Scope) -> bool:
        if not self._allowed:
            return True
        place = origin(scope, self._proxies)
        return place is not None and within(place, self._allowed)


def _credential(authorization: Sequence[bytes]) -> bytes:
    """Decode `login:key`; what is not exactly one Basic credential is empty, and opens nothing."""
    if len(authorization) != 1 or authorization[0][: len(SCHEME)].lower() != SCHEME:
        return b""
    try:
        return base64.b64decode(authorization[0][len(SCHEME) :].strip(), validate=True)
    except binascii.Error:
        return b""
