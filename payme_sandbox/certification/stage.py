"""Where a scenario plays: it asks the merchant, judges each answer, and clears up behind itself."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from payme_sandbox.calls import Call, Request
from payme_sandbox.certification.expectations import Expected, Judgement, Verdict, is_int, state
from payme_sandbox.certification.orders import Effect, NoOrder, Order, Stock
from payme_sandbox.clock import Time
from payme_sandbox.merchant import Merchant
from payme_sandbox.protocol import HALF_A_DAY, Method, Reason, State, transaction_id

SILENCE_MAX: Final = 3
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
    silence: int = 0
    """Calls since the last answer."""
    _orders: list[Order] = field(default_factory=list)
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
        self._orders.append(order)
        return order

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

    async def performed(self, order: Order) -> Transaction:
        made = await self.created(order)
        await self.must(perform(made), state(State.PERFORMED))
        return made

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

    def find(self, wanted: str, found: str, *, right: bool) -> None:
        """Judge something that is not one answer: a sum over several, or what the shop says."""
        self._step(None, wanted, Judgement(Verdict.PASSED if right else Verdict.FAILED, found))

    def note(self, text: str) -> None:
        """Say something that is accepted, though not everybody would."""
        self._step(None, "as documented", Judgement(Verdict.NOTED, text))

    async def effect(self, order: Order, *right: Effect) -> None:
        """Expect that the shop was told so often, and wait a little for it. A shop that cannot say is not judged."""
        told = await self.stock.shop.effect(order)
        for _ in range(EFFECT_TRIES):
            if told is None or told in right or not any(told.may_become(effect) for effect in right):
                break
            await self.time.sleep(EFFECT_PAUSE)
            told = await self.stock.shop.effect(order)
        if told is not None:
            self.find(" or ".join(effect.words for effect in right), told.words, right=told in right)

    async def pass_half_a_day(self, transaction: Transaction) -> None:
        """Wait until the transaction is overdue; it was made almost old enough."""
        left = transaction.time + HALF_A_DAY - self.time.now()
        await self.time.sleep(max(left, 0) / 1000 + 0.05)

    # ── clearing up ────────────────────────────────────────────────────────────────────────────────────────────────

    async def clear_up(self) -> None:
        """Cancel what is still pending, and give back the orders that nobody has paid."""
        for transaction in self._transactions:
            if transaction.state is State.CREATED:
                await self.ask(cancel(transaction))
        paid = [it.order for it in self._transactions if it.state in {State.PERFORMED, State.REVERSED}]
        for order in self._orders:
            if self.plan.accumulative or order not in paid:
                self.stock.give_back(order)

    def _step(self, call: Call | None, words: str, judgement: Judgement) -> None:
        verdict, found = judgement
        if verdict is Verdict.NOTED:
            self.notes.append(found)
            verdict = Verdict.FAILED if self.plan.strict else verdict
        self.steps.append(Step(call, words, verdict, found))
        self.heard(self.steps[-1])

    def _remember(self, request: Request, call: Call) -> None:
        """Believe the merchant, as Payme does."""
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
