"""What Prometheus may read at `/metrics`: counts, never names, amounts or keys."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from sidecar import outbox
from sidecar.clock import SECOND, Millis
from sidecar.database import Database

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.payme_calls = Counter(
            "payme_calls_total",
            "Merchant API calls by method and error code (0 is a result)",
            ["method", "code"],
            registry=self._registry,
        )
        self.payme_seconds = Histogram(
            "payme_call_seconds", "Time to answer a Merchant API call", ["method"], registry=self._registry
        )
        self.deliveries = Counter(
            "backend_deliveries_total",
            "Calls to the commerce backend by topic and outcome",
            ["topic", "outcome"],
            registry=self._registry,
        )
        self.expired = Counter(
            "transactions_expired_total", "Transactions the sweep cancelled", registry=self._registry
        )
        self._waiting = Gauge("outbox_waiting", "Messages the backend has yet to take", registry=self._registry)
        self._parked = Gauge("outbox_parked", "Messages a person must look at", registry=self._registry)
        self._age = Gauge("outbox_oldest_seconds", "Age of the oldest undelivered message", registry=self._registry)

    async def page(self, database: Database, now: Millis) -> bytes:
        backlog = await database.read(outbox.backlog)
        self._waiting.set(backlog.waiting)
        self._parked.set(backlog.parked)
        self._age.set((now - backlog.oldest_time) / SECOND if backlog.oldest_time else 0)
        return generate_latest(self._registry)
