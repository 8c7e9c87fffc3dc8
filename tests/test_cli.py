"""The command line: helpful words, honest exit codes."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from demo_shop.postgres import LocalPostgres
from sidecar.cli import app
from sidecar.settings import Settings
from tests.shop import Shop


@pytest.fixture(autouse=True)
def empty_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (*Settings.model_fields, "STOREFRONT_URL"):
        monkeypatch.delenv(name.upper(), raising=False)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def shop(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("DATABASE_URL", database_url)
    return Shop(database_url)


@pytest.mark.parametrize("command", ["serve", "callback", "demo", "migrate", "outbox", "statement", "reconcile"])
def test_the_help_names_every_command(command: str) -> None:
    assert command in run("--help").output
    assert run(command, "--help").exit_code == 0


def test_without_a_word_it_says_what_it_can_do() -> None:
    assert "Usage" in run().output


@pytest.mark.parametrize(("command", "missing"), [("serve", "PAYME_KEY"), ("callback", "STOREFRONT_URL")])
def test_a_missing_setting_stops_the_start_with_one_line_that_names_it(command: str, missing: str) -> None:
    result = run(command)

    assert result.exit_code == 2
    assert missing in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stdout == ""


def test_migrate_says_where_the_database_is_now(shop: Shop) -> None:
    for _ in ("once", "again"):
        result = run("migrate")
        assert (result.exit_code, result.stdout) == (0, "The database is at revision 0002.\n")
    shop.close()


@pytest.mark.parametrize("command", [("journal",), ("statement",), ("reconcile", "--no-backend")])
def test_no_books_are_no_empty_books(command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a wrong folder, "all agree" would be the worst of answers."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/nowhere.db")
    result = run(*command)

    assert result.exit_code == 2
    assert "there is no file" in result.stderr
    assert not (tmp_path / "nowhere.db").exists()


def test_outbox_list_and_retry_exit_0_when_there_is_nothing(shop: Shop) -> None:
    listed, retried = run("outbox", "list"), run("outbox", "retry", "--all")

    numbered = run("outbox", "retry", "7")

    assert (listed.exit_code, listed.stdout) == (0, "")
    assert (retried.exit_code, retried.stdout[:22]) == (0, "Nothing is undelivered")
    assert numbered.exit_code == 0
    assert "no message 7" in numbered.stderr
    shop.close()


def test_outbox_list_writes_one_line_for_each_message(shop: Shop) -> None:
    shop.backend.status = 404
    shop.paid().deliver()
    shop.paid("payses_02", "tx2")
    lines = run("outbox", "list").stdout.splitlines()

    assert lines == [
        "1  parked  payses_01  authorize  tx1  attempts=1  404 {}",
        "2  waiting  payses_02  authorize  tx2  attempts=0  not sent yet",
    ]
    shop.close()


def test_outbox_retry_makes_one_due_now(shop: Shop) -> None:
    shop.backend.status = 404
    shop.paid().deliver()
    result = run("outbox", "retry", "1")

    assert (result.exit_code, result.stdout) == (0, "1 is due now.\n")
    assert "1  waiting" in run("outbox", "list").stdout
    shop.close()


def test_outbox_retry_of_a_message_there_is_not_says_so(shop: Shop) -> None:
    shop.paid()
    result = run("outbox", "retry", "7")

    assert result.exit_code == 2
    assert "no undelivered message 7" in result.stderr
    shop.close()


@pytest.mark.parametrize("arguments", [(), ("1", "--all")])
def test_outbox_retry_wants_a_number_or_all(arguments: tuple[str, ...]) -> None:
    result = run("outbox", "retry", *arguments)

    assert result.exit_code == 2
    assert "--all" in result.stderr


@pytest.mark.parametrize("command", [("migrate",), ("outbox", "list"), ("outbox", "retry", "--all")])
@pytest.mark.parametrize("url", ["postgresql://u:hunter2@127.0.0.1:1/x", "sqlite:////no/such/folder/x.db"])
def test_a_database_that_cannot_be_used_is_one_line(
    monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    result = run(*command)

    assert result.exit_code == 2
    assert "DATABASE_URL" in result.stderr
    assert "Traceback" not in result.stderr
    assert "hunter2" not in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_an_unmigrated_postgresql_is_named_as_such(
    monkeypatch: pytest.MonkeyPatch, postgres_server: LocalPostgres
) -> None:
    postgres_server.create_database("cli_unmigrated")
    monkeypatch.setenv("DATABASE_URL", postgres_server.url("cli_unmigrated"))
    result = run("outbox", "list")

    assert result.exit_code == 2
    assert "payme-sidecar migrate" in result.stderr


def test_a_new_sqlite_file_holds_nothing_and_is_named_for_it_may_be_the_wrong_one() -> None:
    result = run("outbox", "list")

    assert result.exit_code == 0
    assert "sqlite:///payme-sidecar.db" in result.stderr


def test_python_m_sidecar_does_the_same() -> None:
    done = subprocess.run([sys.executable, "-m", "sidecar", "--help"], capture_output=True, text=True, check=False)

    assert done.returncode == 0
    assert "outbox" in done.stdout
