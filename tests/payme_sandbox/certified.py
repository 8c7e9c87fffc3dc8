"""Certifies a copy of the sidecar, in a process made for it: a copy has models, metrics and caches of its own.

Nothing of `sidecar` may be imported above: the process is a fork of one that has everything else in memory already.
"""

import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PATIENCE: Final = 60.0
HEAVY: Final = (
    *("alembic.command", "asyncpg", "httpx", "payme_sandbox.certification.run", "payme_sandbox.certification.report"),
    *("prometheus_client", "pydantic_settings", "sqlalchemy.ext.asyncio", "sqlalchemy.dialects.sqlite", "sqlmodel"),
    *("starlette.applications", "structlog", "tenacity"),
)


def certify_in_a_process_of_its_own(folder: Path, database: Path, names: Sequence[str], *, strict: bool) -> str:
    """Certify `folder`/sidecar and give the report, as JSON."""
    report = folder / "report.json"
    context = get_context("forkserver")
    context.set_forkserver_preload(list(HEAVY))
    process = context.Process(target=_certify, args=(folder, database, report, names, strict))
    process.start()
    process.join(PATIENCE)
    process.kill()
    text = report.read_text()
    assert process.exitcode == 0, text
    return text


def _certify(folder: Path, database: Path, report: Path, names: Sequence[str], strict: bool) -> None:
    sys.path[:0] = [str(folder), str(ROOT)]
    sys.dont_write_bytecode = True
    try:
        report.write_text(_report(folder, database, names, strict=strict))
    except BaseException:  # noqa: BLE001 - whatever it is, the parent shall read it
        report.write_text(traceback.format_exc())
        os._exit(1)


def _report(folder: Path, database: Path, names: Sequence[str], *, strict: bool) -> str:
    merchants = importlib.import_module("tests.payme_sandbox.merchants")
    sidecar = importlib.import_module("sidecar")
    assert sidecar.__file__ == str(folder / "sidecar" / "__init__.py"), sidecar.__file__
    shop = merchants.Shop(f"sqlite:///{database}")
    found = merchants.certify_sidecar(shop, *names, plan=merchants.Plan(strict=strict))
    shop.close()
    return str(importlib.import_module("payme_sandbox.certification.report").as_json(found))
