"""What an operator, a neighbour or a crash does to PostgreSQL, a few times each, with the ledger check at the end."""

from pathlib import Path

from demo_shop.postgres import LocalPostgres
from faults import database_faults
from faults.databases import POSTGRESQL
from tests.faults.short import in_turn, put_in


def test_nothing_is_lost_whatever_happens_to_postgresql(postgres_server: LocalPostgres, tmp_path: Path) -> None:
    fault = in_turn(database_faults.FAULTS, POSTGRESQL)

    report = put_in(fault, POSTGRESQL, postgres_server, tmp_path)

    assert report.findings == ()
    assert report.injections >= len(database_faults.FAULTS)
    assert report.payments > 0
