"""A look before the run: what makes every scenario fail tells nobody anything when it is said fifty times."""

from collections.abc import Sequence
from typing import Final

from payme_sandbox.certification.expectations import has_code
from payme_sandbox.certification.orders import Order
from payme_sandbox.certification.stage import check_perform
from payme_sandbox.diagnosis import KNOCK, Finding, diagnose
from payme_sandbox.merchant import Merchant
from payme_sandbox.protocol import ACCOUNT, CANNOT_PERFORM, WRONG_AMOUNT

# An endpoint that stumbles over the unknown may be right otherwise: the scenarios tell.
LET_PASS: Final = frozenset({Finding.BROKEN, Finding.SYSTEM})


async def obstacle(merchant: Merchant, order: Order) -> str:
    """Say in a sentence why a run would show nothing, if it would not: two calls that change nothing."""
    diagnosis = diagnose(await merchant.call(KNOCK))
    if not diagnosis.works and diagnosis.finding not in LET_PASS:
        return diagnosis.sentence(merchant.url)
    call = await merchant.call(check_perform(order))
    if has_code(call, ACCOUNT, WRONG_AMOUNT, CANNOT_PERFORM):
        return (
            f"{order.name} for {order.amount} tiyin is not payable: CheckPerformTransaction answers {call.found}. "
            "Is the account field right, and the amount, and has no earlier run used it? Each run wants fresh orders."
        )
    return ""


async def first_payable(merchant: Merchant, orders: Sequence[Order]) -> tuple[Sequence[Order], str]:
    """Leave out what stands before the first payable order; say why nothing is left, if nothing is."""
    why = ""
    for place, order in enumerate(orders):
        if not (why := await obstacle(merchant, order)):
            return orders[place:], ""
        if order.name not in why:
            break  # it is not about the order
    return [], why
