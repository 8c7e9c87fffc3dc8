"""One run from the command line: whom it asks, what it writes down, how it ends."""

import asyncio
import signal
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from payme_sandbox.certification.orders import NoOrder, Order, Pool, SideDoor
from payme_sandbox.certification.preflight import first_payable
from payme_sandbox.certification.report import as_json, as_junit
from payme_sandbox.certification.run import Outcome, Report, Result, certify
from payme_sandbox.certification.scenario import Scenario
from payme_sandbox.certification.screen import Screen
from payme_sandbox.certification.stage import Plan
from payme_sandbox.clock import Time
from payme_sandbox.doorstep import MISUSED, fail, say, write
from payme_sandbox.merchant import ONCE, Merchant

FAILED: Final = 1
INTERRUPTED: Final = 128 + signal.SIGINT
BROKEN_OFF: Final = "the run was broken off before it"
AMOUNT: Final = 5_000_000  # tiyin, of an order that a test shop makes


@dataclass(frozen=True, slots=True)
class Errand:
    url: str
    authorization: str = field(repr=False)
    plan: Plan
    scenarios: Sequence[Scenario]
    pool: Sequence[Order]
    """Payable orders; empty: `shop` makes them."""
    shop: str
    amount: int | None
    timeout: float
    verify: ssl.SSLContext | bool

    def run(self, screen: Screen, json: Path | None, junit: Path | None) -> int:
        """Run it, write the reports; the exit status. Ctrl-C ends it with what was found so far."""
        started = Time().now()
        with screen:
            try:
                report, ended = asyncio.run(self._walk(screen)), True
            except KeyboardInterrupt:
                report, ended = self._so_far(screen.outcomes, started), False
        screen.summary(report.milliseconds if ended else None)
        writers = [(file, text) for file, text in ((json, as_json), (junit, as_junit)) if file]
        written = [write(file, text(report)) for file, text in writers]
        if ended and not screen.ran:
            say("no scenario could be run")
        statuses = {INTERRUPTED: not ended, MISUSED: not (all(written) and screen.ran), FAILED: not report.passed}
        return next((status for status, is_so in statuses.items() if is_so), 0)

    async def _walk(self, screen: Screen) -> Report:
        async with httpx.AsyncClient(timeout=self.timeout, limits=ONCE, verify=self.verify, trust_env=False) as http:
            merchant = Merchant(http, self.url, self.authorization, patience=self.timeout)
            if self.shop:
                return await self._with_shop(merchant, SideDoor(http, self.shop, self.amount or AMOUNT), screen)
            orders, why = await first_payable(merchant, self.pool)
            if not orders:
                fail(why)
            frugal = len(orders) < len(self.scenarios)
            return await self._certify(merchant, Pool(orders), screen, frugal=frugal)

    async def _with_shop(self, merchant: Merchant, door: SideDoor, screen: Screen) -> Report:
        try:
            orders, why = await first_payable(merchant, [await door.order(None)])
        except NoOrder as none:
            fail(str(none))
        if not orders:
            fail(why)
        try:
            return await self._certify(merchant, door, screen, frugal=False)
        finally:
            if door.unmended:
                say(f"the test shop's hook may still be broken: {door.unmended}")

    async def _certify(self, merchant: Merchant, shop: Pool | SideDoor, screen: Screen, *, frugal: bool) -> Report:
        return await certify(merchant, shop, self.plan, scenarios=self.scenarios, watcher=screen, frugal=frugal)

    def _so_far(self, outcomes: Sequence[Outcome], started: int) -> Report:
        found = {it.scenario.name: it for it in outcomes}
        told = [found.get(it.name) or Outcome(it, Result.NOT_RUN, BROKEN_OFF, (), ()) for it in self.scenarios]
        return Report(self.url, self.plan.accumulative, started, Time().now() - started, told)
