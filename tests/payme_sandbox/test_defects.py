"""What Payme would hold against the merchant in one answer."""

from typing import Any

import pytest

from payme_sandbox.calls import Call
from payme_sandbox.counter.defects import believed, defects_of
from payme_sandbox.protocol import State

CREATED = {"create_time": 1_790_000_000_000, "transaction": "T-1", "state": 1}
STATES = {"CreateTransaction": {State.CREATED}, "CancelTransaction": {State.CANCELLED, State.REVERSED}}
WORDS = {"ru": "Нет", "uz": "Yo‘q", "en": "No"}


def call(reply: Any, method: str = "CreateTransaction", status: int | None = 200) -> Call:
    params = {"id": "i", "account": {"order_id": "7"}}
    return Call(method, {"id": 5, "method": method, "params": params}, status, reply)


def found(it: Call, same_as: Call | None = None) -> str:
    return "; ".join(defects_of(it, STATES.get(it.method, set()), same_as))


@pytest.mark.parametrize(
    ("reply", "method"),
    [
        ({"id": 5, "result": CREATED}, "CreateTransaction"),
        ({"jsonrpc": "2.0", "id": 5, "result": CREATED, "error": None}, "CreateTransaction"),
        ({"id": 5, "result": CREATED | {"transaction": 17}}, "CreateTransaction"),
        ({"id": 5, "result": {"allow": True, "additional": {}}}, "CheckPerformTransaction"),
        ({"id": 5, "error": {"code": -31001, "message": "No"}}, "CheckPerformTransaction"),
        (
            {"id": 5, "result": None, "error": {"code": -31050, "message": WORDS, "data": "order_id"}},
            "CreateTransaction",
        ),
    ],
)
def test_right_answers_and_right_refusals_have_none(reply: Any, method: str) -> None:
    assert found(call(reply, method)) == ""


@pytest.mark.parametrize(
    ("reply", "method", "defect"),
    [
        ({"id": "5", "result": CREATED}, "CreateTransaction", 'the reply carries id "5", the call had 5'),
        ({"id": 5}, "CreateTransaction", "exactly one of result and error"),
        (
            {"id": 5, "result": CREATED, "error": {"code": -31008}},
            "CreateTransaction",
            "exactly one of result and error",
        ),
        ({"id": 5, "result": {"state": 1, "transaction": "T"}}, "CreateTransaction", "create_time is missing"),
        (
            {"id": 5, "result": CREATED | {"create_time": 1_790_000_000}},
            "CreateTransaction",
            "create_time is 1790000000",
        ),
        ({"id": 5, "result": CREATED | {"state": 2}}, "CreateTransaction", "state is 2, not 1"),
        ({"id": 5, "result": CREATED | {"state": "1"}}, "CreateTransaction", 'state is "1", not 1'),
        ({"id": 5, "result": CREATED | {"state": True}}, "CreateTransaction", "state is true, not 1"),
        (
            {"id": 5, "result": {"state": 1, "cancel_time": 1_790_000_000_000, "transaction": "T"}},
            "CancelTransaction",
            "state is 1, not -1 or -2",
        ),
        ({"id": 5, "result": {"allow": False}}, "CheckPerformTransaction", "allow is false: a yes is true"),
        ({"id": 5, "result": {}}, "CheckPerformTransaction", "allow is null"),
        ({"id": 5, "error": {"code": "-31050"}}, "CreateTransaction", 'the error\'s code is "-31050"'),
        ({"id": 5, "error": {"code": -31050, "message": "No"}}, "CreateTransaction", "missing: ru, uz, en"),
        (
            {"id": 5, "error": {"code": -31050, "message": {"ru": "Нет"}, "data": "order_id"}},
            "CreateTransaction",
            "missing: uz, en",
        ),
        (
            {"id": 5, "error": {"code": -31051, "message": WORDS, "data": "account"}},
            "CreateTransaction",
            'must name the account field (order_id) in data, not "account"',
        ),
    ],
)
def test_a_wrong_answer_is_a_defect_with_a_sentence(reply: Any, method: str, defect: str) -> None:
    assert defect in found(call(reply, method))


@pytest.mark.parametrize(
    ("reply", "status", "words"),
    [
        ({"id": 5, "result": CREATED}, 500, "HTTP 500"),
        ("<h1>Hello</h1>", 200, "not a JSON object"),
        ([1], 200, "object"),
    ],
)
def test_an_answer_that_is_none_is_one_defect(reply: Any, status: int, words: str) -> None:
    assert words in found(call(reply, status=status))


def test_silence_is_nobodys_bug() -> None:
    assert found(call("All connection attempts failed", status=None)) == ""


def test_a_repeat_must_get_the_first_result() -> None:
    first = call({"id": 5, "result": CREATED})
    refusal = {"id": 5, "error": {"code": -31008, "message": WORDS}}
    moved = {"id": 5, "result": CREATED | {"create_time": 1_790_000_000_001}}

    assert found(call({"id": 5, "result": CREATED}), first) == ""
    assert found(call(moved), first) == "the repeated call got another result than the first (create_time)"
    assert found(call(refusal), first) == "the same call got a result and was refused the other time (error -31008)"
    assert found(call("", status=None), first) == ""
    assert found(call(refusal), call(refusal)) == ""


def test_payme_believes_a_yes_that_is_one() -> None:
    assert believed(call({"id": 5, "result": CREATED}), {State.CREATED})
    assert believed(call({"id": 5, "result": {"allow": True}}, "CheckPerformTransaction"), set())
    assert not believed(call({"id": 5, "result": CREATED}), {State.PERFORMED})
    assert not believed(call({"id": 5, "result": {"allow": 1}}, "CheckPerformTransaction"), set())
    assert not believed(call({"id": 5, "error": {"code": -31008}}), {State.CREATED})
