"""The page about reconciling says what the program says."""

from pathlib import Path

from sidecar.reconcile.kinds import WORDS
from sidecar.reconcile.statement import HEADINGS

PAGE = (Path(__file__).parents[2] / "docs/reconcile.md").read_text(encoding="utf-8")


def test_the_page_names_every_kind_in_the_programs_words_and_order() -> None:
    rows = [f"| `{kind}` | {words.says} | {words.do} |" for kind, words in WORDS.items()]

    assert "\n".join(rows) in PAGE


def test_the_page_names_every_column_of_the_statement() -> None:
    assert "; ".join(HEADINGS) in PAGE
