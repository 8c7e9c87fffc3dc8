"""Settings: what is missing or impossible stops the start with one line that names it and never says its value."""

from pathlib import Path
from typing import Final

import pytest

from sidecar.settings import DatabaseSettings, Settings, SettingsError

NEEDED = {
    "PAYME_MERCHANT_ID": "587f72c72cac0d162c722ae2",
    "PAYME_KEY": "k&#%?@:e$y",
    "SIDECAR_API_KEY": "api-secret",
    "COMMERCE_BACKEND_URL": "https://medusa.shop.uz/",
    "COMMERCE_BACKEND_KEY": "sk_secret",
    "CALLBACK_URL": "https://shop.uz/payme-callback",
}


@pytest.fixture(autouse=True)
def empty_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable and no `.env` of the machine the tests run on."""
    monkeypatch.chdir(tmp_path)
    for name in (*Settings.model_fields, "STOREFRONT_URL"):
        monkeypatch.delenv(name.upper(), raising=False)


def given(monkeypatch: pytest.MonkeyPatch, **changes: str | None) -> None:
    for name, value in (NEEDED | changes).items():
        if value is not None:
            monkeypatch.setenv(name, value)


def complaint(monkeypatch: pytest.MonkeyPatch, **changes: str | None) -> str:
    given(monkeypatch, **changes)
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_defaults_are_those_of_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch)
    settings = Settings.load()

    assert (settings.host, settings.port) == ("127.0.0.1", 8700)
    assert settings.payme_login == "Paycom"
    assert settings.payme_account_field == "order_id"
    assert settings.payme_order_busy_code == -31051
    assert settings.payme_test_mode is False
    assert settings.payme_test_key is None
    assert settings.payme_allowed_ips == ()
    assert settings.forwarded_allow_ips == ()
    assert (settings.default_locale, settings.default_country_code) == ("ru", "uz")
    assert settings.database_url.get_secret_value() == "sqlite:///payme-sidecar.db"
    assert settings.log_level == "info"
    assert (settings.body_max, settings.headers_max) == (65_536, 16_384)
    assert (settings.request_deadline, settings.keep_alive, settings.connections_max) == (5, 620, 1_000)
    assert settings.commerce_backend_url == "https://medusa.shop.uz"


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert complaint(monkeypatch, **{name: None}).startswith(f"{name} is missing")


def test_every_missing_variable_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    line = complaint(monkeypatch, **dict.fromkeys(NEEDED))

    assert all(name in line for name in NEEDED)


@pytest.mark.parametrize("name", NEEDED)
def test_an_empty_variable_is_a_missing_one(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert f"{name} is missing" in complaint(monkeypatch, **{name: ""})


IMPOSSIBLE = [
    ("PAYME_KEY", " spaces-around "),
    ("SIDECAR_API_KEY", "line\nbreak"),
    ("PAYME_MERCHANT_ID", "abc;a=1"),
    ("PAYME_ACCOUNT_FIELD", "order;id"),
    ("PAYME_ORDER_BUSY_CODE", "-31001"),
    ("PAYME_TEST_MODE", "perhaps"),
    ("PAYME_ALLOWED_IPS", "185.234.113.1, everywhere"),
    ("FORWARDED_ALLOW_IPS", "*"),
    ("COMMERCE_BACKEND_URL", "medusa:9000"),
    ("CALLBACK_URL", "https://shop.uz/payme;callback"),
    ("COMMERCE_BACKEND_URL", "https://medusa.shop.uz:70000"),
    ("COMMERCE_BACKEND_URL", "https://user@medusa.shop.uz"),
    ("COMMERCE_BACKEND_URL", "https://medusa:s3cret"),
    ("COMMERCE_BACKEND_URL", "https://[medusa"),
    ("COMMERCE_BACKEND_URL", "https://medusa.shop.uz/?x=1"),
    ("COMMERCE_BACKEND_URL", "https://medusa.shop.uz/a b"),
    ("PAYME_CHECKOUT_URL", "javascript:alert(1)"),
    ("SIDECAR_URL", "pay.shop.uz"),
    ("SIDECAR_URL", "https://pay.shop.uz/?x=1"),
    ("SIDECAR_URL", "https://user@pay.shop.uz"),
    ("DATABASE_URL", "mysql://root:hunter2@db/x"),
    ("DEFAULT_LOCALE", "../.."),
    ("DEFAULT_COUNTRY_CODE", "UZB"),
    ("LOG_LEVEL", "loud"),
    ("PORT", "99999"),
    ("BODY_MAX", "a lot"),
    ("HEADERS_MAX", "17"),
    ("REQUEST_DEADLINE", "3600"),
    ("KEEP_ALIVE", "forever"),
    ("CONNECTIONS_MAX", "-7"),
]


@pytest.mark.parametrize(("name", "value"), IMPOSSIBLE)
def test_an_impossible_value_is_named_and_not_repeated(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    line = complaint(monkeypatch, **{name: value})

    assert line.startswith(name)
    assert value.strip() not in line
    assert "s3cret" not in line


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "eighty", "PORT must be a whole number"),
        ("BODY_MAX", "1", "BODY_MAX must be 4096 or more"),
        ("KEEP_ALIVE", "9999999", "KEEP_ALIVE must be 86400 or less"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL must be one of 'debug', 'info', 'warning' or 'error'"),
        ("PAYME_TEST_MODE", "maybe", "PAYME_TEST_MODE must be true or false"),
        ("CONSOLE_PASSWORD", "short", "CONSOLE_PASSWORD must have 12 characters or more"),
    ],
)
def test_a_complaint_says_what_would_do(monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    assert complaint(monkeypatch, **{name: value}).startswith(said)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:"])
def test_a_database_in_memory_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert complaint(monkeypatch, DATABASE_URL=url).startswith("DATABASE_URL")


@pytest.mark.parametrize("key", ["k&#%?@:e$y", "${HOME}", "a#b", "'quoted'", '"', "%25", "a b"])
def test_a_key_in_the_environment_is_kept_byte_for_byte(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    given(monkeypatch, PAYME_KEY=key)

    assert Settings.load().payme_key.get_secret_value() == key


@pytest.mark.parametrize("key", ["k&#%?@:e$y", "x${HOME}x", "a#b", "%25", "a=b"])
def test_a_key_in_a_dot_env_file_is_kept_byte_for_byte(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    given(monkeypatch, PAYME_KEY=None)
    Path(".env").write_text(f"PAYME_KEY={key}\nUNKNOWN=1\n")

    assert Settings.load().payme_key.get_secret_value() == key


def test_an_empty_line_in_a_dot_env_file_is_a_missing_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("PAYME_KEY=\nPAYME_TEST_KEY=\n")

    assert "PAYME_KEY is missing" in complaint(monkeypatch, PAYME_KEY=None)
    monkeypatch.setenv("PAYME_KEY", "key")
    assert Settings.load().payme_test_key is None


def test_the_environment_wins_over_the_dot_env_file(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, PAYME_LOGIN="Merchant")
    Path(".env").write_text("PAYME_LOGIN=Paycom\nPAYME_ACCOUNT_FIELD=invoice\n")
    settings = Settings.load()

    assert (settings.payme_login, settings.payme_account_field) == ("Merchant", "invoice")


def test_no_secret_is_in_a_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, PAYME_TEST_KEY="test-secret", DATABASE_URL="postgresql://u:hunter2@db/x")
    shown = repr(Settings.load()) + str(Settings.load())

    assert not any(it in shown for it in ("k&#", "api-secret", "sk_secret", "test-secret", "hunter2"))


def test_test_mode_sends_shoppers_to_paymes_test_host(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch)
    assert Settings.load().checkout_url == "https://checkout.paycom.uz"

    monkeypatch.setenv("PAYME_TEST_MODE", "true")
    assert Settings.load().checkout_url == "https://test.paycom.uz"

    monkeypatch.setenv("PAYME_CHECKOUT_URL", "http://127.0.0.1:8703/")
    assert Settings.load().checkout_url == "http://127.0.0.1:8703"


OWN_URLS: Final = {
    "nothing said": ({}, None, None, "http://127.0.0.1:8700"),
    "in the environment": ({"HOST": "10.0.0.7", "PORT": "9000"}, None, None, "http://10.0.0.7:9000"),
    "on the command line": ({"HOST": "10.0.0.7", "PORT": "9000"}, "localhost", 9001, "http://localhost:9001"),
    "the port alone": ({"HOST": "10.0.0.7"}, None, 9001, "http://10.0.0.7:9001"),
    "everywhere": ({}, "0.0.0.0", None, "http://127.0.0.1:8700"),
    "everywhere, by IPv6": ({"HOST": "::"}, None, None, "http://[::1]:8700"),
    "an IPv6 address": ({}, "fd00::7", 9001, "http://[fd00::7]:9001"),
    "an empty host": ({"HOST": "10.0.0.7"}, "", None, "http://10.0.0.7:8700"),
    "as told": ({"SIDECAR_URL": "https://pay.shop.uz/"}, "0.0.0.0", 9001, "https://pay.shop.uz"),
    "told nothing": ({"SIDECAR_URL": ""}, None, None, "http://127.0.0.1:8700"),
}


@pytest.mark.parametrize(("told", "host", "port", "own_url"), OWN_URLS.values(), ids=OWN_URLS)
def test_a_sidecar_knows_where_it_is_reached(
    monkeypatch: pytest.MonkeyPatch, told: dict[str, str], host: str | None, port: int | None, own_url: str
) -> None:
    given(monkeypatch, **told)

    assert Settings.load().listening(host, port).own_url == own_url


def test_migrate_and_outbox_need_no_setting_at_all() -> None:
    assert DatabaseSettings.load().database_url.get_secret_value() == "sqlite:///payme-sidecar.db"


def test_settings_cannot_be_changed_after_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch)
    settings = Settings.load()

    with pytest.raises(ValueError, match="frozen"):
        settings.payme_login = "Merchant"  # type: ignore[misc]
