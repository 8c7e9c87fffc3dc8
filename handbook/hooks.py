"""What MkDocs does not do by itself: pages made of READMEs, tables made of settings, and no way to the outside."""

import re
import shutil
from pathlib import Path
from typing import Any, Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from handbook import settings_tables
from handbook.anchors import with_anchors_of
from handbook.links import COPIES, DOCS, Library

ROOT: Final = Path(__file__).resolve().parents[1]
ARTISTS: Final = ("assets/mermaid.tiny.js", "assets/drawings.js")
# What a README says to its readers in the repository only.
GITHUB_ONLY: Final = re.compile(r"<!-- repository -->\n.*?<!-- /repository -->\n", re.DOTALL)
TRANSLATED: Final = re.compile(r"\.(?:ru|uz)\.md$")
# A drawing that another page is generated with.
DRAWING: Final = re.compile(r"^<!-- drawing: (?P<page>[a-z-]+\.md) -->$", re.MULTILINE)
MERMAID_BLOCK: Final = re.compile(r"^```mermaid\n.*?^```$", re.MULTILINE | re.DOTALL)
# Scripts that the theme would fetch from a stranger: one for drawings, which are ours, one that every browser has.
FETCHED: Final = re.compile(rb'"https://unpkg\.com/[^"]*"')

LIBRARY: Final = Library(
    ROOT,
    {
        "README.md": "docs/index.md",
        "README.ru.md": "docs/index.md",
        "README.uz.md": "docs/index.md",
        "README.md#settings": "docs/settings.md",
        "README.md#beside-a-real-shop": "docs/quick-start.md#beside-a-real-shop",
        "medusa_plugin/README.md": "docs/medusa-plugin.md",
        "storefront/README.md": "docs/storefront.md",
        "CHANGELOG.md": "docs/changelog.md",
    },
)


def on_page_markdown(markdown: str, *, page: Page, **_: Any) -> str:
    """Make the text of a page. One with `source:` in its head is a file of the repository, told once, there."""
    where = f"{DOCS}/{page.file.src_uri}"
    home: str = page.meta.get("source", where)
    if home != where:
        markdown = (ROOT / home).read_text("utf-8")
    original = TRANSLATED.sub(".md", home)
    if original != home:
        markdown = with_anchors_of((ROOT / original).read_text("utf-8"), markdown)
    markdown = DRAWING.sub(lambda mark: drawing(mark["page"]), GITHUB_ONLY.sub("", markdown))
    return settings_tables.fill(LIBRARY.relocate(markdown, home, where, page.url))


def drawing(page: str) -> str:
    """Take the first drawing of a page.

    Raises:
        ValueError: it has none.
    """
    found = MERMAID_BLOCK.search((ROOT / DOCS / page).read_text("utf-8"))
    if found is None:
        raise ValueError(f"{page} has no drawing")
    return found[0]


def on_post_page(output: str, *, page: Page, **_: Any) -> str:
    """Give a page with a drawing what draws it: two and a half megabytes that the other pages need not load."""
    if 'class="drawing"' not in output:
        return output
    scripts = "".join(f'<script src="{get_relative_url(it, page.url)}"></script>' for it in ARTISTS)
    return output.replace("</body>", f"{scripts}</body>", 1)


def on_post_build(config: MkDocsConfig) -> None:
    site = Path(config.site_dir)
    for name in LIBRARY.copied:
        copy = site / COPIES / f"{name}.txt"
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy)
    for script in (site / "assets/javascripts").glob("*.js"):
        script.write_bytes(FETCHED.sub(b'""', script.read_bytes()))
