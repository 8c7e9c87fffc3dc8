"""The ledger check finds what is broken: books in which all is well, and one thing changed in them."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any, Final

import pytest

from faults.books import Effect, Entry, Evidence, Journal, Message, Row, statement_row
from faults.check import Invariant, check

NOBODY_KNOWS: Final = -31003
PAID: Final = Row("tx-paid", "ses-1", 500, 2, 1_000, 1_001, 1_002, 0, None)
BACK: Final = Row("tx-back", "ses-2", 700, -2, 2_000, 2_001, 2_002, 2_003, 5)
DECLINED: Final = Row("tx-declined", "ses-3", 900, -1, 3_000, 3_001, 0, 3_002, 3)
UNSENT: Final = Row("tx-unsent", "ses-4", 100, -2, 4_000, 4_001, 4_002, 4_003, 5)
SECOND: Final = Row("tx-second", "ses-1", 500, 1, 9_000, 9_001, 0, 0, None)
NOT_FOUND: Final = {"code": NOBODY_KNOWS, "message": {"ru": "нет", "uz": "yo‘q", "en": "no"}}

Change = Callable[["Story"], object]


class Story:
    """Books that agree, until something is changed in them."""

    def __init__(self) -> None:
        self.rows = [PAID, BACK, DECLINED, UNSENT]
        self.statement = list(self.rows)
        self.messages = [
            message(PAID, "authorize", "delivered"),
            message(BACK, "authorize", "delivered"),
            message(BACK, "cancel", "delivered"),
            message(UNSENT, "authorize", "withdrawn"),
            message(UNSENT, "cancel", "withdrawn"),
        ]
        self.effects = [effect(PAID, "authorize"), effect(BACK, "authorize"), effect(BACK, "cancel")]
        self.entries: list[Entry] = []
        for row in self.rows:
            self.tell("CreateTransaction", row, create_time=row.create_time, transaction="1", state=1)
            if row.perform_time:
                self.tell("PerformTransaction", row, transaction="1", perform_time=row.perform_time, state=2)
            if row.cancel_time:
                self.tell("CancelTransaction", row, transaction="1", cancel_time=row.cancel_time, state=row.state)
        self.more: dict[str, Any] = {}

    def tell(self, method: str, row: Row, **result: Any) -> None:
        self.say(method, row, result=result)

    def say(self, method: str, row: Row, status: int = 200, **said: Any) -> None:
        """One answer, after all others."""
        number = len(self.entries) + 1
        body = json.dumps({"jsonrpc": "2.0", "id": number, **said}, separators=(",", ":")).encode()
        self.entries.append(Entry(number, method, {"id": row.payme_id}, number, number + 0.5, status, body))

    def add(self, row: Row) -> None:
        self.rows.append(row)
        self.statement.append(row)

    def replace(self, row: Row, **changes: Any) -> None:
        """Change a row, in the statement as well."""
        for place in (self.rows, self.statement):
            place[place.index(row)] = dataclasses.replace(row, **changes)

    def perform_at(self, moment: int) -> None:
        """Another time, of which everybody but Payme was told."""
        self.replace(PAID, perform_time=moment)
        self.effects[0] = effect(PAID, "authorize", perform_time=moment)

    def evidence(self) -> Evidence:
        return Evidence(
            journal=Journal(self.entries, complaints=self.more.pop("complaints", [])),
            statement=tuple(self.statement),
            rows=tuple(self.rows),
            messages=tuple(self.messages),
            effects=tuple(self.effects),
            **self.more,
        )


def message(row: Row, topic: str, state: str) -> Message:
    return Message(row.order_id, topic, row.payme_id, state, 1, "")


def effect(row: Row, topic: str, **changes: Any) -> Effect:
    time = {"authorize": {"perform_time": row.perform_time}, "cancel": {"cancel_time": row.cancel_time}}[topic]
    body = {"transaction_id": row.payme_id, "amount": row.amount} | time | changes
    return Effect(row.order_id, topic, f"{topic}:{row.payme_id}", body)


def lose(story: Story, row: Row) -> None:
    story.rows.remove(row)
    story.statement.remove(row)


def without_envelope(story: Story) -> None:
    story.entries[0] = dataclasses.replace(story.entries[0], body=b"Internal Server Error")


BROKEN: Final[dict[str, tuple[Invariant, Change]]] = {
    "a transaction that was acknowledged is gone": (Invariant.KEPT, lambda it: lose(it, DECLINED)),
    "a perform_time that was acknowledged is another": (Invariant.KEPT, lambda it: it.perform_at(1_099)),
    "a transaction that was acknowledged is not found": (
        Invariant.KEPT,
        lambda it: it.say("CheckTransaction", PAID, error=NOT_FOUND),
    ),
    "a performed payment was never told": (Invariant.TOLD, lambda it: it.effects.pop(0)),
    "a refund was never told": (Invariant.TOLD, lambda it: it.effects.pop(2)),
    "a payment that stands was withdrawn": (
        Invariant.TOLD,
        lambda it: it.messages.extend(message(PAID, topic, "withdrawn") for topic in ("authorize", "cancel")),
    ),
    "only the authorize was withdrawn": (Invariant.TOLD, lambda it: it.messages.pop()),
    "a payment took effect under two keys": (
        Invariant.ONCE,
        lambda it: it.effects.append(dataclasses.replace(effect(PAID, "authorize"), key="authorize:tx-paid")),
    ),
    "a key came again with another content": (
        Invariant.ONCE,
        lambda it: it.more.update(contradictions=("the key authorize:tx-paid came with two contents",)),
    ),
    "an effect without a payment": (Invariant.FOUNDED, lambda it: it.effects.append(effect(DECLINED, "authorize"))),
    "an effect with another amount": (
        Invariant.FOUNDED,
        lambda it: it.effects.__setitem__(0, effect(PAID, "authorize", amount=1)),
    ),
    "a cancel before its authorize": (Invariant.FOUNDED, lambda it: it.effects.reverse()),
    "an effect under a strange key": (
        Invariant.FOUNDED,
        lambda it: it.effects.__setitem__(0, dataclasses.replace(it.effects[0], key="authorize:1")),
    ),
    "two live transactions on one order": (Invariant.ONE_LIVE, lambda it: it.add(SECOND)),
    "a state and its times disagree": (Invariant.ARROWS, lambda it: it.replace(DECLINED, reason=None)),
    "times run backwards": (
        Invariant.ARROWS,
        lambda it: it.replace(UNSENT, time=4_000, create_time=4_001, reason=None),
    ),
    "a cancelled payment was seen alive again": (
        Invariant.ARROWS,
        lambda it: it.tell("CheckTransaction", DECLINED, state=1),
    ),
    "a payment was seen in a state it cannot have left": (
        Invariant.ARROWS,
        lambda it: it.tell("CheckTransaction", PAID, state=-2),
    ),
    "a repeat was answered otherwise": (
        Invariant.SAME_ANSWER,
        lambda it: it.tell("PerformTransaction", PAID, transaction="1", state=2, perform_time=1_002),
    ),
    "an answer with another status": (
        Invariant.ANSWERED,
        lambda it: it.say("CheckTransaction", PAID, status=503, result={"state": 2}),
    ),
    "an answer that is no envelope": (Invariant.ANSWERED, without_envelope),
    "an error in one language": (
        Invariant.ANSWERED,
        lambda it: it.say("CheckTransaction", PAID, error={"code": -32400, "message": "no"}),
    ),
    "the statement forgot a transaction": (Invariant.STATEMENT, lambda it: it.statement.remove(DECLINED)),
    "the statement says another amount": (
        Invariant.STATEMENT,
        lambda it: it.statement.__setitem__(0, dataclasses.replace(PAID, amount=1)),
    ),
    "the statement is out of order": (Invariant.STATEMENT, lambda it: it.statement.reverse()),
    "a log gives a secret away": (Invariant.DISCREET, lambda it: it.more.update(leaks=("sidecar-1.log",))),
    "a message is still waiting": (
        Invariant.HEALED,
        lambda it: it.messages.append(message(PAID, "authorize", "waiting")),
    ),
    "a message is parked": (Invariant.HEALED, lambda it: it.messages.append(message(PAID, "authorize", "parked"))),
    "a page is damaged": (Invariant.SOUND, lambda it: it.more.update(damage=("page 7",))),
    "Payme was refused without a reason": (Invariant.EXPECTED, lambda it: it.more.update(complaints=["refused"])),
}


def test_nothing_is_found_when_all_books_agree() -> None:
    assert check(Story().evidence()) == []


@pytest.mark.parametrize("what", BROKEN)
def test_it_is_found_and_named_when(what: str) -> None:
    invariant, change = BROKEN[what]
    story = Story()
    change(story)

    assert {finding.invariant for finding in check(story.evidence())} == {invariant}


def test_answers_to_calls_that_were_under_way_together_prove_no_order() -> None:
    story = Story()
    story.tell("CheckTransaction", PAID, state=1)
    story.entries[-1] = dataclasses.replace(story.entries[-1], begun=0.0)

    assert check(story.evidence()) == []


def test_a_finding_says_of_which_payment_it_speaks() -> None:
    story = Story()
    story.effects.pop(0)

    assert [finding.sentence for finding in check(story.evidence())] == [
        "authorize of tx-paid never reached the backend"
    ]


def test_the_longest_silence_lies_between_two_acknowledgements() -> None:
    journal = Journal()
    for ended in (1.0, 4.0, 2.0):
        journal.entries.append(
            Entry(
                1, "PerformTransaction", {"id": "tx"}, 0.0, ended, 200, b'{"jsonrpc":"2.0","id":1,"result":{"state":2}}'
            )
        )

    assert journal.longest_silence() == 2.0


def test_a_row_of_the_statement_is_read_as_the_database_has_it() -> None:
    members = dataclasses.asdict(PAID)
    id_, order = members.pop("payme_id"), members.pop("order_id")
    stated = {"id": id_, "account": {"order_id": order}, "transaction": "1", "receivers": None, **members}

    assert statement_row(stated) == PAID
