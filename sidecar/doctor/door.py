"""Payme's door: does our own process answer, and does the world find `/payme` as Payme must find it?"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import httpx

from sidecar import strict_json
from sidecar.clock import Clock
from sidecar.doctor import certificate
from sidecar.doctor.asking import Reply, Silence, ask
from sidecar.doctor.certificate import Validity
from sidecar.doctor.finding import Finding, good, skipped, warning, wrong
from sidecar.payme_merchant import rpc
from sidecar.payme_merchant.errors import PaymeError, Refusal
from sidecar.settings import Settings

SIDECAR: Final = "sidecar"
PUBLIC: Final = "public /payme"
INSIDE: Final = "private pages"
OUTER: Final = (PUBLIC, certificate.CHECK, INSIDE)

# An id that a proxy would spoil if it touched the body.
ID: Final = "payme-sidecar doctor: ё, oʻ, \u20ac & <b>"
NO_ADDRESS: Final = "no public address is known"
NAME_IT: Final = "say `--url https://…`, or set SIDECAR_URL to it"


async def at_home(settings: Settings, client: httpx.AsyncClient) -> list[Finding]:
    return [ready(await ask(client, "GET", f"{listening(settings)}/readyz"), listening(settings))]


def listening(settings: Settings) -> str:
    """Where `serve` listens, whatever the world calls it."""
    return settings.model_copy(update={"sidecar_url": None}).own_url


def ready(reply: Reply | Silence, where: str) -> Finding:
    if isinstance(reply, Silence):
        found = f"`serve` at {where}: {reply.reason}"
        return wrong(SIDECAR, found, "start `payme-sidecar serve`, or set HOST and PORT to where it listens")
    said = _document(reply)
    if reply.status == httpx.codes.OK and said.get("status") == "ready":
        return good(SIDECAR, f"`serve` at {where} is ready")
    if reply.status == httpx.codes.SERVICE_UNAVAILABLE and isinstance(said.get("message"), str):
        return wrong(
            SIDECAR, f"`serve` at {where} is not ready: {said['message']}", "put that right; it needs no restart"
        )
    found = f"something that is not the sidecar answers {reply.status} at {where}"
    return wrong(SIDECAR, found, "set PORT to a free one, for it and for the proxy")


async def from_outside(
    settings: Settings,
    url: str | None,
    client: httpx.AsyncClient,
    certificate_shown: Callable[[str], Awaitable[Validity | Silence]],
    clock: Clock,
) -> list[Finding]:
    """Knock as a stranger at the public address. The cashbox key is not shown: the address might be somebody else's."""
    if url is None:
        return [skipped(it, NO_ADDRESS, NAME_IT) for it in OUTER]
    content, headers = strict_json.encode(call()), {"content-type": "application/json"}
    answer = await ask(client, "POST", f"{url}/payme", content=content, headers=headers)
    found = [heard(answer, settings)]
    if not url.startswith("https://"):
        return [*found, in_clear(live=not settings.payme_test_mode)]
    found += certificate.judged(await certificate_shown(url), clock())
    return [*found, kept_inside(await ask(client, "GET", f"{url}/metrics"))]


def call() -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": ID, "method": "CheckPerformTransaction", "params": {}}


def expected(settings: Settings) -> bytes:
    """What `serve` says to a stranger, to the last byte."""
    denied = Refusal(PaymeError.ACCESS_DENIED)
    account_field, busy_code = settings.payme_account_field, settings.payme_order_busy_code
    return rpc.reply(ID, denied, account_field=account_field, busy_code=busy_code)[1]


def heard(answer: Reply | Silence, settings: Settings) -> Finding:
    if isinstance(answer, Silence):
        found = f"the public address: {answer.reason}"
        return wrong(PUBLIC, found, "look at DNS, the firewall, the certificate and the proxy")
    if answer.redirects:
        found = f"the public address redirects ({answer.status}), and Payme follows no redirect"
        return wrong(PUBLIC, found, "give Payme the address where it leads, or let the proxy pass /payme on as it is")
    if answer.status != httpx.codes.OK:
        found = f"the public address answers HTTP {answer.status}, where Payme takes 200 alone for an answer"
        return wrong(PUBLIC, found, "let the proxy pass POST /payme on to `serve`, with no page or login of its own")
    if answer.body == expected(settings):
        return good(PUBLIC, "answers -32504 to a stranger, with HTTP 200, and nothing on the way touches it")
    error = _document(answer).get("error")
    if isinstance(error, dict) and error.get("code") == PaymeError.ACCESS_DENIED:
        found = "the answer of the public address is not what `serve` wrote: the proxy, or another version, changes it"
        return wrong(PUBLIC, found, "switch off what rewrites bodies there, and run the version that `doctor` is of")
    found = "the public address answers something that is not the sidecar's"
    return wrong(PUBLIC, found, "let the proxy pass /payme on to `serve`, before the shop's own pages")


def in_clear(*, live: bool) -> Finding:
    say = wrong if live else warning
    return say(
        certificate.CHECK, "the public address is http://", "put TLS before it: Payme calls https addresses only"
    )


def kept_inside(reply: Reply | Silence) -> Finding:
    if isinstance(reply, Silence):
        return skipped(INSIDE, "the public address does not answer")
    if reply.status in {httpx.codes.OK, httpx.codes.UNAUTHORIZED}:
        found = "the provider API and /metrics can be called from outside, and only the key protects them"
        return warning(INSIDE, found, "let the proxy pass on /payme, /payme-callback, /payment-status and qr only")
    return good(INSIDE, "the provider API and /metrics stay inside")


def _document(reply: Reply) -> dict[str, Any]:
    try:
        said = strict_json.decode(reply.body)
    except strict_json.NotJson:
        return {}
    return said if isinstance(said, dict) else {}
