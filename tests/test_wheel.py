"""What is shipped: the wheel holds all that the commands need, and works where this repository never was."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture
def elsewhere(wheel: Path, tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment whose `sidecar` is the wheel's, and an empty working directory."""
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    empty = tmp_path / "empty"
    empty.mkdir()
    here = Path.cwd()
    os.chdir(empty)
    yield {"PATH": os.environ["PATH"], "PYTHONPATH": str(site), "HOME": str(tmp_path)}
    os.chdir(here)


def test_the_wheel_holds_what_the_commands_need(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())

    assert "sidecar/migrations/versions/0001_the_first_tables.py" in names
    assert {"sidecar/py.typed", "storefront_callback/py.typed"} <= names
    assert any(name.startswith("demo_shop/templates/") for name in names)
    assert not any(name.startswith(("tests/", "docs/")) for name in names)


def test_the_demo_walks_to_a_paid_order_from_the_wheel_in_an_empty_folder(elsewhere: dict[str, str]) -> None:
    where = "import sidecar; print(sidecar.__file__)"
    said = subprocess.run([sys.executable, "-c", where], env=elsewhere, capture_output=True, text=True, check=True)
    assert said.stdout.startswith(elsewhere["PYTHONPATH"])

    walk = [sys.executable, "-m", "sidecar", "demo", "--once", "--port", "28900"]
    done = subprocess.run(walk, env=elsewhere, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(Path.cwd().iterdir()) == []


def test_the_demo_with_medusa_says_in_one_line_that_it_needs_the_repository(elsewhere: dict[str, str]) -> None:
    start = [sys.executable, "-m", "sidecar", "demo", "--medusa", "--once"]
    done = subprocess.run(start, env=elsewhere, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stdout == (
        "✗ a real Medusa needs a clone of the repository; an installed package does not hold its sources\n"
    )
    assert done.stderr == ""
