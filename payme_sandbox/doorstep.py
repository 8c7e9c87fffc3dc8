"""What is looked at before anything is asked: the key, the addresses, the files. What is wrong ends with one line."""

import io
import ssl
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NoReturn

import typer

MISUSED: Final = 2
STDOUT: Final = Path("-")


def check(key: str, account: list[str] | None, amount: int | None, shop: str | None) -> None:
    wrong = {
        "the key is empty: --key, or PAYME_KEY": not key,
        "say where payable orders come from: --account order_id=1001..1060, or --shop URL": bool(account) == bool(shop),
        "say what each of these orders costs: --amount, in tiyin": bool(account) and amount is None,
    }
    for line, is_so in wrong.items():
        if is_so:
            fail(line)
    check_key(key)


def check_key(key: str) -> None:
    if not key.isprintable() or key != key.strip():
        fail("the key begins or ends with a space, or has a line break or another sign that nobody sees: copy it again")


def check_addresses(*urls: str | None) -> None:
    """One with a password would be printed, and its password sent instead of the key."""
    if any("@" in (url or "").partition("://")[2].partition("/")[0] for url in urls):
        fail("an address with user:password@ in it is not taken: the login and the key are given by --login and --key")


def trusted(ca: Path | None) -> ssl.SSLContext | bool:
    try:
        return ssl.create_default_context(cafile=ca) if ca else True
    except OSError as error:  # an SSLError is one, too
        fail(f"--ca {ca} holds no certificates that can be read: {error.strerror or error}")


def writable(given: Iterable[Path]) -> list[Path]:
    """Look before the run: minutes of it shall not be lost for want of a folder."""
    files = list(given)
    for file in files:
        if file == STDOUT or (file.exists() and not file.is_file() and not file.is_dir()):
            continue  # to open a pipe would wait for its reader
        there = file.exists()
        try:
            file.open("a").close()
            if not there:
                file.resolve().unlink()
        except OSError as error:
            fail(f"{file} cannot be written: {error.strerror}")
    return files


def forgive() -> None:
    """A terminal without our signs shows others instead."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def write(file: Path, text: str) -> bool:
    try:
        if file == STDOUT:
            typer.echo(text, nl=False)
        else:
            file.write_text(text, "utf-8")
    except OSError as error:
        say(f"{file} cannot be written: {error.strerror}")
        return False
    return True


def say(line: str) -> None:
    typer.echo(f"payme-sandbox: {line}", err=True)


def fail(line: str) -> NoReturn:
    say(line)
    sys.exit(MISUSED)
