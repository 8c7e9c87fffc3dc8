"""What a payment is in each of the three books. Amounts are tiyin, times milliseconds, 0 where there is none."""

from enum import Enum, StrEnum, auto
from typing import NamedTuple

from sidecar.clock import Millis
from sidecar.money import Tiyin


class LedgerEntry(NamedTuple):
    """A transaction of ours, and what became of the messages it caused."""

    payme_id: str
    number: int
    session_id: str
    order_id: str
    amount: Tiyin
    state: int
    time: Millis
    create_time: Millis
    perform_time: Millis
    cancel_time: Millis
    reason: int | None
    authorize_number: int | None
    authorize_state: str | None
    authorize_since: Millis | None
    authorize_answer: str | None
    cancel_number: int | None
    cancel_state: str | None
    cancel_since: Millis | None
    cancel_answer: str | None


class BackendState(Enum):
    ABSENT = auto()
    AUTHORIZED = auto()  # a payment that nobody has captured
    CAPTURED = auto()
    RETURNED = auto()  # some or all of it refunded, or the payment canceled


class BackendPayment(NamedTuple):
    """A payment of the commerce backend; there is one of a payment session at most."""

    session_id: str
    payment_id: str
    order_ids: str  # separated by spaces
    amount: Tiyin
    captured: int
    refunded: int
    currency_code: str
    created_time: Millis
    canceled_time: Millis

    @property
    def state(self) -> BackendState:
        if self.refunded or self.canceled_time:
            return BackendState.RETURNED
        return BackendState.CAPTURED if self.captured else BackendState.AUTHORIZED

    @property
    def orders(self) -> list[str]:
        return self.order_ids.split()


class CabinetState(StrEnum):
    """What a statement says of a payment. A cabinet may call a refund "cancelled"; where the money is, is the same."""

    PAID = "paid"
    PENDING = "pending"
    RETURNED = "returned"  # cancelled or refunded


class CabinetPayment(NamedTuple):
    payme_id: str
    amount: Tiyin
    state: CabinetState
    time: Millis | None  # None when the statement has no times
    order: str
    row: int  # of the file, for people
