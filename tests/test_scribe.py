"""Notes reach the journal beside the work: nobody waits for it, nobody fails with it, and what is lost is counted."""

import asyncio
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import pytest
import structlog
from sqlalchemy import text
from starlette.types import ASGIApp

from sidecar import journal
from sidecar.app import create_app
from sidecar.clock import Millis
from sidecar.database_clock import Clocks
from sidecar.days import DAY
from sidecar.journal import Attempt, Call, Filters, StoredCall
from sidecar.metrics import Metrics
from sidecar.scribe import BATCH, BUFFER_MAX, Pace, Scribe
from tests.shop import NOON, PAYME, FakeClock, Shop, code, settings

CALL: Final = Call("payme", Millis(NOON), "CheckTransaction", "tx1", None, None, 0, '{"result":{}}', 900, "192.0.2.1")
ATTEMPT: Final = Attempt(Millis(NOON), 1, 1, "delivered", "200 {}", 12_000)
HASTE: Final = Pace(write=0, after_failure=0, breath=0)


class FakeDatabase:
    """Keeps what is written, or fails as it is told to."""

    name = "fake"
    in_use = 0

    def __init__(self) -> None:
        self.written: list[Call | Attempt] = []
        self.fails: Exception | None = None
        self.asked = 0
        self.hangs: asyncio.Event | None = None
        self.old = 0
        self.spoilt: set[int] = set()  # microseconds of the notes that it will never take
        self.away_at: int | None = None  # of the note with which it is away

    async def write(self, work: Any, *args: Any) -> Any:
        self.asked += 1
        if self.hangs:
            await self.hangs.wait()
        if self.fails:
            raise self.fails
        if work is journal.forget:
            forgotten = min(self.old, journal.FORGET_BATCH)
            self.old -= forgotten
            return forgotten
        (notes,) = args
        if self.spoilt & set(order(notes)):
            raise sqlite3.DataError("value too long")
        if self.away_at in order(notes):
            raise ConnectionResetError
        self.written += notes
        return None


def a_scribe(database: Any, buffer_max: int = BUFFER_MAX, pace: Pace = HASTE) -> tuple[Scribe, Metrics]:
    metrics = Metrics()
    return Scribe(database, Clocks(FakeClock(), FakeClock()), metrics, 90, buffer_max, pace), metrics


def counted(metrics: Metrics) -> tuple[int, int]:
    """How many notes were written and how many were lost, as the page for Prometheus says it."""
    lines = dict(line.rsplit(" ", 1) for line in metrics.page({}).decode().splitlines() if not line.startswith("#"))
    return int(float(lines["journal_written_total"])), int(float(lines["journal_dropped_total"]))


def numbered(count: int, first: int = 0) -> list[Call]:
    return [CALL._replace(microseconds=i) for i in range(first, first + count)]


def order(notes: Sequence[Any]) -> list[int]:
    return [it.microseconds for it in notes]


def calls(shop: Shop) -> list[StoredCall]:
    return list(reversed(shop.run(shop.house.database.read(journal.recent_calls, Filters(), None, 1_000))))


# ── the buffer ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_note_is_nobodys_wait_and_is_written_down_later() -> None:
    database = FakeDatabase()
    it, metrics = a_scribe(database)
    it.note(CALL)
    it.note(ATTEMPT)

    assert database.asked == 0
    assert asyncio.run(it.write()) == 2
    assert database.written == [CALL, ATTEMPT]
    assert counted(metrics) == (2, 0)
    assert asyncio.run(it.write()) == 0
    assert database.asked == 1  # nothing new is nothing to ask for


def test_many_notes_are_written_in_batches_in_their_order() -> None:
    database = FakeDatabase()
    it, metrics = a_scribe(database)
    for note in numbered(1_000):
        it.note(note)
    asyncio.run(it.write())

    assert order(database.written) == list(range(1_000))
    assert database.asked == -(-1_000 // BATCH)
    assert counted(metrics) == (1_000, 0)


def test_a_full_buffer_loses_the_oldest_and_counts_it() -> None:
    database = FakeDatabase()
    it, metrics = a_scribe(database, buffer_max=10)
    for note in numbered(13):
        it.note(note)
    asyncio.run(it.write())

    assert order(database.written) == list(range(3, 13))
    assert counted(metrics) == (10, 3)


# ── a database that is away ─────────────────────────────────────────────────────────────────────────────────────

AWAY: Final = [ConnectionRefusedError(), TimeoutError(), sqlite3.OperationalError("no such table: provider_call")]
AWAY[2].sqlite_errorname = "SQLITE_BUSY"  # type: ignore[attr-defined]


@pytest.mark.parametrize("fails", AWAY, ids=lambda it: type(it).__name__)
def test_what_a_database_that_is_away_did_not_take_is_written_when_it_is_back(fails: Exception) -> None:
    database = FakeDatabase()
    it, metrics = a_scribe(database)
    database.fails = fails
    for note in numbered(600):
        it.note(note)
    for _ in range(3):
        with pytest.raises(type(fails)):
            asyncio.run(it.write())
    it.note(CALL._replace(microseconds=600))
    database.fails = None
    asyncio.run(it.write())

    assert order(database.written) == list(range(601))
    assert counted(metrics) == (601, 0)


def test_what_no_longer_fits_when_a_batch_comes_back_is_lost_the_oldest_first() -> None:
    async def work() -> None:
        database.hangs = asyncio.Event()
        writing = asyncio.create_task(it.write())
        await asyncio.sleep(0)
        for note in numbered(7, first=8):
            it.note(note)
        database.fails = ConnectionResetError()
        database.hangs.set()
        with pytest.raises(ConnectionResetError):
            await writing
        database.fails = None
        await it.write()

    database = FakeDatabase()
    it, metrics = a_scribe(database, buffer_max=10)
    for note in numbered(8):
        it.note(note)
    asyncio.run(work())

    assert order(database.written) == list(range(5, 15))
    assert counted(metrics) == (10, 5)


def test_a_batch_that_no_database_would_take_is_lost_and_does_not_hold_up_the_next() -> None:
    database = FakeDatabase()
    it, metrics = a_scribe(database)
    database.fails = sqlite3.DataError("a value of ours that makes no sense")
    it.note(CALL)
    with pytest.raises(sqlite3.DataError):
        asyncio.run(it.write())
    database.fails = None
    it.note(ATTEMPT)
    asyncio.run(it.write())

    assert database.written == [ATTEMPT]
    assert counted(metrics) == (1, 1)


def test_one_note_that_no_database_would_take_is_lost_alone() -> None:
    database = FakeDatabase()
    it, metrics = a_scribe(database)
    database.spoilt = {0, 77, 300}
    for note in numbered(400):
        it.note(note)
    with structlog.testing.capture_logs() as lines:
        written = asyncio.run(it.write())

    assert written == 397
    assert order(database.written) == [number for number in range(400) if number not in database.spoilt]
    assert counted(metrics) == (397, 3)
    assert database.asked <= 2 + 3 * 2 * 8
    assert [(line["event"], line["error"]) for line in lines] == [("journal.unstorable", "DataError")]


def test_a_database_that_goes_away_meanwhile_gets_the_rest_in_order_when_it_is_back() -> None:
    database = FakeDatabase()
    it, metrics = a_scribe(database)
    database.spoilt, database.away_at = {3}, 100
    for note in numbered(BATCH + 10):
        it.note(note)
    with pytest.raises(ConnectionResetError):
        asyncio.run(it.write())
    database.away_at = None
    asyncio.run(it.write())

    assert order(database.written) == [number for number in range(BATCH + 10) if number != 3]
    assert counted(metrics) == (BATCH + 9, 1)


def test_what_cannot_be_halved_any_more_ends_the_turn_when_nothing_will_do() -> None:
    database = FakeDatabase()
    it, metrics = a_scribe(database)
    database.spoilt = set(range(BATCH))
    for note in numbered(BATCH + 1):
        it.note(note)
    with pytest.raises(sqlite3.DataError):
        asyncio.run(it.write())

    assert database.asked == 2 * BATCH - 1
    assert asyncio.run(it.write()) == 1
    assert counted(metrics) == (1, BATCH)


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def run_for_a_while(it: Scribe, count: int) -> list[Any]:
    """Let a scribe run that does not pause, and give the lines it wrote."""

    async def work() -> None:
        stopping = asyncio.Event()
        running = asyncio.create_task(it.run(stopping))
        await turns(count)
        stopping.set()
        await running

    with structlog.testing.capture_logs() as lines:
        asyncio.run(work())
    return lines


def test_a_database_that_stays_away_is_mentioned_once() -> None:
    database = FakeDatabase()
    it, _ = a_scribe(database)
    database.fails = ConnectionRefusedError()
    it.note(CALL)
    lines = run_for_a_while(it, 200)

    assert database.asked > 5
    assert [(line["event"], line["waiting"]) for line in lines] == [("journal.postponed", 1)]


def test_what_cannot_be_written_before_the_end_is_said_and_counted() -> None:
    database = FakeDatabase()
    it, metrics = a_scribe(database)
    database.fails = ConnectionRefusedError()
    for note in numbered(3):
        it.note(note)
    with structlog.testing.capture_logs() as lines:
        asyncio.run(it.finish())

    assert [(line["event"], line.get("notes")) for line in lines] == [("journal.postponed", None), ("journal.lost", 3)]
    assert counted(metrics) == (0, 3)


@pytest.mark.parametrize(
    ("pace", "forgets"),
    [
        (HASTE, 0),
        (replace(HASTE, forget_first=(0, 0)), 1),
        (replace(HASTE, forget_first=(0, 0), forget=0), 3),
    ],
    ids=["not at once", "once an hour", "again"],
)
def test_it_forgets_now_and_then(pace: Pace, forgets: int) -> None:
    database = FakeDatabase()
    it, _ = a_scribe(database, pace=pace)
    run_for_a_while(it, 200)

    each = database.asked / 2  # calls and attempts
    assert each == forgets if forgets < 2 else each >= forgets


def test_notes_are_written_while_old_ones_are_forgotten() -> None:
    async def work() -> None:
        stopping = asyncio.Event()
        running = asyncio.create_task(it.run(stopping))
        await turns(50)
        it.note(CALL)
        await turns(50)
        left.append(database.old)
        written.extend(database.written)
        stopping.set()
        await running

    left: list[int] = []
    written: list[Call | Attempt] = []
    much = 1_000 * journal.FORGET_BATCH
    database = FakeDatabase()
    database.old = much
    it, _ = a_scribe(database, pace=replace(HASTE, forget_first=(0, 0)))
    asyncio.run(work())

    assert written == [CALL]
    assert much > left[0] > 0
    assert 0 < database.old <= left[0]  # told to stop, it does not forget to the end


# ── in the house ────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_noted_before_the_end_is_in_the_journal_after_it(database_url: str) -> None:
    app: ASGIApp = create_app(settings(database_url))

    async def serve() -> None:
        async with app.router.lifespan_context(app):  # type: ignore[attr-defined]
            await asyncio.sleep(0)
            app.state.house.scribe.note(CALL)  # type: ignore[attr-defined]

    asyncio.run(serve())
    shop = Shop(database_url)

    assert [tuple(it)[1:] for it in calls(shop)] == [tuple(CALL)]
    shop.close()


def test_what_is_older_than_journal_days_is_forgotten_by_the_databases_clock(shop: Shop) -> None:
    old = Millis(shop.clock.now - 90 * DAY)
    for _ in range(journal.FORGET_BATCH + 20):
        shop.house.scribe.note(CALL._replace(time=Millis(old - 1)))
    for note in (CALL._replace(time=old), ATTEMPT._replace(time=old), ATTEMPT._replace(time=Millis(old - 1))):
        shop.house.scribe.note(note)
    shop.run(shop.house.scribe.write())

    assert shop.run(shop.house.scribe.forget()) == journal.FORGET_BATCH + 21
    assert [it.time for it in calls(shop)] == [old]
    assert shop.run(shop.house.scribe.forget()) == 0


def test_a_note_that_postgresql_refuses_costs_no_other_note(shop: Shop) -> None:
    for note in (*numbered(3), CALL._replace(caller="1" * 65), *numbered(3, first=3)):
        shop.house.scribe.note(note)
    shop.run(shop.house.scribe.write())

    assert order([it for it in calls(shop) if len(it.caller) < 65]) == list(range(6))


def test_a_payment_does_not_notice_that_its_journal_cannot_be_written(shop: Shop) -> None:
    shop.run(shop.house.database.write(lambda connection: connection.execute(text("DROP TABLE provider_call"))))
    shop.run(shop.house.database.write(lambda connection: connection.execute(text("DROP TABLE delivery_attempt"))))
    shop.paid()

    with pytest.raises(Exception, match="provider_call"):
        shop.run(shop.house.scribe.write())
    assert shop.deliver() == 1
    assert shop.backend.keys == ["authorize:tx1"]
    assert code(shop.cancel()) == 0


def test_a_payment_does_not_notice_that_its_journal_is_full_and_away(database_url: str) -> None:
    """The relay and the scribe run as in a real process; every note is one too many."""
    shop = Shop(database_url)
    shop.house.scribe._buffer_max = 1  # noqa: SLF001
    away = FakeDatabase()
    away.hangs = asyncio.Event()  # whoever waits for the journal waits for ever
    shop.house.scribe._database = away  # type: ignore[assignment]  # noqa: SLF001

    async def work() -> None:
        stopping = asyncio.Event()
        running = asyncio.create_task(shop.house.scribe.run(stopping))
        await shop.creating()
        for _ in range(5):
            assert code(await shop.calling("PerformTransaction", id="tx1")) == 0
        stopping.set()
        assert away.hangs
        away.hangs.set()
        await running

    shop.register()
    shop.run(work())

    assert shop.deliver() == 1
    assert "journal_dropped_total 0.0" not in shop.api("GET", "/metrics").text
    shop.close()


def test_the_books_of_a_payment_tell_its_whole_story(shop: Shop) -> None:
    shop.backend.status = 503
    shop.paid().deliver()
    shop.backend.status = 200
    shop.clock.advance(2_000)
    shop.deliver()
    shop.run(shop.house.scribe.write())

    assert [(it.method, it.code) for it in calls(shop)] == [("CreateTransaction", 0), ("PerformTransaction", 0)]
    attempts = shop.run(shop.house.database.read(journal.attempts_of, [1]))
    assert [(it.attempt, it.outcome, it.answer) for it in attempts] == [
        (1, "unknown", "503 {}"),
        (2, "delivered", "200 {}"),
    ]
    assert attempts[1].time - attempts[0].time == 2_000
    assert PAYME["authorization"] not in str(calls(shop))
