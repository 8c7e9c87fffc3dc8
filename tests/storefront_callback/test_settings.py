"""Settings are read once, from the environment before `.env`, and a wrong one is named at the door."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from storefront_callback.settings import Settings, SettingsError


def test_only_the_storefront_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOREFRONT_URL", "https://shop.uz")

    settings = Settings.load()

    assert settings.storefront_url == "https://shop.uz"
    assert settings.storefront_review_path == "/{locale}/{country_code}/checkout?step=review"
    assert (settings.default_locale, settings.default_country_code) == ("ru", "uz")
    assert settings.sidecar_url == "http://127.0.0.1:8700"
    assert (settings.host, settings.port, settings.log_level) == ("127.0.0.1", 8701, "info")


def test_a_missing_storefront_is_named_in_one_line() -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.load()

    assert str(refusal.value) == "STOREFRONT_URL is missing (base URL of the storefront)"


def test_every_wrong_variable_is_named_in_the_same_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "many")
    monkeypatch.setenv("DEFAULT_LOCALE", "Russian")

    with pytest.raises(SettingsError) as refusal:
        Settings.load()

    line = str(refusal.value)
    assert "\n" not in line
    for name in ("STOREFRONT_URL", "PORT", "DEFAULT_LOCALE"):
        assert name in line


def test_the_environment_wins_over_the_file(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (nowhere / ".env").write_text("STOREFRONT_URL=https://file.uz\nDEFAULT_LOCALE=uz\n")
    monkeypatch.setenv("STOREFRONT_URL", "https://shop.uz")

    settings = Settings.load()

    assert (settings.storefront_url, settings.default_locale) == ("https://shop.uz", "uz")


def test_an_empty_variable_counts_as_none(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (nowhere / ".env").write_text("STOREFRONT_URL=https://shop.uz\nPORT=\nDEFAULT_LOCALE=\nSIDECAR_URL\n")
    monkeypatch.setenv("STOREFRONT_URL", "")
    monkeypatch.setenv("DEFAULT_COUNTRY_CODE", "")

    settings = Settings.load()

    assert settings.storefront_url == "https://shop.uz"
    assert (settings.port, settings.default_locale, settings.default_country_code) == (8701, "ru", "uz")


def test_a_value_in_the_file_is_kept_as_it_stands(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", "put in its place")
    (nowhere / ".env").write_text("STOREFRONT_URL=https://shop.uz/$NAME/a%20b\nHOST=${NAME}\n")

    settings = Settings.load()

    assert settings.storefront_url == "https://shop.uz/$NAME/a%20b"
    assert settings.host == "${NAME}"


def test_the_variables_of_the_sidecar_in_the_same_file_are_none_of_ours(nowhere: Path) -> None:
    (nowhere / ".env").write_text("STOREFRONT_URL=https://shop.uz\nPAYME_KEY=secret\n")

    assert "secret" not in repr(Settings.load())


def test_nobody_changes_a_setting_after_the_door() -> None:
    settings = Settings(storefront_url="https://shop.uz")

    with pytest.raises(ValidationError, match="frozen"):
        settings.storefront_url = "https://evil.example"  # type: ignore[misc]  # mypy knows it too


@pytest.mark.parametrize("name", ["storefront_url", "sidecar_url"])
@pytest.mark.parametrize(
    "address",
    [
        "shop.uz",
        "//shop.uz",
        "/shop",
        "ftp://shop.uz",
        "javascript:alert(1)",
        "https://",
        "https:///path",
        "https://user@shop.uz",
        "https://user:word@shop.uz",
        "https://@shop.uz",
        "https://shop.uz#part",
        "https://shop.uz/#",
        "https://shop.uz?query",
        "https://shop.uz:port",
        "https://shop.uz:70000",
        "https://shop.uz:0",
        "https://[::1",
        "https://shop.uz\\@evil.example",
        "https://shop.uz/a b",
        " https://shop.uz",
        "https://shop.uz\n",
        "https://shop.uz\r\nX: y",
        "https://магазин.uz",
    ],
)
def test_an_address_that_is_no_plain_web_address_is_refused(name: str, address: str) -> None:
    with pytest.raises(ValidationError, match=name):
        Settings.model_validate({"storefront_url": "https://shop.uz", name: address})


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://shop.uz", "https://shop.uz"),
        ("https://shop.uz/", "https://shop.uz"),
        ("http://localhost:3000/store/", "http://localhost:3000/store"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("https://xn--80aaag3akeb.uz/%D1%83", "https://xn--80aaag3akeb.uz/%D1%83"),
    ],
)
def test_a_web_address_is_kept_without_its_last_slash(address: str, kept: str) -> None:
    assert Settings(storefront_url=address).storefront_url == kept


@pytest.mark.parametrize(
    "path",
    [
        "checkout",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "@evil.example",
        ".evil.example",
        "/{locale}/{region}",
        "/{locale",
        "/}",
        "/{}",
        "/{locale!r}",
        "/a b",
        "/a\n",
        "/a\r\nX: y",
        "/оплата",
    ],
)
def test_a_path_that_is_no_path_or_asks_for_more_than_we_have_is_refused(path: str) -> None:
    with pytest.raises(ValidationError, match="storefront_review_path"):
        Settings(storefront_url="https://shop.uz", storefront_review_path=path)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("default_locale", "ru\n"),
        ("default_locale", "../x"),
        ("default_country_code", "UZ"),
        ("default_country_code", "uz/"),
        ("port", "65536"),
        ("log_level", "loud"),
    ],
)
def test_other_impossible_words_are_refused(name: str, word: str) -> None:
    with pytest.raises(ValidationError, match=name):
        Settings.model_validate({"storefront_url": "https://shop.uz", name: word})
