"""The crowd judges every answer: a payment that did not go as it must is found, whatever is wrong with it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from benchmarks.load.payment import CALLS, Answer, Complaint, Letter, Orders, Payment, blemishes, judged

Spoil = Callable[[list[dict[str, Any]]], object]


def documents() -> list[dict[str, Any]]:
    """Give the six answers of a merchant who does it right."""
    created = {"create_time": 1_000, "transaction": "5", "state": 1}
    performed = {"transaction": "5", "perform_time": 2_000, "state": 2}
    seen = {**performed, "create_time": 1_000, "cancel_time": 0, "reason": None}
    results = ({"allow": True}, created, created, performed, performed, seen)
    return [{"jsonrpc": "2.0", "id": 7, "result": dict(it)} for it in results]


def payment(said: list[dict[str, Any]], status: int = 200) -> Payment:
    return Payment(7, "f" * 24, 1, [Answer(status, json.dumps(it).encode(), 0, 1_000) for it in said])


def test_a_payment_that_went_well_is_whole_and_without_blemish() -> None:
    it = payment(documents())

    assert judged(it)["state"] == 2
    assert blemishes(it) == set()


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda it: it[0].update(result={"allow": False}), "CheckPerformTransaction: allow"),
        (lambda it: it[1]["result"].update(state=2), "CreateTransaction: state"),
        (lambda it: it[1]["result"].update(create_time="1000"), "CreateTransaction: create_time is no time"),
        (lambda it: it[2]["result"].update(create_time=1_001), "CreateTransaction repeated: create_time"),
        (lambda it: it[3]["result"].update(perform_time=0), "PerformTransaction: perform_time is no time"),
        (lambda it: it[4]["result"].update(perform_time=2_001), "PerformTransaction repeated: perform_time"),
        (lambda it: it[4]["result"].update(transaction="6"), "PerformTransaction repeated: transaction"),
        (lambda it: it[5]["result"].update(perform_time=2_001), "CheckTransaction: perform_time"),
        (lambda it: it[5]["result"].update(create_time=999), "CheckTransaction: create_time"),
        (lambda it: it[5]["result"].update(cancel_time=1), "CheckTransaction: cancel_time"),
        (lambda it: it[3].update(error={"code": -32400}), "PerformTransaction: answered -32400 instead of a result"),
        (lambda it: it.pop(), "CheckTransaction: no answer"),
    ],
)
def test_a_wrong_answer_is_found(spoil: Spoil, complaint: str) -> None:
    said = documents()
    spoil(said)

    with pytest.raises(Complaint, match=complaint):
        judged(payment(said))


def test_another_status_is_a_complaint_whatever_the_body_says() -> None:
    with pytest.raises(Complaint, match="HTTP 500"):
        judged(payment(documents(), status=500))


def test_an_id_that_is_not_echoed_is_a_blemish_and_no_more() -> None:
    said = documents()
    del said[3]["id"]
    it = payment(said)

    assert judged(it)["state"] == 2
    assert blemishes(it) == {"PerformTransaction: the id is not echoed"}


def test_each_call_is_one_request_that_names_its_payment() -> None:
    letter = Letter("127.0.0.1", "/payme", "k3y", Orders(1, 9, 500_000, field="tea"))
    it = Payment(7, "f" * 24, 1_795_000_000_000)

    heads, bodies = zip(
        *(letter.call(it, place).decode().split("\r\n\r\n") for place in range(len(CALLS))), strict=True
    )

    assert all(f"Content-Length: {len(body)}" in head for head, body in zip(heads, bodies, strict=True))
    assert [json.loads(body)["method"] for body in bodies] == [name.removesuffix(" repeated") for name in CALLS]
    assert json.loads(bodies[1])["params"] == {
        "id": "f" * 24,
        "time": 1_795_000_000_000,
        "amount": 500_000,
        "account": {"tea": "7"},
    }
