"""A shop with a console, on both databases, and somebody who may enter it."""

from collections.abc import Iterator

import pytest

from tests.console.visitor import WITH_CONSOLE, Visitor, visiting
from tests.shop import Shop


@pytest.fixture
def shop(database_url: str) -> Iterator[Shop]:
    it = Shop(database_url, **WITH_CONSOLE)
    yield it
    it.close()


@pytest.fixture
def stranger(shop: Shop) -> Iterator[Visitor]:
    with visiting(shop) as it:
        yield it


@pytest.fixture
def operator(stranger: Visitor) -> Visitor:
    return stranger.sign_in()


@pytest.fixture
def parked(shop: Shop) -> Shop:
    """Give a shop with one message that the backend has refused, and would take now."""
    shop.paid()
    shop.backend.status = 409
    shop.deliver()
    shop.backend.status = 200
    return shop
