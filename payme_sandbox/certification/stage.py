"""Where a scenario plays: it asks the merchant, judges each answer, and clears up behind itself."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from payme_sandbox.calls import Call, Request
from payme_sandbox.certification.expectations import Expected, Judgement, Verdict, has_code, is_int, state
from payme_sandbox.certification.orders import Effect, NoOrder, Order, Stock
from payme_sandbox.clock import Time
from payme_sandbox.merchant import Merchant
from payme_sandbox.protocol import CANNOT_CANCEL, HALF_A_DAY, SYSTEM_ERROR, Method, Reason, State, transaction_id

SILENCE_MAX: Final = 3
SKEW: Final = 300_000  # milliseconds that two clocks may differ
LEAD: Final = 1_500  # what is left of its 12 hours to a transaction that is to be overdue in a moment
MARGIN: Final = 1_100  # some count whole seconds
EFFECT_TRIES: Final = 40
EFFECT_PAUSE: Final = 0.25  # seconds; a shop may be told a little later than Payme is answered


class NotRun(Exception):
    """The scenario cannot show anything here; says why."""


class Broken(Exception):
    """A step failed that the rest of the scenario stands on."""


@dataclass(frozen=True, slots=True)
class Step:
    """One judged answer. A step without a call is something the shop itself was asked."""

    call: Call | None
    expected: str
    verdict: Verdict
    found: str


@dataclass(slots=True)
class Transaction:
    """Payme's transaction: its id, its time, and what it is for. `state` is what Payme last heard."""

    id: str
    time: int
    order: Order
    state: State = State.UNKNOWN


@dataclass(frozen=True, slots=True)
class Plan:
    """What is known of the cashbox and wished of the run."""

    accumulative: bool = False
    wrong_amount: int | None = None
    unknown: dict[str, Any] | None = None
    """An account that does not exist; None: make one up."""
    blocked: dict[str, Any] | None = None
    """An account that is paid, cancelled or closed in the shop; None: pay one."""
    strict: bool = False


@dataclass(slots=True)
class Stage:
    merchant: Merchant
    stock: Stock
    plan: Plan
    time: Time
    heard: Callable[[Step], None]
    steps: list[Step] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rounds: int = 1
    """Of each race; several where orders are plenty."""
    silence: int = 0
    """Calls since the last answer."""
    _orders: list[Order] = field(default_factory=list)
    _before: dict[str, Effect] = field(default_factory=dict)
    _transactions: list[Transaction] = field(default_factory=list)

    # ── what Payme has ─────────────────────────────────────────────────────────────────────────────────────────────

    async def order(self, amount: int | None = None) -> Order:
        """Take an order, an untouched one while there are any.

        Raises:
            NoOrder: there is none.
            NotRun: the last one was used before, and is not payable any more. An earlier scenario says why.
        """
        order, fresh = await self.stock.take(amount)
        if not fresh:
            probe = self.transaction(order)
            reply = await self.ask(create(probe))
            if reply.result is None:
                raise NotRun(f"{order.name} was used by a scenario before and is not payable any more ({reply.found})")
            await self.ask(cancel(probe))
        if self.plan.accumulative and (told := await self.stock.shop.effect(order)):
            self._before[order.name] = told
        self._orders.append(order)
        return order

    async def orders(self, most: int | None = None) -> AsyncIterator[Order]:
        """Give an order for each round of a race: chance takes part, and one round proves little. Or `most` of them."""
        yield await self.order()
        for _ in range((most or self.rounds) - 1):
            try:
                yield await self.order()
            except (NoOrder, NotRun):
                return

    async def another(self, order: Order) -> Order:
        """Take another order, or the same again where no other is left."""
        try:
            return await self.order()
        except (NoOrder, NotRun):
            return order

    def transaction(self, order: Order, *, age: int = 0) -> Transaction:
        """Make up a transaction that Payme created `age` milliseconds ago. The merchant has not heard of it."""
        now = self.time.now()
        made = Transaction(transaction_id(now - age), now - age, order)
        self._transactions.append(made)
        return made

    async def created(self, order: Order, *, age: int = 0) -> Transaction:
        """Take a transaction to state 1; that this works is other scenarios' business."""
        made = self.transaction(order, age=age)
        await self.must(create(made), state(State.CREATED))
        return made

    async def next_buyer(self, order: Order, *, age: int = 0) -> Transaction:
        """Create a transaction for an order whose earlier ones are cancelled.

        Raises:
            NotRun: that blocks an order here; `next-try-after-a-declined-card` is about it.
        """
        made = self.transaction(order, age=age)
        if (call := await self.ask(create(made))).result is None:
            raise NotRun(f"a cancelled transaction blocks its order ({call.found}): see next-try-after-a-declined-card")
        return made

    async def performed(self, order: Order) -> Transaction:
        made = await self.created(order)
        await self.must(perform(made), state(State.PERFORMED))
        return made

    async def almost_overdue(self, order: Order) -> Transaction:
        """Create a transaction that is over in a moment, by the merchant's clock as far as it is known."""
        lead = LEAD + self.stock.delay + self.stock.offset
        return await self.created(order, age=HALF_A_DAY - lead)

    async def pass_half_a_day(self, transaction: Transaction) -> None:
        """Wait until it is over: 12 hours after Payme's `time`, by the merchant's clock."""
        left = transaction.time + HALF_A_DAY - self.time.now() - self.stock.offset
        await self.time.sleep((max(left, 0) + MARGIN) / 1000)

    async def refunded(self, transaction: Transaction) -> Call:
        """Take back what is performed.

        Raises:
            NotRun: the merchant's goods cannot be taken back; only the sandbox's second scenario demands that they can.
        """
        call = await self.ask(cancel(transaction, Reason.REFUND))
        if has_code(call, CANNOT_CANCEL):
            raise NotRun(f"the merchant does not take back what is performed ({call.found})")
        self.judge(call, state(State.REVERSED))
        if self.steps[-1].verdict is Verdict.FAILED:
            raise Broken
        return call

    # ── asking and judging ─────────────────────────────────────────────────────────────────────────────────────────

    async def must(self, request: Request, expected: Expected, **said: Any) -> Call:
        """Ask, and go on only if the answer is right.

        Raises:
            Broken: it was not.
        """
        call = await self.should(request, expected, **said)
        if self.steps[-1].verdict is Verdict.FAILED:
            raise Broken
        return call

    async def should(self, request: Request, expected: Expected, **said: Any) -> Call:
        return self.judge(await self.ask(request, **said), expected)

    async def ask(self, request: Request, **said: Any) -> Call:
        """Ask without judging: several at once, for instance."""
        call = await self.merchant.call(request, **said)
        self._remember(request, call)
        return call

    async def together(self, requests: Sequence[Request]) -> list[Call]:
        """Ask everything at the same moment; who is told to ask again (−32400) does so, as Payme would."""
        calls = await asyncio.gather(*map(self.ask, requests))
        return [
            await self.ask(request) if has_code(call, SYSTEM_ERROR) else call
            for request, call in zip(requests, calls, strict=True)
        ]

    def judge(self, call: Call, expected: Expected) -> Call:
        """Write down what came of a call.

        Raises:
            Broken: the endpoint has fallen silent; waiting for each of a hundred time-outs shows nothing more.
        """
        self._step(call, expected.words, expected.judge(call))
        self.silence = self.silence + 1 if call.status is None else 0
        if self.silence == SILENCE_MAX:
            raise Broken
        return call

    def find(self, wanted: str, found: str, *, right: bool, odd: str = "") -> None:
        """Judge something that is not one answer: a sum over several, or what the shop says."""
        if right and odd:
            self._step(None, wanted, Judgement(Verdict.NOTED, f"{found}: {odd}"))
        else:
            self._step(None, wanted, Judgement(Verdict.PASSED if right else Verdict.FAILED, found))

    async def effect(self, order: Order, *right: Effect) -> None:
        """Expect that the shop was told so often, and wait a little for it. A shop that cannot say is not judged."""
        told = await self._told(order)
        for _ in range(EFFECT_TRIES):
            if told is None or told.felt in right or not any(told.may_become(effect) for effect in right):
                break
            await self.time.sleep(EFFECT_PAUSE)
            told = await self._told(order)
        if told is not None:
            self.find(" or ".join(effect.words for effect in right), told.words, right=told.felt in right)

    async def _told(self, order: Order) -> Effect | None:
        """What the shop was told since the scenario began: an account may have been topped up before."""
        told, before = await self.stock.shop.effect(order), self._before.get(order.name, Effect(0, 0))
        return told and Effect(told.paid - before.paid, told.cancelled - before.cancelled)

    # ── clearing up ────────────────────────────────────────────────────────────────────────────────────────────────

    async def clear_up(self) -> None:
        """Cancel what is still pending, and give back the orders that nobody has paid."""
        for transaction in self._transactions:
            if transaction.state is State.CREATED:
                await self.ask(cancel(transaction))
        used = [it.order.account for it in self._transactions]  # whatever was answered: a lost call may have arrived
        paid = [it.order for it in self._transactions if it.state in {State.PERFORMED, State.REVERSED}]
        for order in self._orders:
            if self.plan.accumulative or order not in paid:
                self.stock.give_back(order, used=order.account in used)

    def _step(self, call: Call | None, words: str, judgement: Judgement) -> None:
        verdict, found = judgement
        if verdict is Verdict.NOTED:
            self.notes.append(found)
            verdict = Verdict.FAILED if self.plan.strict else verdict
        self.steps.append(Step(call, words, verdict, found))
        self.heard(self.steps[-1])

    def _remember(self, request: Request, call: Call) -> None:
        """Believe the merchant, as Payme does, and learn how its clock goes."""
        told = (call.result or {}).get("create_time")
        ahead = told - self.time.now() if request.method == Method.CREATE and type(told) is int else None
        if ahead is not None and abs(ahead) <= SKEW:
            self.stock.offset, self.stock.delay = ahead, call.milliseconds
        for transaction in self._transactions:
            if transaction.id == request.params.get("id") and call.result is not None:
                said = call.result.get("state")
                transaction.state = State(said) if is_int(said) and said in set(State) else transaction.state


# ── the requests ───────────────────────────────────────────────────────────────────────────────────────────────────


def check_perform(order: Order) -> Request:
    return Request(Method.CHECK_PERFORM, {"amount": order.amount, "account": dict(order.account)})


def create(it: Transaction) -> Request:
    wish = {"amount": it.order.amount, "account": dict(it.order.account)}
    return Request(Method.CREATE, {"id": it.id, "time": it.time, **wish})


def perform(it: Transaction) -> Request:
    return Request(Method.PERFORM, {"id": it.id})


def cancel(it: Transaction, reason: int = Reason.EXECUTION_FAILED) -> Request:
    return Request(Method.CANCEL, {"id": it.id, "reason": int(reason)})


def check(it: Transaction) -> Request:
    return Request(Method.CHECK, {"id": it.id})


def statement(first: int, last: int) -> Request:
    return Request(Method.STATEMENT, {"from": first, "to": last})
