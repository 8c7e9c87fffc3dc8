"""The database: does it answer, is it safe to keep money in, is its schema ours, is its clock right, what is untold."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from sqlalchemy import text

from sidecar import outbox, schema
from sidecar.clock import HOUR, MINUTE, SECOND, Millis
from sidecar.database import Connection
from sidecar.database_clock import TOLERANCE, Clocks, Reading
from sidecar.database_faults import Fault
from sidecar.doctor.finding import Finding, good, skipped, warning, wrong
from sidecar.outbox import Backlog

DATABASE: Final = "database"
SCHEMA: Final = "schema"
CLOCK: Final = "clock"
OUTBOX: Final = "outbox"

OLDEST_MAINTAINED: Final = 140_000  # PostgreSQL 14, as the server numbers itself
NOTICEABLE: Final = 10 * SECOND  # by which two clocks may differ before somebody should know
LATE: Final = 20 * MINUTE  # a message is told again after 15 minutes at the latest

OF_POSTGRES: Final = text("""
    SELECT current_setting('server_version'), CAST(current_setting('server_version_num') AS integer),
        current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),
        pg_is_in_recovery(), current_setting('transaction_read_only'), (SELECT count(*) FROM pg_stat_replication)
""")
OF_SQLITE: Final = text("SELECT sqlite_version()")
REVISION: Final = text("SELECT version_num FROM alembic_version")
MAY_KEEP_BOOKS: Final = text("""
    SELECT has_table_privilege(CAST(:name AS text), 'SELECT') AND has_table_privilege(CAST(:name AS text), 'INSERT')
        AND has_table_privilege(CAST(:name AS text), 'UPDATE')
""")


class PostgresFacts(NamedTuple):
    version: str
    number: int
    fsync: str
    full_page_writes: str
    synchronous_commit: str
    in_recovery: bool
    read_only: str
    standbys: int


class SqliteFacts(NamedTuple):
    version: str


class Books(NamedTuple):
    engine: PostgresFacts | SqliteFacts
    revision: str | None
    closed_tables: Sequence[str]
    """Tables of ours that this role may not read and write."""
    clock: Reading
    backlog: Backlog | None
    """None while the schema is another."""


def look(connection: Connection, clocks: Clocks) -> Books:
    """Read all there is to know (a unit of work of SELECTs)."""
    revision = None
    if connection.execute(schema.HAS_HISTORY[connection.dialect]).scalar():
        revision = connection.execute(REVISION).scalar()
    is_current = revision == schema.head() or schema.is_newer(revision)
    closed = _closed(connection) if is_current else []
    readable = is_current and not closed
    backlog = outbox.backlog(connection) if readable else None
    return Books(_engine(connection), revision, closed, clocks.compare(connection), backlog)


def _engine(connection: Connection) -> PostgresFacts | SqliteFacts:
    if connection.dialect == "sqlite":
        return SqliteFacts(connection.execute(OF_SQLITE).scalar())
    return PostgresFacts(*connection.execute(OF_POSTGRES).first())


def _closed(connection: Connection) -> list[str]:
    if connection.dialect == "sqlite":
        return []
    names = [table.name for table in schema.TABLES]
    return [name for name in names if not connection.execute(MAY_KEEP_BOOKS, {"name": name}).scalar()]


# ── what is wrong when it does not answer ─────────────────────────────────────────────────────────────────────────────


FAULTS: Final[Mapping[Fault, tuple[str, str]]] = {
    Fault.REFUSED: ("nobody listens there", "start it, or correct host and port in DATABASE_URL"),
    Fault.UNREACHABLE: ("it cannot be reached or opened", "look at the host, or the path, in DATABASE_URL"),
    Fault.TIMEOUT: ("it does not answer in time", "look at the network between, at its load and at long locks"),
    Fault.POOL: ("no connection came free", "look for long statements there"),
    Fault.CLIENTS: ("it has no room for another client", "raise max_connections; each replica takes up to eight"),
    Fault.STARTING: ("it starts or stops", "wait a moment and ask again"),
    Fault.LOST: ("it hung up", "look into its log"),
    Fault.LOGIN: ("it refuses the user or the password", "correct them in DATABASE_URL, or look at pg_hba.conf"),
    Fault.MISSING: ("there is no such database", "create it, or correct the name in DATABASE_URL"),
    Fault.READ_ONLY: ("it takes no writes", "DATABASE_URL must lead to the primary"),
    Fault.DISK: ("its disk fails or its file is damaged", "look into its log; restore from the backup if need be"),
    Fault.LOCKED: ("something else holds its lock", "find out which process has it open"),
    Fault.SCHEMA: ("a table or a right is missing", "run `payme-sidecar migrate` as the role that owns the tables"),
}


def unanswered(found: Fault | None) -> list[Finding]:
    said, advice = FAULTS.get(found or Fault.OTHER, ("it cannot be used", "look into its log"))
    return [
        wrong(DATABASE, f"the database does not answer: {said}", advice),
        *(skipped(it, "the database does not answer") for it in (SCHEMA, CLOCK, OUTBOX)),
    ]


def missing_file(file: Path) -> list[Finding]:
    """There is no SQLite file yet; to open it would make one."""
    found = f"there is no file {file}"
    return [
        wrong(DATABASE, found, "run `payme-sidecar migrate`, or correct DATABASE_URL if there should be one"),
        *(skipped(it, found) for it in (SCHEMA, CLOCK, OUTBOX)),
    ]


# ── what its answers mean ─────────────────────────────────────────────────────────────────────────────────────────────


def judged(books: Books) -> list[Finding]:
    engine = books.engine
    of_engine = postgres(engine) if isinstance(engine, PostgresFacts) else sqlite(engine)
    return [*of_engine, at_revision(books), clock(books.clock), untold(books.backlog, books.clock.now)]


Suspicion = tuple[Callable[[PostgresFacts], bool], Callable[[str, str, str], Finding], str, str]

# The first column finds; a lost commit is a payment that Payme counts as taken and we do not.
OF_SERVERS: Final[tuple[Suspicion, ...]] = (
    (
        lambda it: it.in_recovery,
        wrong,
        "the database is a standby, which takes no writes",
        "DATABASE_URL must lead to the primary; with several hosts add ?target_session_attrs=primary",
    ),
    (
        lambda it: it.read_only == "on" and not it.in_recovery,
        wrong,
        "the database gives us read-only transactions",
        "look at default_transaction_read_only of the server, the database and the role",
    ),
    (
        lambda it: it.fsync != "on",
        wrong,
        "fsync is off: when the power goes, payments that Payme counts as taken are gone, or the whole database",
        "set fsync = on in postgresql.conf and restart it",
    ),
    (
        lambda it: it.full_page_writes != "on",
        warning,
        "full_page_writes is off: a page half written when the power goes stays damaged",
        "turn it on unless the file system never tears a page",
    ),
    (
        lambda it: it.synchronous_commit == "off",
        wrong,
        "synchronous_commit is off: the last payments are gone when the server stops hard",
        "set synchronous_commit = on for the server, the database and the role",
    ),
    (
        lambda it: it.number < OLDEST_MAINTAINED,
        warning,
        "this PostgreSQL gets no more corrections",
        "upgrade it to a version that does",
    ),
)


def postgres(it: PostgresFacts) -> list[Finding]:
    standbys = f", {it.standbys} standby behind it" if it.standbys else ""
    answers = good(
        DATABASE,
        f"PostgreSQL {it.version} answers, fsync {it.fsync}, synchronous_commit {it.synchronous_commit}{standbys}",
    )
    found = [say(DATABASE, said, advice) for finds, say, said, advice in OF_SERVERS if finds(it)]
    return [answers, *found]


def sqlite(it: SqliteFacts) -> list[Finding]:
    return [good(DATABASE, f"SQLite {it.version} answers; each commit is on the disk before Payme hears of it")]


def at_revision(books: Books) -> Finding:
    if books.revision is None:
        return wrong(SCHEMA, "the database is empty", "run `payme-sidecar migrate`")
    if books.revision != schema.head():
        found = f"the schema is at revision {books.revision}, this version is of {schema.head()}"
        if schema.is_newer(books.revision):
            return warning(SCHEMA, found, "it works with that; install the newer version soon")
        return wrong(SCHEMA, found, "run `payme-sidecar migrate`")
    if books.closed_tables:
        found = f"this role may not read and write {', '.join(books.closed_tables)}"
        return wrong(SCHEMA, found, "make it their owner, or grant SELECT, INSERT, UPDATE and DELETE")
    return good(SCHEMA, f"at revision {books.revision}")


def clock(reading: Reading) -> Finding:
    return clocks_differ(CLOCK, "the database's", reading.offset)


def clocks_differ(check: str, whose: str, offset: int) -> Finding:
    """`offset` is the milliseconds by which our clock is ahead of theirs."""
    apart = abs(offset)
    found = f"our clock is {apart / SECOND:.0f} s {'ahead of' if offset > 0 else 'behind'} {whose}"
    if apart > TOLERANCE:
        return wrong(check, found, "set both machines' clocks by NTP; Payme's twelve hours are counted by them")
    if apart > NOTICEABLE:
        return warning(check, found, "see whether NTP runs on both machines")
    return good(check, f"ours and {whose} agree")


def untold(backlog: Backlog | None, now: Millis) -> Finding:
    if backlog is None:
        return skipped(OUTBOX, "its table cannot be read yet")
    if backlog.parked:
        found = f"{_messages(backlog.parked)} parked, the oldest for {_age(backlog.parked_since, now)}"
        return wrong(OUTBOX, found, "see `payme-sidecar outbox list`, put the cause right, then `outbox retry`")
    waiting = f"{_messages(backlog.waiting)} waiting"
    if backlog.waiting_since is not None and now - backlog.waiting_since > LATE:
        found = f"{waiting}, the oldest for {_age(backlog.waiting_since, now)}"
        return wrong(
            OUTBOX, found, "see what the backend answers: `payme-sidecar outbox list`; and whether `serve` runs"
        )
    return good(OUTBOX, f"{waiting}, none parked")


def _messages(count: int) -> str:
    return f"{count} message" if count == 1 else f"{count} messages"


def _age(since: Millis | None, now: Millis) -> str:
    minutes = max(0, now - (since or now)) // MINUTE
    return f"{minutes} min" if minutes < HOUR // MINUTE * 2 else f"{minutes // 60} h"
