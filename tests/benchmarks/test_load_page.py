"""The page is made of the measurements and of nothing else, and says of each goal what was reached."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.load import pictures, tables
from benchmarks.load.goals import GOALS, by_workers
from benchmarks.load.machine import heading
from benchmarks.load.page import NOTES, notes, read, text, write
from benchmarks.load.payment import CALLS
from benchmarks.load.profile import OTHER, shares
from benchmarks.load.race import BASE

PERFORM = "PerformTransaction"


def results(title: str, workers: int, ratio: float | None, **more: Any) -> dict[str, Any]:
    latencies = {f"p{which} ms {call}": which / 10 for which in (50, 95, 99) for call in CALLS}
    told = {BASE: {"median": ratio, "lower": ratio * 0.9, "upper": ratio * 1.1, "samples": 7}} if ratio else {}
    return {
        "title": title,
        "workers": workers,
        "figures": {BASE: 200.0, "requests/s": 1200.0, **latencies},
        "ratios": told,
        "dropped": 0,
        "complaints": {},
        "blemishes": {},
        "memory": {"rss": 2**20 * 80, "pss": 2**20 * 70},
    } | more


def race(peer: float) -> dict[str, Any]:
    ours = {"payme-sidecar ×1": results("payme-sidecar", 1, None)}
    return {
        "limits": ours
        | {
            "payme-sidecar, not delivering": results("payme-sidecar, not delivering", 1, 1.2),
            "the same app without a database": results("the same app without a database", 1, 3.0),
        },
        "ours": ours | {"payme-sidecar ×2": results("payme-sidecar", 2, 1.5)},
        "payme-pkg": ours
        | {
            "payme-pkg ×1": results("payme-pkg", 1, peer / 2),
            "payme-pkg ×2": results("payme-pkg", 2, peer, blemishes={"CheckTransaction: the id is not echoed": 9}),
        },
    }


def kept(folder: Path, name: str, found: dict[str, Any], **how: Any) -> None:
    document = heading(name, f"python3 dev.py bench {name}", **how) | {"found": found}
    (folder / f"{name}.json").write_text(json.dumps(document))


def soak(last: float) -> dict[str, Any]:
    series = [{"minute": minute, "rss_mb": last, "payments": minute} for minute in range(1, 5)]
    sizes = {"fresh_mb": 80.0, "settled_mb": 90.0, "last_mb": last, "mb_per_hour": 0.5}
    return {"offered": 100.0, "payments": 120_000, "requests": 720_000, "wrong": 0, "series": series} | sizes


def test_each_side_is_told_with_as_many_workers_and_with_what_suits_it_best(tmp_path: Path) -> None:
    kept(tmp_path, "race", race(peer=0.1))

    said = text(read(tmp_path), {})

    assert by_workers(race(peer=0.1))["payme-pkg"] == {1: 0.05, 2: 0.1}
    assert "| payme-pkg | 20.0 | 15.0 | 15.0 (2 against 2) |" in said
    assert "the id is not echoed (9×)" in said


@pytest.mark.parametrize(("peer", "mark"), [(0.15, "**reached**"), (0.151, "not reached")])
def test_ten_times_the_best_peer_is_the_goal(tmp_path: Path, peer: float, mark: str) -> None:
    kept(tmp_path, "race", race(peer))

    line = next(line for line in text(read(tmp_path), {}).splitlines() if "at least 10 times" in line)

    assert line.endswith(f"| {mark} |")


@pytest.mark.parametrize(
    ("minutes", "last", "mark"), [(20, 94.5, "**reached**"), (20, 95.0, "not reached"), (19, 90.0, "–")]
)
def test_memory_is_flat_when_twenty_minutes_add_a_twentieth_at_most(
    tmp_path: Path, minutes: float, last: float, mark: str
) -> None:
    kept(tmp_path, "soak", soak(last), minutes=minutes)

    line = next(line for line in text(read(tmp_path), {}).splitlines() if "memory flat" in line)

    assert line.endswith(f"| {mark} |")


def test_what_was_not_measured_is_not_said_to_be_reached(tmp_path: Path) -> None:
    said = text(read(tmp_path), {})

    assert said.count("not measured") == len(GOALS)
    assert "reached" not in said


def test_the_page_carries_where_its_figures_come_from_and_our_notes(tmp_path: Path) -> None:
    kept(tmp_path, "soak", soak(90.0), minutes=20)

    said = text(read(tmp_path), notes(NOTES.read_text("utf-8")))

    assert "`python3 dev.py bench soak`" in said
    assert "Half of what one process takes" in said


def test_there_is_a_note_for_no_section_that_does_not_exist() -> None:
    assert set(notes(NOTES.read_text("utf-8"))) <= {"goals", *tables.TABLES}


def test_pictures_are_small_and_the_same_each_time(tmp_path: Path) -> None:
    kept(tmp_path, "race", race(0.1))
    kept(tmp_path, "soak", soak(90.0), minutes=20)

    first = {file.name: file.read_bytes() for file in write(tmp_path, tmp_path / "one")}
    second = {file.name: file.read_bytes() for file in write(tmp_path, tmp_path / "two")}

    assert first == second
    assert set(first) == {
        "performance.md",
        "performance-race.svg",
        "performance-latency.svg",
        "performance-soak.svg",
    }
    assert all(len(it) < 60_000 for it in first.values())


def test_growth_is_drawn_against_the_smallest(tmp_path: Path) -> None:
    small = results("10 000", 1, None)
    large = results("1 000 000", 1, 1.0)
    small["figures"]["ms CheckTransaction"] = large["figures"]["ms CheckTransaction"] = 0.5
    large["ratios"]["ms CheckTransaction"] = {"median": 1.1, "lower": 1.0, "upper": 1.2, "samples": 7}
    plan = {"blocks": 4, "ms": 0.02, "scans": []}
    stored = {"seeding s": 1.0, "bytes": 2**30, "plans": {"the sweep looks": plan}}
    found = {
        "sizes": [10_000, 1_000_000],
        "calls": {"10 000": small, "1 000 000": large},
        "stored": {"10 000": stored, "1 000 000": stored},
    }

    lines = list(tables.growth(found))
    (drawn,) = pictures.draw("growth", found, tmp_path)

    assert "| CheckTransaction, ms | 0.50 | 0.50 (×1.10) |" in lines
    assert "| the sweep looks | 4 (0.02 ms) | 4 (0.02 ms) |" in lines
    assert drawn.read_text().count("<svg") == 1


def test_what_is_wrong_with_ours_is_found_wherever_it_stands_and_a_peers_defects_are_its_own() -> None:
    found = race(0.1)
    found["payme-pkg"]["payme-pkg ×1"]["complaints"] = {"CreateTransaction: HTTP 500": 3}
    assert tables.wrong_of_ours(found) == {}

    found["ours"]["payme-sidecar ×2"]["complaints"] = {"PerformTransaction: state": 1}

    assert tables.wrong_of_ours(found) == {"PerformTransaction: state": 1}


def test_a_profile_tells_what_each_part_of_the_server_took() -> None:
    told = shares(
        [
            {"stack": ["json/encoder.py:encode", "structlog/stdlib.py:info", "sidecar/logs.py:call"], "seen": 6},
            {"stack": ["sidecar/payme_merchant/methods.py:perform", "starlette/routing.py:app"], "seen": 3},
            {"stack": ["selectors.py:select"], "seen": 1},
        ]
    )

    assert told["parts"] == {"logging": 60.0, "the sidecar's own code": 30.0, OTHER: 10.0}
    assert told["inclusive"]["starlette/routing.py:app"] == 30.0
