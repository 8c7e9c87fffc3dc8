"""What Payme would hold against the merchant in one answer: these are bugs, refusals are not."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from payme_sandbox.calls import Call, written
from payme_sandbox.certification.expectations import LANGUAGES, is_int, members
from payme_sandbox.protocol import ACCOUNT, Method, State

# What a result must have; see `expectations.KINDS`.
SHAPES: Final[dict[str, Mapping[str, str]]] = {
    Method.CREATE: {"create_time": "time", "transaction": "name"},
    Method.PERFORM: {"perform_time": "time", "transaction": "name"},
    Method.CANCEL: {"cancel_time": "time", "transaction": "name"},
}


def defects_of(call: Call, states: AbstractSet[State], same_as: Call | None = None) -> tuple[str, ...]:
    """Judge an answer, and a repeated one against the first. Silence is nobody's bug."""
    if call.status is None:
        return ()
    if call.reply is None:
        return (f"an answer must be a JSON object over HTTP 200, and this was: {call.found}",)
    found = [_envelope(call), _shape(call), _meaning(call, states), _refusal(call), _repeat(call, same_as)]
    return tuple(defect for defect in found if defect)


def believed(call: Call, states: AbstractSet[State]) -> bool:
    """Whether Payme may believe that the call did what it was for."""
    if call.result is None:
        return False
    if call.method == Method.CHECK_PERFORM:
        return call.result.get("allow") is True
    state = call.result.get("state")
    return is_int(state) and state in states


def _envelope(call: Call) -> str:
    reply = call.reply or {}
    if reply.get("id") != call.sent["id"]:
        return f"the reply carries id {written(reply.get('id'))}, the call had {call.sent['id']}"
    if (reply.get("result") is None) == (reply.get("error") is None):  # the other one as null does no harm
        return "the reply must carry exactly one of result and error"
    return ""


def _shape(call: Call) -> str:
    return members(call, SHAPES.get(call.method, {})) if call.result is not None else ""


def _meaning(call: Call, states: AbstractSet[State]) -> str:
    if call.result is None or believed(call, states):
        return ""
    if call.method == Method.CHECK_PERFORM:
        return f"allow is {written(call.result.get('allow'))}: a yes is true, a no is an error"
    wanted = " or ".join(str(int(state)) for state in sorted(states, reverse=True))
    return f"state is {written(call.result.get('state'))}, not {wanted}"


def _refusal(call: Call) -> str:
    """The payer reads an account error; other refusals may say what they like."""
    error = call.error
    if error is None or not is_int(error.get("code")):
        return "" if error is None else f"the error's code is {written(error.get('code'))}, not a whole number"
    if error["code"] not in ACCOUNT:
        return ""
    message, data, fields = error.get("message"), error.get("data"), call.sent["params"].get("account", {})
    words = message if isinstance(message, dict) else {}
    if missing := [language for language in LANGUAGES if not isinstance(words.get(language), str)]:
        return f"error {error['code']} needs a message for the payer in ru, uz and en; missing: {', '.join(missing)}"
    if fields and str(data) not in fields:
        return f"error {error['code']} must name the account field ({', '.join(fields)}) in data, not {written(data)}"
    return ""


def _repeat(call: Call, same_as: Call | None) -> str:
    if same_as is None or same_as.result is None or call.technical:
        return ""
    if call.result is None:
        return f"the same call got a result and was refused the other time ({call.found})"
    names = sorted(set(same_as.result) | set(call.result))
    differ = [name for name in names if same_as.result.get(name) != call.result.get(name)]
    return f"the repeated call got another result than the first ({', '.join(differ)})" if differ else ""
