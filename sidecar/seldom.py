"""Lines that may be due thousands of times a minute, written now and then with the number of those left out."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

PAUSE: Final = 60.0  # seconds between two lines about one subject
SUBJECTS_MAX: Final = 1_000  # remembered at once; a flood from everywhere fills no memory


@dataclass
class _Lull:
    since: float
    left_out: int = 0


class Seldom:
    def __init__(self, pause: float = PAUSE, subjects_max: int = SUBJECTS_MAX) -> None:
        self._pause = pause
        self._subjects_max = subjects_max
        self._lulls: OrderedDict[str, _Lull] = OrderedDict()  # the oldest line first

    def due(self, subject: str, now: float) -> int | None:
        """Say how many were left out since the last line about it; None when this one should be, too."""
        lull = self._lulls.get(subject)
        if lull is None:
            subject = self._room_for(subject, now)
            lull = self._lulls.get(subject)
        if lull and now - lull.since < self._pause:
            lull.left_out += 1
            return None
        self._lulls[subject] = _Lull(now)
        self._lulls.move_to_end(subject)
        return lull.left_out if lull else 0

    def _room_for(self, subject: str, now: float) -> str:
        """Forget who was last mentioned long ago; where everybody is new, the many share one place."""
        while self._lulls and now - next(iter(self._lulls.values())).since >= self._pause:
            self._lulls.popitem(last=False)
        return subject if len(self._lulls) < self._subjects_max else "many others"
