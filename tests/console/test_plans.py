"""However long the books are, a page of the console reads what it shows and no more."""

import re
from typing import Any, Final

import pytest
from sqlalchemy import text

from sidecar.console import messages, payments
from sidecar.console.payments import Status
from sidecar.database import Connection
from sidecar.payme_merchant import transactions
from tests.plans import analyze, plan
from tests.shop import Shop

ROWS: Final = 20_000
NUMBERS: Final = f"WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {ROWS})"
BOOKS: Final = (
    f"""
    INSERT INTO payment_session (id, order_id, amount, currency_code, created_time, closed_time) {NUMBERS}
    SELECT 's' || n, 'o' || n, 100, 'uzs', n, CASE WHEN n % 10 = 0 THEN n END FROM numbers""",
    f"""
    INSERT INTO payme_transaction (payme_id, session_id, order_id, amount, account, state, time, create_time,
        perform_time, cancel_time, reason) {NUMBERS}
    SELECT 'tx' || n, 's' || n, 'o' || n, 100, '{{}}', CASE WHEN n % 7 = 0 THEN -1 ELSE 2 END, n, n,
        CASE WHEN n % 7 = 0 THEN 0 ELSE n END, CASE WHEN n % 7 = 0 THEN n ELSE 0 END,
        CASE WHEN n % 7 = 0 THEN 3 END FROM numbers WHERE n % 10 <> 0""",
    """
    INSERT INTO outbox_message (session_id, topic, transaction_id, payload, state, created_time, due_time, attempts,
        last_answer)
    SELECT session_id, 'authorize', payme_id, '{}', CASE WHEN number % 2000 = 0 THEN 'parked'
        WHEN number % 500 = 0 THEN 'waiting' ELSE 'delivered' END, 1, number, 1, ''
    FROM payme_transaction WHERE state = 2""",
)
PLACE: Final = {"time": ROWS, "id": "", "start": 0}
SESSION: Final = {"session_id": "s777", "count": 40}
STATEMENTS: Final[dict[str, tuple[Any, dict[str, object]]]] = {
    "list": (payments.LIST[None], PLACE | {"count": 41}),
    **{f"list of {it}": (payments.LIST[it], PLACE | {"count": 41}) for it in Status},
    "last looked at": (payments.LAST_LOOKED_AT, PLACE),
    "search": (payments.SEARCH, {"word": "o777", "number": 777, "count": 40}),
    "parked": (messages.PARKED, {"after": 0, "count": 40}),
    "waiting": (messages.WAITING, {"due_time": 5, "number": 0, "count": 40}),
    "one": (messages.ONE, {"number": 7}),
    "messages of a session": (messages.OF_SESSION, SESSION),
    "transactions of a session": (transactions.OF_SESSION, SESSION),
}
WHOLE: Final = r"Seq Scan|Bitmap Heap|SCAN (payment_session|payme_transaction|outbox_message)(?! USING)"


def test_no_statement_reads_a_whole_table(shop: Shop) -> None:
    def work(connection: Connection) -> None:
        for statement in BOOKS:
            connection.execute(text(statement))

    shop.run(shop.house.database.write(work))
    analyze(shop, "payment_session", "payme_transaction", "outbox_message")
    plans = {name: plan(shop, *question) for name, question in STATEMENTS.items()}

    assert {name: steps for name, steps in plans.items() if re.search(WHOLE, steps)} == {}
    assert "payment_session_created_time" in plans["list"]
    assert "outbox_message_parked" in plans["parked"]
    assert "outbox_message_due" in plans["waiting"]


@pytest.mark.parametrize("status", Status)
def test_a_list_that_is_filtered_begins_at_its_place(shop: Shop, status: Status) -> None:
    steps = plan(shop, *STATEMENTS[f"list of {status}"])

    assert "payment_session_created_time" in steps
