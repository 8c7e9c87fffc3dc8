"""The page that says what is wrong with an endpoint: Payme's scenarios, run from the browser."""

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from payme_sandbox.certification.expectations import Verdict
from payme_sandbox.certification.orders import NoOrder, Order, Pool, Shop, SideDoor, accounts
from payme_sandbox.certification.preflight import LET_PASS, obstacle
from payme_sandbox.certification.run import Result, chosen
from payme_sandbox.certification.stage import Plan
from payme_sandbox.counter.cashier import Cashier
from payme_sandbox.counter.desk import Desk
from payme_sandbox.counter.digest import following, told
from payme_sandbox.counter.forms import form
from payme_sandbox.counter.pages import locale_of, page
from payme_sandbox.counter.rehearsal import Rehearsal
from payme_sandbox.link import AMOUNT, web_address

DEFAULT_AMOUNT: Final = "5000000"
MARKS: Final = {Result.PASSED: "✓", Result.FAILED: "✗", Result.NOT_RUN: "–"}
STEP_MARKS: Final = {Verdict.PASSED: "✓", Verdict.FAILED: "✗", Verdict.NOTED: "!"}


class Futile(Exception):
    """A run would show nothing; says why, unless the diagnosis does."""


class CertificatePage:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._rehearsal: Rehearsal | None = None
        self._given: Mapping[str, str] = {}

    def routes(self) -> list[Route]:
        return [
            Route("/scenarios", self._show),
            Route("/scenarios", self._run, methods=["POST"]),
            Route("/scenarios/stop", self._stop, methods=["POST"]),
        ]

    async def _show(self, request: Request) -> Response:
        return self._page(request)

    async def _run(self, request: Request) -> Response:
        cashier = self._desk.cashier
        self._given = {name: value.strip() for name, value in (await form(request)).items()}
        newest, current = self._rehearsal, self._current()
        if cashier is None or (current and current.runs):
            return here(request)
        plan = Plan(accumulative=self._given.get("account_type") == "accumulative")
        try:
            await self._look_ahead(cashier, self._shop(self._given))
        except (ValueError, NoOrder, Futile) as why:
            return self._refusal(request, str(why))
        if self._rehearsal is not newest:
            return here(request)  # another tab was quicker
        if newest:
            await newest.stop()  # it was another endpoint's
        self._rehearsal = Rehearsal(cashier, chosen(plan), self._given.get("account", ""))
        self._rehearsal.start(self._shop(self._given), plan, self._desk.time)
        return here(request)

    async def _look_ahead(self, cashier: Cashier, shop: Shop) -> None:
        """See whether a run would show anything.

        Raises:
            Futile: it would not.
            NoOrder: the test shop has none.
        """
        diagnosis = await self._desk.examine(cashier)
        if not diagnosis.works and diagnosis.finding not in LET_PASS:
            raise Futile
        if why := await obstacle(replace(cashier.merchant, heard=cashier.overhear), await shop.order(None)):
            raise Futile(why)

    async def _stop(self, request: Request) -> Response:
        if self._rehearsal:
            await self._rehearsal.stop()
        return here(request)

    def _current(self) -> Rehearsal | None:
        """The newest run, if it was of the endpoint that is connected now."""
        newest = self._rehearsal
        return newest if newest and newest.cashier is self._desk.cashier else None

    def _shop(self, given: Mapping[str, str]) -> Shop:
        """Say where payable orders come from.

        Raises:
            ValueError: says what is wrong.
        """
        amount = given.get("amount", "").replace(" ", "")
        if not AMOUNT.fullmatch(amount) or not int(amount):
            raise ValueError("the amount must be a whole number of tiyin")
        if side_door := given.get("shop", ""):
            if not web_address(side_door):
                raise ValueError("the address of the test shop must begin with http:// or https://")
            return SideDoor(self._desk.http, side_door.rstrip("/"), int(amount))
        pool = [Order(account, int(amount)) for account in accounts(given.get("account", "").split())]
        if not pool:
            raise ValueError("name accounts that may be paid, as in order_id=1001..1060")
        return Pool(pool)

    def _page(self, request: Request) -> Response:
        rehearsal = self._current()
        used = rehearsal.accounts if rehearsal and not rehearsal.runs else ""
        given = {**self._given, "account": following(used)} if used else self._given
        return page(request, "scenarios.html", self._context(rehearsal, given) | {"used": used})

    def _refusal(self, request: Request, why: str) -> Response:
        """Show what is wrong in place of old results. Without a word: the diagnosis says it."""
        context = self._context(None, self._given) | {"wrong": why}
        return page(request, "scenarios.html", context, status=HTTPStatus.BAD_REQUEST)

    def _context(self, rehearsal: Rehearsal | None, given: Mapping[str, str]) -> dict[str, Any]:
        return {
            "at": "scenarios",
            "desk": self._desk,
            "cashier": self._desk.cashier,
            "rehearsal": rehearsal,
            "given": given,
            "default_amount": DEFAULT_AMOUNT,
            "used": "",
            "wrong": "",
            "marks": MARKS,
            "step_marks": STEP_MARKS,
            "told": told,
            "Result": Result,
            "Verdict": Verdict,
        }


def here(request: Request) -> Response:
    return RedirectResponse(f"/scenarios?l={locale_of(request)}", HTTPStatus.SEE_OTHER)
