"""Everything that happened to one order on Payme's side, over all attempts and buyers."""

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum

from payme_sandbox.calls import Call
from payme_sandbox.counter.receipts import Receipt, Standing
from payme_sandbox.diagnosis import Diagnosis, trouble_of
from payme_sandbox.link import Link


class Wish(StrEnum):
    """What a buyer does, or the merchant in the cabinet, or the network."""

    PAY = "pay"
    DECLINE = "decline"
    CANCEL = "cancel"
    TWO_BUYERS = "two_buyers"
    LOSE = "lose"
    OVERDUE = "overdue"
    REFUND = "refund"
    ASK_AGAIN = "ask_again"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A call, when it was made and about which order, and what is wrong with its answer."""

    time: int
    order: str
    call: Call
    defects: tuple[str, ...] = ()
    lost: bool = False
    """Payme threw the answer away."""

    @property
    def diagnosis(self) -> Diagnosis | None:
        """What a developer should look at, where it is no answer to speak of."""
        return None if self.lost else trouble_of(self.call)


@dataclass(frozen=True, slots=True)
class Played:
    wish: Wish
    receipts: tuple[Receipt, ...]
    spoken: tuple[Spoken, ...]

    @property
    def flawless(self) -> bool:
        return not any(it.defects for it in self.spoken)


@dataclass
class Visit:
    link: Link
    receipts: list[Receipt] = field(default_factory=list)
    spoken: list[Spoken] = field(default_factory=list)
    last: Played | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def order(self) -> str:
        return self.link.order

    def newest(self, *standings: Standing) -> Receipt | None:
        return next((receipt for receipt in reversed(self.receipts) if receipt.standing in standings), None)

    @property
    def calls(self) -> list[Call]:
        return [it.call for it in self.spoken]

    @property
    def defects(self) -> list[str]:
        return [defect for it in self.spoken for defect in it.defects]
