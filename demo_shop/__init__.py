"""A whole shop on one machine: the real sidecar and the real callback, and honest stand-ins for everybody else.

`payme-sidecar demo` calls `run`. Nothing here is needed in production, and nothing in production needs this.
"""

from demo_shop import show, walk
from demo_shop.addresses import BLOCK, Addresses
from demo_shop.house import House, open_house
from demo_shop.pages import som
from demo_shop.screen import Row, Screen
from demo_shop.show import Play

__all__ = ["run"]


def run(*, once: bool, host: str = "127.0.0.1", port: int = 8700) -> int:
    """Run the demo until Ctrl-C, or with `once` one purchase; return the exit status."""
    play = Play(BLOCK, open_house, purchase, rows)
    return show.perform(play, Screen(show.terminal()), once=once, host=host, port=port)


async def purchase(house: House, screen: Screen) -> str:
    order = await walk.purchase(house, screen)
    return f"Order {order.number} is paid: {som(order.amount, 'en')}"


def rows(addresses: Addresses) -> list[Row]:
    return [
        Row("the shop", addresses.shop, "open this first (stand-in: storefront and backend)"),
        Row("Payme's cabinet", addresses.payme, "refunds start here (stand-in)"),
        Row("the sidecar", addresses.sidecar, "real"),
        Row("the callback", addresses.callback, "real"),
    ]
