"""The ledger check: what Payme was told, the statement, the database and the commerce backend, held side by side.

One function for each invariant; each gives what is wrong as sentences, and nothing when all is well.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from enum import StrEnum
from itertools import combinations
from typing import Final, NamedTuple

from faults.books import MOVES, Entry, Evidence, Row, State, performed

OK: Final = 200
NOT_FOUND: Final = -31003
LANGUAGES: Final = {"ru", "uz", "en"}

# What may be seen after what. A transaction may move twice between two looks.
REACHABLE: Final[dict[State, frozenset[State]]] = {
    State.CREATED: frozenset(State),
    State.PERFORMED: frozenset({State.PERFORMED, State.REVERSED}),
    State.CANCELLED: frozenset({State.CANCELLED}),
    State.REVERSED: frozenset({State.REVERSED}),
}
# Which times a state has: created, performed, cancelled.
STAMPS: Final[dict[State, tuple[bool, bool, bool]]] = {
    State.CREATED: (True, False, False),
    State.PERFORMED: (True, True, False),
    State.CANCELLED: (True, False, True),
    State.REVERSED: (True, True, True),
}
EFFECTS: Final = {"authorize": "perform_time", "cancel": "cancel_time"}


class Invariant(StrEnum):
    KEPT = "I1 what was acknowledged is kept"
    TOLD = "I2 a performed payment is told"
    ONCE = "I2 told once"
    FOUNDED = "I3 no effect without a payment"
    ONE_LIVE = "I4 one live transaction per order"
    ARROWS = "I5 only the arrows of the table"
    SAME_ANSWER = "I6 a repeat is answered the same"
    ANSWERED = "I7 every answer is one"
    STATEMENT = "I7 the statement is the ledger"
    DISCREET = "I8 no secret is logged"
    HEALED = "I9 it heals by itself"
    SOUND = "I10 the database is sound"
    EXPECTED = "the story goes as told"


class Finding(NamedTuple):
    invariant: Invariant
    sentence: str


def check(evidence: Evidence) -> list[Finding]:
    """Everything that is wrong."""
    return [Finding(name, sentence) for name, look in CHECKS.items() for sentence in look(evidence)]


def kept(evidence: Evidence) -> Iterator[str]:
    rows = {row.payme_id: row for row in evidence.rows}
    told = {(entry.payme_id, entry.method): entry for entry in evidence.journal.acknowledged()}
    for (payme_id, method), entry in told.items():
        name = MOVES[method]
        acknowledged = (entry.result or {}).get(name)
        if payme_id not in rows:
            yield f"{method} of {payme_id} was acknowledged and is not in the database"
        elif (stored := getattr(rows[payme_id], name)) != acknowledged:
            yield f"{payme_id} was acknowledged with {name} {acknowledged} and has {stored}"
    for payme_id, entries in evidence.journal.by_transaction().items():
        for sooner, later in _in_sequence(entries):
            if sooner.result and sooner.method in MOVES and later.code == NOT_FOUND:
                yield f"{payme_id} was acknowledged and then not found by {later.method}"


def told(evidence: Evidence) -> Iterator[str]:
    sent = {(effect.payme_id, effect.topic) for effect in evidence.effects}
    withdrawn = {(it.transaction_id, it.topic) for it in evidence.messages if it.state == "withdrawn"}
    for row in performed(evidence.rows):
        for topic in ("authorize", "cancel") if row.state == State.REVERSED else ("authorize",):
            which = (row.payme_id, topic)
            if which not in sent | withdrawn:
                yield f"{topic} of {row.payme_id} never reached the backend"
            if which in withdrawn and row.state != State.REVERSED:
                yield f"{topic} of {row.payme_id} was withdrawn though Payme kept the money"
    for payme_id in {payme_id for payme_id, _ in withdrawn}:
        if {(payme_id, "authorize"), (payme_id, "cancel")} - withdrawn:
            yield f"only one of the two messages about {payme_id} was withdrawn"


def once(evidence: Evidence) -> Iterator[str]:
    counts = Counter((effect.session_id, effect.topic) for effect in evidence.effects)
    for (session, topic), count in counts.items():
        if count > 1:
            keys = sorted(it.key for it in evidence.effects if (it.session_id, it.topic) == (session, topic))
            yield f"{topic} of {session} took effect {count} times, under {', '.join(keys)}"
    yield from evidence.contradictions


def founded(evidence: Evidence) -> Iterator[str]:
    rows = {row.payme_id: row for row in evidence.rows}
    seen: set[tuple[str, str]] = set()
    for effect in evidence.effects:
        row, time = rows.get(effect.payme_id), EFFECTS[effect.topic]
        if row is None or not getattr(row, time):
            yield f"the backend was told to {effect.topic} {effect.payme_id}, which has no {time}"
            continue
        if (effect.body["amount"], effect.body[time]) != (row.amount, getattr(row, time)):
            yield f"the backend was told another amount or {time} of {effect.payme_id} than the ledger has"
        if effect.topic == "cancel" and (effect.payme_id, "authorize") not in seen:
            yield f"the backend heard of the cancel of {effect.payme_id} before its authorize"
        if effect.key != f"{effect.topic}:{effect.payme_id}":
            yield f"the backend was told to {effect.topic} {effect.payme_id} under the key {effect.key}"
        seen.add((effect.payme_id, effect.topic))


def one_live(evidence: Evidence) -> Iterator[str]:
    live = Counter(row.order_id for row in evidence.rows if row.state in {State.CREATED, State.PERFORMED})
    for order, count in live.items():
        if count > 1:
            yield f"order {order} has {count} live transactions"


def arrows(evidence: Evidence) -> Iterator[str]:
    for row in evidence.rows:
        yield from _impossible(row)
    rows = {row.payme_id: row for row in evidence.rows}
    for payme_id, entries in evidence.journal.by_transaction().items():
        for sooner, later in _in_sequence(entries):
            before, after = _state(sooner), _state(later)
            if before and after and after not in REACHABLE[before]:
                yield f"{payme_id} went from {before:d} to {after:d}"
        last = rows.get(payme_id)
        for seen in {_state(entry) for entry in entries} - {None}:
            if last and last.state not in REACHABLE[State(seen or 0)]:
                yield f"{payme_id} was seen in state {seen:d} and ended in {last.state}"


def same_answer(evidence: Evidence) -> Iterator[str]:
    first: dict[tuple[str, str], bytes] = {}
    for entry in evidence.journal.acknowledged():
        said = first.setdefault((entry.payme_id, entry.method), entry.said)
        if said != entry.said:
            yield f"{entry.method} of {entry.payme_id} was answered {_short(said)} and then {_short(entry.said)}"


def answered(evidence: Evidence) -> Iterator[str]:
    for entry in evidence.journal.entries:
        if wrong := _no_envelope(entry):
            yield f"{entry.method} number {entry.number} was answered {wrong}: {_short(entry.body)}"


def statement(evidence: Evidence) -> Iterator[str]:
    ledger = {row.payme_id: row for row in evidence.rows}
    stated = {row.payme_id: row for row in evidence.statement}
    for payme_id in sorted(ledger.keys() | stated.keys()):
        if ledger.get(payme_id) != stated.get(payme_id):
            yield f"the statement says {stated.get(payme_id)}, the database {ledger.get(payme_id)}"
    if [row.time for row in evidence.statement] != sorted(row.time for row in evidence.statement):
        yield "the statement is not in the order of Payme's times"


def healed(evidence: Evidence) -> Iterator[str]:
    for it in evidence.messages:
        if it.state in {"waiting", "parked"}:
            yield f"{it.topic} of {it.transaction_id} is {it.state} after {it.attempts} attempts: {it.last_answer}"


CHECKS: Final[dict[Invariant, Callable[[Evidence], Iterator[str]]]] = {
    Invariant.KEPT: kept,
    Invariant.TOLD: told,
    Invariant.ONCE: once,
    Invariant.FOUNDED: founded,
    Invariant.ONE_LIVE: one_live,
    Invariant.ARROWS: arrows,
    Invariant.SAME_ANSWER: same_answer,
    Invariant.ANSWERED: answered,
    Invariant.STATEMENT: statement,
    Invariant.DISCREET: lambda it: (f"{leak} gives a secret away" for leak in it.leaks),
    Invariant.HEALED: healed,
    Invariant.SOUND: lambda it: iter(it.damage),
    Invariant.EXPECTED: lambda it: iter(it.journal.complaints),
}


def _in_sequence(entries: list[Entry]) -> Iterator[tuple[Entry, Entry]]:
    """Pairs of which the one had been answered before the other was asked."""
    for one, other in combinations(entries, 2):
        sooner, later = sorted((one, other), key=lambda it: it.begun)
        if sooner.ended < later.begun:
            yield sooner, later


def _state(entry: Entry) -> State | None:
    state = (entry.result or {}).get("state")
    return State(state) if state else None


def _impossible(row: Row) -> Iterator[str]:
    if row.state not in STAMPS:
        yield f"{row.payme_id} is in state {row.state}, which there is not"
        return
    stamps = (row.create_time, row.perform_time, row.cancel_time)
    if tuple(map(bool, stamps)) != STAMPS[State(row.state)] or bool(row.cancel_time) != (row.reason is not None):
        yield f"{row.payme_id} is in state {row.state} with the times {stamps} and the reason {row.reason}"
    passed = [time for time in stamps if time]
    if passed != sorted(passed):
        yield f"the times of {row.payme_id} run backwards: {stamps}"


def _no_envelope(entry: Entry) -> str | None:
    if entry.status != OK:
        return f"with HTTP {entry.status}"
    envelope = entry.envelope
    if envelope.get("jsonrpc") != "2.0" or envelope.get("id") != entry.number:
        return "without its envelope"
    if ("result" in envelope) == ("error" in envelope):
        return "with neither or both of result and error"
    error = envelope.get("error")
    if error and (not isinstance(error.get("code"), int) or set(error.get("message", ())) != LANGUAGES):
        return "with an error of a wrong shape"
    return None


def _short(said: bytes) -> str:
    return json.dumps(said[:200].decode("utf-8", "replace"))
