"""What a check found: how good it is, in a sentence, and what to do about it."""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import Final, NamedTuple


class Grade(StrEnum):
    GOOD = "good"
    WARNING = "warning"  # it works; somebody should know
    WRONG = "wrong"  # payments are lost, refused or late because of it
    SKIPPED = "skipped"  # not looked at, and why


class Finding(NamedTuple):
    check: str
    grade: Grade
    found: str
    advice: str = ""


def good(check: str, found: str) -> Finding:
    return Finding(check, Grade.GOOD, found)


def warning(check: str, found: str, advice: str) -> Finding:
    return Finding(check, Grade.WARNING, found, advice)


def wrong(check: str, found: str, advice: str) -> Finding:
    return Finding(check, Grade.WRONG, found, advice)


def skipped(check: str, found: str, advice: str = "") -> Finding:
    return Finding(check, Grade.SKIPPED, found, advice)


ALL_WELL: Final = 0
SOMETHING_WRONG: Final = 1


def exit_code(findings: Sequence[Finding], *, strict: bool) -> int:
    """Say it to systemd and cron: warnings are no failure unless somebody asked for that."""
    counted = Counter(it.grade for it in findings)
    return SOMETHING_WRONG if counted[Grade.WRONG] or (strict and counted[Grade.WARNING]) else ALL_WELL
