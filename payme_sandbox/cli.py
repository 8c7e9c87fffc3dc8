"""The command line: `payme-sidecar sandbox`, or `python -m payme_sandbox`."""

import signal
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from payme_sandbox import doorstep


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
Ca = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Certificates to trust, for an https endpoint with one of its own.", show_default=False
    ),
]


@app.command()
def run(  # noqa: PLR0913, PLR0917 - a command line is as wide as its options
    url: Annotated[str, typer.Argument(help="The endpoint as it is typed into the cashbox.", show_default=False)],
    key: Key,
    account: Annotated[
        list[str] | None,
        typer.Option(help="A payable order: order_id=1001. Several: order_id=1001..1060, or order_id=7,9,12."),
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
        bool, typer.Option("--strict", help="Fail also what is otherwise accepted with a remark.")
    ] = False,
    steps: Annotated[bool, typer.Option("--steps", help="Show every step, not only the wrong ones.")] = False,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a report; - for stdout.")] = None,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a JUnit report for CI.")] = None,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds to wait for one answer.")] = 10.0,
    ca: Ca = None,
) -> None:
    """Walk Payme's sandbox scenarios, and a rehearsal beyond them, against an endpoint in any language.

    Ends with 0 when nothing failed, 1 when something did, 2 when it could not begin. Orders that are given with
    `--account` are really paid and cancelled in the shop: use a test shop.
    """
    from payme_sandbox.certification.orders import Order, accounts  # noqa: PLC0415 - `--help` needs none of it
    from payme_sandbox.certification.run import chosen  # noqa: PLC0415
    from payme_sandbox.certification.screen import Screen, console  # noqa: PLC0415
    from payme_sandbox.certification.stage import Plan  # noqa: PLC0415
    from payme_sandbox.errand import Errand  # noqa: PLC0415
    from payme_sandbox.merchant import basic  # noqa: PLC0415

    doorstep.check(key, account, amount, shop)
    doorstep.check_addresses(url, shop)
    verify = doorstep.trusted(ca)
    files = doorstep.writable(file for file in (json, junit) if file)
    try:
        pool = [Order(it, amount or 0) for it in accounts(account or [])]
        nobody, closed = (next(iter(accounts(fields or [])), None) for fields in (unknown, blocked))
        plan = Plan(accumulative, wrong_amount, nobody, closed, strict)
        scenarios = chosen(plan, only or [], skip or [])
    except ValueError as wrong:
        doorstep.fail(str(wrong))
    door, credential = (shop or "").rstrip("/"), basic(f"{login}:{key}")
    errand = Errand(url, credential, plan, scenarios, pool, door, amount, timeout, verify)
    raise typer.Exit(errand.run(Screen(console(to_stderr=doorstep.STDOUT in files), steps), json, junit))


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
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port to listen on.")] = 8790,
    ca: Ca = None,
) -> None:
    """Serve Payme's side as a web page: open a checkout link, pay, decline, refund, compare the books."""
    from payme_sandbox.counter import serve as service  # noqa: PLC0415

    doorstep.forgive()
    if key:
        doorstep.check_key(key)
    doorstep.check_addresses(endpoint)
    verify = doorstep.trusted(ca)
    raise typer.Exit(
        service.serve(endpoint, key, login=login, merchant_id=merchant_id, host=host, port=port, verify=verify)
    )


@app.command("list")
def list_(
    markdown: Annotated[bool, typer.Option("--markdown", help="As the table of docs/sandbox.md.")] = False,
) -> None:
    """List the scenarios: the name, and the sentence that it holds the endpoint to."""
    from payme_sandbox.certification.scenarios import CATALOGUE  # noqa: PLC0415

    doorstep.forgive()
    for scenario in CATALOGUE:
        if markdown:
            typer.echo(
                f"| `{scenario.name}` | {scenario.title} | [{scenario.source.name.lower()}]({scenario.source}) |"
            )
        else:
            typer.echo(f"{scenario.name:<32} {scenario.title}")


def main() -> None:
    # A shell that starts a job in the background may have it ignore Ctrl-C; whoever sends SIGINT means it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    app(prog_name="payme-sandbox")
