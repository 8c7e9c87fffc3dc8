"""The certificate of a public address, and how long it lasts."""

import asyncio
import contextlib
import ssl
from typing import Final, NamedTuple, cast
from urllib.parse import urlsplit

from sidecar.clock import HOUR, SECOND, Millis
from sidecar.doctor.asking import PATIENCE, Silence, reason
from sidecar.doctor.finding import Finding, good, warning, wrong

CHECK: Final = "certificate"
DAY: Final = 24 * 3600 * SECOND
SOON: Final = 14 * DAY  # whoever renews by itself has done it by then; of a short-lived one, by its last quarter


class Validity(NamedTuple):
    since: Millis
    until: Millis


async def shown(url: str, trusted: ssl.SSLContext) -> Validity | Silence:
    """Shake hands as any client would; give how long the certificate is valid."""
    parts = urlsplit(url)
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or 443, ssl=trusted)
    except (OSError, TimeoutError) as error:
        return Silence(reason(error))
    said = cast("dict[str, str]", writer.get_extra_info("peercert"))
    writer.close()
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await writer.wait_closed()
    return Validity(_moment(said["notBefore"]), _moment(said["notAfter"]))


def judged(it: Validity | Silence, now: Millis) -> list[Finding]:
    if isinstance(it, Silence):
        return [wrong(CHECK, f"no TLS with the public address: {it.reason}", "look at DNS, port 443 and the proxy")]
    left = it.until - now
    found = f"valid for another {left // DAY} days" if left >= DAY else f"valid for another {left // HOUR} hours"
    if left < min(SOON, (it.until - it.since) // 4):
        return [warning(CHECK, found, "see in the proxy's log why it is not renewed")]
    return [good(CHECK, found)]


def _moment(said: str) -> Millis:
    return Millis(round(ssl.cert_time_to_seconds(said)) * SECOND)
