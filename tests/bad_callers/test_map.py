"""`docs/bad-input.md` has a row for every kind of bad input, and every test that it names exists."""

import re
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).parents[1]
PAGE: Final = (TESTS.parent / "docs/bad-input.md").read_text()
ROWS: Final = {row[1]: row[2].split() for row in re.finditer(r"^\| (B\d+) \|.*\| ([^|]+) \|$", PAGE, re.MULTILINE)}


def test_every_kind_of_bad_input_has_its_row_in_order() -> None:
    assert list(ROWS) == [f"B{number}" for number in range(1, 53)]


@pytest.mark.parametrize(("row", "tests"), ROWS.items(), ids=ROWS)
def test_the_tests_of_a_row_exist(row: str, tests: list[str]) -> None:
    for named in tests:
        file, _, name = named.partition("::")
        assert f"\ndef {name}(" in (TESTS / file).read_text(), named
