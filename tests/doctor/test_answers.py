"""What an answer means: each that a backend, a callback or a storefront may give."""

from email.utils import formatdate

import httpx
import pytest

from sidecar.clock import SECOND, Millis
from sidecar.doctor import backend, door, shoppers
from sidecar.doctor.asking import Reply, Silence
from sidecar.doctor.finding import Grade

GOOD, WARNING, WRONG, SKIPPED = Grade.GOOD, Grade.WARNING, Grade.WRONG, Grade.SKIPPED
NOW = Millis(1_790_000_000_000)


def reply(status: int, body: bytes = b"", **headers: str) -> Reply:
    return Reply(status, httpx.Headers({name.replace("_", "-"): value for name, value in headers.items()}), body)


@pytest.mark.parametrize(
    ("stranger", "ours", "grade", "words"),
    [
        (401, 400, GOOD, "the backend answers, and takes our key"),
        (403, 404, GOOD, "the backend answers, and takes our key"),
        (401, 422, GOOD, "the backend answers, and takes our key"),
        (401, 401, WRONG, "the backend refuses COMMERCE_BACKEND_KEY"),
        (403, 403, WRONG, "the backend refuses COMMERCE_BACKEND_KEY"),
        (404, 404, WRONG, "the backend answers 404 with our key and without"),
        (400, 400, WARNING, "the backend answers 400 to a caller who shows no key"),
        (401, 200, WARNING, "the backend answers 200 to a message about no payment"),
        (401, 500, WARNING, "the backend answers 500 to a message about no payment"),
        (401, 429, WARNING, "the backend asks us to call less often"),
        (405, 405, WRONG, "the backend takes no POST there"),
        (502, 502, WRONG, "a proxy answers that the backend is away"),
        (308, 308, WRONG, "COMMERCE_BACKEND_URL redirects"),
    ],
)
def test_a_backend_is_known_by_its_answers_with_the_key_and_without(
    stranger: int, ours: int, grade: Grade, words: str
) -> None:
    found = backend.judged(reply(stranger), reply(ours))

    assert (found.grade, found.found) == (grade, words)
    assert bool(found.advice) is (grade is not GOOD)


def test_a_web_servers_own_404_is_no_backends() -> None:
    page = reply(404, b"Cannot POST /admin/payme", content_type="text/html; charset=utf-8")

    assert backend.judged(reply(401), page).found == "the backend answers, but has no page /admin/payme/…"


@pytest.mark.parametrize(
    ("ahead", "grade"), [(0, GOOD), (9, GOOD), (12, WARNING), (-12, WARNING), (400, WRONG), (-400, WRONG)]
)
def test_a_backends_date_is_compared(ahead: int, grade: Grade) -> None:
    said = reply(400, date=formatdate(NOW / SECOND - ahead, usegmt=True))

    assert backend.clock_of(said, NOW).grade is grade


@pytest.mark.parametrize("date", ["yesterday", ""])
def test_a_date_that_is_none_is_not_compared(date: str) -> None:
    assert backend.clock_of(reply(400, date=date), NOW).grade is SKIPPED


HOME = "https://shop.uz/ru/uz/checkout?step=review"


@pytest.mark.parametrize(
    ("sent", "grade", "words"),
    [
        (reply(303, location=f"{HOME}&payment=failed"), GOOD, "the callback answers, and asks the sidecar"),
        (reply(303, location=f"{HOME}&payment=pending"), WRONG, "the callback answers, but cannot ask the sidecar"),
        (reply(303, location=f"{HOME}&payment=success"), WRONG, "an order that nobody has is said to be success"),
        (reply(301, location="https://shop.uz/"), WRONG, "CALLBACK_URL redirects to a page that knows of no payment"),
        (reply(302), WRONG, "CALLBACK_URL redirects to a page that knows of no payment"),
        (reply(200), WRONG, "something that is not the callback answers 200 at CALLBACK_URL"),
        (reply(502), WRONG, "something that is not the callback answers 502 at CALLBACK_URL"),
        (Silence("nobody listens there"), WRONG, "CALLBACK_URL: nobody listens there"),
    ],
)
def test_a_callback_is_known_by_where_it_sends_nobody(sent: Reply | Silence, grade: Grade, words: str) -> None:
    found = shoppers.sent_home(sent)

    assert (found.grade, found.found) == (grade, words)


def test_only_the_callback_tells_where_the_storefront_is() -> None:
    assert shoppers.home_of(reply(303, location=f"{HOME}&payment=failed")) == f"{HOME}&payment=failed"
    assert shoppers.home_of(reply(301, location=HOME)) is None
    assert shoppers.home_of(reply(200, location=f"{HOME}&payment=failed")) is None


@pytest.mark.parametrize(
    ("there", "grade"),
    [
        (reply(200), GOOD),
        (reply(307), GOOD),
        (reply(404), WARNING),
        (reply(500), WARNING),
        (Silence("its name is not known"), WRONG),
    ],
)
def test_a_storefront_must_be_there(there: Reply | Silence, grade: Grade) -> None:
    assert shoppers.at_home(there, "shop.uz").grade is grade


@pytest.mark.parametrize(("live", "grade"), [(True, WRONG), (False, WARNING)])
def test_plain_http_is_wrong_where_money_moves(live: bool, grade: Grade) -> None:
    assert door.in_clear(live=live).grade is grade


@pytest.mark.parametrize(("status", "grade"), [(200, WARNING), (401, WARNING), (403, GOOD), (404, GOOD)])
def test_the_numbers_are_nobodys_business_outside(status: int, grade: Grade) -> None:
    assert door.kept_inside(reply(status)).grade is grade
