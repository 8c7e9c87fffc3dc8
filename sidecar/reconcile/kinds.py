"""Every way in which two books can disagree: its name, what it means, and what to do about it."""

from enum import StrEnum
from typing import Final, NamedTuple


class Kind(StrEnum):
    PAID_UNKNOWN_HERE = "paid_unknown_here"
    PAID_NOT_PERFORMED_HERE = "paid_not_performed_here"
    CANCELLED_HERE_PAID_THERE = "cancelled_here_paid_there"
    TAKEN_BACK_HERE_PAID_THERE = "taken_back_here_paid_there"
    NOT_IN_THE_CABINET = "not_in_the_cabinet"
    NOT_PAID_AT_PAYME = "not_paid_at_payme"
    TAKEN_BACK_AT_PAYME_ONLY = "taken_back_at_payme_only"
    AMOUNT_AT_PAYME = "amount_at_payme"
    PAID_TWICE = "paid_twice"
    REFUSED_BY_THE_BACKEND = "refused_by_the_backend"
    NOT_TOLD_YET = "not_told_yet"
    TOLD_BUT_NO_PAYMENT = "told_but_no_payment"
    NEVER_TOLD = "never_told"
    NOT_CAPTURED_AT_BACKEND = "not_captured_at_backend"
    PAYMENT_WITHOUT_ORDER = "payment_without_order"
    AMOUNT_AT_BACKEND = "amount_at_backend"
    RETURNED_AT_BACKEND_ONLY = "returned_at_backend_only"
    TAKEN_BACK_NOT_REFUNDED = "taken_back_not_refunded"
    CAPTURED_WITHOUT_PAYMENT = "captured_without_payment"
    MESSAGE_UNDELIVERED = "message_undelivered"


class Words(NamedTuple):
    says: str
    do: str


OUTBOX: Final = "`payme-sidecar outbox list` shows why; put the cause right, then `payme-sidecar outbox retry NUMBER`"

# In the order in which a person should read them: first where money may be lost.
WORDS: Final[dict[Kind, Words]] = {
    Kind.PAID_UNKNOWN_HERE: Words(
        "Paid at Payme, not in our ledger",
        "The money is yours and no order knows of it. Was the ledger restored from a backup, is the statement of"
        " another cashbox, does another system serve this one? Find the buyer in the cabinet; enter the order by"
        " hand or refund the payment in the cabinet.",
    ),
    Kind.PAID_NOT_PERFORMED_HERE: Words(
        "Paid at Payme, here still waiting for PerformTransaction",
        "Payme repeats its call until we answer: look whether /payme can be reached, and wait an hour. If it stays,"
        " write to Payme's support with the transaction's id.",
    ),
    Kind.CANCELLED_HERE_PAID_THERE: Words(
        "Cancelled here, paid at Payme",
        "A cancelled payment is never revived, so no order was made. Refund it in the cabinet, or enter the order by"
        " hand; tell Payme's support the transaction's id.",
    ),
    Kind.TAKEN_BACK_HERE_PAID_THERE: Words(
        "Taken back here, paid at Payme",
        "If the refund is newer than the statement, export it again. Else ask Payme's support whether the buyer has the"
        " money: it was Payme who told us of the refund.",
    ),
    Kind.NOT_IN_THE_CABINET: Words(
        "Performed here, not in Payme's statement",
        "Look whether the export was filtered (cashbox, card, status) or shorter than the period. Else search the id in"
        " the cabinet; if it is unknown there, hold the goods back and write to Payme's support.",
    ),
    Kind.NOT_PAID_AT_PAYME: Words(
        "Performed here, not paid at Payme yet",
        "If the statement was exported while the payment was under way, export it again. Else write to"
        " Payme's support.",
    ),
    Kind.TAKEN_BACK_AT_PAYME_ONLY: Words(
        "Performed here, cancelled or refunded at Payme",
        "Payme has not told us (CancelTransaction). The buyer has the money: cancel the order at the backend by hand,"
        " and look whether /payme can be reached, for Payme repeats its call.",
    ),
    Kind.AMOUNT_AT_PAYME: Words(
        "Another amount at Payme",
        "We take only the amount that is owed. Look whether the statement's column is the amount without commission,"
        " and in which unit it is (--unit).",
    ),
    Kind.PAID_TWICE: Words(
        "An order is paid twice",
        "Take one of the payments back in Payme's cabinet; the books follow by themselves.",
    ),
    Kind.REFUSED_BY_THE_BACKEND: Words(
        "Performed, and the backend refused it: the message is parked",
        f"There is money and no paid order. {OUTBOX}. If there can be no order, refund the payment in the cabinet.",
    ),
    Kind.NOT_TOLD_YET: Words(
        "Performed, and the backend has not taken the message yet",
        f"Is `payme-sidecar serve` running, and the backend? {OUTBOX}.",
    ),
    Kind.TOLD_BUT_NO_PAYMENT: Words(
        "Performed, the backend took the message, and has no payment",
        "The backend lost what it took: was it restored from a backup, are its address and ours those of the same shop?"
        " Enter the order by hand, or refund the payment in the cabinet.",
    ),
    Kind.NEVER_TOLD: Words(
        "Performed, and there is no message for the backend",
        "The message is written with the payment, so somebody removed it by hand. Enter the order by hand, or refund"
        " the payment in the cabinet.",
    ),
    Kind.NOT_CAPTURED_AT_BACKEND: Words(
        "Performed, authorized but not captured at the backend",
        f"The money is there: capture the payment in the backend's admin. If its message is undelivered: {OUTBOX}.",
    ),
    Kind.PAYMENT_WITHOUT_ORDER: Words(
        "Paid in both books, and the backend has no order for it",
        f"A crash between the payment and its order. {OUTBOX}; delivered already, place the order by hand.",
    ),
    Kind.AMOUNT_AT_BACKEND: Words(
        "Another amount at the backend",
        "Correct the payment at the backend to what Payme took, or refund the payment in the cabinet.",
    ),
    Kind.RETURNED_AT_BACKEND_ONLY: Words(
        "Refunded or cancelled at the backend, performed at Payme",
        "The buyer does not have the money. Refund the payment in Payme's cabinet: nothing else gives it back.",
    ),
    Kind.TAKEN_BACK_NOT_REFUNDED: Words(
        "Taken back at Payme, not refunded at the backend",
        f"The buyer has the money, the order still counts as paid. {OUTBOX}; delivered already, refund and cancel it in"
        " the backend's admin.",
    ),
    Kind.CAPTURED_WITHOUT_PAYMENT: Words(
        "Paid at the backend, and Payme never performed it",
        "No money came. Do not send the goods; cancel the order. Was the ledger restored from a backup, or the payment"
        " captured by hand?",
    ),
    Kind.MESSAGE_UNDELIVERED: Words("A message the backend has not taken for too long", f"{OUTBOX}."),
}
