"""What a payment provider can be asked, in Medusa's verbs. Payme is the first; Click and OCTO fit the same shape.

A verb gets no open transaction: a provider has the database and decides how many transactions it needs, so that one
which must call out (OCTO) never does so with a lock in its hand. What a provider cannot do, it says (`Denied`).
"""

from typing import Any, NamedTuple, Protocol, TypedDict

from sidecar.fiscal import Detail
from sidecar.money import Tiyin
from sidecar.vocabulary import SessionStatus


class TransactionView(TypedDict):
    """The provider's record of the newest attempt (contract, section 4). Unset times are 0, an unset reason null."""

    id: str
    state: int
    create_time: int
    perform_time: int
    cancel_time: int
    reason: int | None


class ReceiptView(TypedDict):
    """A fiscal receipt, each member as Payme sent it (spec 2.11) or null. `status_code` 0: the tax office has it."""

    type: str
    receipt_id: str | int | None
    status_code: str | int | None
    message: str | int | None
    terminal_id: str | int | None
    fiscal_sign: str | int | None
    qr_code_url: str | int | None
    date: str | int | None
    received_time: int


class SessionView(TypedDict):
    """The session object of the provider API (contract, section 4). `amount` in tiyin, times in milliseconds."""

    id: str
    order_id: str
    amount: int
    currency_code: str
    status: SessionStatus
    payment_url: str
    qr_url: str
    locale: str
    country_code: str
    created_time: int
    detail: dict[str, Any] | None
    transaction: TransactionView | None
    fiscal_receipts: list[ReceiptView]


class StatusView(TypedDict):
    """What anybody may know of an order: no amount, no link."""

    order_id: str
    status: SessionStatus
    transaction_state: int | None


class Registration(NamedTuple):
    """What the backend wishes to be paid, and for what; without lines, nothing is said about that."""

    id: str
    order_id: str
    amount: Tiyin
    currency_code: str
    locale: str | None
    country_code: str | None
    detail: Detail


class Changes(NamedTuple):
    """What the backend wishes to change; None leaves a thing as it is, and `NO_LINES` takes the lines away."""

    amount: Tiyin | None
    locale: str | None
    country_code: str | None
    detail: Detail | None


class Denied(Exception):
    """The state of things forbids it: 409 with a code (contract, section 4)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class CurrencyNotSupported(Exception):
    """The provider takes no payments in it: 422. A session that is known stays what it is, and differs: 409."""


class NotFound(Exception):
    """No such session, or no such order."""


class Provider(Protocol):
    async def initiate(self, wish: Registration) -> tuple[SessionView, bool]:
        """Register a session; say also whether it is new."""
        ...

    async def retrieve(self, session_id: str) -> SessionView: ...
    async def update(self, session_id: str, changes: Changes) -> SessionView: ...
    async def cancel(self, session_id: str) -> SessionView: ...
    async def authorize(self, session_id: str) -> SessionView: ...
    async def capture(self, session_id: str) -> SessionView: ...
    async def refund(self, session_id: str) -> SessionView: ...
    async def status(self, order_id: str) -> StatusView: ...
