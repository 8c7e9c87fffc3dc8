"""A statement exported from Payme's cabinet: one payment of each row, read strictly.

Nobody has written down what a cabinet exports, and it may change. So headings and words for states are recognised, and
an operator can name others; what is not understood stops the comparison and says which row it is in.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from sidecar import days
from sidecar.clock import Millis
from sidecar.money import Tiyin, read_soum, read_tiyin
from sidecar.reconcile import columns, sheets
from sidecar.reconcile.books import CabinetPayment, CabinetState
from sidecar.reconcile.columns import Column, Heading, Unit, UnreadableStatement, plain, unit_of
from sidecar.reconcile.sheets import Row, Table

TITLE_MAX: Final = 50  # rows above the headings
ID_MAX: Final = 64  # characters; what our ledger holds

STATES: Final[dict[str, CabinetState]] = {
    **dict.fromkeys(
        (
            *("2", "4", "paid", "success", "successful", "performed", "completed", "оплачен", "оплачено", "оплачена"),
            *("успешно", "успешный", "успешная", "проведен", "проведена", "проведено", "завершен", "завершено"),
            *("to'langan", "to'landi", "muvaffaqiyatli", "o'tkazilgan"),
        ),
        CabinetState.PAID,
    ),
    **dict.fromkeys(
        (
            *("0", "1", "created", "pending", "waiting", "processing", "in progress", "создан", "создана", "создано"),
            *("ожидает оплаты", "ожидает", "ожидание", "в ожидании", "в обработке", "kutilmoqda", "yaratilgan"),
            "jarayonda",
        ),
        CabinetState.PENDING,
    ),
    **dict.fromkeys(
        (
            *("-1", "-2", "50", "cancelled", "canceled", "refunded", "refund", "reversed", "failed", "rejected"),
            *("отменен", "отменена", "отменено", "возврат", "возвращен", "возвращена", "возвращено", "неуспешно"),
            *("отклонен", "отклонена", "ошибка", "bekor qilingan", "bekor qilindi", "qaytarilgan", "rad etilgan"),
        ),
        CabinetState.RETURNED,
    ),
}
ANY: Final = "*"
TOTALS: Final = re.compile(r"(итого|всего|total|jami)([ :].*)?")  # where an id should be

_DAY_FIRST: Final = re.compile(r"([0-9]{2})[./]([0-9]{2})[./]([0-9]{4})(?:,?[ T]+([0-9]{2}:[0-9]{2}(?::[0-9]{2})?))?")
_YEAR_FIRST: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T].*)?|[0-9]{13}")


@dataclass(frozen=True)
class Reading:
    """How an operator wants a statement to be read; what is not said is recognised."""

    columns: Mapping[Column, str]
    unit: Unit | None
    states: Mapping[str, CabinetState]


def read_states(text: str | None) -> dict[str, CabinetState]:
    """Read `--states Зачислен=paid,Спор=returned`; `*` is every word that has no meaning yet, and no word at all.

    Raises:
        UnreadableStatement: it is not of this form.
    """
    given = {}
    for part in filter(None, (text or "").split(",")):
        word, _, state = part.rpartition("=")
        if not word or state.strip() not in list(CabinetState):
            raise UnreadableStatement(f"--states must be like WORD={'|'.join(CabinetState)}, which {part!r} is not")
        given[plain(word)] = CabinetState(state.strip())
    return given


def payments(path: Path, reading: Reading) -> Iterator[CabinetPayment]:
    """Read a statement. The headings are looked for before the first payment is given.

    Raises:
        UnreadableStatement: the file is no table, has no headings we know, or a row that cannot be read.
    """
    table, heading, first = _headed(path, reading)
    unit = reading.unit or heading.unit
    if reading.unit and heading.unit and reading.unit != heading.unit:
        raise UnreadableStatement(f"--unit says {reading.unit}, the heading of the amount says {heading.unit}")
    if Column.STATE not in heading.places and ANY not in reading.states:
        raise UnreadableStatement(
            "no column says whether a payment is paid: name it by --columns state=…, or say --states '*=paid'"
        )
    return _rows(table, heading, first, unit, reading.states)


def _headed(path: Path, reading: Reading) -> tuple[Table, Heading, int]:
    seen: list[str] = []
    for table in sheets.tables(path):
        for row in islice(table.rows(), TITLE_MAX):
            if heading := columns.find(row.cells, reading.columns):
                return table, heading, row.number
            if sum(map(bool, row.cells)) > len(seen):
                seen = [cell for cell in row.cells if cell]
    asked = ", ".join(f"{column}={name}" for column, name in reading.columns.items())
    raise UnreadableStatement(
        f"no row of {path} has the headings{f' {asked}' if asked else ' of an id and an amount'}; the fullest one says:"
        f" {' | '.join(seen)[:300]}. Name them: --columns id=…,amount=…,state=…,time=…"
    )


def _rows(
    table: Table, heading: Heading, first: int, unit: Unit | None, states: Mapping[str, CabinetState]
) -> Iterator[CabinetPayment]:
    for row in table.rows():
        if row.number > first and any(row.cells):
            cells = {column: row.cells[place] for column, place in heading.places.items() if place < len(row.cells)}
            if payment := _payment(row, cells, unit, states):
                yield payment


def _payment(
    row: Row, cells: Mapping[Column, str], unit: Unit | None, states: Mapping[str, CabinetState]
) -> CabinetPayment | None:
    """Read a row; None for a total and the like, which has neither an id nor a state, whatever its first cell says."""
    payme_id = cells.get(Column.ID, "")
    without_id = not payme_id or TOTALS.fullmatch(plain(payme_id))
    if without_id and not cells.get(Column.STATE):
        return None
    if without_id or len(payme_id) > ID_MAX:
        raise UnreadableStatement(f"row {row.number} has no id of a payment: {payme_id[:80]!r}")
    amount, negative = _amount(cells.get(Column.AMOUNT, ""), unit, row.number)
    state = _state(cells.get(Column.STATE, ""), states, row.number)
    return CabinetPayment(
        payme_id,
        amount,
        CabinetState.RETURNED if negative else state,  # a refund as a row of its own
        _time(cells[Column.TIME], row.number) if Column.TIME in cells else None,
        cells.get(Column.ORDER, ""),
        row.number,
    )


def _amount(cell: str, unit: Unit | None, row: int) -> tuple[Tiyin, bool]:
    said = unit_of(cell)
    if said and unit and said != unit:
        raise UnreadableStatement(f"row {row} is in {said}, the amounts are said to be in {unit}")
    unit = unit or said
    if unit is None:
        raise UnreadableStatement(
            "nothing says whether amounts are in so'm or in tiyin: add --unit soum or --unit tiyin"
        )
    text = plain(cell).rstrip(".")
    for pattern in columns.UNITS.values():
        text = pattern.sub("", text).strip()
    digits = text.replace("−", "-").removeprefix("-")
    amount = (read_soum if unit is Unit.SOUM else read_tiyin)(digits)
    if amount is None:
        raise UnreadableStatement(f"row {row} has no amount in {unit}: {cell[:80]!r}")
    return amount, digits != text


def _state(cell: str, states: Mapping[str, CabinetState], row: int) -> CabinetState:
    word = plain(cell)
    state = states.get(word) or STATES.get(word) or states.get(ANY)
    if state is None:
        raise UnreadableStatement(
            f"row {row} is {cell[:80]!r}, which says nothing to us: add --states '{cell[:80]}=paid' or another"
        )
    return state


def _time(cell: str, row: int) -> Millis:
    """Read a moment of Tashkent's clock, the day before the month."""
    if found := _DAY_FIRST.fullmatch(cell):
        cell = f"{found[3]}-{found[2]}-{found[1]}" + (f"T{found[4]}" if found[4] else "")
    if not _YEAR_FIRST.fullmatch(cell):
        raise UnreadableStatement(f"row {row} has no time: {cell[:80]!r}")
    try:
        return days.read_moment(cell, Millis(0))
    except days.NotAMoment as error:
        raise UnreadableStatement(f"row {row}: {error}") from None
