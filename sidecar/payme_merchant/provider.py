"""Payme, asked in Medusa's verbs. Payme calls us, so most verbs only read our own ledger (contract, section 4).

The two that change something, `update` and `cancel`, lock the session first; what Payme's calls store waits for them.
"""

from typing import NamedTuple

from sidecar import fiscal, payment_sessions, strict_json
from sidecar.clock import Clock, Millis
from sidecar.database import Connection, Database, Overtaken
from sidecar.fiscal import Detail
from sidecar.money import CURRENCY
from sidecar.payme_merchant import checkout, methods, transactions
from sidecar.payme_merchant.machine import HOLDS, State, standing
from sidecar.payme_merchant.params import FISCAL_FIELDS
from sidecar.payme_merchant.transactions import Receipt, Transaction
from sidecar.payment_sessions import PaymentSession
from sidecar.providers import (
    Changes,
    CurrencyNotSupported,
    Denied,
    NotFound,
    ReceiptView,
    Registration,
    SessionView,
    StatusView,
    TransactionView,
)
from sidecar.settings import Settings
from sidecar.vocabulary import SessionStatus


class Standing(NamedTuple):
    """A session and the newest of its transactions, with its fiscal receipts: an older one was never performed."""

    session: PaymentSession
    newest: Transaction | None
    receipts: tuple[Receipt, ...] = ()

    @property
    def state(self) -> State | None:
        return self.newest.lifecycle.state if self.newest else None

    @property
    def status(self) -> SessionStatus:
        if self.state is State.PERFORMED:
            return SessionStatus.CAPTURED
        if self.session.closed or self.state is State.REVERSED:
            return SessionStatus.CANCELED
        return SessionStatus.PENDING


class PaymeProvider:
    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock

    async def initiate(self, wish: Registration) -> tuple[SessionView, bool]:
        known, new = await self._database.write(register, wish, self._clock())
        return self._view(known), new

    async def retrieve(self, session_id: str) -> SessionView:
        return self._view(await self._database.read(find, session_id))

    async def update(self, session_id: str, changes: Changes) -> SessionView:
        return self._view(await self._database.write(change, session_id, changes, self._clock()))

    async def cancel(self, session_id: str) -> SessionView:
        """Close the session. What Payme has performed is never touched."""
        return self._view(await self._database.write(close, session_id, self._clock()))

    async def authorize(self, session_id: str) -> SessionView:
        return await self.retrieve(session_id)

    async def capture(self, session_id: str) -> SessionView:
        """Payme's charge is one-stage: what is performed is captured."""
        found = await self._database.read(find, session_id)
        if found.status is not SessionStatus.CAPTURED:
            raise Denied("not_paid", "Payme has not performed a payment of this session")
        return self._view(found)

    async def refund(self, session_id: str) -> SessionView:
        found = await self._database.read(find, session_id)
        if found.state is not State.REVERSED:
            raise Denied(
                "refund_in_cabinet",
                "Payme's Merchant API has no refund call: start the refund in the Payme Business cabinet",
            )
        return self._view(found)

    async def status(self, order_id: str) -> StatusView:
        found = await self._database.read(find_by_order, order_id)
        return {"order_id": order_id, "status": found.status, "transaction_state": found.state}

    def _view(self, known: Standing) -> SessionView:
        session, newest, receipts = known
        return {
            "id": session.id,
            "order_id": session.order_id,
            "amount": session.amount,
            "currency_code": session.currency_code,
            "status": known.status,
            "payment_url": checkout.payment_url(session, self._settings),
            "qr_url": checkout.qr_url(session, self._settings),
            "locale": checkout.locale_of(session, self._settings),
            "country_code": checkout.country_of(session, self._settings),
            "created_time": session.created_time,
            "detail": fiscal.shown(session.detail),
            "transaction": _transaction_view(newest) if newest else None,
            "fiscal_receipts": [_receipt_view(receipt) for receipt in receipts],
        }


def register(connection: Connection, wish: Registration, now: Millis) -> tuple[Standing, bool]:
    """Store a session, or find it as it is. An order belongs to one open session (a unique index says so too)."""
    if session := payment_sessions.find(connection, wish.id):
        same = (session.order_id, session.amount, session.currency_code) == wish[1:4]
        if not same or wish.detail.text not in {None, session.detail}:
            raise Denied("session_differs", "this id is registered with another order, currency, amount or detail")
        return _standing(connection, session), False
    if wish.currency_code != CURRENCY:
        raise CurrencyNotSupported
    earlier = payment_sessions.find_by_order(connection, wish.order_id)
    if earlier and earlier.id == wish.id:
        raise Overtaken  # the same call, a moment earlier, between our two looks
    if earlier and not earlier.closed:
        raise Denied("order_taken", "this order belongs to another payment session")
    session = PaymentSession(*wish[:-1], created_time=now, closed_time=None, detail=wish.detail.text)
    payment_sessions.record(connection, session)
    return Standing(session, None), True


def find(connection: Connection, session_id: str) -> Standing:
    return _shown(connection, *transactions.look_by_session(connection, session_id))


def find_by_order(connection: Connection, order_id: str) -> Standing:
    """Find what a status is made of: it is asked for often and shows no receipts, so none are read."""
    session = payment_sessions.find_by_order(connection, order_id)
    if session is None:
        raise NotFound
    return Standing(session, transactions.newest(connection, session.id))


def change(connection: Connection, session_id: str, changes: Changes, now: Millis) -> Standing:
    known = _standing(connection, payment_sessions.lock(connection, session_id))
    if known.session.closed:
        raise Denied("session_closed", "this payment session is closed")
    if known.newest and HOLDS[standing(known.newest.lifecycle, now)]:
        raise Denied("amount_locked", "Payme has a transaction on this session")
    wanted = {name: value for name, value in changes._asdict().items() if value is not None}
    # What is stored agrees with the amount that is stored: lines that are kept allow no other.
    kept = Detail(known.session.detail, known.session.amount)
    detail = kept if changes.detail is None else changes.detail
    fiscal.agree(detail, changes.amount or known.session.amount)
    if known.newest:
        # An overdue one is cancelled now, or a clock a little behind ours would still perform it at the old amount.
        methods.expire(connection, known.newest.payme_id, now)
        known = _standing(connection, known.session)
    changed = known._replace(session=known.session._replace(**wanted | {"detail": detail.text}))
    payment_sessions.change(connection, changed.session)
    return changed


def close(connection: Connection, session_id: str, now: Millis) -> Standing:
    known = _standing(connection, payment_sessions.lock(connection, session_id))
    if known.state is State.PERFORMED:
        raise Denied("already_paid", "Payme has performed a payment of this session")
    if known.session.closed or known.state is State.REVERSED:
        return known
    payment_sessions.close(connection, known.session, now)
    return known._replace(session=known.session._replace(closed_time=now))


def _standing(connection: Connection, session: PaymentSession | None) -> Standing:
    return _shown(connection, session, transactions.newest(connection, session.id) if session else None)


def _shown(connection: Connection, session: PaymentSession | None, newest: Transaction | None) -> Standing:
    if session is None:
        raise NotFound
    return Standing(session, newest, tuple(transactions.receipts_of(connection, newest)) if newest else ())


def _transaction_view(transaction: Transaction) -> TransactionView:
    lifecycle = transaction.lifecycle
    return {
        "id": transaction.payme_id,
        "state": lifecycle.state,
        "create_time": lifecycle.create_time,
        "perform_time": lifecycle.perform_time,
        "cancel_time": lifecycle.cancel_time,
        "reason": lifecycle.reason,
    }


def _receipt_view(receipt: Receipt) -> ReceiptView:
    data = strict_json.decode(receipt.fiscal_data.encode())
    said = {field: data.get(field) for field in FISCAL_FIELDS} | {"qr_code_url": fiscal.link(data.get("qr_code_url"))}
    return {"type": receipt.type, **said, "received_time": receipt.received_time}  # type: ignore[typeddict-item]  # as read
