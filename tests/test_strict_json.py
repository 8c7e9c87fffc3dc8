"""JSON that means one thing only."""

import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar import strict_json

AMBIGUOUS = {
    "duplicate keys": b'{"amount":1,"amount":2}',
    "duplicate keys inside": b'{"account":{"order_id":"1","order_id":"2"}}',
    "not a number": b'{"amount":NaN}',
    "infinity": b'{"amount":-Infinity}',
    "byte order mark": b'\xef\xbb\xbf{"amount":1}',
    "UTF-16": '{"amount":1}'.encode("utf-16"),
    "bad UTF-8": b'{"a":"\xff"}',
    "overlong UTF-8": b'{"a":"\xc0\xaf"}',
    "surrogate in UTF-8": b'{"a":"\xed\xa0\x80"}',
    "five thousand digits": b"1" * 5000,
    "sixty thousand brackets": b"[" * 60_000,
    "two documents": b"{}{}",
    "trailing comma": b'{"a":1,}',
    "comment": b'{"a":1}//',
    "single quotes": b"{'a':1}",
    "leading zero": b'{"a":01}',
    "control character": b'{"a":"\n"}',
    "empty": b"",
    "spaces": b"   ",
    "truncated": b'{"a":',
}


@pytest.mark.parametrize("body", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_whatever_two_parsers_could_read_differently_is_not_json(body: bytes) -> None:
    with pytest.raises(strict_json.NotJson):
        strict_json.decode(body)


def test_a_number_too_big_for_a_float_stays_a_number_that_can_be_said_back() -> None:
    decoded = strict_json.decode(b'{"amount":1e400,"x":-1e400,"y":1.5}')

    assert decoded == {"amount": sys.float_info.max, "x": -sys.float_info.max, "y": 1.5}
    assert strict_json.decode(strict_json.encode(decoded)) == decoded


def test_a_lone_surrogate_leaves_as_it_came() -> None:
    assert strict_json.encode(strict_json.decode(b'"\\ud800"')) == b'"\\ud800"'


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_what_is_encoded_is_decoded_to_the_same(value: Any) -> None:
    assert strict_json.decode(strict_json.encode(value)) == value


@given(VALUES)
def test_what_it_reads_the_standard_library_reads_the_same(value: Any) -> None:
    text = json.dumps(value)

    assert strict_json.decode(text.encode()) == json.loads(text)
