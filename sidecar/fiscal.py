"""What a payment is for, line by line, in Payme's own words (spec 2.12): of this the buyer's fiscal receipt is made.

Read as strictly as money is, and no more is kept than was read: what Payme and the tax office are told, nobody
corrects afterwards.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

from sidecar import strict_json
from sidecar.money import TIYIN_MAX, Tiyin

ITEMS_MAX: Final = 100  # so many, each with the longest title, fit the body of a call
COUNT_MAX: Final = 1_000_000
NAME_LENGTH_MAX: Final = 40  # how much of an unknown name is said back

TITLE: Final = re.compile(r"(?!\s)[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,200}")
IKPU: Final = re.compile(r"[0-9]{17}")  # text: a number would lose its leading zeros
PACKAGE_CODE: Final = re.compile(r"[0-9A-Za-z]{1,32}")


class Detail(NamedTuple):
    """The lines as Payme gets them, in JSON, and what they come to; or that there are none."""

    text: str | None = None
    total: Tiyin | None = None


NO_LINES: Final = Detail()


class Malformed(ValueError):
    """The lines cannot be understood; the message begins with the place, as in `detail.items[2].code`."""


class DetailDiffers(ValueError):
    """The lines do not come to the amount."""


class Shape(Protocol):
    def read(self, value: Any, path: str) -> Any:
        """Give what is kept of a value.

        Raises:
            Malformed: with the path to what is wrong.
        """
        ...


@dataclass(frozen=True)
class Whole:
    """A whole number; `True` is none, and neither is 2.0."""

    least: int
    most: int
    meaning: str

    def read(self, value: Any, path: str) -> int:
        if type(value) is not int or not self.least <= value <= self.most:
            bounds = str(self.least) if self.least == self.most else f"a whole number, {self.least} to {self.most}"
            raise Malformed(f"{path} must be {bounds}: {self.meaning}")
        return value


@dataclass(frozen=True)
class Text:
    pattern: re.Pattern[str]
    meaning: str

    def read(self, value: Any, path: str) -> str:
        if not isinstance(value, str) or not self.pattern.fullmatch(value):
            raise Malformed(f"{path} must be {self.meaning}")
        return value


@dataclass(frozen=True)
class Record:
    """An object of these members and no others: a name that is spelled wrongly would be a value that is lost."""

    members: Mapping[str, Shape]
    may_lack: Mapping[str, Any] = field(default_factory=dict)  # what is kept instead; nothing, where that is None

    def read(self, value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Malformed(f"{path} must be an object")
        for name in value:
            if name not in self.members:
                raise Malformed(f"{path} has no member {name[:NAME_LENGTH_MAX]!r}")
        read = {name: self._member(name, value.get(name), path) for name in self.members}
        return {name: kept for name, kept in read.items() if kept is not None}

    def _member(self, name: str, value: Any, path: str) -> Any:
        if value is None and name in self.may_lack:
            return self.may_lack[name]
        return self.members[name].read(value, f"{path}.{name}")


@dataclass(frozen=True)
class Several:
    of: Record
    most: int

    def read(self, value: Any, path: str) -> list[Any]:
        if not isinstance(value, list) or not 1 <= len(value) <= self.most:
            raise Malformed(f"{path} must be a list of 1 to {self.most} lines")
        return [self.of.read(each, f"{path}[{number}]") for number, each in enumerate(value)]


ITEM: Final = Record(
    {
        "title": Text(TITLE, "a name of 1 to 200 characters, none of them a control character"),
        "price": Whole(1, TIYIN_MAX, "tiyin for one"),
        "count": Whole(1, COUNT_MAX, "how many; what is sold by weight is one, at the price of all of it"),
        "code": Text(IKPU, "the IKPU, text of 17 digits"),
        "package_code": Text(PACKAGE_CODE, "the package code of the IKPU's card, text of 1 to 32 digits or letters"),
        "vat_percent": Whole(0, 100, "the VAT in percent"),
        "units": Whole(0, 2**31 - 1, "the code of the unit"),
        "discount": Whole(0, TIYIN_MAX, "tiyin taken off the whole line"),
    },
    # Payme's sandbox has been seen to refuse a line without a discount (spec 2.12).
    may_lack={"units": None, "discount": 0},
)
SHIPPING: Final = Record(
    {"title": ITEM.members["title"], "price": Whole(0, TIYIN_MAX, "tiyin for the delivery")},
)
ITEMS: Final = Several(ITEM, ITEMS_MAX)
DETAIL: Final = Record(
    {"receipt_type": Whole(0, 0, "the only type that Payme has"), "shipping": SHIPPING, "items": ITEMS},
    may_lack={"shipping": None},
)


def read(value: Any) -> Detail:
    """Read `detail` as the backend sends it.

    Raises:
        Malformed: it has not the shape of Payme's `detail`, or a discount is more than its line.
    """
    detail = DETAIL.read(value, "detail")
    lines = [_line(item, f"detail.items[{number}]") for number, item in enumerate(detail["items"])]
    total = sum(lines) + detail.get("shipping", {"price": 0})["price"]
    return Detail(strict_json.encode(detail).decode("ascii"), Tiyin(total))


def agree(detail: Detail, amount: Tiyin) -> None:
    """See that the lines, if there are any, come to the amount.

    Raises:
        DetailDiffers: they do not.
    """
    if detail.text is not None and detail.total != amount:
        raise DetailDiffers(f"the lines of detail come to {detail.total} tiyin, and the amount is {amount}")


def shown(text: str | None) -> dict[str, Any] | None:
    """Give what was stored, as it goes to Payme and to the backend."""
    return strict_json.decode(text.encode()) if text else None


def _line(item: dict[str, Any], path: str) -> int:
    full: int = item["price"] * item["count"]
    if item["discount"] > full:
        raise Malformed(f"{path}.discount is more than the line costs")
    return full - int(item["discount"])


def link(url: object) -> str | None:
    """Give the address of a receipt's page if it is one that a shopper's browser may open, and no script."""
    return url if isinstance(url, str) and url.startswith("https://") else None
