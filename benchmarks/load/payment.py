"""A whole payment as Payme plays it: six calls, two of them repeats, and the bytes that carry them."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

CHECK_PERFORM: Final = "CheckPerformTransaction"
CREATE: Final = "CreateTransaction"
PERFORM: Final = "PerformTransaction"
CHECK: Final = "CheckTransaction"
REPEATED: Final = " repeated"

CALLS: Final = (CHECK_PERFORM, CREATE, CREATE + REPEATED, PERFORM, PERFORM + REPEATED, CHECK)
"""The names under which latencies are kept, in the order of the calls."""


class Answer(NamedTuple):
    """What came back for one call; both times are the system's monotonic nanoseconds."""

    status: int
    body: bytes
    sent: int
    received: int


@dataclass(slots=True)
class Payment:
    number: int
    """Names the order, and is the `id` of every call."""
    payme_id: str
    time: int
    answers: list[Answer] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return len(self.answers) == len(CALLS)


@dataclass(frozen=True, slots=True)
class Orders:
    """What the crowd may pay: numbered orders that were made before the clock runs, all of one amount."""

    first: int
    count: int
    amount: int
    field: str = "order_id"


class Letter:
    """Writes the requests of one shop: everything that stays the same is said once."""

    def __init__(self, host: str, path: str, key: str, orders: Orders) -> None:
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {self.credential(key)}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        )
        self._account = f'{{"{orders.field}":"%d"}}'
        self._amount = orders.amount

    @staticmethod
    def credential(key: str) -> str:
        return f"Basic {base64.b64encode(f'Paycom:{key}'.encode()).decode()}"

    def call(self, payment: Payment, place: int) -> bytes:
        """Give the request of the call at this place of `CALLS`."""
        method, params = PARAMS[place]
        said = params(payment, self._amount, self._account)
        body = f'{{"jsonrpc":"2.0","id":{payment.number},"method":"{method}","params":{said}}}'
        return f"{self._head}{len(body)}\r\n\r\n{body}".encode()


def _check_perform(payment: Payment, amount: int, account: str) -> str:
    return f'{{"amount":{amount},"account":{account % payment.number}}}'


def _create(payment: Payment, amount: int, account: str) -> str:
    named = f'"id":"{payment.payme_id}","time":{payment.time}'
    return f'{{{named},"amount":{amount},"account":{account % payment.number}}}'


def _by_id(payment: Payment, _amount: int, _account: str) -> str:
    return f'{{"id":"{payment.payme_id}"}}'


PARAMS: Final[tuple[tuple[str, Callable[[Payment, int, str], str]], ...]] = (
    (CHECK_PERFORM, _check_perform),
    (CREATE, _create),
    (CREATE, _create),
    (PERFORM, _by_id),
    (PERFORM, _by_id),
    (CHECK, _by_id),
)


class Complaint(Exception):
    """An answer is not what the protocol asks; the message names the call and what is wrong."""


def judged(payment: Payment) -> dict[str, Any]:
    """Hold the six answers against the protocol and against each other; give the last.

    Raises:
        Complaint: the payment did not go as it must.
    """
    if not payment.whole:
        raise Complaint(f"{CALLS[len(payment.answers)]}: no answer")
    allowed, created, again, performed, once_more, seen = (
        _result(name, answer) for name, answer in zip(CALLS, payment.answers, strict=True)
    )
    _same(CHECK_PERFORM, "allow", allowed, {"allow": True})
    _state(CREATE, created, 1, "create_time")
    for name in ("state", "create_time", "transaction"):
        _same(CREATE + REPEATED, name, again, created)
    _state(PERFORM, performed, 2, "perform_time")
    for name in ("state", "perform_time", "transaction"):
        _same(PERFORM + REPEATED, name, once_more, performed)
    _same(CHECK, "create_time", seen, created)
    for name in ("state", "perform_time", "transaction"):
        _same(CHECK, name, seen, performed)
    _same(CHECK, "cancel_time", seen, {"cancel_time": 0})
    return seen


def blemishes(payment: Payment) -> set[str]:
    """What is wrong on paper though the payment went well: an `id` that was not echoed."""
    found = set()
    for name, answer in zip(CALLS, payment.answers, strict=False):
        if _document(name, answer).get("id") != payment.number:
            found.add(f"{name}: the id is not echoed")
    return found


def _result(name: str, answer: Answer) -> dict[str, Any]:
    document = _document(name, answer)
    result = document.get("result")
    if not isinstance(result, dict) or document.get("error") is not None:
        raise Complaint(f"{name}: answered {_code(document)} instead of a result")
    return result


def _document(name: str, answer: Answer) -> dict[str, Any]:
    if answer.status != 200:  # noqa: PLR2004 - every answer of a merchant's
        raise Complaint(f"{name}: HTTP {answer.status}")
    try:
        document = json.loads(answer.body)
    except ValueError:
        raise Complaint(f"{name}: the answer is not JSON") from None
    if not isinstance(document, dict):
        raise Complaint(f"{name}: the answer is no object")
    return document


def _code(document: dict[str, Any]) -> object:
    error = document.get("error")
    return error.get("code") if isinstance(error, dict) else None


def _state(name: str, result: dict[str, Any], state: int, time: str) -> None:
    _same(name, "state", result, {"state": state})
    if type(result.get(time)) is not int or result[time] <= 0:
        raise Complaint(f"{name}: {time} is no time")
    if not result.get("transaction"):
        raise Complaint(f"{name}: transaction is missing")


def _same(name: str, member: str, result: dict[str, Any], wanted: dict[str, Any]) -> None:
    if result.get(member) != wanted[member]:
        raise Complaint(f"{name}: {member} is not what it was or must be")
