"""Where payable orders come from, and what the shop says became of them."""

import itertools
import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

import httpx

RANGE: Final = re.compile(r"(.*?)(\d+)\.\.(\d+)")
RANGE_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class Order:
    """Something to be paid: the account as Payme sends it, and the whole amount in tiyin."""

    account: Mapping[str, Any]
    amount: int

    @property
    def name(self) -> str:
        return ", ".join(f"{name}={value}" for name, value in self.account.items())


class Effect(NamedTuple):
    """How often the shop was told that an order is paid, and that its payment was taken back."""

    paid: int
    cancelled: int

    def may_become(self, later: "Effect") -> bool:
        """Whether waiting helps: what the shop was told is never untold."""
        return self.paid <= later.paid and self.cancelled <= later.cancelled

    @property
    def words(self) -> str:
        return f"the shop told {self.paid} × paid, {self.cancelled} × taken back"


# A payment that was taken back before the shop heard of it may be kept from it altogether.
TAKEN_BACK: Final = (Effect(1, 1), Effect(0, 0))


class NoOrder(Exception):
    """No payable order is left, or none of this amount can be made; says so in a sentence."""


class Shop(Protocol):
    """What a run may ask of the merchant's side. `Pool` answers the first only, a test shop all of them."""

    async def order(self, amount: int | None) -> Order:
        """Give a payable order that nobody has touched; None: any amount.

        Raises:
            NoOrder: there is none.
        """
        ...

    async def effect(self, order: Order) -> Effect | None:
        """Say what the shop was told; None: it cannot say."""
        ...

    async def hook(self, *, works: bool) -> bool:
        """Break or mend the shop's own reaction to a payment; False: it cannot."""
        ...


class Pool:
    """Orders that the merchant has seeded beforehand."""

    def __init__(self, orders: Sequence[Order]) -> None:
        self._fresh = deque(orders)
        self.size = len(orders)

    async def order(self, amount: int | None) -> Order:
        if amount is not None:
            raise NoOrder("it needs an order of an amount of its own: a test shop can make one (--shop)")
        if not self._fresh:
            raise NoOrder(
                "it needs a payable order, and all that were given are used: give more (--account), or --shop"
            )
        return self._fresh.popleft()

    async def effect(self, _order: Order) -> Effect | None:
        return None

    async def hook(self, *, works: bool) -> bool:  # noqa: ARG002 - a pool of orders has no hooks
        return False


@dataclass(frozen=True, slots=True)
class SideDoor:
    """A merchant's test shop, asked over HTTP: `POST /orders`, `GET /orders`, `POST /hook` (docs/sandbox.md)."""

    http: httpx.AsyncClient
    url: str
    amount: int

    async def order(self, amount: int | None) -> Order:
        answer = await self._ask("POST", "/orders", json={"amount": amount or self.amount})
        try:
            made = answer.json()
            return Order(dict(made["account"]), int(made.get("amount", amount or self.amount)))
        except (ValueError, TypeError, KeyError, AttributeError):
            raise NoOrder(f"POST {self.url}/orders answered HTTP {answer.status_code}, and no order") from None

    async def effect(self, order: Order) -> Effect | None:
        answer = await self._ask("GET", "/orders", params={name: str(value) for name, value in order.account.items()})
        try:
            told = answer.json()
            return Effect(int(told["paid"]), int(told["cancelled"]))
        except (ValueError, TypeError, KeyError):
            return None

    async def hook(self, *, works: bool) -> bool:
        return (await self._ask("POST", "/hook", json={"works": works})).is_success

    async def _ask(self, verb: str, path: str, **said: Any) -> httpx.Response:
        try:
            return await self.http.request(verb, self.url + path, **said)
        except httpx.HTTPError as error:
            raise NoOrder(f"the test shop at {self.url} does not answer ({error or type(error).__name__})") from error


@dataclass(slots=True)
class Stock:
    """Orders during a run: untouched ones first, then those that earlier scenarios left payable again."""

    shop: Shop
    used: deque[Order] = field(default_factory=deque)

    async def take(self, amount: int | None) -> tuple[Order, bool]:
        """Give an order, and say whether nobody has touched it."""
        try:
            return await self.shop.order(amount), True
        except NoOrder:
            if amount is not None or not self.used:
                raise
        return self.used.popleft(), False

    def give_back(self, order: Order) -> None:
        self.used.append(order)


def accounts(fields: Sequence[str]) -> list[dict[str, str]]:
    """Read `--account` values: `order_id=7`, `order_id=7,9,12`, `order_id=1001..1040`; several fields go together.

    A field with one value goes with every account: `order_id=1..20` and `branch=3` are twenty accounts.

    Raises:
        ValueError: says what is wrong.
    """
    values: dict[str, list[str]] = {}
    for text in fields:
        name, joint, value = text.partition("=")
        if not (name and joint and value):
            raise ValueError(f"'{text}' is not FIELD=VALUE, as in order_id=1001")
        values.setdefault(name, []).extend(itertools.chain.from_iterable(map(_spread, value.split(","))))
    longest = max(map(len, values.values()), default=0)
    for name, given in values.items():
        if len(given) not in {1, longest}:
            raise ValueError(f"{name} has {len(given)} values where another field has {longest}")
    return [{name: given[place if len(given) > 1 else 0] for name, given in values.items()} for place in range(longest)]


def _spread(value: str) -> list[str]:
    if not value:
        raise ValueError("there is an empty value between the commas")
    match = RANGE.fullmatch(value)
    if not match:
        return [value]
    prefix, first, last = match.groups()
    numbers = range(int(first), int(last) + 1)
    if not 0 < len(numbers) <= RANGE_MAX:
        raise ValueError(f"the range {value} must rise and hold at most {RANGE_MAX:,} values")
    return [f"{prefix}{number:0{len(first)}}" for number in numbers]
