"""Faults of processes and of Payme, a few times each, with the ledger check at the end: the suite's short form."""

from pathlib import Path
from typing import Final

import pytest

from demo_shop.postgres import LocalPostgres
from faults import process_faults, race_faults
from faults.check import Invariant
from faults.fault import Fault, Inject
from faults.run import run
from faults.town import Town

FAULTS: Final = (*process_faults.FAULTS, *race_faults.FAULTS)
RUNS: Final = [(fault, kind) for fault in FAULTS for kind in fault.databases]


@pytest.mark.parametrize(("fault", "kind"), [pytest.param(*it, id=f"{it[0].name}-{it[1]}") for it in RUNS])
def test_nothing_is_lost_and_nothing_done_twice_when(
    fault: Fault, kind: str, postgres_server: LocalPostgres, tmp_path: Path
) -> None:
    report = run(fault, kind, seed=1, quick=True, server=postgres_server, within=tmp_path)

    assert report.findings == ()
    assert report.injections > 0
    assert report.payments > 0


async def forget_a_payment(town: Town, times: int) -> int:
    """What no sidecar may do."""
    await town.payments(40)
    performed = [entry for entry in town.journal.acknowledged() if entry.method == "PerformTransaction"]
    id_ = performed[0].payme_id
    town.database.execute(f"DELETE FROM outbox_message WHERE transaction_id = '{id_}'")
    town.database.execute(f"DELETE FROM payme_transaction WHERE payme_id = '{id_}'")
    return times


async def promise_a_payment_twice(town: Town, times: int) -> int:
    await town.payments(40)
    row = town.database.query("SELECT * FROM outbox_message WHERE topic = 'authorize' LIMIT 1")[0]
    values = {**row, "number": 1_000_000, "transaction_id": "tx-2", "state": "waiting", "due_time": 0}
    columns, given = ", ".join(values), ", ".join(repr(value) for value in values.values())
    town.database.execute(f"INSERT INTO outbox_message ({columns}) VALUES ({given})")
    return times


@pytest.mark.parametrize(
    ("inject", "invariant"),
    [(forget_a_payment, Invariant.KEPT), (promise_a_payment_twice, Invariant.ONCE)],
)
def test_the_suite_fails_when_a_payment_is(inject: Inject, invariant: Invariant, tmp_path: Path) -> None:
    fault = Fault("wrong", "Something that must not be.", "–", inject, times=1, quick_times=1, minutes=1)

    report = run(fault, "sqlite", seed=1, quick=True, within=tmp_path)

    assert not report.passed
    assert invariant in {finding.invariant for finding in report.findings}
    assert report.folder


async def break_the_start(town: Town, times: int) -> int:
    town.sidecar.settings = {**town.sidecar.settings, "PAYME_KEY": ""}
    await town.sidecar.kill()
    await town.sidecar.start()
    return times


def test_a_sidecar_that_cannot_start_again_is_a_finding_with_its_last_words(tmp_path: Path) -> None:
    fault = Fault("wrong", "It never comes back.", "–", break_the_start, times=1, quick_times=1, minutes=1)

    report = run(fault, "sqlite", seed=1, quick=True, within=tmp_path)

    assert [finding.invariant for finding in report.findings] == [Invariant.HEALED]
    assert "PAYME_KEY" in report.findings[0].sentence
