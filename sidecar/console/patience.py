"""How often a password may be tried: a few times at once, then once in a while, by whom and never for good.

A guesser at one address leaves the tries of every other address alone. An owner behind the same address (an office, or
a proxy nobody was told of) has tries of their own: their browser carries a mark from the last time it was let in.
"""

from collections import OrderedDict
from typing import Final

from sidecar.clock import SECOND, Millis

TRIES: Final = 5  # in a row
PAUSE: Final = 30 * SECOND  # until one more
CALLERS_MAX: Final = 1_000  # remembered at once; those who come when it is full share one place
MANY: Final = "many others"


class Patience:
    """A bucket of `TRIES` for each caller; every `PAUSE` a try drips back into it."""

    def __init__(self) -> None:
        self._full_again: OrderedDict[str, Millis] = OrderedDict()  # who has tried → when the bucket is full again

    def wait(self, caller: str, now: Millis) -> int:
        """Say how many milliseconds until this caller may try; 0 is now."""
        missing = max(0, self._full_again.get(self._place(caller, now), now) - now)
        return max(0, missing - (TRIES - 1) * PAUSE)

    def tried(self, caller: str, now: Millis) -> None:
        place = self._place(caller, now)
        self._full_again[place] = Millis(max(now, self._full_again.get(place, now)) + PAUSE)
        self._full_again.move_to_end(place)

    def forgive(self, caller: str) -> None:
        self._full_again.pop(caller, None)

    def _place(self, caller: str, now: Millis) -> str:
        if caller in self._full_again or len(self._full_again) < CALLERS_MAX:
            return caller
        for known, full in list(self._full_again.items()):
            if full <= now:
                del self._full_again[known]
        return caller if len(self._full_again) < CALLERS_MAX else MANY
