"""The whole way, from a registered session to an authorized order, and what the house says of its own health."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from starlette.types import Message

from demo_shop.postgres import LocalPostgres
from sidecar import schema
from sidecar.database import Connection
from tests.shop import AMOUNT, BACKEND, NOON, PAYME, SESSION, Shop, code


def test_from_a_registered_session_to_an_authorized_order(shop: Shop) -> None:
    seen: list[tuple[str, str]] = []

    async def medusa(request: httpx.Request) -> httpx.Response:
        """Ask back inside the call, as Medusa's authorizePayment does."""
        back = await shop.ask("POST", f"/payment-sessions/{SESSION}/authorize", headers=BACKEND)
        seen.append((request.headers["idempotency-key"], back.json()["status"]))
        return httpx.Response(200)

    shop.backend.answers = medusa
    assert shop.register().status_code == 201
    assert shop.check_perform() == {"result": {"allow": True}}
    created = shop.create()
    assert shop.create() == created
    performed = shop.perform()
    assert shop.perform() == performed

    assert shop.deliver() == 1
    assert seen == [("authorize:tx1", "captured")]
    assert shop.api("GET", f"/payment-status/{SESSION}").json()["status"] == "captured"


def test_payme_never_waits_for_the_backend(shop: Shop) -> None:
    async def work() -> None:
        asked = asyncio.Event()
        forever = asyncio.Event()

        async def hang(_request: httpx.Request) -> httpx.Response:
            asked.set()
            await forever.wait()
            return httpx.Response(200)

        shop.backend.answers = hang
        stopping = asyncio.Event()
        running = asyncio.create_task(shop.house.relay.run(stopping))
        await shop.ask("POST", "/payment-sessions", json=session, headers=BACKEND)
        await shop.creating()
        assert code(await shop.calling("PerformTransaction", id="tx1")) == 0
        await asked.wait()
        assert code(await shop.calling("CheckTransaction", id="tx1")) == 0
        assert code(await shop.calling("CancelTransaction", id="tx1", reason=5)) == 0
        forever.set()
        stopping.set()
        shop.house.relay.wake()
        await running

    session = {"id": SESSION, "amount": AMOUNT, "currency_code": "uzs"}
    shop.run(work())


@pytest.mark.parametrize("path", ["/payme", "/payme/"])
@pytest.mark.parametrize("verb", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_every_verb_at_paymes_door_gets_http_200_and_no_redirect(shop: Shop, verb: str, path: str) -> None:
    response = shop.run(shop.ask(verb, path))

    assert response.status_code == 200
    assert response.json()["error"]["code"] == -32300
    assert response.json()["id"] is None


def test_a_head_at_paymes_door_is_http_200_without_a_body(shop: Shop) -> None:
    response = shop.run(shop.ask("HEAD", "/payme"))

    assert (response.status_code, response.content) == (200, b"")


def test_a_crash_is_told_to_payme_as_ask_again_and_to_the_backend_as_503(shop: Shop) -> None:
    shop.paid()
    shop.run(shop.house.database.write(drop))

    reply = shop.post(json.dumps({"id": 77, "method": "CheckTransaction", "params": {"id": "tx1"}}))
    assert (reply["id"], reply["error"]["code"]) == (77, -32400)
    response = shop.api("GET", f"/payment-sessions/{SESSION}")
    assert response.status_code == 503
    assert set(response.json()) == {"type", "code", "message"}


def drop(connection: Connection) -> None:
    connection.execute(text("DROP TABLE payme_fiscal_receipt"))
    connection.execute(text("DROP TABLE payme_transaction"))


def test_a_caller_who_hangs_up_in_the_middle_of_a_body_leaves_no_trace(shop: Shop) -> None:
    sent: list[Message] = []
    pieces: list[Message] = [
        {"type": "http.request", "body": b'{"id":1,', "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return pieces.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(name.encode(), value.encode()) for name, value in PAYME.items()]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/payme",
        "headers": headers,
        "query_string": b"",
        "client": None,
    }
    shop.run(shop.app(scope, receive, send))

    assert sent == []


# ── health ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_migrated_database_is_ready(shop: Shop) -> None:
    assert shop.api("GET", "/healthz").json() == {"status": "ok"}
    assert shop.api("GET", "/readyz").json() == {"status": "ready"}


def test_sqlite_is_migrated_by_the_start_itself(tmp_path: Path) -> None:
    shop = Shop(f"sqlite:///{tmp_path}/new.db")

    assert shop.api("GET", "/readyz").status_code == 200
    shop.close()


def test_an_unmigrated_postgresql_is_left_alone_and_not_ready(postgres_server: LocalPostgres) -> None:
    postgres_server.create_database("unmigrated")
    shop = Shop(postgres_server.url("unmigrated"))

    response = shop.api("GET", "/readyz")
    assert response.status_code == 503
    assert "payme-sidecar migrate" in response.json()["message"]
    assert shop.api("GET", "/healthz").status_code == 200
    shop.run(shop.house.database.alter(schema.migrate))
    assert shop.api("GET", "/readyz").status_code == 200
    shop.close()


def test_a_database_that_is_away_leaves_the_process_alive_and_not_ready() -> None:
    shop = Shop("postgresql://nobody@127.0.0.1:1/nothing")

    assert shop.api("GET", "/healthz").status_code == 200
    assert shop.api("GET", "/readyz").status_code == 503
    assert code(shop.check()) == -32400
    assert shop.api("GET", f"/payment-sessions/{SESSION}").status_code == 503
    shop.close()


def test_the_metrics_count_calls_and_show_what_waits(shop: Shop) -> None:
    shop.backend.status = 404
    shop.paid()
    shop.deliver()
    shop.clock.advance(90_000)
    shop.paid("payses_02", "tx2")
    page = shop.api("GET", "/metrics").text.splitlines()

    assert 'payme_calls_total{code="0",method="PerformTransaction"} 2.0' in page
    assert 'backend_deliveries_total{outcome="refused",topic="authorize"} 1.0' in page
    assert "outbox_waiting 1.0" in page
    assert "outbox_parked 1.0" in page
    assert "outbox_oldest_seconds 90.0" in page


def test_the_clock_of_the_house_is_the_one_it_was_given(shop: Shop) -> None:
    assert shop.register().json()["created_time"] == NOON
