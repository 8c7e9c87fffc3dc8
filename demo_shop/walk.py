"""One purchase from the shop's door to the paid order, walked without a browser and checked at every step."""

import asyncio
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

import httpx

from demo_shop.backend import Order
from demo_shop.browser import Browser
from demo_shop.catalogue import TEA_SET
from demo_shop.house import House
from demo_shop.journal import Journal, Step
from demo_shop.pages import som
from demo_shop.screen import Screen
from demo_shop.storefront import DEFAULT_COUNTRY_CODE
from payme_sandbox.languages import Locale
from payme_sandbox.link import Link, NotALink

# Not the default of either service: if the language comes back, it has travelled.
LOCALE: Final[Locale] = "uz"
HOME: Final = f"/{LOCALE}/{DEFAULT_COUNTRY_CODE}"
PATIENCE: Final = 60.0

PAYMENT: Final = [
    ("CheckPerformTransaction", "allow true"),
    ("CreateTransaction", "state 1"),
    ("CreateTransaction", "state 1"),
    ("PerformTransaction", "state 2"),
    ("PerformTransaction", "state 2"),
]
SECOND_PAYMENT: Final = [*PAYMENT, ("CheckPerformTransaction", "error -31052")]


class Surprise(Exception):
    """Something else than the story says."""

    def __init__(self, what: str, expected: object, found: object) -> None:
        super().__init__(f"{what}: expected {expected!r}, found {found!r}")
        self.what = what
        self.expected = expected
        self.found = found


def expect(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise Surprise(what, expected, found)


@dataclass
class Walk:
    """The steps, in their order; each goes on from the page where the one before it stopped."""

    house: House
    browser: Browser
    screen: Screen

    async def purchase(self) -> Order:
        async with asyncio.timeout(PATIENCE):
            await self._enter_the_shop()
            await self._fill_the_cart()
            await self._choose_payme()
            link = await self._press_pay()
            old_tab = self.browser.page
            await self._pay_at_payme(link)
            order = await self._get_the_confirmation(link)
            self._find_the_promise_kept(order)
            await self._read_the_public_status(order)
            await self.browser.submit_from(old_tab, "buyer", action="pay")
            self._find_it_paid_only_once(order)
            return order

    async def _enter_the_shop(self) -> None:
        await self.browser.open(self.house.addresses.shop)
        await self.browser.follow(f"language-{LOCALE}")
        expect("the shop in the chosen language", self._path(), HOME)
        self.screen.done("the shop is open", self.browser.page.url)

    async def _fill_the_cart(self) -> None:
        await self.browser.submit(f"buy-{TEA_SET.handle}")
        expect("the cart's total", self.browser.page.text("total"), som(TEA_SET.price, LOCALE))
        self.screen.done("the tea set is in the cart", som(TEA_SET.price, LOCALE))

    async def _choose_payme(self) -> None:
        await self.browser.follow("to-payment")
        await self.browser.submit("choose-payment")
        expect("the review step", self.browser.page.attribute("review", "data-view"), "ready")
        sessions = [entry for entry in self.house.journal.entries if entry.step is Step.SESSION_REGISTERED]
        expect("registered payment sessions", [entry.outcome for entry in sessions], ["pending"])
        self.screen.done("Payme is chosen; the shop registered the payment session", sessions[0].order_id)

    async def _press_pay(self) -> Link:
        url = self.browser.page.attribute("pay", "href")
        link = checked_link(url, self.house.addresses.payme, self.house.merchant_id)
        await self.browser.follow("pay")
        expect("the amount on Payme's page", self.browser.page.text("amount"), som(TEA_SET.price, LOCALE))
        self.screen.done("Pay leads to Payme's page", f"account {link.account}")
        return link

    async def _pay_at_payme(self, link: Link) -> None:
        await self.browser.submit("buyer", action="pay")
        expect("Payme's calls and their answers", calls_in(self.house.journal), PAYMENT)
        visits = list(self.house.cashier.visits.values())
        expect("defects Payme would complain of", [visit.defects for visit in visits], [[]])
        self.screen.done("Payme is content: every repeated call got the same answer")
        back, landing, *_ = [*self.browser.hops[1:], "nowhere", "nowhere"]
        expect("the way back from Payme", back, link.return_url)
        self.screen.done("Payme sent the shopper to the callback", back)
        expect("where the callback sends the shopper", address(landing), self._success())
        self.screen.done("the callback answered with the review step", landing)

    def _success(self) -> tuple[str, str, dict[str, list[str]]]:
        origin = urlsplit(self.house.addresses.shop)
        return origin.netloc, f"{HOME}/checkout", {"step": ["review"], "payment": ["success"]}

    async def _get_the_confirmation(self, link: Link) -> Order:
        await self.browser.let_it_refresh()
        expect("the confirmation page", self.browser.page.attribute("order", "data-status"), "paid")
        order = self.house.backend.orders.get(self._path().split("/")[-2])
        if order is None:
            raise Surprise("the order in the shop's books", "one order", "none")
        expect("the order's payment session", order.session_id, link.account.get("order_id"))
        expect("the order's amount", order.amount, link.amount)
        self.screen.done(f"the review step went on by itself to order {order.number}", self.browser.page.url)
        return order

    def _find_the_promise_kept(self, order: Order) -> None:
        entries = self.house.journal.about(order.session_id)
        asked = [entry for entry in entries if entry.step is Step.AUTHORIZE_ASKED]
        key = f"Idempotency-Key: authorize:{order.transaction_id}"
        expect("the keys of the sidecar's calls", {entry.note for entry in asked}, {key})
        self.screen.done("the sidecar told the shop of the payment under its key", key)

    async def _read_the_public_status(self, order: Order) -> None:
        await self.browser.open(f"{self.house.addresses.sidecar}/payment-status/{order.session_id}")
        told = self.browser.page.json()
        expect("the public payment status", (told.get("status"), told.get("transaction_state")), ("captured", 2))
        self.screen.done("the public payment status says captured", self.browser.page.url)

    def _find_it_paid_only_once(self, order: Order) -> None:
        expect("the answer to a second payment", calls_in(self.house.journal), SECOND_PAYMENT)
        expect("the face of Payme's page", self.browser.page.attribute("checkout", "data-notice"), "refused")
        expect("the orders in the shop's books", list(self.house.backend.orders.values()), [order])
        self.screen.done("paying the same link again is refused; there is one order", SECOND_PAYMENT[-1][1])

    def _path(self) -> str:
        return urlsplit(self.browser.page.url).path


def checked_link(url: str, payme: str, merchant_id: str) -> Link:
    try:
        link = Link.read(url.removeprefix(f"{payme}/"))
    except NotALink:
        raise Surprise("the link of the Pay button", "a checkout link to Payme", url) from None
    expect("the cashbox in the link", link.merchant_id, merchant_id)
    expect("the amount in the link", link.amount, TEA_SET.price)
    expect("the language in the link", link.language, LOCALE)
    return link


def calls_in(journal: Journal) -> list[tuple[str, str]]:
    return [(entry.what, entry.outcome) for entry in journal.entries if entry.step is Step.PAYME_CALLED]


def address(url: str) -> tuple[str, str, dict[str, list[str]]]:
    """An address without the order of its query."""
    parts = urlsplit(url)
    return parts.netloc, parts.path, parse_qs(parts.query)


async def purchase(house: House, screen: Screen) -> Order:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        return await Walk(house, Browser(http), screen).purchase()
