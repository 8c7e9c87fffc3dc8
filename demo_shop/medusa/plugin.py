"""The plugin as a merchant gets it: built and packed from its sources."""

from pathlib import Path
from typing import Final

from demo_shop.medusa.cache import Waiting
from demo_shop.medusa.node import run
from demo_shop.medusa.settings import QUIETLY
from demo_shop.medusa.sources import Sources, copy, fingerprint
from demo_shop.medusa.toolbox import QUIET, Toolbox

HERE: Final = Path(__file__)


def packed(toolbox: Toolbox, sources: Sources, waiting: Waiting) -> Path:
    """Give the tarball that `npm pack` makes."""

    def make(draft: Path) -> None:
        source = draft / "source"
        copy(sources.plugin, source)
        run("medusa plugin:build", [*toolbox.program("medusa"), "plugin:build"], source, QUIETLY)
        pack = ("pack", "--ignore-scripts", "--pack-destination", str(draft))
        run("npm pack", [toolbox.node.npm, *pack, *QUIET], source)

    name = f"plugin-{fingerprint(sources.plugin, HERE)}"
    folder = toolbox.built(name, make, "Medusa builds the plugin (half a minute)", waiting)
    return next(folder.glob("*.tgz"))
