"""What the README says is so."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr
from pydantic_settings import BaseSettings
from typer.main import get_command
from typer.testing import CliRunner

import dev
from sidecar.cli import app
from sidecar.settings import Settings
from storefront_callback.settings import Settings as CallbackSettings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def rows(settings: type[BaseSettings]) -> set[str]:
    def shown(default: object) -> str:
        value = default.get_secret_value() if isinstance(default, SecretStr) else default
        if value is None or value == ():
            return "–"
        return f"`{str(value).lower() if isinstance(value, bool) else value}`"

    return {
        f"| `{name.upper()}` | {'required' if field.is_required() else shown(field.default)} | {field.description} |"
        for name, field in settings.model_fields.items()
    }


@pytest.mark.parametrize(("mark", "settings"), [("sidecar", Settings), ("callback", CallbackSettings)])
def test_the_readmes_tables_are_the_settings(mark: str, settings: type[BaseSettings]) -> None:
    table = README.split(f"<!-- settings: {mark} -->\n")[1].split("\n\n")[0]

    assert set(table.splitlines()[2:]) == rows(settings)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_in_the_docs_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_command_in_the_docs_exists() -> None:
    known = get_command(app)
    commands = set(known.commands)  # type: ignore[attr-defined]  # the root is a group
    named = {word for page in PAGES for word in re.findall(r"payme-sidecar ([a-z]+)", page.read_text())}

    assert named <= commands
    assert {word for page in PAGES for word in re.findall(r"dev\.py ([a-z]+)", page.read_text())} <= set(dev.VERBS)


def test_the_table_of_scenarios_is_the_catalogue() -> None:
    listed = CliRunner().invoke(app, ["sandbox", "list", "--markdown"]).output
    table = (ROOT / "docs/sandbox.md").read_text().split("<!-- scenarios: ")[1]

    assert table.splitlines()[3:] == listed.splitlines()


def test_ci_runs_the_readmes_second_command_and_nothing_else() -> None:
    lines = (ROOT / ".ci/run").read_text().splitlines()
    does = [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]

    assert does == ["exec python3 dev.py test"]
    assert "    python3 dev.py test\n" in README
