"""The conformance page, in Markdown, made of nothing but the reports and the catalogue."""

import platform
from collections.abc import Iterable, Mapping
from typing import Final

from benchmarks.catalogue import Shop
from benchmarks.reports import Outcome, Report, Verdict

Reports = Mapping[Shop, Report]

MARKS: Final = {Verdict.PASSED: "✓", Verdict.FAILED: "✗", Verdict.NOT_RUN: "–"}

HEAD: Final = """\
# Conformance

What `payme-sidecar sandbox run` finds in {number}, each made the way its package's README says. Run on {date} (UTC),
Python {python}, {database}. The tool is ours, and so is one of the shops: do not take our word for it, run it.

    python3 dev.py conformance                      makes this page again; the packages come from PyPI
    python3 dev.py conformance --open {example:<13} opens one shop and prints the command that examines it

That command shows, scenario by scenario, each call that was sent, what came back and what was expected, and writes it
to a file with `--json FILE`: every finding below can be replayed by hand, call by call, with any HTTP client.
"""
TERMS: Final = """\
How it was done: {workers} worker processes under gunicorn or uvicorn, one process for the sidecar; every server in the
time zone Asia/Tashkent. A shop counts how often the package's success hook ran, and how often its cancel hook ran for a
payment that had been performed; our own shop counts the messages it has taken, a repeat under one `Idempotency-Key`
once. In a race chance takes part, so each is run up to {rounds} times, until it fails: a ✗ there is proof, a ✓ is not.
"""


def page(reports: Reports, database: str, rounds: int) -> str:
    """Write the page: the shops, the table by chapters, then what was found, one line each."""
    workers = max(shop.workers for shop in reports)
    terms = TERMS.format(workers=workers, rounds=rounds)
    parts = [_head(reports, database), _shops(reports), terms, _table(reports), *_findings(reports), _notes(reports)]
    return "\n".join(part for part in parts if part)


def _head(reports: Reports, database: str) -> str:
    example = next((shop.name for shop in reports if shop.requirements), next(iter(reports)).name)
    return HEAD.format(
        number="one shop" if len(reports) == 1 else f"{len(reports)} shops",
        date=min(report.started for report in reports.values())[:10],
        python=platform.python_version(),
        database=database,
        example=example,
    )


def _shops(reports: Reports) -> str:
    made_of = {shop: ", ".join(f"{name} {number}" for name, number in shop.versions.items()) for shop in reports}
    return "".join(f"- **{shop.title}**: {made_of[shop]}; the shop is `{shop.source}`\n" for shop in reports)


def _table(reports: Reports) -> str:
    by_name = {shop: {outcome.name: outcome for outcome in report.outcomes} for shop, report in reports.items()}
    chapters: dict[str, dict[str, Outcome]] = {}
    for outcome in (outcome for report in reports.values() for outcome in report.outcomes):
        chapters.setdefault(outcome.chapter, {}).setdefault(outcome.name, outcome)
    parts = ["## Scenario by scenario\n"]
    for chapter, outcomes in chapters.items():
        rows = [
            [_scenario(outcome), *(_mark(found.get(name)) for found in by_name.values())]
            for name, outcome in outcomes.items()
        ]
        parts.append(_rows([_plain(chapter), *(shop.title for shop in reports)], rows))
    totals = zip(MARKS.values(), *(report.totals() for report in reports.values()), strict=True)
    rows = [[mark, *map(str, numbers)] for mark, *numbers in totals]
    parts.append(_rows(["all together", *(shop.title for shop in reports)], rows))
    parts.append("✓ passed, ✗ failed, – not run, with the reason below.\n")
    return "\n".join(parts)


def _findings(reports: Reports) -> Iterable[str]:
    yield "## What was found\n"
    for shop, report in reports.items():
        failed, not_run = report.with_verdict(Verdict.FAILED), report.with_verdict(Verdict.NOT_RUN)
        yield f"### {shop.title}\n"
        yield _list(failed) if failed else "Nothing failed.\n"
        if not_run:
            yield "Not run:\n"
            yield _list(not_run)


def _notes(reports: Reports) -> str:
    """Where Payme's own sources disagree, the sandbox accepts both and says so; each remark once."""
    remarks: dict[str, list[str]] = {}
    for shop, report in reports.items():
        for note in (note for outcome in report.outcomes for note in outcome.notes):
            titles = remarks.setdefault(_plain(note), [])
            titles += [shop.title] * (shop.title not in titles)
    if not remarks:
        return ""
    lines = "".join(f"- {note} *({', '.join(titles)})*\n" for note, titles in remarks.items())
    return f"## Remarks that count against nobody\n\n{lines}"


def _list(outcomes: Iterable[Outcome]) -> str:
    return "".join(
        f"- `{outcome.name}`: *{_plain(outcome.title)}.* {_plain(outcome.reason)}.\n" for outcome in outcomes
    )


def _scenario(outcome: Outcome) -> str:
    name = f"[`{outcome.name}`]({outcome.source})" if outcome.source else f"`{outcome.name}`"
    return f"{name} {_plain(outcome.title)}"


def _mark(outcome: Outcome | None) -> str:
    return MARKS[outcome.verdict] if outcome else ""


def _rows(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---", *(":-:" for _ in head[1:])], *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _plain(text: str) -> str:
    """Text that came from elsewhere, so that it stays in its line, its cell and its letters."""
    flat = " ".join(text.split()).rstrip(".")
    for letter in "\\`*_|<[":
        flat = flat.replace(letter, f"\\{letter}")
    return flat
