"""Statements of a cabinet in the shapes people have them, and files that nobody should send."""

import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from sidecar.clock import Millis
from sidecar.money import Tiyin
from sidecar.reconcile import columns, sheets
from sidecar.reconcile.books import CabinetPayment, CabinetState
from sidecar.reconcile.cabinet import Reading, payments, read_states
from sidecar.reconcile.columns import Unit, UnreadableStatement, read_columns

NOON = 1_790_000_000_000  # 2026-09-21 19:13:20 in Tashkent
PAID = CabinetPayment("5f1", Tiyin(14_000_000), CabinetState.PAID, Millis(NOON), "", 2)

RUSSIAN = "ID транзакции;Сумма, сум;Статус;Дата и время\n5f1;140 000,00;Оплачен;21.09.2026 19:13:20\n"
ENGLISH = "Transaction ID,Amount (UZS),Status,Date\n5f1,140000.00,Paid,2026-09-21 19:13:20\n"
UZBEK = "Tranzaksiya ID\tSumma (so‘m)\tHolati\tSana\n5f1\t140 000.00\tTo‘langan\t21.09.2026 19:13:20\n"
TIYIN = "id|сумма в тийинах|состояние|время\n5f1|14000000|2|1790000000000\n"


def read(path: Path, **how: Any) -> list[CabinetPayment]:
    reading = Reading(
        read_columns(how.get("columns")),
        Unit(how["unit"]) if "unit" in how else None,
        read_states(how.get("states")),
    )
    return list(payments(path, reading))


def csv_file(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "cabinet.csv"
    path.write_bytes(text.encode(encoding))
    return path


def xlsx_file(folder: Path, rows: Sequence[tuple[Any, ...]], prepare: Callable[[Any], None] = lambda _: None) -> Path:
    book = Workbook()
    for cells in rows:
        book.worksheets[0].append(cells)
    prepare(book)
    path = folder / "cabinet.xlsx"
    book.save(path)
    return path


def refused(path: Path, **how: Any) -> str:
    with pytest.raises(UnreadableStatement) as caught:
        read(path, **how)
    line = str(caught.value)
    assert "\n" not in line
    return line


@pytest.mark.parametrize("text", [RUSSIAN, ENGLISH, UZBEK, TIYIN], ids=["ru", "en", "uz", "tiyin"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_headings_delimiters_and_encodings_are_recognised(tmp_path: Path, text: str, encoding: str) -> None:
    assert read(csv_file(tmp_path, text, encoding)) == [PAID]


def test_the_encoding_of_a_russian_windows_is_recognised(tmp_path: Path) -> None:
    assert read(csv_file(tmp_path, RUSSIAN, "cp1251")) == [PAID]


def test_lines_may_end_as_windows_ends_them_and_cells_may_be_quoted(tmp_path: Path) -> None:
    text = RUSSIAN.replace("5f1", '"=""5f1"""').replace("\n", "\r\n")

    assert read(csv_file(tmp_path, text)) == [PAID]


def test_titles_blank_lines_and_totals_are_no_payments(tmp_path: Path) -> None:
    heading, payment = RUSSIAN.splitlines()
    text = f"Выписка за сентябрь;;;\n\n{heading}\n\n{payment}\nИтого:;140 000,00;;\n;140 000,00;;\n"

    assert read(csv_file(tmp_path, text)) == [PAID._replace(row=5)]


@pytest.mark.parametrize("cashbox", ["Total Market", "Всего понемногу", "Итого", "Jami savdo"])
def test_a_payment_of_a_cashbox_with_the_name_of_a_total_is_a_payment(tmp_path: Path, cashbox: str) -> None:
    heading, payment = RUSSIAN.splitlines()

    assert read(csv_file(tmp_path, f"Касса;{heading}\n{cashbox};{payment}\n")) == [PAID]


def test_a_total_with_a_state_is_not_dropped_in_silence(tmp_path: Path) -> None:
    assert "row 2 has no id" in refused(csv_file(tmp_path, RUSSIAN.replace("5f1", "Итого: 5")))


def test_an_id_that_only_begins_like_a_total_is_an_id(tmp_path: Path) -> None:
    assert read(csv_file(tmp_path, RUSSIAN.replace("5f1", "total-1"))) == [PAID._replace(payme_id="total-1")]


def test_the_operator_names_the_columns_and_the_words(tmp_path: Path) -> None:
    text = "Чек;Сумма, сум;К зачислению;Этап;Когда\n5f1;1;140 000,00;Зачислен;21.09.2026 19:13:20\n"
    mapped = "id=Чек,amount=К зачислению,state=Этап,time=Когда"

    found = read(csv_file(tmp_path, text), columns=mapped, unit="soum", states="Зачислен=paid")

    assert found == [PAID]


def test_a_comma_may_be_a_part_of_a_columns_name(tmp_path: Path) -> None:
    text = "Чек;Итог, сум;Статус\n5f1;140 000,00;Оплачен\n"

    found = read(csv_file(tmp_path, text), columns="id=Чек,amount=Итог, сум")

    assert found == [PAID._replace(time=None)]


def test_a_refund_in_a_row_of_its_own_is_negative(tmp_path: Path) -> None:
    found = read(csv_file(tmp_path, RUSSIAN.replace("140 000,00", "-140 000,00")))

    assert found == [PAID._replace(state=CabinetState.RETURNED)]


def test_a_statement_of_paid_payments_only_needs_the_operators_word(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "ID транзакции;Сумма, сум\n5f1;140 000,00\n")

    assert "--states '*=paid'" in refused(path)
    assert read(path, states="*=paid") == [PAID._replace(time=None)]


@pytest.mark.parametrize(
    ("written", "unit", "tiyin"),
    [
        ("140000", "soum", 14_000_000),
        ("140 000,5", "soum", 14_000_050),
        ("140\N{NO-BREAK SPACE}000.05", "soum", 14_000_005),
        ("1,140,000.00", "soum", 114_000_000),
        ("1.140.000,00", "soum", 114_000_000),
        ("140 000 сум", "soum", 14_000_000),
        ("14 000 000", "tiyin", 14_000_000),
    ],
)
def test_amounts_are_read_as_people_write_them(tmp_path: Path, written: str, unit: str, tiyin: int) -> None:
    text = f"id;сумма;статус\n5f1;{written};Оплачен\n"

    [payment] = read(csv_file(tmp_path, text), unit=unit)

    assert payment.amount == tiyin


@pytest.mark.parametrize("written", ["1,234", "1.234", "140 00", "0", "", "14e4", "1,5,0", "сто", "1.005", "--5"])
def test_an_amount_that_could_mean_two_things_or_none_names_its_row(tmp_path: Path, written: str) -> None:
    line = refused(csv_file(tmp_path, f'id;сумма, сум;статус\n5f1;"{written}";Оплачен\n'))

    assert "row 2" in line


def test_what_amounts_are_counted_in_is_never_guessed(tmp_path: Path) -> None:
    path = csv_file(tmp_path, RUSSIAN.replace("Сумма, сум", "Сумма"))

    assert "--unit soum or --unit tiyin" in refused(path)
    assert read(path, unit="soum") == [PAID]
    assert "heading" in refused(csv_file(tmp_path, RUSSIAN), unit="tiyin")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("Оплачен", "Загадочно"), "--states 'Загадочно=paid'"),
        (("21.09.2026 19:13:20", "вчера"), "no time"),
        (("21.09.2026", "09.21.2026"), "no moment"),
        (("5f1", "x" * 65), "no id"),
        (("5f1", ""), "no id"),
    ],
)
def test_a_row_that_is_not_understood_stops_the_comparison(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    line = refused(csv_file(tmp_path, RUSSIAN.replace(*change)))

    assert "row 2" in line
    assert said in line


@pytest.mark.parametrize("text", ["id=", "id", "name=x", "id=a,b=c;", "=x"])
def test_columns_that_make_no_sense_are_refused(text: str) -> None:
    if text == "id=a,b=c;":  # a name may hold anything
        assert read_columns(text) == {columns.Column.ID: "a,b=c;"}
        return
    with pytest.raises(UnreadableStatement):
        read_columns(text)


@pytest.mark.parametrize("text", ["paid", "Зачислен=maybe", "=paid"])
def test_states_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(UnreadableStatement):
        read_states(text)


def test_without_known_headings_it_says_what_it_saw(tmp_path: Path) -> None:
    line = refused(csv_file(tmp_path, "раз;два;три\n1;2;3\n"))

    assert "раз | два | три" in line
    assert "--columns" in line


# ── spreadsheets ─────────────────────────────────────────────────────────────────────────────────────────────

HEADINGS = ("ID транзакции", "Сумма, сум", "Статус", "Дата")
MOMENT = datetime(2026, 9, 21, 19, 13, 20)  # noqa: DTZ001 - a sheet has no time zone


@pytest.mark.parametrize("amount", [140000, 140000.0, "140 000,00"])
def test_a_sheet_has_numbers_texts_and_times(tmp_path: Path, amount: object) -> None:
    assert read(xlsx_file(tmp_path, [HEADINGS, ("5f1", amount, "Оплачен", MOMENT)])) == [PAID]


def test_a_number_with_tiyin_is_read_without_rounding(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path, [HEADINGS, ("5f1", 1234567.89, "Оплачен", MOMENT)])

    assert read(path) == [PAID._replace(amount=Tiyin(123_456_789))]
    assert "row 2" in refused(xlsx_file(tmp_path, [HEADINGS, ("5f1", 1.005, "Оплачен", MOMENT)]))


def test_a_sheet_with_merged_titles_is_read_below_them(tmp_path: Path) -> None:
    rows = [("Выписка",), (), HEADINGS, ("5f1", 140000, "Оплачен", MOMENT)]

    def merge(book: Any) -> None:
        book.active.merge_cells("A1:D2")

    assert read(xlsx_file(tmp_path, rows, merge)) == [PAID._replace(row=4)]


def test_the_sheet_with_the_headings_is_found_among_others(tmp_path: Path) -> None:
    def second(book: Any) -> None:
        sheet = book.create_sheet("Платежи")
        sheet.append(HEADINGS)
        sheet.append(("5f1", 140000, "Оплачен", MOMENT))

    assert read(xlsx_file(tmp_path, [("Титул",)], second)) == [PAID]


def test_a_formula_is_not_calculated_and_without_its_result_is_no_amount(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path, [HEADINGS, ("5f1", "=7*20000", "Оплачен", MOMENT)])

    assert "row 2" in refused(path)


def test_a_cell_at_the_far_corner_costs_nothing(tmp_path: Path) -> None:
    def far(book: Any) -> None:
        book.active.cell(row=5_000, column=16_384, value="?")

    assert read(xlsx_file(tmp_path, [HEADINGS, ("5f1", 140000, "Оплачен", MOMENT)], far)) == [PAID]


# ── files that nobody should send ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b"  \r\n ", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", ".xls"),
        (b"%PDF-1.7", "PDF"),
        (b"<html><table>", "HTML"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"PK\x03\x04nonsense", "no XLSX"),
        (b"id;\0amount\n", "neither"),
        (b"\xff\xfeodd", "neither"),
        ("id;сумма\n".encode("cp1251") + b"\x98\n", "neither"),
    ],
)
def test_a_file_that_is_no_table_is_called_what_it_is(tmp_path: Path, body: bytes, said: str) -> None:
    path = tmp_path / "cabinet.xlsx"
    path.write_bytes(body)

    assert said in refused(path)


def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    assert "cannot be opened" in refused(tmp_path / "none.csv")
    assert "cannot be opened" in refused(tmp_path)


def test_a_line_without_an_end_is_not_read_to_it(tmp_path: Path) -> None:
    assert "longer" in refused(csv_file(tmp_path, "id;сумма, сум;статус\n" + "x" * 2_000_000))


def test_an_open_quote_does_not_swallow_the_file(tmp_path: Path) -> None:
    assert "line" in refused(csv_file(tmp_path, RUSSIAN + '"' + "5f2;1;Оплачен;\n" * 20_000))


def spoilt(path: Path, part: str, body: bytes, **packed: Any) -> Path:
    """Replace one part of a spreadsheet."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in (parts | {part: body}).items():
            new.writestr(name, content, **packed)
    return path


SHEET = "xl/worksheets/sheet1.xml"
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "'
    + b"ha" * 1000
    + b'">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 100) for n in range(6))
    + b']><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    b'<c r="A1" t="str"><v>&g;</v></c></row></sheetData></worksheet>'
)


@pytest.mark.parametrize("body", [b"", b"<worksheet", b"\0\1\2", LAUGHS], ids=["empty", "cut", "noise", "laughs"])
def test_a_spoilt_sheet_is_refused_in_one_line(tmp_path: Path, body: bytes) -> None:
    refused(spoilt(xlsx_file(tmp_path, [HEADINGS]), SHEET, body))


def test_a_spreadsheet_that_unpacks_to_a_mountain_is_not_unpacked(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path, [HEADINGS])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as packed, packed.open("xl/media/bomb", "w") as bomb:
        for _ in range(sheets.UNPACKED_MAX // sheets.BLOCK + 1):
            bomb.write(bytes(sheets.BLOCK))

    assert path.stat().st_size < 2_000_000
    assert "too large when unpacked" in refused(path)


def test_a_row_beyond_excels_last_ends_the_reading(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path, [HEADINGS, ("5f1", 140000, "Оплачен", MOMENT)])
    with zipfile.ZipFile(path) as packed:
        sheet = packed.read(SHEET)
    far = re.sub(rb'(r="[A-D]?)2"', rb'\g<1>9999999999"', sheet)

    assert "a row beyond" in refused(spoilt(path, SHEET, far))


def test_a_sheet_that_is_damaged_inside_its_packing_is_refused_in_one_line(tmp_path: Path) -> None:
    path = spoilt(xlsx_file(tmp_path, [HEADINGS]), SHEET, b"x" * 10_000, compress_type=zipfile.ZIP_LZMA)
    with zipfile.ZipFile(path) as packed:
        begins = packed.getinfo(SHEET).header_offset + 30 + len(SHEET)
    body = bytearray(path.read_bytes())
    body[begins + 4 : begins + 9] = b"\xff" * 5  # the properties of the packing
    path.write_bytes(body)

    assert "LZMAError" in refused(path)
