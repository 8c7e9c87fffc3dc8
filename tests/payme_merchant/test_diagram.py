"""The picture in the docs is the table in the code."""

from pathlib import Path

from sidecar.payme_merchant import diagram
from sidecar.payme_merchant.machine import TRANSITIONS

PAGE = Path(__file__).parents[2] / "docs" / "payme-state-machine.md"


def test_the_diagram_in_the_docs_is_drawn_from_the_table() -> None:
    assert PAGE.read_text() == diagram.page(), (
        "run python -m sidecar.payme_merchant.diagram > docs/payme-state-machine.md"
    )


def test_the_diagram_shows_every_move_of_the_table() -> None:
    moves = sum(cell.to is not None for row in TRANSITIONS.values() for cell in row.values())
    drawn = [line for line in diagram.page().splitlines() if line.startswith("    ") and " --> " in line]

    assert len(drawn) == moves + 1  # and the creation
