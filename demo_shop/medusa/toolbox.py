"""Everything from the npm registry, installed once per lock file: Medusa, and what builds and tests the shop."""

import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from demo_shop.medusa import cache
from demo_shop.medusa.cache import Waiting
from demo_shop.medusa.node import Node, run
from demo_shop.medusa.sources import Sources, fingerprint

# Not `npm ci`: it refuses a lock that leaves out packages of other platforms. Versions and hashes hold here too.
# No scripts: none is needed, and a stranger's code runs when we call it, not when it arrives.
INSTALL: Final = ("install", "--include=dev", "--include=optional", "--ignore-scripts", "--no-audit", "--no-fund")
QUIET: Final = ("--loglevel=error", "--no-update-notifier", "--no-progress")


@dataclass(frozen=True, slots=True)
class Toolbox:
    """A folder with `node_modules`; whatever is built lies below it, so that Node finds them from there."""

    folder: Path
    node: Node

    @classmethod
    def ready(cls, sources: Sources, node: Node, waiting: Waiting) -> Self:
        def install(draft: Path) -> None:
            for file in (sources.manifest, sources.lock):
                shutil.copy(file, draft / file.name)
            run("npm install", [node.npm, *INSTALL, *QUIET], draft)

        what = "npm installs Medusa and its tools, once (a minute or two)"
        return cls(cache.made(place(sources, node), install, what, waiting), node)

    @property
    def modules(self) -> Path:
        return self.folder / "node_modules"

    def program(self, name: str) -> list[str]:
        return [self.node.program, str(self.modules / ".bin" / name)]

    def built(self, name: str, make: Callable[[Path], None], what: str, waiting: Waiting) -> Path:
        return cache.made(self.folder / "build" / name, make, what, waiting)


def place(sources: Sources, node: Node) -> Path:
    """One per manifest, lock, Node and kind of machine: some packages hold programs."""
    kind = f"node{node.version[0]}-{platform.system()}-{platform.machine()}".lower()
    return cache.home() / "npm" / f"{fingerprint(sources.manifest, sources.lock)}-{kind}"
