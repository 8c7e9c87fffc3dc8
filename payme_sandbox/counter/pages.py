"""Pages out of templates: the one place that knows Jinja, money and languages together."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from payme_sandbox.counter.texts import TEXTS
from payme_sandbox.languages import LOCALES, Locale, is_locale, locale_or_default

NO_BREAK_SPACE: Final = "\N{NO-BREAK SPACE}"
TIYIN: Final = 100
TEXT_MAX: Final = 20_000
COOKIE: Final = "payme_sandbox_language"  # cookies know no ports: other things on this machine have theirs
YEAR: Final = 31_536_000


def som(amount: int, locale: Locale) -> str:
    """Tiyin as a buyer reads them: `140 000 so‘m`."""
    whole, rest = divmod(amount, TIYIN)
    cents = f",{rest:02}" if rest else ""
    return f"{whole:,}".replace(",", NO_BREAK_SPACE) + cents + NO_BREAK_SPACE + TEXTS["money.som"].in_(locale)


def clock(millis: int) -> str:
    return datetime.fromtimestamp(millis / 1000, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def later(millis: int, first: int) -> str:
    """A time after another one: without the date, if it is the same day."""
    text, day = clock(millis), clock(first)[:10]
    return text.removeprefix(f"{day} ")


def printed(document: Any) -> str:
    """A JSON document, or text, for people."""
    text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False, indent=2)
    return text if len(text) <= TEXT_MAX else f"{text[:TEXT_MAX]} …"


def locale_of(request: Request) -> Locale:
    """Find the language asked for in the address, else one chosen before, else the browser's, else the default."""
    chosen = (request.query_params.get("l", ""), request.cookies.get(COOKIE, ""))
    accepted = [part[:2].lower() for part in request.headers.get("accept-language", "").replace(" ", "").split(",")]
    return next((language for language in (*chosen, *accepted) if is_locale(language)), locale_or_default(""))


def page(
    request: Request, template: str, context: Mapping[str, Any], *, status: int = 200, wished: str = ""
) -> Response:
    """Draw a page; `wished` is the language of a buyer who has not chosen one here."""
    asked = request.query_params.get("l", "")
    locale = wished if is_locale(wished) and not is_locale(asked) else locale_of(request)

    def t(key: str, **values: Any) -> str:
        return TEXTS[key].in_(locale).format(**values)

    text = TEMPLATES.get_template(template).render(context, locale=locale, locales=LOCALES, t=t)
    answer = HTMLResponse(text, status)
    if is_locale(asked):
        answer.set_cookie(COOKIE, asked, max_age=YEAR, httponly=True, samesite="lax")
    return answer


def static() -> Mount:
    return Mount("/static", StaticFiles(packages=[("payme_sandbox.counter", "static")]), name="static")


def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("payme_sandbox.counter"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(som=som, clock=clock, later=later, printed=printed)
    return environment


TEMPLATES: Final = _templates()
