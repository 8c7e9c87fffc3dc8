"""What a right answer looks like, and where Payme's own sources disagree about it."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple

from payme_sandbox.calls import Call, written
from payme_sandbox.protocol import ACCOUNT

LANGUAGES: Final = ("ru", "uz", "en")


class Verdict(StrEnum):
    PASSED = "passed"
    NOTED = "note"
    """Payme's sources disagree here, or say nothing; it is accepted, and said. `--strict` fails it."""
    FAILED = "failed"


class Judgement(NamedTuple):
    verdict: Verdict
    found: str


@dataclass(frozen=True, slots=True)
class Expected:
    """`words` finish the sentence "expected …"; `judge` looks at what came."""

    words: str
    judge: Callable[[Call], Judgement]

    def given(self, words: str) -> "Expected":
        """Say what was odd about the call, where its body does not show it."""
        return Expected(f"{self.words} {words}", self.judge)

    def and_(self, words: str, wrong: Callable[[Call], str]) -> "Expected":
        """Add a condition on an answer that is right so far; `wrong` says what is wrong, or nothing."""

        def both(call: Call) -> Judgement:
            judgement = self.judge(call)
            if judgement.verdict is Verdict.FAILED or not (what := wrong(call)):
                return judgement
            return Judgement(Verdict.FAILED, f"{judgement.found}, but {what}")

        return Expected(f"{self.words}, {words}" if words else self.words, both)

    def noting(self, odd: Callable[[Call], str]) -> "Expected":
        """Accept an answer that is right so far, and say what is `odd` about it."""

        def both(call: Call) -> Judgement:
            judgement = self.judge(call)
            if judgement.verdict is not Verdict.PASSED or not (what := odd(call)):
                return judgement
            return Judgement(Verdict.NOTED, f"{judgement.found}: {what}")

        return Expected(self.words, both)

    def or_(self, other: "Expected") -> "Expected":
        def either(call: Call) -> Judgement:
            judgement = self.judge(call)
            return judgement if judgement.verdict is not Verdict.FAILED else other.judge(call)

        return Expected(f"{self.words} or {other.words}", either)

    def but(self, otherwise: Callable[[Call], bool], why: str) -> "Expected":
        """Accept, and say, another answer."""

        def either(call: Call) -> Judgement:
            judgement = self.judge(call)
            if judgement.verdict is Verdict.FAILED and otherwise(call):
                return Judgement(Verdict.NOTED, f"{call.found}: {why}")
            return judgement

        return Expected(self.words, either)


def answer(words: str, right: Callable[[dict[str, Any]], bool]) -> Expected:
    """Expect a result that is `right`."""

    def judge(call: Call) -> Judgement:
        fits = call.result is not None and right(call.result)
        return Judgement(Verdict.PASSED if fits else Verdict.FAILED, call.found)

    return Expected(words, judge)


def allowed() -> Expected:
    return answer("allow true", lambda result: result.get("allow") is True)


def state(wanted: int) -> Expected:
    return answer(f"state {wanted}", lambda result: is_int(result.get("state")) and result["state"] == wanted)


def same_as(first: Call) -> Expected:
    """Expect the result of a call that was made before; envelope ids differ, results must not."""
    return Expected(
        "the same result as the first time",
        lambda call: (
            Judgement(Verdict.PASSED, call.found)
            if call.result is not None and call.result == first.result
            else Judgement(Verdict.FAILED, _difference(first, call))
        ),
    )


def refused(*codes: int | Container[int]) -> Expected:
    """Expect an error with one of these codes."""
    return Expected(
        f"error {' or '.join(_code(code) for code in codes)}",
        lambda call: Judgement(Verdict.PASSED if has_code(call, *codes) else Verdict.FAILED, call.found),
    )


def refused_account(fields: Container[str]) -> Expected:
    """Expect an account error as the documentation demands it: words in three languages, and the name of the field."""
    return (
        refused(ACCOUNT)
        .and_("message {ru, uz, en}", _without_words)
        .and_("data names the field", lambda call: _without_field(call, fields))
    )


def has_code(call: Call, *codes: int | Container[int]) -> bool:
    """Whether it is a JSON-RPC error with one of these codes; a system error that Payme only infers is none."""
    error = (call.reply or {}).get("error")
    if call.result is not None or not isinstance(error, dict) or not is_int(error.get("code")):
        return False
    return any(error["code"] == code if isinstance(code, int) else error["code"] in code for code in codes)


def members(call: Call, shape: Mapping[str, str]) -> str:
    """Say which members of a result are missing or of another kind; see `KINDS`."""
    wrong = [
        f"{name} is {_shown(call.result or {}, name)}, not {KINDS[kind][0]}"
        for name, kind in shape.items()
        if name not in (call.result or {}) or not KINDS[kind][1]((call.result or {})[name])
    ]
    return "; ".join(wrong)


def oddities(call: Call) -> str:
    """Say what Payme's own templates write in another way than its documentation."""
    result = call.result or {}
    found = {
        "`transaction` is a number, documented as a string": is_int(result.get("transaction")),
        "times that are not set are null, documented as 0": any(
            name in result and result[name] is None for name in ("perform_time", "cancel_time")
        ),
        "a reason that is not set is 0, documented as null": result.get("reason") == 0 and is_int(result["reason"]),
    }
    return "; ".join(what for what, is_so in found.items() if is_so)


def is_int(value: Any) -> bool:
    """Whether it is a JSON whole number: `true` and `5.0` are not."""
    return type(value) is int


MILLISECONDS: Final = range(10**12, 10**13)  # 13 digits: 2001 to 2286
KINDS: Final[dict[str, tuple[str, Callable[[Any], bool]]]] = {
    "time": ("a time in milliseconds (13 digits)", lambda value: is_int(value) and value in MILLISECONDS),
    "unset": ("0", lambda value: value is None or (is_int(value) and value == 0)),
    "name": ("a string", lambda value: (isinstance(value, str) and bool(value)) or is_int(value)),
    "whole": ("a whole number", is_int),
}


def _shown(result: Mapping[str, Any], name: str) -> str:
    return written(result[name]) if name in result else "missing"


def _code(code: int | Container[int]) -> str:
    return str(code) if isinstance(code, int) else f"{ACCOUNT.start}…{ACCOUNT.stop - 1}"


def _difference(first: Call, call: Call) -> str:
    if call.result is None or first.result is None:
        return call.found
    names = sorted(set(first.result) | set(call.result))
    differ = [name for name in names if _shown(first.result, name) != _shown(call.result, name)]
    return "; ".join(f"{name} {_shown(first.result, name)} became {_shown(call.result, name)}" for name in differ)


def _without_words(call: Call) -> str:
    message = (call.error or {}).get("message")
    if not isinstance(message, dict):
        return f"message is {written(message)}"
    missing = [
        language for language in LANGUAGES if not isinstance(message.get(language), str) or not message[language]
    ]
    return f"message lacks {', '.join(missing)}" if missing else ""


def _without_field(call: Call, fields: Container[str]) -> str:
    data = (call.error or {}).get("data")
    return "" if isinstance(data, str) and data in fields else f"data is {written(data)}"
