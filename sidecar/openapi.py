"""The provider API as an OpenAPI 3.1 document, made of the very constants that the API checks with.

It describes what the commerce backend, a kiosk and a monitor may ask. `/payme` is not in it: that API is Payme's.
"""

import re
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sidecar import fiscal, strict_json
from sidecar.days import SHAPES
from sidecar.money import TIYIN_MAX
from sidecar.payme_merchant.params import FISCAL_FIELDS, FISCAL_TYPES
from sidecar.payment_sessions import IDENTIFIER
from sidecar.payments_api import TYPES
from sidecar.settings import COUNTRY_CODE, LOCALE
from sidecar.stats import DAYS_MAX
from sidecar.vocabulary import SessionStatus

Json = dict[str, Any]

# ── values ──────────────────────────────────────────────────────────────────────────────────────────────────────


def like(shape: re.Pattern[str], meaning: str) -> Json:
    return {"type": "string", "pattern": f"^(?:{shape.pattern})$", "description": meaning}


def nullable(value: Json) -> Json:
    return {**value, "type": [value["type"], "null"]}


def record(members: Mapping[str, Json], optional: tuple[str, ...] = ()) -> Json:
    """Describe an object. Members may be added later and are never removed, so others are allowed."""
    required = [name for name in members if name not in optional]
    return {"type": "object", "properties": dict(members)} | ({"required": required} if required else {})


def only(shape: fiscal.Shape) -> Json:
    """Describe a shape of the fiscal lines, which is exactly so and no more: what we do not know is refused."""
    match shape:
        case fiscal.Whole():
            bounds = {"minimum": shape.least, "maximum": shape.most}
            return {"type": "integer", **bounds, "description": shape.meaning}
        case fiscal.Text():
            return like(shape.pattern, shape.meaning)
        case fiscal.Several():
            return {"type": "array", "items": only(shape.of), "minItems": 1, "maxItems": shape.most}
        case fiscal.Record():
            members = {
                name: nullable(only(member)) if name in shape.may_lack else only(member)
                for name, member in shape.members.items()
            }
            return record(members, tuple(shape.may_lack)) | {"additionalProperties": False}
    raise TypeError(shape)


def schema(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


ID: Final = like(IDENTIFIER, "the backend's name for the session")
ORDER_ID: Final = like(IDENTIFIER, "the order, Payme's account value")
AMOUNT: Final = {
    "type": "integer",
    "minimum": 1,
    "maximum": TIYIN_MAX,
    "description": "whole tiyin, 100 to a so‘m",
}
CURRENCY: Final = {"type": "string", "pattern": "^[Uu][Zz][Ss]$", "description": "Payme takes uzs only"}
WAY_BACK: Final = {
    "locale": like(LOCALE, "the shopper's language"),
    "country_code": like(COUNTRY_CODE, "the shopper's country"),
}
TIME: Final = {"type": "integer", "minimum": 0, "description": "milliseconds since 1970 in UTC; 0: not yet"}
STATE: Final = {"type": "integer", "enum": [1, 2, -1, -2], "description": "Payme's state of a transaction"}
ANY_STATE: Final = {**STATE, "type": ["integer", "null"], "enum": [*STATE["enum"], None]}
STATUS: Final = {"type": "string", "enum": [it.value for it in SessionStatus], "description": "Medusa's word"}
ADDRESS: Final = {"type": "string", "format": "uri"}
AS_SENT: Final = {"type": ["string", "integer", "null"], "description": "as Payme sent it"}
DETAIL: Final = {
    "oneOf": [schema("Detail"), {"type": "null"}],
    "description": "fiscal lines; they come to the amount",
}
COUNT: Final = {"type": "integer", "minimum": 0}
SUM: Final = {"type": "integer", "minimum": 0, "description": "whole tiyin"}
FIGURES: Final[Json] = {
    "links": record({"count": COUNT, "paid": COUNT})
    | {"description": "sessions registered, and how many of these were paid since"},
    "payments": {**schema("Amounts"), "description": "performed, whether or not refunded since"},
    "refunds": schema("Amounts"),
    "failures": {
        "type": "object",
        "additionalProperties": COUNT,
        "description": "transactions cancelled before they were paid, by Payme's reason",
    },
    "refusals": {
        "type": "object",
        "additionalProperties": COUNT,
        "description": "CheckPerform- and CreateTransaction refused, by code, as far as the journal goes back",
    },
}
OPTIONAL: Final = {name: nullable(shape) for name, shape in WAY_BACK.items()}

SCHEMAS: Final[Json] = {
    "Registration": record(
        {
            "id": ID,
            "order_id": nullable(ORDER_ID),
            "amount": AMOUNT,
            "currency_code": CURRENCY,
            **OPTIONAL,
            "detail": DETAIL,
        },
        optional=("order_id", *OPTIONAL, "detail"),
    ),
    "Changes": record(
        {
            "amount": nullable(AMOUNT),
            **OPTIONAL,
            "detail": {**DETAIL, "description": "fiscal lines for the amount; null takes them away"},
        },
        optional=("amount", *OPTIONAL, "detail"),
    ),
    "Detail": only(fiscal.DETAIL) | {"description": "Payme's detail; of an item, a discount that is missing is 0"},
    "FiscalReceipt": record(
        {
            "type": {"type": "string", "enum": sorted(FISCAL_TYPES), "description": "of the sale, or of the refund"},
            **dict.fromkeys(FISCAL_FIELDS, AS_SENT),
            "received_time": TIME,
        }
    ),
    "Transaction": record(
        {
            "id": {"type": "string", "description": "Payme's id"},
            "state": STATE,
            "create_time": TIME,
            "perform_time": TIME,
            "cancel_time": TIME,
            "reason": {"type": ["integer", "null"], "description": "Payme's reason for a cancellation"},
        }
    ),
    "Session": record(
        {
            "id": ID,
            "order_id": ORDER_ID,
            "amount": AMOUNT,
            "currency_code": {"const": "uzs"},
            "status": STATUS,
            "payment_url": {**ADDRESS, "description": "where the shopper pays"},
            "qr_url": {**ADDRESS, "description": "payment_url as a QR code; opens without the key"},
            **WAY_BACK,
            "created_time": TIME,
            "detail": DETAIL,
            "transaction": {"oneOf": [schema("Transaction"), {"type": "null"}], "description": "Payme's newest"},
            "fiscal_receipts": {
                "type": "array",
                "items": schema("FiscalReceipt"),
                "maxItems": len(FISCAL_TYPES),
                "description": "of the transaction, the sale's first",
            },
        }
    ),
    "Status": record({"order_id": ORDER_ID, "status": STATUS, "transaction_state": ANY_STATE}),
    "Amounts": record({"count": COUNT, "sum": SUM}),
    "Figures": record(
        {
            "from": TIME,
            "to": {**TIME, "description": "the first millisecond that is no longer counted"},
            **FIGURES,
            "days": {
                "type": "array",
                "items": record({"day": {"type": "string", "format": "date"}, **FIGURES}),
                "description": "in Tashkent",
            },
        }
    ),
    "Error": record({"type": {"type": "string"}, "code": {"type": "string"}, "message": {"type": "string"}}),
}

# ── answers ─────────────────────────────────────────────────────────────────────────────────────────────────────

Answers = dict[str, Json]


def found(of_what: Json, meaning: str) -> Json:
    return {"description": meaning, "content": {"application/json": {"schema": of_what}}}


def errors(codes: Mapping[int, tuple[str, ...]]) -> Answers:
    return {str(status): _error(status, said) for status, said in sorted(codes.items())}


def _error(status: int, codes: tuple[str, ...]) -> Json:
    members = {"type": {"const": TYPES[status]}, "code": {"enum": list(codes)}}
    return found({"allOf": [schema("Error"), {"properties": members}]}, ", ".join(codes))


NOT_UNDERSTOOD: Final = ("invalid_json", "invalid_request")
WAY_BACK_WRONG: Final = tuple(f"invalid_{name}" for name in WAY_BACK)

# What any call may meet; a crash of ours is 503 and worth a second try.
ALWAYS: Final = {400: ("invalid_request",), 404: ("unknown_route",), 503: ("unavailable",)}
WITH_KEY: Final = {**ALWAYS, 401: ("unauthorized",)}
WITH_BODY: Final = {413: ("body_too_long",)}
WITH_ID: Final = {400: ("invalid_id", "invalid_request"), 404: ("not_found", "unknown_route")}

SESSION: Final = found(schema("Session"), "the session")


def about_one(*denied: str) -> Answers:
    """Describe the answers to a call about one session that may be denied for these reasons."""
    return {"200": SESSION} | errors(WITH_KEY | WITH_ID | ({409: denied} if denied else {}))


# ── calls ───────────────────────────────────────────────────────────────────────────────────────────────────────

KEY: Final[list[Json]] = [{"key": []}]
KEY_OR_TOKEN: Final[list[Json]] = [{"key": []}, {"token": []}]
PUBLIC: Final[list[Json]] = []


def call(name: str, does: str, answers: Answers, security: list[Json], body: str | None = None) -> Json:
    described: Json = {"operationId": name, "summary": does, "security": security, "responses": answers}
    if body:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema(body)}}}
    return described


def parameter(name: str, shape: Json) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": shape}


def query(name: str, meaning: str) -> Json:
    return {"name": name, "in": "query", "schema": {"type": "string"}, "description": f"{meaning}: {SHAPES}"}


# Each verb of Medusa's payment provider, what it does, and why it may be denied.
VERBS: Final = {
    "authorize": ("says by its status whether the money has come", ()),
    "capture": ("says that the money has come", ("not_paid",)),
    "cancel": ("closes the session; never touches a paid one", ("already_paid",)),
    "refund": ("says that Payme has taken the payment back; the cabinet starts it", ("refund_in_cabinet",)),
}


def _verb(name: str) -> Json:
    does, denied = VERBS[name]
    answers = about_one(*denied) | errors(WITH_BODY)
    return {"parameters": [parameter("id", ID)], "post": call(f"{name}Session", does, answers, KEY)}


def _code(kind: str, media_type: str) -> Json:
    picture = {"description": "the QR code", "content": {media_type: {"schema": {}}}}
    denied = {409: ("already_paid", "session_closed"), 422: ("link_too_long",)}
    answers = {"200": picture} | errors(WITH_KEY | WITH_ID | denied)
    does = "draws payment_url; opens to the token of qr_url, too"
    return {
        "parameters": [parameter("id", ID)],
        "get": call(f"drawSession{kind.capitalize()}", does, answers, KEY_OR_TOKEN),
    }


REGISTER: Final = {
    "201": found(schema("Session"), "registered"),
    "200": found(schema("Session"), "was registered before, exactly so"),
} | errors(
    WITH_KEY
    | WITH_BODY
    | {
        400: (
            *NOT_UNDERSTOOD,
            *(f"invalid_{name}" for name in ("id", "order_id", "amount", "currency_code")),
            *WAY_BACK_WRONG,
            "invalid_detail",
        ),
        409: ("session_differs", "order_taken"),
        422: ("amount_out_of_range", "currency_not_supported", "detail_differs"),
    }
)
CHANGE: Final = about_one("amount_locked", "session_closed") | errors(
    WITH_BODY
    | {
        400: ("invalid_id", *NOT_UNDERSTOOD, "invalid_amount", *WAY_BACK_WRONG, "invalid_detail"),
        422: ("amount_out_of_range", "detail_differs"),
    }
)
WELL: Final = found(record({"status": {"type": "string"}}), "it is")
PAGE: Final = {"description": "Prometheus's text", "content": {"text/plain": {"schema": {"type": "string"}}}}

PATHS: Final[Json] = {
    "/payment-sessions": {"post": call("initiateSession", "registers what is owed", REGISTER, KEY, "Registration")},
    "/payment-sessions/{id}": {
        "parameters": [parameter("id", ID)],
        "get": call("retrieveSession", "the session and its newest transaction", about_one(), KEY),
        "post": call("updateSession", "changes it while Payme has no transaction on it", CHANGE, KEY, "Changes"),
        "delete": call("deleteSession", "closes it; never touches a paid one", about_one("already_paid"), KEY),
    },
    **{f"/payment-sessions/{{id}}/{name}": _verb(name) for name in VERBS},
    "/payment-sessions/{id}/qr.svg": _code("svg", "image/svg+xml"),
    "/payment-sessions/{id}/qr.png": _code("png", "image/png"),
    "/payment-status/{order_id}": {
        "parameters": [parameter("order_id", ORDER_ID)],
        "get": call(
            "retrieveStatus",
            "paid or not, and nothing else; any web page may read it",
            {"200": found(schema("Status"), "the status")} | errors(ALWAYS | {404: WITH_ID[404]}),
            PUBLIC,
        ),
    },
    "/stats": {
        "parameters": [
            query("from", "where the period begins, by default midnight in Tashkent"),
            query("to", "where it ends, by default with today; a day counts to its end"),
        ],
        "get": call(
            "readStats",
            f"what a period of up to {DAYS_MAX} days brought",
            {"200": found(schema("Figures"), "the figures")}
            | errors(
                WITH_KEY
                | {400: ("invalid_from", "invalid_to", "invalid_period", "unknown_parameter", "invalid_request")}
            ),
            KEY,
        ),
    },
    "/healthz": {"get": call("isAlive", "says that the process lives", {"200": WELL} | errors(ALWAYS), PUBLIC)},
    "/readyz": {
        "get": call(
            "isReady",
            "says that the database answers and its schema is current",
            {"200": WELL} | errors(ALWAYS | {503: ("database_away", "schema_behind", *ALWAYS[503])}),
            PUBLIC,
        )
    },
    "/metrics": {"get": call("readMetrics", "what Prometheus wants to know", {"200": PAGE} | errors(WITH_KEY), KEY)},
    "/openapi.json": {
        "get": call(
            "describe",
            "this document",
            {"200": found({"type": "object"}, "OpenAPI 3.1")} | errors(ALWAYS),
            PUBLIC,
        )
    },
}


def route() -> Route:
    """Publish it without a key: it says what this page says, and nothing of this shop."""
    body = strict_json.encode(document())

    async def describe(_request: Request) -> Response:
        return Response(body, media_type="application/json")

    return Route("/openapi.json", describe)


def document() -> Json:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "payme-sidecar",
            "version": version("payme-sidecar"),
            "summary": "The payment provider API, for the commerce backend",
            "description": "Amounts are whole tiyin, times milliseconds since 1970. Errors have Medusa's shape. "
            "Payme's own door, `/payme`, is described by Payme.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": PATHS,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "SIDECAR_API_KEY"},
                "token": {"type": "apiKey", "in": "query", "name": "token", "description": "as in qr_url"},
            },
        },
    }
