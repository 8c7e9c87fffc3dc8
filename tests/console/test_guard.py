"""No act without its token, and no page that lets anything from elsewhere in."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import httpx
import pytest

from sidecar.console import messages
from sidecar.console.guard import HEADERS
from sidecar.outbox import MessageState
from tests.console.visitor import HTMX, PASSWORD, Visitor, visiting
from tests.shop import BACKEND_KEY, KEY, Shop

CONSOLE: Final = Path(__file__).parents[2] / "sidecar/console"
PATHS: Final = ("", "/payments", "/payments/payses_01", "/messages", "/messages/1", "/journal", "/nothing", "/sign-in")
ELSEWHERE: Final = re.compile(r"""(?:https?:)?//[a-z0-9-]+\.[a-z0-9.-]+""", re.IGNORECASE)


@pytest.fixture
def thief(parked: Shop) -> Iterator[Visitor]:
    with visiting(parked, address="203.0.113.7") as it:
        yield it


def state_of(shop: Shop) -> MessageState:
    found = shop.run(shop.house.database.read(messages.find, 1))
    assert found
    return found.state


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_headers(operator: Visitor, path: str) -> None:
    answer = operator.get(path)

    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_the_policy_lets_nothing_in_from_elsewhere_and_nothing_inline() -> None:
    policy = HEADERS["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "data:" not in policy


def test_a_stranger_is_given_no_page_and_no_piece_of_one(parked: Shop, thief: Visitor) -> None:
    for path in set(PATHS) - {"/sign-in"}:
        for headers in ({}, HTMX):
            answer = thief.get(path, **headers)
            assert answer.status_code in {200, 303}
            assert "payses_01" not in answer.text
            assert answer.text == ""


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_nothing_is_done_for_a_stranger(parked: Shop, thief: Visitor, headers: dict[str, str]) -> None:
    token = thief.hidden(thief.get("/sign-in"), "/sign-in")["token"]
    for form in ({}, {"token": token}):
        answer = thief.post("/messages/1/redeliver", form, **headers)
        assert "/console/sign-in" in answer.headers.get("location", answer.headers.get("hx-redirect"))

    assert state_of(parked) == MessageState.PARKED


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_nothing_is_done_without_the_token(parked: Shop, operator: Visitor, headers: dict[str, str]) -> None:
    with visiting(parked) as other:
        theirs = other.sign_in().hidden(other.get("/messages"), "/messages/1/redeliver")["token"]
        visit = other.hidden(other.get(""), "/sign-out")["token"]
    for form in ({}, {"token": ""}, {"token": "made-up"}, {"token": theirs}, {"token": visit}):
        answer = operator.post("/messages/1/redeliver", form, **headers)
        assert answer.status_code == 403

    assert state_of(parked) == MessageState.PARKED
    assert operator.post("/sign-out", {}).status_code == 403
    assert operator.get("").status_code == 200


def test_the_right_password_without_the_forms_token_opens_nothing(stranger: Visitor) -> None:
    stranger.get("/sign-in")

    assert stranger.post("/sign-in", {"password": PASSWORD}).status_code == 403
    assert stranger.get("").status_code == 303


def test_no_act_is_done_by_following_a_link(parked: Shop, operator: Visitor) -> None:
    token = operator.hidden(operator.get("/messages"), "/messages/1/redeliver")["token"]

    assert operator.get(f"/messages/1/redeliver?token={token}").status_code == 404
    assert state_of(parked) == MessageState.PARKED


class Inline(HTMLParser):
    """Finds what the policy forbids, before a browser leaves it out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.forms = 0
        self.tokens = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or "style" in given or (tag == "script" and not given.get("src")):
            self.found.append(tag)
        self.found += [name for name in given if name.startswith(("on", "hx-on", "hx-vals"))]
        self.forms += tag == "form" and given.get("method") == "post"
        self.tokens += tag == "input" and given.get("name") == "token" and bool(given.get("value"))


@pytest.mark.parametrize("path", PATHS)
def test_no_page_has_inline_scripts_or_styles_and_every_form_its_token(
    parked: Shop, operator: Visitor, path: str
) -> None:
    page = Inline()
    page.feed(operator.get(path).text)

    assert page.found == []
    assert page.forms == page.tokens


@pytest.mark.parametrize("path", PATHS)
def test_no_page_mentions_an_outside_host(parked: Shop, operator: Visitor, path: str) -> None:
    assert ELSEWHERE.findall(operator.get(path).text) == []


@pytest.mark.parametrize(
    "file", [*CONSOLE.glob("static/*.*"), *CONSOLE.glob("templates/*")], ids=lambda file: str(file.name)
)
def test_nothing_of_ours_mentions_an_outside_host(file: Path) -> None:
    found = ELSEWHERE.findall(file.read_text())

    assert set(found) <= {"http://www.w3.org"}  # the name of SVG, which nobody fetches


def test_no_page_shows_a_key(parked: Shop, operator: Visitor) -> None:
    for path in PATHS:
        page = operator.get(path).text
        assert not [secret for secret in (PASSWORD, KEY, BACKEND_KEY) if secret in page]


def test_what_others_have_written_is_text_on_our_pages(shop: Shop, operator: Visitor) -> None:
    async def answers(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(409, text="<script>alert(1)</script>")

    shop.paid()
    shop.backend.answers = answers
    shop.deliver()

    for path in ("/messages", "/payments/payses_01", "/payments?q=%3Cscript%3E"):
        page = operator.get(path).text
        assert "<script>alert" not in page
        assert "<script>" not in page
    assert "&lt;script&gt;alert(1)" in operator.get("/messages").text


def test_a_form_that_is_too_long_is_not_read(operator: Visitor) -> None:
    assert operator.post("/sign-out", {"token": "x" * 70_000}).status_code == 413


@pytest.mark.parametrize("name", ["..%2Fguard.py", "vendor/README.md", "nothing.css", ""])
def test_no_other_file_is_served(stranger: Visitor, name: str) -> None:
    assert stranger.get(f"/static/{name}").status_code == 404


def test_a_browser_may_keep_what_never_changes(stranger: Visitor) -> None:
    [sheet] = re.findall(r'href="/console(/static/console\.css\?v=[0-9a-f]+)"', stranger.get("/sign-in").text)
    answer = stranger.get(sheet)

    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"
