"""What time it is, in milliseconds since 1970 UTC, and waiting: passed in, so that a test need not wait."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


def system_clock() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Time:
    now: Callable[[], int] = system_clock
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    """Seconds, as everywhere in Python."""
