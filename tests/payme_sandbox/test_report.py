"""A run, written for machines."""

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from payme_sandbox.calls import Call
from payme_sandbox.certification.expectations import Verdict
from payme_sandbox.certification.report import as_json, as_junit, told
from payme_sandbox.certification.run import Outcome, Report, Result
from payme_sandbox.certification.scenarios import CATALOGUE
from payme_sandbox.certification.stage import Step
from tests.shop import NOON


def report(*outcomes: Outcome, accumulative: bool = False) -> Report:
    return Report("http://shop.test/payme", accumulative, NOON, 5123, outcomes)


def outcome(place: int, result: Result, *steps: Step, reason: str = "", notes: tuple[str, ...] = ()) -> Outcome:
    return Outcome(CATALOGUE[place], result, reason, steps, notes)


def step(came: Any, verdict: Verdict = Verdict.FAILED, status: int | None = 200) -> Step:
    return Step(
        Call("CheckTransaction", {"method": "CheckTransaction"}, status, came, 3), "state 2", verdict, "state 1"
    )


WHOLE = report(
    outcome(0, Result.PASSED, step({"result": {}}, Verdict.NOTED), notes=("the sources disagree",)),
    outcome(1, Result.FAILED, step("<html>"), step(None, status=None), reason="expected state 2, found state 1"),
    outcome(-1, Result.NOT_RUN, reason="no order is left"),
)


def test_the_json_report_counts_and_tells_each_step() -> None:
    document = json.loads(as_json(WHOLE))

    scenarios = document.pop("scenarios")
    assert document == {
        "endpoint": "http://shop.test/payme",
        "account_type": "one-time",
        "started": "2026-09-21T14:13:20Z",
        "milliseconds": 5123,
        "passed": 1,
        "failed": 1,
        "not_run": 1,
    }
    assert [it["verdict"] for it in scenarios] == ["passed", "failed", "not_run"]
    assert scenarios[0]["notes"] == ["the sources disagree"]
    assert scenarios[1]["steps"][0] == {
        "call": "CheckTransaction",
        "sent": {"method": "CheckTransaction"},
        "status": 200,
        "came": "<html>",
        "milliseconds": 3,
        "expected": "state 2",
        "verdict": "failed",
        "found": "state 1",
    }
    assert scenarios[2]["reason"] == "no order is left"


def test_the_json_report_says_the_account_type_and_leaves_a_step_without_a_call_without_one() -> None:
    of_the_shop = Step(None, "1 × paid", Verdict.PASSED, "1 × paid")

    document = json.loads(as_json(report(outcome(0, Result.PASSED, of_the_shop), accumulative=True)))

    assert document["account_type"] == "accumulative"
    assert set(document["scenarios"][0]["steps"][0]) == {"expected", "verdict", "found"}


def test_the_junit_report_has_a_suite_per_chapter_and_counts_right() -> None:
    root = ET.fromstring(as_junit(WHOLE))

    assert (root.tag, root.attrib["tests"], root.attrib["failures"]) == ("testsuites", "3", "1")
    assert [suite.attrib["name"] for suite in root] == ["Wrong data", CATALOGUE[-1].chapter]
    assert [(it.attrib["tests"], it.attrib["failures"], it.attrib["skipped"]) for it in root] == [
        ("2", "1", "0"),
        ("1", "0", "1"),
    ]
    passed, failed = root[0]
    assert passed.findtext("system-out") == "the sources disagree"
    failure = failed.find("failure")
    assert failure is not None
    assert failure.attrib["message"] == "expected state 2, found state 1"
    assert "came     HTTP 200 <html>" in str(failure.text)
    assert "came     nothing null" in str(failure.text)


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\x9b", "\ud800", "\uffff", "\u2028", "\u202e"])
def test_no_report_carries_what_moves_a_terminal_or_breaks_a_parser(sign: str) -> None:
    hostile = report(outcome(0, Result.FAILED, step(f"a{sign}b"), step({"result": {sign: sign}}), reason=sign))

    written = (as_json(hostile), as_junit(hostile))

    assert all(sign not in text for text in written)
    assert all(text.encode("utf-8") for text in written)
    assert json.loads(written[0])["scenarios"][0]["steps"][0]["came"] == f"a{sign}b"
    ET.fromstring(written[1])


def test_a_step_is_told_in_lines() -> None:
    assert told(step({"result": {"message": "Оплачен"}})).splitlines() == [
        "expected state 2",
        "found    state 1",
        'sent     {"method": "CheckTransaction"}',
        'came     HTTP 200 {"result": {"message": "Оплачен"}}',
    ]
