"""Settings that are allowed and look like a mistake."""

from typing import Any, Final

import pytest
from pydantic import SecretStr

from sidecar.doctor.finding import Grade
from sidecar.doctor.suspicion import complaints, dotenv_mode, is_local, slips, suspicions
from sidecar.settings import Settings
from tests.doctor.town import sound

POSTGRES: Final = "postgresql://payme@db/payme"


def doubts(**changes: Any) -> list[tuple[Grade, str]]:
    found = suspicions(sound(POSTGRES).model_copy(update=read(changes)))
    assert found[0].grade is Grade.GOOD
    assert all(it.advice for it in found[1:])
    return [(it.grade, it.found) for it in found[1:]]


def read(changes: dict[str, Any]) -> dict[str, Any]:
    """Read values as the environment's, those that are written otherwise than they are kept."""
    given = {"database_url": POSTGRES} | changes
    url = given.pop("database_url")
    settings = sound(url.get_secret_value() if isinstance(url, SecretStr) else url, **given)
    return {name: getattr(settings, name) for name in changes}


def test_sound_settings_raise_no_doubt() -> None:
    assert doubts() == []


TEST: Final[dict[str, Any]] = {"payme_test_mode": True, "payme_test_key": SecretStr("test-key")}
ADDRESSES: Final[dict[str, Any]] = {"payme_allowed_ips": "185.234.113.0/28"}
DOUBTS: Final[dict[str, tuple[dict[str, Any], Grade, str]]] = {
    "test mode": (TEST, Grade.WARNING, "PAYME_TEST_MODE is on: links"),
    "test mode, no test key": ({"payme_test_mode": True}, Grade.WARNING, "PAYME_TEST_MODE is on without"),
    "test mode, live host": (
        TEST | {"payme_checkout_url": "https://checkout.paycom.uz"},
        Grade.WRONG,
        "PAYME_TEST_MODE is on, yet",
    ),
    "live mode, test host": (
        {"payme_checkout_url": "https://test.paycom.uz/"},
        Grade.WRONG,
        "PAYME_CHECKOUT_URL leads",
    ),
    "another checkout": ({"payme_checkout_url": "https://pay.example.com"}, Grade.WARNING, "PAYME_CHECKOUT_URL is not"),
    "callback on this machine": (
        {"callback_url": "https://localhost/payme-callback"},
        Grade.WRONG,
        "CALLBACK_URL leads nowhere",
    ),
    "callback in clear": ({"callback_url": "http://shop.uz/payme-callback"}, Grade.WRONG, "CALLBACK_URL is http://"),
    "another page": ({"callback_url": "https://shop.uz/thanks"}, Grade.WARNING, "CALLBACK_URL does not end in"),
    "key in clear": ({"commerce_backend_url": "http://medusa.uz"}, Grade.WARNING, "COMMERCE_BACKEND_URL is http://"),
    "own address unknown": ({"sidecar_url": None}, Grade.WARNING, "SIDECAR_URL is not a public address"),
    "allow-list behind a proxy": (ADDRESSES, Grade.WRONG, "PAYME_ALLOWED_IPS is set without"),
    "allow-list, perhaps behind a proxy": (
        ADDRESSES | {"host": "0.0.0.0"},
        Grade.WARNING,
        "PAYME_ALLOWED_IPS is set without",
    ),
    "old cashbox key": ({"payme_key_previous": SecretStr("old")}, Grade.WARNING, "PAYME_KEY_PREVIOUS is still set"),
    "old API key": (
        {"sidecar_api_key_previous": SecretStr("old")},
        Grade.WARNING,
        "SIDECAR_API_KEY_PREVIOUS is still set",
    ),
    "short key": ({"sidecar_api_key": SecretStr("x" * 23)}, Grade.WARNING, "SIDECAR_API_KEY is short"),
    "one key for two doors": ({"commerce_backend_key": SecretStr("k&#%?@:ey")}, Grade.WARNING, "two of PAYME_KEY"),
    "cashbox name": ({"payme_merchant_id": "my-shop"}, Grade.WARNING, "PAYME_MERCHANT_ID is not 24"),
    "another login": ({"payme_login": "Merchant"}, Grade.WARNING, "PAYME_LOGIN is not Paycom"),
    "SQLite": ({"database_url": SecretStr("sqlite:////var/lib/x.db")}, Grade.WARNING, "the books are in SQLite"),
}


@pytest.mark.parametrize(("changes", "grade", "words"), DOUBTS.values(), ids=DOUBTS)
def test_each_doubt_is_said(changes: dict[str, Any], grade: Grade, words: str) -> None:
    assert [it for it in doubts(**changes) if it[0] is grade and it[1].startswith(words)]


@pytest.mark.parametrize(
    "changes",
    [
        TEST | {"callback_url": "http://127.0.0.1:8701/payme-callback", "sidecar_url": None},  # a trial at home
        ADDRESSES | {"forwarded_allow_ips": "127.0.0.1"},
        {"commerce_backend_url": "http://10.0.0.7:9000"},
        {"commerce_backend_url": "http://medusa:9000"},
    ],
)
def test_what_makes_sense_is_not_wrong(changes: dict[str, Any]) -> None:
    assert {grade for grade, _ in doubts(**changes)} <= ({Grade.WARNING} if "payme_test_mode" in changes else set())


def test_a_file_beside_the_working_directory_may_be_another_one_tomorrow() -> None:
    there, here = (doubts(database_url=SecretStr(f"sqlite:///{path}")) for path in ("/var/lib/x.db", "x.db"))

    assert len(here) == len(there) + 1
    assert any("beside the working directory" in found for _, found in here)


def test_each_complaint_is_a_finding_of_its_own() -> None:
    found = complaints(["PAYME_KEY is missing (…)", "PORT must be less (…)"])

    assert [it.grade for it in found] == [Grade.WRONG, Grade.WRONG]
    assert [it.found for it in found] == ["PAYME_KEY is missing (…)", "PORT must be less (…)"]


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8700", True),
        ("http://[::1]:8700", True),
        ("https://192.168.1.7", True),
        ("http://medusa:9000", True),
        ("https://shop.local", True),
        ("https://shop.uz", False),
        ("https://8.8.8.8", False),
    ],
)
def test_an_address_that_leads_nowhere_from_outside_is_local(url: str, local: bool) -> None:
    assert is_local(url) is local


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("PAYME_TESTMODE", "PAYME_TEST_MODE"),
        ("PAYME_MERCHANTID", "PAYME_MERCHANT_ID"),
        ("PAYME_ALOWED_IPS", "PAYME_ALLOWED_IPS"),
        ("CALLBACK_URI", "CALLBACK_URL"),
        ("DATABSE_URL", "DATABASE_URL"),
        ("JOURNAL_DAY", "JOURNAL_DAYS"),
    ],
)
def test_a_slip_of_the_pen_is_named_with_what_was_meant(name: str, meant: str) -> None:
    found = slips(["PATH", name, meant])

    assert [it.found for it in found] == [f"{name} is set, and no such setting is read"]
    assert meant in found[0].advice


def test_what_is_set_for_others_is_no_slip() -> None:
    others = ("HOSTNAME", "HOME", "POSTGRES_PASSWORD", "DOMAIN", "HTTP_PORT", "HTTPS_PORT", "STOREFRONT_URL")
    plugin = ("PAYME_SIDECAR_URL", "PAYME_SIDECAR_API_KEY", "REDIS_URL", "STORE_CORS", "JWT_SECRET", "COOKIE_SECRET")

    assert slips(map(str.upper, Settings.model_fields)) == []
    assert slips(others + plugin) == []


@pytest.mark.parametrize(("mode", "said"), [(None, 0), (0o100600, 0), (0o100640, 0), (0o100644, 1)])
def test_a_dotenv_that_others_can_read_is_named(mode: int | None, said: int) -> None:
    assert len(dotenv_mode(mode)) == said


def test_no_doubt_repeats_a_secret() -> None:
    keys = ("PAYME-SECRET-1", "API-SECRET-2", "OLD-SECRET-3", "PW-SECRET-4")
    given: Settings = sound(
        f"postgresql://payme:{keys[3]}@db/payme",
        payme_key=SecretStr(keys[0]),
        sidecar_api_key=SecretStr(keys[1]),
        commerce_backend_key=SecretStr(keys[0]),
        payme_key_previous=SecretStr(keys[2]),
    )
    assert not [key for key in keys if key in str(suspicions(given))]
