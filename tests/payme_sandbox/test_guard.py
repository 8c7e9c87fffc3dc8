"""Who may knock at Payme's pages."""

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from payme_sandbox.counter.guard import Guard
from tests.payme_sandbox.counter import run

HERE = "127.0.0.1:8790"


async def yes(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("yes")(scope, receive, send)


def asked(verb: str, path: str, bound: str = "127.0.0.1", **headers: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        guard = Guard(yes, bound, opens=lambda path: path == "/")
        async with httpx.AsyncClient(transport=httpx.ASGITransport(guard), base_url=f"http://{HERE}") as http:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await http.request(verb, path, headers=named)

    return run(ask())


@pytest.mark.parametrize("host", [HERE, "localhost:8790", "[::1]:8790", "LOCALHOST:8790"])
def test_the_names_of_this_machine_are_served(host: str) -> None:
    assert asked("GET", "/", host=host).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8790", "127.0.0.1.evil.example", ""])
def test_a_name_that_somebody_else_made_lead_here_is_not(host: str) -> None:
    answer = asked("GET", "/", host=host)

    assert answer.status_code == 403
    assert "http://127.0.0.1" in answer.text


def test_bound_elsewhere_on_purpose_it_may_have_any_name() -> None:
    assert asked("GET", "/", bound="0.0.0.0", host="payme.office.example").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec_fetch_site": "same-origin", "origin": f"http://{HERE}"},
        {"sec_fetch_site": "same-origin", "origin": "null"},
        {"sec_fetch_site": "none"},
        {"origin": f"http://{HERE}"},
    ],
)
def test_our_own_pages_and_programs_may_post(headers: dict[str, str]) -> None:
    assert asked("POST", "/refund", **headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site", "origin": "https://evil.example"},
        {"sec_fetch_site": "same-site", "origin": "http://127.0.0.1:8702"},  # another port is another site's page
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:8702"},
        {"origin": "null"},
    ],
)
@pytest.mark.parametrize("path", ["/refund", "/endpoint", "/compare", "/scenarios", "/bT01"])
def test_another_sites_page_may_not_but_open_a_checkout(headers: dict[str, str], path: str) -> None:
    assert asked("POST", path, **headers).status_code == 403
    assert asked("POST", "/", **headers).status_code == 200
    assert asked("GET", path, **headers).status_code == 200


def test_every_answer_is_fresh_and_in_no_frame() -> None:
    for answer in (asked("GET", "/"), asked("POST", "/x", origin="null")):
        assert answer.headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("broken", ["[::1", "[", "[:8790"])
def test_an_address_that_cannot_be_read_is_nobodys(broken: str) -> None:
    assert asked("GET", "/", host=broken).status_code == 403
    assert asked("POST", "/refund", origin=f"http://{broken}").status_code == 403
