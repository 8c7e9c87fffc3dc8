"""The protocol once more, in plain words, and long random stories told to both: to the sidecar and to the words.

`Words` is written from the contract, sections 3 to 5, and knows nothing of the sidecar. After every step of a story the
two must agree on everything that anybody outside can see; and whatever the words say, a few things must never happen.
"""

import base64
import hmac
import json
import logging
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, select

from sidecar import outbox, schema
from sidecar.clock import Millis
from sidecar.database import Connection
from sidecar.payme_merchant import transactions
from tests.shop import API_KEY, BACKEND_KEY, NOON, Shop, basic, code

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
TWELVE_HOURS: Final = 12 * HOUR

ORDERS: Final = ("101", "102", "103")
AMOUNTS: Final = (14_000_000, 300_000_000)

# ── the words ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Session:
    id: str
    order: str
    amount: int
    created_time: int
    locale: str | None
    closed: bool = False


@dataclass
class Transaction:
    id: str
    number: str  # our own id for it, learned from the first answer
    session: Session
    amount: int
    account: Any
    time: int
    create_time: int
    state: int = 1
    perform_time: int = 0
    cancel_time: int = 0
    reason: int | None = None

    @property
    def last_time(self) -> int:
        return max(self.create_time, self.perform_time)

    @property
    def view(self) -> dict[str, Any]:
        times = {"create_time": self.create_time, "perform_time": self.perform_time, "cancel_time": self.cancel_time}
        return times | {"state": self.state, "reason": self.reason}


@dataclass
class Message:
    """`not_before` and `at_once_from` leave room: the contract says "about" and "within", and pauses are random."""

    topic: str
    transaction: Transaction
    body: dict[str, Any]
    at_once_from: int
    not_before: int = 0
    state: str = "waiting"
    tries: int = 0
    last_answer: str = ""

    @property
    def key(self) -> str:
        return f"{self.topic}:{self.transaction.id}"

    @property
    def undelivered(self) -> bool:
        return self.state in ("waiting", "parked")

    def ask_again(self, not_before: int, at_once_from: int) -> None:
        self.state, self.not_before, self.at_once_from = "waiting", not_before, at_once_from


Said = dict[str, Any] | int  # the `result` of a reply, or the code of its error


class Words:
    """What the contract says, in the order in which it says it. Slow, forgetful of nothing, and easy to read."""

    def __init__(self) -> None:
        self.now = NOON
        self.sessions: dict[str, Session] = {}  # in order of registration
        self.transactions: dict[str, Transaction] = {}  # in order of creation
        self.messages: list[Message] = []  # in order of the moves that caused them
        self.receipts: dict[tuple[str, str], dict[str, Any]] = {}
        self.received: dict[tuple[str, str], int] = {}

    # Section 3: Payme's calls.

    def check_perform(self, order: str | None, amount: Any) -> Said:
        return self.objection(order, amount) or {"allow": True}

    def create(self, id_: str, order: str | None, amount: Any, time: int, account: Any, number: str) -> Said:
        if known := self.transactions.get(id_):
            return self.create_again(known)
        if no := self.objection(order, amount):
            return no
        if self.now - time >= TWELVE_HOURS:
            return -31008
        for earlier in self.on_order(order):
            if earlier.state == 1:
                self.cancel_unpaid(earlier, reason=4)
        session = self.answering_for(order)
        assert session
        new = Transaction(id_, number, session, session.amount, account, time, create_time=self.now)
        self.transactions[id_] = new
        return self.created(new)

    def create_again(self, known: Transaction) -> Said:
        if known.state != 1:
            return -31008
        if self.overdue(known):
            self.cancel_unpaid(known, reason=4)
            return -31008
        return self.created(known)

    def perform(self, id_: str) -> Said:
        known = self.transactions.get(id_)
        if known is None:
            return -31003
        if known.state < 0:
            return -31008
        if known.state == 1:
            if self.overdue(known):
                self.cancel_unpaid(known, reason=4)
                return -31008
            if known.session.closed:
                self.cancel_unpaid(known, reason=3)
                return -31008
            known.state, known.perform_time = 2, max(self.now, known.last_time)
            self.promise("authorize", known, {"perform_time": known.perform_time})
        return {"transaction": known.number, "perform_time": known.perform_time, "state": 2}

    def cancel(self, id_: str, reason: int) -> Said:
        known = self.transactions.get(id_)
        if known is None:
            return -31003
        if known.state == 1:
            self.cancel_unpaid(known, reason)
        elif known.state == 2:
            known.state, known.cancel_time, known.reason = -2, max(self.now, known.last_time), reason
            self.promise("cancel", known, {"reason": reason, "cancel_time": known.cancel_time})
            self.take_back_what_was_never_heard(known)
        return {"transaction": known.number, "cancel_time": known.cancel_time, "state": known.state}

    def check(self, id_: str) -> Said:
        known = self.transactions.get(id_)
        return {"transaction": known.number, **known.view} if known else -31003

    def statement(self, from_: int, to: int) -> list[dict[str, Any]]:
        return [
            {
                "id": it.id,
                "time": it.time,
                "amount": it.amount,
                "account": it.account,
                "transaction": it.number,
                "receivers": None,
                **it.view,
            }
            for it in sorted(self.transactions.values(), key=lambda it: it.time)
            if from_ <= it.time <= to
        ]

    def set_fiscal_data(self, id_: str, type_: str, data: dict[str, Any]) -> Said:
        if id_ not in self.transactions:
            return -32001
        self.receipts[id_, type_] = data
        self.received[id_, type_] = self.now
        return {"success": True}

    def sweep(self) -> int:
        due = [it for it in self.transactions.values() if it.state == 1]
        due = [it for it in due if self.now - it.time >= TWELVE_HOURS + 5 * MINUTE]
        for it in due:
            self.cancel_unpaid(it, reason=4)
        return len(due)

    def objection(self, order: str | None, amount: Any) -> int:
        """Why an order cannot be paid with this amount, or 0. The account is judged first, then the amount."""
        session = self.answering_for(order)
        if session is None:
            return -31050
        states = [it.state for it in self.on_order(order) if not self.overdue(it)]
        if session.closed or 2 in states or -2 in states:
            return -31052
        if 1 in states:
            return -31051
        return 0 if type(amount) is int and amount == session.amount else -31001

    def answering_for(self, order: str | None) -> Session | None:
        """The newest session of an order."""
        return next((it for it in reversed(self.sessions.values()) if it.order == order), None)

    def on_order(self, order: str | None) -> list[Transaction]:
        return [it for it in self.transactions.values() if it.session.order == order]

    def overdue(self, it: Transaction) -> bool:
        return it.state == 1 and self.now - it.time >= TWELVE_HOURS

    def cancel_unpaid(self, it: Transaction, reason: int) -> None:
        it.state, it.cancel_time, it.reason = -1, max(self.now, it.last_time), reason

    def created(self, it: Transaction) -> Said:
        return {"transaction": it.number, "create_time": it.create_time, "state": 1}

    # Section 4: the backend's calls. Each gives the status and the error's code, if it is one.

    def register(self, id_: str, order: str, amount: int, locale: str | None) -> tuple[int, str | None]:
        if known := self.sessions.get(id_):
            return (200, None) if (known.order, known.amount) == (order, amount) else (409, "session_differs")
        if any(it.order == order and not it.closed for it in self.sessions.values()):
            return 409, "order_taken"  # a paid or refunded session never closes, so it keeps its order
        self.sessions[id_] = Session(id_, order, amount, self.now, locale)
        return 201, None

    def update(self, id_: str, amount: int | None, locale: str | None) -> tuple[int, str | None]:
        session = self.sessions.get(id_)
        if session is None:
            return 404, "not_found"
        if session.closed:
            return 409, "session_closed"
        newest = self.newest(session)
        if newest and newest.state != -1 and not self.overdue(newest):
            return 409, "amount_locked"
        if newest and newest.state == 1:
            self.cancel_unpaid(newest, reason=4)  # or a clock a little behind would still take the old amount
        session.amount = amount or session.amount
        session.locale = locale or session.locale
        return 200, None

    def close(self, id_: str) -> tuple[int, str | None]:
        session = self.sessions.get(id_)
        if session is None:
            return 404, "not_found"
        if self.state(session) == 2:
            return 409, "already_paid"
        session.closed = session.closed or self.state(session) != -2
        return 200, None

    def ask(self, id_: str, verb: str) -> tuple[int, str | None]:
        session = self.sessions.get(id_)
        if session is None:
            return 404, "not_found"
        if verb == "capture" and self.state(session) != 2:
            return 409, "not_paid"
        if verb == "refund" and self.state(session) != -2:
            return 409, "refund_in_cabinet"
        return 200, None

    def view(self, session: Session) -> dict[str, Any]:
        newest = self.newest(session)
        return {
            "id": session.id,
            "order_id": session.order,
            "amount": session.amount,
            "currency_code": "uzs",
            "status": self.status(session),
            "payment_url": payment_url(session),
            "qr_url": qr_url(session),
            "locale": session.locale or "ru",
            "country_code": "uz",
            "created_time": session.created_time,
            "detail": None,
            "transaction": {"id": newest.id, **newest.view} if newest else None,
            "fiscal_receipts": self.receipts_of(newest) if newest else [],
        }

    def receipts_of(self, newest: Transaction) -> list[dict[str, Any]]:
        unsaid = dict.fromkeys(("terminal_id", "fiscal_sign", "qr_code_url", "date"))
        return [
            {
                "type": type_,
                **unsaid,
                **self.receipts[newest.id, type_],
                "received_time": self.received[newest.id, type_],
            }
            for type_ in ("PERFORM", "CANCEL")
            if (newest.id, type_) in self.receipts
        ]

    def status(self, session: Session) -> str:
        if self.state(session) == 2:
            return "captured"
        return "canceled" if session.closed or self.state(session) == -2 else "pending"

    def payment_status(self, order: str) -> dict[str, Any] | None:
        session = self.answering_for(order)
        if session is None:
            return None
        return {"order_id": order, "status": self.status(session), "transaction_state": self.state(session)}

    def newest(self, session: Session) -> Transaction | None:
        return next((it for it in reversed(self.transactions.values()) if it.session is session), None)

    def state(self, session: Session) -> int | None:
        newest = self.newest(session)
        return newest.state if newest else None

    # Section 5: what the backend is told.

    def promise(self, topic: str, cause: Transaction, facts: dict[str, Any]) -> None:
        body = {"transaction_id": cause.id, "amount": cause.amount, **facts}
        self.messages.append(Message(topic, cause, body, at_once_from=self.now))

    def take_back_what_was_never_heard(self, refunded: Transaction) -> None:
        authorize, cancel = (it for it in self.messages if it.transaction is refunded)
        if authorize.state == "parked" or authorize.tries == 0:
            authorize.state = cancel.state = "withdrawn"

    def undelivered(self, session: str) -> list[Message]:
        return [it for it in self.messages if it.undelivered and it.transaction.session.id == session]

    def next_message(self, session: str) -> Message | None:
        """In order for each session: a message that is not delivered holds back those behind it."""
        first = next(iter(self.undelivered(session)), None)
        return first if first and first.state == "waiting" else None

    def told(self, session: str, keys: list[str], answer: str) -> None:
        """The backend was asked these keys, one after the other, and answered each the same."""
        for key in keys:
            self.in_hand(session, key)
            message = self.undelivered(session)[0]
            message.last_answer = answer
            if answer.startswith("2"):
                message.state = "delivered"
            elif answer in REFUSED_FOR_GOOD:
                message.state = "parked"
            else:
                pause = min(2 ** (message.tries - 1) * SECOND, 15 * MINUTE)
                message.ask_again(self.now + pause // 2, self.now + min(pause * 2, 15 * MINUTE))
        self.nothing_is_kept_waiting(session)

    def died_with(self, session: str, keys: list[str]) -> None:
        """A process died with these in hand: whether the backend has them, nobody knows."""
        for key in keys:
            message = self.in_hand(session, key)
            message.ask_again(self.now + 30 * SECOND, self.now + 60 * SECOND)
        self.nothing_is_kept_waiting(session)

    def in_hand(self, session: str, key: str) -> Message:
        message = self.next_message(session)
        assert message, f"{key} was told while nothing was to be told"
        assert message.key == key
        assert self.now >= message.not_before
        message.tries += 1
        return message

    def nothing_is_kept_waiting(self, session: str) -> None:
        late = self.next_message(session)
        assert late is None or self.now < late.at_once_from, f"{late} was not told"

    def retry_all(self) -> int:
        undelivered = [it for it in self.messages if it.undelivered]
        for it in undelivered:
            it.ask_again(0, self.now)
        return len(undelivered)


def payment_url(session: Session) -> str:
    way_back = urlencode({"order_id": session.order, "locale": session.locale or "ru", "country_code": "uz"})
    language = {"uz": "uz", "en-GB": "en"}.get(session.locale or "ru", "ru")
    text = (
        f"m=587f72c72cac0d162c722ae2;ac.order_id={session.order};a={session.amount};l={language};"
        f"c=https://shop.uz/payme-callback?{way_back}"
    )
    return "https://checkout.paycom.uz/" + base64.b64encode(text.encode()).decode()


def qr_url(session: Session) -> str:
    tag = hmac.new(API_KEY.encode(), f"qr:{session.id}".encode(), "sha256").digest()[:16]
    token = base64.urlsafe_b64encode(tag).decode().rstrip("=")
    return f"http://127.0.0.1:8700/payment-sessions/{session.id}/qr.svg?token={token}"


# ── what a story is made of ────────────────────────────────────────────────────────────────────────────────────────

REFUSED_FOR_GOOD: Final = ("404", "409", "410", "422")
DROPS: Final = "drops"
ANSWERS: Final = ("500", "404", "204", "409", "410", "422", "400", "302", DROPS)
ONE_RESULT_FOR_EVER: Final = frozenset({"CreateTransaction", "PerformTransaction", "CancelTransaction"})
ARROWS: Final = frozenset({(0, 1), (1, 2), (1, -1), (2, -2)})

orders = st.sampled_from(ORDERS)
amounts = st.sampled_from(AMOUNTS)
locales = st.sampled_from([None, None, "uz", "en-GB", "kk"])
reasons = st.sampled_from([1, 2, 3, 4, 5, 10, -7, 2**40])
ages = st.sampled_from([0, 0, 0, 0, HOUR, TWELVE_HOURS - 1, TWELVE_HOURS, -HOUR])
jumps = st.sampled_from([SECOND, 30 * SECOND, HOUR, 6 * HOUR, TWELVE_HOURS, -1, -MINUTE, -HOUR, -13 * HOUR])
waits = st.sampled_from([0, 0, 2 * SECOND, MINUTE, 16 * MINUTE])

# How Payme may write an order that we know, and how it may be wrong.
ACCOUNTS: Final[tuple[Callable[[str], Any], ...]] = (
    lambda order: {"order_id": order},
    lambda order: {"order_id": int(order)},
    lambda order: {"order_id": f"  {order} ", "extra": [None]},
)
WRONG_ACCOUNTS: Final[tuple[Any, ...]] = (
    {"order_id": "109"},
    {"order_id": ""},
    {"order_id": None},
    {"order_id": True},
    {"order_id": 101.0},
    {"order_id": ["101"]},
    {"order": "101"},
    {},
    [],
    None,
)
WRONG_AMOUNTS: Final[tuple[Callable[[int], Any], ...]] = (
    lambda right: right + 1,
    lambda right: right * 100,
    float,
    str,
    lambda right: -right,
    lambda _: 0,
    lambda _: True,
    lambda _: None,
    lambda _: 2**63,
)


class Payment(NamedTuple):
    """An order and an amount as Payme sends them, and the order that is meant."""

    account: Any
    order: str | None
    amount: Callable[[int], Any] = int


right_payments = st.builds(lambda order, write: Payment(write(order), order), orders, st.sampled_from(ACCOUNTS))
wrong_payments = st.one_of(
    st.sampled_from(WRONG_ACCOUNTS).map(lambda account: Payment(account, None)),
    st.builds(
        lambda order, amount: Payment({"order_id": order}, order, amount), orders, st.sampled_from(WRONG_AMOUNTS)
    ),
)
payments = st.integers(0, 4).flatmap(lambda dice: right_payments if dice else wrong_payments)
# Mostly one that is there, the newest first: a story about strangers is short.
payme_ids = st.runner().flatmap(lambda story: st.sampled_from([*reversed(story.words.transactions), "nobody"]))
sessions = st.runner().flatmap(lambda story: st.sampled_from([*reversed(story.words.sessions), "nobody"]))


class Story(RuleBasedStateMachine):
    """Payme, the backend, the relay, the sweep and the clock take turns."""

    def __init__(self, shop: Shop) -> None:
        super().__init__()
        self.shop = shop
        self.words = Words()
        self.states: dict[str, int] = {}
        self.results: dict[tuple[str, str], dict[str, Any]] = {}  # (method, Payme's id) → the first
        self.asked: dict[str, list[str]] = defaultdict(list)  # session → what the backend was asked
        self.taken: dict[str, list[str]] = defaultdict(list)  # session → what it answered with 2xx
        shop.clock.now = NOON
        shop.backend.asked.clear()
        shop.run(shop.house.database.write(forget_everything))

    @initialize(amount=amounts)
    def two_orders_are_registered_and_somebody_is_at_payme(self, amount: int) -> None:
        for order in ORDERS[:2]:
            self.register(order, amount, None)
        self.creates(self.new_payme_id, Payment({"order_id": ORDERS[0]}, ORDERS[0]))

    # Payme.

    def calls(self, method: str, expected: Callable[[dict[str, Any]], Said], **params: Any) -> None:
        """Make one call, a millisecond after whatever was last."""
        self.jump(1)
        reply = self.shop.payme(method, **params)

        result = reply.get("result", {})
        assert (result or code(reply)) == expected(result)
        if result and method in ONE_RESULT_FOR_EVER:
            assert result == self.results.setdefault((method, params["id"]), result)
        if -31099 <= code(reply) <= -31050:
            assert reply["error"]["data"] == "order_id"

    def creates(self, id_: str, payment: Payment, ago: int = 0) -> None:
        amount, time = payment.amount(self.owed(payment.order)), self.words.now - ago
        self.calls(
            "CreateTransaction",
            lambda result: self.words.create(
                id_, payment.order, amount, time, payment.account, result.get("transaction", "none")
            ),
            id=id_,
            time=time,
            amount=amount,
            account=payment.account,
        )

    @rule(payment=payments, ago=ages)
    def create(self, payment: Payment, ago: int) -> None:
        self.creates(self.new_payme_id, payment, ago)

    @rule(id_=payme_ids, payment=payments)
    def create_again(self, id_: str, payment: Payment) -> None:
        """Payme repeats a call with what it had; whatever else it carries, the answer is the first one's."""
        self.creates(id_, payment)

    @rule(id_=payme_ids)
    def perform(self, id_: str) -> None:
        self.calls("PerformTransaction", lambda _: self.words.perform(id_), id=id_)

    @rule(id_=payme_ids, reason=reasons)
    def cancel(self, id_: str, reason: int) -> None:
        self.calls("CancelTransaction", lambda _: self.words.cancel(id_, reason), id=id_, reason=reason)

    @precondition(lambda story: story.payable)
    @rule(data=st.data(), write=st.sampled_from(ACCOUNTS))
    def pay_as_payme_does(self, data: st.DataObject, write: Callable[[str], Any]) -> None:
        """Ask, then create and perform, each of them twice."""
        order, id_ = data.draw(st.sampled_from(self.payable)), self.new_payme_id
        payment = Payment(write(order), order)
        self.check_perform(payment)
        for _ in range(2):
            self.creates(id_, payment)
        self.the_ledger_is_what_the_words_say()
        for _ in range(2):
            self.perform(id_)

    @rule()
    def payme_repeats_itself(self) -> None:
        """Every call that was answered, once more; and on what is over, every call there is."""
        for id_, state in self.states.items():
            self.creates(id_, Payment(None, None))
            if state != 1:
                self.perform(id_)
            if state < 0:
                self.cancel(id_, 10)

    @precondition(lambda story: 2 in story.states.values())
    @rule(data=st.data())
    def refund(self, data: st.DataObject) -> None:
        self.cancel(data.draw(st.sampled_from([id_ for id_, state in self.states.items() if state == 2])), 5)

    def check(self, id_: str) -> None:
        self.calls("CheckTransaction", lambda _: self.words.check(id_), id=id_)

    def check_perform(self, payment: Payment) -> None:
        amount = payment.amount(self.owed(payment.order))
        self.calls(
            "CheckPerformTransaction",
            lambda _: self.words.check_perform(payment.order, amount),
            amount=amount,
            account=payment.account,
        )

    @rule(payment=payments, first=payme_ids, last=payme_ids, later=st.integers(0, 1), earlier=st.integers(0, 1))
    def payme_asks(self, payment: Payment, first: str, last: str, later: int, earlier: int) -> None:
        """What may be paid, what became of each, and what was between two of them, to the millisecond."""
        self.check_perform(payment)
        for id_ in (*self.words.transactions, "nobody"):
            self.check(id_)
        known = self.words.transactions
        from_ = known[first].time + later if first in known else 0
        to = known[last].time - earlier if last in known else self.words.now
        assert self.shop.statement(from_, to) == self.words.statement(from_, to)

    @rule(id_=payme_ids, type_=st.sampled_from(["PERFORM", "CANCEL"]), receipt=st.integers(1, 2))
    def set_fiscal_data(self, id_: str, type_: str, receipt: int) -> None:
        data = {"receipt_id": receipt, "status_code": 0, "message": "accepted"}
        self.calls(
            "SetFiscalData",
            lambda _: self.words.set_fiscal_data(id_, type_, data),
            id=id_,
            type=type_,
            fiscal_data=data,
        )

    @property
    def new_payme_id(self) -> str:
        return f"tx{len(self.words.transactions) + 1}"

    @property
    def payable(self) -> list[str]:
        return [it for it in ORDERS if not self.words.objection(it, self.owed(it))]

    def owed(self, order: str | None) -> int:
        session = self.words.answering_for(order)
        return session.amount if session else AMOUNTS[0]

    # The backend asks.

    def asks(self, expected: tuple[int, str | None], verb: str, path: str, body: Any = None) -> None:
        response = self.shop.api(verb, f"/payment-sessions{path}", body)

        answer = response.json()
        assert (response.status_code, answer.get("code")) == expected
        if response.is_success:
            assert answer == self.words.view(self.words.sessions[answer["id"]])

    def registers(self, id_: str, order: str, amount: int, locale: str | None) -> None:
        body = {"id": id_, "order_id": order, "amount": amount, "currency_code": "uzs", "locale": locale}
        self.asks(self.words.register(id_, order, amount, locale), "POST", "", body)

    @rule(order=orders, amount=amounts, locale=locales)
    def register(self, order: str, amount: int, locale: str | None) -> None:
        self.registers(f"ses{len(self.words.sessions) + 1}", order, amount, locale)

    @rule(id_=sessions, order=orders, amount=amounts, locale=locales)
    def register_again(self, id_: str, order: str, amount: int, locale: str | None) -> None:
        self.registers(id_, order, amount, locale)

    @rule(id_=sessions, amount=st.one_of(st.none(), amounts), locale=locales)
    def update(self, id_: str, amount: int | None, locale: str | None) -> None:
        body = {"amount": amount, "locale": locale}
        self.asks(self.words.update(id_, amount, locale), "POST", f"/{id_}", body)

    @rule(id_=sessions, how=st.sampled_from([("DELETE", ""), ("POST", "/cancel")]))
    def close(self, id_: str, how: tuple[str, str]) -> None:
        verb, path = how
        self.asks(self.words.close(id_), verb, f"/{id_}{path}")

    @rule(order=orders, amount=amounts)
    def start_over(self, order: str, amount: int) -> None:
        """The shopper changed the cart: the backend gives up one session of the order and opens another."""
        session = self.words.answering_for(order)
        if session:
            self.close(session.id, ("DELETE", ""))
        self.register(order, amount, None)

    @rule(id_=sessions)
    def the_backend_asks(self, id_: str) -> None:
        for verb in ("authorize", "capture", "refund"):
            self.asks(self.words.ask(id_, verb), "POST", f"/{id_}/{verb}")

    # The backend is told.

    @precondition(lambda story: story.waiting)
    @rule(wait=waits)
    def the_backend_is_well(self, wait: int) -> None:
        self.delivers(dict.fromkeys(self.waiting, "200"), wait)

    @precondition(lambda story: story.waiting)
    @rule(data=st.data(), rounds=st.lists(waits, min_size=1, max_size=3))
    def the_backend_is_not_well(self, data: st.DataObject, rounds: list[int]) -> None:
        """For each session it has its own moods."""
        for wait in rounds:
            self.delivers({it: data.draw(st.sampled_from(ANSWERS), label=it) for it in self.waiting}, wait)

    @property
    def waiting(self) -> list[str]:
        return [it for it in self.words.sessions if self.words.undelivered(it)]

    def delivers(self, answers: dict[str, str], wait: int = 0) -> None:
        self.jump(wait)
        self.shop.backend.asked.clear()
        self.shop.backend.answers = answering(answers)

        self.shop.deliver()

        assert {session_of(it) for it in self.shop.backend.asked} <= answers.keys()
        for session, answer in answers.items():
            keys = [self.told_properly(it) for it in self.shop.backend.asked if session_of(it) == session]
            self.words.told(session, keys, answer)
            self.asked[session] += keys
            self.taken[session] += keys if answer.startswith("2") else []

    @precondition(lambda story: story.waiting)
    @rule(wait=waits)
    def a_relay_dies_with_messages_in_hand(self, wait: int) -> None:
        self.jump(wait)
        claimed = self.shop.run(self.shop.house.database.write(outbox.claim, Millis(self.words.now), 16))

        for session in self.words.sessions:
            self.words.died_with(session, [it.idempotency_key for it in claimed if it.session_id == session])

    @precondition(lambda story: story.waiting)
    @rule()
    def somebody_retries_all(self) -> None:
        due = self.shop.run(self.shop.house.database.write(outbox.retry_all, Millis(self.words.now)))

        assert len(due) == self.words.retry_all()

    def told_properly(self, request: httpx.Request) -> str:
        key = request.headers["idempotency-key"]
        message = next(it for it in self.words.messages if it.key == key)
        session = message.transaction.session.id
        assert request.method == "POST"
        assert request.url.path == f"/admin/payme/payment-sessions/{session}/{message.topic}"
        assert request.headers["authorization"] == basic(f"{BACKEND_KEY}:")
        assert json.loads(request.content) == message.body
        return str(key)

    # Time.

    @rule(by=jumps)
    def jump(self, by: int) -> None:
        self.words.now += by
        self.shop.clock.now = self.words.now

    @precondition(lambda story: 1 in story.states.values())
    @rule(data=st.data(), edge=st.integers(-1, 1), then=st.sampled_from(["perform", "cancel", "create"]))
    def it_is_twelve_hours_old(self, data: st.DataObject, edge: int, then: str) -> None:
        """One that waits for its Perform, to the millisecond."""
        id_ = self.grows_old(data, TWELVE_HOURS - 1 + edge)  # a call of Payme's takes a millisecond
        match then:
            case "perform":
                self.perform(id_)
            case "cancel":
                self.cancel(id_, 2)
            case "create":
                self.creates(id_, Payment(None, None))

    @precondition(lambda story: 1 in story.states.values())
    @rule(data=st.data(), edge=st.sampled_from([-5 * MINUTE - 1, -5 * MINUTE, -1, 0, 1]))
    def the_sweep_comes_by(self, data: st.DataObject, edge: int) -> None:
        self.grows_old(data, TWELVE_HOURS + 5 * MINUTE + edge)
        self.sweep()

    def grows_old(self, data: st.DataObject, age: int) -> str:
        id_ = data.draw(st.sampled_from([id_ for id_, state in self.states.items() if state == 1]))
        self.jump(self.words.transactions[id_].time + age - self.words.now)
        return id_

    @rule()
    def sweep(self) -> None:
        assert self.shop.sweep() == self.words.sweep()

    # What must hold after every step.

    @invariant()
    def the_ledger_is_what_the_words_say(self) -> None:
        rows = self.shop.statement(0, NOON * 2)

        assert rows == self.words.statement(0, NOON * 2)
        self.only_the_four_arrows_were_taken(rows)
        self.an_order_has_one_live_transaction(rows)
        self.the_backend_hears_of_what_was_performed_and_in_order(rows)

    @invariant()
    def every_order_is_what_the_words_say(self) -> None:
        for order in ORDERS:
            response = self.shop.api("GET", f"/payment-status/{order}")
            expected = self.words.payment_status(order)
            assert response.json() == expected if expected else response.status_code == 404
            if session := self.words.answering_for(order):
                assert self.shop.session(session.id) == self.words.view(session)

    @invariant()
    def what_is_undelivered_is_what_the_words_say(self) -> None:
        listed = self.shop.run(self.shop.house.database.read(outbox.undelivered))

        assert [(it.idempotency_key, it.state, it.attempts) for it in listed] == [
            (it.key, it.state, it.tries) for it in self.words.messages if it.undelivered
        ]

    @invariant()
    def every_receipt_is_kept(self) -> None:
        assert self.shop.run(self.shop.house.database.read(receipts)) == self.words.receipts

    def only_the_four_arrows_were_taken(self, rows: list[dict[str, Any]]) -> None:
        before, self.states = self.states, {row["id"]: row["state"] for row in rows}
        assert before.keys() <= self.states.keys()
        moves = {(before.get(id_, 0), state) for id_, state in self.states.items() if before.get(id_) != state}
        assert moves <= ARROWS

    def an_order_has_one_live_transaction(self, rows: list[dict[str, Any]]) -> None:
        live = [str(row["account"]["order_id"]).strip() for row in rows if row["state"] != -1]
        assert len(live) == len(set(live))

    def the_backend_hears_of_what_was_performed_and_in_order(self, rows: list[dict[str, Any]]) -> None:
        performed = {row["id"] for row in rows if row["perform_time"]}
        refunded = {row["id"] for row in rows if row["state"] == -2}
        for session, asked in self.asked.items():
            taken = self.taken[session]
            assert len(taken) == len(set(taken))  # what was taken is never told again
            for key in asked:
                topic, _, id_ = key.partition(":")
                assert id_ in (performed if topic == "authorize" else refunded)
                assert topic == "authorize" or f"authorize:{id_}" in taken

    def teardown(self) -> None:
        """In the end the backend is well, and then it knows exactly what happened."""
        if sys.exc_info()[0]:
            return  # the story went wrong earlier, and that is what should be told
        self.somebody_retries_all()
        self.delivers(dict.fromkeys(self.words.sessions, "200"))
        rows = self.shop.statement(0, NOON * 2)
        happened = {f"authorize:{row['id']}" for row in rows if row["perform_time"]}
        happened |= {f"cancel:{row['id']}" for row in rows if row["state"] == -2}
        withdrawn = {it.key for it in self.words.messages if it.state == "withdrawn"}

        assert {key for keys in self.taken.values() for key in keys} == happened - withdrawn
        for session in self.words.sessions.values():
            assert self.shop.session(session.id) == self.words.view(session)


def session_of(request: httpx.Request) -> str:
    return request.url.path.split("/")[4]


def answering(answers: dict[str, str]) -> Any:
    async def answer(request: httpx.Request) -> httpx.Response:
        said = answers[session_of(request)]
        if said == DROPS:
            raise httpx.ReadError("the connection was lost, perhaps after the backend did it")
        return httpx.Response(int(said), json={})

    return answer


def forget_everything(connection: Connection) -> None:
    for table in reversed(schema.TABLES):
        connection.execute(delete(table))


def receipts(connection: Connection) -> dict[tuple[str, str], dict[str, Any]]:
    kept, paid = transactions.receipts, transactions.table
    both = select(paid.c.payme_id, kept.c.type, kept.c.fiscal_data).where(paid.c.number == kept.c.transaction_number)
    return {(row[0], row[1]): json.loads(row[2]) for row in connection.execute(both)}


def test_every_story_goes_as_the_contract_says(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)  # the end of a failing story is short; the log of all that was tried is not
    how = settings(
        max_examples=50,
        stateful_step_count=30,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),  # they ask for speed, and a database has its own
    )
    run_state_machine_as_test(lambda: Story(shop), settings=how)  # type: ignore[arg-type]  # any callable will do


# Stories that once went wrong, or that chance tells too rarely.


def test_the_newest_session_answers_for_its_order_though_all_were_closed_in_one_millisecond(shop: Shop) -> None:
    shop.register("ses1", order_id="101")
    shop.create("tx1", order="101")
    shop.close_session("ses1")

    shop.register("ses2", order_id="101")
    shop.close_session("ses2")

    assert shop.api("GET", "/payment-status/101").json()["transaction_state"] is None


def test_the_newest_session_answers_for_its_order_though_the_clock_was_set_back(shop: Shop) -> None:
    shop.register("ses1", order_id="101")
    shop.create("tx1", order="101")
    shop.close_session("ses1")
    shop.clock.advance(-HOUR)

    shop.register("ses2", order_id="101")
    shop.close_session("ses2")

    assert shop.api("GET", "/payment-status/101").json()["transaction_state"] is None


def test_nobody_pays_the_old_amount_after_it_was_changed_though_the_clock_is_set_back(shop: Shop) -> None:
    shop.register("ses1")
    shop.create("tx1", order="ses1")
    shop.clock.advance(TWELVE_HOURS)
    assert shop.api("POST", "/payment-sessions/ses1", {"amount": 15_000_000}).status_code == 200
    shop.clock.advance(-1)

    shop.perform("tx1")

    view = shop.session("ses1")
    assert (view["amount"], view["status"]) == (15_000_000, "pending")


def test_a_create_repeated_after_its_session_was_closed_gets_its_first_answer_while_it_is_pending(shop: Shop) -> None:
    shop.register()
    first = shop.create()
    shop.close_session()
    shop.clock.advance(TWELVE_HOURS - 1)

    again = shop.create(time=NOON)
    shop.clock.advance(1)
    too_late = shop.create(time=NOON)

    assert again == first
    assert code(too_late) == -31008


def test_a_refund_waits_behind_a_parked_authorize_however_due_it_is(shop: Shop) -> None:
    shop.paid()
    shop.backend.status = 500
    shop.deliver()
    shop.cancel()
    shop.clock.advance(MINUTE)
    shop.backend.status = 422
    shop.deliver()
    shop.clock.advance(HOUR)
    shop.backend.status = 200

    assert shop.deliver() == 0
    assert shop.backend.keys == ["authorize:tx1", "authorize:tx1"]


def test_a_refund_of_what_was_parked_closes_both_messages_unsent(shop: Shop) -> None:
    shop.paid()
    shop.backend.status = 404
    shop.deliver()
    shop.cancel()
    shop.clock.advance(HOUR)

    assert shop.deliver() == 0
    assert shop.run(shop.house.database.read(outbox.undelivered)) == []
