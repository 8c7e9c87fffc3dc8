"""The way home is built from settings and checked words, whatever the request says."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront_callback.destination import Outcome, destination
from storefront_callback.settings import Settings

SHOP = "https://shop.uz"

ATTEMPTS = [
    "//evil.example",
    "https://shop@evil.example",
    "@evil.example",
    ".evil.example",
    "ru\r\nSet-Cookie: a=b",
    "ru\n",
    "ru\r",
    "\nru",
    "ru ",
    "ru%0d%0aX: y",
    "javascript:alert(1)",
    "..",
    "../..",
    "ru/..",
    "ru?payment=success",
    "ru#",
    "ru\0",
    "{country_code}",
    "{0.__class__}",
    "r\u0443",  # a Cyrillic у
    "ｒｕ",
    "ru\u2028",
    "RU",
    "ru_RU",
    "ru-",
    "ru-RUS",
    "russ",
    "",
]


def settings(**chosen: str) -> Settings:
    return Settings.model_validate({"storefront_url": SHOP, **chosen})


@pytest.mark.parametrize("outcome", list(Outcome))
def test_the_storefront_reads_the_outcome_in_payment(outcome: Outcome) -> None:
    assert (
        destination(outcome, "ru", "uz", settings())
        == f"https://shop.uz/ru/uz/checkout?step=review&payment={outcome.value}"
    )


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/done", "/done?payment=success"),
        ("/done?", "/done?payment=success"),
        ("/done?a=1&b=%20", "/done?a=1&b=%20&payment=success"),
        ("/done#pay", "/done?payment=success#pay"),
        ("/done?a=1#pay", "/done?a=1&payment=success#pay"),
        ("/{country_code}/x?lang={locale}", "/kz/x?lang=en-GB&payment=success"),
        ("/{locale}/{locale}", "/en-GB/en-GB?payment=success"),
        ("/", "/?payment=success"),
    ],
)
def test_payment_joins_whatever_the_path_already_has(path: str, expected: str) -> None:
    chosen = settings(storefront_review_path=path)

    assert destination(Outcome.SUCCESS, "en-GB", "kz", chosen) == SHOP + expected


@pytest.mark.parametrize("base", ["https://shop.uz/store", "https://shop.uz/store/"])
def test_a_storefront_may_live_below_a_path(base: str) -> None:
    chosen = settings(storefront_url=base)

    assert destination(Outcome.PENDING, "uz", "uz", chosen).startswith("https://shop.uz/store/uz/uz/checkout?")


@pytest.mark.parametrize("locale", ["ru", "uz", "kaa", "en-GB", "uz-Latn", "uz-Cyrl"])
def test_a_locale_of_a_known_shape_is_kept(locale: str) -> None:
    assert destination(Outcome.SUCCESS, locale, "uz", settings()).startswith(f"{SHOP}/{locale}/uz/")


@pytest.mark.parametrize("attempt", [*ATTEMPTS, None])
def test_a_locale_of_any_other_shape_gives_way_to_the_default(attempt: str | None) -> None:
    chosen = settings(default_locale="uz-Latn")

    assert destination(Outcome.SUCCESS, attempt, "kz", chosen).startswith(f"{SHOP}/uz-Latn/kz/checkout?")


@pytest.mark.parametrize("attempt", [*(word for word in ATTEMPTS if word != "ru"), "en-GB", "uzb", "u", None])
def test_a_country_of_any_other_shape_gives_way_to_the_default(attempt: str | None) -> None:
    chosen = settings(default_country_code="kz")

    assert destination(Outcome.SUCCESS, "en", attempt, chosen).startswith(f"{SHOP}/en/kz/checkout?")


WORDS = st.none() | st.text() | st.sampled_from(ATTEMPTS) | st.from_regex(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")
BASES = st.sampled_from(["https://shop.uz", "http://127.0.0.1:3000/", "https://shop.uz/store/", "http://[::1]:8000"])
PATHS = st.sampled_from(["/", "/{locale}", "/x/{country_code}?l={locale}&s=1", "/{locale}/a#{country_code}"])


@given(st.sampled_from(Outcome), WORDS, WORDS, BASES, PATHS)
def test_no_words_lead_away_from_the_storefront(
    outcome: Outcome, locale: str | None, country_code: str | None, base: str, path: str
) -> None:
    chosen = settings(storefront_url=base, storefront_review_path=path)

    target = destination(outcome, locale, country_code, chosen)

    assert target.startswith(base.rstrip("/") + path.split("{", maxsplit=1)[0])
    assert target.isascii()
    assert target.isprintable()
    assert " " not in target
    assert urlsplit(target).netloc == urlsplit(base).netloc
    assert parse_qs(urlsplit(target).query)["payment"] == [outcome.value]
