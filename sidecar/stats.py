"""`GET /stats`: the figures of a period as JSON, for the shop's own pages. The console shows the same."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sidecar import figures, payments_api
from sidecar.clock import Clock, Millis
from sidecar.database import Database
from sidecar.days import DAY, NotAMoment, day_of, day_start, read_end, read_moment
from sidecar.figures import Amounts, Figures
from sidecar.payments_api import Wrong

DAYS_MAX: Final = 92  # the longest quarter
PARAMETERS: Final = ("from", "to")


class Stats:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._counting = asyncio.Semaphore(1)  # one at a time: Payme's calls come first

    def route(self, trusts: Callable[[Request], bool]) -> Route:
        """`trusts` says who may read the figures."""

        async def stats(request: Request) -> Response:
            if not trusts(request):
                return payments_api.refusal(401, "unauthorized", "send the key as Authorization: Bearer …")
            start, end = period(request.query_params, self._clock())
            async with self._counting:
                found = await figures.gathered(self._database, start, end)
            return payments_api.answer(200, told(found))

        return Route("/stats", stats)


def period(given: QueryParams, now: Millis) -> tuple[Millis, Millis]:
    """Read `from` and `to`, by default the whole of today in Tashkent; a `to` that is a day counts to its end.

    Raises:
        Wrong: 400, and says what would do.
    """
    for name, value in given.multi_items():
        if name not in PARAMETERS:
            raise Wrong(400, "unknown_parameter", f"there is no {name[:40]!r}; give `from` and `to`, or neither")
        if len(given.getlist(name)) > 1 or not value:
            raise Wrong(400, f"invalid_{name}", f"give `{name}` once, and not empty")
    today = day_start(day_of(now))
    end = _read(read_end, "to", given["to"], now) if "to" in given else Millis(today + DAY)
    start = _read(read_moment, "from", given["from"], now) if "from" in given else day_start(day_of(Millis(end - 1)))
    if start >= end:
        raise Wrong(400, "invalid_period", "`from` must be before `to`; a day given as `to` counts to its end")
    if end - start > DAYS_MAX * DAY:
        raise Wrong(400, "invalid_period", f"a period may have {DAYS_MAX} days; ask for a longer one in parts")
    return start, end


def told(it: Figures) -> dict[str, Any]:
    """Write figures as JSON: sums in tiyin, moments in milliseconds."""
    return {"from": it.start, "to": it.end, **_counted(it), "days": [_day(day) for day in it.days]}


def _day(it: Figures) -> dict[str, Any]:
    return {"day": it.day.isoformat(), **_counted(it)}


def _counted(it: Figures) -> dict[str, Any]:
    return {
        "links": {"count": it.links, "paid": it.paid_links},
        "payments": _amounts(it.paid),
        "refunds": _amounts(it.refunds),
        "failures": {str(reason): count for reason, count in it.failures.items()},
        "refusals": {str(code): count for code, count in it.refusals.items()},
    }


def _amounts(it: Amounts) -> dict[str, int]:
    return {"count": it.count, "sum": it.sum}


def _read(read: Callable[[str, Millis], Millis], name: str, text: str, now: Millis) -> Millis:
    try:
        return read(text, now)
    except NotAMoment as error:
        raise Wrong(400, f"invalid_{name}", f"`{name}`: {error}") from None
