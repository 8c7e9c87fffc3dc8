"""One line of many, and how many were left out."""

from sidecar.seldom import Seldom


def test_the_first_line_is_written_and_the_next_ones_are_left_out_until_the_pause_is_over() -> None:
    seldom = Seldom(pause=60)

    assert [seldom.due("10.0.0.1", now) for now in (0.0, 0.1, 30, 59.999)] == [0, None, None, None]
    assert seldom.due("10.0.0.1", 60.0) == 3
    assert seldom.due("10.0.0.1", 60.1) is None
    assert seldom.due("10.0.0.1", 120.0) == 1


def test_each_subject_has_a_line_of_its_own() -> None:
    seldom = Seldom()

    assert [seldom.due(who, 0) for who in ("10.0.0.1", "10.0.0.2", "10.0.0.1")] == [0, 0, None]


def test_ten_thousand_strangers_share_the_room_of_a_thousand_and_one() -> None:
    seldom = Seldom(pause=60, subjects_max=1_000)
    written = [seldom.due(f"stranger {number}", 1.0) for number in range(10_000)]

    assert written.count(0) == 1_001
    assert len(seldom._lulls) == 1_001  # noqa: SLF001 - memory is what this is about
    assert seldom.due("yet another", 61.0) == 0  # all of them are forgotten
    assert len(seldom._lulls) == 1  # noqa: SLF001


def test_somebody_who_never_stops_is_not_forgotten() -> None:
    seldom = Seldom(pause=60)
    lines = [left_out for tenth in range(3_000) if (left_out := seldom.due("him", tenth / 10)) is not None]

    assert lines == [0, 599, 599, 599, 599]
