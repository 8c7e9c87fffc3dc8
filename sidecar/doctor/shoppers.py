"""The shopper's way back: the callback page, whether it can ask the sidecar, and the storefront behind it."""

from typing import Final
from urllib.parse import parse_qs, urlsplit

import httpx

from sidecar.doctor.asking import Reply, Silence, ask
from sidecar.doctor.finding import Finding, good, skipped, warning, wrong
from sidecar.settings import Settings

CALLBACK: Final = "callback"
STOREFRONT: Final = "storefront"
NOBODYS: Final = "payme-sidecar-doctor"  # an order that nobody has


async def visit(settings: Settings, client: httpx.AsyncClient) -> list[Finding]:
    """Come back as a shopper with an order that does not exist, and go where the callback sends us."""
    joint = "&" if "?" in settings.callback_url else "?"
    sent = await ask(client, "GET", f"{settings.callback_url}{joint}order_id={NOBODYS}")
    found = sent_home(sent)
    home = home_of(sent)
    if home is None:
        return [found, skipped(STOREFRONT, "the callback does not say where it is")]
    return [found, at_home(await ask(client, "GET", home), urlsplit(home).netloc)]


def home_of(sent: Reply | Silence) -> str | None:
    """Where the callback sends the shopper; None when that was not the callback, or it sent nobody anywhere."""
    if isinstance(sent, Silence) or not sent.redirects:
        return None
    location = sent.headers.get("location", "")
    return location if _outcome(location) else None


def sent_home(sent: Reply | Silence) -> Finding:
    if isinstance(sent, Silence):
        found = f"CALLBACK_URL: {sent.reason}"
        return wrong(
            CALLBACK, found, "look at DNS, at the proxy and its certificate, and whether `payme-sidecar callback` runs"
        )
    outcome = _outcome(sent.headers.get("location", "")) if sent.redirects else ""
    if outcome == "failed":
        return good(CALLBACK, "the callback answers, and asks the sidecar")
    if outcome == "pending":
        advice = "correct its SIDECAR_URL, or what stands between the two"
        return wrong(CALLBACK, "the callback answers, but cannot ask the sidecar", advice)
    if outcome:
        return wrong(CALLBACK, f"an order that nobody has is said to be {outcome}", "is it another sidecar's callback?")
    if sent.redirects:
        found = "CALLBACK_URL redirects to a page that knows of no payment"
        return wrong(CALLBACK, found, "let the proxy pass /payme-callback on to the callback service, and set https://")
    found = f"something that is not the callback answers {sent.status} at CALLBACK_URL"
    return wrong(CALLBACK, found, "let the proxy pass /payme-callback on to the callback service (port 8701)")


def at_home(reply: Reply | Silence, host: str) -> Finding:
    if isinstance(reply, Silence):
        found = f"the storefront at {host}: {reply.reason}"
        return wrong(STOREFRONT, found, "start it, or correct STOREFRONT_URL of the callback")
    if reply.status == httpx.codes.NOT_FOUND:
        found = f"the storefront at {host} has no page where shoppers are sent"
        return warning(STOREFRONT, found, "correct STOREFRONT_REVIEW_PATH of the callback")
    if reply.status >= httpx.codes.BAD_REQUEST:
        found = f"the storefront at {host} answers {reply.status} where shoppers are sent"
        return warning(STOREFRONT, found, "open that page in a browser and see")
    return good(STOREFRONT, f"the storefront at {host} answers where shoppers are sent")


def _outcome(location: str) -> str:
    return next(iter(parse_qs(urlsplit(location).query).get("payment", ())), "")
