"""The conformance page: what the reports say, in a fixed order, and nothing else."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import typer

from benchmarks import reports
from benchmarks.catalogue import BY_NAME, CATALOGUE
from benchmarks.conformance import PAGE, RACES, ROUNDS, chosen, raced
from benchmarks.page import page
from benchmarks.reports import Report, Verdict
from payme_sandbox.certification.scenarios import CATALOGUE as SCENARIOS

SCENARIO = {"source": "https://developer.help.paycom.uz", "reason": "", "notes": [], "steps": []}


def scenario(name: str, verdict: str = "passed", **more: Any) -> dict[str, Any]:
    return {**SCENARIO, "name": name, "chapter": "Rehearsal", "title": f"About {name}", "verdict": verdict, **more}


def report(folder: Path, *scenarios: dict[str, Any]) -> Report:
    file = folder / "report.json"
    file.write_text(json.dumps({"started": "2026-11-21T08:00:00Z", "scenarios": scenarios}))
    return reports.read(file)


@pytest.fixture
def text(tmp_path: Path) -> str:
    refused = "expected error -31008, found state 2"
    remark = "Payme's sources disagree here"
    return page(
        {
            BY_NAME["payme-sidecar"]: report(tmp_path, scenario("a", notes=[remark]), scenario("b", chapter="Races")),
            BY_NAME["payme-pkg"]: report(
                tmp_path,
                scenario("a", "failed", reason=refused, notes=[remark]),
                scenario("b", "not_run", chapter="Races", reason="no | order\nis left"),
            ),
        },
        "SQLite",
        ROUNDS,
    )


def test_every_scenario_is_a_row_with_a_mark_for_each_shop(text: str) -> None:
    rows = [line for line in text.splitlines() if line.startswith("| [")]

    assert rows == [
        "| [`a`](https://developer.help.paycom.uz) About a | ✓ | ✗ |",
        "| [`b`](https://developer.help.paycom.uz) About b | ✓ | – |",
    ]


def test_the_totals_are_counted(text: str) -> None:
    assert "| ✓ | 2 | 0 |\n| ✗ | 0 | 1 |\n| – | 0 | 1 |\n" in text


def test_every_failure_is_a_line_with_what_was_found(text: str) -> None:
    assert "- `a`: *About a.* expected error -31008, found state 2.\n" in text


def test_what_was_not_run_says_why_and_stays_in_its_line(text: str) -> None:
    assert "Not run:\n\n- `b`: *About b.* no \\| order is left.\n" in text


def test_a_remark_is_made_once_for_all_whom_it_concerns(text: str) -> None:
    assert text.count("sources disagree here") == 1
    assert "*(payme-sidecar 0.1.0, payme-pkg 3.4.1 (Django))*" in text


def test_the_page_says_when_and_with_what_it_was_made(text: str) -> None:
    assert "2026-11-21" in text
    assert "payme-pkg 3.4.1, Django 5" in text
    assert "python3 dev.py conformance --open payme-pkg" in text


def test_a_race_is_run_again_until_it_fails(tmp_path: Path) -> None:
    asked: list[list[str]] = []

    def again(names: Iterable[str]) -> Report:
        asked.append(list(names))
        lost = scenario("race-of-two", "failed", reason="2 created") if len(asked) > 1 else scenario("race-of-two")
        return report(tmp_path, lost)

    played = raced(report(tmp_path, scenario("calm"), scenario("race-of-two")), again)

    assert asked == [["race-of-two"]] * 2
    assert [outcome.reason for outcome in played.with_verdict(Verdict.FAILED)] == ["2 created (in round 3)"]


def test_a_race_that_is_never_lost_ends_all_the_same(tmp_path: Path) -> None:
    passed = report(tmp_path, scenario("race-of-two"))
    rounds: list[Iterable[str]] = []

    def again(names: Iterable[str]) -> Report:
        rounds.append(names)
        return passed

    assert raced(passed, again).totals() == (1, 0, 0)
    assert len(rounds) == ROUNDS - 1


def test_the_sandbox_has_races() -> None:
    assert [scenario.name for scenario in SCENARIOS if scenario.name.startswith(RACES)]


def test_shops_come_in_the_order_of_the_catalogue() -> None:
    assert chosen(None) == list(CATALOGUE)
    assert [shop.name for shop in chosen(["payme-pkg", "payme-sidecar"])] == ["payme-sidecar", "payme-pkg"]


def test_a_shop_that_does_not_exist_is_named() -> None:
    with pytest.raises(typer.BadParameter, match="there is no shop teahouse"):
        chosen(["teahouse"])


def test_the_published_page_is_about_the_shops_as_they_are() -> None:
    published = PAGE.read_text()

    assert all(f"**{shop.title}**" in published for shop in CATALOGUE)
