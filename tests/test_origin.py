"""Where a call comes from, with proxies between."""

from ipaddress import ip_network
from typing import Any, Final

import pytest

from sidecar.origin import noted, origin

PROXIES: Final = tuple(ip_network(it) for it in ("10.0.0.0/24", "2001:db8:1::/48"))

# peer, X-Forwarded-For headers, what is believed
CHAINS: Final[dict[str, tuple[str | None, list[str], str | None]]] = {
    "nobody between": ("185.234.113.1", [], "185.234.113.1"),
    "nobody between, and a lie": ("6.6.6.6", ["185.234.113.1"], "6.6.6.6"),
    "a lie that names a proxy": ("6.6.6.6", ["185.234.113.1, 10.0.0.1"], "6.6.6.6"),
    "one proxy": ("10.0.0.1", ["185.234.113.1"], "185.234.113.1"),
    "one proxy, and a lie before it": ("10.0.0.1", ["185.234.113.1, 6.6.6.6"], "6.6.6.6"),
    "two proxies": ("10.0.0.1", ["185.234.113.1, 10.0.0.2"], "185.234.113.1"),
    "two proxies, and a lie before them": ("10.0.0.1", ["185.234.113.1, 6.6.6.6, 10.0.0.2"], "6.6.6.6"),
    "two proxies, and a lie that looks like a third": ("10.0.0.1", ["185.234.113.1, 10.0.0.9, 6.6.6.6"], "6.6.6.6"),
    "three proxies of both kinds": ("2001:db8:1::1", ["2001:db8:9::7, 10.0.0.2, 2001:db8:1::2"], "2001:db8:9::7"),
    "a header of each proxy": ("10.0.0.1", ["185.234.113.1", "10.0.0.2"], "185.234.113.1"),
    "addresses mapped into IPv6": ("::ffff:10.0.0.1", ["::ffff:185.234.113.1, ::ffff:a00:2"], "185.234.113.1"),
    "proxies only": ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
    "a proxy that says nothing": ("10.0.0.1", [], None),
    "a proxy that says nothing after a comma": ("10.0.0.1", ["185.234.113.1,"], None),
    "garbage nearest to us": ("10.0.0.1", ["185.234.113.1, unknown"], None),
    "garbage behind the second proxy": ("10.0.0.1", ["185.234.113.1, _hidden, 10.0.0.2"], None),
    "an address with a zone of any length": ("10.0.0.1", ["fe80::1%" + "a" * 70], None),
    "a mapped address with a zone": ("10.0.0.1", ["::ffff:185.234.113.1%a"], None),
    "a neighbour, and the kernel says by which wire": ("fe80::1%eth0", [], "fe80::1"),
    "a proxy, and the kernel says by which wire": ("2001:db8:1::1%eth0", ["185.234.113.1"], "185.234.113.1"),
    "a Unix socket": (None, ["185.234.113.1"], None),
    "a name for a peer": ("testclient", ["185.234.113.1"], None),
}


def scope(peer: str | None, forwarded: list[str]) -> dict[str, Any]:
    headers = [(b"host", b"sidecar"), *((b"x-forwarded-for", it.encode()) for it in forwarded)]
    return {"client": (peer, 50_000) if peer else None, "headers": headers}


@pytest.mark.parametrize(("peer", "forwarded", "believed"), CHAINS.values(), ids=CHAINS)
def test_the_nearest_address_that_is_no_proxy_of_ours_is_believed(
    peer: str | None, forwarded: list[str], believed: str | None
) -> None:
    found = origin(scope(peer, forwarded), PROXIES)

    assert (str(found) if found else None) == believed


def test_without_proxies_the_peer_is_believed_whatever_is_forwarded() -> None:
    assert str(origin(scope("10.0.0.1", ["185.234.113.1"]), ())) == "10.0.0.1"


def test_a_header_full_of_proxies_is_read_to_its_end_and_no_further() -> None:
    many = ", ".join(["185.234.113.1", *["10.0.0.2"] * 5_000])

    assert str(origin(scope("10.0.0.1", [many]), PROXIES)) == "185.234.113.1"


@pytest.mark.parametrize(
    ("peer", "forwarded", "name"),
    [
        ("10.0.0.1", [], "10.0.0.1"),
        ("::ffff:10.0.0.1", [], "10.0.0.1"),
        ("6.6.6.6", [], "6.6.6.6"),
        ("10.0.0.1", ["185.234.113.1"], "185.234.113.1"),
        ("10.0.0.1", ["_hidden"], "unknown"),
        ("10.0.0.1", [""], "unknown"),
        (None, [], "unknown"),
        ("testclient", [], "unknown"),
    ],
)
def test_who_comes_through_a_tunnel_to_a_trusted_proxys_address_is_noted_by_it(
    peer: str | None, forwarded: list[str], name: str
) -> None:
    assert noted(scope(peer, forwarded), PROXIES) == name
