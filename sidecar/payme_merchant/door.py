"""`/payme`: one ASGI endpoint for every verb, body and crash. Payme takes any status but 200 for a failure (spec 1.4).

Order of checks: verb, caller, envelope, method, params, then what the method itself asks. A body is read up to its
limit and no further.
"""

from collections.abc import Callable
from time import perf_counter
from typing import Any, Final

import structlog
from starlette.types import Receive, Scope, Send

from sidecar.body import Gone, TooLong, read_body
from sidecar.clock import Clock
from sidecar.database import Database
from sidecar.metrics import Metrics
from sidecar.payme_merchant import rpc
from sidecar.payme_merchant.caller import Caller
from sidecar.payme_merchant.errors import PaymeError, Refusal
from sidecar.payme_merchant.methods import Reply
from sidecar.settings import Settings

log = structlog.get_logger()

UNREAD: Final = "unread"  # the method of a call that did not get as far as naming one


class Door:
    def __init__(
        self,
        settings: Settings,
        database: Database,
        clock: Clock,
        metrics: Metrics,
        promised: Callable[[], None],
    ) -> None:
        """`promised` is called after a move that the backend must hear of."""
        self._caller = Caller(settings)
        self._account_field = settings.payme_account_field
        self._busy_code = settings.payme_order_busy_code
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._promised = promised

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
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
        code, body = rpc.reply(visit.id, answer, account_field=self._account_field, busy_code=self._busy_code)
        structlog.contextvars.bind_contextvars(method=visit.method, payme_id=visit.payme_id, code=code)
        self._metrics.payme_calls.labels(visit.method, code).inc()
        self._metrics.payme_seconds.labels(visit.method).observe(perf_counter() - started)
        await _send(send, body)

    async def _answer(self, visit: "_Visit", scope: Scope, receive: Receive) -> Reply:
        if scope["method"] != "POST":
            raise Refusal(PaymeError.NOT_POST)
        is_payme = self._caller.is_payme(scope)
        document = await _document(scope, receive, is_payme=is_payme)
        visit.id = rpc.call_id(document)
        if not is_payme:
            raise Refusal(PaymeError.ACCESS_DENIED)
        call = rpc.read_call(document)
        visit.method = call.name
        params = call.method.read(call.params, self._account_field)
        visit.payme_id = getattr(params, "id", None)
        run = self._database.write if call.method.writes else self._database.read
        answer = await run(call.method.work, params, self._clock())
        if call.method.promises:
            self._promised()
        return answer


class _Visit:
    """What is known of a call so far, for the reply and the log, however far it gets."""

    id: rpc.CallId = None
    method: str = UNREAD
    payme_id: str | None = None


async def _document(scope: Scope, receive: Receive, *, is_payme: bool) -> Any:
    """Read the body; a stranger's only for the `id` to echo, so whatever is wrong with it is "access denied"."""
    try:
        return rpc.parse(await read_body(scope, receive))
    except TooLong:
        raise Refusal(PaymeError.INVALID_REQUEST if is_payme else PaymeError.ACCESS_DENIED) from None
    except Refusal:
        raise Refusal(PaymeError.NOT_JSON if is_payme else PaymeError.ACCESS_DENIED) from None


async def _send(send: Send, body: bytes) -> None:
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
