"""Where the pieces of a real shop lie in this repository, and what tells one version of them from another."""

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).parents[2]
IGNORED: Final = frozenset({"node_modules", ".medusa", "dist", "coverage", ".env", ".DS_Store"})


class NoRepository(Exception):
    """The demo runs from an installed wheel, and that holds no Medusa."""


@dataclass(frozen=True, slots=True)
class Sources:
    root: Path = REPOSITORY

    @property
    def manifest(self) -> Path:
        return self.root / "medusa_shop/package.json"

    @property
    def lock(self) -> Path:
        return self.root / "medusa_shop/package-lock.json"

    @property
    def backend(self) -> Path:
        return self.root / "medusa_shop/backend"

    @property
    def shop(self) -> Path:
        return self.root / "medusa_shop/storefront"

    @property
    def pieces(self) -> Path:
        return self.root / "storefront"

    @property
    def plugin(self) -> Path:
        return self.root / "medusa_plugin"

    def check(self) -> None:
        needed = (self.manifest, self.lock, self.backend, self.plugin)
        if not all(path.exists() for path in needed):
            raise NoRepository(
                "a real Medusa needs a clone of the repository; an installed package does not hold its sources"
            )


def fingerprint(*paths: Path) -> str:
    """Sixteen digits that change when a name or a byte of these files and folders does.

    Who makes something of them passes its own module along: made in another way is another thing.
    """
    total = hashlib.sha256()
    for path in paths:
        for name, content in contents(path):
            total.update(f"{name}\0{len(content)}\0".encode() + content)
    return total.hexdigest()[:16]


def contents(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_file():
        yield path.name, path.read_bytes()
        return
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path)
        if file.is_file() and not IGNORED & set(name.parts):
            yield name.as_posix(), file.read_bytes()


def copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(*IGNORED), dirs_exist_ok=True)
