"""What the network and other buyers do to an endpoint: repetitions, lost replies, races."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Final

from payme_sandbox.calls import Call, Request
from payme_sandbox.certification.expectations import refused, same_as, state
from payme_sandbox.certification.orders import TAKEN_BACK, Effect
from payme_sandbox.certification.scenario import Chapter, Page, Spends
from payme_sandbox.certification.scenarios.official import BETWEEN, busy, reported
from payme_sandbox.certification.stage import Stage, Transaction, cancel, check, create, perform
from payme_sandbox.protocol import CANNOT_PERFORM, Reason, State

REHEARSAL: Final = Chapter("Rehearsal: repetitions, lost replies, races")

CROWD: Final = 8
PATIENCE: Final = (0.0, 0.002, 0.03)  # seconds after which Payme stops listening: early, in the middle, late


@REHEARSAL.scenario(Page.FLOW, spends=Spends.ORDER)
async def delivered_three_times(stage: Stage) -> None:
    """However often a call is repeated, it gets its first answer and acts once."""
    order = await stage.order()
    it = stage.transaction(order)
    for request, wanted in whole_life(it):
        first = await stage.must(request, state(wanted))
        for _ in range(2):
            await stage.time.sleep(BETWEEN)
            await stage.should(request, same_as(first))
    await stage.effect(order, *TAKEN_BACK)


@REHEARSAL.scenario(Page.FLOW, spends=Spends.ORDER)
async def lost_replies(stage: Stage) -> None:
    """A reply that is lost on the way loses nothing: the same call, asked again, succeeds."""
    order = await stage.order()
    it = stage.transaction(order)
    for request, wanted in whole_life(it):
        for after in PATIENCE:
            await stage.merchant.hang_up(request, after)
        await stage.must(request, state(wanted))
    await stage.should(check(it), reported(State.REVERSED, Reason.REFUND))
    await stage.effect(order, *TAKEN_BACK)


@REHEARSAL.scenario(Page.CREATE)
async def race_of_one_create(stage: Stage) -> None:
    """The same CreateTransaction, delivered several times at the same moment, creates one transaction."""
    it = stage.transaction(await stage.order())
    calls = await asyncio.gather(*(stage.ask(create(it)) for _ in range(CROWD)))
    agree(stage, calls, State.CREATED)
    await stage.should(check(it), reported(State.CREATED))


@REHEARSAL.scenario(Page.CREATE, accumulative=False)
async def race_of_buyers(stage: Stage) -> None:
    """Of several buyers who want one order at the same moment, exactly one gets it."""
    order = await stage.order()
    buyers = [stage.transaction(order) for _ in range(CROWD)]
    calls = await asyncio.gather(*(stage.ask(create(buyer)) for buyer in buyers))
    taken = [call for call in calls if call.result is not None]
    stage.find("one of them created", f"{len(taken)} created", right=len(taken) == 1)
    for call in calls:
        stage.judge(call, state(State.CREATED) if call in taken else busy())


@REHEARSAL.scenario(Page.PERFORM, spends=Spends.ORDER)
async def race_of_one_perform(stage: Stage) -> None:
    """The same PerformTransaction, delivered several times at the same moment, is performed once."""
    it = await stage.created(await stage.order())
    calls = await asyncio.gather(*(stage.ask(perform(it)) for _ in range(CROWD)))
    agree(stage, calls, State.PERFORMED)
    await stage.should(check(it), reported(State.PERFORMED))
    await stage.effect(it.order, Effect(1, 0))


@REHEARSAL.scenario(Page.CANCEL, spends=Spends.ORDER)
async def race_of_perform_and_cancel(stage: Stage) -> None:
    """Of PerformTransaction and CancelTransaction at the same moment one comes first, and everything agrees with it."""
    it = await stage.created(await stage.order())
    several = [*(perform(it) for _ in range(CROWD // 2)), *(cancel(it) for _ in range(CROWD // 2))]
    calls = await asyncio.gather(*(stage.ask(request) for request in several))
    performed = any((call.result or {}).get("state") == State.PERFORMED for call in calls)
    end = State.REVERSED if performed else State.CANCELLED
    await stage.should(check(it), reported(end))
    for call in calls[: CROWD // 2]:
        too_late = refused(CANNOT_PERFORM)
        stage.judge(call, state(State.PERFORMED).or_(too_late) if performed else too_late)
    for call in calls[CROWD // 2 :]:
        stage.judge(call, state(end))
    await stage.effect(it.order, *(TAKEN_BACK if performed else [Effect(0, 0)]))


def whole_life(it: Transaction) -> list[tuple[Request, State]]:
    return [
        (create(it), State.CREATED),
        (perform(it), State.PERFORMED),
        (cancel(it, Reason.REFUND), State.REVERSED),
    ]


def agree(stage: Stage, calls: Sequence[Call], wanted: State) -> None:
    """Expect the same result in every answer."""
    for call in calls:
        stage.judge(call, state(wanted))
    answers = Counter(str(call.result) for call in calls if call.result is not None)
    stage.find("one answer to all of them", f"{len(answers)} different answers", right=len(answers) == 1)
