"""The demo's kiosk in a real browser: a till shows a code, a phone reads it off the screen and pays, the till says so.

It needs no Medusa, but the browser that comes with it.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from demo_shop.postgres import free_port
from tests import camera
from tests.medusa.chromium import Chromium
from tests.processes import ROOT, eventually

PATIENCE: Final = 30_000  # milliseconds
TILLS: Final = {"desk": (1280, 900), "phone": (390, 844)}


@pytest.fixture(scope="module")
def browser(chromium: Chromium) -> Iterator[Browser]:
    with chromium.open() as running:
        yield running


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the whole demo as a visitor does; the shop's address."""
    port = free_block()
    command = [sys.executable, "-m", "sidecar", "demo", "--port", str(port)]
    surroundings = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    with subprocess.Popen(
        command,
        cwd=tmp_path_factory.mktemp("visitor"),
        env={**surroundings, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
    ) as demo:
        try:
            ready = f"http://127.0.0.1:{port}/readyz"
            eventually(lambda: demo.poll() is not None or is_open(ready), "a sidecar that is ready")
            yield f"http://127.0.0.1:{port + 2}"
        finally:
            demo.terminate()


def free_block() -> int:
    """Find a port with three free ones behind it, as far as anybody can tell."""
    return next(port for port in iter(free_port, None) if port + 3 < 32_768)


def is_open(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False, follow_redirects=True).is_success
    except httpx.TransportError:
        return False


@pytest.fixture(params=TILLS)
def till(request: pytest.FixtureRequest, browser: Browser, shop: str) -> Iterator[Page]:
    width, height = TILLS[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=2)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{shop}/en/uz/kiosk")
    yield page
    if pictures := os.environ.get("PICTURES"):
        page.screenshot(path=Path(pictures) / f"kiosk-{request.param}.png", full_page=True)
    context.close()


def test_a_phone_reads_the_screen_and_pays_and_the_till_says_so_by_itself(till: Page, browser: Browser) -> None:
    till.locator("form[id^=sell-] button").first.click()
    expect(till.locator("#till")).to_have_attribute("data-view", "ready")
    expect(till.locator("#code")).to_be_visible()

    link = camera.read(till.screenshot(full_page=True)).text
    assert link == till.locator("#pay").get_attribute("href")
    phone = browser.new_page()
    phone.goto(link)
    phone.locator("#buyer button[value=pay]").click()

    expect(till.locator("#number")).to_be_visible(timeout=PATIENCE)
    expect(till.locator("#code")).to_have_count(0)
    phone.close()
    assert till.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_declined_card_leaves_the_code_on_the_screen_for_the_next_try(till: Page, browser: Browser) -> None:
    till.locator("form[id^=sell-] button").first.click()
    phone = browser.new_page()
    phone.goto(till.locator("#pay").get_attribute("href") or "")
    phone.locator("#buyer button[value=decline]").click()

    expect(till.locator("#declined")).to_be_visible(timeout=PATIENCE)
    expect(till.locator("#code")).to_be_visible()
    phone.close()
