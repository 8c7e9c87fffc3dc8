"""The three languages of those who run a shop here, and a phrase in all of them."""

from typing import Final, Literal, NamedTuple, TypeGuard

Locale = Literal["ru", "uz", "en"]

LOCALES: Final[dict[Locale, str]] = {"ru": "Русский", "uz": "O‘zbekcha", "en": "English"}
FALLBACK: Final[Locale] = "ru"


class Phrase(NamedTuple):
    ru: str
    uz: str
    en: str

    def in_(self, locale: Locale) -> str:
        return {"ru": self.ru, "uz": self.uz, "en": self.en}[locale]


def is_locale(text: str) -> TypeGuard[Locale]:
    return text in LOCALES


def first_known(*wishes: str) -> Locale:
    """Give the first wish that is a language of ours; `uz-UZ` and `uz-Latn` are `uz`."""
    words = (wish.split("-")[0] for wish in wishes)
    return next((word for word in words if is_locale(word)), FALLBACK)
