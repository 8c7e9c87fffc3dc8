"""The commerce backend: reached, its door locked, our key accepted, and its clock.

It is asked to authorize a payment session that nobody has, with an empty body: whoever reads it can only refuse. A
second call, without the key, tells a refusal by the door from a refusal by the room behind it.
"""

import base64
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

from sidecar.clock import SECOND, Clock, Millis
from sidecar.doctor import books
from sidecar.doctor.asking import Reply, Silence, ask
from sidecar.doctor.finding import Finding, Grade, skipped, warning, wrong
from sidecar.settings import Settings

CHECK: Final = "backend"
CLOCK: Final = "backend clock"
NOBODYS: Final = "payme-sidecar-doctor"  # a session that no backend has
DENIED: Final = (401, 403)
AWAY: Final = (502, 503, 504)

# What it means when our key was shown, where nothing worse is known.
MEANINGS: Final[dict[int, tuple[Grade, str, str]]] = {
    **dict.fromkeys(
        DENIED,
        (Grade.WRONG, "the backend refuses COMMERCE_BACKEND_KEY", "set a secret key that the backend shows as active"),
    ),
    **dict.fromkeys(
        AWAY,
        (Grade.WRONG, "a proxy answers that the backend is away", "start it, or look at the proxy before it"),
    ),
    405: (Grade.WRONG, "the backend takes no POST there", "install the plugin, or build the two routes (README)"),
    429: (Grade.WARNING, "the backend asks us to call less often", "let it count the sidecar's calls apart"),
    **dict.fromkeys((400, 404, 409, 410, 422), (Grade.GOOD, "the backend answers, and takes our key", "")),
}


async def visit(settings: Settings, client: httpx.AsyncClient, clock: Clock) -> list[Finding]:
    url = f"{settings.commerce_backend_url}/admin/payme/payment-sessions/{NOBODYS}/authorize"
    told = {"content-type": "application/json", "idempotency-key": f"authorize:{NOBODYS}"}
    key = base64.b64encode(f"{settings.commerce_backend_key.get_secret_value()}:".encode()).decode("ascii")
    stranger = await ask(client, "POST", url, content=b"{}", headers=told)
    asked = clock()
    ours = await ask(client, "POST", url, content=b"{}", headers=told | {"authorization": f"Basic {key}"})
    between = Millis((asked + clock()) // 2)
    return [judged(stranger, ours), clock_of(ours, between)]


def judged(stranger: Reply | Silence, ours: Reply | Silence) -> Finding:
    if isinstance(ours, Silence):
        found = f"the backend behind COMMERCE_BACKEND_URL: {ours.reason}"
        return wrong(CHECK, found, "start it, or correct the address; messages wait meanwhile")
    if ours.redirects:
        advice = "set it to the address where it leads; the sidecar follows none, for it carries a key"
        return wrong(CHECK, "COMMERCE_BACKEND_URL redirects", advice)
    if _is_no_such_page(ours):
        found = "the backend answers, but has no page /admin/payme/…"
        return wrong(CHECK, found, "install the plugin there, or correct the path in COMMERCE_BACKEND_URL")
    grade, found, advice = MEANINGS.get(ours.status, _another(ours.status))
    if grade is Grade.GOOD and isinstance(stranger, Reply) and stranger.status not in DENIED:
        return _open(stranger.status, ours.status)
    return Finding(CHECK, grade, found, advice)


def _open(to_strangers: int, to_us: int) -> Finding:
    if to_strangers == to_us == httpx.codes.NOT_FOUND:
        found = "the backend answers 404 with our key and without"
        return wrong(CHECK, found, "its routes are missing, or ask for no key: install the plugin, or see README")
    found = f"the backend answers {to_strangers} to a caller who shows no key"
    return warning(CHECK, found, "let it ask for the key before it reads anything")


def clock_of(ours: Reply | Silence, now: Millis) -> Finding:
    """The header has whole seconds; half of one is its mean."""
    if isinstance(ours, Silence):
        return skipped(CLOCK, "the backend does not answer")
    try:
        said = parsedate_to_datetime(ours.headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return skipped(CLOCK, "the backend's answer has no date")
    return books.clocks_differ(CLOCK, "the backend's", now - round(said * SECOND) - SECOND // 2)


def _is_no_such_page(it: Reply) -> bool:
    """Express and every web server say it in HTML, an API in JSON."""
    return it.status == httpx.codes.NOT_FOUND and it.headers.get("content-type", "").startswith("text/html")


def _another(status: int) -> tuple[Grade, str, str]:
    found = f"the backend answers {status} to a message about no payment"
    if httpx.codes.is_success(status):
        return Grade.WARNING, found, "let its two routes look for the session, and answer 404 when there is none"
    return Grade.WARNING, found, "look into its log: a real message would be sent again and again"
