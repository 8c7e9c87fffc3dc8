"""Statements in a driver's own words: SQLAlchemy writes each once for each database, and the text is kept.

Our columns hold text and whole numbers, which every driver takes and gives as they are: nothing is converted.
"""

from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache, partial
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ClauseElement,
    ColumnElement,
    Dialect,
    Executable,
    Insert,
    Select,
    exists,
    select,
    true,
)
from sqlalchemy.sql.visitors import cloned_traverse

KEPT: Final = 256  # texts; we have a few dozen

Link = Callable[[ColumnElement[bool]], Any]
"""A statement that stores, under one more condition."""


class Chain:
    """Statements that all happen or none, each on condition that the one before it has touched a row.

    PostgreSQL takes them as one statement, which is a transaction by itself. SQLite takes them one after the other; a
    unit of work has its transaction there.
    """

    def __init__(self, first: Select[Any], *links: Link) -> None:
        self._first = first
        self._links = links

    @cached_property
    def as_one(self) -> Executable:
        statement: Any = self._first
        for number, link in enumerate(self._links):
            before = statement.cte(f"link_{number}")
            statement = link(exists(select(before.c[0])))
        return statement  # type: ignore[no-any-return]  # whatever the last link is

    @cached_property
    def one_by_one(self) -> list[Executable]:
        return [self._first, *(link(true()) for link in self._links)]


Speak = Callable[[Executable, Mapping[str, object]], tuple[str, list[Any]]]
"""Gives a statement's text, and its values in the order in which the driver wants them."""


def speaker(dialect: Dialect) -> Speak:
    @lru_cache(KEPT)
    def written(statement: ClauseElement, columns: tuple[str, ...] | None) -> tuple[str, list[str], dict[str, Any]]:
        given = set(columns or ())
        plain: Any = cloned_traverse(statement, {}, {"bindparam": partial(_spell_out, given)})
        text = plain.compile(dialect=dialect, column_keys=columns, compile_kwargs={"render_postcompile": True})
        names: list[str] = text.positiontup or []
        # The dialect may add a value of its own: SQLite's LIMIT has an OFFSET.
        return str(text), names, {name: text.params[name] for name in names if name not in given}

    def speak(statement: Executable, values: Mapping[str, object]) -> tuple[str, list[Any]]:
        plain_insert = isinstance(statement, Insert) and statement.select is None
        text, names, fixed = written(statement, tuple(values) if plain_insert else None)
        return text, [fixed[name] if name in fixed else values[name] for name in names]

    return speak


def _spell_out(given: set[str], bind: BindParameter[Any]) -> None:
    """Write what never changes into the text: a plan made for any state could not use an index for one."""
    if not bind.required:
        bind.literal_execute = True
        return
    bind.required = False  # its value comes with each call, not now
    given.add(bind.key)
