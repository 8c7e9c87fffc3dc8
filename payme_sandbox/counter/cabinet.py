"""The merchant's cabinet at Payme: the endpoint, a payment by hand, receipts and refunds, the books compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from payme_sandbox.counter.cashbox import Cashbox
from payme_sandbox.counter.cashier import Cashier
from payme_sandbox.counter.desk import Desk
from payme_sandbox.counter.forms import form
from payme_sandbox.counter.pages import locale_of, page
from payme_sandbox.counter.receipts import Standing
from payme_sandbox.counter.visits import Wish
from payme_sandbox.link import Link, NotALink, web_address
from payme_sandbox.merchant import LOGIN

NO_MERCHANT = "sandbox"  # in a link that was made by hand, where no merchant id is known


@dataclass(frozen=True, slots=True)
class CabinetPage:
    desk: Desk

    def routes(self) -> list[Route]:
        return [
            Route("/", self._show),
            Route("/log", self._log),
            Route("/endpoint", self._connect, methods=["POST"]),
            Route("/endpoint/check", self._examine, methods=["POST"]),
            Route("/open", self._open, methods=["POST"]),
            Route("/refund", self._refund, methods=["POST"]),
            Route("/ask-again", self._ask_again, methods=["POST"]),
            Route("/compare", self._compare, methods=["POST"]),
        ]

    async def _show(self, request: Request) -> Response:
        cashier = self.desk.cashier
        if cashier is not None and self.desk.diagnosis is None and self.desk.movable:
            await self.desk.examine(cashier)
        return self._page(request)

    async def _connect(self, request: Request) -> Response:
        typed = await form(request)
        key = typed.pop("key", "")  # byte for byte, and never shown again
        values = {name: value.strip() for name, value in typed.items()}
        url = values.get("url", "")
        if not self.desk.movable or not web_address(url):
            return self._page(request, wrong="endpoint.not_web", given=values, status=HTTPStatus.BAD_REQUEST)
        await self.desk.connect(Cashbox(url, key, values.get("login") or LOGIN, values.get("merchant_id", "")))
        return home(request)

    async def _examine(self, request: Request) -> Response:
        if self.desk.cashier:
            await self.desk.examine(self.desk.cashier)
        return home(request)

    async def _open(self, request: Request) -> Response:
        """Lead to the checkout page of a link that was pasted, or of what was typed in."""
        values = {name: value.strip() for name, value in (await form(request)).items()}
        try:
            link = Link.read(values["link"]) if values.get("link") else self._typed(request, values)
        except NotALink as wrong:
            return self._page(request, not_a_link=str(wrong), given=values, status=HTTPStatus.BAD_REQUEST)
        return RedirectResponse(f"/{link.text}", HTTPStatus.SEE_OTHER)

    def _typed(self, request: Request, values: Mapping[str, str]) -> Link:
        cashbox = self.desk.cashier.cashbox if self.desk.cashier else None
        account = f"account[{values.get('field') or 'order_id'}]"
        merchant_id = (cashbox.merchant_id if cashbox else "") or NO_MERCHANT
        typed = {"merchant": merchant_id, "amount": values.get("amount", ""), "lang": locale_of(request)}
        if not values.get("value"):
            raise NotALink("paste a checkout link, or fill in the account and the amount")
        return Link.posted({**typed, account: values["value"]})

    async def _refund(self, request: Request) -> Response:
        return await self._play(request, Wish.REFUND)

    async def _ask_again(self, request: Request) -> Response:
        return await self._play(request, Wish.ASK_AGAIN)

    async def _play(self, request: Request, wish: Wish) -> Response:
        """Play it for the receipt that the form names, if there is such a one."""
        cashier, receipt_id = self.desk.cashier, (await form(request)).get("receipt", "")
        if cashier and (found := cashier.receipt(receipt_id)):
            visit, receipt = found
            await cashier.play(visit, wish, receipt)
        return home(request, "#receipts")

    async def _compare(self, request: Request) -> Response:
        if self.desk.cashier:
            await self.desk.cashier.compare()
        return home(request, "#compare")

    async def _log(self, request: Request) -> Response:
        spoken = list(self.desk.cashier.log) if self.desk.cashier else []
        return page(request, "log.html", {"at": "log", "spoken": spoken[::-1], "cashier": self.desk.cashier})

    def _page(
        self,
        request: Request,
        *,
        wrong: str = "",
        not_a_link: str = "",
        given: Mapping[str, str] | None = None,
        status: int = HTTPStatus.OK,
    ) -> Response:
        context: dict[str, Any] = {
            "at": "cabinet",
            "desk": self.desk,
            "cashier": self.desk.cashier,
            "wrong": wrong,
            "not_a_link": not_a_link,
            "given": given or {},
            "account_of": account_of(self.desk.cashier),
            "login": LOGIN,
            "PAID": Standing.PAID,
        }
        return page(request, "cabinet.html", context, status=status)


def home(request: Request, place: str = "") -> Response:
    return RedirectResponse(f"/?l={locale_of(request)}{place}", HTTPStatus.SEE_OTHER)


def account_of(cashier: Cashier | None) -> dict[str, str]:
    """Whose a receipt is, for a comparison that names receipts."""
    receipts = cashier.receipts if cashier else []
    return {it.id: ", ".join(f"{name}={value}" for name, value in it.link.account.items()) for it in receipts}
