"""`dev.py audit`: what it calls a finding, and what it calls not knowing."""

import re
from pathlib import Path
from typing import Any, Final

import pytest

import dev

ROOT: Final = Path(__file__).parents[1]
CLEAN: Final = {"name": "httpx", "version": "0.28.1", "vulns": []}
SKIPPED: Final = {"name": "httpx", "skip_reason": "Dependency not found on PyPI and could not be audited"}
FLAWED: Final = {
    "name": "jinja2",
    "version": "2.4.1",
    "vulns": [{"id": "PYSEC-2019-217", "fix_versions": ["2.10.1"], "aliases": [], "description": "sandbox escape"}],
}
UNMENDED: Final = {**FLAWED, "vulns": [{"id": "PYSEC-1", "fix_versions": []}]}

Report = list[dict[str, Any]]


@pytest.mark.parametrize(
    ("reports", "status", "said"),
    [
        ([[CLEAN], []], 0, "no known advisory in 1 packages"),
        ([[FLAWED, CLEAN], []], 1, "jinja2 2.4.1: PYSEC-2019-217, mended in 2.10.1"),
        ([[], [FLAWED]], 1, "jinja2 2.4.1: PYSEC-2019-217, mended in 2.10.1"),
        ([[UNMENDED], []], 1, "jinja2 2.4.1: PYSEC-1, mended in nothing"),
        ([[], []], 0, "not audited: no advisory service reachable"),
        ([[SKIPPED], [SKIPPED]], 0, "not audited: no advisory service reachable"),
        ([[SKIPPED], [CLEAN]], 0, "no known advisory in 1 packages"),
        ([[SKIPPED, {**CLEAN, "name": "rich"}], []], 0, "no known advisory; not audited: httpx"),
    ],
    ids=["clean", "found", "found by the second", "unmended", "no answer", "a mirror", "known to one", "half known"],
)
def test_a_finding_fails_and_not_knowing_is_said(
    reports: list[Report], status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dev.verdict(reports) == status
    assert said in capsys.readouterr().out


def test_a_finding_is_never_called_clean(capsys: pytest.CaptureFixture[str]) -> None:
    dev.verdict([[FLAWED, CLEAN, SKIPPED], [CLEAN]])

    assert "no known advisory" not in capsys.readouterr().out


def test_the_lock_file_that_is_audited_holds_the_other_one() -> None:
    def pinned(lock_file: Path) -> set[str]:
        return set(re.findall(r"^([A-Za-z0-9._-]+==[^ ;\\]+)", lock_file.read_text(), re.MULTILINE))

    runtime = pinned(dev.RUNTIME_LOCK)

    assert runtime
    assert runtime <= pinned(dev.DEV_LOCK)
