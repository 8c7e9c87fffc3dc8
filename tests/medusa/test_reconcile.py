"""The books of a real Medusa beside ours: they agree, and a disagreement made on purpose is found and named."""

import json
from typing import Any

import httpx
import pytest

from tests.medusa.house import House
from tests.processes import Ended

TEA_SET = 140000


def reconcile(house: House, *more: str) -> tuple[Ended, dict[str, Any]]:
    ended = house.sidecar.run("reconcile", "--from", "1d", "--format", "json", *more)
    assert ended.code in {0, 1}, ended.err
    return ended, json.loads(ended.out)


def found(house: House, session: dict[str, Any]) -> list[str]:
    """The kinds of what disagrees about a session; other tests leave disagreements of their own behind."""
    _, report = reconcile(house)
    return [it["kind"] for it in report["disagreements"] if it["session_id"] == session["id"]]


def bought(house: House) -> tuple[dict[str, Any], str, str]:
    cart = house.store.cart()
    session = house.store.session(cart)
    transaction = house.pay(session)
    order = house.order_of(cart)
    house.settled(session)
    return session, transaction, order


def test_what_was_bought_and_what_was_taken_back_agrees(house: House) -> None:
    kept, _, _ = bought(house)
    returned, transaction, _ = bought(house)
    house.take_back(transaction)
    house.settled(returned)

    assert found(house, kept) == []
    assert found(house, returned) == []


def test_a_payment_that_medusa_lost_is_found(house: House) -> None:
    session, _, _ = bought(house)
    assert found(house, session) == []
    house.medusa.psql(f"UPDATE payment SET deleted_at = now() WHERE payment_session_id = '{session['id']}'")

    ended, report = reconcile(house)

    [it] = [it for it in report["disagreements"] if it["session_id"] == session["id"]]
    assert ended.code == 1
    assert (it["kind"], it["amount"]) == ("told_but_no_payment", TEA_SET * 100)


def test_a_capture_of_another_sum_is_found(house: House) -> None:
    session, _, _ = bought(house)
    house.medusa.psql(
        """UPDATE capture SET amount = 130000, raw_amount = '{"value": "130000", "precision": 20}' WHERE payment_id ="""
        f" (SELECT id FROM payment WHERE payment_session_id = '{session['id']}')"
    )

    assert found(house, session) == ["amount_at_backend"]


def test_the_list_gives_each_payment_with_its_order_in_tiyin(house: House) -> None:
    session, transaction, order = bought(house)
    house.take_back(transaction)
    house.settled(session)

    [it] = house.store.listed_payments(session_ids=session["id"]).json()["payments"]

    assert (it["session_id"], it["order_ids"], it["status"]) == (session["id"], [order], "refunded")
    assert (it["amount"], it["captured_amount"], it["refunded_amount"]) == (TEA_SET * 100,) * 3
    assert it["created_time"] <= it["captured_time"]


def test_the_list_is_paged_by_key_and_leaves_nothing_out(house: House) -> None:
    sessions = {bought(house)[0]["id"] for _ in range(3)}
    seen: list[str] = []
    query: dict[str, str | int] = {"from": 0, "to": 8_000_000_000_000, "limit": 2}

    while True:
        page = house.store.listed_payments(**query).json()
        seen += [it["session_id"] for it in page["payments"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]

    assert len(seen) == len(set(seen))
    assert sessions <= set(seen)


def test_the_list_is_bounded_by_the_time_a_payment_was_made(house: House) -> None:
    session, _, _ = bought(house)
    [it] = house.store.listed_payments(session_ids=session["id"]).json()["payments"]
    made = it["created_time"]

    def listed(start: int, end: int) -> list[str]:
        found = house.store.listed_payments(**{"from": start, "to": end}).json()["payments"]
        return [it["session_id"] for it in found]

    assert session["id"] in listed(made, made + 1)
    assert session["id"] not in listed(made - 1000, made)
    assert session["id"] not in listed(made + 1, made + 1000)


@pytest.mark.parametrize("query", [{}, {"from": 1}, {"from": 1, "to": 2, "limit": 501}, {"from": "x", "to": 2}])
def test_a_question_that_makes_no_sense_is_refused(house: House, query: dict[str, str | int]) -> None:
    assert house.store.listed_payments(**query).status_code == 400


def test_the_list_is_for_those_with_the_admins_key(house: House) -> None:
    answer = httpx.get(f"{house.store.url}/admin/payme/payments", params={"from": 1, "to": 2}, trust_env=False)

    assert answer.status_code == 401
