"""Tables in files: CSV in the encodings and with the delimiters people have, XLSX within bounds. Row by row."""

import codecs
import csv
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final, NamedTuple, Protocol

import openpyxl

from sidecar.reconcile.columns import UnreadableStatement

DELIMITERS: Final = (";", ",", "\t", "|")
LINE_MAX: Final = 65_536  # characters of a line
CELLS_MAX: Final = 200  # of a row; what stands further to the right is not looked at
ROWS_MAX: Final = 1_048_576  # of a sheet, as Excel has it
UNPACKED_MAX: Final = 1_000_000_000  # bytes of a whole XLSX; a million payments are about a third of it
STRINGS_MAX: Final = 200_000_000  # bytes of its shared strings, which are held in memory
BLOCK: Final = 1 << 20

# How a file begins that is neither CSV nor XLSX, and what it is.
STRANGERS: Final = {
    b"\xd0\xcf\x11\xe0": "an old Excel file (.xls): save it as .xlsx or CSV",
    b"%PDF": "a PDF: export CSV or XLSX",
    b"<": "HTML or XML, whatever its name says: open it in Excel and save it as .xlsx",
    b"\x1f\x8b": "packed with gzip: unpack it",
}
MARKS: Final = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
ENCODINGS: Final = ("utf-8", "cp1251")  # the second reads nearly everything as something, so it comes last


class Row(NamedTuple):
    number: int
    cells: list[str]


class Table(Protocol):
    """One way to read a file: a sheet, or the text with one delimiter."""

    name: str

    def rows(self) -> Iterator[Row]: ...


class CsvTable:
    def __init__(self, path: Path, encoding: str, delimiter: str) -> None:
        self.name = f"{encoding}, {'tab' if delimiter == chr(9) else delimiter}"
        self._path, self._encoding, self._delimiter = path, encoding, delimiter

    def rows(self) -> Iterator[Row]:
        with self._path.open(encoding=self._encoding, newline="") as file:
            reader = csv.reader(_lines(file), delimiter=self._delimiter)
            try:
                for cells in reader:
                    yield Row(reader.line_num, [_unwrapped(cell) for cell in cells[:CELLS_MAX]])
            except csv.Error as error:
                raise UnreadableStatement(f"line {reader.line_num} is no line of CSV: {error}") from None


class XlsxTable:
    def __init__(self, path: Path, sheet: str) -> None:
        self.name = f"sheet {sheet}"
        self._path, self._sheet = path, sheet

    def rows(self) -> Iterator[Row]:
        with _readable(f"sheet {self._sheet} cannot be read"), _opened(self._path) as book:
            sheet = book[self._sheet]
            sheet.reset_dimensions()  # some writers say A1 and mean all of it
            for number, cells in enumerate(sheet.iter_rows(max_col=CELLS_MAX, values_only=True), start=1):
                if number > ROWS_MAX:  # openpyxl makes up every row before the one that is named
                    raise UnreadableStatement(f"sheet {self._sheet} has a row beyond {ROWS_MAX}, Excel's last")
                blank = cells.count(None) == len(cells)
                yield Row(number, [] if blank else [_text(cell) for cell in cells])


def tables(path: Path) -> list[Table]:
    """Give the ways to read a file, the likeliest first.

    Raises:
        UnreadableStatement: it is no table, or one too large to unpack.
    """
    try:
        with path.open("rb") as file:
            begins = file.read(BLOCK)
    except OSError as error:
        raise UnreadableStatement(f"{path} cannot be opened: {error.strerror}") from None
    if not begins.strip():
        raise UnreadableStatement(f"{path} is empty")
    for mark, what in STRANGERS.items():
        if begins.lstrip().startswith(mark):
            raise UnreadableStatement(f"{path} is {what}")
    if begins.startswith(b"PK"):
        return _sheets(path)
    encoding = _encoding(path, begins)
    return [CsvTable(path, encoding, delimiter) for delimiter in DELIMITERS]


def _sheets(path: Path) -> list[Table]:
    with _readable(f"{path} is no XLSX that can be read"):
        with zipfile.ZipFile(path) as packed:
            sizes = {part.filename.casefold(): part.file_size for part in packed.infolist()}
        if sum(sizes.values()) > UNPACKED_MAX or sizes.get("xl/sharedstrings.xml", 0) > STRINGS_MAX:
            raise UnreadableStatement(f"{path} is too large when unpacked: export it as CSV")
        with _opened(path) as book:
            return [XlsxTable(path, sheet.title) for sheet in book.worksheets]


@contextmanager
def _readable(otherwise: str) -> Iterator[None]:
    """Say in a line what a spoilt XLSX raises: openpyxl checks little and stumbles where it stumbles."""
    try:
        yield
    except UnreadableStatement:
        raise
    except Exception as error:  # noqa: BLE001 - LZMAError, struct.error, ParseError, …: there is no list of them
        raise UnreadableStatement(f"{otherwise}: {_line(error)}") from None


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a workbook; it leaves its file open when it stumbles, so the file is ours."""
    with path.open("rb") as file, closing(openpyxl.load_workbook(file, read_only=True, data_only=True)) as book:
        yield book


def _encoding(path: Path, begins: bytes) -> str:
    """Say which encoding reads the whole file. A mark at its beginning decides; else UTF-8, if it is that."""
    for mark, encoding in MARKS.items():
        if begins.startswith(mark):
            return _reads(path, encoding) or _no_text(path)
    if b"\0" in begins:
        _no_text(path)
    return next((encoding for encoding in ENCODINGS if _reads(path, encoding)), None) or _no_text(path)


def _reads(path: Path, encoding: str) -> str | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return None
    return encoding


def _no_text(path: Path) -> str:
    raise UnreadableStatement(f"{path} is neither XLSX nor text in UTF-8, UTF-16 or Windows-1251")


def _lines(file: IO[str]) -> Iterator[str]:
    while line := file.readline(LINE_MAX):
        if len(line) == LINE_MAX:
            raise UnreadableStatement(f"a line is longer than {LINE_MAX} characters")
        yield line.replace("\0", "")


def _text(cell: object) -> str:
    """Give a cell as text. Of a binary fraction `str` writes the shortest digits, which are those that were typed."""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    return "" if cell is None else str(cell).strip()


def _unwrapped(cell: str) -> str:
    """Take off what keeps Excel from reading an id as a number: `="5f…"`, and a leading apostrophe."""
    cell = cell.strip()
    if cell.startswith('="') and cell.endswith('"'):
        return cell[2:-1]
    return cell.removeprefix("'")


def _line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__} {error}".split())[:200]
