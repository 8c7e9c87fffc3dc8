"""What the pages share: the cashier of the endpoint that is connected now."""

from dataclasses import dataclass, field

import httpx

from payme_sandbox.clock import Time
from payme_sandbox.counter.cashbox import Cashbox
from payme_sandbox.counter.cashier import Cashier
from payme_sandbox.diagnosis import KNOCK, Diagnosis, diagnose


@dataclass
class Desk:
    http: httpx.AsyncClient
    time: Time = field(default_factory=Time)
    cashier: Cashier | None = None
    diagnosis: Diagnosis | None = None
    """None until somebody has asked."""
    movable: bool = True
    """Whether another endpoint may be connected by hand."""

    async def connect(self, cashbox: Cashbox) -> None:
        """Take another endpoint, with new books; the same with another key goes on with its own."""
        if self.cashier is not None and self.cashier.cashbox.endpoint == cashbox.endpoint:
            self.cashier.take(cashbox)
        else:
            self.cashier = Cashier(cashbox, self.http, self.time)
        await self.examine(self.cashier)

    async def examine(self, cashier: Cashier) -> Diagnosis:
        """Knock with a call that changes nothing."""
        call = await cashier.merchant.call(KNOCK)
        cashier.overhear(call)
        self.diagnosis = diagnose(call)
        return self.diagnosis
