"""An amount is a positive whole number of tiyin, or it is none."""

from decimal import Decimal

import pytest

from sidecar.money import TIYIN_MAX, tiyin


@pytest.mark.parametrize("value", [1, 100, 14_000_000, 3_000_000_000, TIYIN_MAX])
def test_whole_positive_tiyin_are_an_amount(value: int) -> None:
    assert tiyin(value) == value


@pytest.mark.parametrize(
    "value", [0, -1, TIYIN_MAX + 1, 10**30, True, 1.0, 500000.0, float("inf"), "1", "", None, [], {}, Decimal(1)]
)
def test_nothing_else_is(value: object) -> None:
    assert tiyin(value) is None
