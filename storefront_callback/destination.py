"""Where the shopper goes: built from settings and checked words, never from what the request says."""

import re
from enum import StrEnum
from urllib.parse import urlsplit

from storefront_callback.settings import COUNTRY_CODE, LOCALE, Settings


class Outcome(StrEnum):
    """What the storefront is told, in the words of its `payment=`."""

    SUCCESS = "success"
    PENDING = "pending"
    CANCELED = "canceled"
    FAILED = "failed"


def destination(outcome: Outcome, locale: str | None, country_code: str | None, settings: Settings) -> str:
    words = {
        "{locale}": _checked(locale, LOCALE, settings.default_locale),
        "{country_code}": _checked(country_code, COUNTRY_CODE, settings.default_country_code),
    }
    path = settings.storefront_review_path
    for placeholder, word in words.items():
        path = path.replace(placeholder, word)
    return settings.storefront_url + _with_payment(path, outcome)


def _checked(word: str | None, shape: re.Pattern[str], default: str) -> str:
    return word if word and shape.fullmatch(word) else default


def _with_payment(path: str, outcome: Outcome) -> str:
    parts = urlsplit(path)
    query = "&".join(filter(None, (parts.query, f"payment={outcome}")))
    return parts._replace(query=query).geturl()
