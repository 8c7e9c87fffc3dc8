"""Tickets, tokens and marks: signed with the password, worth nothing under another one."""

import pytest
from pydantic import SecretStr

from sidecar.clock import HOUR, Millis
from sidecar.console.tickets import LIFE, Tickets
from tests.console.visitor import PASSWORD
from tests.shop import NOON

NOW = Millis(NOON)


@pytest.fixture(scope="module")
def tickets() -> Tickets:
    return Tickets(SecretStr(PASSWORD))


def test_a_ticket_is_good_for_twelve_hours_and_no_millisecond_longer(tickets: Tickets) -> None:
    given = tickets.issue(NOW)

    assert LIFE == 12 * HOUR
    assert tickets.read(given, Millis(NOW + LIFE - 1))
    assert tickets.read(given, Millis(NOW + LIFE)) is None


def test_another_password_ends_every_session(tickets: Tickets) -> None:
    given, mark = tickets.issue(NOW), tickets.mark()
    changed = Tickets(SecretStr(f"{PASSWORD}!"))

    assert changed.read(given, NOW) is None
    assert changed.marked(mark) is None


def test_another_process_with_the_same_password_honours_a_ticket(tickets: Tickets) -> None:
    assert Tickets(SecretStr(PASSWORD)).read(tickets.issue(NOW), NOW)


@pytest.mark.parametrize("text", ["", "nonsense", "WyJhIiwxXQ.c2ln", "\x00", "é" * 50])
def test_what_we_did_not_sign_is_nothing(tickets: Tickets, text: str) -> None:
    assert tickets.read(text, NOW) is None
    assert tickets.marked(text) is None
    assert not tickets.fits(text, "holder")


def test_a_ticket_that_was_touched_is_nothing(tickets: Tickets) -> None:
    given = tickets.issue(NOW)
    for place in (0, len(given) // 2, len(given) - 2):
        touched = given[:place] + ("A" if given[place] != "A" else "B") + given[place + 1 :]
        assert tickets.read(touched, NOW) is None


def test_a_token_fits_the_holder_it_was_made_for_only(tickets: Tickets) -> None:
    token = tickets.token("mine")

    assert tickets.fits(token, "mine")
    assert not tickets.fits(token, "theirs")
    assert not tickets.fits(tickets.token(""), "")


def test_one_kind_is_never_taken_for_another(tickets: Tickets) -> None:
    assert tickets.read(tickets.token("mine"), NOW) is None
    assert tickets.read(tickets.mark(), NOW) is None
    assert tickets.marked(tickets.token("mine")) is None
    assert not tickets.fits(tickets.mark(), "mine")


def test_two_tickets_are_two(tickets: Tickets) -> None:
    assert tickets.issue(NOW) != tickets.issue(NOW)
