"""A backend that was away for long has left a mountain of messages, and then the sidecar is started."""

import asyncio
import time
from typing import Final

from faults.backend_faults import pace
from faults.databases import SQLITE
from faults.fault import Fault
from faults.town import Town

AMOUNT: Final = 5_000_000
NUMBERS: Final = {
    SQLITE: "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})",
    "postgresql": "WITH n (i) AS (SELECT generate_series(1, {count}))",
}
# Everything that a performed payment leaves, a million times cheaper than by Payme's calls.
SESSIONS: Final = """
    INSERT INTO payment_session (id, order_id, amount, currency_code, created_time)
    {numbers} SELECT 'old-' || i, 'old-' || i, {amount}, 'uzs', {then} FROM n
"""
TRANSACTIONS: Final = """
    INSERT INTO payme_transaction
        (payme_id, session_id, order_id, amount, account, state, time, create_time, perform_time, cancel_time)
    {numbers} SELECT 'tx-old-' || i, 'old-' || i, 'old-' || i, {amount}, '{{"order_id": "old-' || i || '"}}', 2,
        {then} + i, {then} + i, {then} + i, 0 FROM n
"""
MESSAGES: Final = """
    INSERT INTO outbox_message
        (session_id, topic, transaction_id, payload, state, created_time, due_time, attempts, last_answer)
    {numbers} SELECT 'old-' || i, 'authorize', 'tx-old-' || i,
        '{{"transaction_id": "tx-old-' || i || '", "amount": {amount}, "perform_time": ' || ({then} + i) || '}}',
        'waiting', {then} + i, {then} + i, 0, '' FROM n
"""
# To tell all of it would take an hour: what was not begun after a while is taken away again.
LEVEL: Final = """
    DELETE FROM outbox_message WHERE session_id LIKE 'old-%' AND state = 'waiting' AND attempts = 0;
    DELETE FROM payme_transaction WHERE session_id LIKE 'old-%'
        AND payme_id NOT IN (SELECT transaction_id FROM outbox_message)
"""
THEN: Final = 1_790_000_000_000  # an autumn day in 2026
A_FEW: Final = 100
WHILE: Final = 60.0  # seconds
SHORT_WHILE: Final = 0.5


async def start_under_a_mountain(town: Town, times: int) -> int:
    """Start with so many messages due: Payme is served, and the mountain goes, from its oldest stone."""
    before = await pace(town)
    await town.sidecar.end()
    await raise_mountain(town, times)
    begun, told = time.monotonic(), len(town.backend.effects)
    await town.sidecar.start()
    started = time.monotonic() - begun
    await town.until(lambda: len(town.backend.effects) >= told + A_FEW, "the first deliveries")
    first = time.monotonic() - begun
    under_it = await pace(town)
    await asyncio.sleep(SHORT_WHILE if town.hurried else WHILE)
    rate = (len(town.backend.effects) - told) / (time.monotonic() - begun)
    town.note(
        f"{times} messages: answered after {started:.1f} s, {A_FEW} told after {first:.1f} s, {rate:.0f} a second"
    )
    town.note(f"Payme's answers per second meanwhile / before: {under_it / before:.2f}")
    await town.sidecar.end()
    for statement in LEVEL.split(";"):
        await asyncio.to_thread(town.database.execute, statement)
    await town.sidecar.start()
    return times


async def raise_mountain(town: Town, count: int) -> None:
    numbers = NUMBERS[town.database.kind].format(count=count)
    for statement in (SESSIONS, TRANSACTIONS, MESSAGES):
        words = statement.format(numbers=numbers, amount=AMOUNT, then=THEN)
        await asyncio.to_thread(town.database.execute, words)


FAULTS: Final = (
    Fault(
        "mountain",
        "The sidecar is started with a hundred thousand undelivered messages.",
        "F31",
        start_under_a_mountain,
        times=100_000,
        quick_times=1_000,
        minutes=2,
    ),
)
