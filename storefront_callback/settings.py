"""What the shop decides about the way home: environment variables, read once at the door.

Each field is the variable of the same name in capitals. The environment wins over a `.env` in the working
directory, and an empty variable counts as none.
"""

import re
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

LOCALE: Final = re.compile(r"[a-z]{2,3}(-[A-Z]{2}|-[A-Z][a-z]{3})?")
COUNTRY_CODE: Final = re.compile(r"[a-z]{2}")

# What may stand in a Location header as it is: no space, no line end, nothing to encode. A backslash is a slash
# to browsers, so none of these either.
PLAIN: Final = re.compile(r"[!-\[\]-~]+")
PLACEHOLDERS: Final = ("{locale}", "{country_code}")


class SettingsError(Exception):
    """One line that names each variable that is missing or impossible."""


def _web_address(value: str) -> str:
    if not (PLAIN.fullmatch(value) and _is_base(value)):
        raise ValueError("must be an address like https://shop.uz, without user, query or fragment")
    return value.rstrip("/")


def _is_base(value: str) -> bool:
    try:
        parts = urlsplit(value)
        named = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # its text would say the value
        return False
    return named and not set("@?#") & set(value)


def _review_path(value: str) -> str:
    if not (PLAIN.fullmatch(value) and re.match(r"/(?!/)", value)):
        raise ValueError("must begin with exactly one slash and hold neither spaces nor other letters than ASCII")
    rest = value
    for placeholder in PLACEHOLDERS:
        rest = rest.replace(placeholder, "")
    if {"{", "}"} & set(rest):
        raise ValueError("knows two placeholders, {locale} and {country_code}")
    return value


def _shape(pattern: re.Pattern[str]) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError("has a wrong shape")
        return value

    return AfterValidator(check)


WebAddress = Annotated[str, AfterValidator(_web_address)]


class Settings(BaseSettings):
    """All that the callback service needs; none of it is a secret."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    storefront_url: WebAddress = Field(description="base URL of the storefront")
    storefront_review_path: Annotated[str, AfterValidator(_review_path)] = Field(
        default="/{locale}/{country_code}/checkout?step=review", description="where a returning shopper lands"
    )
    default_locale: Annotated[str, _shape(LOCALE)] = Field(default="ru", description="when the shopper brings none")
    default_country_code: Annotated[str, _shape(COUNTRY_CODE)] = Field(
        default="uz", description="when the shopper brings none"
    )
    sidecar_url: WebAddress = Field(
        default="http://127.0.0.1:8700", description="where the callback service asks for the status"
    )
    host: str = Field(default="127.0.0.1", description="where callback listens")
    port: int = Field(default=8701, ge=0, le=65535, description="where callback listens")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="logs are JSON lines on stderr"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - ours takes its place
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - we have none
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, InitSettingsSource(settings_cls, _dotenv())

    @classmethod
    def load(cls) -> Self:
        """Read the environment.

        Raises:
            SettingsError: a variable is missing or impossible; the message is one line.
        """
        try:
            return cls()
        except ValidationError as error:
            raise SettingsError("; ".join(_complaint(cls, item) for item in error.errors())) from None


def _dotenv() -> dict[str, Any]:
    """Read `.env` as it stands: pydantic's own source would put a variable in the place of every `${…}`."""
    values = dotenv_values(".env", interpolate=False, encoding="utf-8")
    return {name.lower(): value for name, value in values.items() if value}


def _complaint(settings: type[BaseSettings], item: Any) -> str:
    name = str(item["loc"][0])
    meaning = settings.model_fields[name].description
    if item["type"] == "missing":
        return f"{name.upper()} is missing ({meaning})"
    return f"{name.upper()} {item['msg'].removeprefix('Value error, ')} ({meaning})"
