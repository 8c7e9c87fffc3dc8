"""How often a password may be tried: a few times at once, then once in a while, by whom and never for good.

A guesser at one address leaves the tries of every other address alone. An owner behind the same address (an office, or
a proxy nobody was told of) has tries of their own: their browser carries a mark from the last time it was let in.

Nobody waits for what others do: when too many have tried, whoever tried longest ago is forgotten. So a guesser with
more addresses than are remembered is held back by the length of the password alone.
"""

from collections import OrderedDict
from typing import Final

from sidecar.clock import SECOND, Millis

TRIES: Final = 5  # in a row
PAUSE: Final = 30 * SECOND  # until one more
CALLERS_MAX: Final = 10_000  # remembered at once, two megabytes; of more than that the last who tried


class Patience:
    """A bucket of `TRIES` for each caller; every `PAUSE` a try drips back into it."""

    def __init__(self) -> None:
        # Who has tried, the last of them at the end → when the bucket is full again.
        self._full_again: OrderedDict[str, Millis] = OrderedDict()

    def wait(self, caller: str, now: Millis) -> int:
        """Say how many milliseconds until this caller may try; 0 is now."""
        missing = max(0, self._full_again.get(caller, now) - now)
        return max(0, missing - (TRIES - 1) * PAUSE)

    def tried(self, caller: str, now: Millis) -> None:
        self._full_again[caller] = Millis(max(now, self._full_again.get(caller, now)) + PAUSE)
        self._full_again.move_to_end(caller)
        if len(self._full_again) > CALLERS_MAX:
            self._full_again.popitem(last=False)

    def forgive(self, caller: str) -> None:
        self._full_again.pop(caller, None)
