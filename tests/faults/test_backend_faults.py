"""Every illness of a commerce backend, one after the other, with the ledger check at the end."""

from pathlib import Path

import pytest

from demo_shop.postgres import LocalPostgres
from faults import backend_faults
from faults.databases import BOTH
from tests.faults.short import in_turn, put_in


@pytest.mark.parametrize("kind", BOTH)
def test_whatever_ails_the_backend_it_is_told_once_and_payme_does_not_notice(
    kind: str, postgres_server: LocalPostgres, tmp_path: Path
) -> None:
    report = put_in(in_turn(backend_faults.FAULTS, kind), kind, postgres_server, tmp_path)

    assert report.findings == ()
    assert report.payments > 0
