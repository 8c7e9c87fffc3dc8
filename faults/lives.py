"""The lives of payments, from the shop's wish to Payme's last repeat; which one is played is the dice's choice."""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from faults.books import Entry
from faults.http import Client, NoAnswer
from faults.payme import Payme, milliseconds

GIVEN_UP: Final = 3  # Payme's reasons (for a cancel before and after the money was taken)
REFUND: Final = 5
PAUSE: Final = 0.1  # seconds
THINKING: Final = 0.15  # seconds between two lives of a buyer, at most
REPEATS: Final = 2


class Shop:
    """The backend's own part: it registers what is owed, again and again until that is taken."""

    def __init__(
        self, api_key: str, addresses: Callable[[], Sequence[int]], dice: random.Random, patience: float
    ) -> None:
        self._addresses = addresses
        self._dice = dice
        self._client = Client(patience)
        self._headers = {"authorization": f"Bearer {api_key}", "content-type": "application/json"}

    def close(self) -> None:
        self._client.close()

    async def register(self, session: str, amount: int) -> None:
        body = f'{{"id": "{session}", "amount": {amount}, "currency_code": "uzs"}}'.encode()
        while True:
            try:
                port = self._dice.choice(self._addresses())
                said = await self._client.ask(port, "POST", "/payment-sessions", self._headers, body)
            except NoAnswer:
                said = None
            if said and said.status in {200, 201}:
                return
            await asyncio.sleep(PAUSE)


class Buyers:
    """People who buy, one payment after the other, until they are told that the day is over."""

    def __init__(self, payme: Payme, shop: Shop, dice: random.Random) -> None:
        self.payme = payme
        self.shop = shop
        self._dice = dice
        self._numbers = itertools.count(1)
        self._over = asyncio.Event()

    async def buy_all_day(self) -> None:
        while not self._over.is_set():
            live = self._dice.choices(list(LIVES), list(LIVES.values()))[0]
            await live(self)
            await asyncio.sleep(self._dice.uniform(0, THINKING))

    def call_it_a_day(self) -> None:
        """What has begun is brought to its end; nothing new begins."""
        self._over.set()

    async def order(self) -> tuple[str, int]:
        """A new order: its session and its amount in tiyin."""
        session, amount = f"ses-{next(self._numbers)}", self._dice.randrange(100_000, 100_000_000)
        await self.shop.register(session, amount)
        return session, amount

    async def create(self, payme_id: str, session: str, amount: int) -> Entry:
        """Create, with the same words however often."""
        account = {"order_id": session}
        await self.expect("CheckPerformTransaction", amount=amount, account=account)
        return await self.expect("CreateTransaction", id=payme_id, time=milliseconds(), amount=amount, account=account)

    async def perform(self, payme_id: str) -> Entry:
        return await self.expect("PerformTransaction", id=payme_id)

    async def cancel(self, payme_id: str, reason: int) -> Entry:
        return await self.expect("CancelTransaction", id=payme_id, reason=reason)

    async def check(self, payme_id: str) -> Entry:
        return await self.expect("CheckTransaction", id=payme_id)

    async def expect(self, method: str, **params: Any) -> Entry:
        """Call, perhaps more than once; a refusal is not in the story."""
        entry = await self.payme.call(method, **params)
        for _ in range(self._dice.choice((0, 0, REPEATS - 1, REPEATS))):
            entry = await self.payme.call(method, **params)
        if entry.result is None:
            self.payme.journal.complaints.append(f"{method} of {params} was refused with {entry.code}")
        return entry


async def pay(buyers: Buyers) -> None:
    session, amount = await buyers.order()
    await buyers.create(f"tx-{session}", session, amount)
    await buyers.perform(f"tx-{session}")
    await buyers.check(f"tx-{session}")


async def pay_with_the_second_card(buyers: Buyers) -> None:
    session, amount = await buyers.order()
    await buyers.create(f"tx-{session}-declined", session, amount)
    await buyers.cancel(f"tx-{session}-declined", GIVEN_UP)
    await buyers.create(f"tx-{session}", session, amount)
    await buyers.perform(f"tx-{session}")


async def pay_and_take_it_back(buyers: Buyers) -> None:
    session, amount = await buyers.order()
    await buyers.create(f"tx-{session}", session, amount)
    await buyers.perform(f"tx-{session}")
    await buyers.cancel(f"tx-{session}", REFUND)
    await buyers.check(f"tx-{session}")


LIVES: Final[dict[Callable[[Buyers], Awaitable[None]], int]] = {
    pay: 70,
    pay_with_the_second_card: 15,
    pay_and_take_it_back: 15,
}
