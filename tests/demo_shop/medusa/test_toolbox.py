"""The toolbox: one install per lock file, whole or not at all."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from demo_shop.medusa import project
from demo_shop.medusa.node import Node, ProgramFailed
from demo_shop.medusa.sources import Sources
from demo_shop.medusa.toolbox import Toolbox
from tests.demo_shop.medusa.tarball import packed

INSTALLS = '#!/bin/sh\necho "$@" >> "$0.said"\nmkdir node_modules\n'
FAILS = "#!/bin/sh\nmkdir node_modules\necho no such package >&2\nexit 7\n"


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sources:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    sources = Sources(tmp_path / "repository")
    sources.backend.mkdir(parents=True)
    (sources.backend / "medusa-config.js").write_text("config")
    sources.manifest.write_text("{}")
    sources.lock.write_text("{}")
    return sources


def npm(folder: Path, script: str, major: int = 22) -> Node:
    program = folder / "npm"
    program.write_text(script)
    program.chmod(0o755)
    return Node("node", str(program), (major, 12))


def ready(sources: Sources, node: Node) -> Toolbox:
    return Toolbox.ready(sources, node, nullcontext)


def test_npm_installs_from_our_lock_and_runs_no_stranger_s_script(sources: Sources, tmp_path: Path) -> None:
    toolbox = ready(sources, npm(tmp_path, INSTALLS))

    assert toolbox.modules.is_dir()
    assert (toolbox.folder / "package-lock.json").read_text() == "{}"
    said = (tmp_path / "npm.said").read_text().split()
    assert said[0] == "install"
    assert {"--ignore-scripts", "--no-audit", "--no-fund"} <= set(said)


def test_another_lock_or_another_node_has_a_toolbox_of_its_own_and_the_same_has_the_same(
    sources: Sources, tmp_path: Path
) -> None:
    first = ready(sources, npm(tmp_path, INSTALLS))
    again = ready(sources, npm(tmp_path, INSTALLS))
    newer_node = ready(sources, npm(tmp_path, INSTALLS, major=24))
    sources.lock.write_text("{ }")
    newer_lock = ready(sources, npm(tmp_path, INSTALLS))

    assert first == again
    assert len({first.folder, newer_node.folder, newer_lock.folder}) == 3


def test_an_install_that_fails_is_quoted_and_leaves_nothing_to_be_mistaken_for_a_toolbox(
    sources: Sources, tmp_path: Path
) -> None:
    with pytest.raises(ProgramFailed, match=r"npm install failed with status 7\nno such package"):
        ready(sources, npm(tmp_path, FAILS))

    assert ready(sources, npm(tmp_path, INSTALLS)).modules.is_dir()


def test_the_project_has_the_merchants_files_and_the_plugin_as_npm_would_lay_it(
    sources: Sources, tmp_path: Path
) -> None:
    toolbox = ready(sources, npm(tmp_path, INSTALLS))
    tarball = packed(tmp_path / "plugin.tgz", "a-plugin", {".medusa/server/src/index.js": "built"})

    folder = project.ready(toolbox, sources, tarball, nullcontext)

    assert (folder / "medusa-config.js").read_text() == "config"
    assert (folder / "node_modules/a-plugin/.medusa/server/src/index.js").read_text() == "built"
    assert toolbox.folder in folder.parents
