"""What an answer means: each that a backend, a callback or a storefront may give."""

from email.utils import formatdate
from typing import Final

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


REFUSED: Final = reply(401, b'{"type": "unauthorized", "code": "unauthorized", "message": "in other words"}')
UNKNOWN: Final = reply(404, b'{"type": "not_found", "code": "unknown_route", "message": "Not Found"}')


@pytest.mark.parametrize(
    ("said", "ours"),
    [
        (REFUSED, True),
        (UNKNOWN, True),
        (reply(303, location="/console/sign-in?next=/console"), True),
        (reply(303, location="https://pay.shop.uz/console/sign-in"), True),
        (reply(302, location="https://login.shop.uz/?to=/console/sign-in"), False),
        (reply(301), False),
        (reply(307, location="https://["), False),
        (reply(401, b"", www_authenticate="Basic"), False),
        (reply(401, b'{"type": ["unauthorized"], "code": {}}'), False),
        (reply(403), False),
        (reply(404, b'{"type": "not_found", "message": "of the shop"}'), False),
        (reply(200, b"<html>the shop"), False),
    ],
)
def test_a_page_is_open_when_it_is_the_sidecar_that_refuses(said: Reply, ours: bool) -> None:
    assert door.is_ours(said) is ours


@pytest.mark.parametrize("page", [*door.KEYED, *door.CONSOLE])
def test_each_page_that_is_open_to_the_world_is_named_alone(page: str) -> None:
    replies: dict[str, Reply | Silence] = dict.fromkeys(door.KEYED | door.CONSOLE, reply(404))
    found = door.kept_inside(replies | {page: REFUSED})
    others = [it for it in replies if it != page]

    assert [it.grade for it in found] == [WARNING, GOOD]
    assert page in found[0].found
    assert not [it for it in others if it in found[0].found]
    assert found[1].found == f"the proxy keeps inside: {others[0]}, {others[1]} and {others[2]}"


def test_a_page_that_does_not_answer_gets_no_tick() -> None:
    found = door.kept_inside({"/stats": Silence("it hung up"), "/metrics": reply(403)})

    assert [(it.grade, it.found) for it in found] == [
        (SKIPPED, "the public address does not answer about /stats"),
        (GOOD, "the proxy keeps inside: /metrics"),
    ]
