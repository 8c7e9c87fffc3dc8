"""What a unit of work may ask of its connection, and what a database promises about it."""

from collections.abc import Callable, Mapping
from typing import Any, Concatenate, Final, ParamSpec, Protocol, TypeVar

import sqlalchemy
from sqlalchemy import Executable

from sidecar.database.statements import Chain

P = ParamSpec("P")
T = TypeVar("T")

NOTHING: Final[Mapping[str, object]] = {}
TRIES: Final = 5  # of a unit of work that is overtaken; a transaction moves twice in its life


class Overtaken(Exception):
    """A unit of work found that its decision is out of date; it is undone and decided again."""


class NoConnectionFree(TimeoutError):
    """All connections are at work, and stayed so."""


class Rows(list[Any]):
    """Every row of an answer, each in the order of its columns; of a statement that stores, what it returns."""

    __slots__ = ()

    def first(self) -> Any:
        return self[0] if self else None

    def scalar(self) -> Any:
        return self[0][0] if self else None

    def scalars(self) -> list[Any]:
        return [row[0] for row in self]


class Connection(Protocol):
    dialect: str

    def execute(self, statement: Executable | Chain, values: Mapping[str, object] = NOTHING) -> Rows: ...


Work = Callable[Concatenate[Connection, P], T]


class Database(Protocol):
    name: str

    @property
    def in_use(self) -> int:
        """How many connections are at work."""
        ...

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """One or a few SELECTs, each of its own moment."""
        ...

    async def move(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Look, decide, and store by one statement or `Chain` that fails when what was seen is no longer so."""
        ...

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """One transaction, committed when the work returns and undone when it raises."""
        ...

    async def alter(self, work: Callable[[sqlalchemy.Connection], T]) -> T:
        """Change the schema, in one transaction and on SQLAlchemy's own connection, as Alembic wants it."""
        ...

    async def close(self) -> None: ...
