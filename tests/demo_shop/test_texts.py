"""Every word in three languages, and every template's words at hand."""

import re
from importlib.resources import files
from string import Formatter

import pytest

from demo_shop.catalogue import PRODUCTS
from demo_shop.journal import Step
from demo_shop.pages import som
from demo_shop.storefront import View
from demo_shop.texts import TEXTS
from payme_sandbox.languages import Locale, Phrase, locale_or_default

TEMPLATES = {
    path.name: path.read_text("utf-8") for path in (files("demo_shop") / "templates").iterdir() if path.is_file()
}

# Keys that a template puts together from a prefix and a word.
MADE_UP = {
    *(f"timeline.{step}" for step in Step),
    *(f"step.{name}" for name in ("cart", "payment", "review", "done")),
    *(f"review.{view}.{part}" for view in View if view != "ready" for part in ("title", "text")),
    "money.som",  # the filter's own
}


def keys_in_templates() -> set[str]:
    quoted = {key for source in TEMPLATES.values() for key in re.findall(r'"([a-z]+(?:\.[a-z_]+)+)"', source)}
    called = {key for source in TEMPLATES.values() for key in re.findall(r"""\bt\(["']([a-z._]+)["'][,)]""", source)}
    return {key for key in quoted | called if not key.endswith((".html", "."))}


def test_every_key_a_template_asks_for_is_there_and_none_is_idle() -> None:
    assert keys_in_templates() | MADE_UP == set(TEXTS)


@pytest.mark.parametrize("key", list(TEXTS))
def test_a_phrase_is_said_in_three_languages_with_the_same_blanks(key: str) -> None:
    phrase = TEXTS[key]

    assert all(words.strip() == words != "" for words in phrase)
    assert len({frozenset(name for _, name, _, _ in Formatter().parse(words) if name) for words in phrase}) == 1


def test_russian_is_in_cyrillic_and_uzbek_is_not() -> None:
    phrases = [*TEXTS.values(), *(text for product in PRODUCTS.values() for text in (product.title, product.story))]

    assert all(re.search("[а-яё]", phrase.ru.lower()) for phrase in phrases)
    assert not any(re.search("[а-яё]", (phrase.uz + phrase.en).lower()) for phrase in phrases)


def test_uzbek_letters_carry_the_turned_comma() -> None:
    assert not any("'" in phrase.uz or "`" in phrase.uz for phrase in TEXTS.values())


def test_a_phrase_knows_its_languages() -> None:
    phrase = Phrase("да", "ha", "yes")

    assert [phrase.in_("ru"), phrase.in_("uz"), phrase.in_("en")] == ["да", "ha", "yes"]


def test_a_language_nobody_speaks_here_is_russian() -> None:
    assert [locale_or_default(text) for text in ("uz", "de", "")] == ["uz", "ru", "ru"]


@pytest.mark.parametrize(
    ("amount", "locale", "text"),
    [
        (14_000_000, "uz", "140 000 so‘m"),
        (14_000_000, "ru", "140 000 сум"),
        (14_000_000, "en", "140 000 so‘m"),
        (100, "en", "1 so‘m"),
        (150, "en", "1,50 so‘m"),
        (5, "en", "0,05 so‘m"),
        (3_000_000_000_00, "en", "3 000 000 000 so‘m"),
    ],
)
def test_money_is_written_in_whole_words_and_never_breaks_over_a_line(amount: int, locale: Locale, text: str) -> None:
    assert som(amount, locale) == text.replace(" ", "\N{NO-BREAK SPACE}")
