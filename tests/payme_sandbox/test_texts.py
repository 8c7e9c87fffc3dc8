"""Every word in three languages, and every template's words at hand."""

import re
from importlib.resources import files
from string import Formatter

import pytest

from payme_sandbox.certification.run import Result
from payme_sandbox.counter.books import Kind
from payme_sandbox.counter.checkout import TROUBLES
from payme_sandbox.counter.notices import Notice
from payme_sandbox.counter.pages import clock, later, printed, som
from payme_sandbox.counter.receipts import Standing
from payme_sandbox.counter.texts import TEXTS
from payme_sandbox.diagnosis import Finding
from payme_sandbox.languages import Locale, Phrase, locale_or_default

TEMPLATES = {
    path.name: path.read_text("utf-8")
    for path in (files("payme_sandbox.counter") / "templates").iterdir()
    if path.is_file()
}
CALLED = re.compile(r"""\bt\(([^)]*)""")
QUOTED = re.compile(r""""([a-z_]+(?:\.[a-z_]+)*)(?=")""")

# Keys that a template puts together from a prefix and a word, or that a page hands to it.
MADE_UP = {
    *(f"books.{kind}" for kind in Kind),
    *(f"diagnosis.{finding}" for finding in Finding),
    *(f"standing.{standing}" for standing in Standing),
    *(f"notice.{notice}.{part}" for notice in Notice if notice for part in ("title", "text")),
    *(f"trouble.{wish}{part}" for wish in TROUBLES for part in ("", ".text")),
    *(f"scenarios.{result}" for result in Result),
    *(f"nav.{name}" for name in ("cabinet", "scenarios", "log")),
    *(f"{key}.{part}" for key in ("unknown", "stranger") for part in ("title", "text")),
    "endpoint.not_web",
    "money.som",  # the filter's own
}


def keys_in_templates() -> set[str]:
    called = {call.replace("'", '"') for source in TEMPLATES.values() for call in CALLED.findall(source)}
    return {key for call in called for key in QUOTED.findall(call) if not key.endswith(".")}


def test_every_key_a_template_asks_for_is_there_and_none_is_idle() -> None:
    assert (keys_in_templates() - {"notice", "title", "text"}) | MADE_UP == set(TEXTS)


@pytest.mark.parametrize("key", list(TEXTS))
def test_a_phrase_is_said_in_three_languages_with_the_same_blanks(key: str) -> None:
    phrase = TEXTS[key]

    assert all(words.strip() == words != "" for words in phrase)
    assert len({frozenset(name for _, name, _, _ in Formatter().parse(words) if name) for words in phrase}) == 1


def test_russian_is_in_cyrillic_and_uzbek_is_not() -> None:
    names = {"endpoint.url"}  # what Payme's cabinet calls it in every language

    assert all(re.search("[а-яё]", phrase.ru.lower()) for key, phrase in TEXTS.items() if key not in names)
    assert not any(re.search("[а-яё]", (phrase.uz + phrase.en).lower()) for phrase in TEXTS.values())


def test_uzbek_letters_carry_the_turned_comma() -> None:
    assert not any("'" in phrase.uz or "`" in phrase.uz for phrase in TEXTS.values())


def test_a_phrase_knows_its_languages_and_a_language_nobody_speaks_is_russian() -> None:
    phrase = Phrase("да", "ha", "yes")

    assert [phrase.in_("ru"), phrase.in_("uz"), phrase.in_("en")] == ["да", "ha", "yes"]
    assert [locale_or_default(text) for text in ("uz", "de", "")] == ["uz", "ru", "ru"]


@pytest.mark.parametrize(
    ("amount", "locale", "text"),
    [
        (14_000_000, "uz", "140 000 so‘m"),
        (14_000_000, "ru", "140 000 сум"),
        (150, "en", "1,50 so‘m"),
        (5, "en", "0,05 so‘m"),
        (3_000_000_000_00, "en", "3 000 000 000 so‘m"),
    ],
)
def test_money_is_written_in_whole_words_and_never_breaks_over_a_line(amount: int, locale: Locale, text: str) -> None:
    assert som(amount, locale) == text.replace(" ", "\N{NO-BREAK SPACE}")


def test_times_on_one_day_name_it_once() -> None:
    noon = 1_790_000_000_000

    assert clock(noon).endswith(later(noon, noon))
    assert later(noon, noon - 86_400_000) == clock(noon)


def test_documents_are_shown_with_their_letters_and_not_without_end() -> None:
    assert printed({"ru": "Нет"}) == '{\n  "ru": "Нет"\n}'
    assert printed("<h1>") == "<h1>"
    assert printed("x" * 30_000).endswith("x …")
