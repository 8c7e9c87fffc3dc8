"""Whole runs: a right endpoint passes everything, a wrong one is told what is wrong, and nothing stops a run."""

import asyncio
import json
import random
from collections.abc import Callable
from typing import Any, Final
from xml.etree import ElementTree as ET

import httpx
import pytest

from payme_sandbox.certification.orders import Effect, Order, Pool
from payme_sandbox.certification.report import as_json, as_junit
from payme_sandbox.certification.run import Result, chosen
from payme_sandbox.certification.scenarios import CATALOGUE
from payme_sandbox.certification.stage import Plan
from payme_sandbox.clock import Time
from payme_sandbox.merchant import Merchant, basic
from tests.payme_sandbox.billing import KEY, Billing
from tests.payme_sandbox.merchants import (
    ENDPOINT,
    SidecarShop,
    certify_billing,
    certify_handler,
    certify_sidecar,
    of,
    reasons,
    seeded,
)
from tests.shop import FakeClock, Shop

# ── the sidecar ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_sidecar_passes_every_scenario(shop: Shop) -> None:
    report = certify_sidecar(shop)

    assert {name: it.reason for name, it in of(report).items() if it.result != "passed"} == {}
    assert set(of(report)) == {it.name for it in chosen(Plan())}


def test_where_the_sources_disagree_the_sidecar_follows_the_documentation(shop: Shop) -> None:
    report = certify_sidecar(shop, plan=Plan(strict=True))

    assert reasons(report, "failed") == {}
    assert [note for it in report.outcomes for note in it.notes] == []


def test_one_order_goes_a_long_way_and_the_rest_says_what_it_lacks(shop: Shop) -> None:
    source = SidecarShop(shop)
    order = shop.run(source.order(None))

    report = certify_sidecar(shop, source=Pool([order]))

    assert reasons(report, "failed") == {}
    missing = reasons(report, "not_run")
    assert missing.pop("amounts-to-the-tiyin").startswith("it needs an order of an amount of its own")
    assert missing.pop("orders-side-by-side").startswith("it needs at least two payable orders")
    assert missing
    assert all(why.startswith("it needs a payable order") for why in missing.values())
    assert set(missing) < {it.name for it in CATALOGUE if it.spends > 0}
    assert report.count(Result.PASSED) > 30


def test_a_pool_of_orders_shows_all_but_what_only_a_shop_can(shop: Shop) -> None:
    source = SidecarShop(shop)
    orders = [shop.run(source.order(None)) for _ in range(40)]

    report = certify_sidecar(shop, source=Pool(orders))

    assert reasons(report, "failed") == {}
    assert set(reasons(report, "not_run")) == {"amounts-to-the-tiyin", "shop-fails-for-a-moment", "shop-fails-later"}


def test_an_account_that_is_said_to_be_blocked_is_looked_at_too(shop: Shop) -> None:
    shop.register("closed")
    shop.close_session("closed")
    shop.register("open")

    source = SidecarShop(shop)

    def outcome(order_id: str) -> str:
        report = certify_sidecar(shop, "blocked", plan=Plan(blocked={"order_id": order_id}), source=source)
        return of(report)["blocked"].result

    assert (outcome("closed"), outcome("open")) == ("passed", "failed")


def test_a_run_leaves_nothing_pending_and_the_hook_works_again(shop: Shop) -> None:
    source = SidecarShop(shop)

    certify_sidecar(shop, source=source)

    assert [row for row in shop.statement() if row["state"] == 1] == []
    assert source.works


# ── every scenario can fail ────────────────────────────────────────────────────────────────────────────────────────

BROKEN: Final = {
    "wrong-authorization": "key",
    "wrong-amount": "amount",
    "unknown-account": "data",
    "scenario-1": "replay",
    "scenario-2": "refund",
    "awaiting-payment": "look only",
    "being-processed": "busy",
    "blocked": "paid once",
    "stays-blocked": "stays paid",
    "does-not-exist": "range",
    "several-at-once": "several",
    "again-and-again": "again",
    "unknown-transaction": "unknown",
    "next-try-after-a-declined-card": "frees",
    "perform-after-cancel": "cancelled is final",
    "perform-after-refund": "refunded is final",
    "create-after-cancel": "create state",
    "create-after-perform": "create state",
    "create-after-refund": "create state",
    "first-reason-stays": "first reason",
    "refund-keeps-its-history": "perform time",
    "delivered-three-times": "told once",
    "lost-replies": "survives",
    "race-of-one-create": "in turn",
    "race-of-buyers": "in turn",
    "race-of-one-perform": "in turn",
    "race-of-perform-and-cancel": "in turn",
    "orders-side-by-side": "numbers",
    "not-yet-late": "full 12 hours",
    "paid-stays-paid": "full 12 hours",
    "late-perform": "12 hours",
    "late-repetition": "reason 4",
    "late-cancel": "late cancel",
    "late-buyer-makes-room": "makes room",
    "born-late": "12 hours",
    "statement-rows": "row",
    "statement-by-paymes-time": "from",
    "statement-of-all-states": "every state",
    "statement-is-whole": "whole list",
    "statement-follows": "row",
    "first-create-counts": "first amount",
    "statement-of-nothing": "empty",
    "times-are-now": "UTC",
    "amounts-to-the-tiyin": "tiyin",
    "envelope": "id",
    "not-the-credential": "login",
    "not-json": "json",
    "not-a-call": "call",
    "malformed-params": "params",
    "malformed-amount": "amount type",
    "malformed-account": "account shape",
    "unknown-method": "method",
    "not-post": "post",
    "other-envelopes": "content type",
    "every-reason": "reasons",
    "fiscal-receipt": "fiscal",
    "shop-fails-for-a-moment": "hook",
    "shop-fails-later": "tells",
}
ACCUMULATIVE: Final = {it.name for it in CATALOGUE if it.accumulative}


@pytest.mark.parametrize("accumulative", [False, True])
def test_a_right_endpoint_passes_whatever_the_type_of_its_account(accumulative: bool) -> None:
    report = certify_billing(accumulative=accumulative, strict=True, wrong_amount=1 if accumulative else None)

    assert {name: it.reason for name, it in of(report).items() if it.result != "passed"} == {}


def test_an_accumulative_account_has_scenarios_of_its_own_and_needs_an_amount_that_is_wrong() -> None:
    report = certify_billing(accumulative=True)

    assert reasons(report, "failed") == {}
    assert set(reasons(report, "not_run")) == {"wrong-amount"}
    assert {"several-at-once", "again-and-again"} <= set(of(report))
    assert not {"race-of-buyers", "blocked", "stays-blocked", "being-processed"} & set(of(report))


@pytest.mark.parametrize("scenario", CATALOGUE, ids=lambda it: it.name)
def test_every_scenario_fails_when_its_rule_is_broken(scenario: Any) -> None:
    report = certify_billing(BROKEN[scenario.name], scenario.name, accumulative=scenario.name in ACCUMULATIVE)

    assert {name: it.result for name, it in of(report).items()} == {scenario.name: "failed"}
    assert "found" in of(report)[scenario.name].reason


class DeafShop(Billing):
    """Its hook breaks nothing."""

    async def hook(self, *, works: bool) -> bool:
        return works in {True, False}


class Chatty(Billing):
    """It is told of the cancellation of what nobody had paid."""

    async def effect(self, order: Order) -> Effect | None:
        told = await super().effect(order)
        return told if told is None or told.paid else Effect(0, 1)


@pytest.mark.parametrize(
    ("kind", "scenario", "result"),
    [(DeafShop, "shop-fails-for-a-moment", "not_run"), (Chatty, "perform-after-cancel", "passed")],
)
def test_a_shop_may_be_another_than_was_thought(kind: type[Billing], scenario: str, result: str) -> None:
    report = certify_billing("", scenario, kind=kind)

    assert of(report)[scenario].result == result


@pytest.mark.parametrize(
    ("rule", "failed"),
    [
        ("text amount", set()),
        ("login", {"not-the-credential"}),
        ("id", {"envelope"}),
        ("post", {"not-post"}),
        ("method", {"unknown-method"}),
        ("data", {"unknown-account"}),
        ("cancelled is final", {"perform-after-cancel"}),
        ("paid once", {"blocked", "stays-blocked"}),
        ("late cancel", {"late-cancel", "paid-stays-paid"}),
        ("UTC", {"times-are-now"}),
        ("create state", {"create-after-cancel", "create-after-perform", "create-after-refund"}),
    ],
)
def test_one_broken_rule_is_no_landslide(rule: str, failed: set[str]) -> None:
    assert set(reasons(certify_billing(rule), "failed")) == failed


@pytest.mark.parametrize(
    ("rule", "scenario"),
    [("busy look", "being-processed"), ("born late", "born-late"), ("text amount", "malformed-amount")],
)
def test_what_the_sources_disagree_about_is_accepted_and_said_and_strict_refuses_it(rule: str, scenario: str) -> None:
    lenient, strict = of(certify_billing(rule)), of(certify_billing(rule, strict=True))

    assert [name for name, it in lenient.items() if it.result != "passed"] == []
    assert lenient[scenario].notes
    assert strict[scenario].result == "failed"


def test_every_scenario_says_a_sentence_and_where_payme_says_so() -> None:
    assert len({it.name for it in CATALOGUE}) == len(CATALOGUE)
    for scenario in CATALOGUE:
        assert len(scenario.title.split()) > 4
        assert scenario.source.startswith("https://developer.help.paycom.uz/")


# ── endpoints that are none ────────────────────────────────────────────────────────────────────────────────────────


def page(status: int, content: str = "<h1>Oops</h1>", **headers: str) -> Callable[[httpx.Request], Any]:
    async def handler(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, text=content, headers=headers)

    return handler


async def resets(_request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("connection reset by peer")


async def garbles(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=b"\x1f\x8bnot gzip", headers={"content-encoding": "gzip"})


STRANGERS: Final = {
    "HTML": (page(200), "found not a JSON object"),
    "server error": (page(500), "found HTTP 500"),
    "redirect": (page(301, location="http://merchant.test/payme/"), "found HTTP 301"),
    "redirect to itself": (page(308, location=ENDPOINT), "found HTTP 308"),
    "unauthorized": (page(401, "{}"), "found HTTP 401"),
    "nothing": (page(204, ""), "found HTTP 204"),
    "a list": (page(200, "[]"), "found not a JSON object"),
    "an empty object": (page(200, "{}"), "found neither result nor error"),
    "NaN": (page(200, '{"result": {"state": NaN}}'), "found not a JSON object"),
    "sixty thousand brackets": (page(200, "[" * 60_000), "found not a JSON object"),
    "half a character": (page(200, '{"result": {"allow": "\\ud800"}}'), "found allow"),
    "control characters": (page(200, '{"result": {"state": "\\u0000\\u001b[31m"}}'), "found state"),
    "a reset": (resets, "found no answer (connection reset by peer)"),
    "garbled gzip": (garbles, "found no answer"),
}


@pytest.mark.parametrize("stranger", STRANGERS)
def test_what_is_no_endpoint_fails_and_stops_no_run(stranger: str) -> None:
    handler, found = STRANGERS[stranger]

    report = certify_handler(handler)

    assert report.count(Result.PASSED) == 0
    assert report.count(Result.FAILED)
    assert found in next(it.reason for it in report.outcomes if it.result is Result.FAILED)
    assert_written(report)


def test_an_endpoint_that_never_answers_is_not_waited_for() -> None:
    async def hangs(_request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    async def visit() -> Any:
        async with httpx.AsyncClient(transport=httpx.MockTransport(hangs)) as http:
            merchant = Merchant(http, ENDPOINT, basic(f"Paycom:{KEY}"), patience=0.001)
            return await merchant.send(b"{}", label="a call")

    assert asyncio.run(visit()).found == "no answer (it took too long)"


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_answered_the_run_ends_in_a_report_that_can_be_read(seed: int) -> None:
    dice = random.Random(seed)

    async def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=json.dumps(nonsense(dice, request)))

    assert_written(certify_handler(handler))


NAMES: Final = (
    *("state", "transaction", "create_time", "perform_time", "cancel_time", "reason", "allow", "transactions"),
    *("code", "message", "data", "time", "amount", "account", "success", "id"),
)
VALUES: Final[tuple[Any, ...]] = (
    None,
    True,
    0,
    1,
    -2,
    10**40,
    5.0,
    "x",
    "\x00",
    "\ud800",
    "\uffff",
    "]]>",
    [],
    {},
    [[]],
    {"id": []},
)


def nonsense(dice: random.Random, request: httpx.Request) -> Any:
    """Answer nearly as one should, with something else in every third place."""
    try:
        sent = json.loads(request.content)
        known = {"id": sent["params"]["id"], "transactions": [{"id": sent["params"]["id"]}]}
    except (ValueError, LookupError, TypeError, RecursionError):
        sent, known = {}, {}
    usual = {"state": dice.choice((1, 2, -1, -2)), "allow": True, **known}
    inside = {
        name: dice.choice(VALUES) if dice.random() < 0.3 else usual.get(name, 1_790_000_000_000)
        for name in NAMES
        if dice.random() < 0.9
    }
    id_ = sent.get("id") if isinstance(sent, dict) else None
    whole = {"id": id_, "error" if dice.random() < 0.3 else "result": inside}
    return dice.choice(VALUES) if dice.random() < 0.1 else whole


def assert_written(report: Any) -> None:
    def no_json(constant: str) -> None:
        raise AssertionError(constant)

    written = json.loads(as_json(report).encode(), parse_constant=no_json)
    assert len(written["scenarios"]) == len(report.outcomes)
    assert len(ET.fromstring(as_junit(report).encode()).findall(".//testcase")) == len(report.outcomes)


# ── orders that go wrong ───────────────────────────────────────────────────────────────────────────────────────────


def test_an_order_that_a_wrong_endpoint_blocked_fails_nobody_else() -> None:
    billing = Billing("frees", now=FakeClock())  # one cancelled payment closes the order for ever
    order = asyncio.run(billing.order(None))

    report = certify_handler(behind(billing), source=Pool([order]))

    assert set(reasons(report, "failed")) == {"next-try-after-a-declined-card"}
    blocked = [why for why in reasons(report, "not_run").values() if "is not payable any more" in why]
    assert blocked
    assert "order_id=1 was used by a scenario before" in blocked[0]


def test_an_endpoint_that_blocks_orders_fails_one_scenario_where_orders_are_plenty() -> None:
    report = certify_billing("frees")

    assert set(reasons(report, "failed")) == {"next-try-after-a-declined-card"}
    assert "a cancelled transaction blocks its order" in reasons(report, "not_run")["stays-blocked"]


def test_orders_that_nobody_knows_are_the_callers_mistake_and_every_failure_names_it() -> None:
    report = certify_handler(behind(Billing()), "scenario-1", source=seeded(1))

    assert of(report)["scenario-1"].reason == "CheckPerformTransaction: expected allow true, found error -31050"


def test_a_shop_that_does_not_answer_is_a_reason_and_no_failure() -> None:
    report = certify_handler(behind(Billing()), source=Pool([]))

    assert reasons(report, "failed") == {}
    assert report.count(Result.NOT_RUN) > 30


def behind(billing: Billing) -> Callable[[httpx.Request], Any]:
    """Serve it with the clock of the run: it counts from the times that it is given."""
    transport = httpx.ASGITransport(billing)
    return transport.handle_async_request


# ── what is chosen ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_scenarios_are_chosen_by_their_beginnings() -> None:
    def names(**choice: list[str]) -> list[str]:
        return [it.name for it in chosen(Plan(), **choice)]

    assert names(only=["scenario"]) == ["scenario-1", "scenario-2"]
    assert names(only=["scenario"], skip=["scenario-2"]) == ["scenario-1"]
    assert names(only=["scenario-1", "envelope"]) == ["scenario-1", "envelope"]
    assert "several-at-once" not in names()
    for choice in ({"only": ["nonsense"]}, {"skip": ["nonsense"]}):
        with pytest.raises(ValueError, match="there is no scenario 'nonsense'"):
            names(**choice)


def test_the_key_is_in_no_repr() -> None:
    merchant = Merchant(httpx.AsyncClient(), ENDPOINT, basic(f"Paycom:{KEY}"))

    assert ENDPOINT in repr(merchant)
    assert "Basic" not in repr(merchant)


def test_the_clock_that_everybody_has_is_the_machines() -> None:
    assert 1_700_000_000_000 < Time().now() < 2_500_000_000_000


def test_the_orders_of_a_pool_are_whole() -> None:
    assert Order({"branch": 3, "order_id": "7"}, 100).name == "branch=3, order_id=7"
