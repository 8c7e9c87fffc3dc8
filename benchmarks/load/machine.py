"""What a figure was measured on, and with."""

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from benchmarks.catalogue import CATALOGUE, ROOT

PACKAGES: Final = ("payme-sidecar", "uvicorn", "uvloop", "httptools", "starlette", "SQLAlchemy", "asyncpg", "httpx")


def heading(section: str, command: str, **more: Any) -> dict[str, Any]:
    """Give what every file of measurements begins with."""
    return {
        "section": section,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "machine": {
            "cpu": _cpu(),
            "cores": os.cpu_count(),
            "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
            "system": f"{platform.system()} {platform.release()}",
        },
        "versions": {
            "commit": _commit(),
            "python": sys.version.split()[0],
            **{name: version(name) for name in PACKAGES},
            **{shop.name: ", ".join(f"{k} {v}" for k, v in shop.versions.items()) for shop in CATALOGUE[1:]},
        },
        **more,
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _commit() -> str:
    """Name the commit, and say when files differ from it; a copy without Git has none."""
    try:
        words = ("git", "describe", "--always", "--dirty", "--abbrev=9", "--exclude=*")
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()
