"""The backend of our own shop: it counts news, not messages."""

import asyncio
import base64
import json

import httpx

from benchmarks.shops.payme_sidecar.backend import Backend

KEY = "backend-k3y"
CREDENTIAL = "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()


class Shop:
    def __init__(self) -> None:
        self.registered: list[dict[str, object]] = []
        sidecar = httpx.AsyncClient(transport=httpx.MockTransport(self._register), base_url="http://sidecar")
        self._app = Backend(sidecar, KEY).app()

    def _register(self, request: httpx.Request) -> httpx.Response:
        session = json.loads(request.content)
        if session["amount"] <= 0:
            return httpx.Response(400, json={"message": "amount"})
        self.registered.append(session)
        return httpx.Response(201, json=session)

    def ask(self, verb: str, path: str, document: object = None, **headers: str) -> httpx.Response:
        async def asked() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url="http://shop") as http:
                return await http.request(verb, path, json=document, headers=headers)

        return asyncio.run(asked())

    def tell(self, topic: str, transaction: str = "tx", authorization: str = CREDENTIAL) -> int:
        path = f"/admin/payme/payment-sessions/1/{topic}"
        headers = {"Idempotency-Key": f"{topic}:{transaction}", "Authorization": authorization}
        return self.ask("POST", path, {}, **headers).status_code

    def told(self) -> object:
        return self.ask("GET", "/orders?order_id=1").json()


def opened() -> Shop:
    shop = Shop()
    made = shop.ask("POST", "/orders", {"amount": 5_000_029})
    assert made.status_code == 201
    assert made.json() == {"account": {"order_id": "1"}, "amount": 5_000_029}
    return shop


def test_an_order_is_a_payment_session_of_the_same_amount() -> None:
    assert opened().registered == [{"id": "1", "amount": 5_000_029, "currency_code": "uzs"}]


def test_an_order_that_the_sidecar_does_not_take_is_none() -> None:
    assert Shop().ask("POST", "/orders", {"amount": 0}).status_code == 400


def test_the_same_news_twice_counts_once_and_another_payment_counts_again() -> None:
    shop = opened()

    assert [shop.tell("authorize"), shop.tell("authorize"), shop.tell("authorize", "other")] == [200, 200, 200]
    assert shop.tell("cancel") == 200

    assert shop.told() == {"paid": 2, "cancelled": 1}


def test_what_a_broken_shop_was_told_does_not_count_until_it_works_and_is_told_again() -> None:
    shop = opened()
    shop.ask("POST", "/hook", {"works": False})

    assert shop.tell("authorize") == 503
    assert shop.told() == {"paid": 0, "cancelled": 0}

    shop.ask("POST", "/hook", {"works": True})

    assert shop.tell("authorize") == 200
    assert shop.told() == {"paid": 1, "cancelled": 0}


def test_a_stranger_is_not_listened_to() -> None:
    shop = opened()

    assert shop.tell("authorize", authorization="Basic eDo=") == 401
    assert shop.told() == {"paid": 0, "cancelled": 0}


def test_an_order_that_was_never_made_is_not_found() -> None:
    assert opened().ask("GET", "/orders?order_id=2").status_code == 404
