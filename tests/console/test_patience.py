"""A password may be tried a few times at once, then once in a while, and never not at all."""

from sidecar.clock import Millis
from sidecar.console.patience import CALLERS_MAX, PAUSE, TRIES, Patience
from tests.shop import NOON

NOW = Millis(NOON)


def tried(patience: Patience, caller: str, times: int, now: int = NOON) -> None:
    for _ in range(times):
        assert patience.wait(caller, Millis(now)) == 0
        patience.tried(caller, Millis(now))


def test_after_a_few_tries_one_waits() -> None:
    patience = Patience()
    tried(patience, "guesser", TRIES)

    assert patience.wait("guesser", NOW) == PAUSE
    assert patience.wait("guesser", Millis(NOW + PAUSE - 1)) == 1
    assert patience.wait("guesser", Millis(NOW + PAUSE)) == 0


def test_who_waited_has_one_more_try_and_not_all_of_them() -> None:
    patience = Patience()
    tried(patience, "guesser", TRIES)
    tried(patience, "guesser", 1, NOON + PAUSE)

    assert patience.wait("guesser", Millis(NOW + PAUSE)) == PAUSE


def test_nobody_waits_longer_for_asking_while_they_wait() -> None:
    patience = Patience()
    tried(patience, "guesser", TRIES)
    for moment in range(0, PAUSE, 1_000):
        assert patience.wait("guesser", Millis(NOW + moment)) == PAUSE - moment


def test_peace_restores_every_try() -> None:
    patience = Patience()
    tried(patience, "guesser", TRIES)
    tried(patience, "guesser", TRIES, NOON + TRIES * PAUSE)


def test_one_guesser_costs_another_caller_nothing() -> None:
    patience = Patience()
    tried(patience, "guesser", TRIES)

    assert patience.wait("owner", NOW) == 0


def test_who_was_let_in_begins_anew() -> None:
    patience = Patience()
    tried(patience, "owner", TRIES)
    patience.forgive("owner")

    tried(patience, "owner", TRIES)


def test_a_flood_from_everywhere_costs_an_honest_new_address_no_try() -> None:
    patience = Patience()
    for number in range(CALLERS_MAX + TRIES):
        tried(patience, f"address {number}", 1)

    tried(patience, "owner", TRIES)
    assert patience.wait("owner", NOW) == PAUSE


def test_a_flood_from_everywhere_fills_no_memory_and_who_tried_longest_ago_is_forgotten() -> None:
    patience = Patience()
    tried(patience, "early", TRIES)
    tried(patience, "stubborn", TRIES - 1)
    for number in range(CALLERS_MAX - 2):
        tried(patience, f"address {number}", 1)
    assert patience.wait("early", NOW) == PAUSE

    tried(patience, "stubborn", 1)
    tried(patience, "one more", 1)
    assert patience.wait("early", NOW) == 0
    assert patience.wait("stubborn", NOW) == PAUSE
