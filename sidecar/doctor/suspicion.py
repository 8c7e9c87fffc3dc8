"""Settings that are allowed and yet look like a mistake: a table of rules over all that was read."""

import re
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from ipaddress import ip_address
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from sidecar.doctor.finding import Finding, Grade, good, warning, wrong
from sidecar.settings import LIVE_CHECKOUT, TEST_CHECKOUT, Settings

CHECK: Final = "settings"
MERCHANT_ID: Final = re.compile(r"[0-9a-f]{24}")
KEY_LENGTH: Final = 24  # characters; `token_urlsafe(32)` has 43
LOCAL_NAMES: Final = ("localhost", ".localhost", ".local", ".internal", ".test")
NAMES: Final = tuple(name.upper() for name in Settings.model_fields)
ALIKE: Final = 0.85  # PAYME_TESTMODE and PAYME_TEST_MODE are; PAYME_SIDECAR_API_KEY, the plugin's, is no slip
READABLE_BY_OTHERS: Final = 0o004  # the service's own group may: root writes the file, the service reads it


class Rule(NamedTuple):
    grade: Grade
    suspects: Callable[[Settings], bool]
    found: str
    advice: str


def is_local(url: str) -> bool:
    """Whether an address leads nowhere from the outside: this machine, a private network, a name of one label."""
    host = urlsplit(url).hostname or ""
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(LOCAL_NAMES)


def _is_plain(url: str) -> bool:
    return url.startswith("http://")


def _is_live(it: Settings) -> bool:
    return not it.payme_test_mode


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _has_one_key_twice(it: Settings) -> bool:
    keys = [key.get_secret_value() for key in (it.payme_key, it.sidecar_api_key, it.commerce_backend_key)]
    return len(set(keys)) < len(keys)


def _sees_the_proxy_only(it: Settings) -> bool:
    return bool(it.payme_allowed_ips) and not it.forwarded_allow_ips


def _url(it: Settings) -> str:
    return it.database_url.get_secret_value()


RULES: Final = (
    Rule(
        Grade.WRONG,
        lambda it: it.payme_test_mode and _host(it.checkout_url) == _host(LIVE_CHECKOUT),
        "PAYME_TEST_MODE is on, yet PAYME_CHECKOUT_URL leads to Payme's live host",
        "take PAYME_CHECKOUT_URL out, or turn the test mode off",
    ),
    Rule(
        Grade.WRONG,
        lambda it: _is_live(it) and _host(it.checkout_url) == _host(TEST_CHECKOUT),
        "PAYME_CHECKOUT_URL leads shoppers to Payme's test host, where no money moves, while PAYME_TEST_MODE is off",
        "take PAYME_CHECKOUT_URL out, or turn the test mode on",
    ),
    Rule(
        Grade.WARNING,
        lambda it: _is_live(it) and _host(it.checkout_url) not in {_host(LIVE_CHECKOUT), _host(TEST_CHECKOUT)},
        "PAYME_CHECKOUT_URL is not Payme's",
        "take it out before real money is to come",
    ),
    Rule(
        Grade.WARNING,
        lambda it: it.payme_test_mode,
        "PAYME_TEST_MODE is on: links go to Payme's sandbox and no money moves",
        "turn it off to go live",
    ),
    Rule(
        Grade.WARNING,
        lambda it: it.payme_test_mode and it.payme_test_key is None,
        "PAYME_TEST_MODE is on without PAYME_TEST_KEY, so Payme's sandbox will hear -32504",
        "set the test key that the cabinet shows",
    ),
    Rule(
        Grade.WRONG,
        lambda it: _is_live(it) and is_local(it.callback_url),
        "CALLBACK_URL leads nowhere from a shopper's phone",
        "set the public https address of /payme-callback",
    ),
    Rule(
        Grade.WRONG,
        lambda it: _is_live(it) and _is_plain(it.callback_url) and not is_local(it.callback_url),
        "CALLBACK_URL is http:// in live mode, and shoppers come back from https",
        "put the callback behind TLS and write https:// there",
    ),
    Rule(
        Grade.WARNING,
        lambda it: urlsplit(it.callback_url).path.rstrip("/").rpartition("/")[2] != "payme-callback",
        "CALLBACK_URL does not end in /payme-callback, the only page that the callback service has",
        "correct it, unless a proxy rewrites the path",
    ),
    Rule(
        Grade.WARNING,
        lambda it: _is_plain(it.commerce_backend_url) and not is_local(it.commerce_backend_url),
        "COMMERCE_BACKEND_URL is http:// to another machine, so its key travels in clear",
        "use https:// or a private network",
    ),
    Rule(
        Grade.WARNING,
        lambda it: _is_live(it) and is_local(it.own_url),
        "SIDECAR_URL is not a public address, so a qr_url opens on this machine or network only",
        "set SIDECAR_URL to the public https address if tills or posters elsewhere show the code",
    ),
    Rule(
        Grade.WRONG,
        lambda it: _sees_the_proxy_only(it) and is_local(f"http://{it.host}") and it.host not in {"0.0.0.0", "::"},  # noqa: S104
        "PAYME_ALLOWED_IPS is set without FORWARDED_ALLOW_IPS, and who calls a loopback or private address is a proxy:"
        " Payme itself is refused",
        "set FORWARDED_ALLOW_IPS to the address of the reverse proxy",
    ),
    Rule(
        Grade.WARNING,
        lambda it: _sees_the_proxy_only(it) and it.host in {"0.0.0.0", "::"},  # noqa: S104
        "PAYME_ALLOWED_IPS is set without FORWARDED_ALLOW_IPS: behind a reverse proxy, Payme itself is refused",
        "set FORWARDED_ALLOW_IPS to the address of the proxy if there is one",
    ),
    Rule(
        Grade.WARNING,
        lambda it: it.payme_key_previous is not None,
        "PAYME_KEY_PREVIOUS is still set, so the old key still opens",
        'take it out when keys_shown_total{key="previous"} stands still',
    ),
    Rule(
        Grade.WARNING,
        lambda it: it.sidecar_api_key_previous is not None,
        "SIDECAR_API_KEY_PREVIOUS is still set, so the old key still opens",
        'take it out when keys_shown_total{key="previous"} stands still',
    ),
    Rule(
        Grade.WARNING,
        lambda it: len(it.sidecar_api_key.get_secret_value()) < KEY_LENGTH,
        "SIDECAR_API_KEY is short, and it signs the tokens in qr_url, where it can be guessed at leisure",
        'make one with `python3 -c "import secrets; print(secrets.token_urlsafe(32))"`',
    ),
    Rule(
        Grade.WARNING,
        _has_one_key_twice,
        "two of PAYME_KEY, SIDECAR_API_KEY and COMMERCE_BACKEND_KEY are the same",
        "give each door a key of its own",
    ),
    Rule(
        Grade.WARNING,
        lambda it: not MERCHANT_ID.fullmatch(it.payme_merchant_id),
        "PAYME_MERCHANT_ID is not 24 hexadecimal digits, as Payme's are",
        "copy the cashbox id from the cabinet; it is neither the cashbox's name nor its key",
    ),
    Rule(
        Grade.WARNING,
        lambda it: it.payme_login != "Paycom",
        "PAYME_LOGIN is not Paycom, the login that Payme shows",
        "take it out unless Payme told you another",
    ),
    Rule(
        Grade.WARNING,
        lambda it: _url(it).startswith("sqlite") and not _url(it).startswith("sqlite:////"),
        "DATABASE_URL is a file beside the working directory: started elsewhere, there would be another, empty one",
        "write the whole path, sqlite:////var/lib/payme-sidecar/payme-sidecar.db",
    ),
    Rule(
        Grade.WARNING,
        lambda it: _is_live(it) and _url(it).startswith("sqlite"),
        "the books are in SQLite, which is for one process on one disk",
        "take PostgreSQL when a second process or a standby is wanted; until then back the file up",
    ),
)


def complaints(found: Sequence[str]) -> list[Finding]:
    """What is missing or impossible: `serve` would not start."""
    return [wrong(CHECK, complaint, "correct it in the environment or in `.env`") for complaint in found]


def suspicions(settings: Settings) -> list[Finding]:
    found = [Finding(CHECK, it.grade, it.found, it.advice) for it in RULES if it.suspects(settings)]
    return [good(CHECK, "all that is required is there, and nothing is impossible"), *found]


def slips(names: Iterable[str]) -> list[Finding]:
    """Name what is set and nearly a setting of ours: nobody reads it, and `serve` takes the default without a word."""
    near = {name: get_close_matches(name, NAMES, 1, ALIKE) for name in sorted(set(names).difference(NAMES))}
    return [
        warning(CHECK, f"{name} is set, and no such setting is read", f"write {alike[0]} if that was meant")
        for name, alike in near.items()
        if alike
    ]


def dotenv_mode(mode: int | None) -> list[Finding]:
    """`mode` is that of the `.env` in the working directory, None where there is none."""
    if mode is None or not mode & READABLE_BY_OTHERS:
        return []
    advice = "chmod o= .env"
    return [Finding(CHECK, Grade.WARNING, "the keys in `.env` can be read by other users of this machine", advice)]
