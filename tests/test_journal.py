"""The journal's pages: which calls, in which order, and by which index; attempts and acts; what is forgotten."""

import re
from collections.abc import Sequence
from typing import Any, Final

import pytest
from sqlalchemy import text

from sidecar import journal
from sidecar.clock import Millis
from sidecar.database import Connection
from sidecar.days import DAY
from sidecar.journal import Action, Attempt, Call, Filters, StoredCall
from sidecar.money import Tiyin
from tests.plans import analyze, plan
from tests.shop import AMOUNT, NOON, Shop

CALL: Final = Call("payme", Millis(NOON), "CheckTransaction", "tx1", None, None, 0, '{"result":{}}', 900, "192.0.2.1")
CREATE: Final = CALL._replace(method="CreateTransaction", order_id="order_1", amount=Tiyin(AMOUNT))
ATTEMPT: Final = Attempt(Millis(NOON), 1, 1, "delivered", "200 {}", 12_000)


def write(shop: Shop, *notes: Call | Attempt) -> None:
    shop.run(shop.house.database.write(journal.record, notes))


def page(shop: Shop, before: int | None = None, count: int = 100, **filters: Any) -> list[StoredCall]:
    return shop.run(shop.house.database.read(journal.recent_calls, Filters(**filters), before, count))


def at(*times: int) -> list[Call]:
    return [CALL._replace(time=Millis(NOON + time)) for time in times]


def times(calls: Sequence[StoredCall]) -> list[int]:
    return [it.time - NOON for it in calls]


# ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_call_is_read_as_it_was_written(shop: Shop) -> None:
    longest = CREATE._replace(
        answer='{"\\u0000":"' + "ё" * 1_000, amount=Tiyin(2**63 - 1), code=-32768, caller="2001:db8::1"
    )
    write(shop, CALL, longest)

    assert page(shop) == [StoredCall(2, *longest), StoredCall(1, *CALL)]


@pytest.mark.parametrize("count", [0, 1, 3, 4, 63, 64, 87, 256])
def test_any_number_of_notes_is_written_in_their_order(shop: Shop, count: int) -> None:
    write(shop, *at(*range(count)), *[ATTEMPT] * (count % 5))

    assert times(page(shop, count=1_000)) == list(reversed(range(count)))
    assert len(attempts(shop, 1)) == count % 5


# ── reading calls ───────────────────────────────────────────────────────────────────────────────────────────────


def test_calls_come_newest_first_whoever_wrote_them_down_first(shop: Shop) -> None:
    write(shop, *at(3, 1))
    write(shop, *at(2, 1))

    assert times(page(shop)) == [3, 2, 1, 1]


def test_pages_follow_each_other_without_a_gap_or_a_double(shop: Shop) -> None:
    write(shop, *at(5, 1, 1, 1, 4, 1, 1, 0))
    seen: list[StoredCall] = []
    while found := page(shop, seen[-1].number if seen else None, 3):
        seen += found

    assert times(seen) == [5, 4, 1, 1, 1, 1, 1, 0]
    assert len(set(seen)) == 8


def test_before_a_call_that_is_no_longer_kept_there_is_nothing(shop: Shop) -> None:
    write(shop, CALL)

    assert page(shop, before=77) == []


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, [5, 4, 3, 2, 1]),
        ({"order_id": "order_1"}, [4, 2]),
        ({"transaction_id": "tx2"}, [5, 3]),
        ({"method": "CreateTransaction"}, [4, 2]),
        ({"errors": True}, [4, 3]),
        ({"since": NOON + 3}, [5, 4, 3]),
        ({"until": NOON + 3}, [2, 1]),
        ({"since": NOON + 2, "until": NOON + 4, "errors": True}, [3]),
        ({"order_id": "order_1", "errors": True}, [4]),
        ({"order_id": "order_9"}, []),
    ],
)
def test_a_filter_gives_what_fits_and_nothing_else(shop: Shop, filters: dict[str, Any], found: list[int]) -> None:
    stories = [
        CALL,
        CREATE,
        CALL._replace(transaction_id="tx2", code=-31003),
        CREATE._replace(code=-31051),
        CALL._replace(transaction_id="tx2"),
    ]
    write(shop, *(it._replace(time=Millis(NOON + i)) for i, it in enumerate(stories, 1)))

    assert times(page(shop, **filters)) == found


def test_the_calls_of_a_payment_are_those_about_its_order_and_its_transactions_each_once_oldest_first(
    shop: Shop,
) -> None:
    check = CREATE._replace(method="CheckPerformTransaction", transaction_id=None)
    stranger = CREATE._replace(order_id="order_2", transaction_id="tx9")
    story = [check, CREATE, stranger, CALL, CALL._replace(transaction_id="tx2")]
    write(shop, *(it._replace(time=Millis(NOON + i)) for i, it in enumerate(story)))

    def found(limit: int) -> list[int]:
        return times(shop.run(shop.house.database.read(journal.calls_of, "order_1", ["tx1", "tx2"], limit)))

    assert found(100) == [0, 1, 3, 4]
    assert found(2) == [3, 4]
    assert shop.run(shop.house.database.read(journal.calls_of, None, [], 100)) == []


def test_whoever_follows_sees_calls_in_the_order_in_which_they_were_written_down(shop: Shop) -> None:
    assert shop.run(shop.house.database.read(journal.last_number)) == 0
    write(shop, *at(3, 1, 2))
    after = shop.run(shop.house.database.read(journal.calls_after, Filters(), 1, 10))

    assert times(after) == [1, 2]
    assert shop.run(shop.house.database.read(journal.last_number)) == 3


# ── attempts and acts ───────────────────────────────────────────────────────────────────────────────────────────


def attempts(shop: Shop, *messages: int) -> list[journal.StoredAttempt]:
    return shop.run(shop.house.database.read(journal.attempts_of, messages))


def test_attempts_are_those_of_the_messages_oldest_first_and_of_too_many_the_newest(shop: Shop) -> None:
    endless = [ATTEMPT._replace(attempt=i, time=Millis(NOON + 2 * i)) for i in range(journal.EACH + 5)]
    write(
        shop, *endless, ATTEMPT._replace(message_number=2, time=Millis(NOON + 21)), ATTEMPT._replace(message_number=3)
    )
    found = attempts(shop, 1, 2)

    assert [it.attempt for it in found if it.message_number == 1] == list(range(5, journal.EACH + 5))
    assert found == sorted(found, key=lambda it: it.time)
    assert {it.message_number for it in found} == {1, 2}


ACT: Final = Action(Millis(NOON), "operator", "192.0.2.7", "redeliver", "message 7", "due now")


def test_an_act_is_in_the_journal_when_it_is_done_and_not_when_it_was_undone(shop: Shop) -> None:
    def act(connection: Connection, action: Action, *, well: bool) -> None:
        journal.record_action(connection, action)
        if not well:
            raise RuntimeError

    shop.run(shop.house.database.write(act, ACT, well=True))
    shop.run(shop.house.database.write(act, ACT._replace(subject="message 8"), well=True))
    with pytest.raises(RuntimeError):
        shop.run(shop.house.database.write(act, ACT, well=False))

    assert shop.run(shop.house.database.read(journal.actions_of, ["message 7", "message 9"])) == [ACT]
    newest = shop.run(shop.house.database.read(journal.recent_actions, 1))
    assert [it.subject for it in newest] == ["message 8"]


# ── forgetting ──────────────────────────────────────────────────────────────────────────────────────────────────


def forget(shop: Shop, age: int, now: int = NOON) -> int:
    return shop.run(shop.house.database.write(journal.forget, journal.calls, age, Millis(now)))


def test_what_is_too_old_is_forgotten_and_nothing_else(shop: Shop) -> None:
    write(shop, *at(-DAY, -DAY - 1, -DAY - 2, 0))

    assert (forget(shop, DAY), forget(shop, DAY)) == (2, 0)
    assert times(page(shop)) == [0, -DAY]


def test_a_little_is_forgotten_at_a_time_the_oldest_first(shop: Shop) -> None:
    write(shop, *at(*range(-journal.FORGET_BATCH - 2, 0)))

    assert forget(shop, 0) == journal.FORGET_BATCH
    assert times(page(shop)) == [-1, -2]


def test_two_who_forget_at_once_neither_wait_nor_fail(shop: Shop) -> None:
    write(shop, *at(*range(-250, 0)))

    async def work() -> int:
        return await shop.house.database.write(journal.forget, journal.calls, 0, Millis(NOON))

    assert sum(shop.together(*(work() for _ in range(6)))) == 250
    assert page(shop) == []


# ── plans ───────────────────────────────────────────────────────────────────────────────────────────────────────

MANY: Final = 60_000
FILL: Final = f"""
    WITH RECURSIVE counted(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM counted WHERE i < {MANY})
    INSERT INTO provider_call (provider, time, method, transaction_id, order_id, amount, code, answer, microseconds,
                               caller)
    SELECT 'payme', i, CASE WHEN i % 5000 = 0 THEN 'GetStatement' ELSE 'CheckTransaction' END, 't' || i / 2,
           CASE WHEN i % 4 = 0 THEN 'o' || i / 3 END, NULL, CASE WHEN i % 5000 = 1 THEN -31008 ELSE 0 END,
           '{{}}', 9, 'me'
    FROM counted
"""


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({}, "provider_call_time"),
        ({"since": 7}, "provider_call_time"),
        ({"order_id": "o7"}, "provider_call_order_id"),
        ({"transaction_id": "t7"}, "provider_call_transaction_id"),
        ({"method": "GetStatement"}, "provider_call_method"),
        ({"errors": True}, "provider_call_refused"),
        ({"errors": True, "since": 7}, "provider_call_refused"),
    ],
)
@pytest.mark.parametrize("paged", [False, True], ids=["first page", "next page"])
def test_every_way_to_look_for_calls_has_an_index_and_sorts_nothing(
    shop: Shop, filters: dict[str, Any], index: str, *, paged: bool
) -> None:
    shop.run(shop.house.database.write(lambda connection: connection.execute(text(FILL))))
    analyze(shop, "provider_call")
    asked = filters | ({"before": 9_000, "before_time": 9_000} if paged else {})
    steps = plan(shop, journal._listing(frozenset(asked), newest_first=True), asked | {"count": 20})  # noqa: SLF001

    assert re.search(rf"\b{index}\b", steps)
    assert "Seq Scan" not in steps
    assert "Sort" not in steps
    assert "TEMP B-TREE" not in steps


def test_what_is_too_old_is_found_by_its_time(shop: Shop) -> None:
    shop.run(shop.house.database.write(lambda connection: connection.execute(text(FILL))))
    analyze(shop, "provider_call")
    steps = plan(shop, journal._deletion(journal.calls), {"age": 1, "now": NOON})  # noqa: SLF001

    assert "provider_call_time" in steps
    assert "Seq Scan" not in steps
