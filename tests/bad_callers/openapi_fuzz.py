"""The provider API, asked everything that its own description allows and much that it forbids."""

import copy
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase, strategies
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_schema_conformance,
    status_code_conformance,
)

from sidecar import openapi
from tests.bad_callers.rows import emptied
from tests.shop import BACKEND, Shop

CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# What is said of the whole request holds with the right key only.
WITH_KEY: Final = [positive_data_acceptance, negative_data_rejection]
# Ids that lead further than "not found"; the one beside them is pending until it is closed.
KNOWN: Final = ("paid", "refunded", "closed")


def furnish(shop: Shop) -> None:
    emptied(shop)
    for id_ in KNOWN:
        shop.register(id_)
    for id_ in ("paid", "refunded"):
        shop.create(f"tx-{id_}", order=id_)
        shop.perform(f"tx-{id_}")
    shop.cancel("tx-refunded")
    shop.close_session("closed")


def rules(examples: int, seed: int) -> Callable[[Callable[..., None]], Callable[[], None]]:
    """Give what makes a run the same again: no database of examples, no clock, one seed."""
    chosen = hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )

    def decorate(test: Callable[..., None]) -> Callable[[], None]:
        return hypothesis.seed(seed)(chosen(test))

    return decorate


def run(shop: Shop, examples: int, seed: int) -> Counter[str]:
    """So many calls of each operation; count the answers by what was asked."""
    counts: Counter[str] = Counter()
    schema = schemathesis.openapi.from_dict(without_security(copy.deepcopy(openapi.document())))
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        pending = f"pending-{len(counts)}"
        shop.register(pending)
        asks_something = list(operation.path_parameters) or list(operation.body)
        for mode in GenerationMode if asks_something else [GenerationMode.POSITIVE]:

            @rules(examples, seed)
            @hypothesis.given(
                case=operation.as_strategy(generation_mode=mode),
                known=strategies.sampled_from((None, pending, *KNOWN)),
                headers=strategies.sampled_from((BACKEND, BACKEND, BACKEND, {})),
            )
            def ask(case: Case[Any], known: str | None, headers: dict[str, str]) -> None:
                status = answered(shop, case, known, headers)
                counts[f"{case.method} {case.path} {status}"] += 1

            ask()
    return counts


def answered(shop: Shop, case: Case[Any], known: str | None, headers: dict[str, str]) -> int:
    """Send it and hold the answer against the description."""
    if known:
        for name in case.path_parameters or {}:
            case.path_parameters[name] = known
    request = case.as_transport_kwargs(base_url="http://sidecar.test", headers=headers)
    body = {"json": request["json"]} if request.get("json") is not None else {"content": request.get("data")}
    response = shop.run(
        shop.ask(
            request["method"],
            request["url"],
            params=request.get("params") or None,
            headers={**request["headers"], **headers},
            **body,
        )
    )
    checks = CHECKS if known or not headers or beyond_a_schema(case) else [*CHECKS, *WITH_KEY]
    case.validate_response(response, checks=checks)
    return response.status_code


def beyond_a_schema(case: Case[Any]) -> bool:
    """JSON Schema takes 5.0 for an integer. We do not, where money is meant.

    And no schema can add up fiscal lines, or compare the two ends of a period.
    """
    if not isinstance(case.body, dict):
        return bool(case.query)
    return isinstance(case.body.get("detail"), dict) or any(isinstance(value, float) for value in case.body.values())


def without_security(document: dict[str, Any]) -> dict[str, Any]:
    """Leave the keys to us: the fuzzer would try its own, and ours would go in its place."""
    for item in document["paths"].values():
        for said in item.values():
            if isinstance(said, dict):
                said.pop("security", None)
    return document
