"""`payme-sidecar statement` and `reconcile` as a person and a cron job meet them: words, files and exit codes."""

import csv
import io
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from demo_shop.postgres import free_port
from sidecar.cli import app
from sidecar.reconcile.kinds import WORDS, Kind
from sidecar.reconcile.report import WAYS
from sidecar.settings import Settings
from tests.reconcile.bookcase import Bookcase, FakeBook, row
from tests.shop import BACKEND_KEY

DAY = ("--from", "2026-09-21", "--to", "2026-09-21")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


class _Front(BaseHTTPRequestHandler):
    """A FakeBook behind a real socket."""

    book: FakeBook

    def do_GET(self) -> None:
        request = httpx.Request("GET", f"http://127.0.0.1{self.path}", headers=dict(self.headers.items()))
        answer = self.book(request)
        self.send_response(answer.status_code)
        self.send_header("content-length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name
        """Say nothing."""


class _Server(socketserver.ThreadingMixIn, HTTPServer):
    daemon_threads = True


@contextmanager
def served(book: FakeBook) -> Iterator[str]:
    front = type("Front", (_Front,), {"book": book})
    with _Server(("127.0.0.1", free_port()), front) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def books(books: Bookcase, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Bookcase]:
    """Books whose backend listens, and an environment that knows where."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    with served(books.backend) as url:
        monkeypatch.setenv("DATABASE_URL", books.shop.settings.database_url.get_secret_value())
        monkeypatch.setenv("COMMERCE_BACKEND_URL", url)
        monkeypatch.setenv("COMMERCE_BACKEND_KEY", BACKEND_KEY)
        yield books


def test_books_that_agree_end_with_0_and_their_sums(books: Bookcase) -> None:
    books.agreed()

    result = run("reconcile", *DAY, "--cabinet", str(books.statement(row())))

    assert result.exit_code == 0, result.stderr
    assert "2026-09-21 00:00:00 – 2026-09-21 23:59:59 (Tashkent)" in result.stdout
    assert result.stdout.count("paid 1, 140\N{NO-BREAK SPACE}000.00 so‘m; refunded 0, 0.00 so‘m\n") == 3
    assert result.stdout.endswith("All agree.\n")
    assert result.stderr == ""


def test_a_disagreement_ends_with_1_and_says_what_to_do(books: Bookcase) -> None:
    books.agreed()

    result = run("reconcile", *DAY, "--cabinet", str(books.statement(row("stranger"), row())))

    assert result.exit_code == 1
    assert "1 disagreement.\n" in result.stdout
    assert WORDS[Kind.PAID_UNKNOWN_HERE].says in result.stdout
    assert "transaction stranger" in result.stdout
    assert WORDS[Kind.PAID_UNKNOWN_HERE].do in result.stdout


def test_the_gravest_kind_stands_first(books: Bookcase) -> None:
    books.shop.paid()

    out = run("reconcile", *DAY, "--cabinet", str(books.statement(row("stranger")))).stdout

    places = [out.index(f"[{kind}]") for kind in (Kind.PAID_UNKNOWN_HERE, Kind.NOT_IN_THE_CABINET, Kind.NOT_TOLD_YET)]
    assert places == sorted(places)


def test_many_of_one_kind_are_counted_in_the_text_and_all_in_the_table(books: Bookcase) -> None:
    path = books.statement(*(row(f"stranger{number}") for number in range(60)))
    out = books.folder / "found.csv"

    text = run("reconcile", *DAY, "--no-backend", "--cabinet", str(path))
    table = run("reconcile", *DAY, "--no-backend", "--cabinet", str(path), "--format", "csv", "-o", str(out))

    assert text.stdout.count("transaction stranger") == 50
    assert "… and 10 more" in text.stdout
    assert (table.exit_code, table.stdout) == (1, "")
    assert "60 disagreements." in table.stderr
    assert len(list(csv.reader(io.StringIO(out.read_text("utf-8-sig")), delimiter=";"))) == 61


def test_the_report_is_json_and_a_spreadsheet_too(books: Bookcase) -> None:
    books.shop.paid()

    report = json.loads(run("reconcile", *DAY, "--format", "json").stdout)
    result = run("reconcile", *DAY, "--format", "xlsx", "--output", "found.xlsx")

    [found] = report["disagreements"]
    assert (found["kind"], found["payme_id"], report["agree"]) == (Kind.NOT_TOLD_YET, "tx1", False)
    assert result.exit_code == 1
    [_, line] = load_workbook(books.folder / "found.xlsx").worksheets[0].iter_rows(values_only=True)
    assert line[0] == Kind.NOT_TOLD_YET


def test_without_dates_yesterday_is_compared(books: Bookcase) -> None:
    result = run("reconcile")

    assert result.exit_code == 0
    assert "00:00:00 – " in result.stdout
    assert "23:59:59" in result.stdout


def test_what_cannot_be_compared_ends_with_2_and_one_line(books: Bookcase, monkeypatch: pytest.MonkeyPatch) -> None:
    statement = str(books.statement(row(), row(amount=1)))
    tries = [
        run("reconcile", *DAY, "--cabinet", "none.csv"),
        run("reconcile", *DAY, "--cabinet", statement),
        run("reconcile", *DAY, "--columns", "x", "--cabinet", statement),
        run("reconcile", *DAY, "--states", "x", "--cabinet", statement),
        run("reconcile", "--from", "soon"),
        run("reconcile", "--older-than", "soon"),
        run("reconcile", *DAY, "--output", "none/found.txt"),
        run("statement", *DAY, "--output", "none/found.csv"),
        run("statement", "--from", "soon"),
    ]
    books.backend.status = 500
    tries.append(run("reconcile", *DAY))
    monkeypatch.setenv("COMMERCE_BACKEND_URL", f"http://127.0.0.1:{free_port()}")
    tries.append(run("reconcile", *DAY))
    monkeypatch.setenv("COMMERCE_BACKEND_URL", "")
    tries.append(run("reconcile", *DAY))

    assert [result.exit_code for result in tries] == [2] * len(tries)
    assert [result.stdout for result in tries] == [""] * len(tries)
    assert [len(result.stderr.strip().splitlines()) for result in tries] == [1] * len(tries)
    assert not any(BACKEND_KEY in result.stderr for result in tries)


def test_what_nobody_foresaw_ends_with_2_and_one_line(books: Bookcase, monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*_: object) -> None:
        raise ZeroDivisionError("by\nnought")

    monkeypatch.setitem(WAYS, "text", stumble)

    result = run("reconcile", *DAY)

    assert (result.exit_code, result.stdout) == (2, "")
    [line] = result.stderr.strip().splitlines()
    assert "test_commands.py:" in line
    assert "ZeroDivisionError by nought" in line


def test_a_directory_to_write_to_is_not_blamed_on_the_database(books: Bookcase) -> None:
    result = run("reconcile", *DAY, "--output", str(books.folder))

    assert result.exit_code == 2
    assert "is a directory" in result.stderr
    assert "DATABASE_URL" not in result.stderr


def test_without_the_backend_its_settings_are_not_needed(books: Bookcase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMERCE_BACKEND_URL", "")

    assert run("reconcile", *DAY, "--no-backend").exit_code == 0
    assert run("statement", *DAY).exit_code == 0


def test_the_statement_goes_to_stdout_and_its_count_to_stderr(books: Bookcase) -> None:
    books.shop.paid()

    result = run("statement", *DAY)

    assert result.exit_code == 0
    assert result.stdout_bytes.startswith(b"\xef\xbb\xbftime;payme_id;")
    assert "tx1" in result.stdout
    assert result.stderr.startswith("1 transactions, 2026-09-21 00:00:00")


def test_a_spreadsheet_may_go_down_a_pipe(books: Bookcase) -> None:
    books.shop.paid()

    result = run("statement", *DAY, "--format", "xlsx")

    assert result.exit_code == 0
    rows = list(load_workbook(io.BytesIO(result.stdout_bytes)).worksheets[0].iter_rows(values_only=True))
    assert rows[1][1] == "tx1"
