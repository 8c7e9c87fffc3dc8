"""A statement of everything: it is told whole, keeps nobody waiting and fills no memory."""

import asyncio
import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any, Final, cast

from starlette.types import Message

from sidecar.clock import Millis
from sidecar.database import Database
from sidecar.metrics import Metrics
from sidecar.payme_merchant.door import Door
from sidecar.payme_merchant.methods import StatementPage
from tests.bad_callers.test_addresses import SPARE, memory
from tests.line import Line, post, served, somebody_is_served
from tests.shop import PAYME, FakeClock, settings

TRANSACTIONS: Final = 60_000
CLOSE: Final = b"GET /healthz HTTP/1.1\r\nHost: sidecar\r\nConnection: close\r\n\r\n"
ALL: Final = b'{"id":7,"method":"GetStatement","params":{"from":0,"to":4611686018427387904}}'

COUNTING: Final = f"WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < {TRANSACTIONS})"
SESSIONS: Final = f"""
    INSERT INTO payment_session (id, order_id, amount, currency_code, created_time)
    {COUNTING} SELECT 's' || v, 's' || v, 100, 'uzs', 1 FROM n"""
PAYMENTS: Final = f"""
    INSERT INTO payme_transaction (payme_id, session_id, order_id, amount, account, state, time,
                                   create_time, perform_time, cancel_time)
    {COUNTING} SELECT 'p' || v, 's' || v, 's' || v, 100,
           '{{"order_id":"s' || v || '"}}', 2, 1 + v / 7, v, v, 0 FROM n"""


def fill(database: Path) -> None:
    with contextlib.closing(sqlite3.connect(database, timeout=10)) as connection, connection:
        connection.execute(SESSIONS)
        connection.execute(PAYMENTS)


def test_others_are_served_while_a_statement_of_everything_is_told(tmp_path: Path) -> None:
    with served(tmp_path) as (port, process):
        fill(tmp_path / "sidecar.db")
        somebody_is_served(port)
        before = memory(process.pid)
        with Line(port) as line:
            # The second call ends the connection, so that there is an end to read to.
            line.say(post(ALL), CLOSE)
            for _ in range(10):
                somebody_is_served(port)  # and nobody reads the statement yet
            assert memory(process.pid) - before < SPARE
            told = whole(line)

    ids = [row["id"] for row in json.loads(told)["result"]["transactions"]]
    assert ids == [f"p{number}" for number in range(1, TRANSACTIONS + 1)]


class Endless:
    """A database that has a next page, whatever is asked; a thousand of them, so that a test ends."""

    def __init__(self) -> None:
        self.pages = 0

    async def read(self, _work: object, call: Any, _now: Millis) -> StatementPage:
        self.pages += 1
        return StatementPage([{"id": str(self.pages)}], call if self.pages < 1_000 else None)

    move = write = read


def test_a_statement_is_read_no_further_once_nobody_listens() -> None:
    database, heard_enough = Endless(), asyncio.Event()
    comes: list[Message] = [{"type": "http.request", "body": ALL}, {"type": "http.disconnect"}]

    async def receive() -> Message:
        if len(comes) == 1:
            await heard_enough.wait()
        return comes.pop(0)

    async def send(_message: Message) -> None:
        if database.pages == 5:
            heard_enough.set()

    headers = [(name.encode(), value.encode()) for name, value in PAYME.items()]
    scope = {"type": "http", "method": "POST", "client": ("127.0.0.1", 1), "headers": headers}
    door = Door(
        settings("sqlite:///unused.db"),
        cast("Database", database),
        FakeClock(),
        Metrics(),
        lambda: None,
        lambda _: None,
    )
    asyncio.run(door(scope, receive, send))

    assert 5 <= database.pages < 10


def whole(line: Line) -> bytes:
    """Read a chunked answer to its end."""
    heard = line.rest()
    head, _, rest = heard.partition(b"\r\n\r\n")
    assert b"transfer-encoding: chunked" in head
    told = b""
    while True:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        if length == 0:
            return told
        told, rest = told + rest[:length], rest[length + 2 :]
