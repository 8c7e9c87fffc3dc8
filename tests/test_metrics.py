"""The page for Prometheus: its names are relied on, and the docs list them all."""

import re
from pathlib import Path
from typing import Final

import pytest
import yaml

from sidecar.metrics import Metrics
from tests.shop import KEY, SESSION, Shop

ROOT: Final = Path(__file__).parents[1]
DOCS: Final = (ROOT / "docs/observability.md").read_text()
# People's dashboards ask for these.
SINCE_THE_FIRST_VERSION: Final = {
    "payme_calls_total",
    "payme_call_seconds",
    "backend_deliveries_total",
    "transactions_expired_total",
    "outbox_waiting",
    "outbox_parked",
    "outbox_oldest_seconds",
}


def page(shop: Shop) -> str:
    return shop.api("GET", "/metrics").text


def table(mark: str) -> list[str]:
    return DOCS.split(f"<!-- {mark} -->\n")[1].split("\n\n")[0].splitlines()[2:]


def test_the_docs_list_every_number_of_a_real_page(shop: Shop) -> None:
    shop.paid().deliver()
    shown = page(shop)
    meanings = dict(re.findall(r"^# HELP (\S+) (.+)$", shown, re.MULTILINE))
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", shown, re.MULTILINE))

    there = [f"| `{name}` | {kinds[name]} | {meanings[name]} |" for name in kinds if not name.endswith("_created")]
    assert sorted(table("metrics")) == sorted(there)


def test_the_docs_list_every_alert() -> None:
    rules = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yaml").read_text())["groups"][0]["rules"]

    assert table("alerts") == [
        f"| `{rule['alert']}` | {rule['labels']['severity']} | {rule['annotations']['summary']} |" for rule in rules
    ]


def test_old_names_stay(shop: Shop) -> None:
    assert set(re.findall(r"^# TYPE (\S+) ", page(shop), re.MULTILINE)) >= SINCE_THE_FIRST_VERSION


def test_calls_are_counted_by_method_and_code_and_timed_from_a_millisecond_to_five_seconds(shop: Shop) -> None:
    shop.paid()
    shop.check("unknown")
    lines = page(shop).splitlines()

    assert 'payme_calls_total{code="0",method="PerformTransaction"} 1.0' in lines
    assert 'payme_calls_total{code="-31003",method="CheckTransaction"} 1.0' in lines
    buckets = [line for line in lines if line.startswith("payme_call_seconds_bucket") and "Perform" in line]
    limits = [float(re.findall(r'le="([^"]+)"', line)[0]) for line in buckets if "Check" not in line]
    assert (limits[0], limits[-2]) == (0.001, 5.0)


def test_every_answer_is_counted_by_status(shop: Shop) -> None:
    shop.register()
    shop.api("GET", "/payment-sessions/unknown")
    lines = page(shop).splitlines()

    assert 'http_responses_total{status="201"} 1.0' in lines
    assert 'http_responses_total{status="404"} 1.0' in lines


def test_the_page_names_the_version_and_nobody(shop: Shop) -> None:
    shop.paid().deliver()
    shown = page(shop)

    assert re.search(r'^payme_sidecar_build_info\{python="3[^"]+",version="[^"]+"\} 1\.0$', shown, re.MULTILINE)
    assert not any(name in shown for name in (SESSION, "tx1", KEY, "14000000"))


@pytest.mark.parametrize("kind", ["refused", "timeout"])
def test_errors_of_the_database_are_counted_by_kind(kind: str) -> None:
    metrics = Metrics()
    metrics.database_failed(kind)

    assert f'database_errors_total{{kind="{kind}"}} 1.0' in metrics.page({}).decode().splitlines()
