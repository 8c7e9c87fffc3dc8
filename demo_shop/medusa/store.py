"""Medusa as others ask it: a storefront with the publishable key, an accountant with the secret one."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Self

import httpx

from demo_shop.medusa.seed import Seed
from demo_shop.walk import Surprise

PROVIDER: Final = "pp_payme_payme"
ADDRESS: Final = {
    "first_name": "Zulfiya",
    "last_name": "Karimova",
    "address_1": "Navoiy 7",
    "city": "Toshkent",
    "country_code": "uz",
}
BOOKS: Final = (
    "id,display_id,status,payment_status,total,cart.id,"
    "*payment_collections.payments,*payment_collections.payments.captures"
)
PATIENCE: Final = 60.0


@dataclass(frozen=True, slots=True)
class Store:
    shopper: httpx.AsyncClient
    admin: httpx.AsyncClient
    seed: Seed

    @classmethod
    @asynccontextmanager
    async def at(cls, url: str, seed: Seed) -> AsyncIterator[Self]:
        key = {"x-publishable-api-key": seed.publishable_key}
        shopper = httpx.AsyncClient(base_url=url, headers=key, timeout=PATIENCE, trust_env=False)
        admin = httpx.AsyncClient(base_url=url, auth=(seed.secret_key, ""), timeout=PATIENCE, trust_env=False)
        async with shopper, admin:
            yield cls(shopper, admin, seed)

    async def product(self, handle: str) -> dict[str, Any]:
        query = {"handle": handle, "region_id": self.seed.region_id, "fields": "title,*variants.calculated_price"}
        found = await self._get("/store/products", query)
        return sole("product", found["products"])

    async def cart(self, variant_id: str) -> dict[str, Any]:
        wish = {
            "region_id": self.seed.region_id,
            "email": "zulfiya@example.uz",
            "shipping_address": ADDRESS,
            "billing_address": ADDRESS,
            "items": [{"variant_id": variant_id, "quantity": 1}],
        }
        cart = (await self._post("/store/carts", wish))["cart"]
        options = await self._get("/store/shipping-options", {"cart_id": cart["id"]})
        option = {"option_id": options["shipping_options"][0]["id"]}
        filled: dict[str, Any] = (await self._post(f"/store/carts/{cart['id']}/shipping-methods", option))["cart"]
        return filled

    async def providers(self) -> set[str]:
        offered = await self._get("/store/payment-providers", {"region_id": self.seed.region_id})
        return {provider["id"] for provider in offered["payment_providers"]}

    async def session(self, cart_id: str, data: Mapping[str, str]) -> dict[str, Any]:
        """Choose Payme, as the storefront's payment step does."""
        made = await self._post("/store/payment-collections", {"cart_id": cart_id})
        path = f"/store/payment-collections/{made['payment_collection']['id']}/payment-sessions"
        chosen = await self._post(path, {"provider_id": PROVIDER, "data": dict(data)})
        return sole("payment session", chosen["payment_collection"]["payment_sessions"])

    async def complete(self, cart_id: str) -> dict[str, Any]:
        return await self._post(f"/store/carts/{cart_id}/complete", {})

    async def orders(self) -> list[dict[str, Any]]:
        told = httpx.QueryParams({"fields": BOOKS, "limit": 100})
        answer = await self.admin.get("/admin/orders", params=told)
        orders: list[dict[str, Any]] = content(answer)["orders"]
        return orders

    async def _get(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        return content(await self.shopper.get(path, params=dict(query)))

    async def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return content(await self.shopper.post(path, json=dict(body)))


def content(answer: httpx.Response) -> dict[str, Any]:
    if not answer.is_success:
        request = f"{answer.request.method} {answer.request.url.path}"
        raise Surprise(f"Medusa's answer to {request}", "HTTP 200", f"{answer.status_code} {answer.text}")
    read: dict[str, Any] = answer.json()
    return read


def sole(what: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    if len(found) != 1:
        raise Surprise(f"how many of it Medusa has: {what}", 1, len(found))
    return found[0]
