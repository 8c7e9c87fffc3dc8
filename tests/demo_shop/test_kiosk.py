"""The till: one press makes an order, a phone pays it, and the screen says so without being told by the phone."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from demo_shop.backend import AdminRoutes, Backend, Cart, OrderStatus
from demo_shop.browser import Browser
from demo_shop.catalogue import LAGAN, TEA_SET
from demo_shop.house import serving
from demo_shop.journal import Journal, system_clock
from demo_shop.pages import som
from demo_shop.postgres import free_port
from demo_shop.provider import Provider
from demo_shop.storefront import Storefront, application
from tests.camera import read
from tests.demo_shop.town import ADDRESSES, Town, run
from tests.processes import Sidecar
from tests.shop import API_KEY, BACKEND_KEY

SHOP = ADDRESSES.shop
PATIENCE = 30.0


async def sold(town: Town, handle: str = TEA_SET.handle, locale: str = "ru") -> Cart:
    """One press at the till."""
    await town.browser.open(f"{SHOP}/{locale}/uz/kiosk")
    await town.browser.submit(f"sell-{handle}")
    return next(reversed(town.backend.carts.values()))


async def looked_at_again(town: Town) -> None:
    await town.browser.open(town.browser.page.url)


def face(town: Town) -> str:
    return town.browser.page.attribute("till", "data-view")


def test_the_front_page_leads_to_the_till() -> None:
    async def story() -> None:
        town = Town()
        await town.browser.open(f"{SHOP}/uz/uz")

        await town.browser.follow("to-kiosk")

        assert town.path == "/uz/uz/kiosk"
        assert {f"sell-{handle}" for handle in (TEA_SET.handle, LAGAN.handle)} <= set(town.browser.page.forms)

    run(story())


def test_one_press_makes_an_order_and_shows_its_code_its_amount_and_its_link() -> None:
    async def story() -> None:
        town = Town()

        cart = await sold(town, LAGAN.handle, "uz")

        page, session = town.browser.page, town.sidecar.sessions[cart.session_id or ""]
        assert (session["amount"], session["locale"]) == (LAGAN.price, "uz")
        assert face(town) == "ready"
        assert page.attribute("code", "src").startswith(
            f"{ADDRESSES.sidecar}/payment-sessions/{cart.session_id}/qr.svg"
        )
        assert page.text("amount") == som(LAGAN.price, "uz")
        assert page.text("order") == cart.session_id
        assert page.attribute("pay", "href") == town.sidecar.link(session)
        assert town.sidecar.link(session) in page.source.replace("&amp;", "&").split("<code>")[-1]

    run(story())


def test_every_press_is_an_order_of_its_own_and_no_cart_of_the_shop_is_touched() -> None:
    async def story() -> None:
        town = Town()

        first, second = await sold(town), await sold(town)

        assert first.session_id != second.session_id
        assert not town.http.cookies

    run(story())


def test_the_screen_tells_the_script_what_it_has_seen_and_whom_to_ask() -> None:
    async def story() -> None:
        town = Town()
        cart = await sold(town)
        asked = town.browser.page.attribute("till", "data-status-url")
        answer = (await town.http.get(asked)).json()

        assert asked == f"{ADDRESSES.sidecar}/payment-status/{cart.session_id}"
        assert answer == {"status": "pending", "transaction_state": None}
        assert town.browser.page.attribute("till", "data-seen") == "pending null"
        town.sidecar.sessions[cart.session_id or ""]["transaction"] = {"id": "t", "state": -1}
        await looked_at_again(town)
        assert town.browser.page.attribute("till", "data-seen") == "pending -1"

    run(story())


# (status, state of the newest transaction): what the screen shows, whether one can pay from it, whether it still asks
FACES = {
    ("pending", None): ("ready", True, True),
    ("pending", -1): ("canceled", True, True),
    ("pending", 1): ("waiting", False, True),
    ("captured", 2): ("finishing", False, True),
    ("canceled", None): ("closed", False, False),
    ("canceled", 1): ("closed", False, False),
    ("canceled", -2): ("closed", False, False),
}


@pytest.mark.parametrize(("stands", "shown"), FACES.items(), ids=str)
def test_the_screen_shows_how_the_payment_stands(stands: tuple[str, int | None], shown: tuple[str, bool, bool]) -> None:
    async def story() -> None:
        town = Town()
        cart = await sold(town)
        status, state = stands
        town.sidecar.sessions[cart.session_id or ""].update(
            status=status, transaction={"id": "t", "state": state} if state else None
        )

        await looked_at_again(town)

        elements = town.browser.page.elements
        assert (face(town), "code" in elements, bool(elements["till"].attributes["data-status-url"])) == shown
        assert ("pay" in elements) == ("code" in elements)

    run(story())


def test_a_phone_pays_and_the_till_shows_the_orders_number_and_asks_no_more() -> None:
    async def story() -> None:
        town = Town()
        cart = await sold(town)

        await town.paid(cart)
        await looked_at_again(town)
        assert (face(town), "number" in town.browser.page.elements) == ("finishing", False)
        assert (
            town.browser.page.attribute("till", "data-seen") == ""
        )  # whatever comes is news: the number is not there yet
        await town.deliver("authorize", cart.session_id or "")
        await looked_at_again(town)

        [order] = town.backend.orders.values()
        assert (order.session_id, order.status, order.amount) == (cart.session_id, OrderStatus.PAID, TEA_SET.price)
        assert str(order.number) in town.browser.page.text("number")
        assert town.browser.page.attribute("till", "data-status-url") == ""
        await town.browser.follow("next")
        assert town.path == "/ru/uz/kiosk"

    run(story())


def test_what_is_paid_stays_on_the_screen_when_the_sidecar_is_away() -> None:
    async def story() -> None:
        town = Town()
        cart = await sold(town)
        await town.paid(cart)
        await town.deliver("authorize", cart.session_id or "")
        town.sidecar.down = True

        await looked_at_again(town)

        assert "number" in town.browser.page.elements

    run(story())


def test_a_refund_is_not_called_paid() -> None:
    async def story() -> None:
        town = Town()
        cart = await sold(town)
        await town.paid(cart)
        await town.deliver("authorize", cart.session_id or "")

        await town.deliver("cancel", cart.session_id or "")
        await looked_at_again(town)

        assert face(town) == "refunded"
        assert "again" in town.browser.page.forms

    run(story())


def test_a_dead_code_is_replaced_by_a_new_one_for_the_same_thing() -> None:
    async def story() -> None:
        town = Town()
        cart = await sold(town, LAGAN.handle)
        town.sidecar.sessions[cart.session_id or ""]["status"] = "canceled"
        await looked_at_again(town)

        await town.browser.submit("again")

        newest = list(town.sidecar.sessions.values())[-1]
        assert (face(town), newest["amount"], len(town.sidecar.sessions)) == ("ready", LAGAN.price, 2)

    run(story())


@pytest.mark.parametrize("transaction", [None, {"id": "t", "state": 1}, {"id": "t", "state": -1}])
def test_starting_over_closes_the_session_so_that_nobody_pays_a_code_that_is_gone(
    transaction: dict[str, object] | None,
) -> None:
    async def story() -> None:
        town = Town()
        cart = await sold(town)
        session = town.sidecar.sessions[cart.session_id or ""]
        session["transaction"] = transaction
        await looked_at_again(town)

        await town.browser.submit("start-over")

        assert town.path == "/ru/uz/kiosk"
        assert session["status"] == "canceled"

    run(story())


def test_starting_over_a_moment_too_late_shows_what_was_paid() -> None:
    async def story() -> None:
        town = Town()
        cart = await sold(town)
        await town.paid(cart)
        await town.deliver("authorize", cart.session_id or "")

        await town.browser.submit("start-over")

        assert (town.path, face(town)) == (f"/ru/uz/kiosk/{cart.id}", "finishing")
        assert "number" in town.browser.page.elements

    run(story())


@pytest.mark.parametrize("trouble", ["down", "broken"])
def test_a_sidecar_in_trouble_is_an_apology_and_no_code(trouble: str) -> None:
    async def story() -> None:
        town = Town()
        cart = await sold(town)
        setattr(town.sidecar, trouble, True)

        await looked_at_again(town)
        assert (face(town), "code" in town.browser.page.elements) == ("away", False)
        assert town.browser.page.attribute("till", "data-status-url")  # the script goes on asking
        assert "start-over" not in town.browser.page.forms  # it could not
        answer = await town.http.post(f"{SHOP}/ru/uz/kiosk/{cart.id}/close")
        assert answer.headers["location"] == f"/ru/uz/kiosk/{cart.id}"
        await sold(town, locale="en")
        assert town.browser.page.status == 503
        assert "does not answer just now" in town.browser.page.source

    run(story())


def test_without_a_script_the_page_comes_anew_by_itself_until_it_is_over() -> None:
    async def story() -> None:
        town = Town()
        cart = await sold(town)
        refresh = f'<noscript><meta http-equiv="refresh" content="5;url=/ru/uz/kiosk/{cart.id}"></noscript>'

        assert refresh in town.browser.page.source
        assert "check" in town.browser.page.elements
        await town.paid(cart)
        await town.deliver("authorize", cart.session_id or "")
        await looked_at_again(town)
        assert "refresh" not in town.browser.page.source
        assert "kiosk.js" not in town.browser.page.source

    run(story())


def test_the_language_of_the_screen_is_the_language_of_the_payers_page() -> None:
    async def story() -> None:
        town = Town()
        cart = await sold(town)

        await town.browser.follow("language-en")

        assert town.link(cart).language == "en"
        assert town.browser.page.attribute("pay", "href") == town.sidecar.link(
            town.sidecar.sessions[cart.session_id or ""]
        )

    run(story())


@pytest.mark.parametrize("rest", ["", "/close"])
def test_a_till_nobody_opened_is_not_found(rest: str) -> None:
    async def story() -> None:
        town = Town()
        idle = town.backend.new_cart()

        for cart_id in ("nobody", idle.id):
            answer = await town.http.request("POST" if rest else "GET", f"{SHOP}/ru/uz/kiosk/{cart_id}{rest}")
            assert answer.status_code == 404

    run(story())


def test_a_product_nobody_sells_makes_no_order() -> None:
    async def story() -> None:
        town = Town()

        answer = await town.http.post(f"{SHOP}/ru/uz/kiosk", data={"product": "the-moon"})

        assert answer.headers["location"] == "/ru/uz/kiosk"
        assert not town.backend.carts

    run(story())


@pytest.mark.parametrize("hint", ["success", "pending", "canceled"])
def test_a_phone_that_comes_back_is_sent_to_the_tills_screen_and_told_nothing_we_do_not_know(hint: str) -> None:
    async def story() -> None:
        town = Town()
        await sold(town)

        await town.browser.open(f"{SHOP}/ru/uz/checkout?step=review&payment={hint}")

        assert "phone" in town.browser.page.elements

    run(story())


# ── with a real sidecar ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Stall:
    """The shop with its till, in this process, beside a sidecar in its own."""

    sidecar: Sidecar
    backend: Backend
    browser: Browser
    http: httpx.AsyncClient
    address: str


@asynccontextmanager
async def open_stall(folder: Path) -> AsyncIterator[Stall]:
    port = free_port()
    sidecar = Sidecar(folder, folder, "sqlite:///sidecar.db", f"http://127.0.0.1:{port}")
    own, journal = f"http://127.0.0.1:{sidecar.port}", Journal(system_clock)
    bearer = {"Authorization": f"Bearer {API_KEY}"}
    async with (
        httpx.AsyncClient(base_url=own, headers=bearer, trust_env=False) as to_sidecar,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        backend = Backend(Provider(to_sidecar), journal)
        shop = Storefront(backend, journal, own, "http://payme.test")
        app = application([*AdminRoutes(backend, journal, BACKEND_KEY).routes(), *shop.routes()])
        async with serving(app, "127.0.0.1", port):
            await asyncio.to_thread(sidecar.start)
            try:
                yield Stall(sidecar, backend, Browser(http), http, f"http://127.0.0.1:{port}")
            finally:
                await asyncio.to_thread(sidecar.close)


def test_a_phone_that_read_the_screen_pays_an_order_that_ends_up_in_the_shops_books(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_stall(tmp_path) as stall:
            screen = stall.browser
            await screen.open(f"{stall.address}/uz/uz/kiosk")
            await screen.submit(f"sell-{LAGAN.handle}")
            address = screen.page.url

            picture = await stall.http.get(screen.page.attribute("code", "src").replace("qr.svg", "qr.png"))
            link = read(picture.content).text
            assert link == screen.page.attribute("pay", "href")
            words = dict(part.split("=", 1) for part in base64.b64decode(urlsplit(link).path[1:]).decode().split(";"))
            paid = partial(pay, stall.sidecar, words["ac.order_id"], int(words["a"]))
            assert (await asyncio.to_thread(paid))["result"]["state"] == 2

            async with asyncio.timeout(PATIENCE):
                while "number" not in screen.page.elements:
                    await asyncio.sleep(0.05)
                    await screen.open(address)
            [order] = stall.backend.orders.values()
            assert (order.session_id, order.status, order.amount) == (
                words["ac.order_id"],
                OrderStatus.PAID,
                LAGAN.price,
            )
            status = await stall.http.get(f"http://127.0.0.1:{stall.sidecar.port}/payment-status/{order.session_id}")
            assert status.json()["status"] == "captured"

    run(story())


def pay(sidecar: Sidecar, order_id: str, amount: int) -> dict[str, Any]:
    """Do as Payme does when a phone has opened the link."""
    account = {"order_id": order_id}
    sidecar.payme("CreateTransaction", id="tx1", time=system_clock(), amount=amount, account=account)
    return sidecar.payme("PerformTransaction", id="tx1")
