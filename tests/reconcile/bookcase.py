"""Three books for the tests: a real ledger, a backend that answers as the contract says, files of a cabinet."""

import io
import json
from pathlib import Path
from typing import Any, Final

import httpx
from rich.console import Console
from sqlalchemy import insert

from sidecar import days, outbox, payment_sessions
from sidecar.clock import HOUR, Millis
from sidecar.database import Connection
from sidecar.money import Tiyin
from sidecar.outbox import MessageState
from sidecar.payme_merchant import transactions
from sidecar.payment_sessions import PaymentSession
from sidecar.reconcile.backend_book import BackendBook
from sidecar.reconcile.cabinet import Reading
from sidecar.reconcile.clerk import Clerk, Statement
from sidecar.reconcile.period import Period
from sidecar.vocabulary import Topic
from tests.shop import AMOUNT, BACKEND_KEY, NOON, SESSION, Shop, basic

DAY: Final = days.day_of(Millis(NOON))
PERIOD: Final = Period(days.day_start(DAY), days.day_start(days.next_day(DAY)))
HEADINGS: Final = "ID транзакции;Сумма, сум;Статус;Дата оплаты"
AS_RECOGNISED: Final = Reading({}, None, {})
PERFORMED: Final = {
    "amount": AMOUNT,
    "account": "{}",
    "state": 2,
    "time": NOON,
    "create_time": NOON,
    "perform_time": NOON,
    "cancel_time": 0,
    "reason": None,
}
WORDS: Final = {"paid": "Оплачен", "pending": "Ожидает", "returned": "Возврат"}


def soum(amount: int) -> str:
    return f"{amount // 100},{amount % 100:02}"


def row(payme_id: str = "tx1", amount: int = AMOUNT, state: str = "paid", time: int = NOON) -> str:
    moment = days.said(Millis(time))
    return f"{payme_id};{soum(amount)};{WORDS[state]};{moment}"


class FakeBook:
    """A backend's payments, by HTTP and page by page; `made` counts the questions."""

    def __init__(self) -> None:
        self.payments: list[dict[str, Any]] = []
        self.asked: list[httpx.Request] = []
        self.status = 200

    def add(self, session_id: str = SESSION, **changes: Any) -> dict[str, Any]:
        number = len(self.payments) + 1
        payment = {
            "session_id": session_id,
            "payment_id": f"pay_{number:04}",
            "order_ids": [f"order_{number}"],
            "currency_code": "uzs",
            "status": "captured",
            "amount": AMOUNT,
            "captured_amount": AMOUNT,
            "refunded_amount": 0,
            "created_time": NOON,
            "captured_time": NOON,
            "canceled_time": None,
        } | changes
        self.payments.append(payment)
        return payment

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.headers["authorization"] != basic(f"{BACKEND_KEY}:"):
            return httpx.Response(401)
        if self.status != 200:
            return httpx.Response(self.status, text="away")
        query = request.url.params
        if sessions := query.get("session_ids"):
            named = [it for it in self.payments if it["session_id"] in sessions.split(",")]
            return httpx.Response(200, json={"payments": named, "next": None})
        start, end, limit = int(query["from"]), int(query["to"]), int(query["limit"])
        found = [it for it in self.payments if start <= it["created_time"] < end]
        found = [it for it in found if it["payment_id"] > query.get("after", "")]
        more = len(found) > limit
        return httpx.Response(
            200, json={"payments": found[:limit], "next": found[limit - 1]["payment_id"] if more else None}
        )


class Bookcase:
    def __init__(self, shop: Shop, folder: Path) -> None:
        self.shop = shop
        self.folder = folder
        self.backend = FakeBook()
        self.summary = ""

    def agreed(self, session: str = SESSION, transaction: str = "tx1") -> "Bookcase":
        """Pay, and have the backend take it."""
        self.shop.paid(session, transaction).deliver()
        self.backend.add(session)
        return self

    def many(self, count: int) -> list[str]:
        """Write payments that everybody has straight into the books; their transactions."""

        def write(connection: Connection) -> None:
            for number in range(count):
                session = f"payses_many_{number:06}"
                owed = PaymentSession(session, session, Tiyin(AMOUNT), "uzs", None, None, Millis(NOON), None, None)
                payment_sessions.record(connection, owed)
                transaction = {"payme_id": f"many{number:06}", "session_id": session, "order_id": session}
                connection.execute(insert(transactions.table), PERFORMED | transaction)
                told = outbox.promise(
                    Topic.AUTHORIZE, session, f"many{number:06}", {}, Millis(NOON), MessageState.DELIVERED
                )
                outbox.enqueue(connection, told)

        self.shop.run(self.shop.house.database.write(write))
        for number in range(count):
            self.backend.add(f"payses_many_{number:06}")
        return [f"many{number:06}" for number in range(count)]

    def taken_back(self, transaction: str = "tx1") -> None:
        assert self.shop.cancel(transaction)["result"]["state"] == -2
        self.shop.deliver()

    def statement(self, *rows: str, name: str = "cabinet.csv") -> Path:
        path = self.folder / name
        path.write_text("\n".join((HEADINGS, *rows)) + "\n", encoding="utf-8")
        return path

    def reconcile(
        self,
        cabinet: Path | None = None,
        *,
        backend: bool = True,
        period: Period = PERIOD,
        late: int = NOON + 24 * HOUR,
        reading: Reading = AS_RECOGNISED,
    ) -> dict[str, Any]:
        """Compare; the report as JSON."""
        told = io.StringIO()
        out = self.folder / "report.json"

        async def work() -> bool:
            async with httpx.AsyncClient(transport=httpx.MockTransport(self.backend)) as client:
                book = BackendBook(client, "http://medusa.test", BACKEND_KEY) if backend else None
                clerk = Clerk(self.shop.house.database, period, out, Console(file=told))
                payme = Statement(cabinet, reading) if cabinet else None
                return await clerk.compare(Millis(late), book, payme, "json")

        agree = self.shop.run(work())
        report: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        assert report["agree"] is agree is not bool(report["disagreements"])
        self.summary = told.getvalue()
        return report

    def kinds(self, *args: Any, **options: Any) -> list[str]:
        return [it["kind"] for it in self.reconcile(*args, **options)["disagreements"]]
