"""What is written down of each call, and what never is."""

import base64
import io
import json
import logging
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

import httpx
import pytest
import structlog
from sqlalchemy import text

from sidecar.database import Connection
from tests.shop import AMOUNT, API_KEY, BACKEND, BACKEND_KEY, KEY, NOON, PAYME, SESSION, Shop, basic

GUESS: Final = "what-a-stranger-guessed"
DSN_PASSWORD: Final = "what-only-the-database-knows"
SECRETS: Final = [KEY, API_KEY, BACKEND_KEY, GUESS, DSN_PASSWORD]

CALL: Final = '{"id":7,"method":"CheckTransaction","params":{"id":"tx1"}}'


class Log:
    """Everything that was logged since it was asked last."""

    def __init__(self) -> None:
        self._stream = io.StringIO()
        self.handler = logging.StreamHandler(self._stream)
        pipes = (handler.formatter for handler in logging.getLogger().handlers)
        self.handler.setFormatter(next(it for it in pipes if isinstance(it, structlog.stdlib.ProcessorFormatter)))

    def text(self) -> str:
        written = self._stream.getvalue()
        self._stream.seek(0)
        self._stream.truncate()
        return written

    def lines(self, event: str | None = None) -> list[dict[str, Any]]:
        """Read each line as JSON; all of them, or those of one event."""
        parsed = [json.loads(line) for line in self.text().splitlines()]
        return [line for line in parsed if line["logger"] != "asyncio" and event in {None, line["event"]}]


@pytest.fixture
def log() -> Iterator[Log]:
    it = Log()
    logging.getLogger().addHandler(it.handler)
    yield it
    logging.getLogger().removeHandler(it.handler)


def send(shop: Shop, body: str = CALL, verb: str = "POST", path: str = "/payme", **options: Any) -> httpx.Response:
    return shop.run(shop.ask(verb, path, content=body, **{"headers": PAYME, **options}))


# ── a line for each call ────────────────────────────────────────────────────────────────────────────────────────

CREATE: Final = json.dumps(
    {
        "id": 7,
        "method": "CreateTransaction",
        "params": {"id": "tx1", "time": NOON, "amount": AMOUNT, "account": {"order_id": SESSION}},
    }
)

# what is sent: method, payme_id and code of its line
CALLS: Final[dict[str, tuple[dict[str, Any], str, str | None, int]]] = {
    "a result": ({"body": CREATE}, "CreateTransaction", "tx1", 0),
    "a refusal": ({"body": CALL}, "CheckTransaction", "tx1", -31003),
    "no transaction": ({"body": CREATE.replace("Create", "CheckPerform")}, "CheckPerformTransaction", None, 0),
    "malformed params": ({"body": CALL.replace('"tx1"', "1")}, "CheckTransaction", None, -32600),
    "an unknown method": ({"body": CALL.replace("CheckT", "T")}, "unread", None, -32601),
    "no JSON": ({"body": "{"}, "unread", None, -32700),
    "too long": ({"body": " " * 70_000}, "unread", None, -32600),
    "a stranger": ({"body": CREATE, "headers": {}}, "unread", None, -32504),
    "another verb": ({"verb": "GET"}, "unread", None, -32300),
    "a slash at the end": ({"path": "/payme/"}, "CheckTransaction", "tx1", -31003),
}


@pytest.mark.parametrize(("sent", "method", "payme_id", "code"), CALLS.values(), ids=CALLS)
def test_each_call_of_paymes_is_one_line(
    shop: Shop, log: Log, sent: dict[str, Any], method: str, payme_id: str | None, code: int
) -> None:
    shop.register()
    log.text()
    response = send(shop, **sent)

    [line] = log.lines()
    assert (line["event"], line["level"]) == ("call", "info")
    assert (line["method"], line["payme_id"], line["code"]) == (method, payme_id, code)
    assert (line["verb"], line["path"]) == (sent.get("verb", "POST"), sent.get("path", "/payme"))
    assert line["status"] == 200
    assert line["ms"] > 0
    assert line["call"] == response.headers["x-request-id"]


def test_no_two_calls_have_one_name(shop: Shop, log: Log) -> None:
    shop.together(*(shop.ask("POST", "/payme", content=CALL, headers=PAYME) for _ in range(20)))

    assert len({line["call"] for line in log.lines("call")}) == 20


def test_a_caller_cannot_choose_the_name_of_his_call(shop: Shop, log: Log) -> None:
    response = send(shop, headers={**PAYME, "x-request-id": "mine", "traceparent": "00-mine"})

    [line] = log.lines()
    assert response.headers["x-request-id"] == line["call"] != "mine"


def test_calls_side_by_side_do_not_mix_their_lines(shop: Shop, log: Log) -> None:
    shop.register()
    log.text()
    replies = shop.together(
        *(shop.ask("POST", "/payme", content=CALL.replace("tx1", f"tx{n}"), headers=PAYME) for n in range(10)),
        *(shop.ask("GET", f"/payment-sessions/{SESSION}", headers=BACKEND) for _ in range(10)),
    )

    lines = {line["call"]: line for line in log.lines("call")}
    told = [lines[reply.headers["x-request-id"]] for reply in replies]
    assert [line.get("payme_id") for line in told] == [f"tx{n}" for n in range(10)] + [None] * 10
    assert [line.get("session_id") for line in told] == [None] * 10 + [SESSION] * 10


def test_a_call_of_the_backends_is_one_line_too(shop: Shop, log: Log) -> None:
    response = shop.register()

    [line] = log.lines()
    assert (line["event"], line["verb"], line["path"], line["status"]) == ("call", "POST", "/payment-sessions", 201)
    assert line["session_id"] == SESSION
    assert line["call"] == response.headers["x-request-id"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_a_probe_is_worth_a_line_for_debugging_only(shop: Shop, log: Log, path: str) -> None:
    shop.api("GET", path)

    assert {line["level"] for line in log.lines("call")} <= {"debug"}


# ── no secrets ──────────────────────────────────────────────────────────────────────────────────────────────────


def leaks(written: str) -> list[str]:
    """List the secrets in a text, in whatever disguise."""
    return [
        secret
        for secret in SECRETS
        for disguise in (
            secret,
            quote(secret, safe=""),
            quote(secret),
            *(base64.b64encode(f"{login}{secret}".encode()).decode() for login in ("", "Paycom:", ":")),
            base64.b64encode(f"{secret}:".encode()).decode(),
            base64.b64encode(f"Paycom:{secret}".encode()).decode()[10:-4],
        )
        if disguise in written
    ]


HEADERS: Final[dict[str, dict[str, str]]] = {
    "Payme's key": PAYME,
    "a guess": {"authorization": basic(f"Paycom:{GUESS}")},
    "a guess in clear": {"authorization": GUESS},
    "a guess that is no base64": {"authorization": f"Basic {GUESS}"},
    "the backend's key": BACKEND,
    "a guess of the backend's key": {"authorization": f"Bearer {GUESS}"},
    "Payme's key as a bearer's": {"authorization": f"Bearer {KEY}"},
    "cookies": {"cookie": f"key={API_KEY}", "x-api-key": API_KEY, "referer": f"https://shop.uz/?key={API_KEY}"},
}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
def test_no_key_is_written_down_however_it_was_shown(shop: Shop, log: Log, headers: dict[str, str]) -> None:
    for secret in SECRETS:
        body = json.dumps({"id": secret, "method": secret, "params": {"id": "tx1", "password": secret}})
        query = f"?key={quote(secret)}"
        for path in ("/payme", "/payment-sessions", f"/payment-sessions/{SESSION}", "/metrics", "/nothing"):
            for verb in ("GET", "POST"):
                send(shop, body, verb, path + query, headers=headers)

    assert leaks(log.text()) == []


@pytest.mark.parametrize("path", ["/{}", "/payme/{}", "/payment-sessions/{}", "/payment-sessions/{}/capture"])
def test_no_key_is_written_down_that_somebody_put_into_the_path(shop: Shop, log: Log, path: str) -> None:
    for secret in SECRETS:
        send(shop, path=path.format(quote(secret, safe="")))

    assert leaks(log.text()) == []


def test_a_new_password_is_not_written_down(shop: Shop, log: Log) -> None:
    """As Payme's sandbox sends it, in a call we do not take."""
    send(shop, json.dumps({"id": 7, "method": "ChangePassword", "params": {"password": GUESS}}))

    assert leaks(log.text()) == []


async def refuse(_request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("nobody is there")


async def parrot(request: httpx.Request) -> httpx.Response:
    """Answer as some servers do while they are being developed: with all they were asked."""
    return httpx.Response(500, text=str(request.headers.raw))


@pytest.mark.parametrize("answers", [None, refuse, parrot], ids=["taken", "refused", "said back"])
def test_the_backends_key_is_not_written_down(shop: Shop, log: Log, answers: Any) -> None:
    shop.backend.answers = answers
    shop.paid()
    shop.deliver()
    written = log.text()

    assert "relay." in written
    assert leaks(written) == []


def test_the_databases_password_is_not_written_down(log: Log) -> None:
    shop = Shop(f"postgresql://sidecar:{DSN_PASSWORD}@127.0.0.1:1/nothing")
    shop.check()
    shop.register()
    shop.api("GET", "/readyz")
    shop.close()
    written = log.text()

    assert "payme.crash" in written
    assert leaks(written) == []


def test_no_setting_shows_a_secret(shop: Shop) -> None:
    assert leaks(f"{shop.settings!r} {shop.settings} {shop.settings.model_dump_json()} {shop.house!r}") == []


# ── no lines but ours ───────────────────────────────────────────────────────────────────────────────────────────

FALSE_LINE: Final = '{"event": "call", "code": 0, "payme_id": "paid"}'
BREAKS: Final = {
    "CR LF": "\r\n",
    "LF": "\n",
    "CR": "\r",
    "a line separator": "\u2028",
    "a next line": "\x85",
    "a form feed": "\x0c",
    "NUL": "\x00",
    "a terminal's escape": "\x1b[2J",
    "a quote": '"}\\',
}


@pytest.mark.parametrize("end", BREAKS.values(), ids=BREAKS)
def test_nobody_can_write_a_line_of_his_own(shop: Shop, log: Log, end: str) -> None:
    nasty = f"a{end}{FALSE_LINE}"
    params = {"id": nasty, "account": {"order_id": nasty}, "amount": 1, "time": NOON, "reason": 5}
    sent = 0
    for method in ("CreateTransaction", "CheckTransaction", "CheckPerformTransaction", nasty):
        send(shop, json.dumps({"id": nasty, "method": method, "params": params}))
        sent += 1
    for path in ("/{}", "/payment-sessions/{}", "/payment-status/{}", "/payme/?{}"):
        send(shop, path=path.format(quote(nasty)), headers=BACKEND)
        sent += 1
    for body in ({"id": nasty}, {"id": "a", "order_id": nasty}, {"id": "a", "amount": 1, "currency_code": nasty}):
        send(shop, json.dumps(body), path="/payment-sessions", headers=BACKEND)
        sent += 1

    lines = log.text().splitlines()
    assert len(lines) == sent
    assert all(json.loads(line)["logger"] == "sidecar.logs" for line in lines)
    assert all(line.isascii() and line.isprintable() for line in lines)


def test_a_long_path_makes_no_long_line(shop: Shop, log: Log) -> None:
    send(shop, path="/" + "x" * 10_000)
    send(shop, json.dumps({"id": "y" * 10_000, "method": "z" * 10_000, "params": {"id": "x" * 10_000}}))

    assert all(len(line) < 1_000 for line in log.text().splitlines())


# ── crashes ─────────────────────────────────────────────────────────────────────────────────────────────────────


def lose_everything(connection: Connection) -> None:
    for table in ("outbox_message", "payme_fiscal_receipt", "payme_transaction", "payment_session"):
        connection.execute(text(f"DROP TABLE {table}"))


@pytest.mark.parametrize("body", [CALL, CREATE], ids=["a read", "a write"])
def test_a_crash_at_paymes_door_is_told_with_its_cause_under_the_name_of_its_call(
    shop: Shop, log: Log, body: str
) -> None:
    shop.run(shop.house.database.write(lose_everything))
    log.text()
    response = send(shop, body)

    crash, line = log.lines()
    assert (crash["event"], crash["level"], line["event"]) == ("payme.crash", "error", "call")
    assert crash["call"] == line["call"] == response.headers["x-request-id"]
    assert crash["method"] == line["method"]
    assert "payme_transaction" in crash["exception"]
    assert (line["code"], line["status"], line["payme_id"]) == (-32400, 200, "tx1")


def test_a_crash_at_the_other_door_too(shop: Shop, log: Log) -> None:
    shop.run(shop.house.database.write(lose_everything))
    log.text()
    response = shop.register()

    crash, line = log.lines()
    assert (crash["event"], crash["level"], line["event"]) == ("call.crash", "error", "call")
    assert crash["call"] == line["call"] == response.headers["x-request-id"]
    assert "payment_session" in crash["exception"]
    assert (line["status"], line["session_id"]) == (503, SESSION)


def test_a_crash_tells_what_was_asked_of_the_database_but_not_with_which_values(shop: Shop, log: Log) -> None:
    shop.run(shop.house.database.write(lose_everything))
    log.text()
    send(shop, CREATE.replace(SESSION, "an-order-of-somebodys"))
    shop.register("a-session-of-somebodys", amount=123_454_321)

    crashes = [line for line in log.lines() if line["event"].endswith("crash")]
    assert len(crashes) == 2
    assert not any(
        value in json.dumps(crash["exception"]) for crash in crashes for value in ("of-somebodys", "123454321")
    )


def test_the_line_after_a_crash_is_about_its_own_call(shop: Shop, log: Log) -> None:
    shop.run(shop.house.database.write(lose_everything))
    send(shop, CREATE)
    log.text()
    send(shop, verb="GET")

    [line] = log.lines()
    assert (line["code"], line["payme_id"], line["method"]) == (-32300, None, "unread")


def test_of_a_flood_of_wrong_keys_one_line_a_minute_is_written(shop: Shop, log: Log) -> None:
    for _ in range(100):
        send(shop, headers={"authorization": basic("Paycom:wrong")})

    [line] = [line for line in log.lines("call") if line["level"] == "info"]
    assert (line["refused"], line["address"], line["left_out"]) == ("credential", "127.0.0.1", 0)


def test_one_search_for_an_order_finds_what_payme_calls_it(shop: Shop, log: Log) -> None:
    shop.register(SESSION, order_id="order_17")
    log.text()
    shop.create("tx1", order="order_17")

    [line] = log.lines("call")
    assert (line["order_id"], line["payme_id"]) == ("order_17", "tx1")
