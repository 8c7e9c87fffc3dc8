"""Payme's door: does our own process answer, and does the world find `/payme` as Payme must find it?"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
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
# What the world has no business with, and where it is. A key guards all but the console.
KEYED: Final = {"the provider API": "/payment-sessions/x", "/stats": "/stats", "/metrics": "/metrics"}
CONSOLE: Final = {"the console": "/console"}
REFUSALS: Final = (("unauthorized", "unauthorized"), ("not_found", "unknown_route"))  # `type` and `code` of ours

NO_ADDRESS: Final = "no public address is known"
ONLY_THESE: Final = "let the proxy pass on /payme, /payme-callback, /payment-status and qr only"
ONLY_YOURS: Final = "let the proxy pass /console on from your own addresses only, or reach it by VPN or SSH"
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
    if url.startswith("https://"):
        found += certificate.judged(await certificate_shown(url), clock())
    else:
        found.append(in_clear(live=not settings.payme_test_mode))
    pages = KEYED | CONSOLE
    replies = await asyncio.gather(*(ask(client, "GET", f"{url}{path}") for path in pages.values()))
    return [*found, *kept_inside(dict(zip(pages, replies, strict=True)))]


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


def kept_inside(replies: Mapping[str, Reply | Silence]) -> list[Finding]:
    """Judge by who answers: a refusal of ours comes from behind the proxy, so a key can be tried there."""
    silent = [name for name, it in replies.items() if isinstance(it, Silence)]
    reached = [name for name, it in replies.items() if isinstance(it, Reply) and is_ours(it)]
    keyed, console = [it for it in reached if it in KEYED], [it for it in reached if it in CONSOLE]
    inside = [it for it in replies if it not in {*silent, *reached}]
    judgements = (
        (keyed, warning, "open to the world, with only the key before it: {}", ONLY_THESE),
        (
            console,
            warning,
            "{} is open to the world; when it is switched on, only its password is before it",
            ONLY_YOURS,
        ),
        (silent, skipped, "the public address does not answer about {}", ""),
    )
    found = [say(INSIDE, words.format(_listed(names)), advice) for names, say, words, advice in judgements if names]
    return [*found, *([good(INSIDE, f"the proxy keeps inside: {_listed(inside)}")] if inside else [])]


def is_ours(reply: Reply) -> bool:
    """Whether `serve` said it: its refusal in JSON, or its way to the console's sign-in."""
    if reply.redirects:
        location: str = reply.headers.get("location", "")
        return location.partition("?")[0].endswith("/console/sign-in")
    said = _document(reply)
    return (said.get("type"), said.get("code")) in REFUSALS


def _listed(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def _document(reply: Reply) -> dict[str, Any]:
    try:
        said = strict_json.decode(reply.body)
    except strict_json.NotJson:
        return {}
    return said if isinstance(said, dict) else {}
