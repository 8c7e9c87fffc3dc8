"""A translated page has its original's anchors besides its own: pages that nobody has translated link to them."""

import re
from typing import Final

from pymdownx.slugs import slugify  # type: ignore[import-untyped]  # it has no types

from handbook.links import outside_code

HEADING: Final = re.compile(r"^(?P<level>#{1,6}) +(?P<words>.+?) *$", re.MULTILINE)


def with_anchors_of(original: str, translation: str) -> str:
    """Give each heading of a translation the anchor of the heading in its place.

    Raises:
        ValueError: there are more or fewer headings.
    """
    slug = slugify(case="lower")
    anchors = [slug(words, "-") for _, words in _headings(original)]
    if len(anchors) != len(_headings(translation)):
        raise ValueError("a translation has other headings than its original")
    rest = iter(anchors)

    def anchored(heading: "re.Match[str]") -> str:
        return f'{heading["level"]} <a id="{next(rest)}"></a>{heading["words"]}'

    return outside_code(translation, lambda part: HEADING.sub(anchored, part))


def _headings(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []

    def note(part: str) -> str:
        found.extend(HEADING.findall(part))
        return part

    outside_code(text, note)
    return found
