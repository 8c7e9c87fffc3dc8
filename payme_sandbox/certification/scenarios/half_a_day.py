"""The 12 hours after which a transaction is over, counted from Payme's own `time`.

The merchant's clock cannot be moved from outside, and need not be: Payme says when it created the transaction, so one
that was created almost 12 hours ago is overdue in a moment.
"""

from typing import Final

from payme_sandbox.certification.expectations import Expected, allowed, has_code, refused, same_as, state
from payme_sandbox.certification.orders import TAKEN_BACK, Effect
from payme_sandbox.certification.scenario import Chapter, Page, Spends
from payme_sandbox.certification.scenarios.official import reported
from payme_sandbox.certification.stage import MARGIN, Stage, Transaction, cancel, check, check_perform, create, perform
from payme_sandbox.protocol import ACCOUNT, CANNOT_PERFORM, HALF_A_DAY, Reason, State

HALF_A_DAY_LATER: Final = Chapter("Half a day later")

ELEVEN_HOURS: Final = 11 * 60 * 60 * 1000
UNDOCUMENTED: Final = "the documentation is silent about a new transaction that is 12 hours old"
OVERDUE: Final = "12 hours after `time` of CreateTransaction"
STILL_HELD: Final = "the overdue transaction still holds the order; the documentation does not say when it lets go"


async def overdue(stage: Stage) -> Transaction:
    """Make a transaction that was in time when it was created, and is not any more."""
    it = await stage.almost_overdue(await stage.order())
    await stage.pass_half_a_day(it)
    return it


def timed_out() -> Expected:
    return reported(State.CANCELLED, Reason.TIMEOUT)


@HALF_A_DAY_LATER.scenario(Page.CREATE, spends=Spends.ORDER)
async def not_yet_late(stage: Stage) -> None:
    """A transaction of eleven hours is performed: twelve are allowed, and the buyer's money has been taken.

    Seconds taken for milliseconds, or local time for UTC, end it early.
    """
    it = await stage.created(await stage.order(), age=ELEVEN_HOURS)
    await stage.should(perform(it), state(State.PERFORMED))


@HALF_A_DAY_LATER.scenario(Page.CREATE, spends=Spends.ORDER)
async def paid_stays_paid(stage: Stage) -> None:
    """What was performed in time is no matter of the 12 hours: it stays paid, and can be refunded later."""
    it = await stage.almost_overdue(await stage.order())
    first = await stage.must(perform(it), state(State.PERFORMED))
    await stage.pass_half_a_day(it)
    await stage.should(perform(it), same_as(first))
    await stage.should(check(it), reported(State.PERFORMED))
    await stage.refunded(it)
    await stage.should(check(it), reported(State.REVERSED, Reason.REFUND))
    await stage.effect(it.order, *TAKEN_BACK)


@HALF_A_DAY_LATER.scenario(Page.CREATE, spends=Spends.IF_WRONG)
async def late_perform(stage: Stage) -> None:
    """After 12 hours PerformTransaction is refused, and the transaction is cancelled with reason 4.

    The clock starts at `time` of CreateTransaction, Payme's own. An endpoint that counts from its own create_time
    fails here as well.
    """
    it = await overdue(stage)
    await stage.should(perform(it), refused(CANNOT_PERFORM).given(OVERDUE))
    await stage.should(check(it), timed_out())
    await stage.effect(it.order, Effect(0, 0))


@HALF_A_DAY_LATER.scenario(Page.CREATE, spends=Spends.IF_WRONG)
async def late_repetition(stage: Stage) -> None:
    """After 12 hours a repeated CreateTransaction is refused, and the transaction is cancelled with reason 4."""
    it = await overdue(stage)
    await stage.should(create(it), refused(CANNOT_PERFORM).given(OVERDUE))
    await stage.should(check(it), timed_out())


@HALF_A_DAY_LATER.scenario(Page.CANCEL)
async def late_cancel(stage: Stage) -> None:
    """After 12 hours CheckTransaction reports and CancelTransaction cancels as before."""
    it = await overdue(stage)
    swept = timed_out()  # the endpoint may look after its transactions by itself
    await stage.should(check(it), reported(State.CREATED).or_(swept))
    await stage.should(cancel(it), state(State.CANCELLED))
    await stage.should(check(it), reported(State.CANCELLED))


@HALF_A_DAY_LATER.scenario(Page.CREATE, accumulative=False)
async def late_buyer_makes_room(stage: Stage) -> None:
    """A transaction that nobody performed in 12 hours does not block the order for the next buyer."""
    it = await overdue(stage)
    for request, free in (
        (check_perform(it.order), allowed()),
        (create(stage.transaction(it.order)), state(State.CREATED)),
    ):
        await stage.should(request, free.but(lambda call: call.error is not None and not call.technical, STILL_HELD))


@HALF_A_DAY_LATER.scenario(Page.CREATE, spends=Spends.IF_WRONG)
async def born_late(stage: Stage) -> None:
    """A new CreateTransaction whose time is 12 hours old is refused."""
    it = stage.transaction(await stage.order(), age=HALF_A_DAY + MARGIN - stage.stock.offset)
    taken = refused(CANNOT_PERFORM).but(lambda call: call.result is not None or has_code(call, ACCOUNT), UNDOCUMENTED)
    call = await stage.should(create(it), taken)
    if call.result is not None:
        await stage.should(perform(it), refused(CANNOT_PERFORM))
