"""Where a link leads once a text stands on the site: pages are linked as pages, files of the repository as copies."""

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

LINK: Final = re.compile(r"(?P<image>!?)\[(?P<words>(?:[^\[\]]|\[[^\[\]]*\])*)\]\((?P<target>[^()\s]+)\)")
FENCE: Final = re.compile(r"^ *(`{3,})[^`]*?\n.*?^ *\1[ \t]*$|^(?: {4}|\t)[^\n]*$", re.MULTILINE | re.DOTALL)
ELSEWHERE: Final = re.compile(r"[a-z]+:|#")
DOCS: Final = "docs"
COPIES: Final = "source"  # the folder of the site in which the repository's files lie


@dataclass(frozen=True)
class Library:
    """The repository, and which of its texts outside docs/ are pages of the site.

    `pages` maps a file, or a file with its anchor, to a page: both from the root of the repository. `copied` collects
    what was linked and must lie on the site, too.
    """

    root: Path
    pages: dict[str, str]
    copied: set[str] = field(default_factory=set)

    def relocate(self, text: str, home: str, page: str, url: str) -> str:
        """Rewrite the links of `text`, written for the file `home`, for the page `page`. Code is left alone.

        `url` is where the page lies on the site: another place in each language.
        """
        return outside_code(text, lambda part: LINK.sub(lambda link: self._link(link, home, page, url), part))

    def _link(self, link: "re.Match[str]", home: str, page: str, url: str) -> str:
        target = link["target"]
        if ELSEWHERE.match(target):
            return link[0]
        path, _, anchor = target.partition("#")
        meant = posixpath.normpath(PurePosixPath(home).parent / path)
        there = self._page(meant, anchor)
        if there:
            return f"{link['image']}[{link['words']}]({_from(page, there)})"
        if (self.root / meant).is_file():
            self.copied.add(meant)
            address = _from(url, f"{COPIES}/{meant}.txt")  # .txt: a browser shows it
            return f'<a href="{address}">{link["words"]}</a>'  # as HTML, since the copy is no page to be checked
        return link["words"] if (self.root / meant).is_dir() else link[0]  # MkDocs will say that it leads nowhere

    def _page(self, meant: str, anchor: str) -> str | None:
        """Find the page, with its anchor, that stands for a path of the repository."""
        hooked = f"#{anchor}" if anchor else ""
        if named := self.pages.get(meant + hooked):
            return named
        there = self.pages.get(meant, meant)
        if (self.root / there).is_dir():
            there += "/README.md"
        exists = there.startswith(f"{DOCS}/") and (self.root / there).is_file()
        return there + hooked if exists else None


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """Apply `change` to what stands between blocks of code."""
    parts, end = [], 0
    for code in FENCE.finditer(text):
        parts += [change(text[end : code.start()]), code[0]]
        end = code.end()
    return "".join([*parts, change(text[end:])])


def _from(here: str, there: str) -> str:
    return posixpath.relpath(there, posixpath.dirname(here) or ".")
