"""The command line: `payme-sidecar sandbox`, or `python -m payme_sandbox`."""

import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import typer
from typer.core import TyperGroup

FAILED: Final = 1
MISUSED: Final = 2
INTERRUPTED: Final = 128 + signal.SIGINT
STDOUT: Final = Path("-")
AMOUNT: Final = 5_000_000  # tiyin, of an order that a test shop makes


class RunByDefault(TyperGroup):
    """`sandbox URL …` is `sandbox run URL …`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in {*self.commands, "-h", "--help"}:
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=RunByDefault,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Payme on your own machine: certify any Merchant API endpoint, or pay by hand on a stand-in for Payme's page.",
)

Key = Annotated[
    str, typer.Option(envvar="PAYME_KEY", help="The cashbox key, Payme's Basic password.", show_default=False)
]
Login = Annotated[str, typer.Option(envvar="PAYME_LOGIN", help="Basic login.")]


@app.command()
def run(  # noqa: PLR0913, PLR0917 - a command line is as wide as its options
    url: Annotated[str, typer.Argument(help="The endpoint as it is typed into the cashbox.", show_default=False)],
    key: Key,
    account: Annotated[
        list[str] | None,
        typer.Option(help="A payable order: order_id=1001. Several: order_id=1001..1040, or order_id=7,9,12."),
    ] = None,
    amount: Annotated[
        int | None, typer.Option(min=1, help="What each of these orders costs, in tiyin.", show_default=False)
    ] = None,
    shop: Annotated[
        str | None, typer.Option(metavar="URL", help="A test shop that makes orders and tells their fate.")
    ] = None,
    login: Login = "Paycom",
    accumulative: Annotated[
        bool, typer.Option("--accumulative", help="The account may be topped up any number of times.")
    ] = False,
    wrong_amount: Annotated[
        int | None, typer.Option(help="An amount that must be refused; needed with --accumulative.", show_default=False)
    ] = None,
    unknown: Annotated[
        list[str] | None, typer.Option(help="An account that does not exist; one is made up.", show_default=False)
    ] = None,
    blocked: Annotated[
        list[str] | None, typer.Option(help="An account that is paid, cancelled or closed.", show_default=False)
    ] = None,
    only: Annotated[list[str] | None, typer.Option(help="Run only scenarios whose name begins so.")] = None,
    skip: Annotated[list[str] | None, typer.Option(help="Leave out scenarios whose name begins so.")] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Where Payme's sources disagree, accept the documentation only.")
    ] = False,
    steps: Annotated[bool, typer.Option("--steps", help="Show every step, not only the wrong ones.")] = False,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a report; - for stdout.")] = None,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a JUnit report for CI.")] = None,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds to wait for one answer.")] = 10.0,
) -> None:
    """Walk Payme's sandbox scenarios, and a rehearsal beyond them, against an endpoint in any language.

    Ends with 0 when nothing failed, 1 when something did, 2 when it could not begin. Orders that are given with
    `--account` are really paid and cancelled in the shop: use a test shop.
    """
    import httpx  # noqa: PLC0415 - `--help` needs none of it

    from payme_sandbox.certification import orders, report  # noqa: PLC0415
    from payme_sandbox.certification.run import Report, certify, chosen  # noqa: PLC0415
    from payme_sandbox.certification.screen import Screen, console  # noqa: PLC0415
    from payme_sandbox.certification.stage import Plan  # noqa: PLC0415
    from payme_sandbox.merchant import Merchant, basic  # noqa: PLC0415

    if not key:
        _fail("the key is empty: --key, or PAYME_KEY")
    if bool(account) == bool(shop):
        _fail("say where payable orders come from: --account order_id=1001..1040, or --shop URL")
    if account and amount is None:
        _fail("say what each of these orders costs: --amount, in tiyin")
    try:
        pool = [orders.Order(it, amount or 0) for it in orders.accounts(account or [])]
        plan = Plan(accumulative, wrong_amount, _one(unknown), _one(blocked), strict)
        scenarios = chosen(plan, only or [], skip or [])
    except ValueError as wrong:
        _fail(str(wrong))

    async def work(screen: Screen) -> Report:
        async with httpx.AsyncClient(timeout=timeout, trust_env=False) as http:
            merchant = Merchant(http, url, basic(f"{login}:{key}"), patience=timeout)
            source = orders.SideDoor(http, shop.rstrip("/"), amount or AMOUNT) if shop else orders.Pool(pool)
            await _knock(merchant, source)
            frugal = 0 < len(pool) < len(scenarios)
            return await certify(merchant, source, plan, scenarios=scenarios, watcher=screen, frugal=frugal)

    with Screen(console(to_stderr=json == STDOUT), steps) as screen:
        try:
            came = asyncio.run(work(screen))
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
    screen.summary(came)
    for file, text in ((json, report.as_json), (junit, report.as_junit)):
        if file:
            _write(file, text(came))
    raise typer.Exit(0 if came.passed else FAILED)


@app.command()
def serve(
    endpoint: Annotated[str, typer.Option(help="Your endpoint; without it the page asks.", show_default=False)] = "",
    key: Annotated[
        str, typer.Option(envvar="PAYME_KEY", help="The cashbox key.", show_default=False, show_envvar=True)
    ] = "",
    login: Login = "Paycom",
    merchant_id: Annotated[
        str, typer.Option(help="Open links of this cashbox only; any, if not given.", show_default=False)
    ] = "",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8790,
) -> None:
    """Serve Payme's side as a web page: open a checkout link, pay, decline, refund, compare the books."""
    from payme_sandbox.counter import serve as service  # noqa: PLC0415

    raise typer.Exit(service.serve(endpoint, key, login=login, merchant_id=merchant_id, host=host, port=port))


@app.command("list")
def list_(
    markdown: Annotated[bool, typer.Option("--markdown", help="As the table of docs/sandbox.md.")] = False,
) -> None:
    """List the scenarios: the name, and the sentence that it holds the endpoint to."""
    from payme_sandbox.certification.scenarios import CATALOGUE  # noqa: PLC0415

    for scenario in CATALOGUE:
        if markdown:
            typer.echo(
                f"| `{scenario.name}` | {scenario.title} | [{scenario.source.name.lower()}]({scenario.source}) |"
            )
        else:
            typer.echo(f"{scenario.name:<32} {scenario.title}")


def main() -> None:
    app(prog_name="payme-sandbox")


async def _knock(merchant: Any, source: Any) -> None:
    """Knock once: who is not there fails every scenario, or lets none begin, and that tells nobody anything."""
    from payme_sandbox.calls import Request  # noqa: PLC0415
    from payme_sandbox.certification.orders import NoOrder, SideDoor  # noqa: PLC0415

    call = await merchant.call(Request("CheckTransaction", {"id": "0" * 24}))
    if call.status is None:
        _fail(f"nothing answers at {merchant.url}: {call.came}")
    try:
        if isinstance(source, SideDoor):
            await source.order(None)
    except NoOrder as none:
        _fail(str(none))


def _one(fields: Sequence[str] | None) -> dict[str, str] | None:
    from payme_sandbox.certification.orders import accounts  # noqa: PLC0415

    return accounts(fields)[0] if fields else None


def _write(file: Path, text: str) -> None:
    if file == STDOUT:
        typer.echo(text, nl=False)
        return
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        _fail(f"{file} cannot be written: {error.strerror}")


def _fail(line: str) -> NoReturn:
    typer.echo(f"payme-sandbox: {line}", err=True)
    sys.exit(MISUSED)
