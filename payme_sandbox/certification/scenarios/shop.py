"""What the buyer gets for the money: asked of a test shop that can tell (`--shop`)."""

from typing import Final

from payme_sandbox.certification.expectations import refused, state
from payme_sandbox.certification.orders import Effect
from payme_sandbox.certification.scenario import Chapter, Page, Spends
from payme_sandbox.certification.stage import NotRun, Stage, perform
from payme_sandbox.protocol import SYSTEM_ERROR, State

SHOP: Final = Chapter("The shop behind it")

TRIES: Final = 5


@SHOP.scenario(Page.PERFORM, spends=Spends.ORDER)
async def shop_fails_for_a_moment(stage: Stage) -> None:
    """A payment that is performed while the shop's own code fails reaches the shop, once, when it works again.

    Payme has the buyer's money by then. Whether PerformTransaction succeeds at once or answers −32400 until the shop
    works is the merchant's choice; forgetting the shop is not.
    """
    order = await stage.order()
    it = await stage.created(order)
    if await stage.stock.shop.effect(order) is None or not await stage.stock.shop.hook(works=False):
        raise NotRun("it needs a test shop whose reaction to a payment can be broken (--shop)")
    try:
        call = await stage.should(perform(it), state(State.PERFORMED).or_(refused(SYSTEM_ERROR)))
    finally:
        await stage.stock.shop.hook(works=True)
    for _ in range(TRIES):
        if call.result is not None:
            break
        call = await stage.ask(perform(it))
    stage.judge(call, state(State.PERFORMED))
    await stage.should(perform(it), state(State.PERFORMED))
    await stage.effect(order, Effect(1, 0))
