"""What Payme sends with a call: one shape for each method, read before anything is looked up.

A wrong shape is −32600. Two things are not judged here: a wrong account is −31050 and a wrong amount −31001, and both
come after the look-up by Payme's id, so that a repeated Create gets its first answer whatever else it carries.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sidecar import strict_json
from sidecar.clock import Millis
from sidecar.money import Tiyin, tiyin
from sidecar.payme_merchant.errors import PaymeError, Refusal
from sidecar.payment_sessions import IDENTIFIER

PAYME_ID_LENGTH_MAX: Final = 64  # 24 hex digits in every capture, but never promised (spec 2.1)
# What a new transaction may be called: its id becomes part of an Idempotency-Key, and a header can carry nothing else.
NEW_PAYME_ID: Final = re.compile(r"[!-~]+")
INT64_MAX: Final = 2**63 - 1

FISCAL_TYPES: Final = frozenset({"PERFORM", "CANCEL"})
FISCAL_FIELDS: Final = (
    "receipt_id",
    "status_code",
    "message",
    "terminal_id",
    "fiscal_sign",
    "qr_code_url",
    "date",
)

Params = Mapping[str, Any]


@dataclass(frozen=True)
class CheckPerform:
    order_id: str | None
    amount: Tiyin | None


@dataclass(frozen=True)
class Create:
    id: str
    time: Millis
    order_id: str | None
    amount: Tiyin | None
    account: str  # as received, in JSON: the statement gives it back


@dataclass(frozen=True)
class Perform:
    id: str


@dataclass(frozen=True)
class Cancel:
    id: str
    reason: int


@dataclass(frozen=True)
class Check:
    id: str


@dataclass(frozen=True)
class Statement:
    """A period, and in its first millisecond the number of the transaction to go on after."""

    from_: Millis
    to: Millis
    after: int = 0


@dataclass(frozen=True)
class FiscalData:
    id: str
    type: str
    fiscal_data: str


def check_perform(params: Params, account_field: str) -> CheckPerform:
    return CheckPerform(_order_id(params, account_field), tiyin(params.get("amount")))


def create(params: Params, account_field: str) -> Create:
    return Create(
        _new_payme_id(params),
        _moment(params, "time", least=1),
        _order_id(params, account_field),
        tiyin(params.get("amount")),
        strict_json.encode(params.get("account")).decode("ascii"),
    )


def perform(params: Params, _account_field: str) -> Perform:
    return Perform(_payme_id(params))


def cancel(params: Params, _account_field: str) -> Cancel:
    reason = params.get("reason")
    if type(reason) is not int or abs(reason) > INT64_MAX:
        raise Refusal(PaymeError.INVALID_REQUEST, "reason")
    return Cancel(_payme_id(params), reason)


def check(params: Params, _account_field: str) -> Check:
    return Check(_payme_id(params))


def statement(params: Params, _account_field: str) -> Statement:
    return Statement(_moment(params, "from", least=0), _moment(params, "to", least=0))


def fiscal_data(params: Params, _account_field: str) -> FiscalData:
    """Read SetFiscalData, whose own table says −32602 for bad parameters (spec 2.11)."""
    type_, data = params.get("type"), params.get("fiscal_data")
    if not _is_payme_id(params.get("id")):
        raise Refusal(PaymeError.INVALID_PARAMS, "id")
    if not isinstance(type_, str) or type_ not in FISCAL_TYPES:
        raise Refusal(PaymeError.INVALID_PARAMS, "type")
    if not isinstance(data, dict):
        raise Refusal(PaymeError.INVALID_PARAMS, "fiscal_data")
    for field in FISCAL_FIELDS:
        if type(data.get(field)) not in {str, int, type(None)}:
            raise Refusal(PaymeError.INVALID_PARAMS, f"fiscal_data.{field}")
    kept = {field: data[field] for field in FISCAL_FIELDS if field in data}
    return FiscalData(params["id"], type_, strict_json.encode(kept).decode("ascii"))


def _payme_id(params: Params) -> str:
    value = params.get("id")
    if not _is_payme_id(value):
        raise Refusal(PaymeError.INVALID_REQUEST, "id")
    return str(value)


def _new_payme_id(params: Params) -> str:
    value = _payme_id(params)
    if not NEW_PAYME_ID.fullmatch(value):
        raise Refusal(PaymeError.INVALID_REQUEST, "id")
    return value


def _is_payme_id(value: object) -> bool:
    """Whether one may ask for it. No database takes a zero character or half of a surrogate pair."""
    return isinstance(value, str) and 0 < len(value) <= PAYME_ID_LENGTH_MAX and value.isprintable()


def _moment(params: Params, name: str, *, least: int) -> Millis:
    value = params.get(name)
    if type(value) is not int or not least <= value <= INT64_MAX:
        raise Refusal(PaymeError.INVALID_REQUEST, name)
    return Millis(value)


def _order_id(params: Params, account_field: str) -> str | None:
    """Read the account: text or a whole number; people type spaces around it in the sandbox (spec 2.1)."""
    account = params.get("account")
    value = account.get(account_field) if isinstance(account, dict) else None
    if type(value) is int and abs(value) <= INT64_MAX:
        value = str(value)
    if isinstance(value, str) and IDENTIFIER.fullmatch(value.strip()):
        return value.strip()
    return None
