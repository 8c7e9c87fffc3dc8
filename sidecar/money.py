"""Amounts: whole tiyin and nothing else (1 so'm = 100 tiyin). The only module that lets an amount in."""

from typing import Final, NewType

Tiyin = NewType("Tiyin", int)

TIYIN_MAX: Final = 2**63 - 1  # what a database column of 64 bits holds


def tiyin(value: object) -> Tiyin | None:
    """Read an amount from JSON: a positive whole number that fits a column, else None.

    `True` is an int in Python and `500000.0 == 500000`; neither is an amount.
    """
    if type(value) is int and 0 < value <= TIYIN_MAX:
        return Tiyin(value)
    return None
