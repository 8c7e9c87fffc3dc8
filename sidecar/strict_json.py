"""JSON that means one thing only.

Python's own decoder lets the last of two equal keys win and reads NaN, a byte order mark and UTF-16. Money must
not depend on which parser reads it, so all of these are refused here, with one exception for every bad text.
"""

import json
import sys
from typing import Any, Final

# A thousand brackets are JSON, if no call of anybody's, and Python's limit counts its callers' frames besides.
sys.setrecursionlimit(max(sys.getrecursionlimit(), 3_000))


class NotJson(ValueError):
    """The bytes are not one JSON document in UTF-8, or not an unambiguous one."""


def decode(body: bytes) -> Any:
    try:
        return DECODER.decode(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # RecursionError: sixty thousand brackets
        raise NotJson from error


def encode(value: Any) -> bytes:
    """Encode in ASCII, so that even a lone surrogate, echoed back, leaves as it came."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotJson
    return members


def _refuse(constant: str) -> None:
    raise NotJson(constant)


def _finite(number: str) -> float:
    """Read 1e400 as the greatest float: still a number, no amount, no identifier, and JSON can say it back."""
    return max(-sys.float_info.max, min(sys.float_info.max, float(number)))


DECODER: Final = json.JSONDecoder(object_pairs_hook=_without_duplicates, parse_constant=_refuse, parse_float=_finite)
