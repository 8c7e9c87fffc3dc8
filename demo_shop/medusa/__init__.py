"""The demo with a real Medusa, a real PostgreSQL and a real storefront; and the same set-up for the tests."""

from demo_shop.medusa.cache import Waiting
from demo_shop.medusa.node import NoNode, ProgramFailed
from demo_shop.medusa.preparation import Prepared, prepare
from demo_shop.medusa.server import Medusa, MedusaFailed, medusa_server
from demo_shop.medusa.sources import NoRepository

__all__ = [
    "Medusa",
    "MedusaFailed",
    "NoNode",
    "NoRepository",
    "Prepared",
    "ProgramFailed",
    "Waiting",
    "medusa_server",
    "prepare",
]
