"""An amount is a positive whole number of tiyin, or it is none."""

from decimal import Decimal

import pytest

from sidecar.money import TIYIN_MAX, read_soum, read_tiyin, soum, tiyin


@pytest.mark.parametrize("value", [1, 100, 14_000_000, 3_000_000_000, TIYIN_MAX])
def test_whole_positive_tiyin_are_an_amount(value: int) -> None:
    assert tiyin(value) == value


@pytest.mark.parametrize(
    "value", [0, -1, TIYIN_MAX + 1, 10**30, True, 1.0, 500000.0, float("inf"), "1", "", None, [], {}, Decimal(1)]
)
def test_nothing_else_is(value: object) -> None:
    assert tiyin(value) is None


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (0, "0.00"),
        (1, "0.01"),
        (99, "0.99"),
        (100, "1.00"),
        (99_999, "999.99"),
        (100_000, "1 000.00"),
        (123_456_789, "1 234 567.89"),
        (-500_050, "−5 000.50"),
        (TIYIN_MAX, "92 233 720 368 547 758.07"),
    ],
)
def test_a_sum_is_written_for_people(amount: int, written: str) -> None:
    assert soum(amount) == written.replace(" ", "\N{NO-BREAK SPACE}")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1", 100),
        ("0.01", 1),
        ("0,5", 50),
        ("140000", 14_000_000),
        ("140 000", 14_000_000),
        ("1 234 567,89", 123_456_789),
        ("1\N{NO-BREAK SPACE}234\N{NARROW NO-BREAK SPACE}567.89", 123_456_789),
        ("1,234,567.8", 123_456_780),
        ("1.234.567,89", 123_456_789),
        (" 5 ", 500),
        ("92233720368547758.07", TIYIN_MAX),
    ],
)
def test_soum_are_read_as_people_write_them(text: str, amount: int) -> None:
    assert read_soum(text) == amount


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "0",
            "0.00",
            "-1",
            "+1",
            "1.",
            ".5",
            "1.005",
            "1,234",
            "1.234",
            "1 23",
            "12 34",
            "1,23,456.00",
            "1e3",
        ),
        *(
            "1,234.567,89",
            "1 234,567.00",
            "0x10",
            "१२",
            "1\n2",
            "92233720368547758.08",
            "9" * 100,
            "Infinity",
            "NaN",
            "1_0",
        ),
    ],
)
def test_a_text_that_could_mean_two_things_or_none_is_no_amount(text: str) -> None:
    assert read_soum(text) is None


@pytest.mark.parametrize(("text", "amount"), [("14000000", 14_000_000), ("14 000 000", 14_000_000), ("5.0", 5)])
def test_tiyin_are_read_from_a_text(text: str, amount: int) -> None:
    assert read_tiyin(text) == amount


@pytest.mark.parametrize("text", ["", "0", "5.5", "5,50", "-5", "1,000", str(TIYIN_MAX + 1)])
def test_a_part_of_a_tiyin_is_none(text: str) -> None:
    assert read_tiyin(text) is None


@pytest.mark.parametrize("amount", [1, 99, 100, 123_456_789, TIYIN_MAX])
def test_what_was_written_for_people_is_read_back(amount: int) -> None:
    assert read_soum(soum(amount)) == amount
