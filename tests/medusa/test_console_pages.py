"""The operator's console in a real browser, at a desk and on a phone, over a sidecar with some days of business.

It needs no Medusa, but the browser that comes with it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.console.business import REFUSED, REFUSED_ORDER, fill
from tests.console.visitor import PASSWORD
from tests.medusa.chromium import Chromium
from tests.processes import CommerceBackend, Sidecar, SqliteStorage

SIZES: Final = {"desk": (1280, 900), "phone": (390, 844), "small phone": (320, 640)}
LANGUAGES: Final = {"ru": "ru-RU", "uz": "uz-UZ", "en": "en-GB"}
PAGES: Final = ("", "?period=month", "/payments", f"/payments/{REFUSED}", "/messages", "/journal", "/nothing")
WORDS: Final = {"ru": "Оплачено", "uz": "To‘langan", "en": "Paid"}


@pytest.fixture(scope="module")
def browser(chromium: Chromium) -> Iterator[Browser]:
    with chromium.open() as running:
        yield running


@dataclass(frozen=True, slots=True)
class Place:
    sidecar: Sidecar
    backend: CommerceBackend
    storage: SqliteStorage

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.sidecar.port}/console"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder, backend = tmp_path_factory.mktemp("console"), CommerceBackend()
    backend.start()
    storage = SqliteStorage(folder)
    fill(storage.url)
    sidecar = Sidecar(folder, folder, storage.url, backend.url, CONSOLE_PASSWORD=PASSWORD)
    sidecar.start()
    yield Place(sidecar, backend, storage)
    sidecar.close()
    backend.stop()


@dataclass(frozen=True, slots=True)
class Operator:
    page: Page
    address: str

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def sign_in(self, password: str = PASSWORD) -> None:
        self.page.locator("[name=password]").fill(password)
        self.page.locator("main form button").click()

    def press(self, words: str) -> None:
        self.page.get_by_role("button", name=words, exact=True).click()

    def wider_than_the_screen(self) -> int:
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.fixture(params=["desk"])
def operator(request: pytest.FixtureRequest, browser: Browser, place: Place) -> Iterator[Operator]:
    """Somebody at the sign-in; whatever goes wrong in the browser fails the test."""
    size, locale = request.param if isinstance(request.param, tuple) else (request.param, "en")
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, is_mobile=width < 600, locale=LANGUAGES[locale]
    )
    page = context.new_page()
    wrong: list[str] = []
    strangers: list[str] = []

    def said(message: ConsoleMessage) -> None:
        if message.type == "error" and not re.search(r"status of (40[134]|429|503)", message.text):
            wrong.append(message.text)

    page.on("console", said)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda it: strangers.extend([it.url] if not it.url.startswith(place.address) else []))
    page.goto(f"{place.address}/sign-in?l={locale}")
    yield Operator(page, place.address)
    context.close()
    assert wrong == []
    assert strangers == []


def test_signing_in_leads_to_where_one_wanted_to_go(operator: Operator) -> None:
    operator.go(f"/payments/{REFUSED}")
    expect(operator.page).to_have_url(re.compile("/console/sign-in"))

    operator.sign_in()
    expect(operator.page).to_have_url(f"{operator.address}/payments/{REFUSED}")
    cookies = {cookie["name"]: cookie for cookie in operator.page.context.cookies()}
    assert cookies["payme_console"]["httpOnly"]
    assert "payme_console" not in operator.page.evaluate("document.cookie")

    operator.press("Sign out")
    operator.go("/payments")
    expect(operator.page).to_have_url(re.compile("/console/sign-in"))


def test_a_wrong_password_is_said_to_be_wrong(operator: Operator) -> None:
    operator.sign_in("not the password")

    expect(operator.page.get_by_role("alert")).to_have_text("Wrong password.")
    operator.go("/payments")
    expect(operator.page).to_have_url(re.compile("/console/sign-in"))


def test_a_payment_is_found_and_its_story_is_told(operator: Operator) -> None:
    operator.sign_in()
    operator.page.get_by_role("link", name="Payments", exact=True).click()
    operator.page.get_by_label("Order, session or Payme’s id").fill("5f1a9c0b7d2e4a3b8c6d9e0f")
    operator.press("Find")
    rows = operator.page.locator("#payments tbody tr")
    expect(rows).to_have_count(1)
    rows.get_by_role("link", name=REFUSED_ORDER).click()

    events = operator.page.locator("#events li")
    expect(events.first).to_contain_text("The shop gave out a link to pay")
    expect(events.filter(has_text="CheckPerformTransaction")).to_have_count(2)
    expect(events.filter(has_text="The money was taken")).to_have_count(1)
    expect(events.filter(has_text="The backend was told (2): refused")).to_be_visible()
    call = events.filter(has_text="PerformTransaction").last
    call.locator("summary").click()
    expect(call.locator("pre")).to_contain_text("perform_time")
    expect(operator.page.get_by_role("link", name="Open the receipt")).to_have_attribute(
        "href", re.compile("^https://ofd.example/check")
    )


def test_a_list_goes_on_without_a_new_page(operator: Operator, place: Place) -> None:
    place.storage.sql(
        "INSERT OR IGNORE INTO payment_session (id, order_id, amount, currency_code, created_time) "
        "WITH RECURSIVE n (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 199) "
        "SELECT 'old' || i, 'old' || i, 100, 'uzs', 1700000000000 + i FROM n"
    )
    operator.sign_in()
    operator.go("/payments?to=2024-01-01")
    rows = operator.page.locator("#payments tbody tr:not(.more)")
    expect(rows).to_have_count(40)

    operator.page.get_by_role("link", name="Show more").click()
    expect(rows).to_have_count(80)
    operator.page.get_by_role("link", name="Show more").click()
    expect(rows).to_have_count(100)
    expect(operator.page.get_by_role("link", name="Show more")).to_have_count(0)


def test_the_charts_are_drawn(operator: Operator) -> None:
    operator.sign_in()
    expect(operator.page.locator(".chart canvas")).to_have_count(2)
    painted = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(it => it)"

    assert operator.page.locator(".chart canvas").first.evaluate(painted)


def test_a_session_that_is_over_asks_for_the_password_and_comes_back(operator: Operator) -> None:
    """Also when it is HTMX that asks, for a piece of a page."""
    operator.sign_in()
    operator.go("/messages")
    expect(operator.page.locator("#message-1, .message").first).to_be_visible()
    operator.page.context.clear_cookies(name="payme_console")
    operator.press("Tell again now")

    expect(operator.page).to_have_url(re.compile("/console/sign-in"))
    operator.sign_in()
    expect(operator.page).to_have_url(f"{operator.address}/messages")
    expect(operator.page.get_by_role("button", name="Tell again now")).to_be_visible()


def test_an_act_without_its_token_does_nothing(operator: Operator, place: Place) -> None:
    operator.sign_in()
    operator.go("/messages")
    with operator.page.expect_response(re.compile("/redeliver$")) as answered:
        operator.page.evaluate("document.querySelector('.message [name=token]').value = 'made up'")
        operator.press("Tell again now")

    assert answered.value.status == 403
    assert place.storage.sql("SELECT state FROM outbox_message WHERE state <> 'delivered'") == ["parked"]


@pytest.mark.parametrize("operator", list(SIZES), indirect=True)
def test_no_page_is_wider_than_the_screen(operator: Operator) -> None:
    assert operator.wider_than_the_screen() == 0
    operator.sign_in()
    for path in PAGES:
        operator.go(path)
        for summary in operator.page.locator("summary").all()[:8]:
            summary.click()
        assert operator.wider_than_the_screen() == 0, path


@pytest.mark.parametrize("operator", [("small phone", it) for it in LANGUAGES], indirect=True, ids=list(LANGUAGES))
def test_the_console_speaks_three_languages_and_fits_in_each(
    operator: Operator, request: pytest.FixtureRequest
) -> None:
    language = request.node.callspec.params["operator"][1]
    operator.sign_in()

    expect(operator.page.locator("html")).to_have_attribute("lang", language)
    expect(operator.page.locator("#today")).to_contain_text(WORDS[language])
    for path in PAGES:
        operator.go(path)
        assert operator.wider_than_the_screen() == 0, path


def test_a_language_is_chosen_on_the_page(operator: Operator) -> None:
    operator.sign_in()
    operator.page.get_by_title("O‘zbekcha").click()

    expect(operator.page.get_by_role("heading", level=1)).to_have_text("Bugun")
    operator.go("/payments")
    expect(operator.page.get_by_role("heading", level=1)).to_have_text("To‘lovlar")


def test_a_parked_message_is_told_again_and_the_backend_takes_it(operator: Operator, place: Place) -> None:
    """The last one here: afterwards nothing is parked."""
    operator.sign_in()
    operator.page.get_by_role("link", name="Look").click()
    message = operator.page.locator(".message")
    expect(message).to_contain_text("409")
    message.get_by_role("button", name="Tell again now").click()

    expect(message).to_have_attribute("data-state", "delivered")
    expect(message.get_by_role("button")).to_have_count(0)
    assert place.backend.about(REFUSED) == ["authorize:5f1a9c0b7d2e4a3b8c6d9e0f"]
    operator.go(f"/payments/{REFUSED}")
    expect(operator.page.locator("#events .act")).to_contain_text("tell again")
    expect(operator.page.locator("#events .act")).to_contain_text("127.0.0.1")
