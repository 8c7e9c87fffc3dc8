"""`payme-sidecar journal`: the newest calls at the bottom, by every filter, and those that come meanwhile."""

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from sidecar import journal, journal_screen
from sidecar.cli import app
from sidecar.clock import Millis
from sidecar.journal import Call, Filters, StoredCall
from sidecar.journal_screen import OVERLAP, Watch, line
from sidecar.money import Tiyin, soum
from sidecar.settings import Settings
from tests.shop import AMOUNT, NOON, Shop

CALL: Final = Call("payme", Millis(NOON), "CheckTransaction", "tx1", None, None, 0, '{"result":{}}', 8_240, "192.0.2.1")


@pytest.fixture(autouse=True)
def empty_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def shop(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("DATABASE_URL", database_url)
    it = Shop(database_url)
    yield it
    it.close()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["journal", *arguments])


def asked(*arguments: str) -> list[tuple[str, str | None, int]]:
    """Method, transaction and code of each call that is shown."""
    result = run("--json", *arguments)
    assert result.exit_code == 0, result.stderr
    rows = [json.loads(it) for it in result.stdout.splitlines()]
    return [(row["method"], row["transaction_id"], row["code"]) for row in rows]


def story(shop: Shop) -> None:
    """Two payments, one with a stumble, and a minute between all calls."""
    for number in (1, 2):
        shop.register(f"s{number}")
        shop.check_perform(f"s{number}")
        shop.clock.advance(60_000)
        shop.create(f"tx{number}", order=f"s{number}")
        shop.clock.advance(60_000)
        shop.perform(f"tx{number}")
        shop.clock.advance(60_000)
    shop.check_perform("s1")
    shop.run(shop.house.scribe.write())


CHECK, CREATE, PERFORM = "CheckPerformTransaction", "CreateTransaction", "PerformTransaction"
FIRST: Final = [(CHECK, None, 0), (CREATE, "tx1", 0), (PERFORM, "tx1", 0)]
SECOND: Final = [(CHECK, None, 0), (CREATE, "tx2", 0), (PERFORM, "tx2", 0)]
STUMBLE: Final = (CHECK, None, -31052)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ((), [*FIRST, *SECOND, STUMBLE]),
        (("--limit", "2"), [SECOND[2], STUMBLE]),
        (("--order", "s1"), [*FIRST, STUMBLE]),
        (("--order", "s1", "--limit", "2"), [FIRST[2], STUMBLE]),
        (("--order", "s1", "--errors"), [STUMBLE]),
        (("--payme-id", "tx2"), SECOND[1:]),
        (("--method", "createtransaction"), [FIRST[1], SECOND[1]]),
        (("--errors",), [STUMBLE]),
        (("--since", str(NOON + 4 * 60_000)), [*SECOND[1:], STUMBLE]),
        (("--since", str(NOON + 1), "--method", CREATE, "--order", "s2"), [SECOND[1]]),
    ],
)
def test_the_newest_calls_that_fit_are_shown_the_last_at_the_bottom(
    shop: Shop, arguments: tuple[str, ...], found: list[tuple[str, str | None, int]]
) -> None:
    story(shop)

    assert asked(*arguments) == found


def test_more_than_a_page_is_shown_whole(shop: Shop) -> None:
    notes = [CALL._replace(time=Millis(NOON + i), microseconds=i) for i in range(journal_screen.PAGE + 7)]
    shop.run(shop.house.database.write(journal.record, notes))
    rows = [json.loads(it) for it in run("--json", "--limit", "10000").stdout.splitlines()]

    assert [row["microseconds"] for row in rows] == list(range(journal_screen.PAGE + 7))
    assert len(asked("--limit", str(journal_screen.PAGE + 1))) == journal_screen.PAGE + 1


def test_a_line_for_a_person_has_all_that_matters_and_is_never_folded(shop: Shop) -> None:
    story(shop)
    lines = run().stdout.splitlines()

    assert len(lines) == 7
    assert lines[1].split()[:5] == ["2026-09-21", "19:14:20", "CreateTransaction", "0", lines[1].split()[4]]
    assert all(word in lines[1] for word in ("tx1", "s1", soum(AMOUNT), "127.0.0.1", " ms"))
    assert lines[6].endswith("The order is paid or closed")


def stored(**changes: Any) -> StoredCall:
    return StoredCall(1, *CALL._replace(**changes))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (stored(), "2026-09-21 19:13:20  CheckTransaction"),
        (stored(amount=Tiyin(1_234_567)), soum(1_234_567)),
        (stored(code=-31099), "refused"),
        (stored(code=-32504, answer='{"error":{"code":-32504},"left_out":7}'), "Access denied (7 more were left out)"),
        (stored(code=-31050, answer='{"jsonrpc":"2.0","id":"' + "9" * 970), "Order not found"),
        (stored(code=-31050, answer="[]"), "Order not found"),
    ],
)
def test_a_line_says_it_in_words(call: StoredCall, says: str) -> None:
    assert says in line(call).plain


def test_what_is_said_looks_like_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    for as_json in (False, True):
        journal_screen.sayer(as_json=as_json)(stored(order_id="[red]o:smile:", answer="[bold]"))

    shown = capsys.readouterr().out
    assert shown.count("[red]o:smile:") == 2
    assert "[bold]" in shown


def test_on_a_terminal_an_error_is_red_and_elsewhere_nothing_is() -> None:
    console = Console(force_terminal=True, color_system="standard", width=300)
    with console.capture() as captured:
        console.print(line(stored(code=-31008)))

    assert "\x1b[31m-31008\x1b[0m" in captured.get()
    assert "\x1b" not in line(stored(code=-31008)).plain


# ── nothing, and mistakes ───────────────────────────────────────────────────────────────────────────────────────


def test_when_nothing_fits_it_says_what_to_try(shop: Shop) -> None:
    empty = run()
    story(shop)
    none_fits = run("--order", "unknown")

    assert (empty.exit_code, empty.stdout) == (0, "")
    assert "Payme's cabinet" in empty.stderr
    assert (none_fits.exit_code, none_fits.stdout) == (0, "")
    assert "No call" in none_fits.stderr
    assert "JOURNAL_DAYS" in none_fits.stderr


@pytest.mark.parametrize(
    ("arguments", "helps"),
    [
        (("--since", "yesterday"), "2026-11-21"),
        (("--method", "Pay"), "PerformTransaction"),
        (("--limit", "0"), "limit"),
    ],
)
def test_a_mistake_is_named_with_what_would_do(arguments: tuple[str, ...], helps: str) -> None:
    result = run(*arguments)

    assert result.exit_code == 2
    assert helps in result.stderr
    assert "Traceback" not in result.stderr


def test_a_database_that_cannot_be_used_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:////no/such/folder/x.db")
    result = run()

    assert (result.exit_code, len(result.stderr.strip().splitlines())) == (2, 1)


# ── following ───────────────────────────────────────────────────────────────────────────────────────────────────


def write(shop: Shop, *times: int, **changes: Any) -> None:
    notes = [CALL._replace(time=Millis(NOON + time), **changes) for time in times]
    shop.run(shop.house.database.write(journal.record, notes))


def looked(shop: Shop, watch: Watch) -> list[int]:
    return [call.time - NOON for call in shop.run(watch.look())]


def test_whoever_watches_sees_each_new_call_once(shop: Shop) -> None:
    write(shop, 1, 2)
    watch = Watch(shop.house.database, Filters())
    shop.run(watch.catch_up())
    assert looked(shop, watch) == []

    write(shop, 4, 3)
    assert looked(shop, watch) == [4, 3]
    assert looked(shop, watch) == []


def test_a_flood_is_seen_whole_however_many_looks_it_takes(shop: Shop) -> None:
    watch = Watch(shop.house.database, Filters())
    shop.run(watch.catch_up())
    count = 3 * journal_screen.PAGE + OVERLAP
    write(shop, *range(count))
    seen: list[int] = []
    while new := looked(shop, watch):
        seen += new

    assert seen == list(range(count))


def test_a_call_that_was_numbered_early_and_written_late_is_seen(shop: Shop) -> None:
    """A sequence gives numbers in order; transactions commit in theirs."""

    def numbered(connection: Any, number: int) -> None:
        connection.execute(journal.calls.insert(), {**CALL._asdict(), "time": NOON + number, "number": number})

    watch = Watch(shop.house.database, Filters())
    shop.run(watch.catch_up())
    shop.run(shop.house.database.write(numbered, 1_000))
    assert looked(shop, watch) == [1_000]
    shop.run(shop.house.database.write(numbered, 900))
    assert looked(shop, watch) == [900]


@pytest.mark.parametrize(("filters", "found"), [({"order_id": "o1"}, [1, 2]), ({"errors": True}, [3])])
def test_only_what_fits_is_seen_and_of_an_order_its_transactions_calls(
    shop: Shop, filters: dict[str, Any], found: list[int]
) -> None:
    watch = Watch(shop.house.database, Filters(**filters))
    shop.run(watch.catch_up())
    write(shop, 1, method=CREATE, order_id="o1")
    write(shop, 2)
    write(shop, 3, transaction_id="tx9", code=-31003)

    assert looked(shop, watch) == found


def test_following_begins_with_what_is_there_and_goes_on_with_what_comes(shop: Shop) -> None:
    write(shop, 1)
    shown: list[int] = []

    async def follow() -> None:
        def say(call: StoredCall) -> None:
            shown.append(call.time - NOON)
            come.set()

        come = asyncio.Event()
        following = asyncio.create_task(journal_screen.show(shop.house.database, Filters(), 10, say, follow=True))
        await come.wait()
        come.clear()
        await shop.house.database.write(journal.record, [CALL._replace(time=Millis(NOON + 2))])
        await come.wait()
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following

    shop.run(follow())

    assert shown == [1, 2]


@pytest.mark.parametrize("job", ["in sight", "in the background"])
def test_ctrl_c_ends_the_watch_quietly(shop: Shop, database_url: str, job: str) -> None:
    """In a process of its own, as a person does it; a shell has what it starts in the background ignore it."""
    write(shop, 1)
    arguments = [sys.executable, "-m", "sidecar", "journal", "--follow", "--json"]
    if job == "in the background":
        arguments = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *arguments]
    with subprocess.Popen(
        arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"DATABASE_URL": database_url, "PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout
        assert json.loads(process.stdout.readline())["time"] == NOON + 1
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)

    assert (process.returncode, said) == (0, "")
