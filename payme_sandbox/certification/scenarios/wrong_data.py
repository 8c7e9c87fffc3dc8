"""Payme's sandbox, "Неверные данные": wrong authorization, wrong amount, an account that does not exist."""

from collections.abc import Mapping
from typing import Any, Final

from payme_sandbox.calls import Request
from payme_sandbox.certification.expectations import has_code, refused, refused_account
from payme_sandbox.certification.orders import Order
from payme_sandbox.certification.scenario import Chapter, Page
from payme_sandbox.certification.stage import NotRun, Stage, check_perform, create, statement
from payme_sandbox.merchant import basic
from payme_sandbox.protocol import HALF_A_DAY, NOT_AUTHORIZED, UNKNOWN_METHOD, WRONG_AMOUNT, Method

WRONG_DATA: Final = Chapter("Wrong data")

OPTIONAL: Final = "SetFiscalData is optional: this endpoint does not know it"

# Two colons, as Payme's own sandbox sends it: a credential that is split at the wrong one may pass.
WRONG_KEY: Final = basic("Paycom:Uzcard:someRandomString1545343543545")


def of_every_method(stage: Stage) -> list[Request]:
    """One call of each method, about nothing that exists."""
    now = stage.time.now()
    nobody = {"id": "0" * 24}
    wish: dict[str, Any] = {"amount": 50_000, "account": {}}
    return [
        Request(Method.CHECK_PERFORM, wish),
        Request(Method.CREATE, {**nobody, "time": now, **wish}),
        Request(Method.PERFORM, nobody),
        Request(Method.CANCEL, {**nobody, "reason": 3}),
        Request(Method.CHECK, nobody),
        statement(now - HALF_A_DAY, now),
    ]


@WRONG_DATA.scenario(Page.SANDBOX)
async def wrong_authorization(stage: Stage) -> None:
    """Every method refuses a wrong key, and a call without one.

    The answer is −32504 over HTTP 200, before anything else is looked at. HTTP 401 does not pass.
    """
    for header, words in ((WRONG_KEY, "for a wrong key"), (None, "for a call without a key")):
        closed = refused(NOT_AUTHORIZED).given(words)
        for request in of_every_method(stage):
            await stage.should(request, closed, headers={"Authorization": header})
        unknown = closed.but(lambda call: has_code(call, UNKNOWN_METHOD), OPTIONAL)
        await stage.should(Request(Method.FISCAL, {"id": "0" * 24}), unknown, headers={"Authorization": header})


@WRONG_DATA.scenario(Page.SANDBOX)
async def wrong_amount(stage: Stage) -> None:
    """CheckPerformTransaction and CreateTransaction refuse an amount that is not the order's."""
    order = await stage.order()
    for amount in wrong_amounts(stage, order):
        wrong = stage.transaction(Order(order.account, amount))
        await stage.should(check_perform(wrong.order), refused(WRONG_AMOUNT))
        await stage.should(create(wrong), refused(WRONG_AMOUNT))


def wrong_amounts(stage: Stage, order: Order) -> list[int]:
    if stage.plan.wrong_amount is not None:
        return [stage.plan.wrong_amount]
    if stage.plan.accumulative:
        raise NotRun("an accumulative account has limits of its own: name an amount outside them (--wrong-amount)")
    # So'm taken for tiyin, and an amount that 32 bits take for the right one.
    return [order.amount + 1, order.amount - 1, order.amount * 100, order.amount + 2**32]


@WRONG_DATA.scenario(Page.SANDBOX)
async def unknown_account(stage: Stage) -> None:
    """CheckPerformTransaction and CreateTransaction refuse an account that does not exist.

    The code is the merchant's choice from −31099 to −31050; the payer reads the message, so it must be there in
    Russian, Uzbek and English, and `data` names the account field.
    """
    order = await stage.order()
    nobody = Order(stage.plan.unknown or unlike(order.account), order.amount)
    await stage.should(check_perform(nobody), refused_account(order.account))
    await stage.should(create(stage.transaction(nobody)), refused_account(order.account))


def unlike(account: Mapping[str, Any]) -> dict[str, str]:
    """Give an account of the same shape that nobody has."""
    return {name: "9" * 9 if str(value).isdigit() else f"{value}-nobody" for name, value in account.items()}
