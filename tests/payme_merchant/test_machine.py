"""The table: pure, and small enough to be tried whole."""

from dataclasses import replace
from itertools import product

import pytest

from sidecar.clock import HOUR, Millis
from sidecar.payme_merchant.errors import PaymeError
from sidecar.payme_merchant.machine import (
    CONSEQUENCES,
    HOLDS,
    TIMEOUT,
    TRANSITIONS,
    Event,
    Lifecycle,
    Reason,
    Standing,
    State,
    advance,
    standing,
)
from sidecar.vocabulary import Topic

NOON = Millis(1_790_000_000_000)
LATER = Millis(NOON + HOUR)
CREATED = Lifecycle(State.CREATED, time=NOON, create_time=NOON)
PERFORMED = replace(CREATED, state=State.PERFORMED, perform_time=Millis(NOON + 1))
CANCELLED = replace(CREATED, state=State.CANCELLED, cancel_time=Millis(NOON + 2), reason=2)
REVERSED = replace(PERFORMED, state=State.REVERSED, cancel_time=Millis(NOON + 2), reason=5)

EVERY_CASE = list(product([CREATED, PERFORMED, CANCELLED, REVERSED], Event, [False, True], [LATER, NOON + TIMEOUT]))


def test_the_table_has_a_cell_for_every_standing_and_event() -> None:
    assert set(TRANSITIONS) == set(Standing)
    assert all(set(row) == set(Event) for row in TRANSITIONS.values())
    assert set(HOLDS) == set(Standing)


@pytest.mark.parametrize(("before", "event", "closed", "now"), EVERY_CASE)
def test_an_event_repeated_changes_nothing_more(before: Lifecycle, event: Event, closed: bool, now: Millis) -> None:
    once = advance(before, event, now, closed=closed, reason=3)
    twice = advance(once.after, event, Millis(now + 7), closed=closed, reason=9)

    assert not twice.moved
    assert twice.consequence is None


@pytest.mark.parametrize(("before", "event", "closed", "now"), EVERY_CASE)
def test_only_the_four_documented_arrows_exist(before: Lifecycle, event: Event, closed: bool, now: Millis) -> None:
    step = advance(before, event, now, closed=closed, reason=3)
    arrow = (step.before.state, step.after.state)

    assert not step.moved or arrow in {
        (State.CREATED, State.PERFORMED),
        (State.CREATED, State.CANCELLED),
        (State.PERFORMED, State.REVERSED),
    }


@pytest.mark.parametrize(("before", "event", "closed", "now"), EVERY_CASE)
def test_only_performing_and_taking_back_are_told_to_the_backend(
    before: Lifecycle, event: Event, closed: bool, now: Millis
) -> None:
    step = advance(before, event, now, closed=closed, reason=3)
    told = {State.PERFORMED: Topic.AUTHORIZE, State.REVERSED: Topic.CANCEL}

    assert step.consequence == (told.get(step.after.state) if step.moved else None)


def test_a_consequence_belongs_to_a_move_and_so_never_to_a_repeat() -> None:
    assert all(before is not after for before, after in CONSEQUENCES)


def test_a_transaction_is_payable_until_the_millisecond_before_twelve_hours() -> None:
    step = advance(CREATED, Event.PERFORM, Millis(NOON + TIMEOUT - 1))

    assert step.after.state is State.PERFORMED
    assert step.refusal is None


def test_at_twelve_hours_a_perform_is_refused_and_the_transaction_cancelled_for_time() -> None:
    now = Millis(NOON + TIMEOUT)
    step = advance(CREATED, Event.PERFORM, now)

    assert step.refusal is PaymeError.CANNOT_PERFORM
    assert step.after == replace(CREATED, state=State.CANCELLED, cancel_time=now, reason=Reason.TIMEOUT)


def test_the_twelve_hours_run_from_paymes_time_and_not_from_ours() -> None:
    late = replace(CREATED, create_time=Millis(NOON + 11 * HOUR))

    assert standing(late, Millis(NOON + TIMEOUT)) is Standing.OVERDUE


def test_cancelling_an_overdue_transaction_keeps_the_reason_payme_gave() -> None:
    assert advance(CREATED, Event.CANCEL, Millis(NOON + 2 * TIMEOUT), reason=3).after.reason == 3


def test_performing_after_the_session_was_closed_cancels_with_reason_three() -> None:
    step = advance(CREATED, Event.PERFORM, LATER, closed=True)

    assert step.refusal is PaymeError.CANNOT_PERFORM
    assert (step.after.state, step.after.reason) == (State.CANCELLED, Reason.FAILED)


def test_overdue_wins_over_closed() -> None:
    assert advance(CREATED, Event.PERFORM, Millis(NOON + TIMEOUT), closed=True).after.reason == Reason.TIMEOUT


def test_a_create_repeated_after_the_session_was_closed_keeps_its_transaction() -> None:
    step = advance(CREATED, Event.CREATE, LATER, closed=True)

    assert not step.moved
    assert step.refusal is None


def test_a_refund_remembers_when_the_payment_was_performed() -> None:
    after = advance(PERFORMED, Event.CANCEL, LATER, reason=5).after

    assert (after.state, after.perform_time, after.cancel_time) == (State.REVERSED, PERFORMED.perform_time, LATER)


def test_a_cancelled_transaction_is_never_revived() -> None:
    for dead in (CANCELLED, REVERSED):
        step = advance(dead, Event.PERFORM, LATER)
        assert step.after == dead
        assert step.refusal is PaymeError.CANNOT_PERFORM


def test_the_sweep_moves_nothing_but_what_is_overdue() -> None:
    now = Millis(NOON + TIMEOUT)

    assert advance(CREATED, Event.SWEEP, now).after.reason == Reason.TIMEOUT
    assert not any(advance(it, Event.SWEEP, now).moved for it in (PERFORMED, CANCELLED, REVERSED))
    assert not advance(CREATED, Event.SWEEP, LATER, closed=True).moved


def test_a_clock_set_back_turns_no_story_round() -> None:
    performed = advance(CREATED, Event.PERFORM, Millis(NOON - HOUR)).after
    refunded = advance(performed, Event.CANCEL, Millis(NOON - 2 * HOUR), reason=5).after

    assert performed.perform_time == NOON
    assert refunded.cancel_time == NOON


def test_only_a_cancelled_or_overdue_transaction_lets_go_of_its_order() -> None:
    assert {it for it, held in HOLDS.items() if held is None} == {Standing.CANCELLED, Standing.OVERDUE}
