"""A run in short: what is said once, and which orders come next."""

import pytest

from payme_sandbox.calls import Call
from payme_sandbox.certification.expectations import Verdict
from payme_sandbox.certification.stage import Step
from payme_sandbox.counter.digest import following, told


def step(found: str, verdict: Verdict = Verdict.FAILED) -> Step:
    return Step(Call("PerformTransaction", {}, 200, {}), "error -31008", verdict, found)


def test_wrong_steps_that_say_the_same_are_told_once_and_right_ones_each_in_its_place() -> None:
    right = step("error -31008", Verdict.PASSED)

    found = told([right, step("state 2"), right, step("state 2"), step("state 1"), step("state 2")])

    assert [(it.step.found, it.more) for it in found] == [
        ("error -31008", 0),
        ("state 2", 2),
        ("error -31008", 0),
        ("state 1", 0),
    ]


@pytest.mark.parametrize(
    ("used", "fresh"),
    [
        ("order_id=1001..1060", "order_id=1061..1120"),
        ("order_id=A-008..010", "order_id=A-011..013"),
        ("order_id=1..20 branch=3", "order_id=21..40 branch=3"),
        ("order_id=1..3,7..9", "order_id=10..12,16..18"),
        ("order_id=7,9,12", ""),
        ("order_id=7", ""),
        ("", ""),
    ],
)
def test_the_accounts_after_a_range_are_as_many_and_nobody_knows_those_after_a_list(used: str, fresh: str) -> None:
    assert following(used) == fresh
