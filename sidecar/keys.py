"""The keys a door accepts: two while one takes the other's place, so that neither side ever stops."""

import hmac
from collections.abc import Callable, Mapping
from enum import StrEnum

from pydantic import SecretStr

Compare = Callable[[bytes, bytes], bool]


class Key(StrEnum):
    """Which one it was; all that is ever said of a key."""

    CURRENT = "current"
    PREVIOUS = "previous"
    TEST = "test"


class Keys:
    """Each credential is compared as a whole and in constant time, also after another one has matched."""

    def __init__(self, credentials: Mapping[Key, bytes], compare: Compare = hmac.compare_digest) -> None:
        self._credentials = credentials
        self._compare = compare

    def shown(self, credential: bytes) -> Key | None:
        matches = [key for key, accepted in self._credentials.items() if self._compare(credential, accepted)]
        return matches[0] if matches else None


def credentials(before: str, secrets: Mapping[Key, SecretStr | None]) -> dict[Key, bytes]:
    """Write each secret that is set as a caller shows it."""
    return {key: f"{before}{it.get_secret_value()}".encode() for key, it in secrets.items() if it}
