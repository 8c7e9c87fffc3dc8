"""A shop of real parts: Medusa with the packed plugin, PostgreSQL, the sidecar. Payme alone is played by the tests."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from demo_shop.medusa import Medusa, Prepared, medusa_server
from demo_shop.postgres import free_port
from tests.medusa.gate import Gate
from tests.medusa.store import Books, Seeded, Store
from tests.processes import PostgresStorage, Sidecar
from tests.shop import API_KEY

PATIENCE: Final = 90.0  # the relay pauses up to half a minute after five attempts; nothing is measured
REFUND: Final = 5


def eventually(condition: Callable[[], Any], of_what: str) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited in vain for {of_what}"
        time.sleep(0.1)
    return found


def tiyin(som: float | str) -> int:
    return int(Decimal(str(som)) * 100)


def paid(som: float) -> Books:
    """One order, one payment, one capture: what every performed payment must come to."""
    return Books("pending", "captured", payments=1, captures=[som], refunds=[], transactions=[som])


@dataclass(frozen=True, slots=True)
class House:
    medusa: Medusa
    store: Store
    sidecar: Sidecar
    gate: Gate

    # Payme's side.

    def payme(self, method: str, **params: Any) -> dict[str, Any]:
        return self.sidecar.payme(method, **params)

    def create(self, session: dict[str, Any], attempt: int = 1) -> dict[str, Any]:
        now = time.time_ns() // 1_000_000
        account = {"order_id": session["id"]}
        return self.payme(
            "CreateTransaction",
            id=transaction_of(session, attempt),
            time=now,
            amount=tiyin(session["amount"]),
            account=account,
        )

    def created(self, session: dict[str, Any], attempt: int = 1) -> str:
        """Let Payme begin to pay; its transaction."""
        answer = self.create(session, attempt)
        assert answer["result"]["state"] == 1, answer
        return transaction_of(session, attempt)

    def perform(self, transaction: str) -> dict[str, Any]:
        answer = self.payme("PerformTransaction", id=transaction)
        assert answer["result"]["state"] == 2, answer
        return answer

    def perform_and_crash(self, transaction: str) -> None:
        """Perform, and kill Medusa while it asks the sidecar: the order is written, its payment is not."""
        with self.gate.held("/authorize"):
            self.perform(transaction)
            self.gate.wait_for_call("/authorize")
            self.medusa.kill()

    def pay(self, session: dict[str, Any]) -> str:
        transaction = self.created(session)
        self.perform(transaction)
        return transaction

    def take_back(self, transaction: str) -> None:
        """Start a refund in Payme's cabinet."""
        answer = self.payme("CancelTransaction", id=transaction, reason=REFUND)
        assert answer["result"]["state"] == -2, answer

    # What an operator sees.

    def outbox(self, session: dict[str, Any]) -> list[str]:
        """The undelivered messages about this session, as `payme-sidecar outbox list` prints them."""
        ended = self.sidecar.run("outbox", "list")
        assert ended.code == 0, ended.err
        return [line for line in ended.out.splitlines() if session["id"] in line]

    def parked(self, session: dict[str, Any]) -> str:
        """Wait until its message is parked; the line."""
        found = eventually(lambda: [line for line in self.outbox(session) if "parked" in line], "a parked message")
        return str(found[0])

    def retry(self, line: str) -> None:
        ended = self.sidecar.run("outbox", "retry", line.split(maxsplit=1)[0])
        assert ended.code == 0, ended.err

    # What Medusa's books come to.

    def settled(self, session: dict[str, Any]) -> None:
        eventually(lambda: not self.outbox(session), "an empty outbox")

    def order_of(self, cart: str) -> str:
        """Wait for the cart's order to be there and paid for; there is one."""
        eventually(
            lambda: any(self.store.books(order).captures for order in self.store.orders_of(cart)), "a paid order"
        )
        [order] = self.store.orders_of(cart)
        return order


def transaction_of(session: dict[str, Any], attempt: int = 1) -> str:
    return f"{attempt}-{session['id'].removeprefix('payses_')}"


@contextmanager
def open_house(prepared: Prepared, folder: Path) -> Iterator[House]:
    """Medusa on its own database, the sidecar on its own, and a gate between them."""
    storage = PostgresStorage(prepared.server, "sidecar")
    port = free_port()
    seeded = Seeded.read(prepared.seed.made)
    backend_url = f"http://127.0.0.1:{port}"
    sidecar = Sidecar(folder, folder, storage.url, backend_url, COMMERCE_BACKEND_KEY=seeded.secret_key)
    gate = Gate(f"http://127.0.0.1:{sidecar.port}")
    store = Store(backend_url, seeded)
    try:
        ended = sidecar.run("migrate")
        assert ended.code == 0, ended.err
        sidecar.start()
        with medusa_server(prepared, folder, sidecar_url=gate.url, sidecar_key=API_KEY, port=port) as medusa:
            yield House(medusa, store, sidecar, gate)
    finally:
        store.close()
        gate.close()
        sidecar.close()
