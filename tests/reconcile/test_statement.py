"""The statement for the accountant: one row of each transaction, whole tiyin, and nothing in it is a formula."""

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from rich.console import Console

from sidecar.reconcile import tables
from sidecar.reconcile.clerk import Clerk
from sidecar.reconcile.output import OutputLost, opened
from sidecar.reconcile.period import Period
from sidecar.reconcile.statement import HEADINGS
from sidecar.reconcile.tables import CsvWriter, Format, JsonWriter, Soum, XlsxWriter
from tests.reconcile.bookcase import PERIOD, Bookcase
from tests.shop import AMOUNT, SESSION

HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", '=HYPERLINK("http://x")']


def export(books: Bookcase, form: Format, period: Period = PERIOD) -> Path:
    path = books.folder / f"statement.{form}"
    clerk = Clerk(books.shop.house.database, period, path, Console(file=io.StringIO()))
    books.shop.run(clerk.export(form))
    return path


def rows(books: Bookcase, period: Period = PERIOD) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(export(books, Format.JSON, period).read_text())
    return found


def test_a_row_says_what_a_transaction_is(books: Bookcase) -> None:
    books.shop.paid()
    fiscal = {"receipt_id": 7, "status_code": 0, "fiscal_sign": "800031554082", "qr_code_url": "https://ofd.uz/x"}
    books.shop.payme("SetFiscalData", id="tx1", type="PERFORM", fiscal_data=fiscal)

    [row] = rows(books)

    moment = "2026-09-21 19:13:20"
    assert row == {
        "time": moment,
        "payme_id": "tx1",
        "order_id": SESSION,
        "session_id": SESSION,
        "amount_tiyin": AMOUNT,
        "amount_soum": "140000.00",
        "state": 2,
        "state_meaning": "performed",
        "create_time": moment,
        "perform_time": moment,
        "cancel_time": "",
        "reason": None,
        "number": 1,
        "fiscal_sign": "800031554082",
    }


def test_every_state_has_a_meaning_and_an_empty_book_is_a_table_too(books: Bookcase) -> None:
    assert rows(books) == []
    books.shop.paid()
    books.shop.cancel()
    books.shop.register("payses_02")
    books.shop.create("tx2", order="payses_02")
    books.shop.cancel("tx2", reason=3)
    books.shop.create("tx3", order="payses_02")

    assert [(row["state"], row["state_meaning"], row["reason"]) for row in rows(books)] == [
        (-2, "taken back", 5),
        (-1, "cancelled", 3),
        (1, "created", None),
    ]


def test_the_period_is_half_open_and_goes_by_paymes_time(books: Bookcase) -> None:
    for number, moment in enumerate((PERIOD.start - 1, PERIOD.start, PERIOD.end - 1, PERIOD.end)):
        books.shop.clock.now = moment
        books.shop.register(f"payses_{number}")
        books.shop.create(f"tx{number}", order=f"payses_{number}")

    assert [row["payme_id"] for row in rows(books)] == ["tx1", "tx2"]


def test_many_pages_are_exported_once_each_though_all_have_one_time(books: Bookcase) -> None:
    ids = books.many(1_201)

    assert [row["payme_id"] for row in rows(books)] == ids


def test_the_csv_opens_in_an_excel_of_here(books: Bookcase) -> None:
    books.shop.paid()

    raw = export(books, Format.CSV).read_bytes()

    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == 2
    [heading, row] = csv.reader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";")
    assert heading == list(HEADINGS)
    assert row[4:7] == [str(AMOUNT), "140000,00", "2"]


def test_the_spreadsheet_holds_numbers_as_numbers(books: Bookcase) -> None:
    books.shop.paid()

    book = load_workbook(export(books, Format.XLSX))

    [heading, row] = book.active.iter_rows(values_only=True)  # type: ignore[union-attr]  # it has a sheet
    assert heading == HEADINGS
    assert row[4:7] == (AMOUNT, AMOUNT // 100, 2)


@pytest.mark.parametrize(
    ("tiyin", "text"),
    [(5_000_000, "50000.00"), (5, "0.05"), (-123_456_789, "-1234567.89"), (2**63 - 1, f"{92233720368547758}.07")],
)
def test_an_amount_in_soum_can_be_summed_and_is_never_rounded(tiyin: int, text: str) -> None:
    files = {form: io.BytesIO() for form in Format}
    for form, file in files.items():
        writer = tables.WRITERS[form](file, ["soum"])
        writer.write([Soum(tiyin)])
        writer.end()

    assert files[Format.CSV].getvalue().decode("utf-8-sig").splitlines()[1] == text.replace(".", ",")
    assert json.loads(files[Format.JSON].getvalue()) == [{"soum": text}]
    cell = load_workbook(files[Format.XLSX]).worksheets[0]["A2"]
    assert (cell.data_type, cell.number_format) == ("n", "#,##0.00")
    with zipfile.ZipFile(files[Format.XLSX]) as packed:
        assert f"<v>{text}</v>" in packed.read("xl/worksheets/sheet1.xml").decode()


def test_no_text_of_a_csv_is_a_formula() -> None:
    file = io.BytesIO()
    writer = CsvWriter(file, ["text", "number"])
    for text in HOSTILE:
        writer.write([text, -2])
    writer.end()

    _, *found = csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline=""), delimiter=";")
    assert [row[0][0] for row in found] == ["'"] * len(HOSTILE)
    assert [row[1] for row in found] == ["-2"] * len(HOSTILE)  # a number is one, below nought too


def test_no_text_of_a_spreadsheet_is_a_formula() -> None:
    file = io.BytesIO()
    writer = XlsxWriter(file, ["text"])
    for text in (*HOSTILE, "bell \a and null \0"):
        writer.write([text])
    writer.end()

    cells = [row[0] for row in load_workbook(file).worksheets[0].iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert cells[-1].value == "bell � and null �"


def test_a_spreadsheet_goes_on_on_the_next_sheet_when_one_is_full() -> None:
    file = io.BytesIO()
    writer = XlsxWriter(file, ["number"], sheet_max=3)
    for number in range(5):
        writer.write([number])
    writer.end()

    found = [list(sheet.iter_rows(values_only=True)) for sheet in load_workbook(file).worksheets]
    assert found == [[("number",), (0,), (1,)], [("number",), (2,), (3,)], [("number",), (4,)]]
    assert tables.SHEET_MAX <= 1_048_576


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_json_is_one_document(count: int) -> None:
    file = io.BytesIO()
    writer = JsonWriter(file, ["number"])
    for number in range(count):
        writer.write([number])
    writer.end()

    assert json.loads(file.getvalue()) == [{"number": number} for number in range(count)]


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("yesterday's")

    def broken() -> None:
        with opened(path) as file:
            file.write(b"half of to")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()

    assert path.read_text() == "yesterday's"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(OutputLost, match="cannot be written"), opened(tmp_path / "none" / "report.csv"):
        pass


@pytest.mark.parametrize("name", [".", "reports"])
def test_a_directory_is_no_file_to_write_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reports").mkdir()

    with pytest.raises(OutputLost, match="is a directory"), opened(Path(name)):
        pass
