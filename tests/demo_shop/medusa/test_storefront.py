"""The built storefront as it is served: files, a configuration, and one page for every other address."""

import asyncio
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from demo_shop.medusa.storefront import application, config

TOLD = config("http://127.0.0.1:8704", "pk_1", "http://127.0.0.1:8700", "http://127.0.0.1:8703")


class Visitor:
    def __init__(self, app: Starlette) -> None:
        self._app = app

    def get(self, path: str) -> httpx.Response:
        return asyncio.run(self._ask("GET", path))

    def post(self, path: str) -> httpx.Response:
        return asyncio.run(self._ask("POST", path))

    async def _ask(self, method: str, path: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url="http://shop.test") as http:
            return await http.request(method, path)


@pytest.fixture
def visitor(tmp_path: Path) -> Visitor:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<title>the shop</title>")
    (dist / "assets/index.js").write_text("the program")
    (tmp_path / "secret").write_text("not yours")
    return Visitor(application(dist, TOLD))


def test_the_page_is_told_where_everybody_lives_and_no_secret(visitor: Visitor) -> None:
    told = visitor.get("/config.json")

    assert told.json() == {
        "backendUrl": "http://127.0.0.1:8704",
        "publishableKey": "pk_1",
        "statusUrl": "http://127.0.0.1:8700",
        "cabinetUrl": "http://127.0.0.1:8703",
    }
    assert told.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/", "/uz/uz", "/uz/uz/checkout?step=review&payment=success", "/uz/uz/order/1/confirmed"]
)
def test_every_address_of_the_page_is_the_page(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path)

    assert answer.status_code == 200
    assert "the shop" in answer.text
    assert answer.headers["cache-control"] == "no-cache"


def test_a_file_is_that_file(visitor: Visitor) -> None:
    assert visitor.get("/assets/index.js").text == "the program"


@pytest.mark.parametrize("path", ["/../secret", "/%2e%2e/secret", "/assets/..%2f..%2fsecret"])
def test_nothing_outside_the_folder_is_served(visitor: Visitor, path: str) -> None:
    assert "not yours" not in visitor.get(path).text


def test_only_reading_is_possible(visitor: Visitor) -> None:
    assert visitor.post("/uz/uz").status_code == 405
