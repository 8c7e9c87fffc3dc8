"""`/payme`: one ASGI endpoint for every verb, body and crash. Payme takes any status but 200 for a failure (spec 1.4).

Order of checks: verb, caller, envelope, method, params, then what the method itself asks. A body is read up to its
limit and no further.
"""

import asyncio
import contextlib
from collections.abc import Callable
from time import monotonic, perf_counter
from typing import Any, Final

import structlog
from starlette.types import Receive, Scope, Send

from sidecar import journal
from sidecar.body import Gone, TooLong, read_body
from sidecar.clock import Clock
from sidecar.database import Database
from sidecar.metrics import Metrics
from sidecar.money import Tiyin
from sidecar.origin import noted
from sidecar.payme_merchant import rpc
from sidecar.payme_merchant.caller import Caller
from sidecar.payme_merchant.errors import PaymeError, Refusal
from sidecar.payme_merchant.methods import Reply, StatementPage, get_statement
from sidecar.seldom import Seldom
from sidecar.settings import Settings

log = structlog.get_logger()

CONTENT_TYPE: Final = (b"content-type", b"application/json; charset=utf-8")
UNREAD: Final = "unread"  # the method of a call that did not get as far as naming one
NOTED_MAX: Final = 1_000  # bytes of an answer that the journal keeps
NOTE_PAUSE: Final = 30.0  # seconds between two notes about calls that were not understood, for each code


class Door:
    def __init__(
        self,
        settings: Settings,
        database: Database,
        clock: Clock,
        metrics: Metrics,
        promised: Callable[[], None],
        note: Callable[[journal.Call], None],
        monotonic: Callable[[], float] = monotonic,
    ) -> None:
        """`promised` is called after a move that the backend must hear of, `note` after every call worth a note."""
        self._caller = Caller(settings, metrics)
        self._account_field = settings.payme_account_field
        self._busy_code = settings.payme_order_busy_code
        self._body_max = settings.body_max
        self._run = {"read": database.read, "move": database.move, "write": database.write}
        self._clock = clock
        self._metrics = metrics
        self._promised = promised
        self._note = note
        self._proxies = settings.forwarded_allow_ips
        self._unread = Seldom(NOTE_PAUSE)
        self._monotonic = monotonic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        time, started = self._clock(), perf_counter()
        visit = _Visit()
        try:
            answer = await self._answer(visit, scope, receive)
        except Gone:
            return
        except Refusal as refusal:
            answer = refusal
        except Exception:
            # "Outcome unknown, ask me again"; never -31008, which would be final (spec 1.8).
            log.exception("payme.crash", method=visit.method)
            answer = Refusal(PaymeError.SYSTEM_ERROR)
        if isinstance(answer, StatementPage):
            code = 0
            body = await self._send_statement(receive, send, visit.id, answer)
        else:
            code, body = rpc.reply(visit.id, answer, account_field=self._account_field, busy_code=self._busy_code)
            await _send(send, body)
        structlog.contextvars.bind_contextvars(
            method=visit.method, payme_id=visit.payme_id, order_id=visit.order_id, code=code
        )
        self._metrics.payme_calls.labels(visit.method, code).inc()
        elapsed = perf_counter() - started
        self._metrics.payme_seconds.labels(visit.method).observe(elapsed)
        text = self._noted(visit, body, code)
        if text is not None:
            ids = (visit.payme_id, visit.order_id, visit.amount)
            caller = noted(scope, self._proxies)
            self._note(journal.Call("payme", time, visit.method, *ids, code, text, int(elapsed * 1e6), caller))

    def _noted(self, visit: "_Visit", body: bytes, code: int) -> str | None:
        """Give what the journal keeps of an answer; None for most of those to callers that nobody understood."""
        if visit.method is not UNREAD:
            return body[:NOTED_MAX].decode("ascii")
        left_out = self._unread.due(str(code), self._monotonic())
        # Nothing of what a stranger sent: the answer says his `id` back.
        return None if left_out is None else f'{{"error":{{"code":{code}}},"left_out":{left_out}}}'

    async def _answer(self, visit: "_Visit", scope: Scope, receive: Receive) -> Reply | StatementPage:
        if scope["method"] != "POST":
            with contextlib.suppress(Refusal):  # a body of any other verb is read for its `id` alone
                visit.id = rpc.call_id(await self._document(scope, receive, is_payme=False))
            raise Refusal(PaymeError.NOT_POST)
        is_payme = self._caller.is_payme(scope)
        document = await self._document(scope, receive, is_payme=is_payme)
        visit.id = rpc.call_id(document)
        if not is_payme:
            raise Refusal(PaymeError.ACCESS_DENIED)
        call = rpc.read_call(document)
        visit.method = call.name
        params = call.method.read(call.params, self._account_field)
        visit.payme_id, visit.order_id = getattr(params, "id", None), getattr(params, "order_id", None)
        visit.amount = getattr(params, "amount", None)
        answer = await self._run[call.method.runs](call.method.work, params, self._clock())
        if call.method.promises:
            self._promised()
        return answer

    async def _send_statement(self, receive: Receive, send: Send, id_: rpc.CallId, page: StatementPage) -> bytes:
        """Send a statement page by page; one that breaks off has no end, which every client takes for a failure.

        Give its beginning.
        """
        before, after = rpc.statement_reply(id_)
        begun = before + rpc.transactions(page)
        if page.next is None:
            await _send(send, begun + after)
            return begun + after
        await send({"type": "http.response.start", "status": 200, "headers": [CONTENT_TYPE]})
        await send({"type": "http.response.body", "body": begun, "more_body": True})
        gone = asyncio.ensure_future(receive())  # all that can still come is the caller's end
        try:
            while page.next and not gone.done():
                await asyncio.sleep(0)  # other calls come in between, whichever database it is
                page = await self._run["read"](get_statement, page.next, self._clock())
                await send({"type": "http.response.body", "body": b"," + rpc.transactions(page), "more_body": True})
        finally:
            gone.cancel()
        await send({"type": "http.response.body", "body": after})
        return begun

    async def _document(self, scope: Scope, receive: Receive, *, is_payme: bool) -> Any:
        """Read the body; a stranger's only for the `id` to echo, so whatever is wrong with it is "access denied"."""
        try:
            return rpc.parse(await read_body(scope, receive, self._body_max))
        except TooLong:
            raise Refusal(PaymeError.INVALID_REQUEST if is_payme else PaymeError.ACCESS_DENIED) from None
        except Refusal:
            raise Refusal(PaymeError.NOT_JSON if is_payme else PaymeError.ACCESS_DENIED) from None


class _Visit:
    """What is known of a call so far, for the reply and the log, however far it gets."""

    id: rpc.CallId = None
    method: str = UNREAD
    payme_id: str | None = None
    order_id: str | None = None
    amount: Tiyin | None = None


async def _send(send: Send, body: bytes) -> None:
    headers = [CONTENT_TYPE, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
