"""What is counted and said of those who stood at a door."""

import re
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any, Final

import pytest
import structlog

from sidecar.doorkeeper import UNREMARKABLE, Door, Doorkeeper, Reason
from sidecar.keys import Key
from sidecar.metrics import Metrics
from tests.shop import API_KEY, KEY, SESSION, Shop, basic, code

CHECK: Final = '{"id": 7, "method": "CheckTransaction", "params": {"id": "tx1"}}'


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def facts() -> Iterator[None]:
    """The words of a call's line, as `CallLog` begins and ends them."""
    structlog.contextvars.clear_contextvars()
    yield
    structlog.contextvars.clear_contextvars()


def call(peer: str = "6.6.6.6") -> dict[str, Any]:
    return {"client": (peer, 50_000), "headers": []}


def words() -> dict[str, Any]:
    """What the line of this call says; the next one begins anew."""
    said = structlog.contextvars.get_contextvars()
    structlog.contextvars.clear_contextvars()
    return said


def test_a_strangers_first_line_says_why_and_whence_and_the_next_may_be_left_out(facts: None) -> None:
    clock = Clock()
    doorkeeper = Doorkeeper(Door.PAYME, Metrics(), (), clock)
    first, second, other, later = call(), call(), call("7.7.7.7"), call()

    doorkeeper.turns_away(first, Reason.CREDENTIAL)
    assert words() == {"refused": "credential", "address": "6.6.6.6", "left_out": 0}
    doorkeeper.turns_away(second, Reason.CREDENTIAL)
    assert words() == {}
    doorkeeper.turns_away(other, Reason.CREDENTIAL)
    assert words()["address"] == "7.7.7.7"
    clock.now = 60
    doorkeeper.turns_away(later, Reason.CREDENTIAL)
    assert words()["left_out"] == 1
    assert [it.get(UNREMARKABLE) for it in (first, second, other, later)] == [None, True, None, None]


def test_a_stranger_behind_a_proxy_is_named_and_not_the_proxy(facts: None) -> None:
    doorkeeper = Doorkeeper(Door.PAYME, Metrics(), [ip_network("10.0.0.1")])
    doorkeeper.turns_away({"client": ("10.0.0.1", 1), "headers": [(b"x-forwarded-for", b"7.7.7.7")]}, Reason.ADDRESS)

    assert words() == {"refused": "address", "address": "7.7.7.7", "left_out": 0}


def test_all_addresses_of_one_ipv6_machine_are_one_stranger(facts: None) -> None:
    doorkeeper = Doorkeeper(Door.PAYME, Metrics(), ())
    doorkeeper.turns_away(call("2001:db8:0:1::1"), Reason.CREDENTIAL)
    assert words()["address"] == "2001:db8:0:1::/64"
    for number in range(2, 100):
        doorkeeper.turns_away(call(f"2001:db8:0:1::{number:x}%eth{number}"), Reason.CREDENTIAL)

    assert words() == {}


def test_the_previous_key_is_named_in_the_line_and_the_current_one_is_not(facts: None) -> None:
    doorkeeper = Doorkeeper(Door.API, Metrics(), ())

    doorkeeper.lets_in(call("6.6.6.6"), Key.CURRENT)
    assert words() == {}
    doorkeeper.lets_in(call("6.6.6.6"), Key.PREVIOUS)
    assert words() == {"key": "previous"}


# ── a flood ─────────────────────────────────────────────────────────────────────────────────────────────────────


def counted(shop: Shop, metric: str) -> dict[str, int]:
    page = shop.api("GET", "/metrics").text
    return {labels: int(float(it)) for labels, it in re.findall(rf"^{metric}_total{{(.*)}} (\S+)$", page, re.MULTILINE)}


def test_a_thousand_wrong_keys_are_counted_and_lock_nobody_out(shop: Shop) -> None:
    wrong = {"authorization": basic(f"Paycom:{KEY[:-1]}")}
    stranger = {"authorization": "Bearer wrong"}
    for _ in range(100):
        assert {code(reply.json()) for reply in shop.together(*(_knock(shop, wrong) for _ in range(10)))} == {-32504}
        assert code(shop.check()) == -31003
        shop.run(shop.ask("GET", f"/payment-sessions/{SESSION}", headers=stranger))

    assert counted(shop, "callers_refused") == {
        'door="payme",reason="credential"': 1_000,
        'door="api",reason="credential"': 100,
    }
    assert counted(shop, "keys_shown")['door="payme",key="current"'] == 100


def _knock(shop: Shop, headers: dict[str, str]) -> Any:
    return shop.ask("POST", "/payme", content=CHECK, headers=headers)


def test_a_wrong_address_is_counted_as_one(database_url: str) -> None:
    shop = Shop(database_url, payme_allowed_ips="185.234.113.0/28")
    refused = shop.check()
    page = counted(shop, "callers_refused")
    shop.close()

    assert code(refused) == -32504
    assert page == {'door="payme",reason="address"': 1}


def test_no_count_names_a_key_or_an_address(shop: Shop) -> None:
    shop.post(CHECK, {"authorization": basic("Paycom:wrong")})
    page = shop.api("GET", "/metrics").text

    assert not [it for it in (KEY, API_KEY, "127.0.0.1", "wrong-key") if it in page]
