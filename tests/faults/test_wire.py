"""The ear on the wire: it passes on what was said, and cuts where it is told to."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from demo_shop.postgres import free_port
from faults.http import HOST, Client, NoAnswer
from faults.moments import A_PAYMENT, A_SETTLEMENT, Ambush, at_first_word_of, at_reply
from faults.sidecars import Sidecar
from faults.wire import Cut, Listener, Side, Wire

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
CALL = b'{"method":"PerformTransaction"}'


@contextlib.asynccontextmanager
async def answering(heard: list[bytes], delay: float = 0.0) -> AsyncIterator[int]:
    """A server that answers 200 to whatever it hears; its port."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while said := await reader.read(65_536):
                heard.append(said)
                await asyncio.sleep(delay)
                writer.write(OK)
                await writer.drain()
        writer.close()

    port = free_port()
    async with await asyncio.start_server(connected, HOST, port):
        yield port


def through_a_wire(listener: Listener, visit: Callable[[Wire, Client], Awaitable[Any]]) -> list[bytes]:
    """Let a client visit a server by a wire; what the server heard."""
    heard: list[bytes] = []

    async def meeting() -> None:
        async with answering(heard) as port:
            wire, client = Wire(port, lambda: listener), Client(patience=5)
            await wire.open()
            await visit(wire, client)
            client.close()
            await wire.close()

    asyncio.run(meeting())
    return heard


async def call(wire: Wire, client: Client) -> bytes:
    return (await client.ask(wire.port, "POST", "/", {}, CALL)).body


async def call_in_vain(wire: Wire, client: Client) -> None:
    with pytest.raises(NoAnswer):
        await call(wire, client)


def test_both_sides_hear_what_was_said() -> None:
    spoken: list[Side] = []

    def listener(speaker: Side, said: bytes) -> bytes:
        spoken.append(speaker)
        return said

    async def visit(wire: Wire, client: Client) -> None:
        assert await call(wire, client) == b"{}"

    (heard,) = through_a_wire(listener, visit)

    assert heard.endswith(CALL)
    assert spoken == [Side.CALLER, Side.CALLED]


def test_what_is_cut_before_it_is_sent_is_never_heard() -> None:
    ambush, kills = ambush_that_counts()
    ambush.arm(1)

    heard = through_a_wire(at_first_word_of(Side.CALLER)(ambush), call_in_vain)

    assert (heard, kills) == ([], [1])


def test_a_cut_reply_was_earned_but_not_heard() -> None:
    ambush, kills = ambush_that_counts()
    ambush.arm(2)

    async def visit(wire: Wire, client: Client) -> None:
        assert await call(wire, client) == b"{}"
        await call_in_vain(wire, client)
        assert await call(wire, client) == b"{}"  # an ambush strikes once

    heard = through_a_wire(at_reply(ambush), visit)

    assert (len(heard), kills) == (3, [1])


def test_the_reply_to_a_question_is_no_moment() -> None:
    ambush, kills = ambush_that_counts()
    ambush.arm(1)
    listener = at_reply(ambush)

    listener(Side.CALLER, b'{"method":"CheckTransaction"}')

    assert listener(Side.CALLED, OK) == OK
    assert kills == []


def test_what_cut_still_lets_through_arrives() -> None:
    def listener(speaker: Side, said: bytes) -> bytes:
        if speaker is Side.CALLED:
            raise Cut(said[:10])
        return said

    got: list[bytes] = []

    async def visit(wire: Wire, _client: Client) -> None:
        reader, writer = await asyncio.open_connection(HOST, wire.port)
        writer.write(b"hello")
        with contextlib.suppress(ConnectionError):
            got.append(await reader.readexactly(10))
            got.append(await reader.read())
        writer.close()

    through_a_wire(listener, visit)

    assert got[:1] in ([OK[:10]], [])  # a reset may overtake it
    assert OK[10:] not in got


def test_a_wire_without_a_server_behind_it_answers_nothing() -> None:
    async def meeting() -> None:
        wire, client = Wire(free_port()), Client(patience=5)
        await wire.open()
        await call_in_vain(wire, client)
        await wire.close()

    asyncio.run(meeting())


@pytest.mark.parametrize(
    ("statement", "payment", "settlement"),
    [
        ("UPDATE payme_transaction SET state = 2", True, False),
        ("INSERT INTO payme_transaction (payme_id) VALUES ($1)", True, False),
        ("UPDATE outbox_message SET state='delivered' WHERE number = $1", False, True),
        ("WITH due AS (… FOR UPDATE SKIP LOCKED) UPDATE outbox_message SET due_time=$1", False, False),
        ("SELECT * FROM payme_transaction", False, False),
    ],
)
def test_a_write_is_known_by_what_it_is_about(statement: str, payment: bool, settlement: bool) -> None:
    assert bool(A_PAYMENT.search(statement)) is payment
    assert bool(A_SETTLEMENT.search(statement)) is settlement


def ambush_that_counts() -> tuple[Ambush, list[int]]:
    kills: list[int] = []
    victim = cast("Sidecar", SimpleNamespace(strike=lambda: kills.append(1)))
    return Ambush(victim), kills
