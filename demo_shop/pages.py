"""Pages out of templates: the one place that knows Jinja, money and languages together."""

from collections.abc import Mapping
from typing import Any, Final

import jinja2
from starlette.responses import HTMLResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from demo_shop.texts import TEXTS
from payme_sandbox.languages import LOCALES, Locale

NO_BREAK_SPACE: Final = "\N{NO-BREAK SPACE}"
TIYIN: Final = 100

# A page about money must never come back stale out of the browser's history.
HEADERS: Final = {"Cache-Control": "no-store"}


def som(amount: int, locale: Locale) -> str:
    """Tiyin as a shopper reads them: `140 000 so‘m`."""
    whole, rest = divmod(amount, TIYIN)
    cents = f",{rest:02}" if rest else ""
    return f"{whole:,}".replace(",", NO_BREAK_SPACE) + cents + NO_BREAK_SPACE + TEXTS["money.som"].in_(locale)


def seconds(millis: int) -> str:
    return f"{millis // 1000}.{millis % 1000:03}"


def page(
    template: str, locale: Locale, context: Mapping[str, Any], *, status: int = 200, headers: Mapping[str, str] = {}
) -> HTMLResponse:
    def t(key: str, **values: Any) -> str:
        return TEXTS[key].in_(locale).format(**values)

    text = TEMPLATES.get_template(template).render(context, locale=locale, locales=LOCALES, t=t)
    return HTMLResponse(text, status, {**HEADERS, **headers})


def static() -> Mount:
    return Mount("/static", StaticFiles(packages=[("demo_shop", "static")]), name="static")


def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("demo_shop"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(som=som, seconds=seconds)
    return environment


TEMPLATES: Final = _templates()
