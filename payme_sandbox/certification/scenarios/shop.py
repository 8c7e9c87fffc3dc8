"""What the buyer gets for the money: asked of a test shop that can tell (`--shop`)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from payme_sandbox.calls import Call, Request
from payme_sandbox.certification.expectations import has_code, refused, state
from payme_sandbox.certification.orders import Effect, Order
from payme_sandbox.certification.scenario import Chapter, Page, Spends
from payme_sandbox.certification.stage import NotRun, Stage, cancel, check, perform
from payme_sandbox.protocol import CANNOT_CANCEL, SYSTEM_ERROR, Reason, State

SHOP: Final = Chapter("The shop behind it")

TRIES: Final = 5
UNBREAKABLE: Final = "it needs a test shop whose reaction to a payment can be broken (--shop)"


@SHOP.scenario(Page.PERFORM, spends=Spends.ORDER)
async def shop_fails_for_a_moment(stage: Stage) -> None:
    """A payment that is performed while the shop's own code fails reaches the shop, once, when it works again.

    Payme has the buyer's money by then. Whether PerformTransaction succeeds at once or answers −32400 until the shop
    works is the merchant's choice; forgetting the shop is not.
    """
    order = await stage.order()
    it = await stage.created(order)
    async with broken(stage, order):
        call = await stage.should(perform(it), state(State.PERFORMED).or_(refused(SYSTEM_ERROR)))
        told = await stage.stock.shop.effect(order)
    if told and told.paid:
        raise NotRun("the test shop's hook breaks nothing: it was told of the payment while it should have failed")
    stage.judge(await until_answered(stage, call, perform(it)), state(State.PERFORMED))
    await stage.should(perform(it), state(State.PERFORMED))
    await stage.effect(order, Effect(1, 0))


@SHOP.scenario(Page.CANCEL, spends=Spends.ORDER)
async def shop_fails_later(stage: Stage) -> None:
    """A performed payment outlives a repetition while the shop's own code fails, and its refund reaches the shop."""
    order = await stage.order()
    if await stage.stock.shop.effect(order) is None:
        raise NotRun(UNBREAKABLE)
    it = await stage.performed(order)
    await stage.effect(order, Effect(1, 0))
    async with broken(stage, it.order):
        await stage.should(perform(it), state(State.PERFORMED).or_(refused(SYSTEM_ERROR)))
        await stage.should(check(it), state(State.PERFORMED))
        call = await stage.ask(cancel(it, Reason.REFUND))
    if has_code(call, CANNOT_CANCEL):
        raise NotRun(f"the merchant does not take back what is performed ({call.found})")
    stage.judge(await until_answered(stage, call, cancel(it, Reason.REFUND)), state(State.REVERSED))
    await stage.effect(it.order, Effect(1, 1))


@asynccontextmanager
async def broken(stage: Stage, order: Order) -> AsyncIterator[None]:
    """Let the shop's reaction fail for as long as the block lasts.

    Raises:
        NotRun: it cannot be broken, or nobody could see what came of it.
    """
    if await stage.stock.shop.effect(order) is None:
        raise NotRun(UNBREAKABLE)
    try:
        if not await stage.stock.shop.hook(works=False):
            raise NotRun(UNBREAKABLE)
        yield
    finally:
        await stage.stock.shop.hook(works=True)


async def until_answered(stage: Stage, call: Call, request: Request) -> Call:
    """Ask again while the answer is −32400, as Payme's queue does."""
    for _ in range(TRIES):
        if call.result is not None:
            break
        call = await stage.ask(request)
    return call
