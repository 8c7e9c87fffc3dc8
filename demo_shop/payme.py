"""Payme's side of the wire: a stand-in that calls `/payme` the way Payme does.

It reads the checkout link, invents transaction ids in Payme's shape, and walks the Merchant API call by call; Create,
Perform and Cancel go out twice, as in Payme's own test, and the two replies must carry the same result.
"""

import asyncio
import base64
import binascii
import itertools
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, Final, Self

import httpx

from demo_shop.journal import Journal, Step

SYSTEM_ERROR: Final = -32400  # also what Payme takes every answer for that is not HTTP 200
AMOUNT: Final = re.compile(r"[0-9]{1,15}")


class Method(StrEnum):
    CHECK_PERFORM = "CheckPerformTransaction"
    CREATE = "CreateTransaction"
    PERFORM = "PerformTransaction"
    CANCEL = "CancelTransaction"


class State(IntEnum):
    UNKNOWN = 0
    CREATED = 1
    PERFORMED = 2
    CANCELLED = -1
    REVERSED = -2


class Reason(IntEnum):
    DEBIT_FAILED = 2
    EXECUTION_FAILED = 3
    REFUND = 5


class Scenario(StrEnum):
    PAY = "pay"
    DECLINE = "decline"
    CANCEL = "cancel"
    REFUND = "refund"


STEPS: Final[dict[Scenario, tuple[Method, ...]]] = {
    Scenario.PAY: (Method.CHECK_PERFORM, Method.CREATE, Method.PERFORM),
    Scenario.DECLINE: (Method.CHECK_PERFORM, Method.CREATE, Method.CANCEL),
    Scenario.CANCEL: (Method.CHECK_PERFORM, Method.CREATE, Method.CANCEL),
    Scenario.REFUND: (Method.CANCEL,),
}
REASONS: Final = {
    Scenario.DECLINE: Reason.DEBIT_FAILED,
    Scenario.CANCEL: Reason.EXECUTION_FAILED,
    Scenario.REFUND: Reason.REFUND,
}
GOES_ON_FROM: Final = {
    Scenario.PAY: State.CREATED,
    Scenario.DECLINE: State.CREATED,
    Scenario.CANCEL: State.CREATED,
    Scenario.REFUND: State.PERFORMED,
}
TIMES: Final = {Method.CHECK_PERFORM: 1, Method.CREATE: 2, Method.PERFORM: 2, Method.CANCEL: 2}


@dataclass(frozen=True, slots=True)
class Link:
    """What a checkout link says: `m=…;ac.order_id=…;a=…;l=…;c=…` in base64."""

    merchant_id: str
    account: dict[str, str]
    amount: int
    language: str
    return_url: str

    @classmethod
    def read(cls, text: str) -> Self | None:
        try:
            payload = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
        except (binascii.Error, ValueError):
            return None
        values = {name: value for name, _, value in (pair.partition("=") for pair in payload.split(";"))}
        account = {name[3:]: value for name, value in values.items() if name.startswith("ac.")}
        amount, return_url = values.get("a", ""), values.get("c", "")
        if not values.get("m") or not account or not AMOUNT.fullmatch(amount):
            return None
        return cls(values["m"], account, int(amount), values.get("l", "ru"), web_address(return_url))


@dataclass(frozen=True, slots=True)
class Call:
    """One JSON-RPC call. A reply of `None` is no reply: nothing came, or not HTTP 200, or not JSON-RPC."""

    request: dict[str, Any]
    reply: dict[str, Any] | None
    defect: str = ""

    @property
    def result(self) -> dict[str, Any] | None:
        result = (self.reply or {}).get("result")
        return result if isinstance(result, dict) else None

    @property
    def error(self) -> dict[str, Any] | None:
        if self.result is not None:
            return None
        error = (self.reply or {}).get("error")
        return error if isinstance(error, dict) else {"code": SYSTEM_ERROR}

    @property
    def technical(self) -> bool:
        return self.error is not None and self.error.get("code") == SYSTEM_ERROR


@dataclass
class Receipt:
    """Payme's own payment object: one attempt of one buyer."""

    id: str
    time: int
    link: Link
    state: int = State.UNKNOWN


@dataclass
class Visit:
    """Everything that happened to one order on Payme's side, over all its attempts."""

    link: Link
    receipts: list[Receipt] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def receipt_in(self, state: State) -> Receipt | None:
        return next((receipt for receipt in reversed(self.receipts) if receipt.state == state), None)

    @property
    def error(self) -> dict[str, Any] | None:
        """The answer that ended the last scenario, when it was a "no"."""
        return self.calls[-1].error if self.calls else None

    @property
    def defects(self) -> list[str]:
        return [call.defect for call in self.calls if call.defect]


class Cashbox:
    """One cashbox: where its billing answers, and the counter of Payme's calls."""

    def __init__(self, http: httpx.AsyncClient, endpoint: str, journal: Journal) -> None:
        """Take a client that carries the cashbox's credential; nothing here ever sees it."""
        self.visits: dict[str, Visit] = {}
        self._http = http
        self._endpoint = endpoint
        self._journal = journal
        self._ids = itertools.count(secrets.randbelow(90_000) + 10_000)

    def visit(self, link: Link) -> Visit:
        visit = self.visits.setdefault(order_of(link), Visit(link))
        visit.link = link
        return visit

    async def play(self, visit: Visit, scenario: Scenario) -> list[Call]:
        """Walk the scenario's calls, stop at the first that is refused, and return what was said.

        A receipt that is still open is continued, not replaced: that is what Payme's queue does after silence.
        """
        async with visit.lock:  # two clicks are two buyers' wishes, one after the other
            before = len(visit.calls)
            receipt = visit.receipt_in(GOES_ON_FROM[scenario]) or self._new_receipt(visit)
            for method in STEPS[scenario]:
                if method is Method.CHECK_PERFORM and receipt.state == State.CREATED:
                    continue
                call = await self._repeated(visit, receipt, method, scenario)
                if call.result is None:
                    if method is Method.CREATE:  # after silence Payme must believe that it was taken
                        receipt.state = State.CREATED if call.technical else State.UNKNOWN
                    break
                receipt.state = call.result.get("state", receipt.state)
            return visit.calls[before:]

    def _new_receipt(self, visit: Visit) -> Receipt:
        now = self._journal.clock()
        visit.receipts.append(Receipt(transaction_id(now), now, visit.link))
        return visit.receipts[-1]

    async def _repeated(self, visit: Visit, receipt: Receipt, method: Method, scenario: Scenario) -> Call:
        params = params_of(method, receipt, REASONS.get(scenario))
        first = last = await self._call(visit, method, params)
        for _ in range(1, TIMES[method]):
            if first.error and not first.technical:
                break  # a clear "no" is not asked twice
            last = await self._call(visit, method, params, same_as=first)
        return last

    async def _call(self, visit: Visit, method: Method, params: dict[str, Any], same_as: Call | None = None) -> Call:
        request = {"jsonrpc": "2.0", "id": next(self._ids), "method": method.value, "params": params}
        answer = await self._post(request)
        reply = reply_in(answer) if answer is not None else None
        call = Call(request, reply, defect_of(request, reply, same_as) if answer is not None else "")
        visit.calls.append(call)
        self._journal.write(order_of(visit.link), Step.PAYME_CALLED, method, outcome_of(call), call.defect)
        return call

    async def _post(self, request: dict[str, Any]) -> httpx.Response | None:
        with suppress(httpx.HTTPError):
            return await self._http.post(self._endpoint, json=request)
        return None  # silence is nobody's bug


def reply_in(answer: httpx.Response) -> dict[str, Any] | None:
    try:
        reply = answer.json()
    except ValueError:
        return None
    return reply if answer.status_code == httpx.codes.OK and isinstance(reply, dict) else None


def params_of(method: Method, receipt: Receipt, reason: Reason | None) -> dict[str, Any]:
    wish: dict[str, Any] = {"amount": receipt.link.amount, "account": receipt.link.account}
    return {
        Method.CHECK_PERFORM: wish,
        Method.CREATE: {"id": receipt.id, "time": receipt.time, **wish},
        Method.PERFORM: {"id": receipt.id},
        Method.CANCEL: {"id": receipt.id, "reason": reason},
    }[method]


def defect_of(request: dict[str, Any], reply: dict[str, Any] | None, same_as: Call | None) -> str:
    """What Payme would hold against the merchant: these are bugs, refusals are not."""
    if reply is None:
        return "an answer must be a JSON object over HTTP 200"
    if reply.get("id") != request["id"]:
        return f"the reply carries id {reply.get('id')!r}, the call had {request['id']}"
    if ("result" in reply) == ("error" in reply):
        return "the reply must carry exactly one of result and error"
    if same_as is not None and same_as.result is not None and reply.get("result") != same_as.result:
        return "the repeated call got another result than the first"
    return ""


def outcome_of(call: Call) -> str:
    if call.result is None:
        return "no answer" if call.reply is None else f"error {(call.error or {}).get('code')}"
    return f"state {call.result['state']}" if "state" in call.result else "allow"


def transaction_id(now: int) -> str:
    """24 hexadecimal digits of which the first eight are the second of creation."""
    return f"{now // 1000:08x}{secrets.token_hex(8)}"


def order_of(link: Link) -> str:
    return next(iter(link.account.values()))


def web_address(text: str) -> str:
    return text if text.startswith(("http://", "https://")) else ""
