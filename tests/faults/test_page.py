"""The table of a run, and the command that makes it."""

from typing import Final

from typer import Typer
from typer.testing import CliRunner

from faults.__main__ import main
from faults.catalogue import CATALOGUE
from faults.check import Finding, Invariant
from faults.page import page
from faults.run import Report

LOST: Final = Finding(Invariant.KEPT, "CreateTransaction of tx-1 was acknowledged and is not in the database")
TWICE: Final = Finding(Invariant.ONCE, "authorize of ses-1 took effect 2 times")

command = Typer()
command.command()(main)


def report(*findings: Finding) -> Report:
    return Report(
        fault=CATALOGUE[0],
        database="sqlite",
        injections=200,
        payments=1_500,
        acknowledged=6_000,
        silence=0.94,
        healing=44.0,
        seconds=360.0,
        findings=findings,
        notes=("messages told per second: 90",),
    )


def test_the_page_tells_the_command_the_table_and_what_each_fault_is() -> None:
    text = page([report()], arguments=["--seed 7"], quick=False)

    assert "python3 dev.py faults --seed 7\n" in text
    assert f"| {CATALOGUE[0].name} | sqlite | 200 | 1,500 | 6,000 | 0 | 0 | 0.9 s | 44.0 s | passed |" in text
    assert CATALOGUE[0].sentence in text
    assert "Nothing was found wrong." in text
    assert f"- {CATALOGUE[0].name}, sqlite: messages told per second: 90" in text


def test_the_page_hides_nothing_that_was_found() -> None:
    text = page([report(), report(LOST, TWICE)], arguments=[], quick=True)

    assert "**1 of 2 runs found something wrong.**" in text
    assert "| 1 | 1 | 0.9 s | 44.0 s | 2 findings |" in text
    assert LOST.sentence in text
    assert "short form" in text


def test_every_fault_has_a_name_of_its_own_and_a_sentence() -> None:
    assert len({fault.name for fault in CATALOGUE}) == len(CATALOGUE)
    assert all(fault.sentence.endswith(".") and fault.row.startswith("F") for fault in CATALOGUE)


def test_the_list_names_every_fault() -> None:
    listed = CliRunner().invoke(command, ["--list"])

    assert listed.exit_code == 0
    assert all(fault.name in listed.output for fault in CATALOGUE)


def test_a_fault_that_there_is_not_is_refused() -> None:
    refused = CliRunner().invoke(command, ["no-such-fault"])

    assert refused.exit_code == 2
