"""What is wrong with an endpoint that does not answer as one: from a single call to a sentence's name."""

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from payme_sandbox.calls import Call
from payme_sandbox.protocol import NOT_AUTHORIZED, SYSTEM_ERROR, UNKNOWN_TRANSACTION


class Finding(StrEnum):
    SILENT = "silent"
    REDIRECT = "redirect"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "not_found"
    NOT_POST = "not_post"
    BROKEN = "broken"
    STATUS = "status"
    NOT_JSON = "not_json"
    NOT_RPC = "not_rpc"
    WRONG_KEY = "wrong_key"
    SYSTEM = "system"
    ODD_ERROR = "odd_error"
    KNOWS_EVERYTHING = "knows_everything"
    READY = "ready"


STATUSES: Final[dict[int, Finding]] = {
    **dict.fromkeys((301, 302, 303, 307, 308), Finding.REDIRECT),
    **dict.fromkeys((401, 403), Finding.UNAUTHORIZED),
    HTTPStatus.NOT_FOUND: Finding.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED: Finding.NOT_POST,
}
CODES: Final = {
    NOT_AUTHORIZED: Finding.WRONG_KEY,
    SYSTEM_ERROR: Finding.SYSTEM,
    UNKNOWN_TRANSACTION: Finding.READY,
}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    finding: Finding
    detail: str = ""
    status: int = 0

    @property
    def works(self) -> bool:
        """Whether a payment may be tried: it speaks JSON-RPC and takes the key."""
        return self.finding in {Finding.READY, Finding.ODD_ERROR, Finding.KNOWS_EVERYTHING}


def diagnose(call: Call) -> Diagnosis:
    """Read the answer to CheckTransaction of a transaction that does not exist: −31003 is right."""
    transport = transport_of(call)
    if transport is not None:
        return transport
    if call.result is not None:
        return Diagnosis(Finding.KNOWS_EVERYTHING, call.found)
    return Diagnosis(CODES.get(call.code, Finding.ODD_ERROR), str(call.code))


def transport_of(call: Call) -> Diagnosis | None:
    """Say why it is no JSON-RPC answer, if it is none."""
    if call.status is None:
        return Diagnosis(Finding.SILENT, str(call.came))
    if call.status != HTTPStatus.OK:
        server = Finding.BROKEN if call.status >= HTTPStatus.INTERNAL_SERVER_ERROR else Finding.STATUS
        return Diagnosis(STATUSES.get(call.status, server), status=call.status)
    if call.reply is None:
        return Diagnosis(Finding.NOT_JSON, "text" if isinstance(call.came, str) else "JSON, but no object")
    if call.result is None and not isinstance(call.reply.get("error"), dict):
        return Diagnosis(Finding.NOT_RPC)
    return None
