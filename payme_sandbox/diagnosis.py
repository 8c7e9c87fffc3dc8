"""What is wrong with an endpoint that does not answer as one: from a single call to a sentence."""

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from payme_sandbox.calls import Call, Request
from payme_sandbox.protocol import NOT_AUTHORIZED, SYSTEM_ERROR, UNKNOWN_TRANSACTION, Method

KNOCK: Final = Request(Method.CHECK, {"id": "0" * 24})
"""A call that changes nothing: CheckTransaction of no transaction. −31003 is right."""


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
TROUBLES: Final = frozenset({Finding.WRONG_KEY, Finding.SYSTEM})

# With the blanks url, detail and status. The pages have the same in other languages.
SENTENCES: Final[dict[Finding, str]] = {
    Finding.READY: "It answers, and takes the key.",
    Finding.SILENT: "Nothing answers at {url} ({detail}).",
    Finding.REDIRECT: (
        "Your endpoint redirects (HTTP {status}). Payme follows no redirect: "
        "give the final address, and mind the slash at its end."
    ),
    Finding.UNAUTHORIZED: (
        "Your endpoint answered HTTP {status}. Payme wants 200 for every answer; "
        "a wrong key is error −32504 in the JSON."
    ),
    Finding.NOT_FOUND: "There is a server, but nothing at this address (HTTP {status}). Look at the path.",
    Finding.NOT_POST: "This address takes no POST (HTTP {status}). Payme calls by POST only.",
    Finding.BROKEN: "Your endpoint broke (HTTP {status}). Payme wants HTTP 200 even then: error −32400 in the JSON.",
    Finding.STATUS: "Your endpoint answered HTTP {status}. Payme wants 200 for every answer.",
    Finding.NOT_JSON: "What came is not a JSON object. Perhaps this is the address of a web page.",
    Finding.NOT_RPC: "JSON came, but with neither result nor error in it.",
    Finding.WRONG_KEY: "It answers, but does not take the key (−32504). Check the key and the login.",
    Finding.SYSTEM: "It answers with an internal error (−32400). Your server’s log has the cause.",
    Finding.ODD_ERROR: "It answers, but says {detail} of a transaction that does not exist; the right code is −31003.",
    Finding.KNOWS_EVERYTHING: (
        "It answers, but knows even a transaction that does not exist ({detail}); the right answer is error −31003."
    ),
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

    def sentence(self, url: str) -> str:
        """Say it in English, the language of the terminal and of the logs."""
        return SENTENCES[self.finding].format(url=url, detail=self.detail, status=self.status)


def diagnose(call: Call) -> Diagnosis:
    """Read the answer to `KNOCK`."""
    transport = transport_of(call)
    if transport is not None:
        return transport
    if call.result is not None:
        return Diagnosis(Finding.KNOWS_EVERYTHING, call.found)
    return Diagnosis(CODES.get(call.code, Finding.ODD_ERROR), str(call.code))


def trouble_of(call: Call) -> Diagnosis | None:
    """Say what is wrong with an endpoint that gives this answer to any call, if something is."""
    code = CODES.get(call.code) if call.reply is not None and call.result is None else None
    return transport_of(call) or (Diagnosis(code, str(call.code)) if code in TROUBLES else None)


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
