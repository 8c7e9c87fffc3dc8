"""The doctor's question to the backend, put to a real Medusa: it refuses it, and which refusal says what is wrong."""

import asyncio

import httpx
import pytest
from pydantic import SecretStr

from sidecar.clock import system_clock
from sidecar.doctor import backend
from sidecar.doctor.finding import Finding, Grade
from tests.medusa.house import House
from tests.shop import settings


def asked(house: House, key: str, path: str = "") -> list[Finding]:
    given = settings(
        "sqlite:///none.db",
        commerce_backend_url=f"{house.store.url}{path}",
        commerce_backend_key=SecretStr(key),
    )

    async def visit() -> list[Finding]:
        async with httpx.AsyncClient(trust_env=False) as client:
            return await backend.visit(given, client, system_clock)

    return asyncio.run(visit())


@pytest.fixture
def key(house: House) -> str:
    return house.store.seeded.secret_key


def test_medusa_takes_our_key_and_tells_the_time(house: House, key: str) -> None:
    assert [it.grade for it in asked(house, key)] == [Grade.GOOD, Grade.GOOD]


def test_medusa_refuses_another_key(house: House) -> None:
    assert asked(house, "sk_of_somebody_else")[0].found == "the backend refuses COMMERCE_BACKEND_KEY"


def test_a_path_where_there_is_no_plugin_is_named(house: House, key: str) -> None:
    assert asked(house, key, "/elsewhere")[0].found == "the backend answers, but has no page /admin/payme/…"
