"""JSON lines on stderr, one for each call, with a correlation id that every line of the call carries.

No header, body or setting is ever logged, so no secret can be.
"""

import logging
import sys
import uuid
from collections.abc import Callable
from time import perf_counter
from typing import Final

import structlog
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sidecar import strict_json
from sidecar.doorkeeper import UNREMARKABLE

PROBES: Final = frozenset({"/healthz", "/readyz", "/metrics"})  # asked every few seconds: debug

log = structlog.get_logger()


def configure(level: str) -> None:
    """Send structlog's lines and everybody else's (uvicorn, SQLAlchemy) through one pipe to stderr."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in ("httpx", "httpcore", "alembic"):  # httpx would log whole addresses
        logging.getLogger(name).setLevel(logging.WARNING)


class CallLog:
    """The outermost layer: names each call, logs its end, and turns a crash into an answer."""

    def __init__(self, app: ASGIApp, counted: Callable[[int], None]) -> None:
        """`counted` hears the status of every answer."""
        self._app = app
        self._counted = counted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        call = uuid.uuid4().hex
        status = 0

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", call.encode())]
            await send(message)

        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(call=call)
        try:
            await self._app(scope, receive, named)
        except Exception:
            log.exception("call.crash")
            if status == 0:
                await _unavailable(scope, receive, named)
        probe = scope["path"] in PROBES
        if not probe:  # an answer of 503 is what a probe asks for
            self._counted(status)
        say = log.debug if probe or scope.get(UNREMARKABLE) else log.info
        elapsed = round((perf_counter() - started) * 1000, 2)
        say("call", verb=scope["method"], path=_route(scope), status=status, ms=elapsed)


def _route(scope: Scope) -> str:
    """Give the path without what the caller put into it: people put keys there."""
    if "endpoint" not in scope:
        return "unknown"
    given = set(scope["path_params"].values())
    return "/".join("…" if part in given else part for part in scope["path"].split("/"))


async def _unavailable(scope: Scope, receive: Receive, send: Send) -> None:
    body = {"type": "unexpected_state", "code": "unavailable", "message": "try again later"}
    await Response(strict_json.encode(body), 503, media_type="application/json")(scope, receive, send)
