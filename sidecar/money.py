"""Amounts: whole tiyin and nothing else (1 so'm = 100 tiyin). The only module that lets an amount in, or shows it."""

import re
from typing import Final, NewType

Tiyin = NewType("Tiyin", int)

CURRENCY: Final = "uzs"  # Payme takes nothing else (spec 6.1)
TIYIN_MAX: Final = 2**63 - 1  # what a database column of 64 bits holds
TIYIN_IN_A_SOUM: Final = 100


def tiyin(value: object) -> Tiyin | None:
    """Read an amount from JSON: a positive whole number that fits a column, else None.

    `True` is an int in Python and `500000.0 == 500000`; neither is an amount.
    """
    if type(value) is int and 0 < value <= TIYIN_MAX:
        return Tiyin(value)
    return None


def soum(amount: int) -> str:
    """Write an amount for people to read: `1 234 567.89`, in so'm, with no-break spaces; a refund may be negative."""
    whole, rest = divmod(abs(amount), TIYIN_IN_A_SOUM)
    minus = "\N{MINUS SIGN}" if amount < 0 else ""
    return f"{minus}{whole:,}.{rest:02}".replace(",", "\N{NO-BREAK SPACE}")


# How people and spreadsheets write so'm. `1,234` alone is read by nobody: a thousand here, one and a bit there.
_SPACE: Final = "[ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}]"
_WHOLE: Final = (
    "[0-9]+",
    f"[0-9]{{1,3}}(?:{_SPACE}[0-9]{{3}})+",
    r"[0-9]{1,3}(?:,[0-9]{3})+(?=\.)",
    r"[0-9]{1,3}(?:\.[0-9]{3})+(?=,)",
)
_SOUM: Final = re.compile(f"({'|'.join(_WHOLE)})(?:[.,]([0-9]{{1,2}}))?")
_TIYIN: Final = re.compile(f"({'|'.join(_WHOLE[:2])})(?:[.,]0{{1,2}})?")
_DIGITS_MAX: Final = 40  # of a text that may be an amount


def read_soum(text: str) -> Tiyin | None:
    """Read so'm as people write them, `1 234 567,89` or `1,234,567.89`: a positive amount in tiyin, else None.

    At most two decimals, and nothing that could mean two things.
    """
    found = _SOUM.fullmatch(text.strip()) if len(text) <= _DIGITS_MAX else None
    return tiyin(_digits(found[1]) * TIYIN_IN_A_SOUM + int((found[2] or "").ljust(2, "0"))) if found else None


def read_tiyin(text: str) -> Tiyin | None:
    """Read whole tiyin from a text, `14 000 000`; a spreadsheet's `14000000.0` too. Else None."""
    found = _TIYIN.fullmatch(text.strip()) if len(text) <= _DIGITS_MAX else None
    return tiyin(_digits(found[1])) if found else None


def _digits(text: str) -> int:
    return int("".join(character for character in text if character.isdecimal()))
