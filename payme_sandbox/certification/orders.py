"""Where payable orders come from, and what the shop says became of them."""

import itertools
import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, NamedTuple, Protocol

import httpx

RANGE: Final = re.compile(r"(.*?)(\d+)\.\.(\d+)")
RANGE_MAX: Final = 10_000
AMOUNT_MAX: Final = 2**63 - 1
TOLD_MAX: Final = 1_000_000  # times; nobody was told so often
EXCERPT: Final = 120


@dataclass(frozen=True, slots=True)
class Order:
    """Something to be paid: the account as Payme sends it, and the whole amount in tiyin."""

    account: Mapping[str, Any]
    amount: int

    @property
    def name(self) -> str:
        return ", ".join(f"{name}={value}" for name, value in self.account.items())


class Effect(NamedTuple):
    """How often the shop was told that an order is paid, and that a payment was taken back."""

    paid: int
    cancelled: int

    @property
    def felt(self) -> "Effect":
        """What the buyer feels of it: the return of a payment that never was changes nothing."""
        return self if self.paid else Effect(0, 0)

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


@dataclass(slots=True)
class SideDoor:
    """A merchant's test shop, asked over HTTP: `POST /orders`, `GET /orders`, `POST /hook` (docs/sandbox.md).

    HTTP 404 means that it cannot. Any other answer that is none raises NoOrder: it must not pass for "cannot say".
    """

    http: httpx.AsyncClient
    url: str
    amount: int
    unmended: str = ""
    """Why the hook may still be broken, if it may."""

    async def order(self, amount: int | None) -> Order:
        said = await self._ask("POST", "/orders", "no order", json={"amount": amount or self.amount})
        account = said.document.get("account")
        made = said.document.get("amount", amount or self.amount)
        named = isinstance(account, dict) and all(type(it) in {str, int} for it in account.values())
        if not (account and named and type(made) is int and 0 < made <= AMOUNT_MAX):
            raise said.nonsense()
        return Order({name: str(value) for name, value in account.items()}, made)

    async def effect(self, order: Order) -> Effect | None:
        said = await self._ask(
            "GET",
            "/orders",
            "not how often it was told",
            params={name: str(value) for name, value in order.account.items()},
        )
        if said.status == HTTPStatus.NOT_FOUND:
            return None
        told: list[Any] = [said.document.get(name) for name in Effect._fields]
        if not all(type(it) is int and 0 <= it <= TOLD_MAX for it in told):
            raise said.nonsense()
        return Effect(*told)

    async def hook(self, *, works: bool) -> bool:
        before, self.unmended = self.unmended, "the run ended before it was mended"  # until an answer says otherwise
        try:
            said = await self._ask("POST", "/hook", "not whether it was done", json={"works": works})
            cannot = said.status == HTTPStatus.NOT_FOUND
            if not (cannot or said.is_good):
                raise said.nonsense()
        except NoOrder as why:
            self.unmended = str(why)
            raise
        if works or cannot:
            self.unmended = before if works and cannot else ""
        return not cannot

    async def _ask(self, verb: str, path: str, wanted: str, **said: Any) -> "_Said":
        try:
            answer = await self.http.request(verb, self.url + path, **said)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NoOrder(f"the test shop at {self.url} does not answer ({error or type(error).__name__})") from error
        return _Said(f"{verb} {self.url}{path}", answer, wanted)


@dataclass(frozen=True, slots=True)
class _Said:
    """What the test shop answered; `wanted` finishes the sentence "and …", where it is nonsense."""

    question: str
    answer: httpx.Response
    wanted: str

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def is_good(self) -> bool:
        return self.answer.is_success

    @property
    def document(self) -> dict[str, Any]:
        try:
            document = self.answer.json() if self.is_good else {}
        except (ValueError, RecursionError):
            return {}
        return document if isinstance(document, dict) else {}

    def nonsense(self) -> NoOrder:
        text = " ".join(self.answer.content[:EXCERPT].decode("utf-8", "replace").split())
        shown = "".join(sign for sign in text if sign.isprintable())
        return NoOrder(
            f"the test shop's {self.question} answered HTTP {self.status}, and {self.wanted}" + (shown and f": {shown}")
        )


@dataclass(slots=True)
class Stock:
    """Orders during a run: untouched ones first, then those that earlier scenarios left payable again."""

    shop: Shop
    looked_at: deque[Order] = field(default_factory=deque)
    """Nobody has tried to create a transaction for these."""
    used: deque[Order] = field(default_factory=deque)
    offset: int = 0
    """Milliseconds that the merchant's clock is ahead of ours, as its last create_time has it."""
    delay: int = 0
    """Milliseconds that its last CreateTransaction took."""

    async def take(self, amount: int | None) -> tuple[Order, bool]:
        """Give an order, and say whether nobody has touched it."""
        if self.looked_at and amount is None:
            return self.looked_at.popleft(), True
        try:
            return await self.shop.order(amount), True
        except NoOrder:
            if amount is not None or not self.used:
                raise
        return self.used.popleft(), False

    def give_back(self, order: Order, *, used: bool) -> None:
        (self.used if used else self.looked_at).append(order)


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
