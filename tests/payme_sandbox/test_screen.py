"""The terminal: what a person reads while it runs, and in the end."""

import io
from typing import Any

import pytest
from rich.console import Console

from payme_sandbox.calls import Call
from payme_sandbox.certification.expectations import Verdict
from payme_sandbox.certification.run import Outcome, Result
from payme_sandbox.certification.scenarios import CATALOGUE
from payme_sandbox.certification.screen import EXCERPT, SHOWN_MAX, Screen
from payme_sandbox.certification.stage import Step

FIRST, SECOND, LAST = CATALOGUE[0], CATALOGUE[1], CATALOGUE[-1]


def step(came: Any = None, verdict: Verdict = Verdict.FAILED, status: int | None = 200) -> Step:
    return Step(Call("CheckTransaction", {"method": "CheckTransaction"}, status, came), "state 2", verdict, "state 1")


def shown(*outcomes: Outcome, every_step: bool = False, terminal: bool = False, width: int = 100) -> str:
    page = io.StringIO()
    screen = Screen(Console(file=page, force_terminal=terminal, width=width, highlight=False), every_step)
    with screen:
        for outcome in outcomes:
            screen.begun(outcome.scenario)
            for it in outcome.steps:
                screen.heard(it)
            screen.ended(outcome)
    screen.summary(1234)
    return page.getvalue()


def test_a_chapter_is_named_once_and_each_scenario_has_a_line() -> None:
    lines = shown(Outcome(FIRST, Result.PASSED, "", [], []), Outcome(SECOND, Result.PASSED, "", [], [])).splitlines()

    assert lines.count(FIRST.chapter) == 1
    assert [line.split()[1] for line in lines if "✓" in line] == [FIRST.name, SECOND.name]
    assert lines[-1] == "2 passed, 0 failed, 0 not run, in 1.2 s"


def test_of_a_failure_it_shows_what_was_sent_what_came_and_what_was_expected() -> None:
    page = shown(Outcome(FIRST, Result.FAILED, "it is wrong", [step({"result": {"state": 1}})], []))

    assert "✗ CheckTransaction  expected state 2, found state 1" in page
    assert '→ {"method": "CheckTransaction"}' in page
    assert '← HTTP 200  {"result": {"state": 1}}' in page
    assert page.rstrip().splitlines()[-5:-1] == [
        f"✗ {FIRST.name}  {FIRST.title}",
        "    it is wrong",
        f"    {FIRST.why}",
        f"    {FIRST.source}",
    ]


def test_of_many_failures_alike_it_shows_a_few_and_says_how_many_there_are() -> None:
    outcome = Outcome(FIRST, Result.FAILED, "it is wrong", [step() for _ in range(13)], [])

    assert shown(outcome).count("✗ CheckTransaction") == SHOWN_MAX
    assert f"… and {13 - SHOWN_MAX} more; --steps shows them" in shown(outcome)
    assert shown(outcome, every_step=True).count("✗ CheckTransaction") == 13


def test_a_chapter_that_comes_back_says_so() -> None:
    outcomes = [Outcome(it, Result.PASSED, "", [], []) for it in (FIRST, LAST, SECOND)]

    assert f"{FIRST.chapter} (continued)" in shown(*outcomes).splitlines()


def test_remarks_are_counted_beside_what_passed() -> None:
    outcomes = [Outcome(FIRST, Result.PASSED, "", [], ["sources disagree"]), Outcome(SECOND, Result.PASSED, "", [], [])]

    assert shown(*outcomes).endswith("2 passed (1 with remarks: !), 0 failed, 0 not run, in 1.2 s\n")


def test_a_run_that_was_broken_off_says_what_it_had_found() -> None:
    page = io.StringIO()
    screen = Screen(Console(file=page, width=100, highlight=False))
    screen.ended(Outcome(FIRST, Result.FAILED, "it is wrong", [], []))

    screen.summary()

    assert page.getvalue().endswith("0 passed, 1 failed, 0 not run, broken off\n")


def test_right_steps_are_shown_to_who_asks_for_them_and_notes_to_everybody() -> None:
    outcome = Outcome(FIRST, Result.PASSED, "", [step(verdict=Verdict.PASSED), step(verdict=Verdict.NOTED)], [])

    assert ("✓ CheckTransaction" in shown(outcome), "! CheckTransaction" in shown(outcome)) == (False, True)
    assert "✓ CheckTransaction" in shown(outcome, every_step=True)


def test_what_was_not_run_is_gathered_under_its_reason() -> None:
    reason = "no order is left"
    outcomes = [Outcome(it, Result.NOT_RUN, reason, [], []) for it in (FIRST, SECOND, LAST)]

    page = shown(*outcomes)

    assert f"– not run: {FIRST.name}, {SECOND.name}, {LAST.name}\n    {reason}\n" in page
    assert page.count(reason) == 1
    assert page.endswith("0 passed, 0 failed, 3 not run, in 1.2 s\n")


def test_a_step_without_an_answer_and_one_without_a_call_are_shown_too() -> None:
    of_the_shop = Step(None, "1 × paid", Verdict.FAILED, "0 × paid")

    page = shown(Outcome(FIRST, Result.FAILED, "", [step("refused", status=None), of_the_shop], []))

    assert "← nothing  refused" in page
    assert "✗ all in all  expected 1 × paid, found 0 × paid" in page


def test_a_long_answer_is_cut_and_put_on_one_line() -> None:
    page = shown(Outcome(FIRST, Result.FAILED, "", [step("<p>\n  line\n" + "x" * 5000)], []))

    assert "← HTTP 200  <p> line xxx" in page
    assert "x…" in page
    assert page.count("x" * 100) <= EXCERPT / 100 + 1


@pytest.mark.parametrize("sign", ["\x1b[2J", "\x9b31m", "\x07", "\u202e"])
def test_an_endpoint_does_not_move_the_terminal(sign: str) -> None:
    hostile = Step(step(f"{sign}!").call, f"as before, {sign}", Verdict.FAILED, f"state {sign}")

    page = shown(
        Outcome(FIRST, Result.FAILED, f"found {sign}", [hostile], []), Outcome(LAST, Result.NOT_RUN, sign, [], [])
    )

    assert sign[0] not in page


def test_markup_in_an_answer_is_no_markup() -> None:
    assert "[red]no[/red] [/]" in shown(Outcome(FIRST, Result.FAILED, "[red]no[/red] [/]", [step("[/]")], []))


@pytest.mark.parametrize("width", [20, 60, 200])
def test_it_fits_terminals_of_any_width(width: int) -> None:
    page = shown(Outcome(FIRST, Result.FAILED, "wrong", [step("x")], []), terminal=True, width=width)

    assert FIRST.name[:8] in page
