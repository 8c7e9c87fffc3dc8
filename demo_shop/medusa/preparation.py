"""From a clone and a bare Node.js to a Medusa shop that only needs starting; the second time it is just there."""

from dataclasses import dataclass
from pathlib import Path

from demo_shop.medusa import plugin, project, seed, storefront
from demo_shop.medusa.cache import Waiting
from demo_shop.medusa.node import Node
from demo_shop.medusa.seed import Seed
from demo_shop.medusa.sources import Sources
from demo_shop.medusa.toolbox import Toolbox
from demo_shop.postgres import LocalPostgres


@dataclass(frozen=True, slots=True)
class Prepared:
    toolbox: Toolbox
    plugin: Path
    """The tarball, as `npm pack` made it."""
    project: Path
    """The merchant's project, with the plugin installed."""
    seed: Seed
    server: LocalPostgres
    sources: Sources

    def storefront(self, waiting: Waiting) -> Path:
        """Give the folder of the built storefront."""
        return storefront.built(self.toolbox, self.sources, waiting)


def prepare(server: LocalPostgres, waiting: Waiting, sources: Sources | None = None) -> Prepared:
    """Do what has not been done before; `waiting` shows what takes long."""
    sources = sources or Sources()
    sources.check()
    toolbox = Toolbox.ready(sources, Node.find(), waiting)
    tarball = plugin.packed(toolbox, sources, waiting)
    folder = project.ready(toolbox, sources, tarball, waiting)
    return Prepared(
        toolbox=toolbox,
        plugin=tarball,
        project=folder,
        seed=seed.ready(toolbox, folder, server, waiting),
        server=server,
        sources=sources,
    )
