"""What was found, for a person and for a program."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from sidecar.doctor.finding import Finding, Grade

MARKS: Final = {Grade.GOOD: "✓", Grade.WARNING: "!", Grade.WRONG: "✗", Grade.SKIPPED: "–"}
WORDS: Final = {Grade.WRONG: "wrong", Grade.WARNING: "to know", Grade.GOOD: "good", Grade.SKIPPED: "not looked at"}


def lines(findings: Sequence[Finding]) -> Iterator[str]:
    """One line for each finding, its advice behind an arrow, and the sum of it."""
    width = max((len(it.check) for it in findings), default=0)
    for it in findings:
        advice = f" → {it.advice}" if it.advice else ""
        yield f"{MARKS[it.grade]} {it.check:<{width}}  {it.found}{advice}"
    counted = Counter(it.grade for it in findings)
    yield ", ".join(f"{counted[grade]} {word}" for grade, word in WORDS.items() if counted[grade])


def document(findings: Sequence[Finding]) -> str:
    """Write `{"wrong": 1, …, "findings": [{"check", "grade", "found", "advice"}]}`."""
    counted = Counter(it.grade for it in findings)
    numbers = {grade.value: counted[grade] for grade in Grade}
    return json.dumps(numbers | {"findings": [it._asdict() for it in findings]}, indent=2, ensure_ascii=False)
