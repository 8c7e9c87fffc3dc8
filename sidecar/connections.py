"""The open connections: as many as there is room for, and no caller is kept out by those who only wait.

When room is needed, the stranger goes who has got no answer for the longest time, whatever he is doing: else a call in
hand would be a place to stay. Of those who have shown a key, only one who waits may go, and when there is no stranger.
"""

import sys
from typing import Final, NamedTuple, Protocol

import structlog

from sidecar.seldom import Seldom

OWN: Final = 96  # descriptors for the database, the calls to the backend and the files
BACKLOG: Final = 2_048  # connections that may come in one go, before any other has been closed

log = structlog.get_logger()


class Connection(Protocol):
    @property
    def known(self) -> bool:
        """Whether it has shown a key, were it a moment ago."""
        ...

    def cut(self) -> None:
        """Hang up at once, whatever is still to be said."""
        ...


class Space(NamedTuple):
    connections: int
    backlog: int


class Connections:
    def __init__(self, room: int) -> None:
        self._room = room
        self._open = 0
        self._strangers: dict[Connection, None] = {}  # the longest without an answer first
        self._known: dict[Connection, None] = {}  # who has shown a key and waits, the longest first
        self._lines = Seldom()

    def enter(self, it: Connection, now: float) -> None:
        self._open += 1
        self._strangers[it] = None
        if self._open > self._room:
            self._longest(it).cut()
            self._say(now)

    def leave(self, it: Connection) -> None:
        self._open -= 1
        self._forget(it)

    def works(self, it: Connection) -> None:
        """A whole call is in hand."""
        self._known.pop(it, None)

    def waits(self, it: Connection) -> None:
        """A call is answered."""
        self._forget(it)
        (self._known if it.known else self._strangers)[it] = None

    def _longest(self, newcomer: Connection) -> Connection:
        """Take out who goes; the newcomer himself when all others have shown a key and have a call in hand."""
        while (it := next(iter(self._strangers))) is not newcomer:
            del self._strangers[it]
            if not it.known:
                return it
            # He has just shown a key, and joins the others who have when he is answered.
        longest = next(iter(self._known), newcomer)
        self._forget(longest)
        return longest

    def _forget(self, it: Connection) -> None:
        self._strangers.pop(it, None)
        self._known.pop(it, None)

    def _say(self, now: float) -> None:
        left_out = self._lines.due("crowded", now)
        if left_out is not None:
            log.warning("server.crowded", connections_max=self._room, left_out=left_out)


def space(connections_max: int) -> Space:
    """Raise this process's limit on descriptors as far as needed and allowed; make do with what there is."""
    wanted = Space(connections_max, BACKLOG)
    if sys.platform == "win32":
        return wanted
    import resource  # noqa: PLC0415 - Windows has none

    needed = connections_max + BACKLOG + OWN
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = needed if hard == resource.RLIM_INFINITY else min(hard, needed)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed == needed:
        return wanted
    found = shared(allowed)
    log.warning("server.few_descriptors", descriptors=allowed, connections_max=found.connections)
    return found


def shared(descriptors: int) -> Space:
    """Share out too few: a quarter for those who come in one go, and what is left of the rest to those who stay."""
    backlog = max(1, descriptors // 4)
    return Space(max(1, descriptors - backlog - OWN), backlog)
