"""No setting of the machine reaches these tests."""

import os
from pathlib import Path

import pytest

from storefront_callback.settings import Settings


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder and an environment without our variables."""
    monkeypatch.chdir(tmp_path)
    for name in set(os.environ) & {field.upper() for field in Settings.model_fields}:
        monkeypatch.delenv(name)
    return tmp_path
