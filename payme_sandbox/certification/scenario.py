"""A scenario: a sentence about a right endpoint, and the calls that show whether it is true."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from inspect import cleandoc

from payme_sandbox.certification.stage import Stage

Play = Callable[[Stage], Awaitable[None]]


class Page(StrEnum):
    """Where Payme says so."""

    FORMAT = "https://developer.help.paycom.uz/protokol-merchant-api/format-zaprosa"
    FLOW = "https://developer.help.paycom.uz/protokol-merchant-api/skhema-vzaimodeystviya"
    ERRORS = "https://developer.help.paycom.uz/metody-merchant-api/oshibki-errors"
    TYPES = "https://developer.help.paycom.uz/metody-merchant-api/tipy-dannykh"
    # The site has the addresses of the two Check methods swapped.
    CHECK_PERFORM = "https://developer.help.paycom.uz/metody-merchant-api/checktransaction"
    CHECK = "https://developer.help.paycom.uz/metody-merchant-api/checkperformtransaction"
    CREATE = "https://developer.help.paycom.uz/metody-merchant-api/createtransaction"
    PERFORM = "https://developer.help.paycom.uz/metody-merchant-api/performtransaction"
    CANCEL = "https://developer.help.paycom.uz/metody-merchant-api/canceltransaction"
    STATEMENT = "https://developer.help.paycom.uz/metody-merchant-api/getstatement"
    FISCAL = "https://developer.help.paycom.uz/metody-merchant-api/setfiscaldata"
    SANDBOX = "https://developer.help.paycom.uz/pesochnitsa"


class Spends(IntEnum):
    """Whether the order can be used again afterwards."""

    SHOWN_HERE = -1
    """The scenario shows that an order can be used again. It must come first: no other one fails if it cannot."""
    NOTHING = 0
    IF_WRONG = 1
    """The endpoint performs what it should refuse."""
    ORDER = 2


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    chapter: str
    title: str
    why: str
    source: Page
    play: Play
    spends: Spends
    accumulative: bool | None
    """For this type of account only; None: for both."""


@dataclass(frozen=True, slots=True)
class Chapter:
    title: str
    scenarios: list[Scenario] = field(default_factory=list)

    def scenario(
        self, source: Page, *, spends: Spends = Spends.NOTHING, accumulative: bool | None = None
    ) -> Callable[[Play], Play]:
        """Enter a function: its name names the scenario, its docstring is the sentence, and below it the reason."""

        def enter(play: Play) -> Play:
            title, _, why = cleandoc(play.__doc__ or "").partition("\n\n")
            name = play.__name__.replace("_", "-")
            self.scenarios.append(
                Scenario(name, self.title, title.rstrip("."), " ".join(why.split()), source, play, spends, accumulative)
            )
            return play

        return enter
