"""The journal on a terminal: the newest calls, the last at the bottom, and those that come while somebody watches."""

import asyncio
from collections.abc import Callable, Collection, Iterable
from typing import Final

from rich.console import Console
from rich.text import Text

from sidecar import journal, strict_json
from sidecar.database import Connection, Database
from sidecar.days import said
from sidecar.journal import Filters, StoredCall
from sidecar.money import soum
from sidecar.payme_merchant.errors import PaymeError
from sidecar.payme_merchant.methods import METHODS

PAGE: Final = 500  # calls that are read at once
STORY_MAX: Final = 1_000  # calls about one order
LOOK_EVERY: Final = 1.0  # seconds
# A replica may write down what it was given a smaller number for after another one: so far it is looked back.
OVERLAP: Final = 256

METHOD_NAMES: Final = (*METHODS, "unread")
MEANINGS: Final = {int(error): error.en for error in PaymeError}
SLOW: Final = 1_000_000  # microseconds

Show = Callable[[StoredCall], None]


async def show(database: Database, filters: Filters, limit: int, say: Show, *, follow: bool = False) -> int:
    """Show the newest calls that fit; then, if asked to follow, all that come, until somebody interrupts.

    Say how many there were.
    """
    watch = Watch(database, filters)
    if follow:
        await watch.catch_up()
    found = await database.read(newest, filters, limit)
    for call in found:
        say(call)
    if follow:
        await watch.run(found, say)
    return len(found)


def sayer(*, as_json: bool) -> Show:
    """Give what writes calls to stdout: JSON, or columns that a terminal colours and nobody folds."""
    console = Console(soft_wrap=True, highlight=False)
    if as_json:
        return lambda call: console.print(document(call), markup=False, emoji=False)
    return lambda call: console.print(line(call))


def method_named(name: str) -> str | None:
    """Find a method, whatever the case of its letters."""
    return next((it for it in METHOD_NAMES if it.lower() == name.lower()), None)


def newest(connection: Connection, filters: Filters, limit: int) -> list[StoredCall]:
    """Read the newest calls that fit, oldest first (a unit of work).

    Perform, Cancel and Check name no order: those of an order's transactions are its calls, too.
    """
    if filters.order_id is not None:
        story = _story(connection, filters.order_id)
        return [call for call in story if fits(call, filters, _transactions(story))][-limit:]
    found: list[StoredCall] = []
    while len(found) < limit:
        page = journal.recent_calls(connection, filters, found[-1].number if found else None, min(PAGE, limit))
        found += page
        if len(page) < min(PAGE, limit):
            break
    return found[limit - 1 :: -1] if len(found) > limit else found[::-1]


def fits(call: StoredCall, filters: Filters, transaction_ids: Collection[str]) -> bool:
    """Say whether a call is asked for; `transaction_ids` are those of the order that is asked for."""
    asked = (
        filters.order_id is None or call.order_id == filters.order_id or call.transaction_id in transaction_ids,
        filters.transaction_id in {None, call.transaction_id},
        filters.method in {None, call.method},
        call.code != 0 or not filters.errors,
        filters.since is None or call.time >= filters.since,
        filters.until is None or call.time < filters.until,
    )
    return all(asked)


def line(call: StoredCall) -> Text:
    """Write a call for a person, in columns."""
    amount = "" if call.amount is None else soum(call.amount)
    columns = (
        (said(call.time), "dim"),
        (f"{call.method:<23}", "bold" if call.code == 0 else ""),
        (f"{call.code:>6}", "red" if call.code else "green"),
        (f"{call.microseconds / 1000:>8.1f} ms", "yellow" if call.microseconds > SLOW else "dim"),
        (f"{call.transaction_id or '–':<24}", ""),
        (f"{call.order_id or '–':<20}", ""),
        (f"{amount:>14}", ""),
        (call.caller, "dim"),
        (_meaning(call), "red"),
    )
    return Text("  ").join(Text(text, style) for text, style in columns if text)


def document(call: StoredCall) -> str:
    """Write a call as one line of JSON."""
    return strict_json.encode(call._asdict()).decode("ascii")


def _meaning(call: StoredCall) -> str:
    if call.code == 0:
        return ""
    left_out = _left_out(call.answer)
    more = f" ({left_out} more were left out)" if left_out else ""
    return MEANINGS.get(call.code, "refused") + more


def _left_out(answer: str) -> int:
    try:
        return int(strict_json.decode(answer.encode()).get("left_out", 0))
    except (strict_json.NotJson, AttributeError):
        return 0  # it was shortened


def _story(connection: Connection, order_id: str) -> list[StoredCall]:
    about = journal.calls_of(connection, order_id, (), STORY_MAX)
    return journal.calls_of(connection, order_id, _transactions(about), STORY_MAX)


def _transactions(calls: Iterable[StoredCall]) -> set[str]:
    return {call.transaction_id for call in calls if call.transaction_id}


class Watch:
    """Calls as they are written down, each once."""

    def __init__(self, database: Database, filters: Filters) -> None:
        self._database = database
        self._filters = filters
        self._last = 0
        self._seen: set[int] = set()
        self._transaction_ids: set[str] = set()  # of the order that is asked for

    async def catch_up(self) -> None:
        """Take all that is there for seen."""
        self._last = await self._database.read(journal.last_number)
        await self.look()

    async def run(self, shown: Iterable[StoredCall], say: Show) -> None:
        self._seen |= {call.number for call in shown}
        self._transaction_ids |= self._about(shown)
        while True:
            await asyncio.sleep(LOOK_EVERY)
            for call in await self.look():
                say(call)

    async def look(self) -> list[StoredCall]:
        """Give what fits of the calls that nobody has seen."""
        after = max(0, self._last - OVERLAP)
        calls = await self._database.read(journal.calls_after, Filters(), after, OVERLAP + PAGE)
        new = [call for call in calls if call.number not in self._seen]
        if calls:
            self._last = calls[-1].number
            self._seen = {number for number in self._seen if number > after} | {call.number for call in new}
        self._transaction_ids |= self._about(new)
        return [call for call in new if fits(call, self._filters, self._transaction_ids)]

    def _about(self, calls: Iterable[StoredCall]) -> set[str]:
        order_id = self._filters.order_id
        return _transactions(call for call in calls if order_id is not None and call.order_id == order_id)
