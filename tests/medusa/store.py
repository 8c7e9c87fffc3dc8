"""A shop that runs Medusa, from outside: what a storefront asks of it, what an admin does to it, what its books say."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import httpx

PAYME: Final = "pp_payme_payme"
OTHER: Final = "pp_system_default"
ADDRESS: Final = {
    "first_name": "Zulfiya",
    "last_name": "Karimova",
    "address_1": "Navoiy 7",
    "city": "Toshkent",
    "country_code": "uz",
}
PATIENCE: Final = 60.0
BOOKS: Final = (
    "+payment_collections.payments.*,+payment_collections.payments.captures.*,+payment_collections.payments.refunds.*"
)


@dataclass(frozen=True, slots=True)
class Seeded:
    """What the seed has made and left behind in its file."""

    publishable_key: str
    secret_key: str
    region: str
    sales_channel: str
    location: str
    variants: dict[str, str]
    inventory_items: dict[str, str]

    @classmethod
    def read(cls, made: dict[str, Any]) -> "Seeded":
        return cls(
            made["publishableKey"],
            made["secretKey"],
            made["regionId"],
            made["salesChannelId"],
            made["locationId"],
            made["variants"],
            made["inventoryItems"],
        )


class Books(NamedTuple):
    """What Medusa's books say of an order: one of each is what a performed payment must come to."""

    status: str
    payment_status: str
    payments: int
    captures: list[float]
    refunds: list[float]
    transactions: list[float]


class Store:
    """The store API and the admin API of a real Medusa."""

    def __init__(self, url: str, seeded: Seeded) -> None:
        self.url = url
        self.seeded = seeded
        patience = httpx.Timeout(PATIENCE)
        limits = httpx.Limits(max_keepalive_connections=0)  # the process at the other end comes and goes
        key = base64.b64encode(f"{seeded.secret_key}:".encode()).decode()
        self._store = httpx.Client(
            base_url=f"{url}/store",
            headers={"x-publishable-api-key": seeded.publishable_key},
            timeout=patience,
            limits=limits,
            trust_env=False,
        )
        self._admin = httpx.Client(
            base_url=f"{url}/admin",
            headers={"Authorization": f"Basic {key}"},
            timeout=patience,
            limits=limits,
            trust_env=False,
        )

    def close(self) -> None:
        self._store.close()
        self._admin.close()

    # What a storefront does.

    def cart(self, handle: str = "tea-set", quantity: int = 1) -> str:
        """Fill a cart up to the delivery, as checkouts do; its id."""
        made = self._done(
            self._store.post(
                "/carts",
                json={
                    "region_id": self.seeded.region,
                    "sales_channel_id": self.seeded.sales_channel,
                    "email": "zulfiya@example.uz",
                    "shipping_address": ADDRESS,
                    "billing_address": ADDRESS,
                    "items": [{"variant_id": self.seeded.variants[handle], "quantity": quantity}],
                },
            )
        )
        cart = str(made["cart"]["id"])
        [option, *_] = self.shipping_options(cart)
        self._done(self._store.post(f"/carts/{cart}/shipping-methods", json={"option_id": option["id"]}))
        return cart

    def shipping_options(self, cart: str) -> list[dict[str, Any]]:
        read = self._done(self._store.get("/shipping-options", params={"cart_id": cart}))
        return list(read["shipping_options"])

    def deliver(self, cart: str, option: str) -> None:
        self._done(self._store.post(f"/carts/{cart}/shipping-methods", json={"option_id": option}))

    def promote(self, cart: str, code: str) -> None:
        self._done(self._store.post(f"/carts/{cart}/promotions", json={"promo_codes": [code]}))

    def choose(self, cart: str, provider: str = PAYME, **data: Any) -> httpx.Response:
        """Choose how to pay; the answer as it came."""
        body = {"provider_id": provider, "data": data}
        return self._store.post(f"/payment-collections/{self.collection(cart)}/payment-sessions", json=body)

    def collection(self, cart: str) -> str:
        made = self._done(self._store.post("/payment-collections", json={"cart_id": cart}))
        return str(made["payment_collection"]["id"])

    def session(self, cart: str, **data: Any) -> dict[str, Any]:
        """Choose Payme; the payment session."""
        sessions = self._done(self.choose(cart, **data))["payment_collection"]["payment_sessions"]
        found: dict[str, Any] = next(session for session in sessions if session["provider_id"] == PAYME)
        return found

    def add(self, cart: str, handle: str = "tea-set", quantity: int = 1) -> httpx.Response:
        body = {"variant_id": self.seeded.variants[handle], "quantity": quantity}
        return self._store.post(f"/carts/{cart}/line-items", json=body)

    def update(self, cart: str, **changes: Any) -> httpx.Response:
        return self._store.post(f"/carts/{cart}", json=changes)

    def complete(self, cart: str) -> httpx.Response:
        return self._store.post(f"/carts/{cart}/complete")

    def read_cart(self, cart: str) -> dict[str, Any]:
        read: dict[str, Any] = self._done(self._store.get(f"/carts/{cart}"))["cart"]
        return read

    # What an admin does, and what the sidecar does with an admin's key.

    def ask(self, session: str, verb: str, **told: Any) -> httpx.Response:
        return self._admin.post(f"/payme/payment-sessions/{session}/{verb}", json=told)

    def listed_payments(self, **query: str | int) -> httpx.Response:
        return self._admin.get("/payme/payments", params=query)

    def account(self, session: str) -> dict[str, Any]:
        """What the sidecar knows of a payment now."""
        return self._done(self.ask_account(session))

    def ask_account(self, session: str) -> httpx.Response:
        return self._admin.get(f"/payme/payment-sessions/{session}")

    def cancel_order(self, order: str) -> httpx.Response:
        return self._admin.post(f"/orders/{order}/cancel")

    def refund(self, payment: str, **wish: Any) -> httpx.Response:
        return self._admin.post(f"/payments/{payment}/refund", json=wish)

    def fulfill(self, order: str) -> None:
        items = self.order(order)["items"]
        body = {"items": [{"id": item["id"], "quantity": item["quantity"]} for item in items]}
        self._done(self._admin.post(f"/orders/{order}/fulfillments", json=body))

    @contextmanager
    def courier(self, price: float) -> Iterator[str]:
        """Offer a delivery that costs something, for as long as the block lasts; its id."""
        [like, *_] = self._done(self._admin.get("/shipping-options"))["shipping_options"]
        body = {name: like[name] for name in ("service_zone_id", "shipping_profile_id", "provider_id")} | {
            "name": "Courier",
            "price_type": "flat",
            "type": {"label": "Courier", "description": "Courier", "code": "courier"},
            "prices": [{"currency_code": "uzs", "amount": price}],
        }
        option = self._done(self._admin.post("/shipping-options", json=body))["shipping_option"]["id"]
        try:
            yield str(option)
        finally:
            self._done(self._admin.delete(f"/shipping-options/{option}"))

    def promotion(self, code: str, percent: float) -> None:
        """Let a code take so much off every good."""
        method = {"type": "percentage", "value": percent, "target_type": "items", "allocation": "across"}
        body = {"code": code, "type": "standard", "status": "active", "application_method": method}
        self._done(self._admin.post("/promotions", json=body))

    def describe(self, handle: str, metadata: dict[str, Any]) -> None:
        """Write a variant's metadata, as an admin does."""
        variant = self.seeded.variants[handle]
        [product] = [it["id"] for it in self._done(self._admin.get("/products", params={"handle": handle}))["products"]]
        self._done(self._admin.post(f"/products/{product}/variants/{variant}", json={"metadata": metadata}))

    def stock(self, handle: str, quantity: int) -> None:
        """Set how many there are; what is reserved stays reserved."""
        item = self.seeded.inventory_items[handle]
        body = {"stocked_quantity": quantity}
        self._done(self._admin.post(f"/inventory-items/{item}/location-levels/{self.seeded.location}", json=body))

    def reserved(self, handle: str) -> int:
        levels = self._done(self._admin.get(f"/inventory-items/{self.seeded.inventory_items[handle]}/location-levels"))
        return int(levels["inventory_levels"][0]["reserved_quantity"])

    # What the books say.

    def orders_of(self, cart: str) -> list[str]:
        query: dict[str, str | int] = {"limit": 1000, "fields": "id,cart.id"}
        orders = self._done(self._admin.get("/orders", params=query))["orders"]
        return [order["id"] for order in orders if (order.get("cart") or {}).get("id") == cart]

    def order(self, order: str) -> dict[str, Any]:
        read: dict[str, Any] = self._done(
            self._admin.get(f"/orders/{order}", params={"fields": BOOKS + ",*transactions"})
        )
        return dict(read["order"])

    def payments(self, order: str) -> list[dict[str, Any]]:
        return [
            payment for collection in self.order(order)["payment_collections"] for payment in collection["payments"]
        ]

    def books(self, order: str) -> Books:
        read = self.order(order)
        payments = [payment for collection in read["payment_collections"] for payment in collection["payments"]]
        return Books(
            status=read["status"],
            payment_status=read["payment_status"],
            payments=len(payments),
            captures=[capture["amount"] for payment in payments for capture in payment["captures"]],
            refunds=[refund["amount"] for payment in payments for refund in payment["refunds"]],
            transactions=sorted(transaction["amount"] for transaction in read["transactions"]),
        )

    @staticmethod
    def _done(answer: httpx.Response) -> dict[str, Any]:
        assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
        read: dict[str, Any] = answer.json()
        return read
