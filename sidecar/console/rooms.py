"""The rooms behind the sign-in: today, payments, one payment's story, messages, and the journal of Payme's calls."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from starlette.responses import Response

from sidecar import days, journal, outbox
from sidecar.clock import Millis
from sidecar.console import messages, payments, story
from sidecar.console.messages import Place
from sidecar.console.pages import HOME, Pages, Visit, go
from sidecar.console.payments import Key, Status, Wish
from sidecar.console.periods import CHOICES, period
from sidecar.database import Connection, Database
from sidecar.database_clock import Clocks
from sidecar.days import NotAMoment
from sidecar.figures import gathered
from sidecar.journal import Action, Filters
from sidecar.outbox import Backlog, MessageState
from sidecar.payme_merchant.methods import METHODS

CALLS: Final = 50  # on one page of the journal
WATCHED: Final = 15  # times a redelivered message is looked at again by itself, a second apart
NUMBER_MAX: Final = 2**63 - 1
END_OF_TIME: Final = Millis(2**53)
OPERATOR: Final = "console"  # one password, one operator


class Rooms:
    def __init__(
        self, database: Database, clocks: Clocks, pages: Pages, journal_days: int, promised: Callable[[], None]
    ) -> None:
        """`promised` is called when a message was made due."""
        self._journal_days = journal_days
        self._database = database
        self._clocks = clocks
        self._pages = pages
        self._promised = promised

    async def today(self, visit: Visit) -> Response:
        chosen = period(visit.wanted, visit.now)
        here = period({"period": "today"}, visit.now)
        today = await gathered(self._database, here.start, here.end)
        figures = await gathered(self._database, chosen.start, chosen.end)
        backlog = await self._database.read(outbox.backlog)
        template = "today_figures.html" if visit.partial else "today.html"
        return self._pages.draw(
            visit, template, today=today, figures=figures, period=chosen, backlog=backlog, choices=list(CHOICES)
        )

    async def payments(self, visit: Visit) -> Response:
        """List, or search by a word; a piece of the list for HTMX."""
        word = visit.wanted.get("q", "")
        wish, wrong = wish_of(visit)
        if word:
            found = payments.Page(await self._database.read(payments.search, word), None, None)
        else:
            found = await self._database.read(payments.page, wish, key_of(visit.wanted.get("after", "")))
        template = "payments_rows.html" if visit.partial else "payments.html"
        return self._pages.draw(visit, template, page=found, word=word, wish=wish, wrong=wrong, statuses=list(Status))

    async def story(self, visit: Visit) -> Response:
        told = await self._database.read(story.tell, visit.named("session_id"))
        if told is None:
            return await self.nowhere(visit)
        return self._pages.draw(visit, "story.html", story=told, kinds=story.Kind, days=self._journal_days)

    async def messages(self, visit: Visit) -> Response:
        wanted = visit.wanted
        after, place = number_of(wanted.get("after", "")), place_of(wanted.get("waits_after", ""))
        parked, waiting, backlog = await self._database.read(look_at_messages, after, place)
        return self._pages.draw(
            visit, "messages.html", parked=parked, waiting=waiting, backlog=backlog, full=messages.PAGE
        )

    async def message(self, visit: Visit) -> Response:
        """One message by itself, for the page that waits for what becomes of it."""
        found = await self._database.read(messages.find, number_of(visit.named("number")))
        if found is None:
            return await self.nowhere(visit)
        looks = number_of(visit.wanted.get("looks", ""))
        unsettled = found.state is MessageState.WAITING and looks < WATCHED
        return self._pages.draw(visit, "message.html", message=found, watch=unsettled, looks=looks + 1, said="")

    async def redeliver(self, visit: Visit) -> Response:
        """The one act: make an undelivered message due now, with a line about it in the same transaction."""
        number = number_of(visit.named("number"))
        act = Action(
            visit.now, OPERATOR, visit.caller, messages.REDELIVER, messages.subject(number), outcome=messages.DUE
        )
        made_due = await self._database.write(messages.redeliver, number, act, self._clocks.told())
        if made_due:
            self._promised()
        if not visit.partial:
            return go(visit, f"{HOME}/messages")
        found = made_due or await self._database.read(messages.find, number)
        if found is None:
            return await self.nowhere(visit)
        said = "messages.redelivered" if made_due else "messages.nothing_to_do"
        return self._pages.draw(visit, "message.html", message=found, watch=bool(made_due), looks=1, said=said)

    async def journal(self, visit: Visit) -> Response:
        filters, wrong = filters_of(visit)
        before = number_of(visit.wanted.get("before", "")) or None
        calls = await self._database.read(journal.recent_calls, filters, before, CALLS)
        template = "journal_rows.html" if visit.partial else "journal.html"
        return self._pages.draw(
            visit, template, calls=calls, filters=filters, wrong=wrong, methods=sorted(METHODS), full=CALLS
        )

    async def nowhere(self, visit: Visit) -> Response:
        return self._pages.draw(visit, "nowhere.html", 404)


def look_at_messages(
    connection: Connection, after: int, place: Place
) -> tuple[list[outbox.Message], list[outbox.Message], Backlog]:
    return messages.parked(connection, after), messages.waiting(connection, place), outbox.backlog(connection)


def wish_of(visit: Visit) -> tuple[Wish, bool]:
    """Read the filters of the list; say also whether a date in them was none."""
    wanted = visit.wanted
    start, end, wrong = span_of(visit)
    chosen = wanted.get("status", "")
    return Wish(start or Millis(0), end or END_OF_TIME, Status(chosen) if chosen in set(Status) else None), wrong


def filters_of(visit: Visit) -> tuple[Filters, bool]:
    wanted = visit.wanted
    since, until, wrong = span_of(visit)
    return Filters(
        order_id=wanted.get("order") or None,
        transaction_id=wanted.get("transaction") or None,
        method=wanted.get("method") or None,
        errors="errors" in wanted,
        since=since,
        until=until,
    ), wrong


def span_of(visit: Visit) -> tuple[Millis | None, Millis | None, bool]:
    """Read `from` and `to`, days whose last counts to its end; a date that is none is left out, and said."""
    start = end = None
    try:
        if first := visit.wanted.get("from"):
            start = days.read_moment(first, visit.now)
        if last := visit.wanted.get("to"):
            end = days.read_end(last, visit.now)
    except NotAMoment:
        return start, end, True
    return start, end, False


def key_of(text: str) -> Key | None:
    time, _, session_id = text.partition("~")
    return Key(Millis(number_of(time)), session_id) if session_id else None


def place_of(text: str) -> Place:
    due_time, _, number = text.partition("~")
    return Place(Millis(number_of(due_time)), number_of(number))


def number_of(text: str) -> int:
    """Read a number out of an address; what is none is 0, which no row has."""
    with suppress(ValueError):
        found = int(text) if text.isascii() and text.isdigit() else 0
        return found if found <= NUMBER_MAX else 0
    return 0
