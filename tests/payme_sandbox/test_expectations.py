"""What is a right answer, in small."""

from typing import Any, Final

import pytest

from payme_sandbox.calls import Call
from payme_sandbox.certification.expectations import (
    Expected,
    Verdict,
    allowed,
    answer,
    has_code,
    members,
    refused,
    refused_account,
    same_as,
    state,
)
from payme_sandbox.protocol import ACCOUNT

WORDS: Final = {"ru": "Нет", "uz": "Yo‘q", "en": "No"}
OFFSET: Final = 1_790_000_000_000


def came(document: Any, status: int | None = 200) -> Call:
    return Call("CheckTransaction", {}, status, document)


def result(**members: Any) -> Call:
    return came({"id": 1, "result": members})


def error(code: Any, **members: Any) -> Call:
    return came({"id": 1, "error": {"code": code, **members}})


def verdict(expected: Expected, call: Call) -> str:
    return expected.judge(call).verdict.value


@pytest.mark.parametrize(
    ("call", "found"),
    [
        (result(state=1), "state 1"),
        (result(allow=True), "allow true"),
        (result(success=False), "success false"),
        (result(transactions=[1, 2]), "2 transactions"),
        (result(), "a result"),
        (error(-31008), "error -31008"),
        (came({"id": 1}), "neither result nor error"),
        (came({"result": None, "error": None}), "neither result nor error"),
        (came([]), "not a JSON object"),
        (came("<html>"), "not a JSON object"),
        (came({"result": {"state": 1}}, 500), "HTTP 500"),
        (came("refused", None), "no answer (refused)"),
    ],
)
def test_an_answer_is_told_in_a_few_words(call: Call, found: str) -> None:
    assert call.found == found


def test_what_is_no_reply_over_http_200_is_a_system_error_to_payme() -> None:
    for call in (came("<html>"), came({"result": {}}, 500), came(None, None), came({"id": 1})):
        assert call.technical
        assert call.result is None
        assert not has_code(call, -32400)  # it is inferred, not said
    assert error(-32400).technical
    assert not result(state=1).technical


@pytest.mark.parametrize(
    ("value", "right"),
    [(2, "passed"), (1, "failed"), ("2", "failed"), (2.0, "failed"), (True, "failed"), ([], "failed")],
)
def test_a_state_is_a_whole_number(value: Any, right: str) -> None:
    assert verdict(state(2), result(state=value)) == right


@pytest.mark.parametrize(("value", "right"), [(True, "passed"), (1, "failed"), ("true", "failed"), (False, "failed")])
def test_a_permission_is_true_and_nothing_else(value: Any, right: str) -> None:
    assert verdict(allowed(), result(allow=value)) == right


@pytest.mark.parametrize("code", [-31099, -31050, -31001])
def test_a_refusal_has_a_code_or_one_of_a_range(code: int) -> None:
    expected = refused(ACCOUNT, -31001)

    assert expected.words == "error -31099…-31050 or -31001"
    assert verdict(expected, error(code)) == "passed"


@pytest.mark.parametrize("code", [-31100, -31049, -31008, "-31050", -31050.0, None, [], True])
def test_a_refusal_has_no_other_code(code: Any) -> None:
    assert verdict(refused(ACCOUNT, -31001), error(code)) == "failed"


def test_a_result_beside_an_error_is_no_refusal() -> None:
    assert verdict(refused(-31008), came({"result": {}, "error": {"code": -31008}})) == "failed"
    assert verdict(refused(-31008), came({"result": None, "error": {"code": -31008}})) == "passed"


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({"message": WORDS, "data": "order_id"}, "error -31050"),
        ({"message": "No", "data": "order_id"}, 'error -31050, but message is "No"'),
        ({"message": {"ru": "Нет", "uz": ""}, "data": "order_id"}, "error -31050, but message lacks uz, en"),
        ({"message": WORDS}, "error -31050, but data is null"),
        ({"message": WORDS, "data": "account"}, 'error -31050, but data is "account"'),
        ({"message": WORDS, "data": ["order_id"]}, 'error -31050, but data is ["order_id"]'),
    ],
)
def test_a_payer_reads_an_account_error_in_his_language_and_payme_the_field(members: Any, found: str) -> None:
    judgement = refused_account({"order_id": "1"}).judge(error(-31050, **members))

    assert judgement.found == found
    assert (judgement.verdict is Verdict.PASSED) == ("but" not in found)


def test_a_repetition_must_equal_the_first_answer_and_says_what_changed() -> None:
    first = result(state=1, create_time=OFFSET, transaction="7")

    assert verdict(same_as(first), result(transaction="7", create_time=OFFSET, state=1)) == "passed"
    changed = same_as(first).judge(result(state=1, create_time=OFFSET + 1, extra=None))
    assert changed.verdict is Verdict.FAILED
    assert changed.found == (
        f'create_time {OFFSET} became {OFFSET + 1}; extra missing became null; transaction "7" became missing'
    )
    assert same_as(first).judge(error(-31008)).found == "error -31008"


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("time", [OFFSET, 10**12, 10**13 - 1], [OFFSET // 1000, 0, str(OFFSET), float(OFFSET), None, True]),
        ("unset", [0, None], [OFFSET, "0", 0.0, False]),
        ("name", ["7", 7], ["", None, 7.5, {}]),
        ("whole", [0, -3], ["3", 3.0, None, True]),
    ],
)
def test_members_are_of_a_kind(kind: str, right: list[Any], wrong: list[Any]) -> None:
    assert [members(result(it=value), {"it": kind}) for value in right] == ["" for _ in right]
    assert all(members(result(it=value), {"it": kind}).startswith("it is ") for value in wrong)
    assert members(result(), {"it": kind}).startswith("it is missing, not ")


# ── putting expectations together ──────────────────────────────────────────────────────────────────────────────────


def test_another_answer_is_accepted_with_a_note_that_says_why() -> None:
    lenient = refused(-32700).but(lambda call: has_code(call, -32600), "an official template answers so")

    assert verdict(lenient, error(-32700)) == "passed"
    assert lenient.judge(error(-32600)) == (Verdict.NOTED, "error -32600: an official template answers so")
    assert verdict(lenient, error(-32601)) == "failed"
    assert lenient.words == "error -32700"


def test_an_oddity_is_noted_in_a_right_answer_only() -> None:
    odd = state(1).noting(lambda call: "a number" if (call.result or {}).get("transaction") == 7 else "")

    assert odd.judge(result(state=1, transaction=7)) == (Verdict.NOTED, "state 1: a number")
    assert verdict(odd, result(state=1, transaction="7")) == "passed"
    assert verdict(odd, result(state=2, transaction=7)) == "failed"


def test_a_condition_is_asked_of_right_answers_only() -> None:
    both = state(1).and_("with a name", lambda call: "" if "name" in (call.result or {}) else "it has no name")

    assert both.words == "state 1, with a name"
    assert both.judge(result(state=1)) == (Verdict.FAILED, "state 1, but it has no name")
    assert both.judge(result(state=2)) == (Verdict.FAILED, "state 2")
    assert verdict(both, result(state=1, name="x")) == "passed"


def test_one_of_two_answers_is_enough_and_a_note_is_no_failure() -> None:
    noted = state(1).noting(lambda _: "odd")
    either = noted.or_(state(2))

    assert either.words == "state 1 or state 2"
    assert [verdict(either, result(state=value)) for value in (1, 2, 3)] == ["note", "passed", "failed"]


def test_an_answer_may_be_anything_that_is_right() -> None:
    assert verdict(answer("two", lambda it: len(it) == 2), result(a=1, b=2)) == "passed"
    assert verdict(answer("two", lambda it: len(it) == 2), error(-1)) == "failed"
