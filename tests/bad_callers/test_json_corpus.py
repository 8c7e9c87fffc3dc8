"""Every way to write JSON that is good, bad, or read by each parser in its own way, sent to Payme's door."""

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.shop import Shop, code

NOT_JSON: Final = -32700
INVALID: Final = -32600

# Payme's door takes an object; any other document is understood and refused.
GOOD_VALUES: Final[dict[str, str]] = {
    **{f"number {it}": it for it in ("0", "-0", "1", "-1", "123", "0.5", "-0.5", "1.0", "10.01", "1e5", "1E5")},
    **{f"number {it}": it for it in ("1e+5", "1e-5", "1.5E+10", "0e1", "0e+1", "-1.5e-7", "1e-400", "9" * 300)},
    **{f"word {it}": it for it in ("true", "false", "null")},
    **{f"string {it}": f'"{it}"' for it in ("", "a", " ", "é", "з", "€", "💸", "\x7f", "\u2028", "\u2029", "\ufeff")},
    **{f"escape {it}": f'"\\{it}"' for it in ('"', "\\", "/", "b", "f", "n", "r", "t")},
    **{
        f"escape u{it}": f'"\\u{it}"'
        for it in ("0000", "001f", "0022", "005C", "00e9", "20AC", "d83d\\udcb8", "FFFE", "ffff", "FDD0")
    },
    **{
        f"list {it}": it
        for it in ("[]", "[ ]", "[1]", "[1,2]", "[[]]", "[[[]],[]]", '["a",null,true,1.5,{}]', "[\n1\t,\r2 ]")
    },
    **{
        f"object {it}": it
        for it in ("{}", "{ }", '{"a":1}', '{"":0}', '{"a":{"a":{}}}', '{"a":[],"b":{}}', '{"\\u0061":1}')
    },
    "spaces around": " \t\r\n{} \t\r\n",
    "keys that differ in case": '{"a":1,"A":2}',
    "keys that differ in their form": '{"é":1,"e\u0301":2}',
    "a list of 10,000": "[" + ",".join("0" * 10_000) + "]",
    "an object of 3,000": json.dumps({str(number): number for number in range(3_000)}),
    "100 levels of lists": "[" * 100 + "]" * 100,
    "100 levels of objects": '{"a":' * 100 + "1" + "}" * 100,
}

NUMBERS: Final = (
    *("+1", "01", "-01", "00", "1.", "-1.", ".5", "-.5", "1e", "1e+", "1e-", "1E", "1.e1", "e5", "0x10", "0b1", "0o7"),
    *(
        "1_000",
        "1,000",
        "1 000",
        "--1",
        "-",
        "+",
        "- 1",
        "1-",
        "1+",
        "1.2.3",
        "1e1.5",
        "1e5e5",
        "NaN",
        "-NaN",
        "Infinity",
    ),
    *(
        "-Infinity",
        "+Infinity",
        "nan",
        "inf",
        "１",
        "١",
        "1a",
        "1f",
        "1n",
        "1L",
        "0.0e",
        "2.e3",
        "0e",
        "\u22121",
        "1\u00a0",
    ),
)
WORDS: Final = (
    "True",
    "False",
    "None",
    "NULL",
    "nul",
    "nulll",
    "tru",
    "TRUE",
    "undefined",
    "nil",
    "yes",
    "*",
    "$",
    "a",
    "@",
)
STRINGS: Final = {
    "not ended": '"a',
    "not begun": 'a"',
    "single quotes": "'a'",
    "back quotes": "`a`",
    "curly quotes": "“a”",
    "a line break": '"a\nb"',
    "a carriage return": '"a\rb"',
    "a tab": '"a\tb"',
    "NUL": '"a\x00b"',
    "an escape character": '"a\x1bb"',
    "half an escape": '"\\"',
    "a made-up escape": '"\\a"',
    "an escape of Python's": '"\\x41"',
    "an escaped line break": '"\\\n"',
    "an escape in octal": '"\\101"',
    "a short u": '"\\u12"',
    "a u of no hex": '"\\u12g4"',
    "a big U": '"\\U00000041"',
    "a u in braces": '"\\u{41}"',
    "a u with a sign": '"\\u+041"',
    "a u with an underscore": '"\\u0_41"',
    "two side by side": '"a""b"',
    "one after the other": '"a" "b"',
    "triple quotes": '"""a"""',
    "a prefix of Python's": 'u"a"',
}
LISTS: Final = (
    *("[", "]", "[1", "1]", "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1;2]", "[1:2]", "[[]", "[]]", "[1}", "{1]"),
    *(
        "(1)",
        "[1]x",
        "[1],",
        "[1][2]",
        "[1]1",
        '["a"',
        "[,",
        "[ , ]",
        "[1,\n",
        "[nul]",
        "[-]",
        "[*]",
        "<1>",
        "[1,...]",
        "[][",
    ),
)
OBJECTS: Final = (
    *("{", "}", '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', '{,"a":1}', '{"a":1,,"b":2}', '{"a" 1}', '{"a"=1}'),
    *('{"a"::1}', '{"a":1 "b":2}', '{"a":1;"b":2}', "{a:1}", "{'a':1}", "{1:1}", "{null:1}", "{:1}", '{"a":}', '{"a"}'),
    *(
        '{"a":1}}',
        '{"a":1}{"b":2}',
        '{"a":1]',
        "{[]:1}",
        '{"a":1}#',
        '{"a":1}//',
        '{"a":1}/**/',
        '/**/{"a":1}',
        "#\n{}",
    ),
    *(
        '{"a":1,"a":1}',
        '{"a":1,"a":2}',
        '{"a":1,"\\u0061":2}',
        '{"b":{"a":1,"a":2}}',
        '[{"a":1,"a":2}]',
        '{"a":1,"b":2,"a":3}',
    ),
)
SPACES: Final = {f"U+{ord(it):04X}": it for it in "\x0b\x0c\x00\x1c\x85\xa0\u2003\u2028\u2060\u200b\u3000\ufeff"}

BAD: Final[dict[str, bytes]] = {
    **{f"number {it}": it.encode() for it in NUMBERS},
    **{f"word {it}": it.encode() for it in WORDS},
    **{f"string: {name}": it.encode() for name, it in STRINGS.items()},
    **{f"list {it}": it.encode() for it in LISTS},
    **{f"object {it}": it.encode() for it in OBJECTS},
    **{f"{name} before": f"{it}{{}}".encode() for name, it in SPACES.items()},
    **{f"{name} after": f"{{}}{it}".encode() for name, it in SPACES.items()},
    **{f"{name} inside": f'{{{it}"a":1}}'.encode() for name, it in SPACES.items()},
    **{f"cut after {length}": b'{"a":[1,"b\\u0041",null]}'[:length] for length in range(1, 24)},
    **{
        f"bytes {it.hex()} in a string": b'"a' + it + b'b"'
        for it in (
            *(b"\x80", b"\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xc2", b"\xe0\x80\x80", b"\xe0\x9f\xbf", b"\xe2\x82"),
            *(b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf0\x80\x80\x80", b"\xf0\x8f\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf5"),
            *(b"\xf8\x88\x80\x80\x80", b"\xfc\x84\x80\x80\x80\x80", b"\xfe", b"\xff", b"\xff\xfe", b"\xe9"),
        )
    },
    **{
        f"in {coding}": '{"a":1}'.encode(coding)
        for coding in (
            "utf-8-sig",
            "utf-16",
            "utf-16-le",
            "utf-16-be",
            "utf-32",
            "utf-32-le",
            "utf-32-be",
            "utf-7",
            "cp500",
        )
        if '{"a":1}'.encode(coding) != b'{"a":1}'
    },
    "another format: YAML": b"a: 1",
    "another format: JSON Lines": b"{}\n{}",
    "another format: JSON5": b"{a: .5, /* */}",
    "another format: msgpack": b"\x81\xa1a\x01",
    "another format: CBOR": b"\xa1aa\x01",
    "another format: BSON": b"\x0c\x00\x00\x00\x10a\x00\x01\x00\x00\x00\x00",
    "another format: JSONP": b"a({})",
    "another format: a guarded one": b")]}',\n{}",
    "another format: RFC 7464": b"\x1e{}\n",
}

# Where the standards leave it open, this is what ours does.
OPEN: Final[dict[str, tuple[bytes, int]]] = {
    "a lone surrogate": (b'"\\ud800"', INVALID),
    "half a pair, the wrong half first": (b'"\\udc00\\ud800"', INVALID),
    "a pair cut short": (b'"\\ud83d\\u0041"', INVALID),
    "a surrogate for a key": (b'{"\\ud800":1}', INVALID),
    "1e400": (b"1e400", INVALID),
    "-1e400": (b"-1e400", INVALID),
    "1e99999999": (b"1e99999999", INVALID),
    "300 digits and a fraction": (b"1" * 300 + b".5", INVALID),
    "4,000 digits": (b"1" * 4_000, INVALID),
    "5,000 digits": (b"1" * 5_000, NOT_JSON),
    "500 levels": (b"[" * 500 + b"]" * 500, INVALID),
    "30,000 levels": (b"[" * 30_000 + b"]" * 30_000, NOT_JSON),
    "30,000 levels, never closed": (b"[" * 30_000, NOT_JSON),
    "10,000 objects, never closed": (b'{"a":' * 10_000, NOT_JSON),
}


@pytest.fixture(scope="module")
def open_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    it = Shop(f"sqlite:///{tmp_path_factory.mktemp('corpus')}/sidecar.db")
    it.register()
    yield it
    it.close()


def said(shop: Shop, body: bytes) -> int:
    reply: dict[str, Any] = shop.post(body)
    assert reply["id"] is None
    return code(reply)


@pytest.mark.parametrize("text", GOOD_VALUES.values(), ids=GOOD_VALUES)
def test_good_json_is_understood_wherever_it_stands(open_shop: Shop, text: str) -> None:
    assert said(open_shop, text.encode()) == INVALID
    reply = open_shop.post(f'{{"id":7,"method":"CheckTransaction","params":{{"id":"tx1"}},"more":{text}}}'.encode())

    assert (code(reply), reply["id"]) == (-31003, 7)


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_bad_json_is_no_json_wherever_it_stands(open_shop: Shop, body: bytes) -> None:
    assert said(open_shop, body) == NOT_JSON
    assert code(open_shop.post(b'{"id":7,"method":"CheckTransaction","more":[' + body + b"]}")) == NOT_JSON


@pytest.mark.parametrize(("body", "answer"), OPEN.values(), ids=OPEN)
def test_what_parsers_disagree_about_has_one_answer(open_shop: Shop, body: bytes, answer: int) -> None:
    assert said(open_shop, body) == answer
