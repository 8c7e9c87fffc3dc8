"""A certification that runs beside the pages, and what they can tell of it meanwhile."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import groupby

from payme_sandbox.certification.orders import Pool, Shop
from payme_sandbox.certification.run import Outcome, Result, certify
from payme_sandbox.certification.scenario import Scenario
from payme_sandbox.certification.stage import Plan, Step
from payme_sandbox.clock import Time
from payme_sandbox.counter.cashier import Cashier
from payme_sandbox.counter.digest import Chapter

log = logging.getLogger(__name__)


@dataclass
class Rehearsal:
    """Watches its own run."""

    cashier: Cashier
    scenarios: Sequence[Scenario]
    accounts: str = ""
    """The orders that were given for it, as they were typed."""
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    current: str = ""
    broke: str = ""
    stopped: bool = False
    _task: asyncio.Task[None] | None = None

    def start(self, shop: Shop, plan: Plan, time: Time) -> None:
        self._task = asyncio.create_task(self._run(shop, plan, time))

    async def stop(self) -> None:
        if self._task and not self._task.done():
            self.stopped = True
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    @property
    def runs(self) -> bool:
        return self._task is not None and not self._task.done()

    @property
    def chapters(self) -> Iterator[Chapter]:
        for title, scenarios in groupby(self.scenarios, key=lambda it: it.chapter):
            yield Chapter(title, list(scenarios), self.outcomes)

    @property
    def failures(self) -> list[Outcome]:
        """In the order of the catalogue, which is not always that of the run."""
        ended = [self.outcomes[it.name] for it in self.scenarios if it.name in self.outcomes]
        return [outcome for outcome in ended if outcome.result is Result.FAILED]

    def count(self, result: Result) -> int:
        return sum(outcome.result is result for outcome in self.outcomes.values())

    # ── told by the run ────────────────────────────────────────────────────────────────────────────────────────────

    def begun(self, scenario: Scenario) -> None:
        self.current = scenario.name

    def heard(self, step: Step) -> None:
        """The page shows whole scenarios."""

    def ended(self, outcome: Outcome) -> None:
        self.outcomes[outcome.scenario.name] = outcome

    async def _run(self, shop: Shop, plan: Plan, time: Time) -> None:
        frugal = isinstance(shop, Pool) and shop.size < len(self.scenarios)
        merchant = replace(self.cashier.merchant, heard=self.cashier.overhear)
        try:
            await certify(merchant, shop, plan, scenarios=self.scenarios, watcher=self, time=time, frugal=frugal)
        except Exception as error:
            log.exception("the scenario %s broke off", self.current)
            self.broke = f"{self.current}: {error or type(error).__name__}"
        finally:
            self.current = ""
