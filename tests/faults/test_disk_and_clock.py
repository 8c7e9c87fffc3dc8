"""A full disk, a held file, a jumping clock, a mountain of messages: a few times each, with the ledger check."""

from pathlib import Path

import pytest

from demo_shop.postgres import LocalPostgres
from faults import backlog_faults, clock_faults, disk_faults
from faults.databases import BOTH
from tests.faults.short import in_turn, put_in


@pytest.mark.parametrize("kind", BOTH)
def test_a_full_disk_and_a_mountain_of_messages_lose_nothing(
    kind: str, postgres_server: LocalPostgres, tmp_path: Path
) -> None:
    fault = in_turn((*disk_faults.FAULTS, *backlog_faults.FAULTS), kind)

    report = put_in(fault, kind, postgres_server, tmp_path)

    assert report.findings == ()
    assert report.payments > 0


@pytest.mark.parametrize("kind", BOTH)
def test_a_jumping_clock_loses_nothing_and_turns_no_story_round(
    kind: str, postgres_server: LocalPostgres, tmp_path: Path
) -> None:
    (fault,) = clock_faults.FAULTS

    report = put_in(fault, kind, postgres_server, tmp_path)

    assert report.findings == ()
    assert report.payments > 0
