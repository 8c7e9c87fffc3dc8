"""How a text of the repository becomes a page of the site."""

from pathlib import Path

import pytest

from handbook import hooks, settings_tables
from handbook.anchors import with_anchors_of
from handbook.links import Library
from sidecar.settings import Settings
from storefront_callback.settings import Settings as CallbackSettings


@pytest.fixture
def library(tmp_path: Path) -> Library:
    for name in ("README.md", "compose.yaml", "docs/runbook.md", "docs/decisions/README.md", "docs/images/a.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "tests").mkdir()
    (tmp_path / "docs/plugin.md").touch()
    return Library(tmp_path, {"plugin/README.md": "docs/plugin.md", "README.md#settings": "docs/runbook.md#limits"})


@pytest.mark.parametrize(
    ("link", "becomes"),
    [
        ("[a](docs/runbook.md)", "[a](runbook.md)"),
        ("[a](docs/runbook.md#refund)", "[a](runbook.md#refund)"),
        ("![a](docs/images/a.png)", "![a](images/a.png)"),
        ("[a](docs/decisions)", "[a](decisions/README.md)"),
        ("[a](plugin/README.md#options)", "[a](plugin.md#options)"),
        ("[a](README.md#settings)", "[a](runbook.md#limits)"),
        ("[a](tests)", "a"),
        ("[`c`](compose.yaml)", '<a href="source/compose.yaml.txt">`c`</a>'),
        ("[a](https://payme.uz)", "[a](https://payme.uz)"),
        ("[a](#refund)", "[a](#refund)"),
        ("[a](nowhere.md)", "[a](nowhere.md)"),
    ],
)
def test_a_link_of_a_readme_leads_to_the_same_thing_from_its_page(library: Library, link: str, becomes: str) -> None:
    assert library.relocate(f"See {link}.", "README.md", "docs/index.md", "index.html") == f"See {becomes}."


def test_a_page_links_the_repository_from_where_it_lies(library: Library) -> None:
    text = library.relocate(
        "[a](../../compose.yaml) [b](../runbook.md)",
        "docs/decisions/README.md",
        "docs/decisions/README.md",
        "decisions/index.html",
    )

    assert text == '<a href="../source/compose.yaml.txt">a</a> [b](../runbook.md)'
    assert library.copied == {"compose.yaml"}


def test_a_copy_lies_once_on_the_site_for_every_language(library: Library) -> None:
    text = library.relocate("[a](compose.yaml)", "README.ru.md", "docs/index.ru.md", "ru/index.html")

    assert text == '<a href="../source/compose.yaml.txt">a</a>'


@pytest.mark.parametrize(
    "code",
    ["```\n[a](docs/runbook.md)\n```\n", "```py\n[a](docs/runbook.md)\n```\n", "\n    [a](docs/runbook.md)\n"],
)
def test_code_is_left_as_it_is(library: Library, code: str) -> None:
    text = library.relocate(f"{code}[a](docs/runbook.md)", "README.md", "docs/index.md", "index.html")

    assert text == f"{code}[a](runbook.md)"


def test_a_translated_heading_has_the_anchor_of_its_original_too() -> None:
    text = with_anchors_of("# Run it\n\n```\n# no heading\n```\n\n## A refund\n", "# Запуск\n\n## Возврат\n")

    assert text == '# <a id="run-it"></a>Запуск\n\n## <a id="a-refund"></a>Возврат\n'


def test_a_translation_with_other_headings_stops_the_build() -> None:
    with pytest.raises(ValueError, match="other headings"):
        with_anchors_of("# One\n\n## Two\n", "# Один\n")


def test_every_setting_has_its_row_in_one_group() -> None:
    rows = [line for line in settings_tables.tables("sidecar").splitlines() if line.startswith("| `")]

    assert sorted(row.split("`")[1] for row in rows) == sorted(name.upper() for name in Settings.model_fields)


def test_a_row_says_the_default_and_what_is_allowed() -> None:
    page = settings_tables.fill("before\n<!-- settings: sidecar -->\nafter")
    callback = settings_tables.table(CallbackSettings.model_fields)

    assert page.startswith("before\n### Payme\n")
    assert page.endswith("\nafter")
    assert "| `PAYME_KEY` | **required** |" in page
    assert "| `PAYME_TEST_MODE` | `false` |" in page
    assert "| `PAYME_TEST_KEY` | – |" in page
    assert "(16 … 100,000) |" in page
    assert "(`debug`, `info`, `warning`, `error`) |" in callback


def test_a_drawing_is_taken_from_the_page_it_is_generated_on() -> None:
    assert hooks.drawing("payme-state-machine.md").startswith("```mermaid\nstateDiagram-v2\n")
    with pytest.raises(ValueError, match="no drawing"):
        hooks.drawing("glossary.md")
