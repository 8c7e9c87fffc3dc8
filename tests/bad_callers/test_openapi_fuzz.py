"""A short run of each fuzzer, always the same one; `python3 dev.py fuzz --minutes 60` is the long one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bad_callers import http_fuzz, openapi_fuzz, payme_fuzz
from tests.bad_callers.fuzz import read
from tests.line import served
from tests.shop import Shop

SEED = 5


@pytest.fixture
def served_port(tmp_path: Path) -> Iterator[int]:
    with served(tmp_path) as (port, _process):
        yield port


def test_the_provider_api_answers_as_its_description_says_whatever_it_is_asked(shop: Shop) -> None:
    openapi_fuzz.furnish(shop)
    counts = openapi_fuzz.run(shop, 8, SEED)

    statuses = {answer.rsplit(" ", 1)[1] for answer in counts}
    assert {"200", "201", "400", "401", "404", "409", "422"} <= statuses


def test_paymes_door_has_an_answer_to_everything(shop: Shop) -> None:
    payme_fuzz.furnish(shop)
    counts = payme_fuzz.run(shop, 250, SEED)

    assert {"/payme 0", "/payme -32700", "/payme -32600", "/payme -32504", "/payme -31050"} <= set(counts)


def test_the_server_speaks_http_with_whoever_does_not(served_port: int, tmp_path: Path) -> None:
    counts = http_fuzz.run(served_port, 120, SEED)

    assert {"HTTP 200", "HTTP 400", "HTTP, no answer"} <= set(counts)
    assert read(tmp_path / "log") == ""
