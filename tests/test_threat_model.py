"""The threat model names tests that exist, and the settings and counts that it speaks of."""

import ast
import re
from pathlib import Path
from typing import Final

import pytest

from sidecar.doorkeeper import Reason
from sidecar.metrics import Metrics
from sidecar.settings import Settings

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = (ROOT / "docs/threat-model.md").read_text()
TESTS: Final = sorted(set(re.findall(r"`([a-z_/]+\.py(?:::\w+)?)`", PAGE)) - {"tests/test_threat_model.py"})
ROWS: Final = [line for line in PAGE.splitlines() if re.match(r"\| [STRIDE] \|", line)]


@pytest.mark.parametrize("test", TESTS)
def test_a_test_that_is_named_exists(test: str) -> None:
    file, _, name = test.partition("::")
    defined = {
        it.name for it in ast.walk(ast.parse((ROOT / "tests" / file).read_text())) if isinstance(it, ast.FunctionDef)
    }

    assert not name or name in defined
    assert any(it.startswith("test_") for it in defined)


def test_every_threat_has_an_answer_and_a_test() -> None:
    assert len(ROWS) > 30
    for row in ROWS:
        _, _, threat, answer, held, _, _ = re.split(r"(?<!\\)\|", row)
        assert threat.strip(), row
        assert answer.strip(), row
        assert re.search(r"`[a-z_/]+\.py", held), row


def test_every_boundary_of_the_drawing_has_its_table() -> None:
    drawn = {int(number) for number in re.findall(r'[\["|](\d)(?: ·|")', PAGE.split("```")[1])}
    headed = {int(number) for number in re.findall(r"^## (\d) · ", PAGE, re.MULTILINE)}

    assert drawn == headed == set(range(1, 10))


def test_what_it_says_of_settings_and_counts_is_so() -> None:
    named = set(re.findall(r"`((?:PAYME|SIDECAR|COMMERCE|DATABASE|CONSOLE)_[A-Z_]+)`", PAGE))

    assert named <= {name.upper() for name in Settings.model_fields}
    assert Metrics().callers_refused.labels("payme", Reason.ADDRESS)
    assert 'reason="address"' in PAGE
