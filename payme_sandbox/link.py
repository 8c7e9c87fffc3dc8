"""What a checkout link or form asks Payme to collect (documentation: "Инициализация платежей")."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

AMOUNT: Final = re.compile(r"[0-9]{1,15}")
FORM_ACCOUNT: Final = re.compile(r"account\[(.+)\]")
SLASHES: Final = re.compile(r"^/+|/+$")


class NotALink(Exception):
    """Says what is wrong with it, for the person who made it."""


@dataclass(frozen=True, slots=True)
class Link:
    """`amount` in tiyin. `language` and `return_url` are empty where none, or none that can be used, was given."""

    merchant_id: str
    account: dict[str, str]
    amount: int
    language: str
    return_url: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Read `<host>/` + base64 of `m=…;ac.order_id=…;a=…;l=…;c=…`, or the base64 part alone.

        Raises:
            NotALink: it is not one.
        """
        encoded = SLASHES.sub("", urlsplit(text.strip()).path if "://" in text else text.strip())
        try:
            payload = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True).decode()
        except (binascii.Error, ValueError):
            raise NotALink("the part after the host is not base64 of UTF-8 text") from None
        values = {name: value for name, _, value in (pair.partition("=") for pair in payload.split(";"))}
        account = {name[3:]: value for name, value in values.items() if name.startswith("ac.")}
        return cls._checked(values, account, {"m": "m", "a": "a", "l": "l", "c": "c"}, "ac.<field>")

    @classmethod
    def posted(cls, form: Mapping[str, str]) -> Self:
        """Read the fields of a checkout form: `merchant`, `amount`, `account[order_id]`, `lang`, `callback`.

        Raises:
            NotALink: a field that is required is missing or wrong.
        """
        fields = {FORM_ACCOUNT.fullmatch(name): value for name, value in form.items()}
        account = {field[1]: value for field, value in fields.items() if field}
        return cls._checked(form, account, {"m": "merchant", "a": "amount", "l": "lang", "c": "callback"}, "account[…]")

    @classmethod
    def _checked(cls, values: Mapping[str, str], account: dict[str, str], names: Mapping[str, str], field: str) -> Self:
        merchant_id, amount = values.get(names["m"], ""), values.get(names["a"], "")
        if not merchant_id:
            raise NotALink(f"the merchant id is missing ({names['m']})")
        if not account:
            raise NotALink(f"no account field is given ({field})")
        if not AMOUNT.fullmatch(amount) or not int(amount):
            raise NotALink(f"the amount must be a whole number of tiyin ({names['a']}={amount})")
        language = values.get(names["l"], "")
        return_url = web_address(values.get(names["c"], ""))
        return cls(merchant_id, account, int(amount), language if language in LANGUAGES else "", return_url)

    @property
    def order(self) -> str:
        return in_a_word(self.account)

    @property
    def text(self) -> str:
        """Write it the way a shop writes it, without the host."""
        accounts = {f"ac.{name}": value for name, value in self.account.items()}
        parts = {"m": self.merchant_id, **accounts, "a": self.amount, "l": self.language, "c": self.return_url}
        payload = ";".join(f"{name}={value}" for name, value in parts.items() if value != "")
        return base64.b64encode(payload.encode()).decode("ascii")


LANGUAGES: Final = frozenset({"ru", "uz", "en"})


def in_a_word(account: Mapping[str, object]) -> str:
    """Name the order: the value of its field, or of its fields."""
    return " ".join(map(str, account.values()))


def web_address(text: str) -> str:
    return text if text.startswith(("http://", "https://")) else ""


def return_address(link: Link, transaction: str | None) -> str:
    """Fill the placeholders that the documentation names: `:transaction` and `:account.<field>`."""
    filled = link.return_url.replace(":transaction", transaction or "null")
    for name, value in link.account.items():
        filled = filled.replace(f":account.{name}", value)
    return filled
