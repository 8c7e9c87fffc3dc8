"""Days in Tashkent: where one ends, how a moment is said, and what a person may type."""

from datetime import date
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.clock import Millis
from sidecar.days import DAY, NotAMoment, day_of, day_start, next_day, read_end, read_moment, said

# 2026-11-21 00:00 in Tashkent is 2026-11-20 19:00 in London.
MIDNIGHT: Final = Millis(1_795_201_200_000)
NOW: Final = Millis(MIDNIGHT + 15 * 3_600_000 + 4 * 60_000 + 5_678)
TODAY: Final = date(2026, 11, 21)


def test_a_day_begins_at_midnight_in_tashkent() -> None:
    assert day_start(TODAY) == MIDNIGHT
    assert day_of(MIDNIGHT) == TODAY
    assert day_of(Millis(MIDNIGHT - 1)) == date(2026, 11, 20)


def test_a_day_ends_where_the_next_begins_also_where_other_countries_change_their_clocks() -> None:
    for day in (TODAY, date(2026, 3, 29), date(2026, 10, 25), date(2028, 2, 29), date(2026, 12, 31)):
        assert day_start(next_day(day)) - day_start(day) == DAY
        assert day_of(Millis(day_start(next_day(day)) - 1)) == day


@given(st.integers(0, 4_000_000_000_000))
def test_every_moment_lies_in_its_day(moment: int) -> None:
    start = day_start(day_of(Millis(moment)))

    assert start <= moment < start + DAY


def test_a_moment_is_said_as_the_shop_s_clock_shows_it() -> None:
    assert said(NOW) == "2026-11-21 15:04:05"
    assert said(MIDNIGHT) == "2026-11-21 00:00:00"
    assert said(Millis(MIDNIGHT - 1)) == "2026-11-20 23:59:59"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-21", MIDNIGHT),
        ("2026-11-21T10:00", MIDNIGHT + 10 * 3_600_000),
        ("2026-11-21 10:00", MIDNIGHT + 10 * 3_600_000),
        ("2026-11-21T10:00:07.250", MIDNIGHT + 10 * 3_600_000 + 7_250),
        ("2026-11-21T10:00Z", MIDNIGHT + 15 * 3_600_000),
        ("2026-11-21T10:00+03:00", MIDNIGHT + 12 * 3_600_000),
        ("21.11.2026", MIDNIGHT),
        ("21.11.2026 10:00", MIDNIGHT + 10 * 3_600_000),
        ("90s", NOW - 90_000),
        ("30m", NOW - 1_800_000),
        ("2h", NOW - 7_200_000),
        ("7d", NOW - 7 * DAY),
        ("2w", NOW - 14 * DAY),
        (" 2h ", NOW - 7_200_000),
        ("1795201200000", MIDNIGHT),
        ("1970-01-02", 19 * 3_600_000),
    ],
)
def test_a_moment_is_read_as_people_write_it(text: str, moment: int) -> None:
    assert read_moment(text, NOW) == moment


@given(st.integers(0, 4_000_000_000_000))
def test_what_is_said_can_be_read_again(moment: int) -> None:
    assert read_moment(said(Millis(moment)), NOW) == moment - moment % 1_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026",
        "2026-13-01",
        "2026-02-29",
        "11.21.2026",
        "21.11.26",
        "21.11.20265",
        "on 21.11.2026",
        "20261121",
        "2026-W47",
        "2026-11-21T25:00",
        "2026-11-21T10:00 and more",
        "-2h",
        "2 h",
        "999999999w",
        "9999-12-31",
        "9999-12-31T23:59-14:00",
        "0001-01-01",
        "1969-12-31",
        "999999999999999",
        "٢h",
        "1795201200000\x00",
    ],
)
def test_what_is_no_moment_is_refused_with_examples(text: str) -> None:
    with pytest.raises(NotAMoment, match=r"is no moment; give a day like 2026-11-21") as refused:
        read_moment(text, NOW)

    assert repr(text.strip()) in str(refused.value)


def test_what_is_far_too_long_is_not_said_back_whole() -> None:
    with pytest.raises(NotAMoment) as refused:
        read_moment("9" * 10_000, NOW)

    assert len(str(refused.value)) < 250


def test_a_day_given_as_an_end_is_counted_whole_and_a_moment_is_not() -> None:
    assert read_end("2026-11-21", NOW) == MIDNIGHT + DAY
    assert read_end(" 21.11.2026", NOW) == MIDNIGHT + DAY
    assert read_end("2026-11-21T00:00", NOW) == MIDNIGHT
    assert read_end("2h", NOW) == NOW - 7_200_000
    with pytest.raises(NotAMoment):
        read_end("soon", NOW)
