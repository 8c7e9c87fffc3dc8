"""Some weeks of a small shop, for pages to show: most links are paid, and today the backend refused one."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from sidecar.clock import HOUR, MINUTE
from sidecar.days import DAY
from tests.shop import Shop

REASONS: Final = (2, 2, 3, 5, 10)
GOODS: Final = (
    ("Чайный набор «Риштан»", 45_000_000, "10599001001000000"),
    ("Шарф адрас", 28_000_000, "10605006001000000"),
    ("Ляган", 19_500_000, "10599001002000000"),
)
REFUSED: Final = "payses_refused"
REFUSED_ORDER: Final = "TR-1077"


class Business:
    def __init__(self, shop: Shop, now: int, days: int = 3) -> None:
        self._shop = shop
        self._days = days
        self._now = now
        self._dice = random.Random(14)
        self._number = 1200

    def happens(self) -> None:
        for day in range(self._days - 1, -1, -1):
            self._shop.clock.now = self._now - day * DAY - 3 * HOUR
            for _ in range(self._dice.randint(5, 12) if day % 7 else 4):
                self._buyer()
        self._shop.clock.now = self._now - 20 * MINUTE
        self._refused_one()
        self._write_down()

    def _buyer(self) -> None:
        order, (goods, amount, code) = self._order(), self._dice.choice(GOODS)
        count = self._dice.choice((1, 1, 2))
        self._register(order, amount * count, [line(goods, amount, count, code)])
        self._passes(1, 15)
        chance = self._dice.random()
        if chance < 0.14:
            return  # looked and went away
        self._shop.check_perform(order, amount * count + (chance > 0.97))
        payme_id = f"{self._dice.getrandbits(96):024x}"
        self._shop.create(payme_id, order=order, amount=amount * count)
        self._passes(0, 3)
        if chance < 0.26:
            self._shop.cancel(payme_id, reason=self._dice.choice(REASONS))
            return
        self._shop.perform(payme_id)
        self._shop.deliver()
        if chance < 0.32:
            self._passes(2, 9)
            self._shop.cancel(payme_id)
            self._shop.deliver()

    def _refused_one(self) -> None:
        """An order that was sold out meanwhile: the backend says 409, and a person must look."""
        payme_id, amount = "5f1a9c0b7d2e4a3b8c6d9e0f", GOODS[0][1]
        lines = [line(*GOODS[0][:2], 1, GOODS[0][2])]
        self._register(REFUSED_ORDER, amount, lines, REFUSED)
        self._passes(1, 2)
        self._shop.check_perform(REFUSED_ORDER, amount - 100)
        self._passes(1, 2)
        self._shop.check_perform(REFUSED_ORDER, amount)
        self._shop.clock.advance(210)
        self._shop.create(payme_id, order=REFUSED_ORDER, amount=amount)
        self._shop.clock.advance(14_300)
        self._shop.perform(payme_id)
        self._shop.backend.status = 503
        self._shop.deliver()
        self._shop.clock.advance(4_000)
        self._shop.backend.status = 409
        self._shop.deliver()
        self._shop.backend.status = 200
        self._shop.clock.advance(31_000)
        self._shop.payme(
            "SetFiscalData",
            id=payme_id,
            type="PERFORM",
            fiscal_data={
                "receipt_id": 121,
                "status_code": 0,
                "message": "accepted",
                "terminal_id": "EP000000000025",
                "fiscal_sign": "800031554082",
                "qr_code_url": "https://ofd.example/check?t=EP000000000025&r=121",
                "date": "20261121150450",
            },
        )

    def _register(self, order: str, amount: int, items: list[dict[str, Any]], session: str = "") -> None:
        detail = {"receipt_type": 0, "items": items}
        session = session or f"payses_{self._dice.getrandbits(60):015x}"
        answer = self._shop.register(session, order_id=order, amount=amount, detail=detail)
        assert answer.status_code == 201, answer.text

    def _order(self) -> str:
        self._number += 1
        return f"TR-{self._number}"

    def _passes(self, least: int, most: int) -> None:
        self._shop.clock.advance(self._dice.randint(least * MINUTE, most * MINUTE))

    def _write_down(self) -> None:
        self._shop.run(self._shop.house.scribe.finish())


def fill(database_url: str, days: int = 3) -> None:
    """Write some days until now into a database; in a thread, for Playwright keeps a loop running in its own."""

    def work() -> None:
        shop = Shop(database_url)
        Business(shop, time.time_ns() // 1_000_000, days).happens()
        shop.close()

    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(work).result()


def line(title: str, price: int, count: int, code: str) -> dict[str, Any]:
    return {"title": title, "price": price, "count": count, "code": code, "package_code": "1501319", "vat_percent": 12}
