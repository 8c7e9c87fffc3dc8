"""Every scenario, by chapter, in the order in which they are shown."""

from typing import Final

from payme_sandbox.certification.scenario import Scenario
from payme_sandbox.certification.scenarios.bad_input import BAD_INPUT
from payme_sandbox.certification.scenarios.books import BOOKS
from payme_sandbox.certification.scenarios.half_a_day import HALF_A_DAY_LATER
from payme_sandbox.certification.scenarios.official import ACCOUNT_STATES, ACCUMULATIVE, SCENARIO_1, SCENARIO_2
from payme_sandbox.certification.scenarios.refusals import REFUSALS
from payme_sandbox.certification.scenarios.rehearsal import REHEARSAL
from payme_sandbox.certification.scenarios.shop import SHOP
from payme_sandbox.certification.scenarios.wrong_data import WRONG_DATA

OFFICIAL: Final = (WRONG_DATA, SCENARIO_1, SCENARIO_2, ACCOUNT_STATES, ACCUMULATIVE)
BEYOND: Final = (REFUSALS, REHEARSAL, HALF_A_DAY_LATER, BOOKS, BAD_INPUT, SHOP)

CATALOGUE: Final[list[Scenario]] = [scenario for chapter in (*OFFICIAL, *BEYOND) for scenario in chapter.scenarios]
