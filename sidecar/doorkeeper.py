"""Who stood at a door: the keys shown and the callers turned away are counted, and named in the call's own line.

Of the lines about one stranger only one a minute is worth reading; it says how many were left out.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from ipaddress import IPv4Address, ip_network
from time import monotonic
from typing import Final

import structlog
from starlette.types import Scope

from sidecar.keys import Key
from sidecar.metrics import Metrics
from sidecar.origin import Address, Network, origin
from sidecar.seldom import Seldom

UNREMARKABLE: Final = "sidecar.unremarkable"  # in the scope of a call whose line may be left out
KNOWN: Final = "sidecar.known"  # in the scope of a call that has shown a key


class Door(StrEnum):
    PAYME = "payme"
    API = "api"
    QR = "qr"
    CONSOLE = "console"


class Reason(StrEnum):
    ADDRESS = "address"
    CREDENTIAL = "credential"


class Doorkeeper:
    """Turns away by one's looks only: a flood of wrong keys never locks out the right one."""

    def __init__(
        self, door: Door, metrics: Metrics, proxies: Sequence[Network], clock: Callable[[], float] = monotonic
    ) -> None:
        self._door = door
        self._metrics = metrics
        self._proxies = proxies
        self._clock = clock
        self._seldom = Seldom()

    def lets_in(self, scope: Scope, key: Key) -> None:
        scope[KNOWN] = self._door is not Door.QR  # a code is on every screen
        self._metrics.keys_shown.labels(self._door, key).inc()
        if key is Key.PREVIOUS:
            structlog.contextvars.bind_contextvars(key=key.value)

    def turns_away(self, scope: Scope, reason: Reason) -> None:
        self._metrics.callers_refused.labels(self._door, reason).inc()
        place = neighbourhood(origin(scope, self._proxies))
        left_out = self._seldom.due(f"{reason} {place}", self._clock())
        if left_out is None:
            scope[UNREMARKABLE] = True
        else:
            structlog.contextvars.bind_contextvars(refused=reason.value, address=place, left_out=left_out)


def neighbourhood(place: Address | None) -> str:
    """One machine has one IPv4 address, and as many IPv6 addresses as it likes within 64 bits."""
    if place is None or isinstance(place, IPv4Address):
        return str(place or "unknown")
    return str(ip_network((int(place), 64), strict=False))
