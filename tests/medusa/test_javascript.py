"""The plugin and the storefront's pieces have tests and types of their own; they pass as a developer runs them."""

import tempfile
from pathlib import Path

import pytest

from demo_shop.medusa import Prepared
from demo_shop.medusa.node import run
from demo_shop.medusa.sources import REPOSITORY, copy

PACKAGES = ["medusa_plugin", "storefront", "medusa_shop/storefront"]
CHECKS = [
    ("tsc", "--noEmit", ["medusa_plugin", "storefront", "medusa_shop/storefront"]),
    ("vitest", "run", ["medusa_plugin", "storefront"]),
]


@pytest.mark.parametrize(
    ("program", "argument", "package"),
    [(program, argument, package) for program, argument, packages in CHECKS for package in packages],
)
def test_it_passes(prepared: Prepared, program: str, argument: str, package: str) -> None:
    with tempfile.TemporaryDirectory(dir=prepared.toolbox.folder) as below:  # where Node finds the packages above it
        for each in PACKAGES:
            copy(REPOSITORY / each, Path(below) / each)

        run(f"{program} in {package}", [*prepared.toolbox.program(program), argument], Path(below) / package)
