"""Tables for people, written row by row: CSV and XLSX that open in Excel here, and JSON.

CSV is what Excel with Russian or Uzbek settings opens by a double click: semicolons, UTF-8 with a mark. No text
of it is a formula, whatever a buyer wrote.
"""

import csv
import json
import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import IO, Final, NamedTuple, Protocol, cast

from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from sidecar.money import TIYIN_IN_A_SOUM


class Soum(NamedTuple):
    """An amount that a table can sum: a number in a sheet, and in text without spaces."""

    tiyin: int

    def written(self, mark: str) -> str:
        whole, rest = divmod(abs(self.tiyin), TIYIN_IN_A_SOUM)
        return f"{'-' * (self.tiyin < 0)}{whole}{mark}{rest:02}"


Cell = str | int | Soum | None

SHEET_MAX: Final = 1_000_000  # rows of a sheet; Excel has 1,048,576
SOUM_FORMAT: Final = "#,##0.00"  # Excel shows it with the marks of its own language: 50 000,00
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
# What nobody can see: control characters but the two `_guarded` must see, marks of direction, half a character.
UNSEEN: Final = re.compile(
    "[\0-\x08\n-\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
MARK: Final = b"\xef\xbb\xbf"


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


class Sink(Protocol):
    """Where bytes go; a pipe will do."""

    def write(self, data: bytes, /) -> int: ...

    def flush(self) -> None: ...


class Writer(Protocol):
    def write(self, row: Sequence[Cell]) -> None: ...

    def end(self) -> None: ...


class Text(NamedTuple):
    file: Sink

    def write(self, text: str) -> int:
        return self.file.write(text.encode())


class CsvWriter:
    def __init__(self, file: Sink, headings: Sequence[str]) -> None:
        file.write(MARK)
        self._file = file
        self._rows = csv.writer(Text(file), delimiter=";", lineterminator="\r\n")
        self._rows.writerow(headings)

    def write(self, row: Sequence[Cell]) -> None:
        self._rows.writerow([self._cell(cell) for cell in row])

    def end(self) -> None:
        self._file.flush()

    @staticmethod
    def _cell(cell: Cell) -> str | int | None:
        if isinstance(cell, Soum):
            return cell.written(",")
        return _guarded(cell) if isinstance(cell, str) else cell


class XlsxWriter:
    def __init__(self, file: Sink, headings: Sequence[str], sheet_max: int = SHEET_MAX) -> None:
        self._file = file
        self._headings = headings
        self._sheet_max = sheet_max
        self._book = Workbook(write_only=True)
        self._open()

    def write(self, row: Sequence[Cell]) -> None:
        if self._rows == self._sheet_max:
            self._open()
        self._rows += 1
        self._sheet.append([self._cell(cell) for cell in row])

    def end(self) -> None:
        self._book.save(cast("IO[bytes]", self._file))

    def _open(self) -> None:
        self._sheet = self._book.create_sheet()
        self._sheet.freeze_panes = "A2"
        self._rows = 1
        cells = [self._text(heading) for heading in self._headings]
        for cell in cells:
            cell.font = Font(bold=True)
        self._sheet.append(cells)

    def _cell(self, cell: Cell) -> SheetCell | int | None:
        if isinstance(cell, Soum):
            return self._number(cell)
        return self._text(cell) if isinstance(cell, str) else cell

    def _text(self, text: str) -> SheetCell:
        cell: SheetCell = WriteOnlyCell(self._sheet, _printable(text))
        cell.data_type = "s"  # a text that begins with = stays a text
        return cell

    def _number(self, amount: Soum) -> SheetCell:
        """Give a cell whose number is written in our digits: a sheet's file holds text, so nothing is rounded."""
        cell: SheetCell = WriteOnlyCell(self._sheet, amount.written("."))
        cell.data_type = "n"
        cell.number_format = SOUM_FORMAT
        return cell


class JsonWriter:
    """One document, an array of objects, one object on a line."""

    def __init__(self, file: Sink, headings: Sequence[str]) -> None:
        self._file = file
        self._headings = headings
        self._before = "[\n"

    def write(self, row: Sequence[Cell]) -> None:
        cells = [cell.written(".") if isinstance(cell, Soum) else cell for cell in row]
        text = json.dumps(dict(zip(self._headings, cells, strict=True)), ensure_ascii=False)
        self._file.write(f"{self._before}{text}".encode())
        self._before = ",\n"

    def end(self) -> None:
        self._file.write(b"[]\n" if self._before == "[\n" else b"\n]\n")


WRITERS: Final[dict[Format, Callable[[Sink, Sequence[str]], Writer]]] = {
    Format.CSV: CsvWriter,
    Format.XLSX: XlsxWriter,
    Format.JSON: JsonWriter,
}


def _guarded(text: str) -> str:
    """Keep Excel from calculating what begins like a formula; spaces before it do not deceive Excel."""
    text = _printable(text)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def _printable(text: str) -> str:
    return UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)
