"""The commerce backend's payments, asked over HTTP page by page (docs/reconcile.md has the contract)."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import httpx

from sidecar import strict_json
from sidecar.clock import NEVER, Millis
from sidecar.money import TIYIN_MAX, Tiyin
from sidecar.reconcile.books import BackendPayment
from sidecar.reconcile.period import Period

PATH: Final = "/admin/payme/payments"
LIMIT: Final = 200  # payments of a page
SESSIONS_MAX: Final = 50  # sessions that are asked about by name at once
ANSWER_MAX: Final = 4_000_000  # bytes of a page
DEADLINE: Final = 60.0  # seconds without a byte
TEXT_MAX: Final = 128

Params = list[tuple[str, str | int | float | bool | None]]


class BackendAway(Exception):
    """The backend could not be asked, or answered something else; one line says which."""


class BackendBook:
    def __init__(self, client: httpx.AsyncClient, url: str, key: str) -> None:
        """`client` follows no redirects; `key` is the one that the session bridge uses, too."""
        self._client = client
        self._url = url + PATH
        self._named = f"the backend at {httpx.URL(self._url).copy_with(userinfo=b'')}"  # nobody's password in a report
        self._auth = httpx.BasicAuth(key, "")

    async def created_in(self, period: Period) -> AsyncIterator[list[BackendPayment]]:
        """Give pages of the payments made in the period, by the backend's own clock.

        Raises:
            BackendAway: not all of them could be had.
        """
        after, asked = "", {""}
        while True:
            params: Params = [("from", period.start), ("to", period.end), ("limit", LIMIT)]
            page, following = await self._page([*params, ("after", after)] if after else params)
            yield page
            if following is None:
                return
            if following in asked:
                raise BackendAway(f"the backend's pages go in a circle at {following!r}")
            asked.add(following)
            after = following

    async def of_sessions(self, session_ids: Sequence[str]) -> list[BackendPayment]:
        """Give the payments of these sessions, whenever they were made.

        Raises:
            BackendAway: it could not be asked.
        """
        return (await self._page([("session_ids", ",".join(session_ids))]))[0]

    async def _page(self, params: Params) -> tuple[list[BackendPayment], str | None]:
        try:
            async with self._client.stream(
                "GET", self._url, params=params, auth=self._auth, timeout=DEADLINE
            ) as response:
                body = await _body(response)
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            raise BackendAway(f"the backend cannot be asked: {type(error).__name__} {error}"[:200]) from None
        if response.status_code != httpx.codes.OK:
            raise BackendAway(f"{self._named} answered {response.status_code}{HINTS.get(response.status_code, '')}")
        return _read(body)


WITHOUT: Final = "Without it, compare with --no-backend"
HINTS: Final = {
    401: ": COMMERCE_BACKEND_KEY is not its key",
    403: ": COMMERCE_BACKEND_KEY may not read payments",
    404: f": it has no such route; is the plugin older than this sidecar? {WITHOUT}",
    501: f": it has no such route. {WITHOUT}",
}


async def _body(response: httpx.Response) -> bytes:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > ANSWER_MAX:
            raise BackendAway(f"a page of the backend is longer than {ANSWER_MAX} bytes")
    return body


def _read(body: bytes) -> tuple[list[BackendPayment], str | None]:
    try:
        answer = strict_json.decode(body)
        page = [_payment(item) for item in _list(answer, "payments")]
        following = _text(answer, "next") if page and answer.get("next") is not None else None
    except (strict_json.NotJson, AttributeError, KeyError, TypeError) as error:
        what = f"{type(error).__name__} {error}".strip()[:100]
        raise BackendAway(f"the backend's page is not of the shape that docs/reconcile.md asks for: {what}") from None
    return page, following


def _payment(item: Any) -> BackendPayment:
    return BackendPayment(
        _text(item, "session_id"),
        _text(item, "payment_id"),
        " ".join(str(order) for order in _list(item, "order_ids")),
        Tiyin(_whole(item, "amount", TIYIN_MAX)),
        _whole(item, "captured_amount", TIYIN_MAX),
        _whole(item, "refunded_amount", TIYIN_MAX),
        _text(item, "currency_code"),
        Millis(_whole(item, "created_time", TIYIN_MAX)),
        Millis(_whole(item, "canceled_time", TIYIN_MAX) if item.get("canceled_time") is not None else NEVER),
    )


def _list(item: Any, name: str) -> list[Any]:
    found = item[name]
    if not isinstance(found, list):
        raise TypeError(name)
    return found


def _text(item: Any, name: str) -> str:
    text = item[name]
    if not isinstance(text, str) or not 0 < len(text) <= TEXT_MAX:
        raise TypeError(name)
    return text


def _whole(item: Any, name: str, most: int) -> int:
    number = item[name]
    if type(number) is not int or not 0 <= number <= most:
        raise TypeError(name)
    return number
