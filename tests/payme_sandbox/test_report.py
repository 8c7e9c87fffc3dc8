"""A run, written for machines."""

import json
import re
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from payme_sandbox.calls import Call
from payme_sandbox.certification.expectations import Verdict
from payme_sandbox.certification.report import TEXT_MAX, as_json, as_junit, told
from payme_sandbox.certification.run import Outcome, Report, Result
from payme_sandbox.certification.scenarios import CATALOGUE
from payme_sandbox.certification.stage import Step
from tests.payme_sandbox.billing import KEY
from tests.payme_sandbox.merchants import certify_handler
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


def nested(depth: int) -> Any:
    document: Any = {}
    for _ in range(depth):
        document = {"a": [document]}
    return document


@pytest.mark.parametrize(
    "came",
    ["x" * 1_000_000, {"result": {"state": "x" * 1_000_000}}, {"result": {"transactions": [{"id": 1}] * 100_000}}],
    ids=["text", "a long word", "a long list"],
)
def test_a_long_answer_is_cut_and_the_cut_is_seen(came: Any) -> None:
    long = report(outcome(0, Result.FAILED, step(came), step(came), reason="x" * 1_000_000, notes=("x" * 1_000_000,)))

    written = (as_json(long), as_junit(long))

    shown = json.loads(written[0])["scenarios"][0]["steps"][0]["came"]
    assert re.search(r" … cut, of [\d,]+ signs$", shown)
    assert len(shown) < TEXT_MAX + 50
    assert " … cut, of " in written[1]
    assert all(len(text) < 5 * TEXT_MAX for text in written)
    ET.fromstring(written[1])


@pytest.mark.parametrize("depth", [30, 200, 450, 5_000])
def test_a_deep_answer_is_written_as_text(depth: int) -> None:
    deep = report(outcome(0, Result.FAILED, step(nested(depth))))

    shown = json.loads(as_json(deep))["scenarios"][0]["steps"][0]["came"]

    assert isinstance(shown, str)
    assert shown.startswith('{"a": [{"a": [') or shown == "(JSON, nested too deep to be written)"
    ET.fromstring(as_junit(deep))


def test_an_answer_of_usual_length_and_depth_stays_a_document() -> None:
    usual = report(outcome(0, Result.FAILED, step({"result": {"transactions": [{"account": {"a": "1"}}] * 100}})))

    assert json.loads(as_json(usual))["scenarios"][0]["steps"][0]["came"]["result"]["transactions"]


def test_a_mistake_of_the_sandboxs_own_fails_the_scenario_and_loses_no_other() -> None:
    async def breaks(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            raise RuntimeError(f"the key is {KEY}")
        return httpx.Response(200, json={"id": 1, "error": {"code": -32300, "message": {}}})

    found = certify_handler(breaks, "not-post", "not-the-credential", "wrong-authorization")

    verdicts = {it.scenario.name: (it.result, it.reason) for it in found.outcomes}
    broke = (Result.FAILED, "the sandbox itself broke: RuntimeError")
    assert verdicts["not-the-credential"] == verdicts["wrong-authorization"] == broke
    assert verdicts["not-post"][0] is not Result.NOT_RUN
    assert KEY not in as_json(found) + as_junit(found)
