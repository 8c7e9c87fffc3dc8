"""Payme's sandbox, "Платежные запросы": the two scenarios that a cashbox must pass, and the states of an account."""

from typing import Final

from payme_sandbox.calls import Call, written
from payme_sandbox.certification.expectations import (
    Expected,
    allowed,
    has_code,
    members,
    oddities,
    refused,
    same_as,
    state,
)
from payme_sandbox.certification.orders import Effect, Order
from payme_sandbox.certification.scenario import Chapter, Page, Spends
from payme_sandbox.certification.scenarios.wrong_data import unlike
from payme_sandbox.certification.stage import Stage, Transaction, cancel, check, check_perform, create, perform
from payme_sandbox.protocol import ACCOUNT, CANNOT_PERFORM, Reason, State

SCENARIO_1: Final = Chapter("Scenario 1: create and cancel")
SCENARIO_2: Final = Chapter("Scenario 2: create, perform, cancel")
ACCOUNT_STATES: Final = Chapter("Account states")
ACCUMULATIVE: Final = Chapter("Accumulative account")

BETWEEN: Final = 0.02  # seconds between a call and its repetition: a recomputed time shows

PROSE: Final = "the sandbox's page asks for −31008, its tester and the official plugins for −31099 to −31050"
BLIND: Final = (
    "the order is being paid, and yet another buyer is let in; the flow chart and the tester want −31099 to −31050, "
    "some official code does not look"
)
BLOCKED: Final = "the documentation lists −31001 and −31099 to −31050 only; the official PHP template answers −31008"


def created() -> Expected:
    shape = {"create_time": "time", "transaction": "name"}
    return state(State.CREATED).and_("create_time, transaction", lambda call: members(call, shape)).noting(oddities)


def busy() -> Expected:
    """Expect that a second buyer of a one-time order is refused."""
    return refused(ACCOUNT).but(lambda call: has_code(call, CANNOT_PERFORM), PROSE)


def reported(wanted: State, reason: int | None = None) -> Expected:
    """Expect all six fields of CheckTransaction, set as the state has it."""
    paid, ended = wanted in {State.PERFORMED, State.REVERSED}, wanted < 0
    shape = {
        "create_time": "time",
        "perform_time": "time" if paid else "unset",
        "cancel_time": "time" if ended else "unset",
        "transaction": "name",
        "reason": "whole" if ended else "unset",
    }
    report = state(wanted).and_("all six fields", lambda call: members(call, shape)).noting(oddities)
    return report if reason is None else report.and_(f"reason {reason}", lambda call: _other_reason(call, reason))


@SCENARIO_1.scenario(Page.SANDBOX)
async def scenario_1(stage: Stage) -> None:
    """A transaction is created, created again with the same answer, reported, and cancelled."""
    order = await stage.order()
    it = await buyer_arrives(stage, order)
    first = await stage.must(cancel(it), cancelled(State.CANCELLED))
    await stage.time.sleep(BETWEEN)
    await stage.should(cancel(it), same_as(first))
    await stage.should(check(it), reported(State.CANCELLED, Reason.EXECUTION_FAILED))


@SCENARIO_2.scenario(Page.SANDBOX, spends=Spends.ORDER)
async def scenario_2(stage: Stage) -> None:
    """A transaction is created, performed, and taken back; every repetition gets the first answer."""
    order = await stage.order()
    it = await buyer_arrives(stage, order)
    first = await stage.must(perform(it), performed())
    await stage.time.sleep(BETWEEN)
    await stage.should(perform(it), same_as(first))
    await stage.should(check(it), reported(State.PERFORMED))
    await stage.effect(order, Effect(1, 0))
    last = await stage.must(cancel(it, Reason.REFUND), cancelled(State.REVERSED))
    await stage.time.sleep(BETWEEN)
    await stage.should(cancel(it, Reason.REFUND), same_as(last))
    await stage.should(check(it), reported(State.REVERSED, Reason.REFUND))
    await stage.effect(order, Effect(1, 1))


async def buyer_arrives(stage: Stage, order: Order) -> Transaction:
    """The five calls that both scenarios begin with."""
    it = stage.transaction(order)
    await stage.must(check_perform(order), allowed())
    first = await stage.must(create(it), created())
    await stage.time.sleep(BETWEEN)
    await stage.should(create(it), same_as(first))
    await stage.should(check(it), reported(State.CREATED))
    if not stage.plan.accumulative:
        await stage.should(create(stage.transaction(order)), busy())
    return it


def performed() -> Expected:
    shape = {"perform_time": "time", "transaction": "name"}
    return state(State.PERFORMED).and_("perform_time, transaction", lambda call: members(call, shape))


def cancelled(wanted: State) -> Expected:
    shape = {"cancel_time": "time", "transaction": "name"}
    return state(wanted).and_("cancel_time, transaction", lambda call: members(call, shape))


@ACCOUNT_STATES.scenario(Page.SANDBOX)
async def awaiting_payment(stage: Stage) -> None:
    """An order that nobody has paid may be paid, and asking changes nothing."""
    order = await stage.order()
    for _ in range(3):
        await stage.should(check_perform(order), allowed())
    await stage.should(create(stage.transaction(order)), state(State.CREATED))


@ACCOUNT_STATES.scenario(Page.SANDBOX, accumulative=False)
async def being_processed(stage: Stage) -> None:
    """An order that somebody is paying is refused to everybody else."""
    order = await stage.order()
    await stage.created(order)
    look = busy().but(lambda call: (call.result or {}).get("allow") is True, BLIND)
    await stage.should(check_perform(order), look)
    await stage.should(create(stage.transaction(order)), busy())


@ACCOUNT_STATES.scenario(Page.SANDBOX, spends=Spends.ORDER, accumulative=False)
async def blocked(stage: Stage) -> None:
    """An order that is paid is not sold a second time."""
    order = await stage.order()
    await stage.performed(order)
    await is_blocked(stage, order)
    await stage.effect(order, Effect(1, 0))
    if stage.plan.blocked:
        await is_blocked(stage, Order(stage.plan.blocked, order.amount))


async def is_blocked(stage: Stage, order: Order) -> None:
    closed = refused(ACCOUNT).but(lambda call: has_code(call, CANNOT_PERFORM), BLOCKED)
    await stage.should(check_perform(order), closed)
    second = stage.transaction(order)
    if (await stage.should(create(second), closed)).result is not None:
        await stage.should(perform(second), refused(CANNOT_PERFORM))  # how far does it go?


@ACCOUNT_STATES.scenario(Page.SANDBOX, spends=Spends.ORDER, accumulative=False)
async def stays_blocked(stage: Stage) -> None:
    """An order that is paid stays so when an older, cancelled transaction of it is cancelled once more.

    A late repetition of that CancelTransaction sets the order free in shops that do not look whose cancellation it is,
    and it is sold twice.
    """
    order = await stage.order()
    declined = await stage.created(order)
    first = await stage.must(cancel(declined, Reason.DEBIT_FAILED), state(State.CANCELLED))
    await stage.must(perform(await stage.next_buyer(order)), state(State.PERFORMED))
    await stage.should(cancel(declined, Reason.DEBIT_FAILED), same_as(first))
    await is_blocked(stage, order)
    await stage.effect(order, Effect(1, 0))


@ACCOUNT_STATES.scenario(Page.SANDBOX)
async def does_not_exist(stage: Stage) -> None:
    """An account that does not exist is refused with a code of the account range, whatever it looks like."""
    order = await stage.order()
    for account in strange_accounts(order):
        await stage.should(check_perform(Order(account, order.amount)), refused(ACCOUNT))
        await stage.should(create(stage.transaction(Order(account, order.amount))), refused(ACCOUNT))


def strange_accounts(order: Order) -> list[dict[str, str]]:
    field = next(iter(order.account))
    longer = f"{order.account[field]}abc"  # a number is read out of it by parseInt, and by some databases
    values = ("cart_01J8Z", "-1", "", "1e3", longer, "' OR 1=1 --", "буюртма", "x" * 300)
    return [{**unlike(order.account), field: value} for value in values]


@ACCUMULATIVE.scenario(Page.SANDBOX, spends=Spends.ORDER, accumulative=True)
async def several_at_once(stage: Stage) -> None:
    """An accumulative account is topped up by several buyers at once."""
    order = await stage.order()
    first, second = await stage.created(order), await stage.created(order)
    await stage.should(check_perform(order), allowed())
    for it in (first, second):
        await stage.should(check(it), reported(State.CREATED))
        await stage.must(perform(it), state(State.PERFORMED))
    await stage.effect(order, Effect(2, 0))
    await stage.refunded(first)
    await stage.should(check(second), reported(State.PERFORMED))
    await stage.effect(order, Effect(2, 1))


@ACCUMULATIVE.scenario(Page.SANDBOX, accumulative=True)
async def again_and_again(stage: Stage) -> None:
    """An accumulative account can be paid again after it was paid."""
    order = await stage.order()
    await stage.performed(order)
    await stage.should(check_perform(order), allowed())
    await stage.performed(order)


def _other_reason(call: Call, reason: int) -> str:
    said = (call.result or {}).get("reason")
    return "" if said == reason else f"reason is {written(said)}"
