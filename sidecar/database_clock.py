"""What time it is by the one clock that all replicas share: the database's.

Leases, due times and the sweep go by it, so that a replica whose own clock is wrong harms nobody but itself.
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, BindParameter, ColumnElement, bindparam, func, select
from sqlalchemy.ext.compiler import compiles

from sidecar.clock import MINUTE, Clock, Millis
from sidecar.database import Connection

TOLERANCE: Final = 5 * MINUTE  # between our clock and the database's


class DatabaseNow(ColumnElement[int]):
    """The moment a statement began, in milliseconds; one moment for all of it, so that an index can be asked with it.

    PostgreSQL's `clock_timestamp()` goes on while a statement runs, and no index can follow it.
    """

    type = BigInteger()
    inherit_cache = True


@compiles(DatabaseNow, "postgresql")
def _postgresql(_element: DatabaseNow, _compiler: Any, **_options: Any) -> str:
    return "CAST(EXTRACT(EPOCH FROM statement_timestamp()) * 1000 AS BIGINT)"


@compiles(DatabaseNow, "sqlite")
def _sqlite(_element: DatabaseNow, _compiler: Any, **_options: Any) -> str:
    return "CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)"  # 1970 began on that Julian day


DATABASE_NOW: Final = DatabaseNow()


def told(name: str) -> BindParameter[int]:
    """A moment of our own that a statement is told."""
    return bindparam(name, type_=BigInteger())


# A test tells the moment; otherwise it is None, and the database's own.
MOMENT: Final[ColumnElement[int]] = func.coalesce(told("now"), DATABASE_NOW, type_=BigInteger())

READ: Final = select(MOMENT)


class Reading(NamedTuple):
    now: Millis
    """By the database."""
    offset: int
    """Milliseconds by which our clock is ahead of it."""

    @property
    def trusted(self) -> bool:
        return abs(self.offset) <= TOLERANCE


@dataclass(frozen=True)
class Clocks:
    """Our own clock and the database's, which a test may stand in for."""

    ours: Clock
    shared: Clock | None = None

    def told(self) -> Millis | None:
        """Give what statements are told the moment is: nothing, so that the database looks for itself."""
        return self.shared() if self.shared else None

    def compare(self, connection: Connection) -> Reading:
        """Read both clocks (a unit of work); the answer's way here and back counts half."""
        asked = self.ours()
        now = connection.execute(READ, {"now": self.told()}).scalar()
        return Reading(Millis(now), (asked + self.ours()) // 2 - now)
