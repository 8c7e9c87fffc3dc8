"""What the terminal shows: colours and a spinner, or plain readable lines where there is no terminal."""

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Final, NamedTuple

from rich.console import Console
from rich.text import Text

from demo_shop.addresses import WORDS, Addresses
from demo_shop.journal import PARTIES, Entry, Step

STYLES = {
    Step.PAYME_CALLED: "cyan",
    Step.ANSWERED_NO: "red",
    Step.ORDER_PLACED: "bold green",
    Step.ORDER_REFUNDED: "bold yellow",
}

REMINDER_PAUSE: Final = 20.0
SHORT: Final = 3


class Row(NamedTuple):
    name: str
    url: str
    note: str


class Watch:
    """What is waited for and since when; rich asks it again for every picture."""

    def __init__(self, what: str, now: Callable[[], float] = time.monotonic) -> None:
        self._what = what
        self._now = now
        self._started = now()

    def reading(self) -> str:
        seconds = int(self._now() - self._started)
        return self._what if seconds < SHORT else f"{self._what}, {seconds} s"

    def __rich__(self) -> Text:
        return Text(self.reading())


@dataclass(frozen=True, slots=True)
class Screen:
    console: Console

    @contextmanager
    def waiting(self, what: str) -> Generator[None, None, None]:
        """Show what is waited for, and for how long when it takes long."""
        watch = Watch(what)
        if self.console.is_terminal:
            with self.console.status(watch):
                yield
            return
        over = Event()
        reader = Thread(target=self._say_now_and_then, args=(watch, over), daemon=True)
        self.say(f"… {what}", "dim")
        reader.start()
        try:
            yield
        finally:
            over.set()
            reader.join()

    def _say_now_and_then(self, watch: "Watch", over: Event) -> None:
        while not over.wait(REMINDER_PAUSE):
            self.say(f"… {watch.reading()}", "dim")

    def done(self, what: str, note: str = "") -> None:
        self._print(("✓ ", "green"), what, (f"  {note}" if note else "", "dim"))

    def failed(self, what: str) -> None:
        self._print(("✗ ", "bold red"), (what, "bold"))

    def say(self, line: str, style: str = "") -> None:
        self._print((line, style))

    def step(self, entry: Entry) -> None:
        self._print((clock_of(entry.time), "dim"), "  ", (line_of(entry), STYLES.get(entry.step, "")))

    def moved(self, addresses: Addresses, wanted: int) -> None:
        """Say that the ports are other ones than asked for, so that nobody opens a stranger's page."""
        if addresses.port != wanted:
            chosen = f"{addresses.port} to {addresses.port + addresses.size - 1}"
            self.say(
                f"Port {wanted} or one of the next {WORDS[addresses.size - 1]} is taken; using {chosen}.", "yellow"
            )

    def addresses(self, rows: Sequence[Row]) -> None:
        self.say("")
        for name, url, note in rows:
            self._print(f"  {name:<17}", (url, "bold underline"), (f"  {note}", "dim"))
        self.say("")
        self.say("Ctrl-C ends it. What happens is shown below as it happens.", "dim")

    def tail(self, name: str, lines: Sequence[str]) -> None:
        self.say(f"── the last lines of the {name}'s log", "bold")
        for line in lines or ["(it said nothing)"]:
            self.say(f"   {line}")

    def _print(self, *parts: str | tuple[str, str]) -> None:
        """One line stays one line, and nothing in it is read as markup."""
        self.console.print(Text.assemble(*parts), soft_wrap=True)


def line_of(entry: Entry) -> str:
    source, target = PARTIES[entry.step]
    way = f"{source} → {target}" if target else source
    words = [f"{way:<18}", f"{entry.what:<24}", entry.outcome, entry.note]
    return "  ".join(word for word in words if word).rstrip()


def clock_of(millis: int) -> str:
    return datetime.fromtimestamp(millis // 1000, UTC).astimezone().strftime("%H:%M:%S")
