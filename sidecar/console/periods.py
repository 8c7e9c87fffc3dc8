"""Which days the figures are of: the last so many, or from one day to another."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, NamedTuple

from sidecar import days
from sidecar.clock import Millis

CHOICES: Final = {"today": 1, "week": 7, "month": 30, "quarter": 90}  # days, today among them
USUAL: Final = "week"
DAYS_MAX: Final = 92  # the longest quarter, as of `GET /stats`
YEARS: Final = range(2000, 3000)  # what anybody can mean


class Period(NamedTuple):
    name: str
    """One of `CHOICES`, or empty: two days of somebody's own."""
    first: date
    last: date
    """Still in it."""

    @property
    def start(self) -> Millis:
        return days.day_start(self.first)

    @property
    def end(self) -> Millis:
        return days.day_start(days.next_day(self.last))

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def period(wanted: Mapping[str, str], now: Millis) -> Period:
    """Read what is wanted (`from` and `to`, or a name); what makes no sense is the usual one."""
    today = days.day_of(now)
    first, last = _day(wanted.get("from", "")), _day(wanted.get("to", "")) or today
    if first and first <= last:
        return Period("", max(first, last - timedelta(days=DAYS_MAX - 1)), last)
    name = wanted.get("period", "")
    name = name if name in CHOICES else USUAL
    return Period(name, today - timedelta(days=CHOICES[name] - 1), today)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None
