"""What the shop decides: environment variables, read once at the door (contract, section 2).

Each field is the variable of the same name in capitals. A secret is a `SecretStr`: it reaches no log, repr or error.
"""

import re
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

LIVE_CHECKOUT: Final = "https://checkout.paycom.uz"
TEST_CHECKOUT: Final = "https://test.paycom.uz"

LOCALE: Final = re.compile(r"[a-z]{2,3}(-[A-Z]{2}|-[A-Z][a-z]{3})?")
COUNTRY_CODE: Final = re.compile(r"[a-z]{2}")
ADDRESS: Final = re.compile(r"[!-~]+")  # printable ASCII; other scripts as punycode or percent-encoded

# A server that listens everywhere is visited here. Our sockets take no IPv4 caller on an IPv6 address.
EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not bound to

Network = IPv4Network | IPv6Network


class SettingsError(Exception):
    """One line that names each variable and never its value."""

    def __init__(self, complaints: Sequence[str]) -> None:
        super().__init__("; ".join(complaints))
        self.complaints = tuple(complaints)


def _secret(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if text != text.strip() or not text.isprintable():
        raise ValueError("has spaces around it or a character that cannot be typed")
    return value


def _web_address(value: str) -> str:
    if not (ADDRESS.fullmatch(value) and _is_web(value)):
        raise ValueError("must be an address like https://shop.uz, without a user or a fragment")
    return value.rstrip("/")


def _is_web(value: str) -> bool:
    try:
        parts = urlsplit(value)
        named = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # its text would say the value
        return False
    return named and not {"@", "#"} & set(value)


def _base_address(value: str) -> str:
    if "?" in value:  # paths are added to it
        raise ValueError("must not have a query")
    return _web_address(value)


def _return_address(value: str) -> str:
    if ";" in value:  # Payme's link separates its parts with it and knows no escape (spec 6.1)
        raise ValueError("must not contain a semicolon")
    return _web_address(value)


def _link_word(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", value):
        raise ValueError("may hold letters, digits, - and _ only")
    return value


def _busy_code(value: int) -> int:
    if value != -31008 and not -31099 <= value <= -31050:  # noqa: PLR2004 - Payme's own numbers (spec 8.1)
        raise ValueError("must be -31008 or between -31099 and -31050")
    return value


def _database_address(value: SecretStr) -> SecretStr:
    url = value.get_secret_value()
    if not url.startswith(("postgresql://", "postgres://", "sqlite:///")):
        raise ValueError("must begin with sqlite:/// or postgresql://")
    if url.removeprefix("sqlite:///") in {"", ":memory:"}:
        raise ValueError("must name a file: a database in memory forgets every payment")
    if url.startswith("postgres") and not _reads_as_one_address(url):
        raise ValueError("must have @ : / ? # [ ] and % in its user and password percent-encoded")
    return value


def _reads_as_one_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return not parts.fragment and "@" not in parts.path + parts.query


def _shape(pattern: re.Pattern[str]) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError("has a wrong shape")
        return value

    return AfterValidator(check)


def _networks(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
    except ValueError:
        raise ValueError("must be networks like 185.234.113.0/28, separated by commas") from None


Secret = Annotated[SecretStr, Field(min_length=1), AfterValidator(_secret)]
BaseAddress = Annotated[str, AfterValidator(_base_address)]
Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks)]


class _Door(BaseSettings):
    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,  # compose passes an unset variable as an empty one
        hide_input_in_errors=True,
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
            raise SettingsError([_complaint(cls, item) for item in error.errors()]) from None


def names_given() -> set[str]:
    """Say what is set, in the environment or in `.env`, ours or not, in capitals."""
    return {name.upper() for name in (*EnvSettingsSource(_Door).env_vars, *_dotenv())}


def _dotenv() -> dict[str, Any]:
    """Read `.env` as it stands: a cashbox key may hold `${`, and nothing may be put in its place."""
    values = dotenv_values(".env", interpolate=False, encoding="utf-8")
    return {name.lower(): value for name, value in values.items() if value}


def _complaint(settings: type[BaseSettings], item: Any) -> str:
    name = str(item["loc"][0])
    meaning = settings.model_fields[name].description
    said = WORDS.get(item["type"], item["msg"].removeprefix("Value error, ")).format_map(item.get("ctx", {}))
    return f"{name.upper()} {said} ({meaning})"


# What pydantic says of a value, said of a setting.
WORDS: Final = {
    "missing": "is missing",
    "too_short": "must have {min_length} characters or more",
    "int_parsing": "must be a whole number",
    "bool_parsing": "must be true or false",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "literal_error": "must be one of {expected}",
}


class DatabaseSettings(_Door):
    """All that `migrate` and `outbox` need."""

    database_url: Annotated[SecretStr, AfterValidator(_database_address)] = Field(
        default=SecretStr("sqlite:///payme-sidecar.db"), description="SQLite or postgresql://…"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="logs are JSON lines on stderr"
    )


class Limits(_Door):
    """What a caller may cost, good or bad; the same for both services."""

    body_max: int = Field(
        default=65_536,
        ge=4_096,
        le=1_048_576,
        description="bytes of a call's body; a longer one is not read to its end",
    )
    headers_max: int = Field(
        default=16_384, ge=4_096, le=1_048_576, description="bytes before a call's body, and of its trailers"
    )
    request_deadline: int = Field(default=5, ge=1, le=60, description="seconds for a whole call to arrive")
    keep_alive: int = Field(
        default=620, ge=1, le=86_400, description="seconds an idle connection is kept; Payme asks for ten minutes"
    )
    connections_max: int = Field(
        default=1_000,
        ge=16,
        le=100_000,
        description="open connections; for one more, the one that waited longest is cut",
    )


class BackendSettings(_Door):
    """How the commerce backend is reached."""

    commerce_backend_url: BaseAddress = Field(description="base URL of the commerce backend (Medusa)")
    commerce_backend_key: Secret = Field(description="the commerce backend's secret API key")


class Settings(DatabaseSettings, Limits, BackendSettings):
    """All that `serve` needs."""

    host: str = Field(default="127.0.0.1", description="where serve listens")
    port: int = Field(default=8700, ge=0, le=65535, description="where serve listens")
    sidecar_url: BaseAddress | None = Field(
        default=None,
        description="address at which browsers and the backend reach this sidecar, goes into qr_url; "
        "by default where it listens",
    )
    journal_days: int = Field(
        default=90,
        ge=1,
        le=3_650,
        description="days for which Payme's calls and the attempts to tell the backend are kept to be read",
    )

    payme_merchant_id: Annotated[str, AfterValidator(_link_word)] = Field(
        description="cashbox id, goes into the checkout link"
    )
    payme_key: Secret = Field(description="the cashbox key, Payme's Basic password, kept byte for byte")
    payme_key_previous: Secret | None = Field(
        default=None, description="the cashbox key before this one, accepted too while it is set"
    )
    payme_test_key: Secret | None = Field(
        default=None, description="the sandbox key, accepted only while PAYME_TEST_MODE is on"
    )
    payme_test_mode: bool = Field(
        default=False, description="links go to Payme's test host and the test key is accepted"
    )
    payme_login: str = Field(default="Paycom", min_length=1, description="Basic login")
    payme_account_field: Annotated[str, AfterValidator(_link_word)] = Field(
        default="order_id", description="the account field configured in the cashbox"
    )
    payme_checkout_url: BaseAddress | None = Field(
        default=None, description="base of the checkout link, by default Payme's live or test host"
    )
    payme_order_busy_code: Annotated[int, AfterValidator(_busy_code)] = Field(
        default=-31051, description="answer to a second transaction on an order that has a pending one"
    )
    payme_allowed_ips: Networks = Field(
        default=(), description="networks Payme calls from, separated by commas; a caller outside gets -32504"
    )
    forwarded_allow_ips: Networks = Field(
        default=(), description="proxies whose last X-Forwarded-For entry is believed"
    )

    sidecar_api_key: Secret = Field(description="bearer key of the provider API")
    sidecar_api_key_previous: Secret | None = Field(
        default=None, description="the bearer key before this one, accepted too while it is set"
    )
    callback_url: Annotated[str, AfterValidator(_return_address)] = Field(
        description="public URL of /payme-callback, goes into the checkout link"
    )
    default_locale: Annotated[str, _shape(LOCALE)] = Field(default="ru", description="when the session named none")
    default_country_code: Annotated[str, _shape(COUNTRY_CODE)] = Field(
        default="uz", description="when the session named none"
    )

    console_password: Annotated[SecretStr, Field(min_length=12), AfterValidator(_secret)] | None = Field(
        default=None, description="opens the operator's console at /console, 12 characters or more; off without it"
    )

    @property
    def checkout_url(self) -> str:
        return self.payme_checkout_url or (TEST_CHECKOUT if self.payme_test_mode else LIVE_CHECKOUT)

    @property
    def own_url(self) -> str:
        host = EVERYWHERE.get(self.host, self.host)
        return self.sidecar_url or f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def listening(self, host: str | None, port: int | None) -> Self:
        """Give the same, with the host and the port of the command line in place where it has some."""
        told = {"host": host or None, "port": port}
        return self.model_copy(update={name: value for name, value in told.items() if value is not None})
