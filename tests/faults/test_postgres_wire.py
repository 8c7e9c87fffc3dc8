"""What is heard on a wire to PostgreSQL: when a write about a payment is on its way, and when it is stored."""

import pytest

from faults.postgres_wire import Conversation, Losses, Moment, Words
from faults.wire import Cut, Side

HELLO = (12).to_bytes(4) + (196_608).to_bytes(4) + b"user"
MOVE = "UPDATE payme_transaction SET state = 2"
CLAIM = "UPDATE outbox_message SET attempts = 1"


def word(kind: bytes, held: bytes) -> bytes:
    return kind + (len(held) + 4).to_bytes(4) + held


def query(statement: str) -> bytes:
    return word(b"Q", statement.encode() + b"\0")


def prepared(statement: str) -> bytes:
    return word(b"P", b"s1\0" + statement.encode() + b"\0\0\0")


BOUND = word(b"B", b"\0s1\0") + word(b"E", b"\0\0\0\0\0") + word(b"S", b"")
IDLE = word(b"C", b"UPDATE 1\0") + word(b"Z", b"I")
IN_TRANSACTION = word(b"C", b"UPDATE 1\0") + word(b"Z", b"T")
FAILED = word(b"E", b"SERROR\0\0") + word(b"Z", b"I")


def heard(*said: tuple[Side, bytes]) -> list[Moment]:
    moments: list[Moment] = []
    conversation = Conversation(moments.append)
    conversation(Side.CALLER, HELLO)
    for speaker, words in said:
        assert conversation(speaker, words) == words
    return moments


def test_a_statement_by_itself_is_sent_and_stored() -> None:
    assert heard((Side.CALLER, query(MOVE)), (Side.CALLED, IDLE)) == [Moment.SENDING, Moment.STORED]


def test_a_prepared_statement_is_known_by_its_name() -> None:
    conversation = [(Side.CALLER, prepared(MOVE)), (Side.CALLED, word(b"Z", b"I")), (Side.CALLER, BOUND)]

    assert heard(*conversation) == [Moment.SENDING]
    assert heard(*conversation, (Side.CALLED, IDLE)) == [Moment.SENDING, Moment.STORED]


def test_in_a_transaction_only_the_commit_makes_it_final() -> None:
    begun = [
        (Side.CALLER, query("BEGIN;")),
        (Side.CALLED, IN_TRANSACTION),
        (Side.CALLER, query(MOVE)),
        (Side.CALLED, IN_TRANSACTION),
    ]

    assert heard(*begun) == []
    assert heard(*begun, (Side.CALLER, query("COMMIT;"))) == [Moment.SENDING]


def test_what_failed_was_not_stored() -> None:
    assert heard((Side.CALLER, query(MOVE)), (Side.CALLED, FAILED)) == [Moment.SENDING]


def test_what_is_not_about_a_payment_is_no_moment() -> None:
    assert heard((Side.CALLER, query(CLAIM)), (Side.CALLED, IDLE)) == []


@pytest.mark.parametrize("size", [1, 3, 7])
def test_words_are_heard_wherever_the_network_cuts_them(size: int) -> None:
    words, said = Words(hello=True), HELLO + prepared(MOVE) + BOUND

    found = [it for start in range(0, len(said), size) for it in words.hear(said[start : start + size])]

    assert [it.kind for it in found] == [b"", b"P", b"B", b"E", b"S"]
    assert found[1].text(1) == MOVE


def test_one_in_so_many_is_lost_at_each_moment() -> None:
    losses = Losses(2)

    for moment in Moment:
        losses.at(moment)
        with pytest.raises(Cut):
            losses.at(moment)

    assert losses.lost == dict.fromkeys(Moment, 1)
