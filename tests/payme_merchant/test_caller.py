"""Is it Payme? What opens the door, what does not, and what a stranger learns."""

import base64
import contextlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx
import pytest
from pydantic import SecretStr

from tests.shop import AMOUNT, KEY, NOON, PAYME, SESSION, Shop, code

TEST_KEY: Final = "the-sandbox&#key"
PAYME_NETWORK: Final = "185.234.113.0/28"

Headers = Sequence[tuple[bytes, bytes]]


@pytest.fixture
def address(tmp_path: Path) -> str:
    """Give a database; which of the two matters to nobody here."""
    return f"sqlite:///{tmp_path}/sidecar.db"


@contextlib.contextmanager
def shop_with(address: str, **changes: Any) -> Iterator[Shop]:
    shop = Shop(address, **changes)
    shop.register()
    yield shop
    shop.close()


@pytest.fixture
def shop(address: str) -> Iterator[Shop]:
    with shop_with(address) as it:
        yield it


def knock(shop: Shop, headers: Headers, *, peer: str = "127.0.0.1", body: str | None = None) -> dict[str, Any]:
    """Call Payme's door with these headers and no others of ours, from this address."""

    async def work() -> httpx.Response:
        transport = httpx.ASGITransport(shop.app, client=(peer, 50_000))
        async with httpx.AsyncClient(transport=transport, base_url="http://sidecar.test") as browser:
            return await browser.post("/payme", content=CALL if body is None else body, headers=headers)

    response = shop.run(work())
    assert response.status_code == 200
    reply: dict[str, Any] = response.json()
    return reply


CALL: Final = json.dumps(
    {
        "jsonrpc": "2.0",
        "id": 7,
        "method": "CreateTransaction",
        "params": {"id": "tx1", "time": NOON, "amount": AMOUNT, "account": {"order_id": SESSION}},
    }
)


def credential(text: str | bytes, scheme: str = "Basic ") -> Headers:
    raw = text.encode() if isinstance(text, str) else text
    return [(b"authorization", scheme.encode() + base64.b64encode(raw))]


def authorization(*values: bytes) -> Headers:
    return [(b"authorization", value) for value in values]


GOOD: Final = f"Paycom:{KEY}"
ENCODED: Final = base64.b64encode(GOOD.encode())

# ── who is let in ───────────────────────────────────────────────────────────────────────────────────────────────

WELCOME: Final[dict[str, Headers]] = {
    "the credential": credential(GOOD),
    "the scheme in lower case": credential(GOOD, "basic "),
    "the scheme in upper case": credential(GOOD, "BASIC "),
    "spaces after the scheme": credential(GOOD, "Basic    "),
    "the header's name in upper case": [(b"AUTHORIZATION", b"Basic " + ENCODED)],
}


@pytest.mark.parametrize("headers", WELCOME.values(), ids=WELCOME)
def test_payme_is_let_in(shop: Shop, headers: Headers) -> None:
    assert code(knock(shop, headers)) == 0


@pytest.mark.parametrize("key", ["&#%?@:", "::", "a b", "ключ", "%41%42", "&amp;", "$(x)`y`\\n", "x" * 500])
def test_the_key_is_compared_byte_for_byte(address: str, key: str) -> None:
    with shop_with(address, payme_key=SecretStr(key)) as shop:
        assert code(knock(shop, credential(f"Paycom:{key}"))) == 0
        assert code(knock(shop, credential(f"Paycom:{key}x"))) == -32504
        assert code(knock(shop, credential(f"Paycom:{key[:-1]}"))) == -32504


def test_the_login_is_a_setting(address: str) -> None:
    with shop_with(address, payme_login="Payme-2") as shop:
        assert code(knock(shop, credential(f"Payme-2:{KEY}"))) == 0
        assert code(knock(shop, credential(GOOD))) == -32504


# ── who is not ──────────────────────────────────────────────────────────────────────────────────────────────────

STRANGERS: Final[dict[str, Headers]] = {
    "nothing": [],
    "an empty header": authorization(b""),
    "the scheme alone": authorization(b"Basic"),
    "the scheme and a space": authorization(b"Basic "),
    "no scheme": authorization(ENCODED),
    "the scheme run into the credential": authorization(b"Basic" + ENCODED),
    "a tab after the scheme": authorization(b"Basic\t" + ENCODED),
    "Bearer": credential(GOOD, "Bearer "),
    "Bearer, in clear": authorization(b"Bearer " + KEY.encode()),
    "Digest": authorization(b'Digest username="Paycom", response="' + ENCODED + b'"'),
    "no base64": authorization(b"Basic " + GOOD.encode()),
    "base64 cut short": authorization(b"Basic " + ENCODED.rstrip(b"=")[:-1]),
    "base64 with a hole": authorization(b"Basic " + ENCODED[:8] + b" " + ENCODED[8:]),
    "base64 with a stranger in it": authorization(b"Basic !" + ENCODED),
    "base64 twice": credential(ENCODED),
    "bytes that are no ASCII": authorization(b"Basic \xd0\xba\xd0\xbb\xd1\x8e\xd1\x87"),
    "bytes that are no UTF-8": credential(b"Paycom:\xff\xfe"),
    "an empty credential": credential(""),
    "a colon": credential(":"),
    "the login alone": credential("Paycom"),
    "the login and a colon": credential("Paycom:"),
    "the key alone": credential(KEY),
    "a colon and the key": credential(f":{KEY}"),
    "another login": credential(f"Payme:{KEY}"),
    "the login in lower case": credential(f"paycom:{KEY}"),
    "a space before the login": credential(f" {GOOD}"),
    "two colons": credential(f"Paycom::{KEY}"),
    "a colon after the key": credential(f"{GOOD}:"),
    "a login before the login": credential(f"x:{GOOD}"),
    "a space after the key": credential(f"{GOOD} "),
    "a line break after the key": credential(f"{GOOD}\n"),
    "NUL after the key": credential(f"{GOOD}\x00"),
    "the key in another case": credential(GOOD.swapcase()),
    "the key in upper case": credential(f"Paycom:{KEY.upper()}"),
    "the beginning of the key": credential(GOOD[:-1]),
    "more than the key": credential(f"{GOOD}x"),
    "the key escaped for HTML": credential(f"Paycom:{KEY.replace('&', '&amp;')}"),
    "the key escaped for addresses": credential("Paycom:k%26%23%25%3F%40%3Aey"),
    "the sandbox's wrong one": credential("Uzcard:somerandomstring1231231:otherstring"),
    "two headers, both good": authorization(b"Basic " + ENCODED, b"Basic " + ENCODED),
    "two headers, the first good": authorization(b"Basic " + ENCODED, b"Basic eDp5"),
    "two headers, the last good": authorization(b"Basic eDp5", b"Basic " + ENCODED),
    "two headers, one empty": authorization(b"", b"Basic " + ENCODED),
    "two in one header": authorization(b"Basic " + ENCODED + b", Basic " + ENCODED),
    "a very long one": authorization(b"Basic " + b"A" * 16_000),
    "the proxy's header": [(b"proxy-authorization", b"Basic " + ENCODED)],
    "a cookie": [(b"cookie", b"authorization=Basic " + ENCODED)],
    "the marks of the sandbox": [
        *credential("Paycom:wrong"),
        (b"test-operation", b"Paycom"),
        (b"referer", b"http://test.paycom.uz"),
    ],
}


@pytest.mark.parametrize("headers", STRANGERS.values(), ids=STRANGERS)
def test_a_stranger_is_refused_with_the_id_echoed_and_stores_nothing(shop: Shop, headers: Headers) -> None:
    reply = knock(shop, headers)

    assert code(reply) == -32504
    assert reply["id"] == 7
    assert shop.statement() == []
    assert code(knock(shop, credential(GOOD))) == 0


@pytest.mark.parametrize("query", ["key={}", "Authorization=Basic {}", "login=Paycom&password={}"])
def test_a_key_in_the_query_opens_nothing(shop: Shop, query: str) -> None:
    for shown in (KEY, ENCODED.decode()):
        path = "/payme?" + query.format(quote(shown))
        assert code(shop.run(shop.ask("POST", path, content=CALL)).json()) == -32504


# ── what a stranger learns ──────────────────────────────────────────────────────────────────────────────────────

BODIES: Final = {
    "a good call": (CALL, 7),
    "another id": (CALL.replace('"id": 7', '"id": "seven"'), "seven"),
    "an unknown order": (CALL.replace(SESSION, "payses_99"), 7),
    "a wrong amount": (CALL.replace(str(AMOUNT), "1"), 7),
    "an empty account": ('{"id":7,"method":"CheckPerformTransaction","params":{"amount":1,"account":{}}}', 7),
    "an unknown transaction": ('{"id":7,"method":"CheckTransaction","params":{"id":"x"}}', 7),
    "an unknown method": ('{"id":7,"method":"Refund","params":{}}', 7),
    "no method": ('{"id":7}', 7),
    "an id that cannot be echoed": ('{"id":[7]}', None),
    "a batch": (f"[{CALL}]", None),
    "no JSON": ("{", None),
    "an ambiguous document": ('{"id":7,"id":7}', None),
    "nothing": ("", None),
    "a body over the limit": (CALL.ljust(70_000), None),
}


@pytest.mark.parametrize(("body", "id_"), BODIES.values(), ids=BODIES)
def test_a_stranger_learns_nothing_but_that_he_is_one(shop: Shop, body: str, id_: object) -> None:
    stranger = knock(shop, credential("Paycom:wrong"), body=body)
    nobody = knock(shop, [], body=body)

    assert stranger == nobody
    assert stranger["id"] == id_
    assert stranger["error"] == knock(shop, [])["error"]
    assert set(stranger["error"]) == {"code", "message"}
    assert set(stranger["error"]["message"]) == {"ru", "uz", "en"}


def test_a_stranger_with_another_verb_learns_that_it_is_the_wrong_one(shop: Shop) -> None:
    response = shop.run(shop.ask("GET", "/payme"))

    assert response.json()["error"]["code"] == -32300


def test_a_stranger_changes_nothing_of_a_payment_in_progress(shop: Shop) -> None:
    shop.create()
    for method in ("PerformTransaction", "CancelTransaction", "SetFiscalData"):
        body = json.dumps({"id": 7, "method": method, "params": {"id": "tx1", "reason": 5}})
        assert code(knock(shop, credential("Paycom:wrong"), body=body)) == -32504

    assert shop.check()["result"]["state"] == 1
    assert shop.deliver() == 0


# ── two keys ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("test_mode", "with_live_key", "with_test_key"), [(False, 0, -32504), (True, 0, 0)], ids=["live", "test mode"]
)
def test_the_live_key_opens_always_and_the_test_key_in_test_mode_only(
    address: str, test_mode: bool, with_live_key: int, with_test_key: int
) -> None:
    keys = {"payme_test_key": SecretStr(TEST_KEY), "payme_test_mode": test_mode}
    with shop_with(address, **keys) as shop:
        assert code(knock(shop, credential(GOOD))) == with_live_key
        assert code(knock(shop, credential(f"Paycom:{TEST_KEY}"))) == with_test_key
        assert code(knock(shop, credential(f"Paycom:{TEST_KEY}:{KEY}"))) == -32504


def test_test_mode_without_a_test_key_opens_to_no_empty_or_spelt_out_key(address: str) -> None:
    with shop_with(address, payme_test_mode=True) as shop:
        for wrong in ("Paycom:", "Paycom:None", "Paycom", ""):
            assert code(knock(shop, credential(wrong))) == -32504


@pytest.mark.parametrize("test_mode", [False, True])
@pytest.mark.parametrize("mark", [(b"test-operation", b"Paycom"), (b"referer", b"http://test.paycom.uz")], ids=str)
def test_the_marks_of_the_sandbox_open_nothing(address: str, mark: tuple[bytes, bytes], test_mode: bool) -> None:
    keys = {"payme_test_key": SecretStr(TEST_KEY), "payme_test_mode": test_mode}
    with shop_with(address, **keys) as shop:
        assert code(knock(shop, [*credential("Paycom:wrong"), mark])) == -32504
        assert code(knock(shop, [mark])) == -32504


# ── where it calls from ─────────────────────────────────────────────────────────────────────────────────────────

FROM_PAYME: Final = ["185.234.113.1", "185.234.113.15", "::ffff:185.234.113.1", "::ffff:b9ea:7101"]
FROM_ELSEWHERE: Final = [
    "185.234.113.16",
    "185.234.112.255",
    "127.0.0.1",
    "::1",
    "::185.234.113.1",
    "64:ff9b::b9ea:7101",
]
GARBAGE: Final = [
    "",
    "testclient",
    "185.234.113.1:443",
    "185.234.113",
    "0185.234.113.1",
    "185.234.113.1/32",
    "3115008257",
]


@pytest.mark.parametrize("peer", FROM_PAYME)
def test_an_address_of_paymes_is_let_in(address: str, peer: str) -> None:
    with shop_with(address, payme_allowed_ips=PAYME_NETWORK) as shop:
        assert code(knock(shop, credential(GOOD), peer=peer)) == 0
        assert code(knock(shop, credential("Paycom:wrong"), peer=peer)) == -32504


@pytest.mark.parametrize("peer", [*FROM_ELSEWHERE, *GARBAGE], ids=repr)
def test_any_other_address_is_refused_like_a_wrong_key(address: str, peer: str) -> None:
    with shop_with(address, payme_allowed_ips=PAYME_NETWORK) as shop:
        refused = knock(shop, credential(GOOD), peer=peer)

        assert refused == knock(shop, credential("Paycom:wrong"), peer=peer)
        assert code(refused) == -32504
        assert refused["id"] == 7


def test_without_a_list_every_address_is_let_in(shop: Shop) -> None:
    for peer in (*FROM_PAYME, *FROM_ELSEWHERE, *GARBAGE):
        assert code(knock(shop, credential(GOOD), peer=peer)) == 0


def test_a_list_may_hold_several_networks_of_both_kinds(address: str) -> None:
    with shop_with(address, payme_allowed_ips=f"10.0.0.1, {PAYME_NETWORK}, 2001:db8::/32") as shop:
        for peer in ("10.0.0.1", "185.234.113.7", "2001:db8::7"):
            assert code(knock(shop, credential(GOOD), peer=peer)) == 0
        for peer in ("10.0.0.2", "2001:db9::7"):
            assert code(knock(shop, credential(GOOD), peer=peer)) == -32504


def forwarded(*values: str) -> Headers:
    return [*credential(GOOD), *((b"x-forwarded-for", value.encode("latin-1")) for value in values)]


PROXY: Final = "10.0.0.1"

BELIEVED: Final[dict[str, Sequence[str]]] = {
    "one entry": ["185.234.113.1"],
    "spaces around it": ["  185.234.113.1  "],
    "the last of several": ["6.6.6.6, 10.9.9.9, 185.234.113.1"],
    "the last header": ["6.6.6.6", "185.234.113.1"],
    "mapped into IPv6": ["::ffff:185.234.113.1"],
}

NOT_BELIEVED: Final[dict[str, Sequence[str]]] = {
    "nothing": [],
    "empty": [""],
    "the first of several": ["185.234.113.1, 6.6.6.6"],
    "the first header": ["185.234.113.1", "6.6.6.6"],
    "nothing after the last comma": ["185.234.113.1,"],
    "a last header that is empty": ["185.234.113.1", ""],
    "a word": ["unknown"],
    "a port": ["185.234.113.1:443"],
    "brackets": ["[::ffff:185.234.113.1]"],
    "quotes": ['"185.234.113.1"'],
    "the proxy itself": [PROXY],
    "bytes": ["\xff\xfe"],
    "superscript digits": ["185.234.113.\xb9"],
    "a network": ["185.234.113.0/28"],
    "very long": ["9" * 8_000],
}


@pytest.mark.parametrize("values", BELIEVED.values(), ids=BELIEVED)
def test_the_last_forwarded_address_is_believed_of_a_trusted_proxy(address: str, values: Sequence[str]) -> None:
    with shop_with(address, payme_allowed_ips=PAYME_NETWORK, forwarded_allow_ips=PROXY) as shop:
        assert code(knock(shop, forwarded(*values), peer=PROXY)) == 0
        assert code(knock(shop, forwarded(*values), peer=f"::ffff:{PROXY}")) == 0


@pytest.mark.parametrize("values", NOT_BELIEVED.values(), ids=NOT_BELIEVED)
def test_no_other_forwarded_address_is(address: str, values: Sequence[str]) -> None:
    with shop_with(address, payme_allowed_ips=PAYME_NETWORK, forwarded_allow_ips=PROXY) as shop:
        assert code(knock(shop, forwarded(*values), peer=PROXY)) == -32504


TWO_PROXIES: Final = "10.0.0.0/24, 2001:db8:1::/48"


@pytest.mark.parametrize("peer", ["10.0.0.1", "::ffff:10.0.0.1", "2001:db8:1::1"])
@pytest.mark.parametrize("inner", ["10.0.0.2", "::ffff:10.0.0.2", "2001:db8:1::2"])
def test_through_two_trusted_proxies_the_address_the_outer_one_saw_counts(address: str, peer: str, inner: str) -> None:
    with shop_with(address, payme_allowed_ips=PAYME_NETWORK, forwarded_allow_ips=TWO_PROXIES) as shop:
        for good in (["185.234.113.1", inner], [f"6.6.6.6, 185.234.113.1, {inner}"]):
            assert code(knock(shop, forwarded(*good), peer=peer)) == 0
        for spoofed in (["185.234.113.1", f"6.6.6.6, {inner}"], [f"185.234.113.1, {inner}, 6.6.6.6"], [inner]):
            assert code(knock(shop, forwarded(*spoofed), peer=peer)) == -32504


def test_an_untrusted_caller_gains_nothing_by_naming_our_proxies(address: str) -> None:
    with shop_with(address, payme_allowed_ips=PAYME_NETWORK, forwarded_allow_ips=TWO_PROXIES) as shop:
        assert code(knock(shop, forwarded("185.234.113.1, 10.0.0.2"), peer="6.6.6.6")) == -32504


@pytest.mark.parametrize("proxies", ["", "10.0.0.2", "2001:db8::/32"], ids=["none", "another", "another kind"])
def test_nobody_else_may_forward_an_address(address: str, proxies: str) -> None:
    with shop_with(address, payme_allowed_ips=PAYME_NETWORK, forwarded_allow_ips=proxies) as shop:
        assert code(knock(shop, forwarded("185.234.113.1"), peer=PROXY)) == -32504


def test_paymes_own_call_is_not_turned_away_by_a_forwarded_address_of_its_own(address: str) -> None:
    with shop_with(address, payme_allowed_ips=PAYME_NETWORK, forwarded_allow_ips=PROXY) as shop:
        assert code(knock(shop, forwarded("6.6.6.6"), peer="185.234.113.1")) == 0


@pytest.mark.parametrize("name", [b"x-real-ip", b"forwarded", b"cf-connecting-ip", b"true-client-ip", b"host"])
def test_no_other_header_says_where_a_call_comes_from(address: str, name: bytes) -> None:
    with shop_with(address, payme_allowed_ips=PAYME_NETWORK, forwarded_allow_ips=PROXY) as shop:
        headers = [*credential(GOOD), (name, b"185.234.113.1")]

        assert code(knock(shop, headers, peer="6.6.6.6")) == -32504
        assert code(knock(shop, headers, peer=PROXY)) == -32504


def test_a_caller_without_an_address_is_refused_when_there_is_a_list(address: str) -> None:
    """As over a Unix socket, where ASGI names no client."""
    with shop_with(address, payme_allowed_ips=PAYME_NETWORK) as shop:
        assert code(knock_without_address(shop)) == -32504
    with shop_with(address) as shop:
        assert code(knock_without_address(shop)) == 0


def knock_without_address(shop: Shop) -> dict[str, Any]:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": CALL.encode(), "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/payme", "query_string": b"", "client": None}
    headers = [(name.encode(), value.encode()) for name, value in PAYME.items()]
    shop.run(shop.app({**scope, "headers": headers}, receive, send))
    reply: dict[str, Any] = json.loads(sent[1]["body"])
    return reply


# ── addresses in links ──────────────────────────────────────────────────────────────────────────────────────────


def test_no_header_of_a_call_gets_into_a_link(shop: Shop) -> None:
    lies = {"host": "evil.test", "x-forwarded-host": "evil.test", "x-forwarded-proto": "gopher"}
    body = json.dumps({"id": "payses_02", "amount": AMOUNT, "currency_code": "uzs"})
    bearer = f"Bearer {shop.settings.sidecar_api_key.get_secret_value()}"
    plain = shop.session()["payment_url"]
    told = shop.run(
        shop.ask("POST", "/payment-sessions", content=body, headers={**lies, "authorization": bearer})
    ).json()["payment_url"]

    decoded = [base64.b64decode(url.rpartition("/")[2]).decode() for url in (plain, told)]
    assert decoded[1] == decoded[0].replace(SESSION, "payses_02")
    assert plain.startswith("https://checkout.paycom.uz/")
    assert told.startswith("https://checkout.paycom.uz/")
