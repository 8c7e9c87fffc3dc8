"""A run, written down for machines: JSON, and JUnit for CI."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final
from xml.etree import ElementTree as ET

from payme_sandbox.certification.expectations import Verdict
from payme_sandbox.certification.run import Outcome, Report, Result
from payme_sandbox.certification.stage import Step

TEXT_MAX: Final = 20_000  # signs of one document; nobody reads more, and CI takes no more
DEPTH_MAX: Final = 50
TOO_DEEP: Final = "(JSON, nested too deep to be written)"


def as_json(report: Report) -> str:
    document = {
        "endpoint": report.endpoint,
        "account_type": "accumulative" if report.accumulative else "one-time",
        "started": datetime.fromtimestamp(report.started / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "milliseconds": report.milliseconds,
        **{result.value: report.count(result) for result in Result},
        "scenarios": [_scenario(outcome) for outcome in report.outcomes],
    }
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    return "".join(sign if sign == "\n" or sign.isprintable() else json.dumps(sign)[1:-1] for sign in text)


def _scenario(outcome: Outcome) -> dict[str, Any]:
    scenario = outcome.scenario
    return {
        "name": scenario.name,
        "chapter": scenario.chapter,
        "title": scenario.title,
        "source": scenario.source.value,
        "verdict": outcome.result.value,
        "reason": cut(outcome.reason),
        "notes": [cut(note) for note in outcome.notes],
        "steps": [_step(step) for step in outcome.steps],
    }


def _step(step: Step) -> dict[str, Any]:
    call = step.call
    exchange = (
        {
            "call": call.method,
            "sent": _short(call.sent),
            "status": call.status,
            "came": _short(call.came),
            "milliseconds": call.milliseconds,
        }
        if call
        else {}
    )
    return {**exchange, "expected": step.expected, "verdict": step.verdict.value, "found": cut(step.found)}


def as_junit(report: Report) -> str:
    """Write one suite per chapter and one case per scenario; what could not be run is skipped."""
    suites = ET.Element(
        "testsuites", name="payme-sandbox", tests=str(len(report.outcomes)), failures=str(report.count(Result.FAILED))
    )
    for chapter, outcomes in groupby(report.outcomes, lambda outcome: outcome.scenario.chapter):
        cases = list(outcomes)
        numbers = {
            "tests": len(cases),
            "failures": sum(it.result is Result.FAILED for it in cases),
            "skipped": sum(it.result is Result.NOT_RUN for it in cases),
            "errors": 0,
        }
        suite = ET.SubElement(suites, "testsuite", name=chapter)
        suite.attrib.update({name: str(number) for name, number in numbers.items()})
        for outcome in cases:
            _case(suite, outcome)
    ET.indent(suites)
    return ET.tostring(suites, "unicode", xml_declaration=True) + "\n"


def _case(suite: ET.Element, outcome: Outcome) -> None:
    seconds = sum(step.call.milliseconds for step in outcome.steps if step.call) / 1000
    name = f"{outcome.scenario.name}: {outcome.scenario.title}"
    case = ET.SubElement(suite, "testcase", name=name, classname=outcome.scenario.name, time=f"{seconds:.3f}")
    if outcome.result is Result.FAILED:
        failed = [step for step in outcome.steps if step.verdict is Verdict.FAILED]
        ET.SubElement(case, "failure", message=readable(cut(outcome.reason))).text = readable(
            "\n\n".join(map(told, failed))
        )
    if outcome.result is Result.NOT_RUN:
        ET.SubElement(case, "skipped", message=readable(cut(outcome.reason)))
    if outcome.notes:
        ET.SubElement(case, "system-out").text = readable("\n".join(map(cut, outcome.notes)))


def told(step: Step) -> str:
    """Tell a step in lines: what was expected, what was sent, what came."""
    lines = [f"expected {step.expected}", f"found    {cut(step.found)}"]
    if step.call:
        came = "nothing" if step.call.status is None else f"HTTP {step.call.status}"
        lines += [f"sent     {cut(compact(step.call.sent))}", f"came     {came} {cut(compact(step.call.came))}"]
    return "\n".join(lines)


def compact(document: Any) -> str:
    try:
        return document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    except RecursionError:
        return TOO_DEEP


def cut(text: str) -> str:
    return text if len(text) <= TEXT_MAX else f"{text[:TEXT_MAX]} … cut, of {len(text):,} signs"


def _short(document: Any) -> Any:
    """Give a document as it is, or as text that was cut, where it is too long or too deep for a report."""
    text = compact(document)
    return cut(text) if len(text) > TEXT_MAX or _is_deep(document) else document


def _is_deep(document: Any) -> bool:
    level = [document]
    for _ in range(DEPTH_MAX):
        level = [child for it in level if isinstance(it, (dict, list)) for child in _children(it)]
    return bool(level)


def _children(it: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return it.values() if isinstance(it, dict) else it


def readable(text: str) -> str:
    """Leave out what XML cannot hold and what moves a terminal: an endpoint may answer anything."""
    return "".join(sign if sign in "\t\n" or sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
