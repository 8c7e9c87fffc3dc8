"""Every word of the console is there in three languages, and every word that is there is said."""

import re
from pathlib import Path
from string import Formatter
from typing import Final

import pytest

from sidecar.console import payments, periods
from sidecar.console.languages import LOCALES, first_known
from sidecar.console.messages import REDELIVER
from sidecar.console.texts import TEXTS
from sidecar.outbox import MessageState
from sidecar.session_bridge.backend import Outcome
from sidecar.vocabulary import Topic

CONSOLE: Final = Path(__file__).parents[2] / "sidecar/console"
SOURCES: Final = [*(CONSOLE / "templates").glob("*.html"), *CONSOLE.glob("*.py")]
CYRILLIC: Final = re.compile("[А-Яа-яЁё]")
MADE_UP: Final = {  # put together from a beginning and a value
    *(f"status.{it}" for it in payments.Status),
    *(f"state.{it}" for it in MessageState),
    *(f"topic.{it}" for it in Topic),
    *(f"outcome.{it}" for it in Outcome),
    *(f"period.{it}" for it in periods.CHOICES),
    *(f"event.{it}" for it in ("registered", "created", "performed", "closed")),
    *(f"nav.{it}" for it in ("today", "payments", "messages", "journal")),
    *(f"story.receipt.{it}" for it in ("PERFORM", "CANCEL")),
    *(f"{it}.other" for it in ("reason", "code")),
    f"act.{REDELIVER}",
}


def said() -> set[str]:
    text = "\n".join(file.read_text() for file in SOURCES if file.name != "texts.py")
    return set(re.findall(r"""["']([a-z_]+(?:\.[a-z_]+)*)["']""", text)) & set(TEXTS)


def test_every_key_that_pages_ask_for_is_there() -> None:
    text = "\n".join(file.read_text() for file in SOURCES)
    asked = set(re.findall(r"""\bt\("([a-z_.]+)"[,)]""", text))

    assert asked | MADE_UP <= set(TEXTS)


def test_every_text_is_said_somewhere() -> None:
    codes = {key for key in TEXTS if re.fullmatch(r"(code|reason)\.-?\d+", key)}

    assert set(TEXTS) - said() - MADE_UP - codes == set()


@pytest.mark.parametrize("key", TEXTS)
def test_the_languages_agree_on_what_is_put_in(key: str) -> None:
    named = {
        locale: {name for _, name, _, _ in Formatter().parse(TEXTS[key].in_(locale)) if name} for locale in LOCALES
    }

    assert named["ru"] == named["uz"] == named["en"]


@pytest.mark.parametrize("key", TEXTS)
def test_each_language_is_written_in_its_own_letters(key: str) -> None:
    phrase = TEXTS[key]

    assert not CYRILLIC.search(phrase.uz + phrase.en)
    assert "'" not in phrase.uz + phrase.en or key.startswith("code.")
    assert all(phrase)


@pytest.mark.parametrize(
    ("wishes", "found"),
    [(("uz-Latn",), "uz"), (("", "en"), "en"), (("de", "fr"), "ru"), ((), "ru"), (("EN", "uz"), "uz")],
)
def test_the_first_language_that_is_ours_is_taken(wishes: tuple[str, ...], found: str) -> None:
    assert first_known(*wishes) == found
