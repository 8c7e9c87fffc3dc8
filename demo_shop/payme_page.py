"""Payme's checkout page, and a corner of its cabinet: a stand-in, and labelled as one.

`/<base64 link>` is the page a checkout link opens. `/` is the merchant's cabinet, where refunds are started: Payme
knows no other way (contract, section 4).
"""

import json
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from demo_shop import pages
from demo_shop.forms import form
from demo_shop.payme import Call, Cashbox, Link, Scenario, State, Visit, outcome_of
from demo_shop.texts import Locale, locale_or_default

# Where the buyer goes when a scenario went through; a declined card stays on the page, as with a real one.
RETURNS_TO_SHOP: Final = frozenset({Scenario.PAY, Scenario.CANCEL})
BUYERS_CHOICES: Final = {choice.value: choice for choice in (Scenario.PAY, Scenario.DECLINE, Scenario.CANCEL)}

NOTICES: Final = {Scenario.DECLINE: "declined", Scenario.CANCEL: "cancelled"}


class PaymePage:
    def __init__(self, cashbox: Cashbox, merchant_id: str, shop_name: str) -> None:
        self._cashbox = cashbox
        self._merchant_id = merchant_id
        self._shop_name = shop_name

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                pages.static(),
                Route("/", self._cabinet),
                Route("/refund", self._refund, methods=["POST"]),
                Route("/{link:path}", self._checkout),
                Route("/{link:path}", self._choose, methods=["POST"]),
            ]
        )

    async def _checkout(self, request: Request) -> Response:
        link = self._link(request)
        if link is None:
            return pages.page("payme_unknown.html", "ru", {}, status=404)
        visit = self._cashbox.visit(link)
        context = {
            "shop_name": self._shop_name,
            "link": link,
            "notice": notice_of(visit, request.query_params.get("after", "")),
            "message": message_of(visit, link.language),
            "visit": visit,
            "calls": [printed(call) for call in visit.calls],
        }
        return pages.page("payme_checkout.html", locale_or_default(link.language), context)

    async def _choose(self, request: Request) -> Response:
        link = self._link(request)
        choice = BUYERS_CHOICES.get((await form(request)).get("action", ""))
        if link is None or choice is None:
            return pages.page("payme_unknown.html", "ru", {}, status=404)
        visit = self._cashbox.visit(link)
        calls = await self._cashbox.play(visit, choice)
        went_well = not calls[-1].error and not any(call.defect for call in calls)
        goes_back = went_well and choice in RETURNS_TO_SHOP and link.return_url
        return RedirectResponse(link.return_url if goes_back else f"{request.url.path}?after={choice}", 303)

    async def _cabinet(self, request: Request) -> Response:
        visits = [(order_id, visit) for order_id, visit in self._cashbox.visits.items() if visit.receipts]
        context = {"shop_name": self._shop_name, "visits": visits, "PERFORMED": State.PERFORMED}
        return pages.page("payme_cabinet.html", locale_or_default(request.query_params.get("l", "")), context)

    async def _refund(self, request: Request) -> Response:
        visit = self._cashbox.visits.get((await form(request)).get("order_id", ""))
        if visit is not None and visit.receipt_in(State.PERFORMED):
            await self._cashbox.play(visit, Scenario.REFUND)
        return RedirectResponse(f"/?l={locale_or_default(request.query_params.get('l', ''))}", 303)

    def _link(self, request: Request) -> Link | None:
        link = Link.read(request.path_params["link"])
        return link if link and link.merchant_id == self._merchant_id else None


def notice_of(visit: Visit, after: str) -> str:
    """Which of the page's faces to show; without `after` the buyer has just come from the shop."""
    if after and visit.error:
        return "unavailable" if visit.calls[-1].technical else "refused"
    if visit.receipt_in(State.PERFORMED):
        return "paid"
    choice = BUYERS_CHOICES.get(after)
    return NOTICES.get(choice, "") if choice else ""


def message_of(visit: Visit, language: Locale | str) -> str:
    """The merchant's own words, in the buyer's language; some merchants send one string for all."""
    message = (visit.error or {}).get("message") or ""
    words = message.get(language) or message.get("ru") if isinstance(message, dict) else message
    return str(words or "")


def printed(call: Call) -> dict[str, Any]:
    """A call for the fold-out log. The credential travels in a header and is not part of it."""
    return {
        "method": call.request["method"],
        "request": json.dumps(call.request, ensure_ascii=False, indent=2),
        "reply": json.dumps(call.reply, ensure_ascii=False, indent=2),
        "outcome": outcome_of(call),
        "ok": call.result is not None,
        "defect": call.defect,
    }
