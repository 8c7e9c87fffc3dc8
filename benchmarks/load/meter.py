"""What processes use: CPU time and memory of whole trees, read from /proc. Elsewhere than on Linux it reads nothing."""

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
TICKS: Final = os.sysconf("SC_CLK_TCK")
PAGE: Final = os.sysconf("SC_PAGE_SIZE")

# Places in /proc/PID/stat, counted behind the name, which is in brackets and may hold anything.
PARENT, UTIME, CSTIME, RSS = 1, 11, 14, 21


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes. RSS counts a page that two processes share twice, PSS once; PSS is 0 where the kernel does not tell."""

    rss: int
    pss: int


def cpu_seconds(roots: Iterable[int]) -> float:
    """Add up what a tree has used, children that it has seen end included."""
    stats = _stats()
    return sum(sum(map(int, stats[pid][UTIME : CSTIME + 1])) for pid in _tree(stats, roots)) / TICKS


def machine_seconds() -> float:
    """What all processes of the machine have used, and what a host has kept from it."""
    try:
        fields = (PROC / "stat").read_text().split("\n", 1)[0].split()[1:]
    except OSError:
        return 0.0
    user, nice, system, _idle, _waiting, irq, softirq, steal = map(int, fields[:8])
    return (user + nice + system + irq + softirq + steal) / TICKS


def memory(roots: Iterable[int]) -> Memory:
    stats = _stats()
    pids = _tree(stats, roots)
    return Memory(sum(int(stats[pid][RSS]) * PAGE for pid in pids), sum(map(_pss, pids)))


def _tree(stats: Mapping[int, list[str]], roots: Iterable[int]) -> set[int]:
    children = defaultdict(set)
    for pid, fields in stats.items():
        children[int(fields[PARENT])].add(pid)
    found: set[int] = set()
    ahead = [pid for pid in roots if pid in stats]
    while ahead:
        pid = ahead.pop()
        if pid not in found:
            found.add(pid)
            ahead += children[pid]
    return found


def _stats() -> dict[int, list[str]]:
    found = {}
    for folder in PROC.glob("[0-9]*"):
        with suppress(OSError):  # it ended while we looked
            found[int(folder.name)] = (folder / "stat").read_text().rpartition(")")[2].split()
    return found


def _pss(pid: int) -> int:
    with suppress(OSError):
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
