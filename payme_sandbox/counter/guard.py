"""Who may knock: other sites must move nothing here, and a stranger's name for this address is none of ours."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
FROM_HERE: Final = frozenset({"same-origin", "none"})
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
HEADERS: Final = {
    "Cache-Control": "no-store",  # a page about money must never come back stale out of the browser's history
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Guard:
    """`opens` says which POSTs may come from any site, because they only open a page."""

    app: ASGIApp
    host: str
    """Where it is bound."""
    opens: Callable[[str], bool]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._stranger(headers) or self._intrusion(scope, headers)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        app = PlainTextResponse(refusal, 403) if refusal else self.app
        await app(scope, receive, with_headers)

    def _stranger(self, headers: Headers) -> str:
        """A web page elsewhere can make its own name lead here; the browser then takes us for that page's server."""
        if self.host not in LOOPBACK:
            return ""  # bound elsewhere on purpose: its visitors know it by names that we do not
        name = _host(f"//{headers.get('host', '')}")
        return "" if name in LOOPBACK else f"This is not {name}. Open it as http://127.0.0.1 or http://localhost."

    def _intrusion(self, scope: Scope, headers: Headers) -> str:
        if scope["method"] in SAFE or self.opens(scope["path"]):
            return ""
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        ours = site in FROM_HERE if site else origin is None or _netloc(origin) == headers.get("host")
        return "" if ours else "This was sent by a page of another site, and is not done."


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # half a bracket, for instance
        return ""


def _netloc(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""
