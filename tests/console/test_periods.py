"""The days that the figures are of."""

from datetime import date

import pytest

from sidecar.clock import Millis
from sidecar.console.periods import DAYS_MAX, period
from sidecar.days import DAY, day_start

NOW = Millis(day_start(date(2026, 11, 21)) + 1)


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ({}, "2026-11-15", "2026-11-21"),
        ({"period": "today"}, "2026-11-21", "2026-11-21"),
        ({"period": "month"}, "2026-10-23", "2026-11-21"),
        ({"period": "for ever"}, "2026-11-15", "2026-11-21"),
        ({"from": "2026-11-01", "to": "2026-11-03"}, "2026-11-01", "2026-11-03"),
        ({"from": "2026-11-20"}, "2026-11-20", "2026-11-21"),
        ({"from": "2026-11-03", "to": "2026-11-01"}, "2026-11-15", "2026-11-21"),
        ({"from": "yesterday", "to": "2026-13-01"}, "2026-11-15", "2026-11-21"),
        ({"from": "2001-01-01", "to": "2026-11-21"}, "2026-08-22", "2026-11-21"),
    ],
)
def test_a_period_is_what_was_asked_for_or_the_last_week(wanted: dict[str, str], first: str, last: str) -> None:
    found = period(wanted, NOW)

    assert (str(found.first), str(found.last)) == (first, last)
    assert found.days <= DAYS_MAX


def test_a_period_ends_where_the_day_after_it_begins() -> None:
    found = period({"from": "2026-11-20", "to": "2026-11-21"}, NOW)

    assert (found.start, found.end) == (day_start(date(2026, 11, 20)), day_start(date(2026, 11, 20)) + 2 * DAY)


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "1999-12-31"])
def test_the_ends_of_the_calendar_are_nobodys_period(day: str) -> None:
    assert period({"from": day, "to": day}, NOW).name == "week"
