"""A merchant's Medusa project: their configuration and scripts, with our plugin installed from its tarball."""

import json
import tarfile
from pathlib import Path, PurePosixPath
from typing import Final

from demo_shop.medusa.cache import Waiting
from demo_shop.medusa.sources import Sources, copy, fingerprint
from demo_shop.medusa.toolbox import Toolbox

HERE: Final = Path(__file__)


def ready(toolbox: Toolbox, sources: Sources, plugin: Path, waiting: Waiting) -> Path:
    """Give the project's folder, where `medusa` can be started.

    Medusa itself is found in the toolbox above. The plugin is laid where npm would lay it, from what npm would take.
    """

    def make(draft: Path) -> None:
        copy(sources.backend, draft)
        unpack(plugin, draft / "node_modules")

    name = f"project-{fingerprint(sources.backend, plugin, HERE)}"
    return toolbox.built(name, make, "the project gets the plugin", waiting)


def unpack(tarball: Path, modules: Path) -> None:
    """Lay out the files of a tarball that we have packed ourselves."""
    with tarfile.open(tarball) as archive:
        members = [(member.name, archive.extractfile(member)) for member in archive if member.isfile()]
        files = {PurePosixPath(name).relative_to("package"): file.read() for name, file in members if file}
    target = modules / json.loads(files[PurePosixPath("package.json")])["name"]
    for path, content in files.items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_bytes(content)
