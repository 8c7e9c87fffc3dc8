"""Which column of a statement is which: by the names an operator gave, else by headings people use for them.

Headings are Russian, English and Uzbek. What an amount is counted in is never guessed: its heading says it, each cell
says it, or the operator does.
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple


class Unit(StrEnum):
    SOUM = "soum"
    TIYIN = "tiyin"


class Column(StrEnum):
    ID = "id"
    AMOUNT = "amount"
    STATE = "state"
    TIME = "time"
    ORDER = "order"


class UnreadableStatement(Exception):
    """The statement cannot be compared; one line says why and what would help."""


class Heading(NamedTuple):
    """Where each column is, and what the amount's heading says it is counted in."""

    places: Mapping[Column, int]
    unit: Unit | None


# The first that is found wins: the more exact name stands before the vaguer one.
HEADINGS: Final[dict[Column, tuple[str, ...]]] = {
    Column.ID: (
        *("payme id", "id транзакции payme", "payme_id", "paycom id", "id транзакции", "идентификатор транзакции"),
        *("номер транзакции", "transaction id", "transaction_id", "tranzaksiya id", "tranzaksiya raqami"),
        *("id платежа", "идентификатор платежа", "payment id", "to'lov id", "id чека", "идентификатор чека"),
        *("receipt id", "chek id", "транзакция", "transaction", "tranzaksiya", "идентификатор", "id"),
    ),
    Column.AMOUNT: (
        *("сумма платежа", "сумма оплаты", "сумма транзакции", "сумма чека", "сумма"),
        *("payment amount", "transaction amount", "amount", "to'lov summasi", "tranzaksiya summasi", "summasi"),
        *("summa", "miqdori", "miqdor"),
    ),
    Column.STATE: (
        *("статус платежа", "статус транзакции", "статус чека", "статус", "состояние"),
        *("payment status", "transaction status", "status", "state"),
        *("to'lov holati", "tranzaksiya holati", "holati", "holat"),
    ),
    Column.TIME: (
        *("дата и время оплаты", "дата и время платежа", "дата оплаты", "время оплаты", "дата платежа"),
        *("дата проведения", "дата транзакции", "дата и время", "дата создания", "дата", "время"),
        *("paid at", "payment date", "payment time", "date and time", "date/time", "created at", "date", "time"),
        *("to'lov sanasi", "to'lov vaqti", "sana va vaqt", "yaratilgan sana", "sana", "vaqt"),
    ),
    Column.ORDER: (
        *("номер заказа", "id заказа", "заказ", "лицевой счет", "order id", "order_id", "order number", "order"),
        *("buyurtma raqami", "buyurtma"),
    ),
}
NEEDED: Final = (Column.ID, Column.AMOUNT)

APOSTROPHES: Final = re.compile("[ʻʼ‘’`´]")
UNITS: Final = {
    Unit.TIYIN: re.compile(r"\b(тийин\w*|тиин\w*|tiyin\w*)\b"),
    Unit.SOUM: re.compile(r"\b(сум|сумах|сумов|сўм|so'm|so'mda|soum|som|uzs)\b"),
}
_MAPPED: Final = re.compile(r"\s*(id|amount|state|time|order)\s*=(.*?)(?=,\s*(?:id|amount|state|time|order)\s*=|$)")


def plain(text: str) -> str:
    """Give a heading or a word as it is compared: small letters, one apostrophe, one kind of space, no ё."""
    return " ".join(APOSTROPHES.sub("'", text).casefold().replace("ё", "е").split())


def unit_of(text: str) -> Unit | None:
    """Say what a heading says it is counted in; None when it says nothing, or two things."""
    said = [unit for unit, pattern in UNITS.items() if pattern.search(plain(text))]
    return said[0] if len(said) == 1 else None


def read_columns(text: str | None) -> dict[Column, str]:
    """Read `--columns id=ID транзакции,amount=Сумма, сум`: a comma inside a name is part of it.

    Raises:
        UnreadableStatement: it is not of this form.
    """
    if not text:
        return {}
    given, rest = {}, text
    while found := _MAPPED.match(rest):
        given[Column(found[1])] = found[2].strip()
        rest = rest[found.end() :].removeprefix(",")
    if rest.strip() or not all(given.values()):
        raise UnreadableStatement(f"--columns must be like id=…,amount=…,state=…,time=…, which {text!r} is not")
    return given


def find(cells: Sequence[str], given: Mapping[Column, str]) -> Heading | None:
    """Take a row for the headings, if the id and the amount are in it, and every name the operator gave."""
    names = [plain(cell) for cell in cells]
    bare = [_without_unit(name) for name in names]
    places: dict[Column, int] = {}
    for column, known in HEADINGS.items():
        if column in given:
            name = plain(given[column])
            if names.count(name) != 1:  # a name that stands twice names nothing
                return None
            places[column] = names.index(name)
        elif place := _first(bare, known):
            places[column] = place[0]
    if not all(column in places for column in NEEDED):
        return None
    return Heading(places, unit_of(cells[places[Column.AMOUNT]]))


def _first(names: Sequence[str], known: Sequence[str]) -> tuple[int] | None:
    return next(((names.index(name),) for name in known if name in names), None)


def _without_unit(name: str) -> str:
    for pattern in UNITS.values():
        name = pattern.sub("", name)
    return " ".join(re.sub(r"[(),.:\[\]]", " ", name).split()).removesuffix(" в").removesuffix(" in")
