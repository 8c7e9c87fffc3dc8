"""What a period brought, counted day by day; and `GET /stats`, which tells it."""

import json
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import text

from sidecar import figures
from sidecar.clock import HOUR, Millis
from sidecar.database import Connection
from sidecar.days import DAY, day_of, day_start
from sidecar.figures import Amounts, Figures
from tests.plans import analyze, plan
from tests.shop import AMOUNT, NOON, Shop

TODAY: Final = day_start(day_of(Millis(NOON)))


def counted(shop: Shop, start: int = TODAY, end: int = TODAY + DAY) -> Figures:
    """Count a period both ways, which agree."""
    at_once = shop.run(shop.house.database.read(figures.of_period, Millis(start), Millis(end)))
    assert shop.run(figures.gathered(shop.house.database, Millis(start), Millis(end))) == at_once
    return at_once


def stats(shop: Shop, **period: str) -> httpx.Response:
    return shop.api("GET", "/stats", params=period)


# ── what is counted ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_day_on_which_nothing_happened_is_all_noughts(shop: Shop) -> None:
    found = counted(shop)

    assert (found.links, found.paid_links, found.paid, found.refunds) == (0, 0, Amounts(0, 0), Amounts(0, 0))  # type: ignore[arg-type]  # whole tiyin
    assert (dict(found.failures), dict(found.refusals), len(found.days)) == ({}, {}, 1)


def test_links_payments_refunds_and_failures_are_counted_with_their_sums(shop: Shop) -> None:
    shop.paid("s1", "tx1")
    shop.register("s2", amount=300)
    shop.create("tx2", order="s2", amount=300)
    shop.perform("tx2")
    shop.cancel("tx2", reason=5)
    for number, reason in enumerate((3, 3, 10), start=3):
        shop.register(f"s{number}")
        shop.create(f"tx{number}", order=f"s{number}")
        shop.cancel(f"tx{number}", reason)
    shop.register("s9")
    found = counted(shop)

    assert (found.links, found.paid_links) == (6, 2)
    assert (found.paid.count, found.paid.sum) == (2, AMOUNT + 300)
    assert (found.refunds.count, found.refunds.sum) == (1, 300)
    assert found.failures == {3: 2, 10: 1}


def test_a_link_that_was_paid_at_the_second_try_is_one_paid_link(shop: Shop) -> None:
    shop.register()
    shop.create("tx1")
    shop.cancel("tx1", reason=3)
    shop.create("tx2")
    shop.perform("tx2")
    found = counted(shop)

    assert (found.links, found.paid_links, found.paid.count, found.failures) == (1, 1, 1, {3: 1})


def test_refusals_of_the_two_first_calls_come_from_the_journal(shop: Shop) -> None:
    shop.register()
    shop.check_perform("unknown")
    shop.check_perform("unknown")
    shop.create(amount=1)
    shop.perform("unknown")  # of a payment that had begun: no failure to begin
    shop.run(shop.house.scribe.write())

    assert counted(shop).refusals == {-31050: 2, -31001: 1}


# ── where a period begins and ends ──────────────────────────────────────────────────────────────────────────────


def moved_to(shop: Shop, moment: int) -> None:
    shop.clock.now = moment


@pytest.mark.parametrize(("moment", "is_in"), [(-1, False), (0, True), (DAY - 1, True), (DAY, False)])
def test_a_moment_is_in_its_day_to_the_millisecond(shop: Shop, moment: int, *, is_in: bool) -> None:
    moved_to(shop, TODAY + moment)
    shop.paid("s1", "tx1").cancel("tx1")
    shop.register("s2")
    shop.create("tx2", order="s2")
    shop.cancel("tx2", reason=3)
    shop.check_perform("unknown")
    shop.run(shop.house.scribe.write())
    found = counted(shop)

    counts = (found.links, found.paid_links, found.paid.count, found.refunds.count)
    assert counts == ((2, 1, 1, 1) if is_in else (0, 0, 0, 0))
    assert (found.failures, found.refusals) == (({3: 1}, {-31050: 1}) if is_in else ({}, {}))


def test_a_payment_belongs_to_the_day_on_which_it_was_performed_and_a_refund_to_its_own(shop: Shop) -> None:
    moved_to(shop, TODAY - 11 * HOUR)
    shop.register()
    shop.create()
    moved_to(shop, TODAY + HOUR - HOUR)  # eleven hours later: the first millisecond of the day
    shop.perform()
    moved_to(shop, TODAY + DAY + HOUR)
    shop.cancel()
    yesterday, today, tomorrow = (counted(shop, TODAY + i * DAY, TODAY + (i + 1) * DAY) for i in (-1, 0, 1))

    assert [(it.links, it.paid_links) for it in (yesterday, today, tomorrow)] == [(1, 1), (0, 0), (0, 0)]
    assert [it.paid.count for it in (yesterday, today, tomorrow)] == [0, 1, 0]
    assert [it.refunds.count for it in (yesterday, today, tomorrow)] == [0, 0, 1]


def test_a_payment_just_within_its_twelve_hours_is_counted_and_so_is_one_by_a_clock_that_is_ahead(shop: Shop) -> None:
    moved_to(shop, TODAY)
    shop.register("s1")
    shop.create("tx1", order="s1", time=TODAY - 12 * HOUR + 1)
    shop.register("s2")
    shop.create("tx2", order="s2", time=TODAY + DAY + HOUR - 1)
    moved_to(shop, TODAY)
    assert shop.perform("tx1")["result"]["state"] == 2
    moved_to(shop, TODAY + DAY - 1)
    assert shop.perform("tx2")["result"]["state"] == 2

    assert counted(shop).paid.count == 2


def test_a_period_is_the_sum_of_its_days(shop: Shop) -> None:
    for day in range(4):
        moved_to(shop, TODAY + day * DAY + 5 * HOUR)
        for number in range(day):
            shop.paid(f"s{day}-{number}", f"tx{day}-{number}")
        shop.register(f"s{day}-x")
        shop.create(f"tx{day}-x", order=f"s{day}-x")
        shop.cancel(f"tx{day}-x", reason=3)
    found = counted(shop, TODAY, TODAY + 4 * DAY)

    assert [it.paid.count for it in found.days] == [0, 1, 2, 3]
    assert (found.paid.count, found.paid.sum, found.failures) == (6, 6 * AMOUNT, {3: 4})
    assert [str(it.day) for it in found.days] == ["2026-09-21", "2026-09-22", "2026-09-23", "2026-09-24"]


def test_the_first_and_the_last_day_may_be_in_part(shop: Shop) -> None:
    found = counted(shop, TODAY + 3 * HOUR, TODAY + DAY + HOUR)

    assert [(it.start - TODAY, it.end - TODAY) for it in found.days] == [(3 * HOUR, DAY), (DAY, DAY + HOUR)]


# ── GET /stats ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_stats_tells_today_when_no_period_is_given(shop: Shop) -> None:
    shop.paid().cancel()
    shop.check_perform("unknown")
    shop.run(shop.house.scribe.write())
    response = stats(shop)

    figures_ = {
        "links": {"count": 1, "paid": 1},
        "payments": {"count": 1, "sum": AMOUNT},
        "refunds": {"count": 1, "sum": AMOUNT},
        "failures": {},
        "refusals": {"-31050": 1},
    }
    assert response.status_code == 200
    assert response.json() == {
        "from": TODAY,
        "to": TODAY + DAY,
        **figures_,
        "days": [{"day": "2026-09-21", **figures_}],
    }


@pytest.mark.parametrize(
    ("given", "start", "end"),
    [
        ({"from": "2026-09-01", "to": "2026-09-21"}, TODAY - 20 * DAY, TODAY + DAY),
        ({"from": "2026-09-20"}, TODAY - DAY, TODAY + DAY),
        ({"to": "2026-09-10"}, TODAY - 11 * DAY, TODAY - 10 * DAY),
        ({"to": "2026-09-10T00:00"}, TODAY - 12 * DAY, TODAY - 11 * DAY),
        ({"from": "2h", "to": "1h"}, NOON - 2 * HOUR, NOON - HOUR),
        ({"from": str(NOON - 5), "to": str(NOON)}, NOON - 5, NOON),
        ({"from": "2026-09-21T10:00", "to": "2026-09-21T07:00Z"}, TODAY + 10 * HOUR, TODAY + 12 * HOUR),
        ({"from": "2026-06-22"}, TODAY - 91 * DAY, TODAY + DAY),
    ],
)
def test_a_period_is_read_as_people_write_it(shop: Shop, given: dict[str, str], start: int, end: int) -> None:
    said = stats(shop, **given).json()

    assert (said["from"], said["to"]) == (start, end)


@pytest.mark.parametrize(
    ("query", "code", "helps"),
    [
        ("from=yesterday", "invalid_from", "2026-11-21"),
        ("to=09.21.2026", "invalid_to", "2026-11-21"),
        ("from=", "invalid_from", "not empty"),
        ("from=2h&from=3h", "invalid_from", "once"),
        ("from=2026-09-21&to=2026-09-20", "invalid_period", "`from` must be before `to`"),
        ("from=2026-09-22", "invalid_period", "`from` must be before `to`"),
        ("from=2026-06-21", "invalid_period", "92 days"),
        ("from=0001-01-01", "invalid_from", "2026-11-21"),
        ("form=2026-09-20", "unknown_parameter", "`from` and `to`"),
    ],
)
def test_a_period_that_makes_no_sense_is_refused_with_what_would(shop: Shop, query: str, code: str, helps: str) -> None:
    response = shop.api("GET", f"/stats?{query}")

    assert response.status_code == 400
    assert (response.json()["type"], response.json()["code"]) == ("invalid_data", code)
    assert helps in response.json()["message"]


def test_stats_wants_the_key_of_the_provider_api(shop: Shop) -> None:
    assert shop.run(shop.ask("GET", "/stats")).status_code == 401


def test_no_name_and_no_key_is_in_the_figures(shop: Shop) -> None:
    shop.paid()

    assert not any(name in stats(shop).text for name in ("payses_01", "tx1"))


# ── plans ───────────────────────────────────────────────────────────────────────────────────────────────────────

MANY: Final = 30_000
COUNTED: Final = f"""WITH RECURSIVE counted(i) AS
    (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM counted WHERE i < {MANY})"""
FILL: Final = (
    f"""{COUNTED} INSERT INTO payment_session (id, order_id, amount, currency_code, created_time)
        SELECT 's' || i, 's' || i, 100, 'uzs', i * 1000000 FROM counted""",
    f"""{COUNTED} INSERT INTO payme_transaction (payme_id, session_id, order_id, amount, account, state, time,
                                                 create_time, perform_time, cancel_time, reason)
        SELECT 't' || i, 's' || i, 's' || i, 100, '', CASE WHEN i % 20 = 0 THEN -2 ELSE 2 END,
               i * 1000000, i * 1000000, i * 1000000, CASE WHEN i % 20 = 0 THEN i * 1000000 ELSE 0 END,
               CASE WHEN i % 20 = 0 THEN 5 END FROM counted""",
    f"""{COUNTED} INSERT INTO provider_call (provider, time, method, code, answer, microseconds, caller)
        SELECT 'payme', i * 1000000, 'CheckPerformTransaction', CASE WHEN i % 9 = 0 THEN -31050 ELSE 0 END, '{{}}', 9,
               'me' FROM counted""",
)


@pytest.mark.parametrize(
    ("statement", "indices"),
    [
        ("LINKS", ["payment_session_created_time", "payme_transaction_session_id"]),
        ("PAID", ["payme_transaction_time"]),
        ("CANCELLED", ["payme_transaction_cancelled"]),
        ("REFUSED", ["provider_call_refused"]),
    ],
)
def test_a_day_among_many_is_counted_by_an_index(shop: Shop, statement: str, indices: list[str]) -> None:
    def fill(connection: Connection) -> None:
        for each in FILL:
            connection.execute(text(each))

    shop.run(shop.house.database.write(fill))
    analyze(shop, "payment_session", "payme_transaction", "provider_call")
    steps = plan(shop, getattr(figures, statement), {"from_": 1_000_000_000, "to": 1_086_400_000})

    assert all(index in steps for index in indices), steps
    assert "Seq Scan" not in steps
    assert "SCAN pay" not in steps


def test_the_answer_is_as_the_document_says(shop: Shop) -> None:
    shop.paid()
    document = shop.run(shop.ask("GET", "/openapi.json")).json()
    described: dict[str, Any] = document["components"]["schemas"]["Figures"]

    assert set(json.loads(stats(shop).text)) == set(described["required"])
