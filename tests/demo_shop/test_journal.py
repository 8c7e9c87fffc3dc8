"""The journal: kept in order, read along by listeners."""

from demo_shop.journal import PARTIES, Entry, Journal, Step, system_clock
from tests.demo_shop.town import NOON, Clock


def test_a_listener_hears_of_every_entry_as_it_is_written() -> None:
    heard: list[Entry] = []
    journal = Journal(Clock())
    journal.write("1", Step.ORDER_PLACED, "order #1", "placed")
    journal.listeners.append(heard.append)

    journal.write("1", Step.PAYME_CALLED, "PerformTransaction", "state 2", "a note")

    assert heard == [Entry(NOON + 2, "1", Step.PAYME_CALLED, "PerformTransaction", "state 2", "a note")]
    assert journal.entries[1:] == heard


def test_a_story_is_of_one_order_and_counts_repeats() -> None:
    journal = Journal(Clock())
    for order_id, what in (("1", "Create"), ("2", "Create"), ("1", "Create"), ("1", "Perform"), ("1", "Create")):
        journal.write(order_id, Step.PAYME_CALLED, what)

    story = [(entry.what, times) for entry, times in journal.story("1")]

    assert story == [("Create", 2), ("Perform", 1), ("Create", 1)]


def test_every_step_has_its_parties() -> None:
    assert set(PARTIES) == set(Step)


def test_the_clock_counts_whole_milliseconds() -> None:
    assert isinstance(system_clock(), int)
    assert len(str(system_clock())) == 13
