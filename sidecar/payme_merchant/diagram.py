"""Draws the state machine from its table, for `docs/payme-state-machine.md`. A test compares the two.

python -m sidecar.payme_merchant.diagram > docs/payme-state-machine.md
"""

from sidecar.payme_merchant.errors import PaymeError
from sidecar.payme_merchant.machine import CONSEQUENCES, HOLDS, TRANSITIONS, Cell, Event, Standing, State

HEAD = """\
# The life of a Payme transaction

Drawn from the table in `sidecar/payme_merchant/machine.py` by `python -m sidecar.payme_merchant.diagram`; a test
compares the two. A transaction that waits for its Perform stands in one of three ways: *created*; *abandoned*, when
its session was closed; *overdue*, when twelve hours have passed since Payme's `time`.
"""

STANDINGS_OF = {State.CREATED: (Standing.CREATED, Standing.ABANDONED, Standing.OVERDUE)}


def page() -> str:
    return "\n".join((HEAD, *_picture(), *_table(), *_holds()))


def _picture() -> list[str]:
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> CREATED: CreateTransaction"]
    for state in State:
        lines += [
            f"    {state.name} --> {cell.to.name}: {_label(it, event, cell)}"
            for it in STANDINGS_OF.get(state, (Standing[state.name],))
            for event, cell in TRANSITIONS[it].items()
            if cell.to
        ]
    notes = [f"    note right of {state.name}: state {state.value}" for state in State]
    return [*lines, *notes, "```", ""]


def _label(it: Standing, event: Event, cell: Cell) -> str:
    words = [event.name.lower()]
    if it.name not in State.__members__:
        words.append(f"when {it.name.lower()}")
    if cell.reason:
        words.append(f"(reason {cell.reason.value})")
    return " ".join(words)


def _table() -> list[str]:
    head = ["Every call on every standing. A cell without an arrow changes nothing; an answer is the stored one.", ""]
    columns = "| | " + " | ".join(event.name.capitalize() for event in Event) + " |"
    rows = [
        f"| **{it.name.lower()}** | " + " | ".join(_cell(it, event, cells[event]) for event in Event) + " |"
        for it, cells in TRANSITIONS.items()
    ]
    return [*head, columns, "|---" * (len(Event) + 1) + "|", *rows, ""]


def _cell(it: Standing, event: Event, cell: Cell) -> str:
    parts = []
    if cell.to:
        parts.append(f"→ {cell.to.value}" + (f", reason {cell.reason.value}" if cell.reason else ""))
        before = State[it.name] if it.name in State.__members__ else State.CREATED
        if topic := CONSEQUENCES.get((before, cell.to)):
            parts.append(f"tell the backend: {topic}")
    if event is not Event.SWEEP:  # nobody waits for its answer
        parts.append(str(int(cell.refusal)) if cell.refusal else "answer")
    return "; ".join(parts)


def _holds() -> list[str]:
    head = ["What the transaction that holds an order says to another one:", "", "| | |", "|---|---|"]
    return [*head, *(f"| **{it.name.lower()}** | {_refusal(error)} |" for it, error in HOLDS.items()), ""]


def _refusal(error: PaymeError | None) -> str:
    return f"{int(error)} {error.en}" if error else "the order is free"


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - that is what it is for
