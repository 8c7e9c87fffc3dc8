"""One run of the scenarios against one endpoint."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from payme_sandbox.certification.expectations import Verdict
from payme_sandbox.certification.orders import NoOrder, Shop, Stock
from payme_sandbox.certification.scenario import Scenario
from payme_sandbox.certification.scenarios import CATALOGUE
from payme_sandbox.certification.stage import Broken, NotRun, Plan, Stage, Step
from payme_sandbox.clock import Time
from payme_sandbox.merchant import Merchant

SILENT_MAX: Final = 2
ROUNDS: Final = 4
GONE: Final = "the endpoint has stopped answering"


class Result(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True)
class Outcome:
    scenario: Scenario
    result: Result
    reason: str
    """Why it was not run, or what failed, in one line."""
    steps: Sequence[Step]
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Report:
    endpoint: str
    accumulative: bool
    started: int
    milliseconds: int
    outcomes: Sequence[Outcome]
    """In the order of the catalogue."""

    def count(self, result: Result) -> int:
        return sum(outcome.result is result for outcome in self.outcomes)

    @property
    def passed(self) -> bool:
        """Whether nothing failed. What could not be run is said, not failed."""
        return not self.count(Result.FAILED)


class Watcher(Protocol):
    """Told of everything as it happens."""

    def begun(self, scenario: Scenario) -> None: ...
    def heard(self, step: Step) -> None: ...
    def ended(self, outcome: Outcome) -> None: ...


class Nobody:
    """A watcher that does not look."""

    def begun(self, scenario: Scenario) -> None:
        pass

    def heard(self, step: Step) -> None:
        pass

    def ended(self, outcome: Outcome) -> None:
        pass


NOBODY: Final = Nobody()


def chosen(plan: Plan, only: Iterable[str] = (), skip: Iterable[str] = ()) -> list[Scenario]:
    """Choose scenarios by their names or the beginnings of them; without a choice, all that fit the account type.

    Raises:
        ValueError: a name fits no scenario, or nothing is left.
    """
    fitting = [it for it in CATALOGUE if it.accumulative in {None, plan.accumulative}]
    for name in (*only, *skip):
        if not any(it.name.startswith(name) for it in CATALOGUE):
            raise ValueError(f"there is no scenario '{name}'; `sandbox list` shows them")
    wanted = [it for it in fitting if not only or it.name.startswith(tuple(only))]
    left = [it for it in wanted if not it.name.startswith(tuple(skip))]
    if not left:
        kind = "an accumulative" if plan.accumulative else "a one-time"
        raise ValueError(f"none of these scenarios is for {kind} account")
    return left


async def certify(
    merchant: Merchant,
    shop: Shop,
    plan: Plan,
    *,
    scenarios: Sequence[Scenario] | None = None,
    watcher: Watcher = NOBODY,
    time: Time | None = None,
    frugal: bool = True,
) -> Report:
    """Play the scenarios; if `frugal`, those that spend their order last: a single order goes a long way.

    Where orders are plenty, each race is run a few times.
    """
    time = time or Time()
    scenarios = chosen(plan) if scenarios is None else scenarios
    started, stock, outcomes, silent = time.now(), Stock(shop), {}, 0
    for scenario in sorted(scenarios, key=lambda it: it.spends if frugal else 0):
        watcher.begun(scenario)
        stage = Stage(merchant, stock, plan, time, watcher.heard, rounds=1 if frugal else ROUNDS)
        outcome = (
            await _play(scenario, stage) if silent < SILENT_MAX else Outcome(scenario, Result.NOT_RUN, GONE, (), ())
        )
        silent += bool(stage.silence)
        outcomes[scenario.name] = outcome
        watcher.ended(outcome)
    ordered = [outcomes[scenario.name] for scenario in scenarios]
    return Report(merchant.url, plan.accumulative, started, time.now() - started, ordered)


async def _play(scenario: Scenario, stage: Stage) -> Outcome:
    result, reason, ours = Result.PASSED, "", []
    try:
        try:
            await scenario.play(stage)
        except Broken:
            pass  # the step says it
        except (NotRun, NoOrder) as why:
            result, reason = Result.NOT_RUN, str(why)
        finally:
            if not stage.silence:
                await stage.clear_up()
    except Exception as error:  # noqa: BLE001 - our own mistake in one scenario must not lose what the others found
        ours = [f"the sandbox itself broke: {type(error).__name__}"]  # its text may hold the key
    failures = [step for step in stage.steps if step.verdict is Verdict.FAILED]
    if failures or ours:
        result, reason = Result.FAILED, "; ".join([*ours, *map(sentence, worst(failures))])
    return Outcome(scenario, result, reason, stage.steps, stage.notes)


def worst(failures: Sequence[Step]) -> Sequence[Step]:
    """Choose the first wrong answer, and the first wrong thing that came of it."""
    return [*failures[:1], *[step for step in failures[1:] if step.call is None][:1]]


def sentence(step: Step) -> str:
    what = f"{step.call.method}: " if step.call else ""
    return f"{what}expected {step.expected}, found {step.found}"
