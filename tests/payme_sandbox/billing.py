"""A small merchant, right in every point but the one that it is told to break."""

import asyncio
import base64
import copy
import itertools
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.types import Receive, Scope, Send

from payme_sandbox.certification.orders import Effect, Order
from payme_sandbox.clock import system_clock

KEY: Final = "b&#%?@:ill"
FIELD: Final = "order_id"
AMOUNT: Final = 5_000_000
LEAST: Final = 1_000  # what an accumulative account takes at least
HALF_A_DAY: Final = 43_200_000
ENDED: Final = (-1, -2)
WORDS: Final = {"ru": "Нет", "uz": "Yo‘q", "en": "No"}

RULES: Final = (
    *("key", "login", "scheme", "200", "post", "json", "call", "params", "method", "id", "content type"),
    *("amount", "amount type", "text amount", "tiyin", "data", "words", "range", "account shape", "extra"),
    *("busy", "busy look", "look only"),
    *("paid once", "unknown", "create state", "replay", "again", "several", "frees", "reasons", "first reason"),
    *("cancelled is final", "refunded is final", "perform time", "told once", "tells", "survives", "in turn"),
    *("12 hours", "late cancel", "makes room", "born late", "reason 4", "UTC", "from", "to", "oldest first"),
    *("every state", "empty", "row", "shape", "fiscal", "hook", "refund"),
    *("stays paid", "full 12 hours", "whole list", "first amount", "one transaction", "numbers"),
)


@dataclass(slots=True)
class Row:
    id: str
    time: int
    amount: int
    account: dict[str, Any]
    create_time: int
    transaction: str
    perform_time: int = 0
    cancel_time: int = 0
    state: int = 1
    reason: int | None = None


class Refusal(Exception):
    def __init__(self, code: int, data: str | None = None) -> None:
        super().__init__(code)
        self.code, self.data = code, data


class Billing:
    """The endpoint, an ASGI app, and the shop behind it: `order`, `effect`, `hook`."""

    def __init__(
        self, broken: str = "", *, accumulative: bool = False, now: Callable[[], int] = system_clock, key: str = KEY
    ) -> None:
        assert broken in ("", *RULES), broken
        self.broken, self.accumulative, self.now = broken, accumulative, now
        self.credential = f"Paycom:{key}"
        self.rows: dict[str, Row] = {}
        self.orders: dict[str, int] = {}
        self.told: Counter[tuple[str, str]] = Counter()
        self.works = True
        self._numbers = itertools.count(1)
        self.reopened: set[str] = set()
        self._begun: set[str] = set()

    def breaks(self, rule: str) -> bool:
        assert rule in RULES, rule
        return rule == self.broken

    # ── the shop ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def order(self, amount: int | None) -> Order:
        number = str(len(self.orders) + 1)
        self.orders[number] = amount or AMOUNT
        return Order({FIELD: number}, self.orders[number])

    async def effect(self, order: Order) -> Effect | None:
        return Effect(*(self.told[order.account[FIELD], what] for what in ("paid", "cancelled")))

    async def hook(self, *, works: bool) -> bool:
        self.works = works
        return True

    # ── the endpoint ───────────────────────────────────────────────────────────────────────────────────────────────

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        document: Any = {}
        status, reply = 200, {}
        try:
            document = await self._document(request)
            reply = {"result": await self._result(request, document)}
        except Refusal as no:
            status = 401 if no.code == -32504 and self.breaks("200") else 200
            message = "No" if self.breaks("words") else WORDS
            reply = {"error": {"code": no.code, "message": message, **({"data": no.data} if no.data else {})}}
        except (LookupError, TypeError, ValueError, AttributeError):  # where a broken rule lets nonsense through
            await HTMLResponse("<h1>Server Error (500)</h1>", 500)(scope, receive, send)
            return
        id_ = document.get("id") if isinstance(document, dict) else None
        await JSONResponse({"id": str(id_) if self.breaks("id") else id_, **reply}, status)(scope, receive, send)

    async def _document(self, request: Request) -> Any:
        body = await request.body()
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            if self.breaks("json"):
                raise ValueError("it crashed") from None
            return None if body else {}

    async def _result(self, request: Request, document: Any) -> Any:
        if request.method != "POST" and not self.breaks("post"):
            raise Refusal(-32300)
        if not self._is_payme(request.headers.get("authorization", "")):
            raise Refusal(-32504)
        if document in (None, {}) and not self.breaks("call"):
            raise Refusal(-32700 if document is None or not await request.body() else -32600)
        if self.breaks("content type") and "text/json" in request.headers.get("content-type", ""):
            raise Refusal(-32600)
        if not self.breaks("call") and not (isinstance(document, dict) and isinstance(document.get("method"), str)):
            raise Refusal(-32600)
        name, params = document["method"], document.get("params")
        if name not in METHODS:
            raise LookupError(name) if self.breaks("method") else Refusal(-32601, name)
        needed, method = METHODS[name]
        if not self.breaks("params") and not (isinstance(params, dict) and set(needed) <= set(params)):
            raise Refusal(-32600)
        if self.breaks("survives"):
            await self._slowly(document)
        if not self.breaks("in turn"):
            return getattr(self, method)(params)
        rows = copy.deepcopy(self.rows)  # everybody decides by what he read before anybody wrote
        await asyncio.sleep(0.001)
        written, self.rows = self.rows, rows
        try:
            return getattr(self, method)(params)
        finally:
            self.rows = written | self.rows

    async def _slowly(self, document: Any) -> None:
        call = f"{document['method']} {document['params'].get('id')}"
        if call in self._begun:
            raise Refusal(-31008)
        self._begun.add(call)
        await asyncio.sleep(0.01)  # who hangs up here has left a mark for ever
        self._begun.remove(call)

    def _is_payme(self, header: str) -> bool:
        scheme, _, encoded = header.partition(" ")
        try:
            shown = base64.b64decode(encoded, validate=True).decode()
        except ValueError:
            shown = ""
        if self.breaks("key"):
            return bool(header)
        if self.breaks("login"):
            return shown.partition(":")[2] == self.credential.partition(":")[2]
        return (scheme == "Basic" or self.breaks("scheme")) and shown == self.credential

    # ── the methods ────────────────────────────────────────────────────────────────────────────────────────────────

    def check_perform(self, params: Any) -> Any:
        self._admit(params, look=True)
        if self.breaks("look only"):
            self._insert({"id": f"reserved-{next(self._numbers)}", "time": self.now(), **params})
        return {"allow": True}

    def create(self, params: Any) -> Any:
        if it := self.rows.get(params["id"]):
            if self._expires(it) or (it.state != 1 and not self.breaks("create state")):
                raise Refusal(-31008)
            if self.breaks("replay"):
                it.create_time += 1
            if self.breaks("first amount"):
                it.amount = params["amount"]
            return _chosen(it, "create_time", "transaction", "state")
        self._admit(params, look=False)
        if self._is_over(params["time"]) and not self.breaks("born late"):
            raise Refusal(-31008)
        return _chosen(self._insert(params), "create_time", "transaction", "state")

    def perform(self, params: Any) -> Any:
        it = self._find(params)
        final = {-1: "cancelled is final", -2: "refunded is final"}
        if self._expires(it) or (it.state in final and not self.breaks(final[it.state])):
            raise Refusal(-31008)
        if it.state != 2:
            if not self.works and not self.breaks("hook"):
                raise Refusal(-32400)
            it.state, it.perform_time = 2, self._now()
            self._tell(it, "paid")
        elif self.breaks("told once"):
            self._tell(it, "paid")
        said = _chosen(it, "transaction", "perform_time", "state")
        return said | {"transaction": f"P-{it.id}"} if self.breaks("one transaction") else said

    def cancel(self, params: Any) -> Any:
        it = self._find(params)
        if it.state == 2 and self.breaks("refund"):
            raise Refusal(-31007)
        if self.breaks("reasons") and params["reason"] not in {2, 3, 4, 5}:
            raise Refusal(-32600)
        if self.breaks("late cancel") and self._is_over(it.time):
            raise Refusal(-31008)
        if it.state == 2:
            self._tell(it, "cancelled")
            it.perform_time *= not self.breaks("perform time")
        if it.state not in ENDED:
            it.state, it.cancel_time, it.reason = -it.state, self._now(), params["reason"]
        elif self.breaks("first reason"):
            it.reason = params["reason"]
        if self.breaks("stays paid"):
            self.reopened.add(it.account[FIELD])
        return _chosen(it, "transaction", "cancel_time", "state")

    def check(self, params: Any) -> Any:
        it = self._find(params)
        shown = _chosen(it, "create_time", "perform_time", "cancel_time", "transaction", "state", "reason")
        return {name: value for name, value in shown.items() if value or not self.breaks("shape")}

    def statement(self, params: Any) -> Any:
        first, last = params["from"] + self.breaks("from"), params["to"] - self.breaks("to")
        rows = sorted((it for it in self.rows.values() if first <= it.time <= last), key=lambda it: it.time)
        if self.breaks("every state"):
            rows = [it for it in rows if it.state != -1]
        if not rows and self.breaks("empty"):
            raise Refusal(-31003)
        shown = [{**asdict(it), **({"amount": float(it.amount)} if self.breaks("row") else {})} for it in rows]
        shown = shown[:10] if self.breaks("whole list") else shown
        return {"transactions": shown[::-1] if self.breaks("oldest first") else shown}

    def fiscal(self, params: Any) -> Any:
        self._find(params)
        if self.breaks("fiscal"):
            raise Refusal(-32400)
        return {"success": True}

    # ── the rules ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _admit(self, params: Any, *, look: bool) -> None:
        account, amount = params["account"], params["amount"]
        if self.breaks("extra") and len(account) > 1:
            raise Refusal(-31050, FIELD)
        if self.breaks("account shape"):
            _ = account[FIELD].strip()
        number = account.get(FIELD) if isinstance(account, dict) else None
        if not isinstance(number, str) or number not in self.orders:
            raise Refusal(-31008 if self.breaks("range") else -31050, "account" if self.breaks("data") else FIELD)
        for it in self.rows.values() if not self.accumulative or self.breaks("several") else ():
            self._blocked_by(it, number, look=look)
        if self.accumulative and self.breaks("again") and self.told[number, "paid"]:
            raise Refusal(-31052, FIELD)
        if not self.breaks("amount") and not self._right(amount, self.orders[number]):
            raise Refusal(-31001)

    def _blocked_by(self, it: Row, number: str, *, look: bool) -> None:
        if it.account.get(FIELD) != number or number in self.reopened:
            return
        if self._is_over(it.time) and it.state == 1 and not self.breaks("makes room"):
            it.state, it.cancel_time, it.reason = (it.state, 0, None) if look else (-1, self._now(), 4)
        elif it.state == 1 and not self.breaks("busy") and not (look and self.breaks("busy look")):
            raise Refusal(-32400 if self._is_over(it.time) else -31051, FIELD)
        elif (it.state in {2, -2} and not self.breaks("paid once")) or (it.state == -1 and self.breaks("frees")):
            raise Refusal(-31052, FIELD)

    def _right(self, amount: Any, whole: int) -> bool:
        if self.breaks("amount type"):
            return bool(int(amount) == whole)
        if self.breaks("tiyin"):
            return bool(amount // 100 == whole / 100)
        if self.breaks("text amount") and isinstance(amount, str):
            amount = int(amount)
        return type(amount) is int and (amount == whole or (self.accumulative and LEAST <= amount < 2**63))

    def _insert(self, params: Any) -> Row:
        number = "T" if self.breaks("numbers") else f"T-{next(self._numbers)}"
        it = Row(params["id"], params["time"], params["amount"], params["account"], self._now(), number)
        self.rows[it.id] = it
        return it

    def _find(self, params: Any) -> Row:
        if not isinstance(params["id"], str) or params["id"] not in self.rows:
            raise Refusal(-31050 if self.breaks("unknown") else -31003)
        return self.rows[params["id"]]

    def _expires(self, it: Row) -> bool:
        if it.state != 1 or not self._is_over(it.time):
            return False
        it.state, it.cancel_time, it.reason = -1, self._now(), 3 if self.breaks("reason 4") else 4
        return True

    def _is_over(self, time: int) -> bool:
        allowed = HALF_A_DAY // 1000 if self.breaks("full 12 hours") else HALF_A_DAY
        return self.now() - time >= allowed and not self.breaks("12 hours")

    def _now(self) -> int:
        return self.now() - 5 * 3_600_000 * self.breaks("UTC")

    def _tell(self, it: Row, what: str) -> None:
        if self.works and not self.breaks("tells"):
            self.told[it.account[FIELD], what] += 1
        elif not self.works:
            raise Refusal(-32400)  # too late: the state is written


def _chosen(it: Row, *names: str) -> dict[str, Any]:
    return {name: getattr(it, name) for name in names}


METHODS: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    "CheckPerformTransaction": (("amount", "account"), "check_perform"),
    "CreateTransaction": (("id", "time", "amount", "account"), "create"),
    "PerformTransaction": (("id",), "perform"),
    "CancelTransaction": (("id", "reason"), "cancel"),
    "CheckTransaction": (("id",), "check"),
    "GetStatement": (("from", "to"), "statement"),
    "SetFiscalData": (("id", "type", "fiscal_data"), "fiscal"),
}
