"""Parked and waiting messages, and the one act: telling the backend again, with a line about who did it."""

import asyncio

import pytest
from sqlalchemy import text

from sidecar import journal
from sidecar.clock import Millis
from sidecar.console import messages
from sidecar.console.messages import Place
from sidecar.database import Connection
from sidecar.journal import Action
from sidecar.outbox import Message, MessageState
from tests.console.visitor import HTMX, Visitor
from tests.shop import NOON, Shop

ACT = Action(Millis(NOON), "console", "10.0.0.9", "redeliver", "message:1", "due now")


def message(shop: Shop, number: int = 1) -> Message:
    found = shop.run(shop.house.database.read(messages.find, number))
    assert found
    return found


def acts(shop: Shop, number: int = 1) -> list[Action]:
    return shop.run(shop.house.database.read(journal.actions_of, [messages.subject(number)]))


def redeliver(operator: Visitor, number: int = 1, **headers: str) -> int:
    """Press the button of a message."""
    form = operator.hidden(operator.get("/messages"), f"/messages/{number}/redeliver")
    return operator.post(f"/messages/{number}/redeliver", form, **headers).status_code


def test_what_is_parked_is_shown_with_the_answer_and_a_button(parked: Shop, operator: Visitor) -> None:
    page = operator.get("/messages?l=en").text

    assert "409 {}" in page
    assert '<dd class="money">140\N{NO-BREAK SPACE}000.00 so' in page
    assert 'action="/console/messages/1/redeliver"' in page
    assert 'href="/console/payments/payses_01"' in page


def test_a_parked_message_is_told_again(parked: Shop, operator: Visitor) -> None:
    assert redeliver(operator) == 303
    assert operator.console.woken == [True]
    assert message(parked).state is MessageState.WAITING

    assert parked.deliver() == 1
    assert message(parked).state is MessageState.DELIVERED


def test_the_act_is_written_down_with_who_and_when(parked: Shop, operator: Visitor) -> None:
    parked.clock.advance(5)
    redeliver(operator)

    assert acts(parked) == [ACT._replace(time=Millis(NOON + 5))]
    assert "An operator’s act" in operator.get("/payments/payses_01?l=en").text


def test_htmx_gets_the_message_anew_and_watches_it_until_it_is_settled(parked: Shop, operator: Visitor) -> None:
    form = operator.hidden(operator.get("/messages"), "/messages/1/redeliver")
    piece = operator.post("/messages/1/redeliver", form, **HTMX).text
    assert piece.strip().startswith("<article")
    assert 'hx-get="/console/messages/1?looks=1"' in piece

    parked.deliver()
    piece = operator.get("/messages/1?looks=1", **HTMX).text
    assert 'data-state="delivered"' in piece
    assert "hx-get" not in piece
    assert "<form" not in piece


def test_nobody_watches_for_ever(parked: Shop, operator: Visitor) -> None:
    redeliver(operator)

    assert "hx-get" in operator.get("/messages/1?looks=14", **HTMX).text
    assert "hx-get" not in operator.get("/messages/1?looks=15", **HTMX).text


def test_what_the_backend_has_taken_is_not_told_again(shop: Shop, parked: Shop, operator: Visitor) -> None:
    """Two tabs: one is late."""
    form = operator.hidden(operator.get("/messages"), "/messages/1/redeliver")
    redeliver(operator)
    parked.deliver()
    operator.console.woken.clear()

    late = operator.post("/messages/1/redeliver?l=en", form, **HTMX)
    assert "There is nothing to tell" in late.text
    assert operator.console.woken == []
    assert len(acts(parked)) == 1
    assert len(parked.backend.asked) == 2


@pytest.mark.parametrize("number", ["7", "0", "-1", "x", "9" * 30])
def test_a_message_that_there_is_not_leaves_no_line(parked: Shop, operator: Visitor, number: str) -> None:
    form = operator.hidden(operator.get("/messages"), "/messages/1/redeliver")
    operator.post(f"/messages/{number}/redeliver", form)

    assert parked.run(parked.house.database.read(journal.recent_actions, 10)) == []
    assert operator.get(f"/messages/{number}").status_code == 404


def test_the_act_and_its_line_are_one(parked: Shop) -> None:
    """When the line cannot be written, nothing is done."""
    before = message(parked)

    def without_its_book(connection: Connection) -> None:
        connection.execute(text("DROP TABLE operator_action"))
        messages.redeliver(connection, 1, ACT, None)

    with pytest.raises(Exception, match="operator_action"):
        parked.run(parked.house.database.write(without_its_book))

    assert message(parked) == before


def test_twenty_presses_at_once_tell_the_backend_once(parked: Shop, operator: Visitor) -> None:
    form = operator.hidden(operator.get("/messages"), "/messages/1/redeliver")
    answers = operator.post_together("/messages/1/redeliver", [form] * 20)
    told_before = len(parked.backend.asked)
    parked.deliver()

    assert {answer.status_code for answer in answers} == {303}
    assert len(parked.backend.asked) == told_before + 1
    assert len(acts(parked)) == 20


def test_a_waiting_message_need_not_wait(shop: Shop, operator: Visitor) -> None:
    shop.paid()
    shop.backend.status = 503
    shop.deliver()
    shop.backend.status = 200
    assert shop.deliver() == 0

    redeliver(operator)
    assert shop.deliver() == 1


def test_parked_messages_are_paged_by_number(shop: Shop) -> None:
    shop.backend.status = 409
    for number in range(5):
        shop.paid(f"s{number}", f"tx{number}")
    shop.deliver()

    first = shop.run(shop.house.database.read(messages.parked, 0, 3))
    then = shop.run(shop.house.database.read(messages.parked, first[-1].number, 3))
    assert [it.number for it in first + then] == [1, 2, 3, 4, 5]


def test_waiting_messages_are_paged_as_they_fall_due_also_of_one_moment(shop: Shop) -> None:
    for number in range(5):
        shop.paid(f"s{number}", f"tx{number}")

    first = shop.run(shop.house.database.read(messages.waiting, messages.FIRST, 3))
    place = Place(first[-1].due_time, first[-1].number)
    then = shop.run(shop.house.database.read(messages.waiting, place, 3))
    assert [it.number for it in first + then] == [1, 2, 3, 4, 5]
    assert shop.run(shop.house.database.read(messages.parked)) == []


def test_a_relay_at_work_hears_of_it_at_once(parked: Shop, operator: Visitor) -> None:
    """The console of the whole sidecar wakes the relay; here it is awake already and finds the message."""
    redeliver(operator)

    async def a_turn() -> int:
        parked.house.relay.wake()
        started = await parked.house.relay.start_due()
        await parked.house.relay.finish()
        await asyncio.sleep(0)
        return started

    assert parked.run(a_turn()) == 1
