"""The tables of the settings page, made of the settings themselves."""

import re
from typing import Any, Final, Literal, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from sidecar.settings import DatabaseSettings, Limits, Settings
from storefront_callback.settings import Settings as CallbackSettings

MARK: Final = re.compile(r"^<!-- settings: (?P<name>[a-z]+) -->$", re.MULTILINE)
LIMITS: Final = frozenset(Limits.model_fields)
DATABASE: Final = frozenset(DatabaseSettings.model_fields)

# A heading, and the words that a setting of its group begins with. The first that fits has it; the last takes the rest.
GROUPS: Final = (
    ("Payme", ("payme_",)),
    ("The commerce backend", ("commerce_", "sidecar_api_", "callback_", "default_")),
    ("What a caller may cost", tuple(LIMITS)),
    ("The process", ("",)),
)
SOURCES: Final[dict[str, type[BaseSettings]]] = {"sidecar": Settings, "callback": CallbackSettings}


def fill(text: str) -> str:
    """Put the tables where a page has their mark, `<!-- settings: sidecar -->`."""
    return MARK.sub(lambda mark: tables(mark["name"]), text)


def tables(name: str) -> str:
    fields = SOURCES[name].model_fields
    if name == "callback":
        return table(fields)
    rest, parts = dict(fields), []
    for heading, beginnings in GROUPS:
        group = {it: rest.pop(it) for it in list(rest) if it.startswith(beginnings)}
        parts.append(f"### {heading}\n\n{table(group)}")
    return "\n\n".join(parts)


def table(fields: dict[str, FieldInfo]) -> str:
    rows = [
        f"| `{name.upper()}` | {default(field)} | {field.description}{allowed(field)} |"
        for name, field in fields.items()
    ]
    return "\n".join(("| name | default | meaning |", "|---|---|---|", *rows))


def default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    if value is None or value == ():
        return "–"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def allowed(field: FieldInfo) -> str:
    """Say what the shape of a field tells; the finer rules are in the message that stops the start."""
    if get_origin(field.annotation) is Literal:
        return f" ({', '.join(f'`{word}`' for word in get_args(field.annotation))})"
    least, most = _bound(field, Ge, "ge"), _bound(field, Le, "le")
    return f" ({least:,} … {most:,})" if least is not None and most is not None else ""


def _bound(field: FieldInfo, kind: type, name: str) -> Any:
    return next((getattr(it, name) for it in field.metadata if isinstance(it, kind)), None)
