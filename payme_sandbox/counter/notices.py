"""Which face the checkout page shows: decided from what was wished and where the receipts stand."""

from enum import StrEnum
from typing import Final

from payme_sandbox.counter.receipts import Receipt, Standing
from payme_sandbox.counter.visits import Played, Visit, Wish
from payme_sandbox.protocol import CANNOT_PERFORM


class Notice(StrEnum):
    NONE = ""
    PAID = "paid"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    REFUSED = "refused"
    RETURNED = "returned"
    UNAVAILABLE = "unavailable"
    QUEUED = "queued"
    RECOVERED = "recovered"
    OVERDUE = "overdue"
    OVERDUE_PAID = "overdue_paid"
    ONE_OF_TWO = "one_of_two"
    BOTH_PAID = "both_paid"


# With what a buyer who comes (again) is met.
ON_ARRIVAL: Final[dict[Standing, Notice]] = {Standing.PAID: Notice.PAID, Standing.QUEUED: Notice.QUEUED}
USUAL: Final[dict[Standing, Notice]] = {
    Standing.NEW: Notice.UNAVAILABLE,
    Standing.REFUSED: Notice.REFUSED,
    Standing.CREATING: Notice.UNAVAILABLE,
    Standing.DEBITING: Notice.UNAVAILABLE,
    Standing.QUEUED: Notice.QUEUED,
    Standing.PAID: Notice.PAID,
    Standing.RETURNED: Notice.RETURNED,
    Standing.CANCELLING: Notice.UNAVAILABLE,
    Standing.CANCELLED: Notice.CANCELLED,
    Standing.REFUNDED: Notice.REFUNDED,
}
SPECIAL: Final[dict[tuple[Wish, Standing], Notice]] = {
    (Wish.DECLINE, Standing.CANCELLED): Notice.DECLINED,
    (Wish.LOSE, Standing.PAID): Notice.RECOVERED,
    (Wish.OVERDUE, Standing.PAID): Notice.OVERDUE_PAID,
}
PAID_OF_TWO: Final = {1: Notice.ONE_OF_TWO, 2: Notice.BOTH_PAID}

GOOD: Final = frozenset({Notice.PAID, Notice.RECOVERED, Notice.OVERDUE, Notice.ONE_OF_TWO})
# There is nothing left to pay, or no sense in trying.
ENDS: Final = frozenset(
    {Notice.PAID, Notice.REFUSED, Notice.RECOVERED, Notice.OVERDUE_PAID, Notice.ONE_OF_TWO, Notice.BOTH_PAID}
)
# The merchant's own words belong to these.
QUOTES: Final = frozenset({Notice.REFUSED, Notice.RETURNED})


def notice_of(visit: Visit, after: str) -> Notice:
    """`after` names the wish that the buyer has just had; without it they come from the shop."""
    played = visit.last
    if not after or played is None or played.wish != after or not played.receipts:
        newest = visit.newest(*ON_ARRIVAL)
        return ON_ARRIVAL[newest.standing] if newest else Notice.NONE
    paid = sum(receipt.standing is Standing.PAID for receipt in played.receipts)
    if played.wish is Wish.TWO_BUYERS and paid:
        return PAID_OF_TWO[paid]
    return _of_one(played, played.receipts[-1])


def _of_one(played: Played, receipt: Receipt) -> Notice:
    right_no = receipt.stopped_by is not None and receipt.stopped_by.code == CANNOT_PERFORM
    if played.wish is Wish.OVERDUE and receipt.standing is Standing.RETURNED and right_no:
        return Notice.OVERDUE
    return SPECIAL.get((played.wish, receipt.standing)) or USUAL[receipt.standing]
