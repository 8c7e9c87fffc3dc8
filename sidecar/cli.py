"""The command line: `payme-sidecar`."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated, Final, Literal, NoReturn, TypeVar

import typer
from rich.console import Console

from payme_sandbox.cli import app as sandbox_app
from sidecar import database as databases
from sidecar import days, logs, outbox, schema
from sidecar.clock import Millis, system_clock
from sidecar.database import Database
from sidecar.journal import Filters
from sidecar.outbox import Message
from sidecar.reconcile.period import Period
from sidecar.settings import BackendSettings, DatabaseSettings, Limits, Settings, SettingsError, names_given

T = TypeVar("T")

Host = Annotated[str | None, typer.Option(help="Address to listen on.  [HOST]", show_default=False)]
Port = Annotated[int | None, typer.Option(help="Port to listen on.  [PORT]", show_default=False)]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="The payment sidecar a shop puts beside its commerce backend: Payme on one side, Medusa on the other.\n\n"
    "Try `payme-sidecar demo` first: a whole shop on this machine, nothing to set up.",
    epilog="Settings are environment variables or a `.env` file in the working directory; the README lists them.",
)
outbox_app = typer.Typer(no_args_is_help=True, help="Look at what the backend has yet to take.")
app.add_typer(outbox_app, name="outbox")
app.add_typer(sandbox_app, name="sandbox")


@app.command()
def serve(host: Host = None, port: Port = None) -> None:
    """Serve the sidecar: `/payme`, the provider API, status, health and metrics; the relay runs inside."""
    from sidecar import server  # noqa: PLC0415 - `outbox list` needs no web server
    from sidecar.app import create_app  # noqa: PLC0415

    settings = _settings(Settings).listening(host, port)
    logs.configure(settings.log_level)
    if settings.database_url.get_secret_value().startswith("sqlite"):
        _with_database(settings, lambda database: database.alter(schema.migrate), migrating=True)
    raise typer.Exit(server.serve(create_app(settings), settings.host, settings.port, settings))


@app.command()
def callback(host: Host = None, port: Port = None) -> None:
    """Serve the storefront callback: takes the returning shopper to the review step."""
    from sidecar import server  # noqa: PLC0415
    from storefront_callback.app import create_app  # noqa: PLC0415
    from storefront_callback.settings import Settings as CallbackSettings  # noqa: PLC0415

    settings = _settings(CallbackSettings)
    logs.configure(settings.log_level)
    listening = (host or settings.host, _given(port, settings.port))
    raise typer.Exit(server.serve(create_app(settings), *listening, _settings(Limits)))


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Walk one purchase without a browser, then end.")] = False,
    medusa: Annotated[bool, typer.Option("--medusa", help="With a real Medusa and PostgreSQL; needs Node.js.")] = False,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="First of four ports, five with --medusa.")] = 8700,
) -> None:
    """Run a whole shop on this machine: the real sidecar and callback, a stand-in shop and Payme page."""
    if medusa:
        from demo_shop.medusa.demo import run  # noqa: PLC0415 - neither needs the other
    else:
        from demo_shop import run  # noqa: PLC0415
    raise typer.Exit(run(once=once, host=host, port=port))


@app.command()
def migrate() -> None:
    """Bring the database to the current schema."""
    settings = _settings(DatabaseSettings)
    logs.configure(settings.log_level)
    revision = _with_database(settings, lambda database: database.alter(schema.migrate), migrating=True)
    typer.echo(f"The database is at revision {revision}.")


@app.command()
def doctor(
    url: Annotated[
        str | None, typer.Option(help="The public address, https://pay.shop.uz.  [SIDECAR_URL]", show_default=False)
    ] = None,
    ca: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Certificates to trust, for public addresses with one of their own."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write what was found as JSON.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="End with 1 for a warning, too.")] = False,
) -> None:
    """Look at the whole installation from all sides; change nothing.

    Ends with 0 when nothing is wrong, 1 when something is, 2 when it could not begin.
    """
    from sidecar.doctor import chart, doorstep  # noqa: PLC0415 - it asks half the house
    from sidecar.doctor.finding import Finding, exit_code  # noqa: PLC0415
    from sidecar.doctor.visit import Installation, examine, tools  # noqa: PLC0415

    address, trusted = doorstep.public_base(url), doorstep.trusted(ca)
    if isinstance(address, doorstep.Unusable) or isinstance(trusted, doorstep.Unusable):
        _fail("; ".join(it.why for it in (address, trusted) if isinstance(it, doorstep.Unusable)))
    settings, complaints = _attempt(Settings)
    books, _ = _attempt(DatabaseSettings)
    installation = Installation(complaints, settings, books, address, Path(".env"), names_given())

    async def visit() -> list[Finding]:
        async with tools(system_clock, trusted) as bag:
            return await examine(installation, bag)

    found = asyncio.run(visit())
    typer.echo(chart.document(found) if as_json else "\n".join(chart.lines(found)))
    raise typer.Exit(exit_code(found, strict=strict))


@app.command()
def journal(  # noqa: PLR0913, PLR0917 - one for each option
    order: Annotated[str | None, typer.Option(help="All about this order.", show_default=False)] = None,
    payme_id: Annotated[str | None, typer.Option(help="All about this transaction.", show_default=False)] = None,
    method: Annotated[str | None, typer.Option(help="`CreateTransaction` and so on.", show_default=False)] = None,
    errors: Annotated[bool, typer.Option("--errors", help="What was refused or went wrong.")] = False,
    since: Annotated[
        str | None,
        typer.Option(
            help="Day in Tashkent `2026-11-21` or `21.11.2026`, moment, or how long ago: `2h`.", show_default=False
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, with the answers.")] = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes; Ctrl-C ends it.")] = False,
) -> None:
    """Show Payme's calls and what they were answered, the newest at the bottom."""
    from sidecar import journal_screen  # noqa: PLC0415 - `serve` shows nothing to anybody

    if method is not None:
        method = journal_screen.method_named(method) or _fail(
            f"there is no method {method!r}; give one of {', '.join(journal_screen.METHOD_NAMES)}"
        )
    begun = None if since is None else _moment(since)
    filters = Filters(order, payme_id, method, errors, begun)
    settings = _settings(DatabaseSettings)
    _books(settings)
    say = journal_screen.sayer(as_json=as_json)
    try:
        shown = _with_database(
            settings, lambda database: journal_screen.show(database, filters, limit, say, follow=follow)
        )
    except KeyboardInterrupt:
        return
    if not shown:
        typer.echo(_none_fits(settings, filters), err=True)


PERIOD: Final = "Day in Tashkent `2026-11-21` or `21.11.2026`, moment `2026-11-21T15:04`, or how long ago: `7d`."
From = Annotated[str | None, typer.Option("--from", help=f"{PERIOD} By default yesterday.", show_default=False)]
To = Annotated[
    str | None,
    typer.Option("--to", help="The same; a day is inside. By default yesterday, or now.", show_default=False),
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="File to write, instead of stdout.", show_default=False)
]


@app.command()
def statement(
    from_: From = None,
    to: To = None,
    form: Annotated[Literal["csv", "xlsx", "json"], typer.Option("--format", help="CSV is Excel's here.")] = "csv",
    output: Output = None,
) -> None:
    """Export a period of our ledger, one row for each transaction, by Payme's time."""
    from sidecar.reconcile import clerk  # noqa: PLC0415 - spreadsheets take a while to import
    from sidecar.reconcile.tables import Format  # noqa: PLC0415

    period, console = _period(from_, to), Console(stderr=True)
    _needs_file(form, output)
    settings = _settings(DatabaseSettings)
    _books(settings)
    try:
        count = _with_database(
            settings, lambda database: clerk.Clerk(database, period, output, console).export(Format(form))
        )
    except clerk.TROUBLES as trouble:
        _fail(str(trouble))
    typer.echo(f"{count} transactions, {period} (Tashkent).", err=True)


@app.command()
def reconcile(  # noqa: PLR0913, PLR0917 - one for each option
    from_: From = None,
    to: To = None,
    cabinet: Annotated[
        Path | None, typer.Option(help="Statement exported from Payme's cabinet, CSV or XLSX.", show_default=False)
    ] = None,
    columns: Annotated[
        str | None, typer.Option(help="Its headings: `id=…,amount=…,state=…,time=…,order=…`", show_default=False)
    ] = None,
    unit: Annotated[
        Literal["soum", "tiyin"] | None, typer.Option(help="Its amounts, if no heading says it.", show_default=False)
    ] = None,
    states: Annotated[
        str | None, typer.Option(help="Its words: `Зачислен=paid,*=returned`", show_default=False)
    ] = None,
    no_backend: Annotated[bool, typer.Option("--no-backend", help="Do not ask the commerce backend.")] = False,
    older_than: Annotated[str, typer.Option(help="How old a message must be to be late: `30m`, `2h`.")] = "1h",
    form: Annotated[Literal["text", "json", "csv", "xlsx"], typer.Option("--format")] = "text",
    output: Output = None,
) -> None:
    """Compare our ledger with the backend's payments and with a statement of Payme's cabinet.

    Ends with 0 when all agree, 1 when something disagrees, 2 when it could not be compared.
    """
    from sidecar.reconcile import clerk  # noqa: PLC0415
    from sidecar.reconcile.cabinet import Reading, read_states  # noqa: PLC0415
    from sidecar.reconcile.columns import Unit, read_columns  # noqa: PLC0415

    period, late, console = _period(from_, to), _moment(older_than), Console(stderr=True)
    _needs_file(form, output)
    settings = _settings(DatabaseSettings)
    _books(settings)
    backend_settings = None if no_backend else _settings(BackendSettings)

    async def work(database: Database) -> bool:
        reading = Reading(read_columns(columns), Unit(unit) if unit else None, read_states(states))
        payme = clerk.Statement(cabinet, reading) if cabinet else None
        async with clerk.backend_of(backend_settings) as backend:
            return await clerk.Clerk(database, period, output, console).compare(late, backend, payme, form)

    try:
        agree = _with_database(settings, work)
    except clerk.TROUBLES as trouble:
        _fail(str(trouble))
    raise typer.Exit(0 if agree else 1)


@outbox_app.command("list")
def outbox_list() -> None:
    """List undelivered messages: number, state, session, topic, transaction, attempts, last answer."""
    settings = _settings(DatabaseSettings)
    messages = _with_database(settings, lambda database: database.read(outbox.undelivered))
    for message in messages:
        typer.echo(_line(message))
    if not messages:
        typer.echo(_nothing(settings), err=True)


@outbox_app.command("retry")
def outbox_retry(
    number: Annotated[int | None, typer.Argument(help="A number from `outbox list`.", show_default=False)] = None,
    every: Annotated[bool, typer.Option("--all", help="Every undelivered message.")] = False,
) -> None:
    """Make a message due now, parked or waiting. A running `serve` then delivers it."""
    if (number is None) == (not every):
        _fail("say which: a NUMBER from `payme-sidecar outbox list`, or --all")
    settings = _settings(DatabaseSettings)
    if number is None:
        due = _with_database(settings, lambda database: database.write(outbox.retry_all))
        typer.echo(f"{len(due)} due now." if due else _nothing(settings))
    elif _with_database(settings, lambda database: database.write(outbox.retry, number)):
        typer.echo(f"{number} is due now.")
    elif _with_database(settings, lambda database: database.read(outbox.undelivered)):
        _fail(f"there is no undelivered message {number}; see `payme-sidecar outbox list`")
    else:
        typer.echo(f"{_nothing(settings)} There is no message {number} to retry.", err=True)


def main() -> None:
    # A shell that starts a job in the background may have it ignore Ctrl-C; whoever sends SIGINT means it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    app(prog_name="payme-sidecar")


def _period(start: str | None, end: str | None) -> Period:
    try:
        return Period.read(start, end, system_clock())
    except ValueError as error:
        _fail(str(error))


def _moment(text: str) -> Millis:
    try:
        return days.read_moment(text, system_clock())
    except ValueError as error:
        _fail(str(error))


def _needs_file(form: str, output: Path | None) -> None:
    if form == "xlsx" and output is None and sys.stdout.isatty():
        _fail("a spreadsheet is nothing for a terminal: add --output FILE")


def _settings(kind: type[T]) -> T:
    try:
        return kind.load()  # type: ignore[attr-defined, no-any-return]  # both houses' settings have it
    except Exception as error:
        if type(error).__name__ != SettingsError.__name__:
            raise
        _fail(str(error))


def _attempt(kind: type[T]) -> tuple[T | None, Sequence[str]]:
    """Load settings, or tell all that is wrong with them."""
    try:
        return kind.load(), ()  # type: ignore[attr-defined]
    except SettingsError as error:
        return None, error.complaints


def _books(settings: DatabaseSettings) -> None:
    """See that there are books to read: from a wrong folder, a new empty file would look as if all were well."""
    url = settings.database_url.get_secret_value()
    file = url.removeprefix("sqlite:///").partition("?")[0]
    if url.startswith("sqlite") and not Path(file).exists():
        _fail(f"there is no file {file}: run this where `payme-sidecar serve` runs, or set DATABASE_URL")


def _with_database(
    settings: DatabaseSettings, work: Callable[[Database], Awaitable[T]], *, migrating: bool = False
) -> T:
    """Open, work, close; a database that cannot be used is one line, not a traceback."""

    async def visit() -> T:
        database = databases.connect(settings.database_url.get_secret_value())
        try:
            if not migrating:
                await _make_current(database)
            return await work(database)
        finally:
            await database.close()

    try:
        return asyncio.run(visit())
    except (*databases.FAILURES, schema.ForeignSchema) as error:
        _fail(f"the database behind DATABASE_URL cannot be used: {' '.join(str(error).split())}")


async def _make_current(database: Database) -> None:
    """Migrate SQLite, whoever opens it; of PostgreSQL say what to run."""
    if database.name == "sqlite":
        await database.alter(schema.migrate)
    elif not await database.read(schema.is_current):
        _fail(schema.MIGRATE_FIRST)


def _nothing(settings: DatabaseSettings) -> str:
    """Say which file was looked at: an empty one may be the wrong one."""
    url = settings.database_url.get_secret_value()
    return f"Nothing is undelivered in {url}." if url.startswith("sqlite") else "Nothing is undelivered."


def _none_fits(settings: DatabaseSettings, filters: Filters) -> str:
    url = settings.database_url.get_secret_value()
    where = f" in {url}" if url.startswith("sqlite") else ""
    if any(filters):
        return f"No call{where} fits; try fewer words, or an earlier --since. Calls are kept for JOURNAL_DAYS."
    return f"No call{where} yet: see whether Payme's cabinet has the address of this sidecar."


def _line(message: Message) -> str:
    return "  ".join(
        (
            str(message.number),
            message.state,
            message.session_id,
            message.topic,
            message.transaction_id,
            f"attempts={message.attempts}",
            message.standing,
        )
    )


def _given(value: int | None, default: int) -> int:
    return default if value is None else value


def _fail(line: str) -> NoReturn:
    typer.echo(f"payme-sidecar: {line}", err=True)
    sys.exit(2)
