"""What the network and other buyers do to an endpoint: repetitions, lost replies, races."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from payme_sandbox.calls import Call, Request, written
from payme_sandbox.certification.expectations import refused, same_as, state
from payme_sandbox.certification.orders import TAKEN_BACK, Effect
from payme_sandbox.certification.scenario import Chapter, Page, Spends
from payme_sandbox.certification.scenarios.books import around, in_text, listing, row_of
from payme_sandbox.certification.scenarios.official import BETWEEN, busy, reported
from payme_sandbox.certification.stage import NotRun, Stage, Transaction, cancel, check, create, perform
from payme_sandbox.protocol import CANNOT_CANCEL, CANNOT_PERFORM, Method, Reason, State

REHEARSAL: Final = Chapter("Rehearsal: repetitions, lost replies, races")

CROWD: Final = 8
SEVERAL: Final = 4
PATIENCE: Final = (0.0, 0.002, 0.03)  # seconds after which Payme stops listening: early, in the middle, late


@REHEARSAL.scenario(Page.FLOW, spends=Spends.ORDER)
async def delivered_three_times(stage: Stage) -> None:
    """However often a call is repeated, it gets its first answer and acts once."""
    order = await stage.order()
    it = stage.transaction(order)
    for request, wanted in payment(it):
        first = await stage.must(request, state(wanted))
        await repeated(stage, request, first)
    await repeated(stage, cancel(it, Reason.REFUND), await stage.refunded(it))
    await stage.effect(order, *TAKEN_BACK)


@REHEARSAL.scenario(Page.FLOW, spends=Spends.ORDER)
async def lost_replies(stage: Stage) -> None:
    """A reply that is lost on the way loses nothing: the same call, asked again, succeeds."""
    order = await stage.order()
    it = stage.transaction(order)
    for request, wanted in payment(it):
        await lose_replies(stage, request)
        await stage.must(request, state(wanted))
    await lose_replies(stage, cancel(it, Reason.REFUND))
    await stage.refunded(it)
    await stage.should(check(it), reported(State.REVERSED, Reason.REFUND))
    await stage.effect(order, *TAKEN_BACK)


@REHEARSAL.scenario(Page.CREATE)
async def race_of_one_create(stage: Stage) -> None:
    """The same CreateTransaction, delivered several times at the same moment, creates one transaction."""
    async for order in stage.orders():
        it = stage.transaction(order)
        calls = await stage.together([create(it)] * CROWD)
        agree(stage, calls, State.CREATED)
        await stage.should(check(it), reported(State.CREATED))


@REHEARSAL.scenario(Page.CREATE, accumulative=False)
async def race_of_buyers(stage: Stage) -> None:
    """Of several buyers who want one order at the same moment, exactly one gets it."""
    async for order in stage.orders():
        buyers = [stage.transaction(order) for _ in range(CROWD)]
        calls = await stage.together([create(buyer) for buyer in buyers])
        taken = [call for call in calls if call.result is not None]
        stage.find("one of them created", f"{len(taken)} created", right=len(taken) == 1)
        for call in calls:
            stage.judge(call, state(State.CREATED) if call in taken else busy())


@REHEARSAL.scenario(Page.PERFORM, spends=Spends.ORDER)
async def race_of_one_perform(stage: Stage) -> None:
    """The same PerformTransaction, delivered several times at the same moment, is performed once."""
    async for order in stage.orders():
        it = await stage.created(order)
        calls = await stage.together([perform(it)] * CROWD)
        agree(stage, calls, State.PERFORMED)
        await stage.should(check(it), reported(State.PERFORMED))
        await stage.effect(order, Effect(1, 0))


@REHEARSAL.scenario(Page.CANCEL, spends=Spends.ORDER)
async def race_of_perform_and_cancel(stage: Stage) -> None:
    """Of PerformTransaction and CancelTransaction at the same moment one comes first, and everything agrees with it."""
    async for order in stage.orders():
        await perform_against_cancel(stage, await stage.created(order))


async def perform_against_cancel(stage: Stage, it: Transaction) -> None:
    requests = [perform(it)] * (CROWD // 2) + [cancel(it)] * (CROWD // 2)
    calls = await stage.together(requests)
    end = end_of({(call.result or {}).get("state") for call in calls})
    await stage.should(check(it), reported(end))
    for request, call in zip(requests, calls, strict=True):
        stage.judge(call, ANSWERS[Method(request.method), end])
    await stage.effect(it.order, *EFFECTS[end])


def end_of(states: set[Any]) -> State:
    """Where it must have ended, by what was answered."""
    if State.PERFORMED not in states:
        return State.CANCELLED
    return State.REVERSED if states & {State.REVERSED, State.CANCELLED} else State.PERFORMED


ANSWERS: Final = {
    (Method.PERFORM, State.CANCELLED): refused(CANNOT_PERFORM),
    (Method.PERFORM, State.PERFORMED): state(State.PERFORMED),
    (Method.PERFORM, State.REVERSED): state(State.PERFORMED).or_(refused(CANNOT_PERFORM)),
    (Method.CANCEL, State.CANCELLED): state(State.CANCELLED),
    (Method.CANCEL, State.PERFORMED): refused(CANNOT_CANCEL),
    (Method.CANCEL, State.REVERSED): state(State.REVERSED),
}
EFFECTS: Final = {
    State.CANCELLED: (Effect(0, 0),),
    State.PERFORMED: (Effect(1, 0),),
    State.REVERSED: TAKEN_BACK,
}


@REHEARSAL.scenario(Page.CREATE, accumulative=False)
async def orders_side_by_side(stage: Stage) -> None:
    """Buyers of different orders at the same moment get each their own: account, amount and transaction."""
    orders = [order async for order in stage.orders(SEVERAL)]
    if len(orders) == 1:
        raise NotRun("it needs at least two payable orders: give more (--account), or --shop")
    buyers = [stage.transaction(order) for order in orders]
    calls = await stage.together([create(buyer) for buyer in buyers])
    for call in calls:
        stage.judge(call, state(State.CREATED))
    names = {written((call.result or {}).get("transaction")) for call in calls}
    stage.find(f"{len(calls)} transactions of the merchant", f"{len(names)}", right=len(names) == len(calls))
    listed = await stage.should(around(*buyers), listing(*buyers))
    for buyer in buyers:
        account = row_of(listed, buyer).get("account")
        right = in_text(account) == dict(buyer.order.account)
        stage.find(f"the account of {buyer.order.name}", written(account), right=right)


def payment(it: Transaction) -> list[tuple[Request, State]]:
    return [(create(it), State.CREATED), (perform(it), State.PERFORMED)]


async def repeated(stage: Stage, request: Request, first: Call) -> None:
    for _ in range(2):
        await stage.time.sleep(BETWEEN)
        await stage.should(request, same_as(first))


async def lose_replies(stage: Stage, request: Request) -> None:
    for after in PATIENCE:
        await stage.merchant.hang_up(request, after)


def agree(stage: Stage, calls: Sequence[Call], wanted: State) -> None:
    """Expect the same result in every answer."""
    for call in calls:
        stage.judge(call, state(wanted))
    answers = Counter(str(call.result) for call in calls if call.result is not None)
    stage.find("one answer to all of them", f"{len(answers)} different answers", right=len(answers) == 1)
