"""Whatever a page makes of the key, it is not shown."""

import base64
import html
import json
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, quote_plus

import pytest

from payme_sandbox.merchant import basic
from payme_sandbox.redaction import without_secrets, without_secrets_in

KEYS: Final = ("qwertyASDF12345", "b&#%?@:ill/+\"'\\<x> y", "калит-сўз-9", "keys😀are/fun")
FORMS: Final[dict[str, Callable[[str], str]]] = {
    "as it is": str,
    "in JSON": lambda key: json.dumps(key)[1:-1],
    "in JSON with its own letters": lambda key: json.dumps(key, ensure_ascii=False)[1:-1],
    "in PHP's JSON": lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
    "in JSON with each sign escaped": lambda key: "".join(json.dumps(f"ÿ{sign}")[7:-1] for sign in key),
    "in JSON in JSON": lambda key: json.dumps(json.dumps(key)[1:-1])[1:-1],
    "in Go's JSON": lambda key: json.dumps(key)[1:-1].replace("&", r"\u0026").replace("<", r"\u003c"),
    "in PHP's JSON_HEX": lambda key: json.dumps(key)[1:-1].replace("'", r"\u0027").replace(">", r"\u003E"),
    "in HTML": html.escape,
    "in HTML with &#34;": lambda key: html.escape(key).replace("&quot;", "&#34;").replace("&#x27;", "&#39;"),
    "in PHP's HTML": lambda key: html.escape(key).replace("&#x27;", "&#039;").replace("/", "&#47;"),
    "in HTML twice": lambda key: html.escape(html.escape(key)),
    "in JSON in HTML": lambda key: html.escape(json.dumps(key)[1:-1]),
    "in an address": lambda key: quote(key, safe=""),
    "in an address in small letters": lambda key: "".join(f"%{byte:02x}" for byte in key.encode()),
    "in a form": quote_plus,
    "in Base64": lambda key: base64.b64encode(key.encode()).decode(),
    "in Base64 for addresses": lambda key: base64.urlsafe_b64encode(key.encode()).decode().rstrip("="),
    "in PHP's JSON in Base64": lambda key: base64.b64encode(key.encode()).decode().replace("/", "\\/"),
    "in repr": lambda key: repr(key)[1:-1],
    "in repr of bytes": lambda key: repr(key.encode())[2:-1],
    "in the header": lambda key: basic(f"Paycom:{key}"),
    "in the header in HTML": lambda key: basic(f"Paycom:{key}").replace("+", "&#43;").replace("=", "&#x3D;"),
}


@pytest.mark.parametrize("write", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("key", KEYS)
def test_the_key_is_left_out_however_it_is_written(key: str, write: Callable[[str], str]) -> None:
    written = write(key)

    shown = without_secrets_in(f"before {written} behind", basic(f"Paycom:{key}"))

    assert shown.replace("Basic ", "").replace("&#x3D;", "").replace("=", "") == "before … behind"


@pytest.mark.parametrize("key", KEYS)
def test_what_is_left_is_json_still(key: str) -> None:
    document = {"header": basic(f"Paycom:{key}"), "key": key, "quoted": f'"{key}"', "folder": f"C:\\{key}"}

    shown = json.loads(without_secrets(json.dumps(document).encode(), basic(f"Paycom:{key}")))

    assert set(shown) == set(document)
    assert key not in str(shown)


def test_what_is_not_the_key_stays() -> None:
    text = r"qwertyASDF qwertyasdf12345 \u0026 %20 &quot; qwertyASDF1234"

    assert without_secrets_in(text, basic("Paycom:qwertyASDF12345")) == text


def test_what_is_too_short_for_a_key_is_not_looked_for() -> None:
    assert without_secrets(b"a state of 2", basic("Paycom:2"), "", "Basic", "Basic x") == b"a state of 2"


@pytest.mark.parametrize("sign", [b"\\", b"&amp;", b"&#000", b"b&#%?@:il"])
def test_a_page_of_four_times_the_length_takes_some_four_times_as_long(sign: bytes) -> None:
    """And not sixteen times, as a search that walks back again and again would."""

    def busy(length: int) -> float:
        page, started = sign * (length // len(sign)), time.process_time()
        assert without_secrets(page, basic("Paycom:\\\\b&#%?@:ill"), basic("Paycom:&&#%?@:ill")) == page
        return time.process_time() - started

    assert busy(200_000) < 10 * max(busy(50_000), 0.01)
