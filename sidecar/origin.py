"""Where a call comes from: the peer, or what trusted proxies say of it."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.types import Scope

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def origin(scope: Scope, proxies: Sequence[Network]) -> Address | None:
    """Give the nearest address that is not a proxy of ours; None when nobody we trust says one.

    A proxy adds the caller it saw at the end of X-Forwarded-For. So the list is read from its end, and no further than
    the first entry that is no trusted proxy: what stands before it was written by nobody we know.
    """
    nearest = address(scope["client"][0]) if scope.get("client") else None
    for entry in reversed(b",".join(headers(scope, b"x-forwarded-for")).split(b",")):
        if nearest is None or not within(nearest, proxies):
            break
        nearest = address(entry.decode("latin-1").strip())
    return nearest


def by_https(scope: Scope, proxies: Sequence[Network]) -> bool:
    """Say whether the caller came by HTTPS: to us, or to the trusted proxy that called us and says so last."""
    peer = address(scope["client"][0]) if scope.get("client") else None
    if peer is None or not within(peer, proxies):
        return bool(scope["scheme"] == "https")
    return b",".join(headers(scope, b"x-forwarded-proto")).split(b",")[-1].strip().lower() == b"https"


def headers(scope: Scope, name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key == name]


def address(text: str) -> Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def within(place: Address, networks: Sequence[Network]) -> bool:
    return any(place in network for network in networks)
