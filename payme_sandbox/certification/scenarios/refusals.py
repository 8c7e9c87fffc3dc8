"""What a transaction may not do any more, and what it may: the rows of the documentation's flow charts."""

from typing import Final

from payme_sandbox.calls import written
from payme_sandbox.certification.expectations import has_code, refused, same_as, state
from payme_sandbox.certification.orders import TAKEN_BACK, Effect
from payme_sandbox.certification.scenario import Chapter, Page, Spends
from payme_sandbox.certification.scenarios.official import BETWEEN, reported
from payme_sandbox.certification.stage import Stage, Transaction, cancel, check, create, perform
from payme_sandbox.protocol import ACCOUNT, CANNOT_PERFORM, UNKNOWN_TRANSACTION, Reason, State

REFUSALS: Final = Chapter("The life of a transaction")

REPLAYED: Final = "the flow chart wants −31008 for any state but 1; an official plugin answers from the account range"


@REFUSALS.scenario(Page.ERRORS)
async def unknown_transaction(stage: Stage) -> None:
    """PerformTransaction, CancelTransaction and CheckTransaction of an unknown id are refused with −31003."""
    nobody = stage.transaction(await stage.order())
    for request in (perform(nobody), cancel(nobody), check(nobody)):
        await stage.should(request, refused(UNKNOWN_TRANSACTION))


@REFUSALS.scenario(Page.FLOW, spends=Spends.SHOWN_HERE)
async def next_try_after_a_declined_card(stage: Stage) -> None:
    """A declined card frees the order: the next try is another transaction, and it is taken.

    A shop that refuses it has blocked the order for ever.
    """
    order = await stage.order()
    declined = await stage.created(order)
    await stage.must(cancel(declined, Reason.DEBIT_FAILED), state(State.CANCELLED))
    second = await stage.created(order)
    await stage.should(cancel(declined, Reason.DEBIT_FAILED), state(State.CANCELLED))
    await stage.should(check(second), state(State.CREATED).given("of the second buyer"))
    await stage.should(check(declined), reported(State.CANCELLED, Reason.DEBIT_FAILED))


@REFUSALS.scenario(Page.PERFORM, spends=Spends.IF_WRONG)
async def perform_after_cancel(stage: Stage) -> None:
    """A cancelled transaction is never performed.

    Payme has given the buyer's money back, or never had it: goods that leave the shop now are lost.
    """
    order = await stage.order()
    it = await stage.created(order)
    await stage.must(cancel(it), state(State.CANCELLED))
    await stays(stage, it, State.CANCELLED)
    await stage.effect(order, Effect(0, 0))


@REFUSALS.scenario(Page.PERFORM, spends=Spends.ORDER)
async def perform_after_refund(stage: Stage) -> None:
    """A refunded transaction is never performed again."""
    it = await stage.performed(await stage.order())
    await stage.refunded(it)
    await stays(stage, it, State.REVERSED)
    await stage.effect(it.order, *TAKEN_BACK)


async def stays(stage: Stage, it: Transaction, wanted: State) -> None:
    await stage.should(perform(it), refused(CANNOT_PERFORM))
    await stage.should(check(it), reported(wanted))


@REFUSALS.scenario(Page.CREATE)
async def create_after_cancel(stage: Stage) -> None:
    """A cancelled transaction is not created again under its id."""
    it = await stage.created(await stage.order())
    await stage.must(cancel(it), state(State.CANCELLED))
    await not_created_again(stage, it, State.CANCELLED)


@REFUSALS.scenario(Page.CREATE, spends=Spends.ORDER)
async def create_after_perform(stage: Stage) -> None:
    """A performed transaction is not created again under its id."""
    it = await stage.performed(await stage.order())
    await not_created_again(stage, it, State.PERFORMED)


@REFUSALS.scenario(Page.CREATE, spends=Spends.ORDER)
async def create_after_refund(stage: Stage) -> None:
    """A refunded transaction is not created again under its id."""
    it = await stage.performed(await stage.order())
    await stage.refunded(it)
    await not_created_again(stage, it, State.REVERSED)


async def not_created_again(stage: Stage, it: Transaction, wanted: State) -> None:
    await stage.should(create(it), refused(CANNOT_PERFORM).but(lambda call: has_code(call, ACCOUNT), REPLAYED))
    await stage.should(check(it), reported(wanted))


@REFUSALS.scenario(Page.CANCEL)
async def first_reason_stays(stage: Stage) -> None:
    """A second CancelTransaction with another reason changes nothing: the first reason and time are kept."""
    it = await stage.created(await stage.order())
    first = await stage.must(cancel(it, Reason.DEBIT_FAILED), state(State.CANCELLED))
    await stage.time.sleep(BETWEEN)
    await stage.should(cancel(it, Reason.TIMEOUT), same_as(first))
    await stage.should(check(it), reported(State.CANCELLED, Reason.DEBIT_FAILED))


@REFUSALS.scenario(Page.CANCEL, spends=Spends.ORDER)
async def refund_keeps_its_history(stage: Stage) -> None:
    """After a refund CheckTransaction still tells when the payment was created and performed."""
    it = stage.transaction(await stage.order())
    answers = [
        await stage.must(create(it), state(State.CREATED)),
        await stage.must(perform(it), state(State.PERFORMED)),
    ]
    before = await stage.must(check(it), reported(State.PERFORMED))
    answers.append(await stage.refunded(it))
    after = await stage.must(check(it), reported(State.REVERSED, Reason.REFUND))
    for name in ("create_time", "perform_time", "transaction"):
        was, became = (before.result or {}).get(name), (after.result or {}).get(name)
        stage.find(f"{name} {written(was)} kept", written(became), right=was == became)
    told = (before.result or {}).get("transaction")
    for answer in answers:
        said = (answer.result or {}).get("transaction")
        stage.find(f"transaction {written(told)} in every answer", written(said), right=said == told)
    for name, answer in zip(("create_time", "perform_time", "cancel_time"), answers, strict=True):
        first, told = (answer.result or {}).get(name), (after.result or {}).get(name)
        stage.find(f"{name} {written(first)} as first told", written(told), right=first == told)
