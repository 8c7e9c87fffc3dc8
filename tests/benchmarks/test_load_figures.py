"""Ratios, quartiles and percentiles, and what is left out of them."""

import pytest

from benchmarks.load.crowd import Findings
from benchmarks.load.figures import Spread, percentile, ratio, slope, steady
from benchmarks.load.race import BASE, Results
from benchmarks.load.rounds import Sample


def test_a_ratio_is_to_the_mean_of_both_neighbours() -> None:
    assert ratio(6, 2, 4) == 2
    assert ratio(6, 0, 0) is None


def test_neighbours_that_differ_by_more_than_a_quarter_are_not_steady() -> None:
    assert steady(100, 75)
    assert not steady(100, 74)
    assert not steady(74, 100)


def test_a_spread_is_median_and_quartiles() -> None:
    assert Spread.of([5, 1, 2, 4, 3]) == Spread(3, 2, 4, 5)
    assert Spread.of([7]) == Spread(7, 7, 7, 1)
    assert Spread.of([]) is None


@pytest.mark.parametrize(("which", "wanted"), [(50, 50), (95, 95), (99, 99), (100, 100)])
def test_a_percentile_is_a_value_that_was_measured(which: float, wanted: float) -> None:
    assert percentile(range(1, 101), which) == wanted


def test_of_two_values_the_half_is_the_first() -> None:
    assert percentile([3, 9], 50) == 3


def test_memory_that_grows_a_megabyte_a_minute_has_that_slope() -> None:
    assert slope([(0, 70), (1, 71), (2, 72)]) == pytest.approx(1)


def test_a_sample_between_unsteady_neighbours_is_counted_and_left_out() -> None:
    results = Results("tea", 1)

    results.compare(sample(50), sample(100), sample(60))
    results.compare(sample(50), sample(100), sample(100))

    told = results.document()
    assert told["dropped"] == 1
    assert told["ratios"][BASE] == {"median": 0.5, "lower": 0.5, "upper": 0.5, "samples": 1}


def test_calls_in_time_make_the_rate_and_those_after_it_do_not() -> None:
    found = Findings(2.0, 120, 21, 21, {}, {}, {}, {}, {})

    assert found.payments_per_second == 10


def sample(rate: float) -> Sample:
    return Sample("tea", {BASE: rate})
