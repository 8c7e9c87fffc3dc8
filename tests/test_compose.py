"""`compose.yaml`, `Dockerfile` and `.env.example` say what the settings say."""

import io
import json
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from dotenv import dotenv_values
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from demo_shop.postgres import MAJOR
from sidecar.settings import DatabaseSettings
from sidecar.settings import Settings as SidecarSettings
from storefront_callback.settings import Settings as CallbackSettings

ROOT: Final = Path(__file__).parents[1]
COMPOSE: Final[dict[str, Any]] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: Final[dict[str, Any]] = COMPOSE["services"]
DOCKERFILE: Final = (ROOT / "Dockerfile").read_text()
EXAMPLE: Final = (ROOT / ".env.example").read_text()
CADDYFILE: Final = (ROOT / "deploy/Caddyfile").read_text()

SETTINGS: Final[dict[str, type[BaseSettings]]] = {
    "migrate": DatabaseSettings,
    "sidecar-1": SidecarSettings,
    "sidecar-2": SidecarSettings,
    "callback": CallbackSettings,
}
REPLICAS: Final = ["sidecar-1", "sidecar-2"]
OURS: Final = list(SETTINGS)
ONE_SHOT: Final = {"migrate"}

DECIDED_HERE: Final = {"DATABASE_URL", "SIDECAR_URL", "FORWARDED_ALLOW_IPS", "HOST", "PORT"}
"""What Compose knows itself: a `.env` for a process outside Docker must not reach into it."""

BRACES: Final = {"STOREFRONT_REVIEW_PATH"}
"""Compose ends a default at its first closing brace; empty means the default here."""

REFERENCE: Final = re.compile(r"\$\{(?P<name>[A-Z_]+):(?P<kind>[?-])(?P<rest>[^{}]*)\}")

REQUIRED: Final = {
    "PAYME_MERCHANT_ID": "587f72c72cac0d162c722ae2",
    "PAYME_KEY": "k&#%?@:e$y",
    "SIDECAR_API_KEY": "api-key",
    "COMMERCE_BACKEND_URL": "http://host.docker.internal:9000",
    "COMMERCE_BACKEND_KEY": "sk_secret",
    "CALLBACK_URL": "https://shop.uz/payme-callback",
    "STOREFRONT_URL": "https://shop.uz",
    "POSTGRES_PASSWORD": "letters0and1digits",
}


def environment(service: str) -> dict[str, str]:
    return dict(SERVICES[service]["environment"])


def variables(settings: type[BaseSettings]) -> dict[str, FieldInfo]:
    return {name.upper(): field for name, field in settings.model_fields.items()}


def as_text(field: FieldInfo) -> str:
    """Write a default as somebody would write it into an environment."""
    default = field.default
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    if default is None or default == ():
        return ""
    return str(default).lower() if isinstance(default, bool) else str(default)


def interpolated(value: str, given: Mapping[str, str]) -> str:
    """Do as Compose does."""

    def replacement(reference: re.Match[str]) -> str:
        name, kind, rest = reference.group("name", "kind", "rest")
        if not given.get(name) and kind == "?":
            raise LookupError(f"{name}: {rest}")
        return given.get(name) or rest

    inside, value = value, REFERENCE.sub(replacement, value)
    return value if value == inside else interpolated(value, given)  # a default may have one of its own


# --- the settings


@pytest.mark.parametrize("service", OURS)
def test_a_service_gets_its_own_variables_and_no_other(service: str) -> None:
    assert set(environment(service)) - set(variables(SETTINGS[service])) == set()


@pytest.mark.parametrize("service", OURS)
def test_a_service_gets_all_its_variables_but_where_to_listen(service: str) -> None:
    assert set(variables(SETTINGS[service])) - set(environment(service)) <= {"HOST", "PORT"}


def test_nothing_of_the_sidecar_reaches_the_callback() -> None:
    written = str(SERVICES["callback"])

    assert not re.search("PAYME_|KEY|POSTGRES|DATABASE", written)


@pytest.mark.parametrize("service", OURS)
def test_a_required_variable_stops_the_start_and_says_what_it_is(service: str) -> None:
    passed = environment(service)

    for name, field in variables(SETTINGS[service]).items():
        if field.is_required():
            reference = REFERENCE.fullmatch(passed[name])
            assert reference, name
            assert (reference["name"], reference["kind"]) == (name, "?")
            assert len(reference["rest"]) > 10


@pytest.mark.parametrize("service", OURS)
def test_an_optional_variable_is_passed_on_with_the_default_of_the_settings(service: str) -> None:
    passed = environment(service)

    for name, field in variables(SETTINGS[service]).items():
        if not field.is_required() and name not in DECIDED_HERE:
            default = "" if name in BRACES else as_text(field)
            assert passed[name] == f"${{{name}:-{default}}}"


@pytest.mark.parametrize("service", OURS)
def test_what_compose_passes_is_what_the_service_takes(
    service: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = SETTINGS[service]
    for name in variables(settings):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment(service).items():
        monkeypatch.setenv(name, interpolated(value, REQUIRED))

    taken = settings()

    for name, field in variables(settings).items():
        value = getattr(taken, name.lower())
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if name in REQUIRED:
            assert text == REQUIRED[name]
        elif name not in DECIDED_HERE:
            assert text == field.default


@pytest.mark.parametrize("name", REQUIRED)
def test_each_missing_variable_names_itself(name: str) -> None:
    given = {key: value for key, value in REQUIRED.items() if key != name}
    everything = " ".join(value for service in SERVICES for value in environment(service).values())

    with pytest.raises(LookupError, match=f"^{name}: "):
        interpolated(everything, given)


def test_the_services_find_each_other_by_name() -> None:
    password = REQUIRED["POSTGRES_PASSWORD"]

    for service in (*REPLICAS, "migrate"):
        url = interpolated(environment(service)["DATABASE_URL"], REQUIRED)
        assert url == f"postgresql://payme:{password}@postgres:5432/payme"
    assert environment("callback")["SIDECAR_URL"] == "http://balancer:8700"
    assert interpolated(environment("postgres")["POSTGRES_PASSWORD"], REQUIRED) == password


def test_no_secret_is_written_down() -> None:
    for service in SERVICES:
        for name, value in environment(service).items():
            if re.search("KEY|PASSWORD", name):
                assert REFERENCE.fullmatch(value), name


# --- how the services run


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_is_root_or_may_become_it(service: str) -> None:
    it = SERVICES[service]

    assert it["user"] not in {"", "root", "0", "0:0"}
    assert it["read_only"] is True
    assert it["cap_drop"] == ["ALL"]
    assert it["security_opt"] == ["no-new-privileges:true"]
    assert not it.get("privileged")


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_a_health_check_and_comes_back_unless_it_is_done_after_one_run(service: str) -> None:
    it = SERVICES[service]

    if service in ONE_SHOT:
        assert it["healthcheck"] == {"disable": True}
        assert it["restart"] == "no"
    else:
        assert it["healthcheck"]["test"][0] == "CMD"
        assert it["restart"] == "unless-stopped"
    assert it["stop_grace_period"]


def test_the_sidecar_starts_on_a_healthy_and_migrated_database() -> None:
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for replica in REPLICAS:
        assert SERVICES[replica]["depends_on"] == {
            "postgres": {"condition": "service_healthy"},
            "migrate": {"condition": "service_completed_successfully"},
        }


def test_the_world_gets_in_by_tls_alone_and_the_database_has_no_door() -> None:
    assert {service: it.get("ports") for service, it in SERVICES.items()} == {
        "postgres": None,
        "migrate": None,
        "sidecar-1": None,
        "sidecar-2": None,
        "balancer": ["127.0.0.1:8700:8700", "${HTTP_PORT:-80}:8080", "${HTTPS_PORT:-443}:8443"],
        "callback": ["127.0.0.1:8701:8701"],
    }


def test_the_postgresql_is_the_one_under_test_and_its_data_outlive_it() -> None:
    assert SERVICES["postgres"]["image"] == f"postgres:{MAJOR}-alpine"
    assert SERVICES["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]
    assert "postgres" in COMPOSE["volumes"]


# --- two replicas and a balancer


def test_the_replicas_are_equal_and_nothing_is_theirs_alone() -> None:
    assert SERVICES["sidecar-1"] == SERVICES["sidecar-2"]
    assert "volumes" not in SERVICES["sidecar-1"]


def test_the_network_of_the_balancer_is_the_one_whose_proxies_are_believed() -> None:
    [written] = COMPOSE["networks"]["default"]["ipam"]["config"]

    for replica in REPLICAS:
        believed = environment(replica)["FORWARDED_ALLOW_IPS"]
        assert interpolated(believed, {}) == f"{written['subnet']},"
        assert interpolated(believed, {"FORWARDED_ALLOW_IPS": "192.0.2.1"}) == f"{written['subnet']},192.0.2.1"


def test_the_balancer_has_the_one_capability_its_program_carries() -> None:
    it = SERVICES["balancer"]

    assert it["cap_add"] == ["NET_BIND_SERVICE"]
    assert it["volumes"] == ["./deploy/Caddyfile:/etc/caddy/Caddyfile:ro", "certificates:/certificates"]
    assert all("cap_add" not in other for name, other in SERVICES.items() if name != "balancer")


def test_the_balancer_goes_to_the_replicas_and_the_callback_and_to_nobody_else() -> None:
    assert sorted(re.findall(r"([a-z0-9-]+):870[0-9]", CADDYFILE)) == ["callback", *REPLICAS]


def test_the_certificates_outlive_the_balancer_in_a_folder_of_its_own() -> None:
    it = SERVICES["balancer"]
    [made] = re.findall(r"install -d -o (\d+) -g (\d+) -m 700 (/\S+)", it["build"]["dockerfile_inline"])

    assert "certificates" in COMPOSE["volumes"]
    assert f"{made[0]}:{made[1]}" == it["user"]
    assert made[2] == it["environment"]["XDG_DATA_HOME"]


@pytest.mark.parametrize(("given", "domain"), [({}, "localhost"), ({"DOMAIN": "pay.shop.uz"}, "pay.shop.uz")])
def test_one_name_is_that_of_the_certificate_and_of_the_qr_codes(given: dict[str, str], domain: str) -> None:
    assert interpolated(environment("balancer")["DOMAIN"], given) == domain
    assert "{$DOMAIN:localhost} {" in CADDYFILE
    for replica in REPLICAS:
        assert interpolated(environment(replica)["SIDECAR_URL"], given) == f"https://{domain}"


# --- the health checks, run


HEALTH_CHECKS: Final[dict[str, list[str]]] = {
    **{replica: SERVICES[replica]["healthcheck"]["test"][1:] for replica in REPLICAS},
    "callback": SERVICES["callback"]["healthcheck"]["test"][1:],
    "image": json.loads(re.findall(r"^ +CMD (.*)$", DOCKERFILE, re.MULTILINE)[0]),
}
DOORS: Final = {**dict.fromkeys(REPLICAS, ":8700/readyz"), "callback": ":8701/healthz", "image": ":8700/healthz"}


@contextmanager
def answering(status: int) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("check", HEALTH_CHECKS)
@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_a_health_check_tells_well_from_unwell(
    check: str, status: int, healthy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, option, code = HEALTH_CHECKS[check]
    assert (program, option) == ("python", "-c")
    assert DOORS[check] in code
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    with answering(status) as port:
        ended = subprocess.run(
            [sys.executable, "-c", re.sub(r":870[01]/", f":{port}/", code)], check=False, capture_output=True
        )

    assert (ended.returncode == 0) is healthy


# --- the image


def test_the_image_installs_only_what_the_lock_file_says() -> None:
    installs = re.findall(r"pip install (.+)", DOCKERFILE)

    assert installs == ["--require-hashes --requirement requirements.lock", "--no-deps ."]


def test_the_image_runs_the_sidecar_and_not_as_root() -> None:
    final = DOCKERFILE.split("\nFROM ")[-1]

    assert re.findall(r"^USER (.+)$", final, re.MULTILINE) == [SERVICES["sidecar-1"]["user"]]
    assert 'ENTRYPOINT ["payme-sidecar"]\nCMD ["serve", "--host", "0.0.0.0"]' in final


def test_no_setting_is_baked_into_the_image() -> None:
    names = {name for settings in SETTINGS.values() for name in variables(settings)}

    assert set(re.findall(r"\b[A-Z_]{4,}\b", DOCKERFILE)) & names == set()


def test_only_what_the_wheel_needs_goes_into_the_build() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]

    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == {
        "LICENSE",
        "README.md",
        "pyproject.toml",
        "requirements.lock",
        *wheel["packages"],
    }


# --- .env.example

LINE: Final = re.compile(r"(?P<comment># (?P<text>.+))|(?P<off>#?)(?P<name>[A-Z_]+)=(?P<value>.*)|")


def examples() -> dict[str, tuple[str, bool, str]]:
    """Each variable's description, whether it is switched off, and its value."""
    found: dict[str, tuple[str, bool, str]] = {}
    text = ""
    for number, line in enumerate(EXAMPLE.splitlines(), 1):
        match = LINE.fullmatch(line)
        assert match, f"line {number} is neither a comment nor a variable: {line}"
        if match["name"]:
            assert match["name"] not in found, f"{match['name']} is there twice"
            found[match["name"]] = (text, bool(match["off"]), match["value"].strip("'"))
        text = match["text"] or ""
    return found


OF_COMPOSE: Final = {"POSTGRES_PASSWORD", "DOMAIN", "HTTP_PORT", "HTTPS_PORT"}


def test_the_example_names_every_setting_and_those_of_compose() -> None:
    assert set(examples()) == {*variables(SidecarSettings), *variables(CallbackSettings), *OF_COMPOSE}


@pytest.mark.parametrize("service", ["callback", "sidecar-1"])
def test_the_example_describes_each_setting_and_shows_its_default(service: str) -> None:
    shown = examples()
    shared = set(variables(SidecarSettings)) if service == "callback" else set()

    for name, field in variables(SETTINGS[service]).items():
        if name in shared:
            continue
        text, off, value = shown[name]
        assert field.description
        assert text.startswith(field.description)
        assert off is not field.is_required()
        assert value == ("" if field.is_required() else as_text(field))


def test_a_copy_of_the_example_asks_for_what_is_required_and_nothing_else() -> None:
    assert dotenv_values(stream=io.StringIO(EXAMPLE)) == dict.fromkeys(REQUIRED, "")


def test_a_key_in_single_quotes_is_read_as_it_stands() -> None:
    line = f"PAYME_KEY='{REQUIRED['PAYME_KEY']}'"

    assert dotenv_values(stream=io.StringIO(line), interpolate=False)["PAYME_KEY"] == REQUIRED["PAYME_KEY"]
