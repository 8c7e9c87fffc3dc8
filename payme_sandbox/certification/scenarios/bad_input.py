"""What is not a proper call, and what is one although it looks odd."""

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

from payme_sandbox.calls import Call, Request, written
from payme_sandbox.certification.expectations import (
    Expected,
    Judgement,
    Verdict,
    allowed,
    answer,
    has_code,
    is_int,
    refused,
    state,
)
from payme_sandbox.certification.orders import Order
from payme_sandbox.certification.scenario import Chapter, Page, Spends
from payme_sandbox.certification.scenarios.official import reported
from payme_sandbox.certification.scenarios.wrong_data import OPTIONAL, of_every_method
from payme_sandbox.certification.stage import Stage, cancel, check, check_perform, create
from payme_sandbox.merchant import basic
from payme_sandbox.protocol import (
    ACCOUNT,
    INVALID_REQUEST,
    NOT_AUTHORIZED,
    NOT_JSON,
    NOT_POST,
    UNKNOWN_METHOD,
    UNKNOWN_TRANSACTION,
    WRONG_AMOUNT,
    Method,
    State,
)

BAD_INPUT: Final = Chapter("Odd calls and bad input")

NOT_JSON_EITHER: Final = "the table of errors says −32700, the official PHP template answers −32600"
MALFORMED: Final = "the table of errors says −32600"
TEXT_ID: Final = "ids are documented as whole numbers; JSON-RPC knows strings, too"
TEXT_AMOUNT: Final = "a string of digits is taken for a number"
OTHER_FIELD: Final = "an account field of another cashbox is not ignored"
INVALID_PARAMS: Final = -32602  # JSON-RPC's own; Payme's table has it for SetFiscalData only
DEEP: Final = 10_000
MISSING: Final[tuple[Any, ...]] = ({}, None, [])


@BAD_INPUT.scenario(Page.FORMAT)
async def envelope(stage: Stage) -> None:
    """A reply repeats the envelope id with its type, and carries either result or error, over HTTP 200."""
    order = await stage.order()
    nobody = stage.transaction(order)
    for envelope_id in (4711, 2**31 + 7):
        for request in (check_perform(order), check(nobody)):
            await stage.should(request, reply_to(envelope_id), id=envelope_id)
    text = reply_to("a string").but(lambda call: call.reply is not None, TEXT_ID)
    await stage.should(check_perform(order), text, id="a string")


def reply_to(envelope_id: int | str) -> Expected:
    def judge(call: Call) -> Judgement:
        wrong = what_is_wrong(call, envelope_id)
        return Judgement(Verdict.FAILED if wrong else Verdict.PASSED, wrong or call.found)

    return Expected(f"a JSON-RPC reply with id {written(envelope_id)}", judge)


def what_is_wrong(call: Call, envelope_id: int | str) -> str:
    reply = call.reply
    if reply is None:
        return call.found
    if "id" not in reply:
        return "the reply has no id"
    if type(reply["id"]) is not type(envelope_id) or reply["id"] != envelope_id:
        return f"the reply has id {written(reply['id'])}"
    given = [name for name in ("result", "error") if reply.get(name) is not None]
    if len(given) != 1:
        return f"the reply has {' and '.join(given) or 'neither result nor error'}"
    return "" if call.result is not None or is_int(call.code) else f"the code of the error is {written(call.code)}"


@BAD_INPUT.scenario(Page.FLOW)
async def not_the_credential(stage: Stage) -> None:
    """Only the whole credential opens the door: login and key, byte for byte, by HTTP Basic."""
    nobody = Request(Method.CHECK, {"id": "0" * 24})
    for words, header in almost(stage.merchant.authorization).items():
        await stage.should(nobody, refused(NOT_AUTHORIZED).given(f"for {words}"), headers={"Authorization": header})


def almost(authorization: str) -> dict[str, str]:
    """Credentials that are almost right, and what is wrong with them."""
    encoded = authorization.removeprefix("Basic ")
    login, _, key = base64.b64decode(encoded).decode().partition(":")
    almost_right = {
        "the key in other letters": basic(f"{login}:{key.swapcase()}"),
        "the login in other letters": basic(f"{login.swapcase()}:{key}"),
        "the right key under another login": basic(f"mallory:{key}"),
        "the right key under no login": basic(f":{key}"),
        "the right key without a colon": basic(key),
        "the key without its last sign": basic(f"{login}:{key[:-1]}"),
        "the key with a space behind it": basic(f"{login}:{key} "),
        "an empty key": basic(f"{login}:"),
        "the right key behind a second colon": basic(f"{login}:x:{key}"),
        "the key as Bearer": f"Bearer {key}",
        "the right credential as Bearer": f"Bearer {encoded}",
        "the right credential without Basic": encoded,
        "Basic and nothing": "Basic",
        "Basic and no base64": "Basic !!!",
        "an empty header": "",
    }
    return {words: header for words, header in almost_right.items() if header != authorization}


@BAD_INPUT.scenario(Page.ERRORS)
async def not_json(stage: Stage) -> None:
    """A body that is no JSON is answered with −32700, over HTTP 200."""
    for body in (b"", b"{", b'{"method": "CheckTransaction"', b"\xff\xfe{}", b"<xml/>", b"[" * DEEP):
        broken = refused(NOT_JSON).but(lambda call: has_code(call, INVALID_REQUEST), NOT_JSON_EITHER)
        stage.judge(await stage.merchant.send(body, label="no JSON"), broken)


@BAD_INPUT.scenario(Page.ERRORS)
async def not_a_call(stage: Stage) -> None:
    """JSON that is no call is answered with −32600, over HTTP 200."""
    envelopes: list[Any] = [[], [{"id": 1, "method": "CheckTransaction", "params": {"id": "0" * 24}}], 7, "text", {}]
    envelopes += [{"id": 1, "params": {}}, {"id": 1, "method": 7, "params": {}}]
    for body in envelopes:
        wrong = refused(INVALID_REQUEST).but(
            lambda call: has_code(call, NOT_JSON, UNKNOWN_METHOD) or is_batch(call), MALFORMED
        )
        stage.judge(await stage.merchant.send(json.dumps(body).encode(), label="no call"), wrong)


def is_batch(call: Call) -> bool:
    """Whether an array of calls got an array of answers, as JSON-RPC has it; Payme sends none."""
    answers = call.came if isinstance(call.sent, list) and isinstance(call.came, list) else []
    return bool(answers) and all(isinstance(it, dict) and "error" in it for it in answers)


@BAD_INPUT.scenario(Page.ERRORS)
async def malformed_params(stage: Stage) -> None:
    """A call without its parameters is refused, over HTTP 200, and is no system error."""
    for request in of_every_method(stage):
        of_an_account = (ACCOUNT, WRONG_AMOUNT) if "account" in request.params else ()
        wrong = refused(INVALID_REQUEST, *of_an_account).but(
            lambda call: has_code(call, UNKNOWN_TRANSACTION, ACCOUNT, INVALID_PARAMS), MALFORMED
        )
        for params in (*MISSING, *without_one(request.params)):
            await stage.should(Request(request.method, params), wrong)


def without_one(params: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{name: params[name] for name in params if name != missing} for missing in params]


@BAD_INPUT.scenario(Page.ERRORS)
async def malformed_amount(stage: Stage) -> None:
    """An amount that is no positive whole number of tiyin is refused, and nothing is created."""
    order = await stage.order()
    wrong = refused(WRONG_AMOUNT, INVALID_REQUEST)
    lenient = wrong.but(lambda call: call.result is not None, TEXT_AMOUNT)
    for amount in (0, -order.amount, str(order.amount), order.amount + 0.5, None, True, 2**63, 10**30):
        strange = Order(order.account, amount)  # type: ignore[arg-type]  # that is the point
        expected = lenient if isinstance(amount, str) else wrong
        await stage.should(check_perform(strange), expected)
        it = stage.transaction(strange)
        if (await stage.should(create(it), expected)).result is not None:
            await stage.ask(cancel(it))  # or the order is taken, and says so instead


@BAD_INPUT.scenario(Page.ERRORS)
async def malformed_account(stage: Stage) -> None:
    """An account that is missing, empty or of a wrong shape is refused with a code of the account range."""
    order = await stage.order()
    field = next(iter(order.account))
    wrong = refused(ACCOUNT).but(lambda call: has_code(call, INVALID_REQUEST), MALFORMED)
    accounts: list[Any] = [{}, None, [], "text", {"another_field": "1"}, {field: None}, {field: {}}, {field: ["1"]}]
    for account in accounts:
        await stage.should(Request(Method.CHECK_PERFORM, {"amount": order.amount, "account": account}), wrong)


@BAD_INPUT.scenario(Page.ERRORS)
async def unknown_method(stage: Stage) -> None:
    """An unknown method is answered with −32601, over HTTP 200."""
    for method in ("Nonsense", "checktransaction", "__init__"):
        await stage.should(Request(method, {}), refused(UNKNOWN_METHOD))


@BAD_INPUT.scenario(Page.ERRORS)
async def not_post(stage: Stage) -> None:
    """A call by another verb than POST is answered with −32300, over HTTP 200."""
    for verb in ("GET", "PUT"):
        stage.judge(await stage.merchant.send(b"", label=verb, verb=verb), refused(NOT_POST))


@BAD_INPUT.scenario(Page.FORMAT)
async def other_envelopes(stage: Stage) -> None:
    """A call is a call as text/json and as application/json, with and without `jsonrpc`."""
    order = await stage.order()
    for content_type in ("text/json; charset=UTF-8", "application/json"):
        as_this = allowed().given(f"as {content_type}")
        await stage.should(check_perform(order), as_this, headers={"Content-Type": content_type})
    await stage.should(check_perform(order), allowed(), jsonrpc=None)
    account: Mapping[str, Any] = {**order.account, "a_field_of_another_cashbox": "1"}
    another = allowed().but(lambda call: call.error is not None and not call.technical, OTHER_FIELD)
    await stage.should(check_perform(Order(account, order.amount)), another)


@BAD_INPUT.scenario(Page.CANCEL)
async def every_reason(stage: Stage) -> None:
    """CancelTransaction takes every reason of the documentation, and CheckTransaction repeats it."""
    order = await stage.order()
    for reason in (1, 5, 10):
        it = await stage.next_buyer(order)
        await stage.should(cancel(it, reason), state(State.CANCELLED))
        await stage.should(check(it), reported(State.CANCELLED, reason))
        order = await stage.another(order)


@BAD_INPUT.scenario(Page.FISCAL, spends=Spends.ORDER)
async def fiscal_receipt(stage: Stage) -> None:
    """SetFiscalData brings the fiscal receipt of a performed payment, and may come twice."""
    it = await stage.performed(await stage.order())
    receipt = {
        "receipt_id": 121,
        "status_code": 0,
        "message": "accepted",
        "terminal_id": "EP000000000025",
        "fiscal_sign": "800031554082",
        "qr_code_url": "https://ofd.soliq.uz/check?t=EP000000000025&r=121&c=20221028171340&s=800031554082",
        "date": "20221028171340",
    }
    wish = Request(Method.FISCAL, {"id": it.id, "type": "PERFORM", "fiscal_data": receipt})
    done = answer("success true", lambda result: result.get("success") is True)
    for _ in range(2):
        await stage.should(wish, done.but(lambda call: has_code(call, UNKNOWN_METHOD), OPTIONAL))
