"""The command line: `payme-sidecar`."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, NoReturn, TypeVar

import typer

from payme_sandbox.cli import app as sandbox_app
from sidecar import database as databases
from sidecar import logs, outbox, schema
from sidecar.database import Database
from sidecar.outbox import Message
from sidecar.settings import DatabaseSettings, Limits, Settings, SettingsError

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
    app(prog_name="payme-sidecar")


def _settings(kind: type[T]) -> T:
    try:
        return kind.load()  # type: ignore[attr-defined, no-any-return]  # both houses' settings have it
    except Exception as error:
        if type(error).__name__ != SettingsError.__name__:
            raise
        _fail(str(error))


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
    except databases.FAILURES as error:
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


def _line(message: Message) -> str:
    return "  ".join(
        (
            str(message.number),
            message.state,
            message.session_id,
            message.topic,
            message.transaction_id,
            f"attempts={message.attempts}",
            message.last_answer or "not sent yet",
        )
    )


def _given(value: int | None, default: int) -> int:
    return default if value is None else value


def _fail(line: str) -> NoReturn:
    typer.echo(f"payme-sidecar: {line}", err=True)
    sys.exit(2)
