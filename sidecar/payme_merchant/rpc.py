"""Payme's JSON-RPC envelope (spec, section 1.6): bytes to a call, an answer to bytes."""

from dataclasses import dataclass
from typing import Any, Final

from sidecar import strict_json
from sidecar.payme_merchant.errors import ABOUT_THE_ACCOUNT, PaymeError, Refusal
from sidecar.payme_merchant.methods import METHODS, Method, Reply, StatementPage

METHOD_NAME_LENGTH_MAX: Final = 64  # how much of an unknown name is said back

CallId = str | int | float | bool | None


@dataclass(frozen=True)
class Call:
    id: CallId
    name: str
    method: Method
    params: dict[str, Any]


def parse(body: bytes) -> Any:
    """Read the document.

    Raises:
        Refusal: −32700.
    """
    try:
        return strict_json.decode(body)
    except strict_json.NotJson:
        raise Refusal(PaymeError.NOT_JSON) from None


def call_id(document: Any) -> CallId:
    """Find the id to echo, with its own JSON type; null when there is none that could be echoed."""
    value = document.get("id") if isinstance(document, dict) else None
    return value if isinstance(value, str | int | float | bool) else None


def read_call(document: Any) -> Call:
    """Read the envelope. `jsonrpc` is not asked for: the documents leave it out and the sandbox sends it (spec 8.7).

    Raises:
        Refusal: −32600, −32601.
    """
    if not isinstance(document, dict) or isinstance(document.get("id"), dict | list):
        raise Refusal(PaymeError.INVALID_REQUEST)
    name = document.get("method")
    if not isinstance(name, str):
        raise Refusal(PaymeError.INVALID_REQUEST, "method")
    if name not in METHODS:
        raise Refusal(PaymeError.METHOD_NOT_FOUND, name[:METHOD_NAME_LENGTH_MAX])
    params = document.get("params")
    if not isinstance(params, dict):
        raise Refusal(PaymeError.INVALID_REQUEST, "params")
    return Call(call_id(document), name, METHODS[name], params)


def statement_reply(id_: CallId) -> tuple[bytes, bytes]:
    """Write what stands before and after the transactions of a statement."""
    before, after = strict_json.encode({"jsonrpc": "2.0", "id": id_, "result": {"transactions": []}}).rsplit(b"]", 1)
    return before, b"]" + after


def transactions(page: StatementPage) -> bytes:
    """Write the transactions of a page, without the brackets around them."""
    return strict_json.encode(page.transactions)[1:-1]


def reply(id_: CallId, answer: Reply, *, account_field: str, busy_code: int) -> tuple[int, bytes]:
    """Write the answer; the code comes with it for the log, 0 for a result."""
    envelope: dict[str, Any] = {"jsonrpc": "2.0", "id": id_}
    if not isinstance(answer, Refusal):
        return 0, strict_json.encode(envelope | {"result": answer})
    error = answer.error
    code = busy_code if error is PaymeError.ORDER_BUSY else int(error)
    data = account_field if error in ABOUT_THE_ACCOUNT else answer.data
    said = {"code": code, "message": error.message} | ({"data": data} if data is not None else {})
    return code, strict_json.encode(envelope | {"error": said})
