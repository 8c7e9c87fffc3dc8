"""Payme as the other side sees it: it picks an address, asks, and asks again until it has an answer.

A refused connection, a cut one, silence and "outcome unknown" (−32400) are no answers. Every answer goes into the
journal as it came.
"""

import asyncio
import base64
import itertools
import json
import random
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from faults.books import Entry, Journal
from faults.http import Client, NoAnswer

LOGIN: Final = "Paycom"
PAUSE: Final = 0.05  # seconds before the next try …
PAUSE_MAX: Final = 0.5  # … growing to this


def milliseconds() -> int:
    """Payme's own clock."""
    return time.time_ns() // 1_000_000


class Payme:
    def __init__(
        self,
        key: str,
        journal: Journal,
        addresses: Callable[[], Sequence[int]],
        dice: random.Random,
        patience: float = 15.0,
    ) -> None:
        """`addresses` are the ports behind which the merchant's endpoint may be found, all of them as good."""
        self.journal = journal
        self.dice = dice
        self.to_all = False
        """Send every call to every address at once."""
        self._addresses = addresses
        self._client = Client(patience)
        self._numbers = itertools.count(1)
        credential = base64.b64encode(f"{LOGIN}:{key}".encode()).decode()
        self._headers = {"authorization": f"Basic {credential}", "content-type": "application/json"}

    def close(self) -> None:
        self._client.close()

    async def call(self, method: str, **params: Any) -> Entry:
        """Ask until there is an answer, for ever if need be."""
        avoid: int | None = None
        for tries in itertools.count(1):
            ports = self._ports(avoid)
            answers = await asyncio.gather(*(self.try_once(port, method, params) for port in ports))
            self.journal.most_tries = max(self.journal.most_tries, tries)
            for answer in answers:
                if answer and answer.is_answer:
                    return answer
            avoid = ports[0]
            await asyncio.sleep(min(PAUSE * tries, PAUSE_MAX))
        raise AssertionError("one never gives up")

    async def try_once(self, port: int, method: str, params: dict[str, Any]) -> Entry | None:
        """Ask one address once; None when nothing came."""
        number = next(self._numbers)
        call = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        begun = time.monotonic()
        try:
            said = await self._client.ask(port, "POST", "/payme", self._headers, json.dumps(call).encode())
        except NoAnswer as silence:
            self.journal.silences.append(str(silence))
            return None
        entry = Entry(number, method, params, begun, time.monotonic(), said.status, said.body)
        self.journal.entries.append(entry)
        return entry

    def _ports(self, avoid: int | None) -> list[int]:
        ports = list(self._addresses())
        if self.to_all:
            return ports
        others = [port for port in ports if port != avoid]
        return [self.dice.choice(others or ports)]
