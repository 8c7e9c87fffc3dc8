"""Takes the picture of the docs: `python -m tests.console.pictures [FOLDER]` writes `docs/images/console.png`.

With a folder it puts a picture of every page there, at a desk and on a phone, light and dark, to be looked at.
"""

import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, Page

from demo_shop.medusa.node import Node
from demo_shop.medusa.sources import Sources
from demo_shop.medusa.toolbox import Toolbox
from sidecar import logs
from tests.console.business import REFUSED, fill
from tests.console.visitor import PASSWORD
from tests.medusa.chromium import Chromium
from tests.processes import ROOT, CommerceBackend, Sidecar, SqliteStorage

PICTURE: Final = ROOT / "docs/images/console.png"
SIZES: Final = {"desk": (1200, 900), "phone": (390, 900)}
PAGES: Final = {
    "today": "?period=month",
    "payments": "/payments",
    "story": f"/payments/{REFUSED}",
    "messages": "/messages",
    "journal": "/journal",
}
GAP: Final = 24
GROUND: Final = "#dfe8e8"


@contextmanager
def served(folder: Path) -> Iterator[Sidecar]:
    """A sidecar with a month of business in its books, and a backend that takes whatever it is told now."""
    backend = CommerceBackend()
    backend.start()
    storage = SqliteStorage(folder)
    fill(storage.url, days=30)
    sidecar = Sidecar(folder, folder, storage.url, backend.url, CONSOLE_PASSWORD=PASSWORD)
    sidecar.start()
    yield sidecar
    sidecar.close()
    backend.stop()


def signed_in(browser: Browser, address: str, size: tuple[int, int], scheme: str = "light") -> Page:
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        is_mobile=width < 600,
        device_scale_factor=2 if width < 600 else 1,
        locale="en-GB",
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(f"{address}/sign-in?l=en")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(address)
    return page


def together(desk: bytes, phone: bytes) -> Image.Image:
    """Both on one ground, the phone's as high as the desk's."""
    left, tall = Image.open(io.BytesIO(desk)), Image.open(io.BytesIO(phone))
    right = tall.resize((tall.width * left.height // tall.height, left.height), Image.Resampling.LANCZOS)
    whole = Image.new("RGB", (left.width + right.width + 3 * GAP, left.height + 2 * GAP), GROUND)
    whole.paste(left, (GAP, GAP))
    whole.paste(right, (left.width + 2 * GAP, GAP))
    return whole


def take(folder: Path | None) -> None:
    toolbox = Toolbox.ready(Sources(), Node.find(), lambda _what: nullcontext())
    chromium = Chromium.ready(toolbox, lambda _what: nullcontext())
    with tempfile.TemporaryDirectory() as place, served(Path(place)) as sidecar, chromium.open() as browser:
        address = f"http://127.0.0.1:{sidecar.port}/console"
        if folder:
            look_at_everything(browser, address, folder)
            return
        desk, phone = (signed_in(browser, address, size) for size in SIZES.values())
        desk.goto(address + PAGES["today"])
        phone.goto(address + PAGES["story"])
        together(desk.screenshot(), phone.screenshot()).save(PICTURE, optimize=True)


def look_at_everything(browser: Browser, address: str, folder: Path) -> None:
    for size, pixels in SIZES.items():
        for scheme in ("light", "dark"):
            page = signed_in(browser, address, pixels, scheme)
            for name, path in PAGES.items():
                page.goto(address + path)
                page.screenshot(path=folder / f"{name}-{size}-{scheme}.png", full_page=True)


if __name__ == "__main__":
    logs.configure("error")
    take(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
