"""Payme's door, given good calls with something wrong: in a value, between two words, in a byte, in the credential."""

import base64
import copy
import json
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from sidecar import strict_json
from sidecar.payme_merchant.errors import PaymeError
from tests.bad_callers.openapi_fuzz import rules
from tests.bad_callers.rows import emptied, ledger
from tests.shop import AMOUNT, KEY, NOON, PAYME, Shop, basic

CODES: Final = {0, *(int(it) for it in PaymeError)}
ORDERS: Final = tuple(f"order-{number}" for number in range(4))
TRANSACTIONS: Final = tuple(f"tx-{number}" for number in range(4))


def calls() -> st.SearchStrategy[dict[str, Any]]:
    """Good calls about a few orders, so that many of them meet."""
    id_ = st.sampled_from(TRANSACTIONS)
    account = st.fixed_dictionaries({"order_id": st.sampled_from(ORDERS)})
    time = st.sampled_from((NOON, NOON - 1, NOON + 1))
    about: dict[str, dict[str, st.SearchStrategy[Any]]] = {
        "CheckPerformTransaction": {"amount": st.just(AMOUNT), "account": account},
        "CreateTransaction": {"id": id_, "time": time, "amount": st.just(AMOUNT), "account": account},
        "PerformTransaction": {"id": id_},
        "CancelTransaction": {"id": id_, "reason": st.integers(1, 10)},
        "CheckTransaction": {"id": id_},
        "GetStatement": {"from": st.just(0), "to": st.just(NOON * 2)},
        "SetFiscalData": {
            "id": id_,
            "type": st.sampled_from(("PERFORM", "CANCEL")),
            "fiscal_data": st.fixed_dictionaries({"receipt_id": st.integers(), "status_code": st.just(0)}),
        },
    }
    return st.sampled_from(sorted(about)).flatmap(
        lambda method: st.fixed_dictionaries(
            {
                "jsonrpc": st.just("2.0"),
                "id": st.one_of(st.integers(), st.text(max_size=8), st.none()),
                "method": st.just(method),
                "params": st.fixed_dictionaries(about[method]),
            }
        )
    )


NASTY: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**30),
    *(0.0, -0.0, 1.5, 1e308, float(AMOUNT), f"{AMOUNT}", "", " ", "\x00", "\ud800", "\u202e", "💸", "x" * 65),
    *("' OR 1=1 --", "%", "{}", "../", "\r\n", "order-0\x00", " order-0 ", "ORDER-0"),
    *([], {}, [None], {"order_id": "order-0"}, [[[[]]]], {"": {"": {}}}),
)


def places(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield here
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in inside:
        yield from places(member, (*here, name))


@st.composite
def with_a_wrong_value(draw: st.DrawFn) -> bytes:
    """Replace, drop, add or rename something in the tree."""
    call = draw(calls())
    for _ in range(draw(st.integers(1, 3))):
        where = draw(st.sampled_from(list(places(call))[1:] or [()]))
        if not where:
            break
        holder = call
        for name in where[:-1]:
            holder = holder[name]
        nasty = st.sampled_from(NASTY).map(copy.deepcopy)  # what is put in may itself be changed next
        wrong = draw(st.one_of(nasty, st.integers(), st.floats(allow_nan=False), st.text(max_size=20)))
        match draw(st.sampled_from(("replace", "replace", "drop", "add", "rename"))):
            case "replace":
                holder[where[-1]] = wrong
            case "drop":
                del holder[where[-1]]
            case "add" if isinstance(holder, dict):
                holder[draw(st.text(max_size=8))] = wrong
            case "rename" if isinstance(holder, dict):
                holder[draw(st.sampled_from(("id", "amount", "account", "order_id", "time")))] = holder.pop(where[-1])
    return json.dumps(call).encode()


WORDS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[-+.\w]+|\s+|.', re.DOTALL)
JUNK: Final = (
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b'"',
    b"null",
    b"NaN",
    b"1e999",
    b"-",
    b"//",
    b"\xff",
    b"\x00",
    b"\\u",
)


@st.composite
def with_a_wrong_word(draw: st.DrawFn) -> bytes:
    """Drop, double, exchange or put in a word of the JSON text."""
    words = WORDS.findall(json.dumps(draw(calls())).encode())
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(words) - 1))
        other = draw(st.integers(0, len(words) - 1))
        match draw(st.sampled_from(("drop", "double", "exchange", "junk"))):
            case "drop" if len(words) > 1:
                del words[place]
            case "double":
                words[place:place] = words[place : place + draw(st.integers(1, 8))]
            case "exchange":
                words[place], words[other] = words[other], words[place]
            case "junk":
                words.insert(place, draw(st.sampled_from(JUNK)))
    return b"".join(words)


@st.composite
def with_a_wrong_byte(draw: st.DrawFn) -> bytes:
    body = bytearray(json.dumps(draw(calls()), ensure_ascii=draw(st.booleans())).encode())
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(0, len(body) - 1)))
        body[place : place + draw(st.integers(0, 2))] = draw(st.binary(max_size=3))
    return bytes(body[: draw(st.integers(0, len(body)))]) if draw(st.integers(0, 9)) == 0 else bytes(body)


BODIES: Final = st.one_of(
    calls().map(lambda call: json.dumps(call).encode()),
    with_a_wrong_value(),
    with_a_wrong_word(),
    with_a_wrong_byte(),
    st.binary(max_size=64),
)
WRONG: Final[tuple[dict[str, str], ...]] = (
    {},
    {"authorization": "Basic"},
    {"authorization": basic("Paycom:wrong")},
    {"authorization": basic(f"paycom:{KEY}")},
    {"authorization": basic(f"Paycom:{KEY} ")},
    {"authorization": "Bearer " + KEY.encode().hex()},
    {"authorization": "Basic " + base64.b64encode(b"Paycom:\xff").decode()},
)
HEADERS: Final = st.one_of(st.just(PAYME), st.just(PAYME), st.just(PAYME), st.sampled_from(WRONG))


class Errors(logging.Handler):
    """Every line that says that the fault is ours."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(str(record.msg))


@contextmanager
def no_error_logged() -> Iterator[None]:
    errors = Errors()
    logging.getLogger().addHandler(errors)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(errors)
    assert errors.said == []


def furnish(shop: Shop) -> None:
    emptied(shop)
    for order in ORDERS:
        shop.register(order)


def run(shop: Shop, examples: int, seed: int) -> Counter[str]:
    """So many calls; count the answers by code."""
    counts: Counter[str] = Counter()

    @rules(examples, seed)
    @given(body=BODIES, headers=HEADERS)
    def ask(body: bytes, headers: dict[str, str]) -> None:
        counts[f"/payme {answered(shop, rows, body, headers)}"] += 1

    with no_error_logged(), ledger(shop) as rows:
        ask()
    return counts


def answered(shop: Shop, rows: Callable[[], Any], body: bytes, headers: dict[str, str]) -> int:
    """Send it; give the code of an answer that is all that an answer must be."""
    before = rows()
    response = shop.run(shop.ask("POST", "/payme", content=body, headers=headers))
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json; charset=utf-8")
    reply = strict_json.decode(response.content)
    code = judged(reply)
    assert (code == PaymeError.ACCESS_DENIED) == (headers is not PAYME)
    if code:
        assert rows() == before
    if code == PaymeError.NOT_JSON:
        assert reply["id"] is None
    else:
        assert_echoed(reply["id"], body)
    return code


def judged(reply: Any) -> int:
    assert set(reply) in ({"jsonrpc", "id", "result"}, {"jsonrpc", "id", "error"})
    if "result" in reply:
        return 0
    error = reply["error"]
    assert set(error) <= {"code", "message", "data"}
    assert set(error["message"]) == {"ru", "uz", "en"}
    assert error["code"] in CODES
    return int(error["code"])


def assert_echoed(id_: object, body: bytes) -> None:
    try:
        document = strict_json.decode(body)
    except strict_json.NotJson:
        assert id_ is None  # a stranger's body, of which nothing else is said
        return
    sent = document.get("id") if isinstance(document, dict) else None
    expected = None if isinstance(sent, dict | list) else sent
    assert (type(id_), id_) == (type(expected), expected)
