"""The pages as their tests see them: headings, links, code, and what a translation shares with its original."""

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[1]
DOCS: Final = ROOT / "docs"
READMES: Final = [ROOT / "README.md", ROOT / "README.ru.md", ROOT / "README.uz.md"]
PAGES: Final = [*READMES, *sorted(DOCS.rglob("*.md"))]
LANGUAGES: Final = ("ru", "uz")

FENCE: Final = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)[^\n]*\n(?P<code>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)
# After an empty line, and neither the table nor the list inside of a list, which is as far in.
INDENTED: Final = re.compile(r"(?<=\n\n)(?! *(?:[-*|]|\d+\.))(?:(?: {4}|\t)[^\n]*\n|\n(?= {4}|\t))+")
SPAN: Final = re.compile(r"`([^`\n]+)`")
LINK: Final = re.compile(r"\]\((?!https?://)([^)\s]+)\)")
HEADING: Final = re.compile(r"^(#{1,6}) +(.+)$", re.MULTILINE)


class Block(NamedTuple):
    language: str
    code: str


def fences(text: str) -> list[Block]:
    return [Block(it["language"], dedent(it["code"])) for it in FENCE.finditer(text)]


def prose(text: str) -> str:
    """The page without its fenced code."""
    return FENCE.sub("", text)


def code(text: str) -> Iterator[str]:
    """Every line of code: fenced, indented, or between backticks."""
    for block in fences(text):
        if block.language != "mermaid":
            yield from block.code.splitlines()
    for found in INDENTED.finditer(prose(text)):
        yield from (line.strip() for line in found[0].splitlines())
    yield from SPAN.findall(prose(text))


def headings(text: str) -> list[tuple[int, str]]:
    return [(len(level), words.strip()) for level, words in HEADING.findall(prose(text))]


def slugs(text: str) -> set[str]:
    """The anchors of a page, as GitHub makes them."""
    return {slug(words) for _, words in headings(text)}


def slug(words: str) -> str:
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", words).replace("`", "")
    return re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")


def links(text: str) -> list[tuple[str, str]]:
    """Each link inside the repository: path and anchor, either may be empty."""
    return [(path, anchor) for path, _, anchor in (it.partition("#") for it in LINK.findall(prose(text)))]


def commands(text: str) -> set[str]:
    """Lines of code up to their comment, which is two spaces away."""
    return {" ".join(re.split(r" {2,}(?=[^ \\])", line.strip())[0].split()) for line in code(text)} - {""}


class Essence(NamedTuple):
    """What a page says in no language."""

    headings: list[int]
    code: set[str]
    links: set[str]
    arrows: int


def essence(text: str) -> Essence:
    drawn = "".join(block.code for block in fences(text) if block.language == "mermaid")
    return Essence(
        [level for level, _ in headings(text)],
        commands(text),
        {re.sub(r"\.(ru|uz)(?=\.md$)", "", path) for path, _ in links(text) if path},
        len(re.findall(r"-->>|->>|-->", drawn)),
    )
