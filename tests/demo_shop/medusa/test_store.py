"""Medusa's answers, read by the walk: a "no" stops it with Medusa's own words."""

import httpx
import pytest

from demo_shop.medusa.store import content, sole
from demo_shop.walk import Surprise


def test_a_no_from_medusa_is_told_in_its_own_words() -> None:
    answer = httpx.Response(
        400, text="Payment sessions are required", request=httpx.Request("POST", "http://m/store/x")
    )

    with pytest.raises(Surprise, match=r"POST /store/x.*Payment sessions are required"):
        content(answer)


def test_one_of_it_is_that_one_and_anything_else_a_surprise() -> None:
    assert sole("order", [{"id": "1"}]) == {"id": "1"}
    for found in ([], [{"id": "1"}, {"id": "2"}]):
        with pytest.raises(Surprise, match="order"):
            sole("order", found)
