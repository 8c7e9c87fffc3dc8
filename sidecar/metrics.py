"""What Prometheus may read at `/metrics`: counts, never names, amounts or keys."""

import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, generate_latest

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

CALL_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
DELIVERY_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30)
WAIT_BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 60, 300, 900, 3600, 6 * 3600, 24 * 3600)

# What is found out when the page is asked for. What cannot be found out is left out.
STATE: Final = {
    "database_up": "1 when the database answered just now",
    "database_schema_current": "1 when its schema is the one this version needs",
    "database_read_only": "1 when it takes no writes",
    "database_connections_in_use": "Connections of this process that are at work",
    "clock_offset_seconds": "How far this process's clock is ahead of the database's",
    "event_loop_lag_seconds": "The longest the event loop was late since the page was last read",
    "outbox_waiting": "Messages the backend has yet to take",
    "outbox_parked": "Messages a person must look at",
    "outbox_oldest_seconds": "Age of the oldest undelivered message",
    "outbox_waiting_oldest_seconds": "Age of the oldest message that waits",
    "outbox_parked_oldest_seconds": "Age of the oldest message that is parked",
}


class Metrics:
    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        Info("payme_sidecar_build", "What runs here", registry=self._registry).info(
            {"version": version("payme-sidecar"), "python": platform.python_version()}
        )
        self.payme_calls = self._counter(
            "payme_calls_total", "Merchant API calls by method and error code (0 is a result)", "method", "code"
        )
        self.payme_seconds = self._histogram(
            "payme_call_seconds", "Time to answer a Merchant API call", CALL_BUCKETS, "method"
        )
        self.responses = self._counter("http_responses_total", "Answers of every route by HTTP status", "status")
        self.keys_shown = self._counter(
            "keys_shown_total",
            "Calls let in by door and by which key they showed: current, previous or test",
            "door",
            "key",
        )
        self.callers_refused = self._counter(
            "callers_refused_total",
            "Calls turned away by door and reason: a wrong credential or a wrong address",
            "door",
            "reason",
        )
        self.deliveries = self._counter(
            "backend_deliveries_total", "Calls to the commerce backend by topic and outcome", "topic", "outcome"
        )
        self.delivery_seconds = self._histogram(
            "backend_delivery_seconds", "Time of one call to the commerce backend", DELIVERY_BUCKETS, "topic"
        )
        self.delivered_after = self._histogram(
            "outbox_delivered_after_seconds", "Time from Payme's call to the backend's 2xx", WAIT_BUCKETS, "topic"
        )
        self.relay_claimed = self._gauge(
            "relay_last_claim_timestamp_seconds", "When the relay last asked the outbox and was answered"
        )
        self.expired = self._counter("transactions_expired_total", "Transactions the sweep cancelled")
        self.sweep_runs = self._counter("sweep_runs_total", "Sweeps by outcome: done, failed or refused", "outcome")
        self.swept = self._gauge("sweep_last_success_timestamp_seconds", "When a sweep last came to its end")
        self.database_errors = self._counter(
            "database_errors_total", "Errors of the database by kind, retries that went well left out", "kind"
        )
        self.journal_written = self._counter("journal_written_total", "Notes of the journal that were written down")
        self.journal_dropped = self._counter(
            "journal_dropped_total", "Notes of the journal that were lost, the database having been away for too long"
        )

    def database_failed(self, kind: str) -> None:
        self.database_errors.labels(kind).inc()

    def responded(self, status: int) -> None:
        self.responses.labels(status).inc()

    def page(self, state: Mapping[str, float]) -> bytes:
        """Write what was counted here, and the state that was found just now."""
        found = CollectorRegistry()
        for name, value in state.items():
            Gauge(name, STATE[name], registry=found).set(value)
        return generate_latest(self._registry) + generate_latest(found)

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(name, meaning, labels, registry=self._registry)

    def _gauge(self, name: str, meaning: str) -> Gauge:
        return Gauge(name, meaning, registry=self._registry)

    def _histogram(self, name: str, meaning: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(name, meaning, labels, buckets=buckets, registry=self._registry)
