"""Payme's cashier: walks the calls that a wish comes to, and keeps Payme's books of what was answered.

Create, Perform and Cancel go out twice, as in Payme's own test, and the two replies must carry the same result.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final, NamedTuple

import httpx

from payme_sandbox.calls import Call, Request
from payme_sandbox.clock import Time
from payme_sandbox.counter.books import Books, Comparison, compare
from payme_sandbox.counter.cashbox import Cashbox
from payme_sandbox.counter.defects import believed, defects_of
from payme_sandbox.counter.receipts import WAITING, Receipt, Standing
from payme_sandbox.counter.visits import Played, Spoken, Visit, Wish
from payme_sandbox.link import Link, in_a_word
from payme_sandbox.merchant import Merchant, basic
from payme_sandbox.protocol import HALF_A_DAY, Method, Reason, State, transaction_id

LOG_MAX: Final = 1_000
PATIENCE: Final = 30.0  # seconds for one answer; Payme has not published its own
LOSS: Final = 0.05  # seconds after which Payme stops listening
YOUNG: Final = 2_000  # milliseconds that are left of the 12 hours when an overdue payment begins
OVER: Final = 1_600  # milliseconds past them, for a merchant whose clock is behind or counts whole seconds


class Delivery(Enum):
    REPEATED = auto()
    AT_ONCE = auto()
    REPLY_LOST = auto()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a wish comes to."""

    steps: tuple[Method, ...]
    goes_on_from: frozenset[Standing] = frozenset()
    """A receipt that stands there is continued, not replaced: that is what Payme's queue does after silence."""
    reason: Reason | None = None
    buyers: int = 1
    delivery: Delivery = Delivery.REPEATED
    age: int = 0


PAYMENT: Final = (Method.CHECK_PERFORM, Method.CREATE, Method.PERFORM)
CALLED_OFF: Final = (Method.CHECK_PERFORM, Method.CREATE, Method.CANCEL)
UNDER_WAY: Final = frozenset({Standing.CREATING, Standing.DEBITING, Standing.QUEUED})
PLANS: Final[dict[Wish, Plan]] = {
    Wish.PAY: Plan(PAYMENT, UNDER_WAY),
    Wish.DECLINE: Plan(CALLED_OFF, UNDER_WAY, Reason.DEBIT_FAILED),
    Wish.CANCEL: Plan(CALLED_OFF, WAITING, Reason.EXECUTION_FAILED),
    Wish.TWO_BUYERS: Plan(PAYMENT, buyers=2, delivery=Delivery.AT_ONCE),
    Wish.LOSE: Plan(PAYMENT, UNDER_WAY, delivery=Delivery.REPLY_LOST),
    Wish.OVERDUE: Plan(PAYMENT, age=HALF_A_DAY - YOUNG),
    Wish.REFUND: Plan((Method.CANCEL,), frozenset({Standing.PAID}), Reason.REFUND),
    Wish.ASK_AGAIN: Plan(PAYMENT, WAITING),
}
# Steps that such a receipt is past already.
PAST: Final[dict[Standing, frozenset[Method]]] = {
    Standing.CREATING: frozenset({Method.CHECK_PERFORM}),
    Standing.DEBITING: frozenset({Method.CHECK_PERFORM, Method.CREATE}),
    Standing.QUEUED: frozenset({Method.CHECK_PERFORM, Method.CREATE}),
}


class Outcome(NamedTuple):
    """Where a receipt stands after a yes, after silence, and after a no."""

    yes: Standing
    silence: Standing
    no: Standing


OUTCOMES: Final[dict[Method, Outcome]] = {
    Method.CHECK_PERFORM: Outcome(Standing.NEW, Standing.NEW, Standing.REFUSED),
    Method.CREATE: Outcome(Standing.DEBITING, Standing.CREATING, Standing.REFUSED),
    Method.PERFORM: Outcome(Standing.PAID, Standing.QUEUED, Standing.RETURNED),
    Method.CANCEL: Outcome(Standing.CANCELLED, Standing.CANCELLING, Standing.CANCELLING),
}
KEPT: Final = ("transaction", "create_time", "perform_time", "cancel_time")


class Cashier:
    """Payme, as far as one cashbox is concerned."""

    def __init__(
        self,
        cashbox: Cashbox,
        http: httpx.AsyncClient,
        time: Time = Time(),  # noqa: B008 - frozen
        heard: Callable[[Spoken], None] = lambda _: None,
    ) -> None:
        """Take the client that reaches the merchant, and a listener that is told of every call."""
        self._http = http
        self.take(cashbox)
        self.visits: dict[str, Visit] = {}
        self.log: deque[Spoken] = deque(maxlen=LOG_MAX)
        self.comparison: Comparison | None = None
        self._time = time
        self._heard = heard
        self._opened = time.now()
        self._rehearsed: dict[str, str] = {}
        """Transactions that others made in Payme's name, and their orders."""

    def take(self, cashbox: Cashbox) -> None:
        """Call this endpoint with this key from now on."""
        self.cashbox = cashbox
        self.merchant = Merchant(self._http, cashbox.endpoint, basic(cashbox.credential), patience=PATIENCE)

    def visit(self, link: Link) -> Visit:
        key = repr(sorted(link.account.items()))
        visit = self.visits.setdefault(key, Visit(link))
        visit.link = link
        return visit

    def receipt(self, receipt_id: str) -> tuple[Visit, Receipt] | None:
        found = ((visit, it) for visit in self.visits.values() for it in visit.receipts if it.id == receipt_id)
        return next(found, None)

    @property
    def receipts(self) -> list[Receipt]:
        """All of them, the newest first."""
        every = [receipt for visit in self.visits.values() for receipt in visit.receipts]
        return sorted(every, key=lambda receipt: receipt.opened, reverse=True)

    async def play(self, visit: Visit, wish: Wish, receipt: Receipt | None = None) -> Played:
        """Walk the wish's calls for each of its buyers; a walk stops at the first call that is refused."""
        async with visit.lock:  # two clicks are two wishes, one after the other
            plan, before = PLANS[wish], len(visit.spoken)
            receipts = self._receipts(visit, plan, receipt)
            await asyncio.gather(*(self._walk(visit, it, plan) for it in receipts))
            visit.last = Played(wish, tuple(receipts), tuple(visit.spoken[before:]))
            return visit.last

    async def compare(self) -> Comparison:
        """Ask the merchant for its books, and lay them beside Payme's."""
        receipts = [receipt for receipt in self.receipts if Method.CREATE in receipt.asked]
        times = [receipt.time for receipt in receipts] or [self._time.now()]
        statement = await self._ask(Request(Method.STATEMENT, {"from": min(times), "to": max(times)}))
        checks = {it.id: await self._ask(Request(Method.CHECK, {"id": it.id}), it.link.order) for it in receipts}
        books = Books(receipts, self._opened, frozenset(self._rehearsed))
        self.comparison = Comparison(self._time.now(), len(receipts), tuple(compare(books, statement, checks)))
        return self.comparison

    def overhear(self, call: Call) -> None:
        """Write down a call that somebody else made in Payme's name: its transaction is none of these books."""
        params = call.sent.get("params") if isinstance(call.sent, dict) else None
        params = params if isinstance(params, dict) else {}
        account, transaction = params.get("account"), str(params.get("id"))
        order = in_a_word(account) if isinstance(account, dict) else self._rehearsed.get(transaction, "")
        if call.method == Method.CREATE:
            self._rehearsed[transaction] = order
        self._write(Spoken(self._time.now(), order, call))

    def _receipts(self, visit: Visit, plan: Plan, chosen: Receipt | None) -> list[Receipt]:
        if chosen:
            return [chosen] if chosen.standing in plan.goes_on_from else []
        if open_one := visit.newest(*plan.goes_on_from):
            return [open_one]
        return [self._new_receipt(visit, plan.age) for _ in range(plan.buyers)]

    def _new_receipt(self, visit: Visit, age: int) -> Receipt:
        now = self._time.now()
        visit.receipts.append(Receipt(transaction_id(now - age), now - age, visit.link, now))
        return visit.receipts[-1]

    async def _walk(self, visit: Visit, receipt: Receipt, plan: Plan) -> None:
        receipt.stopped_by = None
        for method in steps(receipt, plan):
            if method is Method.PERFORM and plan.age:
                await self._pass_half_a_day(receipt)
            if method is Method.CANCEL:
                receipt.reason = receipt.reason or plan.reason
            states = wanted(receipt, method)
            receipt.asked.add(method)
            call = await self._deliver(visit, Request(method, params(receipt, method)), states, plan.delivery)
            if not self._believe(receipt, method, call, states):
                receipt.stopped_by = call
                break

    async def _pass_half_a_day(self, receipt: Receipt) -> None:
        left = receipt.time + HALF_A_DAY + OVER - self._time.now()
        await self._time.sleep(max(left, 0) / 1000)

    async def _deliver(self, visit: Visit, request: Request, states: AbstractSet[State], delivery: Delivery) -> Call:
        """Ask, and ask again; the answer that Payme goes on from."""
        if delivery is Delivery.AT_ONCE:
            several = await asyncio.gather(*(self.merchant.call(request) for _ in range(2)))
            first, last = sorted(several, key=lambda call: call.result is None)
            self._heard_of(visit, first, defects_of(first, states))
            self._heard_of(visit, last, defects_of(last, states, first))
            return first
        if request.method == Method.CHECK_PERFORM:
            return await self._call(visit, request, states)
        if delivery is Delivery.REPLY_LOST:
            await self._lose(visit, request)
            return await self._call(visit, request, states)
        first = await self._call(visit, request, states)
        if first.error and not first.technical:
            return first  # a clear "no" is not asked twice
        last = await self._call(visit, request, states, first)
        return last if first.result is None else first

    async def _call(
        self, visit: Visit, request: Request, states: AbstractSet[State], same_as: Call | None = None
    ) -> Call:
        call = await self.merchant.call(request)
        self._heard_of(visit, call, defects_of(call, states, same_as))
        return call

    async def _lose(self, visit: Visit, request: Request) -> None:
        envelope_id = next(self.merchant.ids)
        sent = {"jsonrpc": "2.0", "id": envelope_id, "method": request.method, "params": request.params}
        await self.merchant.hang_up(request, LOSS, id=envelope_id)
        call = Call(request.method, sent, None, "Payme closed the connection and did not read the answer")
        self._write(Spoken(self._time.now(), visit.order, call, lost=True), visit)

    def _heard_of(self, visit: Visit, call: Call, defects: tuple[str, ...]) -> None:
        self._write(Spoken(self._time.now(), visit.order, call, defects), visit)

    async def _ask(self, request: Request, order: str = "") -> Call:
        call = await self.merchant.call(request)
        self._write(Spoken(self._time.now(), order, call))
        return call

    def _write(self, spoken: Spoken, visit: Visit | None = None) -> None:
        self.log.append(spoken)
        if visit is not None:
            visit.spoken.append(spoken)
            self._heard(spoken)

    def _believe(self, receipt: Receipt, method: Method, call: Call, states: AbstractSet[State]) -> bool:
        """Move the receipt to where the answer leaves it; whether the walk goes on."""
        outcome, yes = OUTCOMES[method], believed(call, states)
        receipt.standing = outcome.yes if yes else outcome.silence if unclear(call) else outcome.no
        if call.result is not None:
            receipt.told |= {name: call.result[name] for name in KEPT if name in call.result}
        if method is Method.PERFORM and yes:
            receipt.paid_time = self._time.now()
        if method is Method.CANCEL:
            self._close(receipt, call, yes=yes)
        return yes

    def _close(self, receipt: Receipt, call: Call, *, yes: bool) -> None:
        """A cancelled payment is a refund when there was one, and a refund that is refused leaves it paid."""
        if yes:
            receipt.cancel_time = self._time.now()
            reversed_ = (call.result or {}).get("state") == State.REVERSED
            receipt.standing = Standing.REFUNDED if reversed_ else Standing.CANCELLED
        elif receipt.paid_time and not unclear(call):
            receipt.standing = Standing.PAID


def steps(receipt: Receipt, plan: Plan) -> list[Method]:
    if receipt.standing is Standing.CANCELLING:
        return [Method.CANCEL]
    return [method for method in plan.steps if method not in PAST.get(receipt.standing, ())]


def unclear(call: Call) -> bool:
    """Whether Payme must ask again: nothing came, or nothing that says yes or no."""
    return call.technical or (call.result is not None and call.method != Method.CHECK_PERFORM)


def wanted(receipt: Receipt, method: Method) -> AbstractSet[State]:
    """The states that a right answer may carry."""
    if method is not Method.CANCEL:
        return ENDS.get(method, frozenset())
    if receipt.paid_time:
        return {State.REVERSED}
    return {State.CANCELLED, State.REVERSED} if Method.PERFORM in receipt.asked else {State.CANCELLED}


ENDS: Final[dict[Method, frozenset[State]]] = {
    Method.CREATE: frozenset({State.CREATED}),
    Method.PERFORM: frozenset({State.PERFORMED}),
}


def params(receipt: Receipt, method: Method) -> dict[str, Any]:
    wish: dict[str, Any] = {"amount": receipt.link.amount, "account": receipt.link.account}
    return {
        Method.CHECK_PERFORM: wish,
        Method.CREATE: {"id": receipt.id, "time": receipt.time, **wish},
        Method.PERFORM: {"id": receipt.id},
        Method.CANCEL: {"id": receipt.id, "reason": receipt.reason},
    }[method]
