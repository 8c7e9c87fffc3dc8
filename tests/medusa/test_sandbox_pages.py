"""Payme's pages of `sandbox serve` in a real browser, at a desk and on a phone: against the sidecar, and against liars.

They need no Medusa, but the browser that comes with it.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route

from demo_shop.postgres import free_port
from payme_sandbox.link import Link
from tests.medusa.chromium import Chromium
from tests.payme_sandbox.billing import AMOUNT, FIELD, KEY, Billing
from tests.payme_sandbox.opened import HOST, at_address, opened
from tests.processes import CommerceBackend, Sidecar, SqliteStorage
from tests.shop import KEY as SIDECAR_KEY

PATIENCE: Final = 30_000  # milliseconds
SIZES: Final = {"desk": (1280, 900), "phone": (390, 844)}
REFUSED: Final = "/compare"
MERCHANT: Final = "587f72c72cac0d162c722ae2"


@pytest.fixture(scope="module")
def browser(chromium: Chromium) -> Iterator[Browser]:
    with chromium.open() as running:
        yield running


@pytest.fixture
def payme() -> Iterator[str]:
    """`sandbox serve` without an endpoint; its address."""
    port = free_port()
    with opened(port):
        yield f"http://{HOST}:{port}"


@pytest.fixture(scope="module")
def sidecar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidecar]:
    folder, backend = tmp_path_factory.mktemp("sidecar"), CommerceBackend()
    backend.start()
    with at_address(PlainTextResponse("the shop")) as shop:
        changes = {"CALLBACK_URL": f"{shop}/payme-callback"}
        running = Sidecar(folder, folder, SqliteStorage(folder).url, backend.url, **changes)
        running.start()
        yield running
        running.close()
    backend.stop()


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who has an endpoint and a browser."""

    page: Page
    payme: str
    size: str

    def connect(self, endpoint: str, key: str) -> None:
        self.page.goto(f"{self.payme}/?l=en")
        self.page.locator("[name=url]").fill(endpoint)
        self.page.locator("[name=key]").fill(key)
        self.press("Connect")

    def press(self, words: str) -> None:
        self.page.get_by_role("button", name=words, exact=True).click()

    def go(self, section: str) -> None:
        self.page.get_by_role("link", name=section, exact=True).click()

    def open(self, link: str) -> None:
        self.page.goto(f"{self.payme}/?l=en")
        self.page.locator("[name=link]").fill(link)
        self.press("Open")
        expect(self.page.locator("#amount")).to_be_visible()

    def choose(self, action: str) -> None:
        self.page.locator(f"button[name=action][value={action}]").click()

    def go_wrong(self, action: str) -> None:
        self.page.locator("#troubles > summary").click()
        self.choose(action)

    def sees(self, notice: str) -> None:
        expect(self.page.locator("#checkout")).to_have_attribute("data-notice", notice)

    def compare(self) -> None:
        self.page.goto(f"{self.payme}/?l=en")
        self.press("Compare with the merchant")

    def picture(self, name: str) -> None:
        """See that nothing hangs over the edge, and draw it where PICTURES says."""
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= SIZES[self.size][0], f"{name} is {width} pixels wide"
        if folder := os.environ.get("PICTURES"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"sandbox-{self.size}-{name}.png", full_page=True)


@pytest.fixture(params=list(SIZES))
def newcomer(request: pytest.FixtureRequest, browser: Browser, payme: str) -> Iterator[Newcomer]:
    width, height = SIZES[request.param]
    context = browser.new_context(
        viewport={"width": width, "height": height}, is_mobile=request.param == "phone", locale="en-US"
    )
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    faults: list[Any] = []
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(error))  # noqa: PLW0108 - a built-in cannot be marked
    page.on("console", lambda said: faults.append(said.text) if is_ours(said) else None)
    yield Newcomer(page, payme, request.param)
    context.close()
    assert not faults


def is_ours(said: ConsoleMessage) -> bool:
    """A page of ours breaks its own policy; Chromium's viewer of plain text does so by itself."""
    return "Content Security" in said.text and not said.location["url"].endswith(REFUSED)


def link_of(sidecar: Sidecar, session: str) -> str:
    answer = sidecar.register(session)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["payment_url"])


def order(billing: Billing) -> str:
    return Link(MERCHANT, {FIELD: orders(billing, 1)}, AMOUNT, "en", "").text


def orders(billing: Billing, count: int) -> str:
    """Seed payable orders; the number of the last."""
    billing.orders.update({str(number): AMOUNT for number in range(1, count + 1)})
    return str(count)


# ── against the real sidecar ───────────────────────────────────────────────────────────────────────────────────────


def test_a_newcomer_connects_pastes_a_link_pays_refunds_and_finds_the_books_in_agreement(
    newcomer: Newcomer, sidecar: Sidecar
) -> None:
    link = link_of(sidecar, f"walk-{newcomer.size}")
    newcomer.connect(f"http://{HOST}:{sidecar.port}/payme", SIDECAR_KEY)
    expect(newcomer.page.locator("#diagnosis")).to_have_attribute("data-finding", "ready")
    newcomer.picture("cabinet")

    newcomer.open(link)
    newcomer.picture("checkout")
    newcomer.choose("decline")
    newcomer.sees("declined")
    newcomer.choose("pay")
    newcomer.page.wait_for_url(re.compile(r".*/payme-callback\?order_id=.*"))

    newcomer.compare()
    expect(newcomer.page.locator("#agreement")).to_be_visible()
    expect(newcomer.page.locator("[data-standing=paid]")).to_have_count(1)
    expect(newcomer.page.locator("[data-standing=cancelled]")).to_have_count(1)
    newcomer.press("Refund")
    expect(newcomer.page.locator("[data-standing=refunded]")).to_have_count(1)
    newcomer.press("Compare with the merchant")
    expect(newcomer.page.locator("#agreement")).to_be_visible()
    newcomer.picture("books")
    newcomer.go("Log")
    expect(newcomer.page.locator("details.call").nth(17)).to_be_visible()
    newcomer.page.locator("details.call summary").first.click()
    newcomer.picture("log")
    assert SIDECAR_KEY not in newcomer.page.content()


def test_what_can_go_wrong_goes_right_with_the_sidecar(newcomer: Newcomer, sidecar: Sidecar) -> None:
    newcomer.connect(f"http://{HOST}:{sidecar.port}/payme", SIDECAR_KEY)

    for action, notice in (("two_buyers", "one_of_two"), ("lose", "recovered"), ("overdue", "overdue")):
        newcomer.open(link_of(sidecar, f"{action}-{newcomer.size}"))
        newcomer.go_wrong(action)
        newcomer.sees(notice)
        newcomer.picture(notice)
        expect(newcomer.page.locator(".defect")).to_have_count(0)

    newcomer.compare()
    expect(newcomer.page.locator("#agreement")).to_be_visible()


# ── against endpoints that are wrong ───────────────────────────────────────────────────────────────────────────────


def test_a_merchant_whose_books_lie_is_found_out(newcomer: Newcomer) -> None:
    billing = Billing()
    with at_address(billing) as address:
        newcomer.connect(f"{address}/payme", KEY)
        newcomer.open(order(billing))
        newcomer.choose("pay")
        newcomer.sees("paid")
        [row] = billing.rows.values()
        row.state, row.cancel_time, row.reason, row.amount = -2, row.perform_time, 5, AMOUNT - 1

        newcomer.compare()

    expect(newcomer.page.locator("[data-kind=paid_here_cancelled_there]")).to_be_visible()
    expect(newcomer.page.locator("[data-kind=amount_differs]")).to_be_visible()
    newcomer.picture("disagreement")


def test_the_scenarios_find_a_defect_by_its_name_while_the_page_follows(newcomer: Newcomer) -> None:
    billing = Billing("cancelled is final")
    orders(billing, 60)
    with at_address(billing) as address:
        newcomer.connect(f"{address}/payme", KEY)
        newcomer.go("Scenarios")
        newcomer.page.locator("[name=account]").fill("order_id=1..60")

        newcomer.press("Run the scenarios")

        expect(newcomer.page.locator("#progress[data-running]")).to_be_visible()
        expect(newcomer.page.locator("#summary")).to_be_visible(timeout=3 * PATIENCE)

    failed = newcomer.page.locator("#perform-after-cancel.failed[open]")
    expect(failed).to_contain_text("PerformTransaction: expected error -31008, found state 2")
    expect(failed.locator("pre")).not_to_have_count(0)
    expect(newcomer.page.locator(".failures")).to_contain_text("A cancelled transaction is never performed")
    expect(newcomer.page.locator("#scenario-1.passed")).to_have_count(1)
    newcomer.picture("scenarios")


def test_a_wrong_address_and_a_wrong_key_are_explained(newcomer: Newcomer) -> None:
    newcomer.connect(f"http://{HOST}:{free_port()}/payme", KEY)
    expect(newcomer.page.locator("#diagnosis")).to_contain_text("Nothing answers at")
    newcomer.picture("nobody")

    with at_address(Billing("200")) as address:
        newcomer.page.get_by_text("Another endpoint or key").click()
        newcomer.page.locator("[name=url]").fill(f"{address}/payme")
        newcomer.page.locator("[name=key]").fill("wrong")
        newcomer.press("Connect")
        expect(newcomer.page.locator("#diagnosis")).to_contain_text("answered HTTP 401. Payme wants 200")


# ── from another site ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_shops_checkout_form_opens_the_page_and_its_other_forms_do_nothing(newcomer: Newcomer) -> None:
    async def shop(_: Request) -> HTMLResponse:
        return HTMLResponse(
            f"""<form method="post" action="{newcomer.payme}/"><input name="merchant" value="{MERCHANT}">
            <input name="amount" value="{AMOUNT}"><input name="account[{FIELD}]" value="1">
            <input name="lang" value="en"><button>Checkout</button></form>
            <form method="post" action="{newcomer.payme}{REFUSED}"><button>Mischief</button></form>"""
        )

    billing = Billing()
    orders(billing, 1)
    with at_address(billing) as address, at_address(Starlette(routes=[Route("/cart", shop)])) as elsewhere:
        newcomer.connect(f"{address}/payme", KEY)
        newcomer.page.goto(f"{elsewhere}/cart")
        newcomer.press("Checkout")
        newcomer.sees("")
        newcomer.choose("pay")
        newcomer.page.wait_for_url(f"{elsewhere}/**")  # without a return address, to where they came from

        newcomer.page.goto(f"{elsewhere}/cart")
        with newcomer.page.expect_response(newcomer.payme + REFUSED) as answered:
            newcomer.press("Mischief")

    assert answered.value.status == 403
    assert urlsplit(newcomer.page.url).path == REFUSED
    assert len(billing.rows) == 1
