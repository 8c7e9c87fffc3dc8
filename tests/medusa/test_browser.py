"""The whole purchase as a shopper makes it: `payme-sidecar demo --medusa` in a real browser, at a desk and on a phone.

With PICTURES=folder the steps are also drawn there, as the docs show them.
"""

import os
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from demo_shop.addresses import Addresses
from demo_shop.medusa import Prepared
from tests.medusa import visit
from tests.medusa.chromium import Chromium
from tests.medusa.house import eventually, paid
from tests.medusa.store import Books, Seeded, Store

PATIENCE: Final = 30_000  # milliseconds
DESK: Final = (1280, 900)
PHONE: Final = (390, 844)
TEA_SET: Final = 140000


@dataclass(frozen=True, slots=True)
class Demo:
    addresses: Addresses
    store: Store


@pytest.fixture(scope="module")
def demo(prepared: Prepared, storefront_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """An open demo; what it needs is built already, so that it only has to start."""
    addresses = visit.free_addresses()
    with visit.demo(tmp_path_factory.mktemp("demo"), addresses.port) as opened:
        shown = visit.until(opened, visit.OPEN)
        assert addresses.shop in shown, shown
        store = Store(addresses.medusa, Seeded.read(prepared.seed.made))
        yield Demo(addresses, store)
        store.close()
        opened.send_signal(signal.SIGINT)
        rest, _ = opened.communicate(timeout=60)
    assert opened.returncode == 0, rest


@pytest.fixture(scope="module")
def browser(chromium: Chromium) -> Iterator[Browser]:
    with chromium.open() as opened:
        yield opened


class Shopper:
    """Somebody at a screen. What cannot be found within half a minute is missed."""

    def __init__(self, page: Page, demo: Demo, size: str) -> None:
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        self.page = page
        self.demo = demo
        self.size = size

    def press(self, testid: str) -> None:
        self.page.get_by_test_id(testid).click()

    def review(self, locale: str) -> None:
        """Go from the shop's door to the review step."""
        self.page.goto(f"{self.demo.addresses.shop}/{locale}/uz")
        self.picture("shop", "add-tea-set")
        self.press("add-tea-set")
        self.press("to-cart")
        self.press("go-to-checkout")
        self.press("continue-to-delivery")
        self.press("continue-to-payment")
        self.press("choose-pp_payme_payme")
        self.picture("payment", "continue-to-review")
        self.press("continue-to-review")
        self.picture("review", "pay")

    def go_to_payme(self) -> None:
        self.press("pay")
        self.page.wait_for_url(f"{self.demo.addresses.payme}/**")

    def link(self) -> str:
        """Payme's page for the cart in this browser."""
        cart = self.page.evaluate("localStorage.getItem('medusa-shop:cart-id')")
        [session] = self.demo.store.read_cart(cart)["payment_collection"]["payment_sessions"]
        return str(session["data"]["checkout_url"])

    def at_payme(self, action: str) -> None:
        self.page.locator(f"button[name=action][value={action}]").click()

    def find_the_confirmation(self, locale: str) -> str:
        """Wait for the confirmation of a paid order; its id."""
        self.page.wait_for_url(f"{self.demo.addresses.shop}/{locale}/uz/order/*/confirmed")
        expect(self.page.get_by_test_id("order-status")).to_have_attribute("data-status", "paid")
        expect(self.page.get_by_test_id("order-number")).to_have_text(re.compile(r"\d+"))
        self.picture("confirmation", "order-number")
        return self.page.url.split("/")[-2]

    def sees(self, stage: str) -> None:
        expect(self.page.locator(f"[data-payme-stage={stage}]")).to_be_visible()

    def picture(self, name: str, when_there_is: str) -> None:
        expect(self.page.get_by_test_id(when_there_is)).to_be_visible()
        if folder := os.environ.get("PICTURES"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{self.size}-{name}.png", full_page=self.size == "phone")


@pytest.fixture(params=["desk", "phone"])
def shopper(request: pytest.FixtureRequest, browser: Browser, demo: Demo) -> Iterator[Shopper]:
    width, height = {"desk": DESK, "phone": PHONE}[request.param]
    phone = request.param == "phone"
    context = browser.new_context(
        viewport={"width": width, "height": height}, is_mobile=phone, device_scale_factor=2 if phone else 1
    )
    yield Shopper(context.new_page(), demo, request.param)
    context.close()


def test_a_shopper_buys_pays_comes_back_and_lands_on_the_confirmation(shopper: Shopper) -> None:
    shopper.review("uz")
    shopper.go_to_payme()

    shopper.at_payme("pay")

    order = shopper.find_the_confirmation("uz")
    assert shopper.demo.store.books(order) == paid(TEA_SET)


def test_a_declined_card_and_a_change_of_mind_are_told_as_they_are_and_the_next_try_pays(shopper: Shopper) -> None:
    shopper.review("ru")
    shopper.go_to_payme()
    shopper.at_payme("decline")
    shopper.at_payme("cancel")
    shopper.page.wait_for_url(f"{shopper.demo.addresses.shop}/ru/uz/checkout?*payment=canceled*")
    shopper.sees("canceled")
    shopper.picture("canceled", "pay")

    shopper.go_to_payme()
    shopper.at_payme("pay")

    order = shopper.find_the_confirmation("ru")
    assert shopper.demo.store.books(order) == paid(TEA_SET)


def test_a_shopper_who_comes_back_without_having_paid_is_not_told_that_they_have(shopper: Shopper) -> None:
    shopper.review("en")
    shopper.go_to_payme()

    shopper.page.goto(f"{shopper.demo.addresses.shop}/en/uz/checkout?step=review&payment=success")

    shopper.sees("unpaid")
    expect(shopper.page.get_by_test_id("order-number")).to_have_count(0)


def test_the_checkout_finishes_when_it_was_paid_in_another_browser(shopper: Shopper, browser: Browser) -> None:
    shopper.review("ru")
    with browser.new_context() as elsewhere:
        other = elsewhere.new_page()
        other.goto(shopper.link())
        other.locator("button[name=action][value=pay]").click()
        expect(other.get_by_test_id("cart-elsewhere")).to_be_visible()

    shopper.page.reload()

    order = shopper.find_the_confirmation("ru")
    assert shopper.demo.store.books(order) == paid(TEA_SET)


def test_a_refund_from_the_cabinet_reaches_the_confirmation_page(shopper: Shopper) -> None:
    shopper.review("uz")
    shopper.go_to_payme()
    shopper.at_payme("pay")
    order = shopper.find_the_confirmation("uz")
    confirmation = shopper.page.url

    shopper.page.goto(shopper.demo.addresses.payme)
    shopper.page.locator("form[id^=refund-] button").first.click()
    books = Books("canceled", "refunded", 1, [TEA_SET], [TEA_SET], [-TEA_SET, TEA_SET])
    eventually(lambda: shopper.demo.store.books(order) == books, "a refunded order")
    shopper.page.goto(confirmation)

    expect(shopper.page.get_by_test_id("order-status")).to_have_attribute(
        "data-status", re.compile("refunded|canceled")
    )
    shopper.picture("refunded", "order-status")
