"""The three languages of Payme's buyers, and a phrase in all of them."""

from typing import Final, Literal, NamedTuple, TypeGuard

Locale = Literal["ru", "uz", "en"]

LOCALES: Final[dict[Locale, str]] = {"ru": "Русский", "uz": "O‘zbekcha", "en": "English"}
DEFAULT_LOCALE: Final[Locale] = "ru"


class Phrase(NamedTuple):
    ru: str
    uz: str
    en: str

    def in_(self, locale: Locale) -> str:
        return {"ru": self.ru, "uz": self.uz, "en": self.en}[locale]


def is_locale(text: str) -> TypeGuard[Locale]:
    return text in LOCALES


def locale_or_default(text: str) -> Locale:
    return text if is_locale(text) else DEFAULT_LOCALE
