"""Pages out of templates: the one place that knows Jinja, money, days and languages together."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sidecar import days, qr, strict_json
from sidecar.clock import Millis
from sidecar.console.assets import Assets
from sidecar.console.languages import LOCALES, Locale
from sidecar.console.texts import TEXTS
from sidecar.console.tickets import Ticket
from sidecar.money import soum

HOME: Final = "/console"
PERCENT: Final = 100
ESCAPED: Final = re.compile(r"\\u([0-9a-f]{4})")


@dataclass(frozen=True)
class Visit:
    """One call of a browser, and what the guard has found out about it."""

    request: Request
    now: Millis
    locale: Locale
    caller: str
    """The address it comes from, as it is written into the books."""
    https: bool
    ticket: Ticket | None
    token: str
    """What the forms on its page must bring."""
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def partial(self) -> bool:
        """HTMX asks for a piece of a page, to put it into one that is open."""
        return self.request.headers.get("hx-request") == "true"

    @property
    def wanted(self) -> Mapping[str, str]:
        return {name: printable(value).strip() for name, value in self.request.query_params.items()}

    @property
    def filtered(self) -> bool:
        """Whether anything is asked for but a language."""
        return bool(set(self.wanted) - {"l"})

    def named(self, name: str) -> str:
        """Give a part of the path."""
        return printable(self.request.path_params[name])

    @property
    def address(self) -> str:
        """The page this is about: its own address, or of a piece, the page's that it is put into."""
        current = self.request.headers.get("hx-current-url", "")
        at = current.find(HOME)
        return current[at:] if self.partial and at >= 0 else _relative(self.request)


class Pages:
    def __init__(self) -> None:
        self._assets = Assets()
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("sidecar.console"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(soum=soum, said=days.said, ms=milliseconds, readable=readable, drawn=drawn)
        self._templates.globals.update(asset=self._assets.address, home=HOME, percent=percent)
        self.show_asset = self._assets.show

    def draw(self, visit: Visit, template: str, status: int = 200, **context: Any) -> Response:
        def t(key: str, **values: Any) -> str:
            return TEXTS[key].in_(visit.locale).format(**values)

        def here(**changes: Any) -> str:
            """The address of this page with something changed in its question; None leaves a thing out."""
            kept = {**visit.request.query_params, **changes}
            return "?" + urlencode({name: value for name, value in kept.items() if value not in {None, ""}})

        common = {"visit": visit, "locale": visit.locale, "locales": LOCALES, "t": t, "has": has, "here": here}
        return HTMLResponse(self._templates.get_template(template).render(common | context), status)


def go(visit: Visit, where: str) -> Response:
    """Send the browser to another page, whoever asked: itself, or HTMX on its behalf."""
    if visit.partial:
        return Response(status_code=200, headers={"HX-Redirect": where})
    return RedirectResponse(where, 303)


def printable(text: str) -> str:
    """Leave out what cannot be seen: no name has it, and PostgreSQL takes no text with a zero character."""
    return "".join(c for c in text if c.isprintable())


def has(key: str) -> bool:
    return key in TEXTS


def percent(part: int, whole: int) -> str:
    """Write `37.5 %`; of nothing, nothing can be said."""
    if whole <= 0:
        return "–"
    tenths = (part * PERCENT * 10 + whole // 2) // whole
    return f"{tenths // 10}.{tenths % 10}\N{NO-BREAK SPACE}%"


def milliseconds(microseconds: int) -> str:
    return f"{microseconds // 1000}.{microseconds % 1000 // 100}"


def readable(answer: str) -> str:
    """Write what Payme was answered for a person: its letters as they are, one member a line."""
    try:
        text = json.dumps(strict_json.decode(answer.encode()), indent=2, ensure_ascii=False)
    except strict_json.NotJson:  # the journal shortened it
        text = ESCAPED.sub(lambda found: chr(int(found[1], 16)), answer)
    # Two halves become their character, and a half by itself, which no page can hold, a mark.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def drawn(link: str) -> str:
    """Draw a link as a QR code, which holds no text of it; nothing when no code holds so much."""
    try:
        return qr.svg(link).decode()
    except qr.LinkTooLong:
        return ""


def _relative(request: Request) -> str:
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
