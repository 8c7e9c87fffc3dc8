"""Days as the shop lives them: Asia/Tashkent, five hours ahead of UTC all year. Tables and JSON keep milliseconds."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

from sidecar.clock import HOUR, MINUTE, SECOND, Millis

TASHKENT: Final = timezone(timedelta(hours=5))  # since 1992 without daylight saving time
DAY: Final = 24 * HOUR
SHAPES: Final = (
    "a day like 2026-11-21 or 21.11.2026, a moment like 2026-11-21T15:04, milliseconds since 1970, "
    "or how long ago: 30m, 2h, 7d"
)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_LATEST: Final = Millis((datetime(9999, 1, 1, tzinfo=UTC) - _EPOCH) // _MILLISECOND)  # dates end there
_UNITS: Final = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_WRITTEN_HERE: Final = re.compile(r"\A([0-9]{2})\.([0-9]{2})\.([0-9]{4})(?![0-9])")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}.*")
_AGO: Final = re.compile(r"([0-9]{1,9})([smhdw])")
_MILLIS: Final = re.compile(r"[0-9]{9,15}")  # fewer digits are a year, or a slip


class NotAMoment(ValueError):
    """What was given names no moment; the message says what would."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text[:40]!r} is no moment; give {SHAPES}")


def day_start(day: date) -> Millis:
    """The first millisecond of a day."""
    return _millis(datetime(day.year, day.month, day.day, tzinfo=TASHKENT))


def day_of(moment: Millis) -> date:
    return _there(moment).date()


def next_day(day: date) -> date:
    return day + timedelta(days=1)


def said(moment: Millis) -> str:
    """Write a moment for people: `2026-11-21 15:04:05`, in Tashkent."""
    return f"{_there(moment):%Y-%m-%d %H:%M:%S}"


def read_moment(text: str, now: Millis) -> Millis:
    """Read when something begins: a day (its first millisecond), a moment, milliseconds, or how long before `now`.

    A day may be written as people here do, 21.11.2026. A moment without an offset (`Z`, `+05:00`) is Tashkent's.

    Raises:
        NotAMoment: it is none of these.
    """
    text = text.strip()
    try:
        found = _read(_plain(text), now)
    except (ValueError, OverflowError):
        raise NotAMoment(text) from None
    if found is None or not 0 <= found < _LATEST:
        raise NotAMoment(text)
    return found


def read_end(text: str, now: Millis) -> Millis:
    """Read where something ends, that millisecond left out: as `read_moment`, but a day counts to its end.

    Raises:
        NotAMoment: it is none of these.
    """
    begun = read_moment(text, now)
    return Millis(begun + DAY) if _DAY.fullmatch(_plain(text.strip())) else begun


def _plain(text: str) -> str:
    return _WRITTEN_HERE.sub(r"\3-\2-\1", text)


def _read(text: str, now: Millis) -> Millis | None:
    if _DAY.fullmatch(text):
        return day_start(date.fromisoformat(text))
    if _MOMENT.fullmatch(text):
        moment = datetime.fromisoformat(text)
        return _millis(moment if moment.tzinfo else moment.replace(tzinfo=TASHKENT))
    if ago := _AGO.fullmatch(text):
        return Millis(now - int(ago[1]) * _UNITS[ago[2]])
    return Millis(int(text)) if _MILLIS.fullmatch(text) else None


def _millis(moment: datetime) -> Millis:
    return Millis((moment - _EPOCH) // _MILLISECOND)


def _there(moment: Millis) -> datetime:
    return (_EPOCH + moment * _MILLISECOND).astimezone(TASHKENT)
