"""Does both errands from the first page to the last line: a statement of a period, a comparison of the books."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from traceback import extract_tb

import httpx
from rich.console import Console

from sidecar.clock import Millis
from sidecar.database import FAILURES, Database
from sidecar.reconcile import cabinet, statement
from sidecar.reconcile.backend_book import BackendAway, BackendBook
from sidecar.reconcile.cabinet import Reading
from sidecar.reconcile.columns import UnreadableStatement
from sidecar.reconcile.desk import open_desk
from sidecar.reconcile.output import OutputLost, opened
from sidecar.reconcile.period import Period
from sidecar.reconcile.reconciliation import Reconciliation
from sidecar.reconcile.report import WAYS, Report
from sidecar.reconcile.statement import HEADINGS
from sidecar.reconcile.tables import WRITERS, Format
from sidecar.reconcile.watch import watched
from sidecar.settings import BackendSettings


class Unforeseen(Exception):
    """A fault of ours: the books were not compared, which is not to say that they disagree."""


TROUBLES = (BackendAway, UnreadableStatement, OutputLost, Unforeseen)
"""Why an errand ends without an answer; each says it in a line."""

RETRIES = 2  # of a connection that is not made


@dataclass(frozen=True)
class Statement:
    """A statement of Payme's cabinet, and how to read it."""

    path: Path
    reading: Reading


@dataclass(frozen=True)
class Clerk:
    """Writes to `path`, or stdout without one; says on `console` how far it is, and sums when the table has none."""

    database: Database
    period: Period
    path: Path | None
    console: Console

    async def export(self, form: Format) -> int:
        """Write our ledger of the period; give the number of transactions.

        Raises:
            OutputLost: it cannot be written.
        """
        with opened(self.path) as file, watched(self.console) as watch:
            writer = WRITERS[form](file, HEADINGS)
            count = await statement.export(self.database, self.period, writer, watch)
            writer.end()
        return count

    async def compare(
        self, late: Millis, backend: BackendBook | None, payme: Statement | None, form: str = "text"
    ) -> bool:
        """Write what the books disagree about; say whether they agree.

        Raises:
            BackendAway, UnreadableStatement, OutputLost, Unforeseen: see each; nothing was compared.
        """
        with _foreseen():
            return await self._compare(late, backend, payme, form)

    async def _compare(self, late: Millis, backend: BackendBook | None, payme: Statement | None, form: str) -> bool:
        rows = cabinet.payments(payme.path, payme.reading) if payme else None
        with open_desk(self.period) as desk:
            with watched(self.console) as watch:
                task = Reconciliation(self.database, self.period, late, watch, backend, rows)
                report = Report(self.period, await task.run(desk), desk)
            with opened(self.path) as file:
                WAYS[form](report, file)
            if form != "text" or self.path:
                self.console.print("\n".join(report.summary()), markup=False, highlight=False, soft_wrap=True)
            return not desk.found


@contextmanager
def _foreseen() -> Iterator[None]:
    """Let pass what a line can explain, the database's failures too; of anything else say what and where."""
    try:
        yield
    except (*TROUBLES, *FAILURES):
        raise
    except Exception as error:
        *_, frame = extract_tb(error.__traceback__)
        what = " ".join(f"{type(error).__name__} {error}".split())[:200]
        place = f"{Path(frame.filename).name}:{frame.lineno}"
        raise Unforeseen(f"the books were not compared, for a fault of this program at {place}: {what}") from error


@asynccontextmanager
async def backend_of(settings: BackendSettings | None) -> AsyncIterator[BackendBook | None]:
    """Open the way to the backend, if it is to be asked."""
    if settings is None:
        yield None
        return
    transport = httpx.AsyncHTTPTransport(retries=RETRIES)
    async with httpx.AsyncClient(transport=transport, follow_redirects=False, trust_env=False) as client:
        yield BackendBook(client, settings.commerce_backend_url, settings.commerce_backend_key.get_secret_value())
