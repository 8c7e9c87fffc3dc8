"""What the terminal shows."""

import io
from datetime import UTC, datetime

from rich.console import Console

from demo_shop import rows
from demo_shop.addresses import Addresses
from demo_shop.journal import Entry, Step
from demo_shop.screen import Screen, Watch, clock_of, line_of
from tests.demo_shop.town import NOON


def screen(*, terminal: bool = False) -> tuple[Screen, io.StringIO]:
    paper = io.StringIO()
    return Screen(Console(file=paper, width=40, force_terminal=terminal, highlight=False)), paper


def test_a_line_stays_one_plain_line_where_there_is_no_terminal() -> None:
    it, paper = screen()
    address = "http://127.0.0.1:8701/payme-callback?order_id=payses_1&locale=uz&country_code=uz"

    it.done("Payme sent the shopper to the callback", address)

    assert paper.getvalue() == f"✓ Payme sent the shopper to the callback  {address}\n"


def test_nothing_in_a_line_is_read_as_markup() -> None:
    it, paper = screen()

    it.failed("[red]no[/red] [/]")
    it.say("[bold]")

    assert paper.getvalue() == "✗ [red]no[/red] [/]\n[bold]\n"


def test_a_terminal_gets_colours() -> None:
    it, paper = screen(terminal=True)

    it.done("done")

    assert "\x1b[32m" in paper.getvalue()


def test_waiting_is_said_once_without_a_terminal_and_spun_with_one() -> None:
    plain, paper = screen()
    with plain.waiting("the sidecar is starting"):
        pass
    fancy, film = screen(terminal=True)
    with fancy.waiting("the sidecar is starting"):
        pass

    assert paper.getvalue() == "… the sidecar is starting\n"
    assert "the sidecar is starting" in film.getvalue()


def test_a_long_wait_says_how_long_it_has_been() -> None:
    now = iter([100.0, 102.9, 103.0, 175.5])
    watch = Watch("npm installs Medusa", lambda: next(now))

    assert [watch.reading() for _ in range(3)] == [
        "npm installs Medusa",
        "npm installs Medusa, 3 s",
        "npm installs Medusa, 75 s",
    ]


def test_a_step_says_when_who_whom_what_and_how_it_ended() -> None:
    it, paper = screen()

    it.step(Entry(NOON, "payses_1", Step.PAYME_CALLED, "PerformTransaction", "state 2"))

    assert paper.getvalue().split() == [clock_of(NOON), "Payme", "→", "sidecar", "PerformTransaction", "state", "2"]


def test_a_step_of_one_party_has_no_arrow_and_a_note_stands_last() -> None:
    placed = line_of(Entry(NOON, "1", Step.ORDER_PLACED, "order #1001", "placed"))
    asked = line_of(Entry(NOON, "1", Step.AUTHORIZE_ASKED, "authorize", note="Idempotency-Key: authorize:1"))

    assert placed.split() == ["shop", "order", "#1001", "placed"]
    assert asked.endswith("authorize                 Idempotency-Key: authorize:1")


def test_the_clock_is_the_visitors() -> None:
    local = datetime.fromtimestamp(NOON // 1000, UTC).astimezone()

    assert clock_of(NOON) == f"{local:%H:%M:%S}"


def test_the_addresses_say_which_to_open_first_and_which_are_real() -> None:
    it, paper = screen()

    it.addresses(rows(Addresses("127.0.0.1", 9000)))

    lines = [line.split() for line in paper.getvalue().splitlines() if "http" in line]
    assert [line[-1] for line in lines[2:]] == ["real", "real"]
    assert lines[0][2] == "http://127.0.0.1:9002"
    assert "open this first" in " ".join(lines[0])


def test_other_ports_than_asked_for_are_named() -> None:
    it, paper = screen()

    it.moved(Addresses("127.0.0.1", 8700), 8700)
    it.moved(Addresses("127.0.0.1", 8710), 8700)

    assert paper.getvalue() == "Port 8700 or one of the next three is taken; using 8710 to 8713.\n"


def test_five_ports_are_counted_as_five() -> None:
    it, paper = screen()

    it.moved(Addresses("127.0.0.1", 8710, 5), 8700)

    assert paper.getvalue() == "Port 8700 or one of the next four is taken; using 8710 to 8714.\n"


def test_the_tail_of_a_log_is_shown_even_when_it_is_empty() -> None:
    it, paper = screen()

    it.tail("sidecar", ["one", "two"])
    it.tail("callback", [])

    assert "   one\n   two\n" in paper.getvalue()
    assert "(it said nothing)" in paper.getvalue()
