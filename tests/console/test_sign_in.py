"""The door of the console: shut without a password, slow with a wrong one, never shut for good."""

from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from sidecar.clock import SECOND
from sidecar.console.guard import MARK, TICKET, safe_return
from sidecar.console.patience import PAUSE, TRIES
from sidecar.console.reception import HESITATION
from sidecar.console.tickets import LIFE
from sidecar.settings import Settings, SettingsError
from tests.conftest import migrate
from tests.console.visitor import HTMX, PASSWORD, WITH_CONSOLE, Visitor, visiting
from tests.shop import BACKEND, Shop, settings

WRONG = "incorrect donkey battery"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """Nothing here asks the database: one is enough."""
    url = f"sqlite:///{tmp_path}/sidecar.db"
    migrate(url)
    return url


def refused(shop: Shop, door: str) -> float:
    page = shop.run(shop.ask("GET", "/metrics", headers=BACKEND)).text
    return sum(
        sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == "callers_refused_total" and sample.labels["door"] == door
    )


def given(response: httpx.Response, name: str) -> str:
    """The Set-Cookie line of a cookie."""
    return next(line for line in response.headers.get_list("set-cookie") if line.startswith(f"{name}="))


def test_a_form_of_a_thousand_fields_is_no_form_of_ours(shop: Shop) -> None:
    with visiting(shop) as stranger:
        answer = stranger.post("/sign-in", {f"field{number}": "1" for number in range(1_000)})

    assert answer.status_code == 403


def test_without_a_password_there_is_no_console(database_url: str) -> None:
    shop = Shop(database_url)
    for path in ("", "/sign-in", "/payments", "/static/console.css"):
        answer = shop.run(shop.ask("GET", f"/console{path}"))
        assert answer.status_code == 404
        assert answer.json()["code"] == "unknown_route"
    shop.close()


@pytest.mark.parametrize("password", ["eleven char", " around it is space ", "tab\tis no character"])
def test_a_password_that_is_too_short_or_cannot_be_typed_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    for name, value in settings("sqlite:///x.db").model_dump().items():
        if isinstance(value, SecretStr | str):
            monkeypatch.setenv(name, value if isinstance(value, str) else value.get_secret_value())
    monkeypatch.setenv("CONSOLE_PASSWORD", password)

    with pytest.raises(SettingsError, match="CONSOLE_PASSWORD") as refusal:
        Settings.load()

    assert password not in str(refusal.value)


def test_with_a_password_the_sidecar_serves_it(shop: Shop) -> None:
    with visiting(shop, app=shop.app) as it:
        assert it.get("").headers["location"] == "/console/sign-in?next=/console"
        assert it.get("/static/console.css").headers["content-type"].startswith("text/css")
        assert it.sign_in().get("").status_code == 200


def test_a_stranger_is_shown_the_sign_in_and_brought_back_afterwards(stranger: Visitor) -> None:
    answer = stranger.get("/payments?status=paid&from=2026-11-01")

    assert answer.status_code == 303
    assert answer.headers["location"] == ("/console/sign-in?next=/console/payments%3Fstatus%3Dpaid%26from%3D2026-11-01")
    there = stranger.try_password(PASSWORD, answer.headers["location"].removeprefix("/console"))
    assert there.headers["location"] == "/console/payments?status=paid&from=2026-11-01"
    assert stranger.get("/payments").status_code == 200


def test_a_wrong_password_opens_nothing_and_is_counted(shop: Shop, stranger: Visitor) -> None:
    answer = stranger.try_password(WRONG)

    assert answer.status_code == 401
    assert TICKET not in stranger.cookies
    assert stranger.get("").status_code == 303
    assert WRONG not in answer.text
    assert refused(shop, "console") == 1


def test_a_wrong_password_is_said_to_be_wrong_after_a_while(stranger: Visitor) -> None:
    stranger.try_password(WRONG)
    stranger.try_password(PASSWORD)

    assert stranger.console.slept == [HESITATION]


def test_a_guesser_waits_and_even_the_right_password_waits_with_them(shop: Shop, stranger: Visitor) -> None:
    for _ in range(TRIES):
        assert stranger.try_password(WRONG).status_code == 401

    answer = stranger.try_password(PASSWORD)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) == PAUSE // SECOND
    assert TICKET not in stranger.cookies
    assert refused(shop, "console") == TRIES  # what is not looked at is not counted

    shop.clock.advance(PAUSE)
    assert stranger.try_password(PASSWORD).status_code == 303


def test_thirty_guesses_at_once_are_not_thirty_tries(stranger: Visitor) -> None:
    fields = stranger.hidden(stranger.get("/sign-in"), "/sign-in") | {"password": WRONG}

    answers = stranger.post_together("/sign-in", [fields] * 30)

    assert sorted(it.status_code for it in answers) == [401] * TRIES + [429] * (30 - TRIES)


def test_a_guesser_elsewhere_does_not_lock_the_owner_out(shop: Shop, stranger: Visitor) -> None:
    with visiting(shop, address="203.0.113.7", app=stranger.console.app) as guesser:
        for _ in range(TRIES + 1):
            answer = guesser.try_password(WRONG)

    assert answer.status_code == 429
    assert stranger.try_password(PASSWORD).status_code == 303


def test_a_guesser_at_the_owners_own_address_does_not_lock_out_a_browser_that_was_let_in(
    shop: Shop, operator: Visitor
) -> None:
    operator.post("/sign-out", operator.hidden(operator.get(""), "/sign-out"))
    with visiting(shop, app=operator.console.app) as guesser:
        for _ in range(TRIES + 1):
            answer = guesser.try_password(WRONG)

    assert answer.status_code == 429
    assert MARK in operator.cookies
    assert operator.try_password(PASSWORD).status_code == 303


def test_a_mark_that_somebody_made_up_gives_no_tries(stranger: Visitor) -> None:
    for number in range(TRIES):
        stranger.cookies.set(MARK, f"made-up-{number}", domain="sidecar.test", path="/console")
        stranger.try_password(WRONG)

    assert stranger.try_password(PASSWORD).status_code == 429


def test_a_session_ends_after_twelve_hours(shop: Shop, operator: Visitor) -> None:
    shop.clock.advance(LIFE - 1)
    assert operator.get("").status_code == 200

    shop.clock.advance(1)
    assert operator.get("").status_code == 303
    piece = operator.get("/payments", **HTMX, **{"hx-current-url": "http://sidecar.test/console/payments?q=1"})
    assert piece.headers["hx-redirect"] == "/console/sign-in?next=/console/payments%3Fq%3D1"
    assert "<table" not in piece.text


def test_who_signs_out_is_out(operator: Visitor) -> None:
    answer = operator.post("/sign-out", operator.hidden(operator.get(""), "/sign-out"))

    assert answer.headers["location"] == "/console/sign-in"
    assert operator.get("").status_code == 303


def test_another_password_ends_the_session_at_once(shop: Shop, operator: Visitor) -> None:
    url = shop.settings.database_url.get_secret_value()
    changed = Shop(url, console_password=SecretStr(f"{PASSWORD} 2"))
    with visiting(shop, app=changed.app) as it:
        it.cookies.update(operator.cookies)
        assert it.get("").status_code == 303
    changed.close()


def test_another_replica_honours_the_session(shop: Shop, operator: Visitor) -> None:
    replica = Shop(shop.settings.database_url.get_secret_value(), **WITH_CONSOLE)
    with visiting(shop, app=replica.app) as it:
        it.cookies.update(operator.cookies)
        assert it.get("/nothing").status_code == 404
    replica.close()


def test_no_script_and_no_other_sites_form_gets_at_the_cookies(stranger: Visitor) -> None:
    answer = stranger.try_password(PASSWORD)
    for name in (TICKET, MARK):
        line = given(answer, name).lower()
        assert {"httponly", "samesite=lax", "path=/console"} <= {part.strip() for part in line.split(";")}
        assert "secure" not in line


@pytest.fixture
def behind_a_proxy(database_url: str) -> Iterator[Shop]:
    it = Shop(database_url, forwarded_allow_ips=(ip_network("10.0.0.0/8"),), **WITH_CONSOLE)
    yield it
    it.close()


@pytest.mark.parametrize(
    ("how", "said", "secure"),
    [
        ({"scheme": "https", "address": "203.0.113.7"}, {}, True),
        ({"address": "10.0.0.9"}, {"x-forwarded-proto": "https"}, True),
        ({"address": "10.0.0.9"}, {"x-forwarded-proto": "https, http"}, False),
        ({"address": "10.0.0.9"}, {}, False),
        ({"address": "203.0.113.7"}, {"x-forwarded-proto": "https"}, False),
    ],
)
def test_a_cookie_stays_on_https_when_it_came_by_it(
    behind_a_proxy: Shop, how: dict[str, str], said: dict[str, str], secure: bool
) -> None:
    with visiting(behind_a_proxy, **how) as it:
        form = it.get("/sign-in", **said)

    assert ("secure" in form.headers["set-cookie"].lower()) is secure


def test_guessers_behind_a_proxy_are_told_apart(behind_a_proxy: Shop) -> None:
    with visiting(behind_a_proxy) as it:
        for _ in range(TRIES + 1):
            answer = it.try_password(WRONG, **{"x-forwarded-for": "203.0.113.7"})

        assert answer.status_code == 429
        assert it.try_password(PASSWORD, **{"x-forwarded-for": "203.0.113.8"}).status_code == 303


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example",
        "//evil.example",
        "/console//evil.example\\",
        "/payme",
        "/consoles",
        "/console/sign-in?next=/console",
        "/console/\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "",
    ],
)
def test_the_sign_in_leads_nowhere_else(wanted: str) -> None:
    assert safe_return(wanted) == "/console"


@pytest.mark.parametrize("wanted", ["/console", "/console?period=month", "/console/payments/payses_01#message-1"])
def test_the_sign_in_leads_back(wanted: str) -> None:
    assert safe_return(wanted) == wanted


def test_the_password_is_in_no_answer_and_no_line(
    operator: Visitor, stranger: Visitor, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = [operator.get(path).text for path in ("", "/sign-in", "/payments", "/journal")]

    assert not [text for text in answers if PASSWORD in text]
    assert PASSWORD not in "".join(capsys.readouterr())
