"""Time as Payme speaks it: whole milliseconds since 1970, UTC."""

import time
from collections.abc import Callable
from typing import Final, NewType

Millis = NewType("Millis", int)
Clock = Callable[[], Millis]

NEVER: Final = Millis(0)  # how Payme writes a time that has not come
SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE


def system_clock() -> Millis:
    return Millis(time.time_ns() // 1_000_000)
