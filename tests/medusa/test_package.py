"""The plugin's tarball, installed by npm into a project that never saw this repository."""

import contextlib
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from demo_shop.medusa import Medusa, Prepared, medusa_server
from demo_shop.medusa.node import run
from demo_shop.medusa.sources import REPOSITORY, copy
from demo_shop.medusa.toolbox import QUIET, Toolbox

PLUGIN = "medusa-payment-payme-sidecar"
NOBODY = "http://127.0.0.1:9"
HIDDEN_LOCK = ".package-lock.json"


@pytest.fixture(scope="module")
def stranger(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop on Medusa: its own folder, its own `node_modules`, and then `npm install` of the tarball."""
    folder = tmp_path_factory.mktemp("stranger")
    copy(prepared.sources.backend, folder)
    manifest = json.loads((folder / "package.json").read_text())
    manifest["dependencies"].pop(PLUGIN, None)
    (folder / "package.json").write_text(json.dumps(manifest))
    shutil.copytree(prepared.toolbox.modules, folder / "node_modules", symlinks=True, copy_function=link)
    install = ("install", "--ignore-scripts", "--no-audit", "--no-fund", *QUIET)
    run("npm install", [prepared.toolbox.node.npm, *install, prepared.plugin], folder)
    return folder


def link(source: str, target: str) -> None:
    """As good as a copy of what npm only ever replaces; its own list it writes in place."""
    if not source.endswith(HIDDEN_LOCK):
        with contextlib.suppress(OSError):  # another disk, perhaps
            return os.link(source, target)
    shutil.copy2(source, target)
    return None


@pytest.fixture(scope="module")
def medusa(prepared: Prepared, stranger: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Medusa]:
    theirs = replace(prepared, toolbox=Toolbox(stranger, prepared.toolbox.node), project=stranger)
    with medusa_server(theirs, tmp_path_factory.mktemp("log"), sidecar_url=NOBODY, sidecar_key="theirs") as it:
        yield it


def test_the_tarball_holds_the_built_plugin_and_nothing_of_this_machine(prepared: Prepared) -> None:
    with tarfile.open(prepared.plugin) as archive:
        files = {member.name: archive.extractfile(member) for member in archive.getmembers() if member.isfile()}
        texts = {name: file.read() for name, file in files.items() if file}

    assert "package/.medusa/server/src/providers/payme/index.js" in texts
    assert all(name.startswith("package/.medusa/server/") or "/" not in name[8:] for name in texts)
    places = (str(REPOSITORY).encode(), str(prepared.toolbox.folder).encode())
    assert not [name for name, text in texts.items() if any(place in text for place in places)]


def test_npm_installs_it_beside_the_strangers_own_medusa(stranger: Path) -> None:
    installed = json.loads((stranger / "node_modules" / PLUGIN / "package.json").read_text())

    assert installed["version"]
    assert not (stranger / "node_modules" / PLUGIN / "node_modules").exists()
    assert PLUGIN in json.loads((stranger / "package.json").read_text())["dependencies"]


def test_the_strangers_medusa_offers_payme_and_answers_the_sidecar(medusa: Medusa, prepared: Prepared) -> None:
    offered = httpx.get(
        f"{medusa.url}/store/payment-providers",
        params={"region_id": prepared.seed.region_id},
        headers={"x-publishable-api-key": prepared.seed.publishable_key},
        trust_env=False,
    )
    asked = httpx.post(
        f"{medusa.url}/admin/payme/payment-sessions/payses_unknown/authorize",
        json={"transaction_id": "1", "amount": 100, "perform_time": 1},
        headers={"idempotency-key": "authorize:1"},
        auth=(prepared.seed.secret_key, ""),
        trust_env=False,
    )

    assert "pp_payme_payme" in {provider["id"] for provider in offered.json()["payment_providers"]}
    assert asked.status_code == 404, asked.text
    assert asked.json()["code"]
