"""The systemd units say what is so: directives that exist, commands that exist, users and folders that fit together.

No systemd is asked, so this runs everywhere; `systemd-analyze verify` found nothing in the same files.
"""

import re
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Final

import pytest
from pydantic import SecretStr
from typer.main import get_command

from sidecar.cli import app
from sidecar.server import DRAIN as CALLS_IN_HAND
from sidecar.session_bridge.relay import DRAIN as MESSAGES_IN_HAND
from sidecar.settings import Settings
from storefront_callback.settings import Settings as CallbackSettings

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / "deploy/systemd"
SERVICES: Final = sorted(FOLDER.glob("*.service"))
TIMERS: Final = sorted(FOLDER.glob("*.timer"))
PAGE: Final = (ROOT / "docs/deployment.md").read_text()
PROGRAM: Final = "/opt/payme-sidecar/bin/payme-sidecar"

HARDENING: Final = (
    *("NoNewPrivileges", "CapabilityBoundingSet", "AmbientCapabilities", "ProtectSystem", "ProtectHome"),
    *("PrivateTmp", "PrivateDevices", "ProtectClock", "ProtectControlGroups", "ProtectHostname"),
    *("ProtectKernelLogs", "ProtectKernelModules", "ProtectKernelTunables", "ProtectProc", "ProcSubset"),
    *("RestrictAddressFamilies", "RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID", "LockPersonality"),
    *("MemoryDenyWriteExecute", "RemoveIPC", "KeyringMode", "SystemCallArchitectures", "SystemCallErrorNumber"),
    *("SystemCallFilter", "UMask"),
)
# What systemd.unit(5), systemd.service(5), systemd.exec(5) and systemd.timer(5) know, of Debian 12 and newer.
KNOWN: Final = {
    "Unit": {"Description", "After", "Wants", "StartLimitIntervalSec"},
    "Service": {
        *("Type", "User", "Group", "DynamicUser", "WorkingDirectory", "EnvironmentFile", "ExecStart", "Restart"),
        *("RestartSec", "TimeoutStopSec", "StateDirectory", "StateDirectoryMode"),
        *HARDENING,
    },
    "Timer": {"OnCalendar", "RandomizedDelaySec", "Persistent"},
    "Install": {"WantedBy"},
}

Unit = dict[str, dict[str, list[str]]]


def parsed(file: Path) -> Unit:
    """Read a unit; a directive that comes twice has two values."""
    unit: Unit = defaultdict(lambda: defaultdict(list))
    section = ""
    for line in file.read_text().splitlines():
        if match := re.fullmatch(r"\[(\w+)\]", line):
            section = match[1]
        elif line and not line.startswith("#"):
            name, equals, value = line.partition("=")
            assert equals, line
            assert value == value.strip(), line
            unit[section][name].append(value)
    return unit


UNITS: Final = {file.name: parsed(file) for file in (*SERVICES, *TIMERS)}
LASTING: Final = ("payme-sidecar.service", "payme-sidecar-callback.service")


def of_service(name: str, directive: str) -> str | None:
    return next(iter(UNITS[name]["Service"].get(directive, [])), None)


@pytest.mark.parametrize("name", UNITS)
def test_every_directive_exists_in_its_section(name: str) -> None:
    for section, directives in UNITS[name].items():
        assert set(directives) <= KNOWN[section], section


@pytest.mark.parametrize("name", UNITS)
def test_nothing_is_said_twice_but_what_adds_up(name: str) -> None:
    twice = {it for directives in UNITS[name].values() for it, values in directives.items() if len(values) > 1}

    assert twice <= {"SystemCallFilter"}


@pytest.mark.parametrize("file", SERVICES, ids=lambda file: file.name)
def test_a_service_runs_a_command_that_exists(file: Path) -> None:
    [line] = UNITS[file.name]["Service"]["ExecStart"]
    program, command = line.split()

    assert program == PROGRAM
    assert command in get_command(app).commands  # type: ignore[attr-defined]  # the root is a group


@pytest.mark.parametrize("file", SERVICES, ids=lambda file: file.name)
def test_every_service_is_held_as_tightly_as_the_others(file: Path) -> None:
    service, model = UNITS[file.name]["Service"], UNITS["payme-sidecar.service"]["Service"]

    assert {it: service[it] for it in HARDENING} == {it: model[it] for it in HARDENING}
    assert all(service[it] for it in HARDENING)
    assert model["ProtectSystem"] == ["strict"]
    assert model["CapabilityBoundingSet"] == [""]


@pytest.mark.parametrize("file", SERVICES, ids=lambda file: file.name)
def test_no_service_is_root_and_none_carries_a_setting(file: Path) -> None:
    service = UNITS[file.name]["Service"]

    assert service.get("DynamicUser") == ["yes"] or service.get("User") == ["payme-sidecar"]
    assert "Environment" not in service


def test_the_callback_sees_none_of_the_secrets() -> None:
    callback = UNITS["payme-sidecar-callback.service"]["Service"]

    assert callback["EnvironmentFile"] == ["/etc/payme-sidecar/callback.env"]
    assert "WorkingDirectory" not in callback  # where the `.env` is
    assert "User" not in callback


def test_all_that_read_the_settings_read_the_same() -> None:
    for file in SERVICES:
        if "callback" not in file.name:
            assert of_service(file.name, "WorkingDirectory") == "/etc/payme-sidecar"
            assert of_service(file.name, "StateDirectory") == "payme-sidecar"


@pytest.mark.parametrize("name", LASTING)
def test_a_lasting_service_comes_back_however_often_it_ends(name: str) -> None:
    assert of_service(name, "Restart") == "always"
    assert UNITS[name]["Unit"]["StartLimitIntervalSec"] == ["0"]
    assert UNITS[name]["Install"]["WantedBy"] == ["multi-user.target"]
    assert "postgresql.service" in UNITS["payme-sidecar.service"]["Unit"]["After"][0]


def test_what_is_in_hand_is_finished_before_systemd_kills() -> None:
    patience = int(of_service("payme-sidecar.service", "TimeoutStopSec") or 0)

    assert patience > CALLS_IN_HAND + MESSAGES_IN_HAND
    assert int(of_service("payme-sidecar-callback.service", "TimeoutStopSec") or 0) > CALLS_IN_HAND


@pytest.mark.parametrize("file", TIMERS, ids=lambda file: file.name)
def test_a_timer_starts_a_service_that_runs_once(file: Path) -> None:
    service = file.with_suffix(".service").name

    assert of_service(service, "Type") == "oneshot"
    assert "Install" not in UNITS[service]  # the timer is what is enabled
    assert UNITS[file.name]["Install"]["WantedBy"] == ["timers.target"]


# ── the command, and the page that says how to install it all ─────────────────────────────────────────────────────────


def test_the_command_for_the_shell_is_the_service_to_user_folder_and_program() -> None:
    script = FOLDER / "payme-sidecar"
    said = script.read_text()

    assert subprocess.run(["sh", "-n", script], check=False).returncode == 0
    assert script.stat().st_mode & 0o111
    assert "cd /etc/payme-sidecar" in said
    assert "--reuid=payme-sidecar --regid=payme-sidecar" in said
    assert said.count(f'{PROGRAM} "$@"') == 2


def test_the_page_installs_every_unit_and_enables_what_exists() -> None:
    assert "cp deploy/systemd/*.service deploy/systemd/*.timer /etc/systemd/system/" in PAGE
    enabled = re.findall(r"systemctl enable --now (.+)", PAGE)[0].split()
    assert {it if "." in it else f"{it}.service" for it in enabled} <= set(UNITS)
    for path in re.findall(r"deploy/systemd/[\w.-]+", PAGE):
        assert (ROOT / path).exists(), path


def shell_block(after: str) -> str:
    return PAGE.split(after)[1].split("```sh\n")[1].split("```")[0]


def test_the_settings_on_the_page_are_settings_that_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    Path(".env").write_text(shell_block("it looks like this"))
    settings = Settings.load()

    assert {line.partition("=")[0].lower() for line in Path(".env").read_text().splitlines()} <= set(
        Settings.model_fields
    )
    assert settings.database_url == SecretStr("postgresql://payme-sidecar@/payme?host=/run/postgresql")
    assert settings.sidecar_url == settings.callback_url.removesuffix("/payme-callback")


def test_the_callback_starts_with_what_the_page_writes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STOREFRONT_URL", raising=False)
    [line] = re.findall(r"echo '(.+)' > /etc/payme-sidecar/callback.env", PAGE)
    Path(".env").write_text(line)

    assert CallbackSettings.load().storefront_url == "https://shop.uz"


def public_paths(file: Path) -> list[str]:
    return re.findall(r"@\w+ path (.+)", file.read_text())


def test_both_caddies_open_the_same_doors_and_know_the_default_ports() -> None:
    ours = (FOLDER / "Caddyfile").read_text()

    assert public_paths(FOLDER / "Caddyfile") == public_paths(ROOT / "deploy/Caddyfile")
    assert re.findall(r"reverse_proxy 127.0.0.1:(\d+)", ours) == [
        str(it.model_fields["port"].default) for it in (Settings, CallbackSettings)
    ]
