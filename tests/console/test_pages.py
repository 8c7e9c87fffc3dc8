"""What stands on the console's pages: figures, filters, three languages, and something to do when there is nothing."""

import re
from typing import Any

import asyncpg
import pytest

from sidecar.clock import Millis
from sidecar.console.languages import LOCALES
from sidecar.console.pages import milliseconds, percent, readable
from sidecar.days import DAY
from tests.console.business import Business
from tests.console.visitor import HTMX, WITH_CONSOLE, Visitor, console_of, visiting
from tests.shop import NOON, Shop

PAGES = ("", "?period=month", "/payments", "/messages", "/journal")
WORDS = {"": ("Сегодня", "Bugun", "Today"), "/payments": ("Платежи", "To‘lovlar", "Payments")}


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_is_there_in_every_language_empty_and_full(
    shop: Shop, operator: Visitor, path: str, locale: str
) -> None:
    for days in (0, 1):
        if days:
            Business(shop, NOON, days).happens()
        page = operator.get(f"{path}{'&' if '?' in path else '?'}l={locale}")
        assert page.status_code == 200
        assert f'<html lang="{locale}">' in page.text


def test_a_language_that_was_chosen_stays(operator: Visitor) -> None:
    assert '<html lang="ru">' in operator.get("").text

    operator.get("?l=uz")
    assert '<html lang="uz">' in operator.get("/payments").text
    assert '<html lang="uz">' in operator.get("/payments?l=xx").text


def test_the_first_language_is_the_shops(database_url: str) -> None:
    shop = Shop(database_url, default_locale="uz-Latn", **WITH_CONSOLE)
    with visiting(shop) as it:
        assert '<html lang="uz">' in it.get("/sign-in").text
    shop.close()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/payments", "POST /payment-sessions"),
        ("/payments?q=nothing", "looked for as a whole"),
        ("/payments?status=paid", "Choose another status"),
        ("/journal", "payme-sidecar doctor"),
        ("/messages", "there is nothing to do now"),
        ("", "The backend knows of every payment"),
        ("/nothing", "Find a payment by its order"),
    ],
)
def test_where_there_is_nothing_it_says_what_to_do(operator: Visitor, path: str, words: str) -> None:
    assert words in operator.get(f"{path}{'&' if '?' in path else '?'}l=en").text


def tiles(page: str, section: str) -> list[str]:
    part = page.partition(f'id="{section}"')[2].partition("</section>")[0]
    return [it.replace("\N{NO-BREAK SPACE}", " ") for it in re.findall(r'<b class="number[^>]*>([^<]+)', part)]


def test_todays_figures_and_the_periods(shop: Shop, operator: Visitor) -> None:
    shop.paid("s1", "tx1").paid("s2", "tx2")
    shop.cancel("tx1")
    shop.register("s3")
    shop.create("tx3", order="s3")
    shop.cancel("tx3", reason=3)
    shop.clock.advance(DAY)
    operator.sign_in()
    shop.paid("s4", "tx4")

    page = operator.get("?l=en").text
    assert tiles(page, "today") == ["140 000.00", "1", "1", "100.0 %", "0"]
    assert tiles(page, "chosen") == ["420 000.00", "3", "4", "75.0 %", "1"]
    assert "the transaction failed <code>3</code>" in page


def test_the_charts_say_what_the_table_says(shop: Shop, operator: Visitor) -> None:
    shop.paid()
    page = operator.get("?period=week&l=en").text

    [bars] = re.findall(r'data-bars="([^"]+)"[^>]*data-unit="100"', page)
    assert bars == "0 0 0 0 0 0 14000000"
    assert page.count('<td class="first">') == 7


def test_of_one_day_there_is_no_chart(operator: Visitor) -> None:
    assert "data-bars" not in operator.get("?period=today").text


def test_what_waits_and_what_is_parked_is_said_first(shop: Shop, operator: Visitor) -> None:
    shop.paid("s1", "tx1")
    assert "Waiting for the backend: 1" in operator.get("?l=en").text

    shop.backend.status = 409
    shop.deliver()
    assert "Messages the backend refused for good: 1" in operator.get("?l=en").text


def test_the_figures_come_again_by_themselves_as_a_piece(operator: Visitor) -> None:
    whole, piece = operator.get("?period=month"), operator.get("?period=month", **HTMX)

    assert 'hx-get="/console?period=month"' in whole.text
    assert "<html" not in piece.text
    assert 'id="today"' in piece.text


def test_the_list_goes_on_where_it_ended(shop: Shop, operator: Visitor) -> None:
    for number in range(41):
        shop.register(f"s{number:02}")
        shop.clock.advance(1)

    first = operator.get("/payments?from=2026-01-01")
    [more] = re.findall(r'hx-get="/console(/payments\?[^"]+)"', first.text)
    piece = operator.get(more.replace("&amp;", "&"), **HTMX).text
    assert ">s01</a>" in first.text
    assert ">s00</a>" not in first.text
    assert ">s00</a>" in piece
    assert "<html" not in piece
    assert "hx-get" not in piece


def test_a_date_that_is_none_is_left_out_and_said(shop: Shop, operator: Visitor) -> None:
    shop.paid()
    shop.run(shop.house.scribe.finish())
    for path in ("/payments", "/journal"):
        page = operator.get(f"{path}?from=2026-02-30&l=en").text
        assert "There is no such date" in page
        assert "payses_01" in page


@pytest.mark.parametrize(
    "question",
    [
        "after=1~", "after=~x", "after=x~y", f"after={'9' * 40}~s", "after=%00~%00", "status=nothing", "q=%00",
        "q=%ED%A0%80", "from=%00", "to=9999-12-31", "from=-1", "l=xx", "l=%00", "q=" + "x" * 2000,
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/payments", "", "/journal"])
def test_no_question_breaks_a_page(shop: Shop, operator: Visitor, path: str, question: str) -> None:
    shop.paid()

    assert operator.get(f"{path}?{question}").status_code == 200


@pytest.mark.parametrize(
    "question", ["before=x", "before=0", f"before={'9' * 30}", "order=%00a", "transaction=%27", "method=%25&errors"]
)
def test_no_question_breaks_the_journal(shop: Shop, operator: Visitor, question: str) -> None:
    assert operator.get(f"/journal?{question}").status_code == 200
    assert operator.get(f"/messages?after={question}&waits_after={question}").status_code == 200


def test_the_journal_shows_calls_and_filters_them(shop: Shop, operator: Visitor) -> None:
    shop.paid()
    shop.check_perform(order="nobody")
    shop.run(shop.house.scribe.finish())

    everything = operator.get("/journal?l=en").text
    assert [everything.count(f">{name}<details>") for name in ("PerformTransaction", "CheckPerformTransaction")] == [
        1,
        1,
    ]
    refusals = operator.get("/journal?errors=1").text
    assert "-31050" in refusals
    assert ">PerformTransaction<details>" not in refusals
    assert ">CreateTransaction<details>" not in operator.get("/journal?order=nobody").text


class NoDatabase:
    """A database behind a cable that somebody has pulled."""

    name = "postgresql"
    in_use = 0

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def read(self, *_: Any, **__: Any) -> Any:
        raise self._error

    move = write = read

    async def alter(self, *_: Any) -> Any:
        raise self._error

    async def close(self) -> None:
        pass


@pytest.mark.parametrize("error", [ConnectionRefusedError(), TimeoutError(), ConnectionResetError()])
def test_without_a_database_every_page_says_so_and_the_sign_in_works(shop: Shop, error: Exception) -> None:
    with visiting(shop, app=console_of(shop, NoDatabase(error)).app) as it:
        it.sign_in()
        for path in ("", "/payments", "/payments/s1", "/messages", "/messages/1", "/journal"):
            answer = it.get(f"{path}?l=en")
            assert answer.status_code == 503
            assert "The database does not answer" in answer.text
            assert it.get(path, **HTMX).headers["hx-refresh"] == "true"


def test_an_act_without_a_database_says_so(shop: Shop, operator: Visitor) -> None:
    shop.paid()
    form = operator.hidden(operator.get("/messages"), "/messages/1/redeliver")
    with visiting(shop, app=console_of(shop, NoDatabase(ConnectionRefusedError())).app) as it:
        it.cookies.update(operator.cookies)
        answer = it.post("/messages/1/redeliver", form)

    assert answer.status_code == 503
    assert "http-equiv" not in answer.text  # the browser would send the form again


def test_a_database_behind_its_schema_says_what_to_run(shop: Shop) -> None:
    with visiting(shop, app=console_of(shop, NoDatabase(asyncpg.UndefinedTableError("x"))).app) as it:
        assert "payme-sidecar migrate" in it.sign_in().get("?l=en").text


@pytest.mark.parametrize(
    ("part", "whole", "written"),
    [(0, 0, "–"), (0, 5, "0.0"), (5, 5, "100.0"), (1, 3, "33.3"), (2, 3, "66.7"), (1, 2000, "0.1"), (1, 2001, "0.0")],
)
def test_a_share_is_written_in_whole_numbers(part: int, whole: int, written: str) -> None:
    assert percent(part, whole).removesuffix("\N{NO-BREAK SPACE}%") == written


@pytest.mark.parametrize(("micros", "written"), [(0, "0.0"), (999, "0.9"), (1_000, "1.0"), (12_345, "12.3")])
def test_microseconds_are_written_as_milliseconds(micros: int, written: str) -> None:
    assert milliseconds(Millis(micros)) == written


def test_an_answer_is_written_for_eyes() -> None:
    said = r'{"error":{"message":{"ru":"\u0417\u0430\u043a\u0430\u0437 \ud83d\ude00"}}}'

    assert readable(said).splitlines()[3].strip() == '"ru": "Заказ 😀"'
    assert readable(said[:-10]) == '{"error":{"message":{"ru":"Заказ \N{REPLACEMENT CHARACTER}'


@pytest.mark.parametrize("said", [r'{"id":"\ud800"}', r'{"id":"\ud800', "", "{", r"\u12", "[" * 1000])
def test_whatever_was_answered_fits_on_a_page(said: str) -> None:
    readable(said).encode()
