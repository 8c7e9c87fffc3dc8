"""Payme's side of the wire: the link it reads and the calls it makes."""

import asyncio
import base64
from typing import Any

import httpx
import pytest

from demo_shop.journal import Step
from demo_shop.payme import Link, Scenario, State, Visit
from tests.demo_shop.town import NOON, Town, run

PAY = [
    "CheckPerformTransaction",
    "CreateTransaction",
    "CreateTransaction",
    "PerformTransaction",
    "PerformTransaction",
]
CALL_OFF = [*PAY[:3], "CancelTransaction", "CancelTransaction"]


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


async def visit_of_a_shopper(town: Town) -> Visit:
    return town.cashbox.visit(town.link(await town.cart_at_review()))


async def played(town: Town, *scenarios: Scenario) -> Visit:
    visit = await visit_of_a_shopper(town)
    for scenario in scenarios:
        await town.cashbox.play(visit, scenario)
    return visit


def methods(town: Town) -> list[str]:
    return [call["method"] for call in town.sidecar.asked]


def test_a_link_says_whom_what_how_much_in_which_language_and_where_to_return() -> None:
    back = "https://shop.uz/payme-callback?order_id=197&locale=uz&country_code=uz"

    link = Link.read(encoded(f"m=587f;ac.order_id=197;a=14000000;l=uz;c={back}"))

    assert link == Link("587f", {"order_id": "197"}, 14_000_000, "uz", back)


def test_paymes_own_example_link_is_read_with_its_defaults() -> None:
    link = Link.read("bT01ODdmNzJjNzJjYWMwZDE2MmM3MjJhZTI7YWMub3JkZXJfaWQ9MTk3O2E9NTAw")

    assert link == Link("587f72c72cac0d162c722ae2", {"order_id": "197"}, 500, "ru", "")


def test_a_link_may_leave_out_its_padding() -> None:
    text = encoded("m=587f;ac.order_id=1;a=500")

    assert text.endswith("=")
    assert Link.read(text.rstrip("=")) == Link.read(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pay",
        "не base64",
        encoded("nothing of the kind"),
        encoded("ac.order_id=1;a=500"),
        encoded("m=587f;a=500"),
        encoded("m=587f;ac.order_id=1"),
        encoded("m=587f;ac.order_id=1;a=5.00"),
        encoded("m=587f;ac.order_id=1;a=-500"),
        encoded("m=587f;ac.order_id=1;a=" + "9" * 5000),
        encoded("m=587f;ac.order_id=1;a=٥٠٠"),
        base64.b64encode(b"m=\xff;ac.order_id=1;a=5").decode(),
    ],
)
def test_what_is_not_a_checkout_link_is_not_read(text: str) -> None:
    assert Link.read(text) is None


def test_a_return_address_that_is_no_web_address_is_left_out() -> None:
    link = Link.read(encoded("m=587f;ac.order_id=1;a=500;c=javascript:alert(1)"))

    assert link is not None
    assert link.return_url == ""


def test_a_payment_is_check_then_create_twice_then_perform_twice() -> None:
    async def story() -> None:
        town = Town()

        visit = await played(town, Scenario.PAY)

        assert methods(town) == PAY
        assert [receipt.state for receipt in visit.receipts] == [State.PERFORMED]
        assert (visit.error, visit.defects) == (None, [])

    run(story())


@pytest.mark.parametrize(("scenario", "reason"), [(Scenario.DECLINE, 2), (Scenario.CANCEL, 3)])
def test_a_payment_called_off_ends_with_cancel_twice_and_a_reason(scenario: Scenario, reason: int) -> None:
    async def story() -> None:
        town = Town()

        visit = await played(town, scenario)

        assert methods(town) == CALL_OFF
        assert town.sidecar.asked[-1]["params"] == {"id": visit.receipts[0].id, "reason": reason}
        assert visit.receipts[0].state == State.CANCELLED

    run(story())


def test_a_refund_cancels_the_performed_transaction_with_reason_five() -> None:
    async def story() -> None:
        town = Town()

        visit = await played(town, Scenario.DECLINE, Scenario.PAY, Scenario.PAY, Scenario.REFUND)

        paid = visit.receipts[1]
        assert town.sidecar.asked[-1]["params"] == {"id": paid.id, "reason": 5}
        assert paid.state == State.REVERSED

    run(story())


def test_the_calls_have_paymes_shape() -> None:
    async def story() -> None:
        town = Town()

        visit = await played(town, Scenario.PAY)

        calls, receipt = town.sidecar.asked, visit.receipts[0]
        assert [call["id"] - calls[0]["id"] for call in calls] == [0, 1, 2, 3, 4]
        assert {call["jsonrpc"] for call in calls} == {"2.0"}
        assert calls[0]["params"] == {"amount": visit.link.amount, "account": visit.link.account}
        assert calls[1]["params"] == {"id": receipt.id, "time": receipt.time, **calls[0]["params"]}
        assert calls[1]["params"] == calls[2]["params"]
        assert calls[3]["params"] == {"id": receipt.id}

    run(story())


def test_a_transaction_id_begins_with_the_second_of_its_time() -> None:
    async def story() -> None:
        town = Town()

        receipt = (await played(town, Scenario.PAY)).receipts[0]

        assert len(receipt.id) == 24
        assert set(receipt.id) <= set("0123456789abcdef")
        assert int(receipt.id[:8], 16) == receipt.time // 1000
        assert NOON < receipt.time < NOON + 1000

    run(story())


def test_every_attempt_is_a_new_transaction() -> None:
    async def story() -> None:
        town = Town()

        visit = await played(town, Scenario.DECLINE, Scenario.DECLINE, Scenario.PAY)

        assert len({receipt.id for receipt in visit.receipts}) == 3

    run(story())


def test_a_clear_no_ends_the_scenario_and_is_not_asked_twice() -> None:
    async def story() -> None:
        town = Town()
        visit = await visit_of_a_shopper(town)
        next(iter(town.sidecar.sessions.values()))["amount"] += 1

        await town.cashbox.play(visit, Scenario.PAY)

        assert methods(town) == ["CheckPerformTransaction"]
        assert visit.error is not None
        assert visit.error["code"] == -31001
        assert visit.defects == []

    run(story())


def test_two_clicks_on_pay_are_one_payment_and_one_refusal() -> None:
    async def story() -> None:
        town = Town()
        visit = await visit_of_a_shopper(town)

        await asyncio.gather(*(town.cashbox.play(visit, Scenario.PAY) for _ in range(2)))

        assert methods(town) == [*PAY, "CheckPerformTransaction"]
        assert visit.error is not None
        assert visit.error["code"] == -31052

    run(story())


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500, json={"jsonrpc": "2.0", "id": 1, "result": {"state": 2}}),
        httpx.Response(200, text="<h1>It works!</h1>"),
        httpx.Response(200, json=["not", "an", "object"]),
    ],
)
def test_silence_is_asked_twice_and_the_open_receipt_goes_on_later(answer: httpx.Response) -> None:
    async def story() -> None:
        town = Town()
        visit = await visit_of_a_shopper(town)
        town.sidecar.answers["PerformTransaction"] = answer

        await town.cashbox.play(visit, Scenario.PAY)
        assert visit.calls[-1].technical
        assert visit.defects == ["an answer must be a JSON object over HTTP 200"] * 2
        town.sidecar.answers.clear()
        await town.cashbox.play(visit, Scenario.PAY)

        assert methods(town) == [*PAY, *PAY[1:]]  # no second check: the money is on its way already
        assert len({call["params"].get("id") for call in town.sidecar.asked[1:]}) == 1
        assert visit.receipts[0].state == State.PERFORMED

    run(story())


def test_a_create_whose_reply_was_lost_is_asked_again_with_the_same_id() -> None:
    async def story() -> None:
        town = Town()
        visit = await visit_of_a_shopper(town)
        town.sidecar.deaf_after = "CreateTransaction"

        await town.cashbox.play(visit, Scenario.PAY)
        town.sidecar.deaf_after = ""
        await town.cashbox.play(visit, Scenario.PAY)

        assert len(visit.receipts) == 1
        assert visit.receipts[0].state == State.PERFORMED

    run(story())


def test_a_create_that_is_refused_lets_the_next_attempt_be_a_new_one() -> None:
    async def story() -> None:
        town = Town()
        visit = await visit_of_a_shopper(town)
        refusal = {"id": 1, "error": {"code": -31008, "message": {}}}
        town.sidecar.answers["CreateTransaction"] = httpx.Response(200, json=refusal)
        await town.cashbox.play(visit, Scenario.PAY)
        assert methods(town) == ["CheckPerformTransaction", "CreateTransaction"]
        town.sidecar.answers.clear()

        await town.cashbox.play(visit, Scenario.PAY)

        assert [receipt.state for receipt in visit.receipts] == [State.UNKNOWN, State.PERFORMED]

    run(story())


def test_silence_at_the_check_ends_the_payment_before_it_began() -> None:
    async def story() -> None:
        town = Town()
        visit = await visit_of_a_shopper(town)
        town.sidecar.down = True

        await town.cashbox.play(visit, Scenario.PAY)

        assert [call.reply for call in visit.calls] == [None]
        assert visit.error == {"code": -32400}
        assert visit.defects == []  # a broken line is not a bug of the merchant

    run(story())


def test_a_repeat_with_another_result_is_a_defect() -> None:
    async def story() -> None:
        town = Town()
        town.sidecar.forgetful = True

        visit = await played(town, Scenario.PAY)

        assert visit.defects == ["the repeated call got another result than the first"] * 2
        notes = [entry.note for entry in town.journal.entries if entry.step is Step.PAYME_CALLED and entry.note]
        assert notes == visit.defects

    run(story())


@pytest.mark.parametrize(
    ("reply", "defect"),
    [
        ({"id": 0, "result": {"allow": True}}, "the reply carries id 0, the call had {id}"),
        ({"id": "{id}"}, "the reply must carry exactly one of result and error"),
        ({"id": "{id}", "result": {}, "error": {}}, "the reply must carry exactly one of result and error"),
    ],
)
def test_a_reply_that_breaks_the_envelope_is_a_defect(reply: dict[str, Any], defect: str) -> None:
    async def story() -> None:
        town = Town()
        visit = await visit_of_a_shopper(town)
        await town.cashbox.play(visit, Scenario.DECLINE)
        coming = town.sidecar.asked[-1]["id"] + 1
        body = {**reply, "id": coming if reply["id"] == "{id}" else reply["id"]}
        town.sidecar.answers["CheckPerformTransaction"] = httpx.Response(200, json=body)

        await town.cashbox.play(visit, Scenario.PAY)

        assert defect.format(id=coming) in visit.defects

    run(story())
