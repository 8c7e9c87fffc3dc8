"""The alert rules ask for numbers that exist, and say what to do."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from promql_parser import Expr, VectorSelector, parse, parse_duration, walk

from tests.shop import Shop

FILE: Final = Path(__file__).parents[1] / "deploy/prometheus/alerts.yaml"
RULES: Final[list[dict[str, Any]]] = [
    rule for group in yaml.safe_load(FILE.read_text())["groups"] for rule in group["rules"]
]
NAMES: Final = [rule["alert"] for rule in RULES]


def asked_for(expression: str) -> set[str]:
    """Every number that an expression asks for, as Prometheus would read it."""
    names: set[str] = set()

    def note(part: Expr) -> None:
        if isinstance(part, VectorSelector):
            names.add(str(part.name))

    walk(parse(expression), note)
    return names


def shown(page: str) -> set[str]:
    """Every name that a page of metrics offers."""
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", page, re.MULTILINE))
    buckets = {f"{name}_bucket" for name, kind in kinds.items() if kind == "histogram"}
    return set(kinds) | buckets


def test_every_alert_has_a_name_of_its_own() -> None:
    assert len(set(NAMES)) == len(NAMES) >= 10


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_an_alert_says_how_bad_it_is_what_it_means_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert set(rule["annotations"]) == {"summary", "runbook"}
    assert all(re.fullmatch(r"[A-Z`].*\.", sentence) for sentence in rule["annotations"].values())


def test_every_alert_asks_for_numbers_that_the_page_has(shop: Shop) -> None:
    there = shown(shop.api("GET", "/metrics").text)
    assert "payme_call_seconds_bucket" in there

    for rule in RULES:
        assert asked_for(rule["expr"]), rule["alert"]
        assert asked_for(rule["expr"]) <= there, rule["alert"]


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_prometheus_can_read_every_rule(rule: dict[str, Any]) -> None:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert asked_for(rule["expr"])
    assert "for" not in rule or parse_duration(rule["for"]) >= timedelta(minutes=1)


@pytest.mark.parametrize("expression", ["sum(rate(x[5m])", "rate(x)", "x[5m] > 1", "x >", "x{code=~}", "no_such(x)"])
def test_what_prometheus_cannot_read_would_be_found(expression: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        asked_for(expression)
