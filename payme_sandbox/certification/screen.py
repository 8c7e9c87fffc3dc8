"""The terminal: a live table of the scenarios, and each step with what was sent, what came and what was expected."""

from dataclasses import dataclass, field
from itertools import groupby
from types import TracebackType
from typing import Final, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from payme_sandbox.certification.expectations import Verdict
from payme_sandbox.certification.report import compact, readable
from payme_sandbox.certification.run import Outcome, Result
from payme_sandbox.certification.scenario import Scenario
from payme_sandbox.certification.stage import Step
from payme_sandbox.doorstep import forgive

MARKS: Final = {
    Result.PASSED: ("✓", "green"),
    Result.FAILED: ("✗", "bold red"),
    Result.NOT_RUN: ("–", "yellow"),
}
STEP_MARKS: Final = {Verdict.PASSED: ("✓", "green"), Verdict.NOTED: ("!", "yellow"), Verdict.FAILED: ("✗", "bold red")}
EXCERPT: Final = 600
SHOWN_MAX: Final = 4


def console(*, to_stderr: bool = False) -> Console:
    forgive()
    return Console(highlight=False, stderr=to_stderr)


@dataclass(slots=True)
class Screen:
    """Watches a run. With `every_step` the right answers are shown, too, not only the wrong ones."""

    console: Console
    every_step: bool = False
    steps: list[Step] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    _now: Scenario | None = None
    _chapters: list[str] = field(default_factory=list)
    _live: Live | None = None

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self._live = Live(console=self.console, refresh_per_second=8, transient=True, get_renderable=self._moment)
            self._live.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    # ── told by the run ────────────────────────────────────────────────────────────────────────────────────────────

    def begun(self, scenario: Scenario) -> None:
        self._now, self.steps = scenario, []

    def heard(self, step: Step) -> None:
        self.steps.append(step)

    def ended(self, outcome: Outcome) -> None:
        self._now = None
        self.outcomes.append(outcome)
        self._turn_to(outcome.scenario.chapter)
        on_one_line = {"no_wrap": True, "overflow": "ellipsis"} if self.console.is_terminal else {"soft_wrap": True}
        self.console.print(_line(outcome), **on_one_line)
        odd = [step for step in outcome.steps if step.verdict is not Verdict.PASSED]
        for step in outcome.steps if self.every_step else odd[:SHOWN_MAX]:
            self.console.print(_told(step), soft_wrap=True)
        if len(odd) > SHOWN_MAX and not self.every_step:
            self._say((f"     … and {len(odd) - SHOWN_MAX} more; --steps shows them", "dim"))

    @property
    def ran(self) -> bool:
        return any(outcome.result is not Result.NOT_RUN for outcome in self.outcomes)

    # ── the end ────────────────────────────────────────────────────────────────────────────────────────────────────

    def summary(self, milliseconds: int | None = None) -> None:
        """Say what was found; without a time the run was broken off."""
        found = {result: [it for it in self.outcomes if it.result is result] for result in Result}
        self.console.print()
        for outcome in found[Result.FAILED]:
            self._complain(outcome)
        missing = sorted(found[Result.NOT_RUN], key=lambda it: it.reason)
        for reason, outcomes in groupby(missing, lambda it: it.reason):
            self._say(("– ", "yellow"), f"not run: {', '.join(it.scenario.name for it in outcomes)}")
            self._say((f"    {readable(reason)}", "dim"))
        remarks = sum(bool(it.notes) for it in found[Result.PASSED])
        numbers = ", ".join(f"{len(outcomes)} {result.replace('_', ' ')}" for result, outcomes in found.items())
        numbers = numbers.replace("passed", f"passed ({remarks} with remarks: !)") if remarks else numbers
        took = "broken off" if milliseconds is None else f"in {milliseconds / 1000:.1f} s"
        self._say((f"{numbers}, {took}", "bold red" if found[Result.FAILED] else "bold green"))

    def _complain(self, outcome: Outcome) -> None:
        scenario = outcome.scenario
        self._say(("✗ ", "bold red"), (scenario.name, "bold"), f"  {scenario.title}")
        self._say(f"    {readable(outcome.reason)}")
        if scenario.why:
            self._say((f"    {scenario.why}", "dim"))
        self._say((f"    {scenario.source}", "dim"))

    def _turn_to(self, chapter: str) -> None:
        if self._chapters[-1:] == [chapter]:
            return
        again = " (continued)" if chapter in self._chapters else ""
        self.console.print(Text(f"\n{chapter}{again}", "bold"))
        self._chapters.append(chapter)

    def _say(self, *parts: str | tuple[str, str]) -> None:
        self.console.print(Text.assemble(*parts), soft_wrap=True)

    def _moment(self) -> RenderableType:
        if self._now is None:
            return Text("")
        last = self.steps[-1:]
        name = Text.assemble((self._now.name, "bold"), f"  {self._now.title}  ", (f"{len(self.steps)} steps", "dim"))
        return Group(Spinner("dots", name), *(_told(step) for step in last))


def _line(outcome: Outcome) -> Text:
    mark, style = MARKS[outcome.result]
    shade = {Result.FAILED: "bold", Result.NOT_RUN: "dim"}.get(outcome.result, "")
    title = "not run" if outcome.result is Result.NOT_RUN else outcome.scenario.title
    return Text.assemble(("  " + mark, style), f"  {outcome.scenario.name:<31}  ", title, style=shade)


def _told(step: Step) -> Text:
    mark, style = STEP_MARKS[step.verdict]
    what = step.call.method if step.call else "all in all"
    lines: list[str | tuple[str, str]] = [
        (f"     {mark} {what}", style),
        readable(f"  expected {step.expected}, found {step.found}"),
    ]
    if step.call:
        answer = "nothing" if step.call.status is None else f"HTTP {step.call.status}"
        lines += [
            (f"\n       → {_excerpt(compact(step.call.sent))}", "dim"),
            (f"\n       ← {answer}  {_excerpt(compact(step.call.came))}", "dim"),
        ]
    return Text.assemble(*lines)


def _excerpt(text: str) -> str:
    one_line = " ".join(readable(text).split())
    return one_line if len(one_line) <= EXCERPT else f"{one_line[:EXCERPT]}…"
