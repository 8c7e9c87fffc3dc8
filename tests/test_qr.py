"""The QR code of a payment: it says the link, the whole link, and to nobody who was not given it."""

import itertools
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import httpx
import pytest
import zxingcpp
from pydantic import SecretStr

from sidecar import qr
from tests.camera import picture, read
from tests.processes import Sidecar
from tests.shop import AMOUNT, API_KEY, BACKEND, SESSION, Shop

PATH: Final = f"/payment-sessions/{SESSION}"
OWN: Final = "http://127.0.0.1:8700"
OTHER: Final = "payses_02"
KINDS: Final = {"svg": "image/svg+xml", "png": "image/png"}

Modules = list[list[bool]]


def as_a_browser(shop: Shop, url: str) -> httpx.Response:
    """Ask as an `<img>` does: with the address and no key."""
    return shop.run(shop.ask("GET", url.removeprefix(OWN)))


def refusal(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/json"
    assert set(response.json()) == {"type", "code", "message"}
    return response.status_code, response.json()["code"]


def modules_of_png(png: bytes) -> Modules:
    image = picture(png).convert("L")
    dark = [[image.getpixel((x, y)) == 0 for x in range(image.width)] for y in range(image.height)]
    edge = next(y for y, row in enumerate(dark) if any(row))
    corner = next(length for is_dark, length in runs(dark[edge]) if is_dark)  # a finder is seven modules wide
    scale = corner // 7
    return [row[::scale] for row in dark[::scale]]


def modules_of_svg(svg: bytes) -> Modules:
    root = ET.fromstring(svg)
    [group] = root
    paper, ink = group
    size = int(re.fullmatch(r"M0 0h(\d+)v\1h-\1z", paper.attrib["d"])[1])  # type: ignore[index]  # it matches
    assert paper.attrib["fill"] == "#fff"
    assert root.attrib["viewBox"] == "0 0 {0} {0}".format(8 * size)
    dark = [[False] * size for _ in range(size)]
    x, y = 0, 0.0
    for letter, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?", ink.attrib["d"]):
        if letter == "h":
            dark[int(y)][x : x + int(first)] = [True] * int(first)
            x += int(first)
        else:
            x, y = (int(first), float(second)) if letter == "M" else (x + int(first), y + float(second))
    return dark


def runs(row: list[bool]) -> list[tuple[bool, int]]:
    return [(is_dark, len(list(run))) for is_dark, run in itertools.groupby(row)]


# ── the picture ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "changes",
    [{}, {"amount": 1}, {"order_id": "A.b_c:d-e", "locale": "en-GB"}, {"id_": "x" * 128}],
    ids=["plain", "one tiyin", "another order", "a long id"],
)
def test_a_camera_reads_the_link_and_nothing_else(shop: Shop, changes: dict[str, str]) -> None:
    session = shop.register(**changes).json()
    response = shop.api("GET", f"/payment-sessions/{session['id']}/qr.png")

    code = read(response.content)
    assert code.text == session["payment_url"]
    assert code.format == zxingcpp.BarcodeFormat.QRCode
    assert code.ec_level == "M"


def test_the_code_follows_the_amount_and_no_browser_keeps_the_old_one(shop: Shop) -> None:
    url = shop.register().json()["qr_url"].replace("qr.svg", "qr.png")
    before = as_a_browser(shop, url)
    changed = shop.api("POST", PATH, {"amount": AMOUNT + 1}).json()
    after = as_a_browser(shop, url)

    assert read(before.content).text != read(after.content).text == changed["payment_url"]
    assert before.headers["cache-control"] == after.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("id_", ["1", SESSION, "x" * 128])
def test_both_pictures_are_the_same_code_with_four_modules_of_quiet_around_it(shop: Shop, id_: str) -> None:
    shop.register(id_)
    svg, png = (shop.api("GET", f"/payment-sessions/{id_}/qr.{kind}").content for kind in KINDS)

    modules = modules_of_png(png)
    assert modules_of_svg(svg) == modules
    quiet = [*modules[:4], *modules[-4:], *([row[x] for row in modules] for x in (0, 1, 2, 3, -1, -2, -3, -4))]
    assert not any(any(line) for line in quiet)
    assert modules[4][4:12] == [True] * 7 + [False]
    assert (len(modules) - 8 - 17) % 4 == 0  # a size that the standard knows


@pytest.mark.parametrize("text", ["short", "x" * 300, "x" * 2000], ids=len)
def test_a_png_is_wide_enough_for_a_camera_and_bears_a_scratch_whatever_it_says(text: str) -> None:
    png = qr.png(text)

    assert 600 <= picture(png).width < 900
    assert (read(png).text, read(png).ec_level) == (text, "M")


@pytest.mark.parametrize("kind", KINDS)
def test_a_link_that_no_code_can_hold_is_refused_by_name(database_url: str, kind: str) -> None:
    shop = Shop(database_url, callback_url=f"https://shop.test/{'x' * 3000}")
    registered = shop.register()
    asked_for = shop.api("GET", f"{PATH}/qr.{kind}")
    shop.close()

    assert registered.status_code == 201
    assert refusal(asked_for) == (422, "link_too_long")


@pytest.mark.parametrize(("kind", "media_type"), KINDS.items())
def test_a_picture_says_what_it_is(shop: Shop, kind: str, media_type: str) -> None:
    shop.register()
    shown = shop.api("GET", f"{PATH}/qr.{kind}")
    only_asked_for = shop.api("HEAD", f"{PATH}/qr.{kind}")

    assert (shown.status_code, shown.headers["content-type"]) == (200, media_type)
    assert (only_asked_for.status_code, only_asked_for.headers["content-type"]) == (200, media_type)


# ── who may see it ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_address_in_the_session_opens_to_a_browser(shop: Shop) -> None:
    url = shop.register().json()["qr_url"]

    assert url == f"{OWN}{PATH}/qr.svg?token={qr.token(API_KEY, SESSION)}"
    for kind in KINDS:
        assert as_a_browser(shop, url.replace("qr.svg", f"qr.{kind}")).status_code == 200


def test_the_address_is_in_every_answer_about_the_session_and_stays_the_same(shop: Shop) -> None:
    url = shop.register().json()["qr_url"]
    answers = [
        shop.register(),
        shop.api("GET", PATH),
        shop.api("POST", PATH, {"amount": AMOUNT + 1, "locale": "uz"}),
        shop.api("POST", f"{PATH}/authorize"),
        shop.close_session(),
        shop.api("POST", f"{PATH}/cancel"),
    ]

    assert [answer.json()["qr_url"] for answer in answers[1:]] == [url] * 5


RIGHT: Final = qr.token(API_KEY, SESSION)
WRONG_TOKENS: Final = {
    "none": "",
    "an empty one": "?token=",
    "that of another session": f"?token={qr.token(API_KEY, OTHER)}",
    "one made with another key": f"?token={qr.token('another', SESSION)}",
    "its beginning": f"?token={RIGHT[:-1]}",
    "more than it": f"?token={RIGHT}A",
    "padded": f"?token={RIGHT}==",
    "in upper case": f"?token={RIGHT.upper()}",
    "twice": f"?token={RIGHT}&token={RIGHT}",
    "the wrong one first": f"?token=x&token={RIGHT}",
    "under another name": f"?key={RIGHT}",
    "the API key": f"?token={API_KEY}",
    "no ASCII": "?token=%D0%BA%D0%BE%D0%B4",
    "no UTF-8": "?token=%FF%FE",
}


@pytest.mark.parametrize("query", WRONG_TOKENS.values(), ids=WRONG_TOKENS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_token_opens_nothing(shop: Shop, kind: str, query: str) -> None:
    shop.register()
    shop.register(OTHER)

    assert refusal(as_a_browser(shop, f"{PATH}/qr.{kind}{query}")) == (401, "unauthorized")


def test_a_stranger_does_not_learn_which_sessions_there_are(shop: Shop) -> None:
    shop.register()
    known, unknown, impossible = (
        as_a_browser(shop, f"/payment-sessions/{id_}/qr.svg?token={RIGHT[::-1]}") for id_ in (SESSION, OTHER, "%2E%FF")
    )

    assert known.content == unknown.content == impossible.content
    assert known.status_code == unknown.status_code == impossible.status_code == 401


@pytest.mark.parametrize(
    ("verb", "rest"),
    [("GET", ""), ("POST", ""), ("DELETE", ""), ("POST", "/authorize"), ("POST", "/cancel"), ("POST", "/refund")],
)
def test_the_token_opens_the_picture_and_nothing_else(shop: Shop, verb: str, rest: str) -> None:
    before = shop.register().json()
    response = shop.run(shop.ask(verb, f"{PATH}{rest}?token={RIGHT}", content="{}"))

    assert refusal(response) == (401, "unauthorized")
    assert shop.session() == before


def test_the_key_opens_it_too_whatever_the_token_says(shop: Shop) -> None:
    shop.register()
    response = shop.run(shop.ask("GET", f"{PATH}/qr.svg?token=wrong", headers=BACKEND))

    assert response.status_code == 200


def test_another_key_makes_another_token(database_url: str) -> None:
    shop = Shop(database_url, sidecar_api_key=SecretStr("a-new-key"))
    shop.run(shop.ask("POST", "/payment-sessions", json={}, headers={"authorization": "Bearer a-new-key"}))
    stale = as_a_browser(shop, f"{PATH}/qr.svg?token={RIGHT}")
    shop.close()

    assert refusal(stale) == (401, "unauthorized")


def test_a_token_is_128_bits_that_may_stand_in_any_address() -> None:
    tokens = {qr.token(API_KEY, f"payses_{number}") for number in range(100)}

    assert len(tokens) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", token) for token in tokens)


def test_a_token_is_never_written_down(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    url = shop.register().json()["qr_url"]
    for address in (url, url.replace(SESSION, OTHER), url.replace("qr.svg", "qr.gif"), f"{PATH}?token={RIGHT}"):
        as_a_browser(shop, address)
    shop.close_session()
    as_a_browser(shop, url)

    assert f"{PATH}/qr.svg" not in caplog.text  # a session's id is a word of the line, not of its path
    assert "/payment-sessions/…/qr.svg" in caplog.text
    assert RIGHT not in caplog.text


# ── when there is nothing to pay ────────────────────────────────────────────────────────────────────────────────


def test_an_unknown_session_has_no_code(shop: Shop) -> None:
    token = qr.token(API_KEY, SESSION)

    assert refusal(shop.api("GET", f"{PATH}/qr.svg")) == (404, "not_found")
    assert refusal(as_a_browser(shop, f"{PATH}/qr.png?token={token}")) == (404, "not_found")


def refunded(shop: Shop) -> None:
    shop.paid().cancel()


def closed(shop: Shop) -> None:
    shop.register()
    shop.close_session()


def closed_at_payme(shop: Shop) -> None:
    shop.register()
    shop.create()
    shop.close_session()


@pytest.mark.parametrize(
    ("story", "code"),
    [
        (Shop.paid, "already_paid"),
        (refunded, "session_closed"),
        (closed, "session_closed"),
        (closed_at_payme, "session_closed"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_code_that_leads_nowhere_is_not_drawn(
    shop: Shop, kind: str, story: Callable[[Shop], object], code: str
) -> None:
    story(shop)
    url = shop.session()["qr_url"]

    assert refusal(as_a_browser(shop, url.replace("qr.svg", f"qr.{kind}"))) == (409, code)
    assert refusal(shop.api("GET", f"{PATH}/qr.{kind}")) == (409, code)


def test_a_code_is_drawn_while_somebody_pays_and_after_the_card_was_declined(shop: Shop) -> None:
    session = shop.register().json()
    shop.create()
    paying = shop.api("GET", f"{PATH}/qr.png")
    shop.cancel()
    declined = shop.api("GET", f"{PATH}/qr.png")

    assert read(paying.content).text == read(declined.content).text == session["payment_url"]


# ── where it is reached ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_address_begins_as_the_shop_says(database_url: str) -> None:
    shop = Shop(database_url, sidecar_url="https://pay.shop.uz/sidecar/")
    url = shop.register().json()["qr_url"]
    shop.close()

    assert url.startswith(f"https://pay.shop.uz/sidecar{PATH}/qr.svg?token=")


def test_a_sidecar_that_was_told_its_port_on_the_command_line_names_that_one(tmp_path: Path) -> None:
    sidecar = Sidecar(tmp_path, tmp_path, "sqlite:///sidecar.db", "http://127.0.0.1:9", PORT="1")
    sidecar.start()
    try:
        session = sidecar.register(SESSION).json()
        picture = httpx.get(session["qr_url"].replace("qr.svg", "qr.png"), trust_env=False)
        said = sidecar.said
    finally:
        sidecar.close()

    assert session["qr_url"].startswith(f"http://127.0.0.1:{sidecar.port}{PATH}/")
    assert read(picture.content).text == session["payment_url"]
    assert "qr.png" in said
    assert RIGHT not in said
