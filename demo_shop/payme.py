"""Payme in the demo: the sandbox's cashier and pages, with every call written into the journal."""

import httpx
from starlette.types import ASGIApp

from demo_shop.journal import Journal, Step
from payme_sandbox.clock import Time
from payme_sandbox.counter.cashbox import Cashbox
from payme_sandbox.counter.cashier import Cashier
from payme_sandbox.counter.desk import Desk
from payme_sandbox.counter.site import site
from payme_sandbox.counter.visits import Spoken


def cashier(cashbox: Cashbox, http: httpx.AsyncClient, journal: Journal) -> Cashier:
    def heard(spoken: Spoken) -> None:
        note = "; ".join(spoken.defects)
        journal.write(spoken.order, Step.PAYME_CALLED, str(spoken.call.method), spoken.call.found, note)

    return Cashier(cashbox, http, Time(now=journal.clock), heard)


def pages(cashier: Cashier, http: httpx.AsyncClient, host: str) -> ASGIApp:
    """Payme's pages, for this cashbox and no other."""
    return site(Desk(http, cashier=cashier, movable=False), host)
