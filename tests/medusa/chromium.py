"""A browser without a window: the machine's own if `CHROMIUM` names one, else the one in the toolbox."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from playwright.sync_api import Browser, sync_playwright

from demo_shop.medusa.cache import Waiting
from demo_shop.medusa.node import environment, run
from demo_shop.medusa.sources import fingerprint
from demo_shop.medusa.toolbox import Toolbox

# The package unpacks itself into the temporary folder, its libraries only where it takes itself to be in its cloud.
UNPACK: Final = 'import chromium from "@sparticuz/chromium"; await chromium.executablePath()'
CLOUD: Final = {"AWS_EXECUTION_ENV": "AWS_Lambda_nodejs22.x"}

# It knows its fonts at a path of that cloud only. Open Sans first: pictures shall look the same everywhere.
FONTS: Final = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <alias binding="same"><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
  <alias binding="same"><family>system-ui</family><prefer><family>Open Sans</family></prefer></alias>
</fontconfig>
"""
QUIETLY: Final = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]


@dataclass(frozen=True, slots=True)
class Chromium:
    program: str
    environment: dict[str, str]

    @classmethod
    def ready(cls, toolbox: Toolbox, waiting: Waiting) -> Self:
        if named := os.environ.get("CHROMIUM"):
            return cls(named, dict(os.environ))
        folder = toolbox.built(
            f"chromium-{fingerprint(Path(__file__))}", lambda draft: unpack(toolbox, draft), "Chromium unpacks", waiting
        )
        return cls(str(folder / "chromium"), surroundings(folder))

    @contextmanager
    def open(self) -> Iterator[Browser]:
        """Run it; pages and visitors (`new_context`) are the caller's."""
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=self.program,
                env={**self.environment},
                chromium_sandbox=False,  # it refuses to be root with one, and it sees our own pages only
                args=QUIETLY,
            )
            yield browser
            browser.close()


def unpack(toolbox: Toolbox, folder: Path) -> None:
    unpacking = [toolbox.node.program, "--input-type=module", "--eval", UNPACK]
    told = {**CLOUD, "TMPDIR": str(folder), "NODE_PATH": str(toolbox.modules)}
    run("the unpacking of Chromium", unpacking, folder, told)
    (folder / "fonts.conf").write_text(FONTS)


def surroundings(folder: Path) -> dict[str, str]:
    """Fonts always; libraries of the package only on a machine that lacks them, where their own are newer."""
    seen = {**environment(), "FONTCONFIG_FILE": str(folder / "fonts.conf")}
    if "not found" in subprocess.run(["ldd", folder / "chromium"], capture_output=True, text=True, check=False).stdout:
        seen["LD_LIBRARY_PATH"] = str(folder / "al2023/lib")
    return seen
