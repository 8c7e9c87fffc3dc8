"""The period that is looked at: half-open, in milliseconds."""

from datetime import timedelta
from typing import NamedTuple

from sidecar import days
from sidecar.clock import Millis


class Period(NamedTuple):
    start: Millis
    end: Millis  # the first millisecond after it

    @classmethod
    def read(cls, start: str | None, end: str | None, now: Millis) -> "Period":
        """Read `--from` and `--to`; without any, the whole of yesterday in Tashkent. A day given as end is inside.

        Raises:
            ValueError: a text names no moment, or the period has no length; the message says so.
        """
        yesterday = days.day_of(now) - timedelta(days=1)
        found = cls(
            days.read_moment(start, now) if start else days.day_start(yesterday),
            days.read_end(end, now) if end else days.day_start(days.day_of(now)) if not start else now,
        )
        if found.end <= found.start:
            raise ValueError(f"the period {found} has no length: --to must be after --from")
        return found

    def holds(self, moment: Millis) -> bool:
        return self.start <= moment < self.end

    def __str__(self) -> str:
        return f"{days.said(self.start)} – {days.said(Millis(self.end - 1))}"
