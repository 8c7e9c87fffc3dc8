"""Payme's checkout page: what a checkout link or form opens, and what a buyer may do there."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from payme_sandbox.counter.cashier import Cashier
from payme_sandbox.counter.desk import Desk
from payme_sandbox.counter.forms import form
from payme_sandbox.counter.notices import ENDS, GOOD, QUOTES, Notice, notice_of
from payme_sandbox.counter.pages import locale_of, page
from payme_sandbox.counter.receipts import Standing
from payme_sandbox.counter.visits import Played, Visit, Wish
from payme_sandbox.diagnosis import trouble_of
from payme_sandbox.languages import LOCALES, is_locale
from payme_sandbox.link import Link, NotALink, return_address, web_address
from payme_sandbox.protocol import Method

BUYERS: Final = {
    wish.value: wish for wish in (Wish.PAY, Wish.DECLINE, Wish.CANCEL, Wish.TWO_BUYERS, Wish.LOSE, Wish.OVERDUE)
}
TROUBLES: Final = (Wish.TWO_BUYERS, Wish.LOSE, Wish.OVERDUE)
# Where these end well the buyer goes back by themselves; a declined card stays on the page, as with a real one.
RETURNS: Final = {Wish.PAY: Standing.PAID, Wish.CANCEL: Standing.CANCELLED}


@dataclass(frozen=True, slots=True)
class CheckoutPage:
    desk: Desk

    def routes(self) -> list[Route]:
        return [
            Route("/", self._post_form, methods=["POST"]),
            Route("/{link:path}", self._show),
            Route("/{link:path}", self._choose, methods=["POST"]),
        ]

    async def _post_form(self, request: Request) -> Response:
        """Take a shop's checkout form; without a return address the buyer goes back to where they came from."""
        values = await form(request)
        came_from = web_address(request.headers.get("referer", ""))
        try:
            link = Link.posted({**values, "callback": values.get("callback") or came_from})
        except NotALink as wrong:
            return unreadable(request, str(wrong))
        if Link.read(link.text) != link:
            return unreadable(request, "a value with ; in it cannot be kept in the address of this page")
        return RedirectResponse(f"/{link.text}", HTTPStatus.SEE_OTHER)

    async def _show(self, request: Request) -> Response:
        cashier, link = self.desk.cashier, _link(request)
        if cashier is None:
            return RedirectResponse(f"/?l={locale_of(request)}", HTTPStatus.SEE_OTHER)
        if isinstance(link, NotALink):
            return unreadable(request, str(link))
        if not cashier.cashbox.owns(link.merchant_id):
            return stranger(request)
        return show(request, cashier, cashier.visit(link))

    async def _choose(self, request: Request) -> Response:
        cashier, link = self.desk.cashier, _link(request)
        wish = BUYERS.get((await form(request)).get("action", ""))
        if cashier is None or isinstance(link, NotALink) or wish is None:
            return unreadable(request, str(link) if isinstance(link, NotALink) else "")
        if not cashier.cashbox.owns(link.merchant_id):
            return stranger(request)
        played = await cashier.play(cashier.visit(link), wish)
        back = way_back(link, played) if goes_back(played) else ""
        chosen = request.query_params.get("l", "")
        language = f"&l={chosen}" if is_locale(chosen) else ""
        return RedirectResponse(back or f"/{link.text}?after={wish}{language}", HTTPStatus.SEE_OTHER)


def show(request: Request, cashier: Cashier, visit: Visit) -> Response:
    after = request.query_params.get("after", "")
    notice = notice_of(visit, after)
    stopped_by = visit.last.receipts[-1].stopped_by if visit.last and visit.last.receipts else None
    context = {
        "cashbox": cashier.cashbox,
        "visit": visit,
        "notice": notice,
        "tone": "good" if notice in GOOD else "bad",
        "payable": notice not in ENDS,
        "quotes": notice in QUOTES,
        "refusal": words_of(visit),
        "stopped_by": stopped_by,
        "diagnosis": trouble_of(stopped_by) if stopped_by else None,
        "back": way_back(visit.link, visit.last) if notice else "",
        "troubles": TROUBLES,
        "Notice": Notice,
        "kept": f"after={after}&" if after in BUYERS else "",
    }
    return page(request, "checkout.html", context, wished=visit.link.language)


def unreadable(request: Request, why: str) -> Response:
    context = {"key": "unknown", "why": why}
    return page(request, "unknown.html", context, status=HTTPStatus.NOT_FOUND)


def stranger(request: Request) -> Response:
    context = {"key": "stranger", "why": ""}
    return page(request, "unknown.html", context, status=HTTPStatus.NOT_FOUND)


def goes_back(played: Played) -> bool:
    ended_well = all(receipt.standing is RETURNS.get(played.wish) for receipt in played.receipts)
    return ended_well and played.flawless


def way_back(link: Link, played: Played | None) -> str:
    """Where the shop wants its buyer; `:transaction` is the one that was created for them."""
    created = [it.id for it in (played.receipts if played else ()) if Method.CREATE in it.asked and it.told]
    return return_address(link, created[-1] if created else None)


def words_of(visit: Visit) -> dict[str, str]:
    """The merchant's own words by language; some merchants send one string for all."""
    stopped_by = visit.last.receipts[-1].stopped_by if visit.last and visit.last.receipts else None
    message = ((stopped_by.error if stopped_by else None) or {}).get("message") or ""
    words = message if isinstance(message, dict) else dict.fromkeys(LOCALES, message)
    return {locale: str(words.get(locale) or words.get("ru") or "") for locale in LOCALES}


def _link(request: Request) -> Link | NotALink:
    try:
        return Link.read(request.path_params["link"])
    except NotALink as wrong:
        return wrong
