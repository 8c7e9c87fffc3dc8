"""Books to compare, on both databases."""

from pathlib import Path

import pytest

from tests.reconcile.bookcase import Bookcase
from tests.shop import Shop


@pytest.fixture
def books(shop: Shop, tmp_path: Path) -> Bookcase:
    return Bookcase(shop, tmp_path)
