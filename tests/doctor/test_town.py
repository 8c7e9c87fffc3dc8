"""A sound installation gets ticks alone; with one thing broken, that thing alone is named."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from pydantic import SecretStr

from sidecar.doctor import chart, door
from sidecar.doctor.asking import Silence
from sidecar.doctor.certificate import DAY, Validity
from sidecar.doctor.disk import MEGABYTE
from sidecar.doctor.finding import Grade
from tests.doctor.town import PUBLIC, Town, answering, failing, sound, valid
from tests.processes import SECRETS
from tests.shop import Shop

WRONG, WARNING, SKIPPED = Grade.WRONG, Grade.WARNING, Grade.SKIPPED


@pytest.fixture
def town(shop: Shop) -> Town:
    return Town(shop, sound(shop.settings.database_url.get_secret_value()))


def test_a_sound_installation_gets_a_tick_for_every_check(town: Town) -> None:
    assert town.complained() == {}
    assert list(dict.fromkeys(it.check for it in town.examined() if it.check != "disk")) == [
        "settings",
        "database",
        "schema",
        "clock",
        "outbox",
        "sidecar",
        "backend",
        "backend clock",
        "callback",
        "storefront",
        "public /payme",
        "certificate",
        "private pages",
    ]


Break = Callable[[Town], Any]


def host(name: str, answer: Any) -> Break:
    return lambda town: town.hosts.update({name: answer})


def settings(**changes: Any) -> Break:
    def put(town: Town) -> None:
        town.settings = town.settings.model_copy(update=changes)

    return put


def certificate(given: Validity | Silence) -> Break:
    def put(town: Town) -> None:
        town.certificate = given

    return put


async def changed_by_the_proxy(_request: httpx.Request) -> httpx.Response:
    body = '{"id": "x", "error": {"code": -32504, "message": {"ru": "…"}}}'
    return httpx.Response(404 if _request.url.path == "/metrics" else 200, text=body)


REFUSED: Final = failing(ConnectionRefusedError())
HTML: Final = {"content_type": "text/html; charset=utf-8"}

BROKEN: Final[dict[str, tuple[Break, dict[str, tuple[Grade, str]]]]] = {
    "serve is not started": (
        host("127.0.0.1", REFUSED),
        {"sidecar": (WRONG, "`serve` at http://127.0.0.1:8700: nobody listens there")},
    ),
    "serve is not ready": (
        host("127.0.0.1", answering(503, '{"message": "the database takes no writes"}')),
        {"sidecar": (WRONG, "`serve` at http://127.0.0.1:8700 is not ready: the database takes no writes")},
    ),
    "another service has the port": (
        host("127.0.0.1", answering(200, "<html>")),
        {"sidecar": (WRONG, "something that is not the sidecar answers 200 at http://127.0.0.1:8700")},
    ),
    "the backend is down": (
        host("medusa.test", REFUSED),
        {
            "backend": (WRONG, "the backend behind COMMERCE_BACKEND_URL: nobody listens there"),
            "backend clock": (SKIPPED, "the backend does not answer"),
        },
    ),
    "the backend has another key": (
        settings(commerce_backend_key=SecretStr("sk_another_key")),
        {"backend": (WRONG, "the backend refuses COMMERCE_BACKEND_KEY")},
    ),
    "the backend's clock is wrong": (
        host("medusa.test", answering(401, date="Sat, 21 Nov 2020 11:00:00 GMT")),
        {"backend": (WRONG, "the backend refuses COMMERCE_BACKEND_KEY"), "backend clock": (WRONG, "our clock is ")},
    ),
    "the backend has no clock": (
        host("medusa.test", answering(403)),
        {
            "backend": (WRONG, "the backend refuses COMMERCE_BACKEND_KEY"),
            "backend clock": (SKIPPED, "the backend's answer has no date"),
        },
    ),
    "the callback is not started": (
        host("shop.uz", REFUSED),
        {
            "callback": (WRONG, "CALLBACK_URL: nobody listens there"),
            "storefront": (SKIPPED, "the callback does not say where it is"),
        },
    ),
    "nobody knows the public name": (
        host("pay.shop.uz", failing(socket.gaierror())),
        {
            "public /payme": (WRONG, "the public address: its name is not known"),
            "private pages": (SKIPPED, "the public address does not answer"),
        },
    ),
    "the proxy redirects": (
        host("pay.shop.uz", answering(301, location="https://pay.shop.uz/payme/")),
        {"public /payme": (WRONG, "the public address redirects (301), and Payme follows no redirect")},
    ),
    "the proxy has a login of its own": (
        host("pay.shop.uz", answering(401)),
        {
            "public /payme": (WRONG, "the public address answers HTTP 401, where Payme takes 200 alone for an answer"),
        },
    ),
    "the storefront answers at /payme": (
        host("pay.shop.uz", answering(200, "<html>", **HTML)),
        {
            "public /payme": (WRONG, "the public address answers something that is not the sidecar's"),
        },
    ),
    "the proxy rewrites the body": (
        host("pay.shop.uz", changed_by_the_proxy),
        {"public /payme": (WRONG, "the answer of the public address is not what `serve` wrote")},
    ),
    "the certificate ends soon": (
        certificate(valid(3 * DAY)),
        {"certificate": (WARNING, "valid for another 3 days")},
    ),
    "the certificate has ended": (
        certificate(Silence("its certificate is not to be trusted (certificate has expired)")),
        {"certificate": (WRONG, "no TLS with the public address: its certificate is not to be trusted")},
    ),
    "there is no TLS": (
        settings(sidecar_url="http://pay.shop.uz"),
        {"certificate": (WRONG, "the public address is http://")},
    ),
    "the public address is not told": (
        settings(sidecar_url=None),
        {
            "settings": (WARNING, "SIDECAR_URL is not a public address"),
            "public /payme": (SKIPPED, "no public address is known"),
            "certificate": (SKIPPED, "no public address is known"),
            "private pages": (SKIPPED, "no public address is known"),
        },
    ),
    "a setting looks like a mistake": (
        settings(payme_key_previous=SecretStr("an-old-key")),
        {"settings": (WARNING, "PAYME_KEY_PREVIOUS is still set")},
    ),
}


@pytest.mark.parametrize(("breaks", "expected"), BROKEN.values(), ids=BROKEN)
def test_one_thing_broken_is_named_and_nothing_else(
    town: Town, breaks: Break, expected: dict[str, tuple[Grade, str]]
) -> None:
    breaks(town)
    found = town.complained()

    assert set(found) == set(expected)
    for check, (grade, words) in expected.items():
        assert found[check][0] is grade
        assert found[check][1].startswith(words)


OPEN: Final = "open to the world, with only the key before it: the provider API, /stats and /metrics"
OPEN_CONSOLE: Final = "the console is open to the world; when it is switched on, only its password is before it"


def of_private_pages(town: Town) -> list[tuple[Grade, str]]:
    return [(it.grade, it.found) for it in town.examined() if it.check == "private pages"]


def test_all_pages_open_to_the_world_are_a_warning(town: Town) -> None:
    town.hosts["pay.shop.uz"] = town.sidecar.handle_async_request

    assert set(town.complained()) == {"private pages"}
    assert of_private_pages(town) == [(WARNING, OPEN), (WARNING, OPEN_CONSOLE)]


def test_a_console_open_to_the_world_is_a_warning(database_url: str) -> None:
    shop = Shop(database_url, console_password=SecretStr("four words nobody would guess"))
    town = Town(shop, sound(database_url))
    inside = [*door.KEYED.values()]

    async def proxy(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404) if request.url.path in inside else await town.sidecar.handle_async_request(request)

    town.hosts["pay.shop.uz"] = proxy

    assert of_private_pages(town) == [
        (WARNING, OPEN_CONSOLE),
        (Grade.GOOD, "the proxy keeps inside: the provider API, /stats and /metrics"),
    ]
    shop.close()


def test_only_metrics_kept_inside_is_no_tick_for_the_others(town: Town) -> None:
    async def proxy(request: httpx.Request) -> httpx.Response:
        if request.url.path in {"/metrics", "/console"}:
            return httpx.Response(403)
        return await town.sidecar.handle_async_request(request)

    town.hosts["pay.shop.uz"] = proxy

    assert of_private_pages(town) == [
        (WARNING, "open to the world, with only the key before it: the provider API and /stats"),
        (Grade.GOOD, "the proxy keeps inside: /metrics and the console"),
    ]


def test_private_pages_are_asked_for_without_tls_too(town: Town) -> None:
    town.settings = town.settings.model_copy(update={"sidecar_url": "http://pay.shop.uz"})
    town.hosts["pay.shop.uz"] = town.sidecar.handle_async_request

    assert (WARNING, OPEN) in of_private_pages(town)


def test_an_address_on_the_command_line_wins_over_the_setting(town: Town) -> None:
    town.settings = town.settings.model_copy(update={"sidecar_url": "http://127.0.0.1:8700"})
    town.url = PUBLIC

    assert set(town.complained()) == {"settings"}  # qr codes would still carry the other


def test_a_check_that_breaks_hides_none_of_the_others(town: Town) -> None:
    async def breaks(_request: httpx.Request) -> httpx.Response:
        raise ZeroDivisionError("with a secret in its text")

    town.hosts["medusa.test"] = breaks

    assert town.complained() == {"backend": (WRONG, "the check itself failed (ZeroDivisionError)")}


def test_what_needs_missing_settings_is_not_looked_at_and_the_books_are(town: Town) -> None:
    town.complaints = ("PAYME_KEY is missing (…)", "CALLBACK_URL is missing (…)")
    findings = {(it.check, it.grade) for it in town.examined() if it.check not in {"disk", "database"}}

    assert findings == {
        ("settings", WRONG),
        *((name, Grade.GOOD) for name in ("schema", "clock", "outbox")),
        *((name, SKIPPED) for name in ("sidecar", "backend", "callback", "public /payme")),
    }


def test_a_setting_whose_name_is_misspelt_is_named(town: Town) -> None:
    town.names = ("PAYME_KEY", "PAYME_TESTMODE")

    assert town.complained() == {"settings": (WARNING, "PAYME_TESTMODE is set, and no such setting is read")}


def test_a_readable_dotenv_is_named(town: Town, tmp_path: Path) -> None:
    town.dotenv = tmp_path / ".env"
    town.dotenv.write_text("PAYME_KEY=…")
    town.dotenv.chmod(0o644)
    assert town.complained() == {"settings": (WARNING, "the keys in `.env` can be read by other users of this machine")}

    town.dotenv.chmod(0o600)
    assert town.complained() == {}


def test_a_parked_message_and_a_late_one_are_wrong(town: Town) -> None:
    town.shop.paid()
    assert town.complained()["outbox"][1].startswith("1 message waiting, the oldest for ")

    town.shop.backend.status = 404
    town.shop.deliver()
    grade, found = town.complained()["outbox"]
    assert grade is WRONG
    assert found.startswith("1 message parked, the oldest for ")


def test_the_books_are_as_they_were(town: Town) -> None:
    town.shop.paid()
    before = town.shop.session(), town.shop.statement()
    town.examined()

    assert (town.shop.session(), town.shop.statement()) == before


def test_nothing_secret_is_said_whatever_goes_wrong(town: Town) -> None:
    for name in (*town.hosts, ""):
        town.hosts[name] = answering(500, " ".join(SECRETS), location=f"https://x/?{SECRETS[0]}")
        said = "\n".join([*chart.lines(town.examined()), chart.document(town.examined())])
        assert not [it for it in SECRETS if it in said]


@pytest.mark.parametrize(
    ("free", "writable", "grade"),
    [
        (99 * MEGABYTE, True, WRONG),
        (999 * MEGABYTE, True, WARNING),
        (1_000 * MEGABYTE, True, None),
        (1_000 * MEGABYTE, False, WRONG),
    ],
)
def test_the_disk_matters_where_the_books_are_a_file(
    town: Town, free: int, writable: bool, grade: Grade | None
) -> None:
    town.free, town.writable = free, writable
    is_file = town.shop.settings.database_url.get_secret_value().startswith("sqlite")

    assert {it[0] for it in town.complained().values()} == ({grade} if is_file and grade else set())
