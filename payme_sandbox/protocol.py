"""Payme's words for what goes over the wire, and the sizes of things in them."""

import secrets
from enum import IntEnum, StrEnum
from typing import Final

HALF_A_DAY: Final = 12 * 60 * 60 * 1000  # milliseconds that a created transaction may wait to be performed

NOT_POST: Final = -32300
NOT_JSON: Final = -32700
INVALID_REQUEST: Final = -32600
UNKNOWN_METHOD: Final = -32601
NOT_AUTHORIZED: Final = -32504
SYSTEM_ERROR: Final = -32400  # also what Payme takes every answer for that is not HTTP 200
WRONG_AMOUNT: Final = -31001
UNKNOWN_TRANSACTION: Final = -31003
CANNOT_CANCEL: Final = -31007
CANNOT_PERFORM: Final = -31008
ACCOUNT: Final = range(-31099, -31049)  # something is wrong with the account; the merchant numbers it


class Method(StrEnum):
    CHECK_PERFORM = "CheckPerformTransaction"
    CREATE = "CreateTransaction"
    PERFORM = "PerformTransaction"
    CANCEL = "CancelTransaction"
    CHECK = "CheckTransaction"
    STATEMENT = "GetStatement"
    FISCAL = "SetFiscalData"


class State(IntEnum):
    UNKNOWN = 0
    CREATED = 1
    PERFORMED = 2
    CANCELLED = -1
    REVERSED = -2


class Reason(IntEnum):
    DEBIT_FAILED = 2
    EXECUTION_FAILED = 3
    TIMEOUT = 4
    REFUND = 5


def transaction_id(now: int) -> str:
    """24 hexadecimal digits of which the first eight are the second of creation."""
    return f"{now // 1000:08x}{secrets.token_hex(8)}"
