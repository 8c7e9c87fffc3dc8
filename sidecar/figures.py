"""What a period brought: links and how many of them were paid, payments, refunds, failures by reason; and day by day.

A period is counted a day at a time, so that no question to the database is long, whatever the period and the shop.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, cast, func, select

from sidecar import journal, payment_sessions
from sidecar.clock import HOUR, Millis
from sidecar.database import Connection, Database
from sidecar.database_clock import told
from sidecar.days import day_of, day_start, next_day
from sidecar.money import Tiyin
from sidecar.payme_merchant import transactions
from sidecar.payme_merchant.machine import TIMEOUT, State

AHEAD: Final = HOUR  # how far Payme's clock, which says `time`, may be ahead of ours, which says `perform_time`
ASKED_FIRST: Final = ("CheckPerformTransaction", "CreateTransaction")  # a refusal here is a payment that never began


@dataclass(frozen=True)
class Amounts:
    """How many, and how much altogether."""

    count: int
    sum: Tiyin


@dataclass(frozen=True)
class Figures:
    """What lies in [start, end); `days` are the days of it in Tashkent, the first and the last perhaps in part."""

    start: Millis
    end: Millis
    links: int
    """Payment sessions registered."""
    paid_links: int
    """Of these, how many were paid since, whenever that was, and whether or not it was refunded."""
    paid: Amounts
    """Payments performed; those refunded since, too."""
    refunds: Amounts
    failures: Mapping[int, int]
    """Transactions cancelled before they were paid, by Payme's reason (spec 2.3)."""
    refusals: Mapping[int, int]
    """CheckPerform- and CreateTransaction refused, by error code, as far as the journal goes back."""
    days: Sequence["Figures"] = ()

    @property
    def day(self) -> date:
        return day_of(self.start)


_sessions = payment_sessions.table
_payments = transactions.table
_calls = journal.calls
_FROM, _TO = told("from_"), told("to")


def _within(moment: ColumnElement[int]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return moment >= _FROM, moment < _TO


def _amounts(*by: ColumnElement[int]) -> Any:
    """Count and add up; a sum of whole numbers is one, but PostgreSQL would make it a decimal."""
    return select(*by, func.count(), cast(func.coalesce(func.sum(_payments.c.amount), 0), BigInteger))


# Looked up session by session: as a join, PostgreSQL would sooner or later read every transaction there is.
_was_paid = (
    select(_payments.c.number)
    .where(_payments.c.session_id == _sessions.c.id, _payments.c.perform_time > 0)
    .limit(1)
    .scalar_subquery()
)
LINKS: Final = select(func.count(), func.count(_was_paid)).where(*_within(_sessions.c.created_time))
# There is no index on `perform_time`; but what is performed was created by Payme at most twelve hours before.
PAID: Final = _amounts().where(
    _payments.c.time > _FROM - TIMEOUT, _payments.c.time < _TO + AHEAD, *_within(_payments.c.perform_time)
)
CANCELLED: Final = (
    _amounts(_payments.c.state, _payments.c.reason)
    .where(_payments.c.cancel_time > 0, *_within(_payments.c.cancel_time))
    .group_by(_payments.c.state, _payments.c.reason)
)
REFUSED: Final = (
    select(_calls.c.method, _calls.c.code, func.count())
    .where(_calls.c.code != 0, *_within(_calls.c.time))
    .group_by(_calls.c.method, _calls.c.code)
)


def of_period(connection: Connection, start: Millis, end: Millis) -> Figures:
    """Count a period (a unit of work). It runs to its end at once; `gathered` lets others in between."""
    return total(start, end, [of_day(connection, *day) for day in days_between(start, end)])


async def gathered(database: Database, start: Millis, end: Millis) -> Figures:
    """Count a period, each day by a unit of work of its own."""
    days = []
    for day in days_between(start, end):
        days.append(await database.read(of_day, *day))
        await asyncio.sleep(0)  # SQLite answers in the event loop: Payme's calls come in between
    return total(start, end, days)


def days_between(start: Millis, end: Millis) -> Iterator[tuple[Millis, Millis]]:
    """Cut a period where a day ends in Tashkent."""
    while start < end:
        midnight = day_start(next_day(day_of(start)))
        yield start, min(midnight, end)
        start = midnight


def of_day(connection: Connection, start: Millis, end: Millis) -> Figures:
    """Count one day or a part of it, by four statements."""
    period = {"from_": start, "to": end}
    links, paid_links = connection.execute(LINKS, period).first()
    cancelled = connection.execute(CANCELLED, period)
    refused = connection.execute(REFUSED, period)
    return Figures(
        start,
        end,
        links,
        paid_links,
        paid=Amounts(*connection.execute(PAID, period).first()),
        refunds=_add(Amounts(count, sum_) for state, _, count, sum_ in cancelled if state == State.REVERSED.value),
        failures={reason: count for state, reason, count, _ in cancelled if state == State.CANCELLED.value},
        refusals=_sums({code: count} for method, code, count in refused if method in ASKED_FIRST),
    )


def total(start: Millis, end: Millis, days: Sequence[Figures]) -> Figures:
    """Add days up."""
    return Figures(
        start,
        end,
        sum(day.links for day in days),
        sum(day.paid_links for day in days),
        _add(day.paid for day in days),
        _add(day.refunds for day in days),
        _sums(day.failures for day in days),
        _sums(day.refusals for day in days),
        tuple(days),
    )


def _add(amounts: Iterable[Amounts]) -> Amounts:
    count, sum_ = 0, 0
    for it in amounts:
        count, sum_ = count + it.count, sum_ + it.sum
    return Amounts(count, Tiyin(sum_))


def _sums(counts: Iterable[Mapping[int, int]]) -> dict[int, int]:
    added: Counter[int] = Counter()
    for it in counts:
        added.update(it)
    return dict(sorted(added.items()))
