"""`/openapi.json` is valid, and says all that the provider API can say."""

import ast
import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.routing import Route

from sidecar import openapi
from tests.shop import Shop

ROOT: Final = Path(__file__).parents[1]
DOCUMENT: Final = openapi.document()
PAYMES_OWN: Final = {"/payme", "/payme/"}
UNDESCRIBED: Final = {"HEAD", "OPTIONS"}  # HTTP's own
NOWHERE: Final = {"method_not_allowed"}  # the answer to a call that is not described

SAYING: Final = {"Wrong": 1, "Denied": 0, "refusal": 1}  # which argument is the code


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    it = Shop(f"sqlite:///{tmp_path}/sidecar.db")
    yield it
    it.close()


def calls() -> dict[tuple[str, str], dict[str, Any]]:
    verbs = {"get", "post", "delete"}
    return {
        (verb.upper(), path): said
        for path, item in DOCUMENT["paths"].items()
        for verb, said in item.items()
        if verb in verbs
    }


def codes_described() -> set[str]:
    text = json.dumps([it["responses"] for it in calls().values()])
    return {code for codes in re.findall(r'"enum": (\[[^]]*\])', text) for code in json.loads(codes)}


def codes_in_the_source() -> set[str]:
    """Every code that is written where an error is said; of one that is put together, its beginning and a star."""
    found: set[str] = set()
    for file in ("payments_api.py", "app.py", "stats.py", "payme_merchant/provider.py"):
        for node in ast.walk(ast.parse((ROOT / "sidecar" / file).read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                place = SAYING.get(name)
                if place is not None and place < len(node.args):
                    found |= literal(node.args[place])
    return found


def literal(said: ast.expr) -> set[str]:
    begun = isinstance(said, ast.JoinedStr)
    written = said.values[0] if isinstance(said, ast.JoinedStr) else said
    if isinstance(written, ast.Constant) and isinstance(written.value, str):
        return {f"{written.value}*" if begun else written.value}
    return set()


def test_the_document_is_valid() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_it_is_published_without_a_key_and_without_a_secret(shop: Shop) -> None:
    response = shop.run(shop.ask("GET", "/openapi.json"))

    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    assert response.json() == DOCUMENT
    for name, value in shop.settings.model_dump(mode="python").items():
        if hasattr(value, "get_secret_value") and name != "database_url":
            assert value.get_secret_value() not in response.text


def test_it_is_of_this_version() -> None:
    assert f'version = "{DOCUMENT["info"]["version"]}"' in (ROOT / "pyproject.toml").read_text()


def test_every_route_is_described_and_nothing_else(shop: Shop) -> None:
    routes = {
        (verb, route.path)
        for route in shop.app.routes
        if isinstance(route, Route) and route.path not in PAYMES_OWN
        for verb in (route.methods or set()) - UNDESCRIBED
    }

    assert set(calls()) == routes


def test_every_code_that_can_be_said_is_described() -> None:
    described = codes_described()
    unsaid = {
        code
        for code in codes_in_the_source() - NOWHERE
        if not any(re.fullmatch(code.replace("*", ".+"), it) for it in described)
    }

    assert unsaid == set()


def test_every_call_has_a_name_of_its_own() -> None:
    names = [it["operationId"] for it in calls().values()]

    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("verb", "path"), calls(), ids=str)
def test_whoever_needs_no_key_is_answered_and_all_others_are_not(shop: Shop, verb: str, path: str) -> None:
    response = shop.run(shop.ask(verb, path.format(id="payses_99", order_id="payses_99")))

    assert (response.status_code == 401) == bool(calls()[verb, path]["security"])
