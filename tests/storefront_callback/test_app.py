"""The shopper's door, with a sidecar that is a function from request to response."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, get_args

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from storefront_callback.app import create_app
from storefront_callback.settings import Settings
from storefront_callback.status import OUTCOMES, STATES, Patience, State, Status

REVIEW = "https://shop.uz/ru/uz/checkout?step=review&payment="
PATIENCE = Patience(total=0.5, ask=0.1, pause=0.01, pause_max=0.02)
LONG = replace(PATIENCE, total=30)  # for visits that end by themselves, however busy the machine
SHORT = replace(PATIENCE, total=0.05)


def settings() -> Settings:
    return Settings(storefront_url="https://shop.uz", sidecar_url="http://sidecar:8700/below")


class Sidecar:
    """Answers each question with the next word of its script, and with the last one from then on."""

    def __init__(self, *script: httpx.Response | Exception) -> None:
        self.script = list(script)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        word = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(word, Exception):
            raise word
        return word


def told(status: str, state: int | None = None, order_id: str = "order-1", **more: Any) -> httpx.Response:
    answer = {"order_id": order_id, "status": status, "transaction_state": state, **more}
    return httpx.Response(200, json=answer)


async def call(
    sidecar: Any,
    path: str = "/payme-callback?order_id=order-1",
    *,
    method: str = "GET",
    patience: Patience = PATIENCE,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    app = create_app(settings(), transport=httpx.MockTransport(sidecar), patience=patience)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://callback") as shopper:
        return await shopper.request(method, path, headers=headers)


def visit(
    sidecar: Any, path: str = "/payme-callback?order_id=order-1", *, patience: Patience = PATIENCE
) -> httpx.Response:
    return asyncio.run(call(sidecar, path, patience=patience))


def landed(response: httpx.Response) -> str:
    assert response.status_code == 303
    return response.headers["location"]


CELLS = [(status, state) for status in get_args(Status) for state in STATES]


def test_the_table_has_a_cell_for_every_status_and_state() -> None:
    assert set(OUTCOMES) == set(get_args(Status))
    assert set(STATES) == {None, *get_args(State)}
    assert all(set(row) == set(STATES) for row in OUTCOMES.values())


@pytest.mark.parametrize(("status", "state"), CELLS)
def test_the_shopper_hears_what_the_table_says(status: Status, state: State | None) -> None:
    assert landed(visit(Sidecar(told(status, state)))) == REVIEW + OUTCOMES[status][state]


@pytest.mark.parametrize(
    ("status", "state", "payment"),
    [
        ("captured", 2, "success"),
        ("pending", None, "pending"),
        ("pending", 1, "pending"),
        ("pending", -1, "canceled"),
        ("canceled", None, "canceled"),
        ("canceled", 1, "canceled"),
        ("canceled", -2, "canceled"),
    ],
)
def test_the_table_says_what_the_contract_says(status: str, state: int | None, payment: str) -> None:
    assert landed(visit(Sidecar(told(status, state)))) == REVIEW + payment


def test_members_added_to_the_answer_later_are_overlooked() -> None:
    assert landed(visit(Sidecar(told("captured", 2, amount=100)))) == REVIEW + "success"


def test_the_sidecar_is_asked_at_its_address_for_this_order() -> None:
    sidecar = Sidecar(told("captured", 2, order_id="payses_01J:a.b-c"))

    visit(sidecar, "/payme-callback?order_id=payses_01J:a.b-c")

    assert [str(request.url) for request in sidecar.asked] == [
        "http://sidecar:8700/below/payment-status/payses_01J:a.b-c"
    ]


def test_locale_and_country_come_from_the_shopper() -> None:
    response = visit(Sidecar(told("captured", 2)), "/payme-callback?order_id=order-1&locale=en-GB&country_code=kz")

    assert landed(response) == "https://shop.uz/en-GB/kz/checkout?step=review&payment=success"


@pytest.mark.parametrize("hints", ["status=success&payment=success", "transaction_id=1&state=2", "url=//evil.example"])
def test_no_hint_is_believed(hints: str) -> None:
    response = visit(Sidecar(told("canceled", -1)), f"/payme-callback?{hints}&order_id=order-1&{hints}")

    assert landed(response) == REVIEW + "canceled"


def test_of_a_word_given_twice_the_first_counts() -> None:
    sidecar = Sidecar(told("captured", 2))

    response = visit(sidecar, "/payme-callback?order_id=order-1&locale=//evil&order_id=order-2&locale=uz")

    assert landed(response) == REVIEW + "success"
    assert [request.url.path for request in sidecar.asked] == ["/below/payment-status/order-1"]


# --- orders nobody knows


def test_an_unknown_order_has_failed_and_is_asked_about_once() -> None:
    sidecar = Sidecar(httpx.Response(404, json={"type": "not_found"}))

    assert landed(visit(sidecar)) == REVIEW + "failed"
    assert len(sidecar.asked) == 1


@pytest.mark.parametrize(
    "order_id",
    [
        "",
        "%20",
        "-a",
        ".",
        "..",
        "../healthz",
        "a/b",
        "a%2Fb",
        "a%00",
        "a%0A",
        "order-1%0D%0A",
        "a?b",
        "a%23",
        "%D1%83",
        "%FF",
        "a" * 129,
        "http://evil.example/",
    ],
)
def test_an_order_of_an_impossible_shape_has_failed_and_nobody_is_asked(order_id: str) -> None:
    sidecar = Sidecar(told("captured", 2))

    assert landed(visit(sidecar, f"/payme-callback?order_id={order_id}")) == REVIEW + "failed"
    assert sidecar.asked == []


@pytest.mark.parametrize("path", ["/payme-callback", "/payme-callback?", "/payme-callback?status=success"])
def test_no_order_at_all_has_failed(path: str) -> None:
    assert landed(visit(Sidecar(told("captured", 2)), path)) == REVIEW + "failed"


def test_the_longest_order_is_asked_about() -> None:
    order_id = "a" * 128

    response = visit(Sidecar(told("captured", 2, order_id=order_id)), f"/payme-callback?order_id={order_id}")

    assert landed(response) == REVIEW + "success"


# --- waiting


def test_a_payment_performed_while_we_wait_is_a_success() -> None:
    sidecar = Sidecar(told("pending"), told("pending", 1), told("captured", 2))

    assert landed(visit(sidecar, patience=LONG)) == REVIEW + "success"
    assert len(sidecar.asked) == 3


def test_a_transaction_cancelled_while_we_wait_ends_the_waiting() -> None:
    sidecar = Sidecar(told("pending", 1), told("pending", -1))

    assert landed(visit(sidecar, patience=LONG)) == REVIEW + "canceled"
    assert len(sidecar.asked) == 2


@pytest.mark.parametrize("answer", [told("captured", 2), told("canceled"), told("pending", -1), told("pending", -2)])
def test_nobody_waits_for_what_is_decided(answer: httpx.Response) -> None:
    sidecar = Sidecar(answer)

    visit(sidecar, patience=LONG)

    assert len(sidecar.asked) == 1


def test_a_sidecar_that_comes_back_while_we_wait_is_heard() -> None:
    sidecar = Sidecar(httpx.ConnectError("refused"), httpx.Response(503), told("captured", 2))

    assert landed(visit(sidecar, patience=LONG)) == REVIEW + "success"


def test_the_waiting_ends_with_our_patience() -> None:
    sidecar = Sidecar(told("pending", 1))
    started = time.monotonic()

    response = visit(sidecar)

    assert landed(response) == REVIEW + "pending"
    assert 0.4 < time.monotonic() - started < 5
    assert len(sidecar.asked) > 2


def test_a_shopper_waits_five_seconds_unless_told_otherwise() -> None:
    assert Patience().total == 5.0


# --- a sidecar in trouble


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(503, json={"type": "unexpected_state"}),
        httpx.Response(400),
        httpx.Response(401),
        httpx.Response(204),
        httpx.Response(302, headers={"Location": "http://sidecar:8700/payment-status/order-1"}),
        httpx.Response(200, text="<html>captured</html>"),
        httpx.Response(200, content=b""),
        httpx.Response(200, content=b"\xff\xfe"),
        httpx.Response(200, content=b"[" * 100_000),
        httpx.Response(200, content=b'{"order_id":"order-1","status":"capt'),
        httpx.Response(200, json="captured"),
        httpx.Response(200, json=None),
        httpx.Response(200, json=["captured"]),
        httpx.Response(200, json={"order_id": "order-1", "status": "captured"}),
        httpx.Response(200, json={"order_id": "order-1", "transaction_state": 2}),
        httpx.Response(200, json={"status": "captured", "transaction_state": 2}),
        httpx.Response(200, json={"order_id": "order-1", "status": ["captured"], "transaction_state": 2}),
        told("captured", 2, order_id="order-2"),
        told("paid", 2),
        told("CAPTURED", 2),
        told("captured", 3),
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("slow"),
        httpx.ReadTimeout("slow"),
        httpx.PoolTimeout("busy"),
        httpx.RemoteProtocolError("hung up"),
        httpx.DecodingError("not gzip"),
        RuntimeError("our own fault"),
        OSError("too many open files"),
        ExceptionGroup("several", [ValueError("one")]),
    ],
    ids=repr,
)
def test_what_we_could_not_learn_is_pending(answer: httpx.Response | Exception) -> None:
    assert landed(visit(Sidecar(answer), patience=SHORT)) == REVIEW + "pending"


def test_a_sidecar_that_never_answers_costs_no_more_than_our_patience() -> None:
    async def hang(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(3600)
        raise AssertionError

    started = time.monotonic()

    assert landed(visit(hang)) == REVIEW + "pending"
    assert time.monotonic() - started < 5


def test_an_answer_that_trickles_in_costs_no_more_than_our_patience() -> None:
    class Trickle(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                yield b" "
                await asyncio.sleep(0.01)

    started = time.monotonic()

    assert landed(visit(lambda _: httpx.Response(200, stream=Trickle()))) == REVIEW + "pending"
    assert time.monotonic() - started < 5


def test_each_question_has_a_time_limit_of_its_own() -> None:
    sidecar = Sidecar(told("captured", 2))

    visit(sidecar)

    assert sidecar.asked[0].extensions["timeout"] == {"connect": 0.1, "read": 0.1, "write": 0.1, "pool": 0.1}


def test_shoppers_wait_side_by_side() -> None:
    async def crowd() -> list[httpx.Response]:
        app = create_app(settings(), transport=httpx.MockTransport(Sidecar(told("pending"))), patience=PATIENCE)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://callback") as shoppers:
            return await asyncio.gather(*(shoppers.get("/payme-callback?order_id=order-1") for _ in range(20)))

    started = time.monotonic()
    answers = asyncio.run(crowd())

    assert {landed(answer) for answer in answers} == {REVIEW + "pending"}
    assert time.monotonic() - started < 5


# --- the door itself


def test_the_answer_is_kept_in_no_cache() -> None:
    assert visit(Sidecar(told("captured", 2))).headers["cache-control"] == "no-store"


def test_a_slash_at_the_end_is_the_same_door_and_not_a_redirect_to_the_host_of_the_request() -> None:
    response = asyncio.run(
        call(Sidecar(told("captured", 2)), "/payme-callback/?order_id=order-1", headers={"Host": "evil.example"})
    )

    assert landed(response) == REVIEW + "success"


@pytest.mark.parametrize("path", ["/", "/payme-callback/x", "/payme-callback//", "/healthz/", "/payme"])
def test_an_unknown_path_is_not_found_in_json(path: str) -> None:
    response = visit(Sidecar(told("captured", 2)), path)

    assert (response.status_code, response.json()["type"]) == (404, "not_found")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_verbs_are_refused_and_nobody_is_asked(method: str) -> None:
    sidecar = Sidecar(told("captured", 2))

    response = asyncio.run(call(sidecar, method=method))

    assert (response.status_code, response.json()["type"]) == (405, "method_not_allowed")
    assert sidecar.asked == []


def test_head_is_answered_like_get() -> None:
    assert landed(asyncio.run(call(Sidecar(told("captured", 2)), method="HEAD"))) == REVIEW + "success"


def test_it_is_healthy_without_the_sidecar() -> None:
    response = visit(Sidecar(httpx.ConnectError("refused")), "/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_one_line_tells_of_the_visit_and_never_what_an_unchecked_word_said() -> None:
    with capture_logs() as lines:
        visit(Sidecar(told("captured", 2)))
        visit(Sidecar(told("captured", 2)), "/payme-callback?order_id=a%0Ab&locale=%0A")

    assert [(line["event"], line["order_id"], line["outcome"]) for line in lines] == [
        ("callback", "order-1", "success"),
        ("callback", None, "failed"),
    ]
    assert all(line["ms"] >= 0 for line in lines)


def test_our_own_fault_is_logged_and_not_shown() -> None:
    with capture_logs() as lines:
        response = visit(Sidecar(RuntimeError("our own fault")))

    assert landed(response) == REVIEW + "pending"
    assert [(line["event"], line["log_level"]) for line in lines] == [("callback.crash", "error"), ("callback", "info")]


def test_a_sidecar_that_stays_silent_is_logged_once_with_the_reason() -> None:
    with capture_logs() as lines:
        # No second question fits into the half minute, so this ends at once, on a slow machine too.
        visit(Sidecar(httpx.ConnectError("refused")), patience=replace(PATIENCE, total=30, pause=60, pause_max=60))

    assert [line["reason"] for line in lines if line["event"] == "sidecar.no_answer"] == ["ConnectError('refused')"]


def test_a_silence_that_passed_is_not_worth_a_line() -> None:
    with capture_logs() as lines:
        visit(Sidecar(httpx.ConnectError("refused"), told("captured", 2)), patience=LONG)

    assert [line["event"] for line in lines] == ["callback"]


def test_the_sidecar_next_door_is_asked_without_the_proxy_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    answer = b'{"order_id":"order-1","status":"captured","transaction_state":2}'

    async def sidecar(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer)
        writer.close()

    async def visited() -> httpx.Response:
        async with await asyncio.start_server(sidecar, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            app = create_app(settings().model_copy(update={"sidecar_url": f"http://127.0.0.1:{port}"}))
            async with (
                app.router.lifespan_context(app),
                httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://callback") as shopper,
            ):
                return await shopper.get("/payme-callback?order_id=order-1")

    assert landed(asyncio.run(visited())) == REVIEW + "success"


def test_the_settings_come_from_the_environment_when_none_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOREFRONT_URL", "https://from-the-environment.uz")
    monkeypatch.setenv("STOREFRONT_REVIEW_PATH", "/done")

    async def visited() -> httpx.Response:
        app = create_app(transport=httpx.MockTransport(Sidecar(told("captured", 2))))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://callback") as shopper:
            return await shopper.get("/payme-callback?order_id=order-1")

    assert landed(asyncio.run(visited())) == "https://from-the-environment.uz/done?payment=success"


def test_leaving_closes_the_way_to_the_sidecar() -> None:
    closed: list[str] = []

    class Way(httpx.MockTransport):
        async def aclose(self) -> None:
            closed.append("closed")

    app = create_app(settings(), transport=Way(Sidecar(told("pending"))))

    async def live() -> None:
        async with app.router.lifespan_context(app):
            assert closed == []

    asyncio.run(live())

    assert closed == ["closed"]


WORDS = st.text() | st.from_regex(r"[a-z]{2}(-[A-Z]{2})?\n?") | st.sampled_from(["//evil.example", "ru\r\nX: y", ".."])
NAMES = st.sampled_from(["order_id", "locale", "country_code", "status", "url", "payment"]) | st.text()


@given(st.lists(st.tuples(NAMES, WORDS.map(lambda word: word.encode(errors="replace")))))
def test_no_query_whatsoever_leads_away_from_the_storefront(query: list[tuple[str, bytes]]) -> None:
    pairs = [(name.encode(errors="replace").decode(), word.decode()) for name, word in query]
    path = str(httpx.URL("/payme-callback", params=pairs))

    location = landed(visit(Sidecar(httpx.Response(404)), path))

    assert location.startswith("https://shop.uz/")
    assert location.endswith("/checkout?step=review&payment=failed")
    assert not {"\r", "\n"} & set(location)
