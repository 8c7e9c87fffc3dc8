"""One purchase through a real Medusa, walked without a browser and checked at every step."""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

import httpx

from demo_shop.browser import Browser
from demo_shop.catalogue import TEA_SET
from demo_shop.medusa.house import House
from demo_shop.medusa.store import PROVIDER, Store
from demo_shop.pages import TIYIN, som
from demo_shop.screen import Screen
from demo_shop.walk import (
    LOCALE,
    PAYMENT,
    SECOND_PAYMENT,
    address,
    calls_in,
    checked_link,
    expect,
)
from payme_sandbox.link import Link

COUNTRY_CODE: Final = "uz"
HANDLE: Final = "tea-set"
PRICE: Final = TEA_SET.price // TIYIN  # Medusa counts in so'm
PATIENCE: Final = 120.0
PAUSE: Final = 0.2


@dataclass
class Walk:
    """The steps, in their order; the shopper asks Medusa as the storefront's pages would."""

    house: House
    store: Store
    browser: Browser
    screen: Screen

    async def purchase(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            await self._enter_the_shop()
            cart_id = await self._fill_the_cart()
            session = await self._choose_payme(cart_id)
            link = await self._press_pay(session)
            old_tab = self.browser.page
            await self._pay_at_payme(link)
            order = await self._find_the_order_placed(cart_id)
            await self._complete_the_cart(cart_id, order)
            await self._read_the_public_status(session["id"])
            await self.browser.submit_from(old_tab, "buyer", action="pay")
            await self._find_it_paid_only_once(order)
            return order

    async def _enter_the_shop(self) -> None:
        await self.browser.open(f"{self.house.addresses.shop}/config.json")
        told = self.browser.page.json()
        expect("the backend that the storefront asks", told["backendUrl"], self.house.addresses.medusa)
        await self.browser.open(self.house.addresses.shop)
        expect("the storefront's page", self.browser.page.status, 200)
        self.screen.done("the storefront is open", self.browser.page.url)

    async def _fill_the_cart(self) -> str:
        product = await self.store.product(HANDLE)
        variant = product["variants"][0]
        expect("the price in Medusa", variant["calculated_price"]["calculated_amount"], PRICE)
        cart = await self.store.cart(variant["id"])
        expect("the cart's total in Medusa", cart["total"], PRICE)
        self.screen.done("the tea set is in a cart of Medusa's, with its delivery", som(TEA_SET.price, LOCALE))
        return str(cart["id"])

    async def _choose_payme(self, cart_id: str) -> dict[str, Any]:
        expect("Payme among the ways to pay", PROVIDER in await self.store.providers(), True)
        session = await self.store.session(cart_id, {"locale": LOCALE, "country_code": COUNTRY_CODE})
        found = (session["provider_id"], session["status"], session["amount"])
        expect("the payment session", found, (PROVIDER, "pending", PRICE))
        self.screen.done("Payme is chosen; the plugin registered the payment session", session["id"])
        return session

    async def _press_pay(self, session: dict[str, Any]) -> Link:
        url = session["data"]["checkout_url"]
        link = checked_link(url, self.house.addresses.payme, self.house.merchant_id)
        expect("the account in the link", link.account, {"order_id": session["id"]})
        await self.browser.open(url)
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
        review = f"{self.house.addresses.shop}/{LOCALE}/{COUNTRY_CODE}/checkout?step=review&payment=success"
        expect("where the callback sends the shopper", address(landing), address(review))
        expect("the storefront's page there", self.browser.page.status, 200)
        self.screen.done("the callback answered with the review step", landing)

    async def _find_the_order_placed(self, cart_id: str) -> dict[str, Any]:
        """Look before the storefront does anything: the sidecar alone has made Medusa place it."""
        orders = await self.store.orders()
        while not [order for order in orders if order["payment_status"] == "captured"]:
            await asyncio.sleep(PAUSE)
            orders = await self.store.orders()
        order = orders[0]
        expect("the order's cart", order["cart"]["id"], cart_id)
        self._read_the_books(orders, order)
        self.screen.done("the sidecar told Medusa, and Medusa placed the order", f"order {order['display_id']}")
        return order

    async def _complete_the_cart(self, cart_id: str, order: dict[str, Any]) -> None:
        completed = await self.store.complete(cart_id)
        found = (completed["type"], (completed.get("order") or {}).get("id"))
        expect("what the returning shopper gets", found, ("order", order["id"]))
        self.screen.done("the returning shopper gets that same order", order["id"])

    async def _read_the_public_status(self, session_id: str) -> None:
        await self.browser.open(f"{self.house.addresses.sidecar}/payment-status/{session_id}")
        told = self.browser.page.json()
        expect("the public payment status", (told.get("status"), told.get("transaction_state")), ("captured", 2))
        self.screen.done("the public payment status says captured", self.browser.page.url)

    async def _find_it_paid_only_once(self, order: dict[str, Any]) -> None:
        expect("the answer to a second payment", calls_in(self.house.journal), SECOND_PAYMENT)
        expect("the face of Payme's page", self.browser.page.attribute("checkout", "data-notice"), "refused")
        self._read_the_books(await self.store.orders(), order)
        self.screen.done("paying the same link again is refused; there is one order", SECOND_PAYMENT[-1][1])

    @staticmethod
    def _read_the_books(orders: list[dict[str, Any]], order: dict[str, Any]) -> None:
        expect("the orders in Medusa's books", [it["id"] for it in orders], [order["id"]])
        payments = [payment for held in orders[0]["payment_collections"] for payment in held["payments"]]
        expect("the payments of the order", [payment["provider_id"] for payment in payments], [PROVIDER])
        captures = [capture["amount"] for payment in payments for capture in payment["captures"]]
        expect("what was captured", captures, [PRICE])


async def purchase(house: House, screen: Screen) -> str:
    async with (
        httpx.AsyncClient(trust_env=False, timeout=30) as http,
        Store.at(house.addresses.medusa, house.seed) as store,
    ):
        order = await Walk(house, store, Browser(http), screen).purchase()
    return f"Order {order['display_id']} is paid in Medusa: {som(TEA_SET.price, 'en')}"
