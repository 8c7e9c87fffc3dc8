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
    nearest = _peer(scope)
    for entry in reversed(b",".join(headers(scope, b"x-forwarded-for")).split(b",")):
        if nearest is None or not within(nearest, proxies):
            break
        nearest = address(entry.decode("latin-1").strip())
    return nearest


def noted(scope: Scope, proxies: Sequence[Network]) -> str:
    """Name who called, for people: where a trusted proxy says nobody, it is the proxy, or a tunnel that ends there.

    Nothing is decided by it: an allow-list asks `origin`, for which such a call comes from nowhere.
    """
    found = origin(scope, proxies)
    if found is None and not headers(scope, b"x-forwarded-for"):
        found = _peer(scope)
    return str(found or "unknown")


def by_https(scope: Scope, proxies: Sequence[Network]) -> bool:
    """Say whether the caller came by HTTPS: to us, or to the trusted proxy that called us and says so last."""
    peer = _peer(scope)
    if peer is None or not within(peer, proxies):
        return bool(scope["scheme"] == "https")
    return b",".join(headers(scope, b"x-forwarded-proto")).split(b",")[-1].strip().lower() == b"https"


def headers(scope: Scope, name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key == name]


def address(text: str) -> Address | None:
    """Read an address; one with a zone is none: that is a name of the caller's, as long as they like."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    if isinstance(found, IPv4Address):
        return found
    return None if found.scope_id is not None else found.ipv4_mapped or found


def within(place: Address, networks: Sequence[Network]) -> bool:
    return any(place in network for network in networks)


def _peer(scope: Scope) -> Address | None:
    """Read who called us; a zone here is the kernel's name of an interface of ours, and says nothing of the caller."""
    return address(scope["client"][0].partition("%")[0]) if scope.get("client") else None
