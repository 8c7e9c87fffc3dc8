"""The shop's first contents: Medusa migrates and seeds a database once, and a dump of it serves ever after."""

import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from demo_shop.medusa.cache import Waiting
from demo_shop.medusa.node import run
from demo_shop.medusa.settings import settings
from demo_shop.medusa.sources import fingerprint
from demo_shop.medusa.toolbox import Toolbox
from demo_shop.postgres import LocalPostgres

HERE: Final = Path(__file__)
DUMP: Final = "dump.sql"
MADE: Final = "made.json"
TEMPLATE: Final = "medusa_seeded"


@dataclass(frozen=True, slots=True)
class Seed:
    dump: Path
    made: dict[str, Any] = field(repr=False)
    """What the seed script wrote down: keys and ids."""

    @classmethod
    def read(cls, folder: Path) -> Self:
        return cls(folder / DUMP, json.loads((folder / MADE).read_text()))

    @property
    def publishable_key(self) -> str:
        return str(self.made["publishableKey"])

    @property
    def secret_key(self) -> str:
        return str(self.made["secretKey"])

    @property
    def region_id(self) -> str:
        return str(self.made["regionId"])

    def give(self, server: LocalPostgres, database: str) -> None:
        """Make a database as the seed left it; after the first, a copy of it within the server is quick."""
        if not server.psql(f"SELECT 1 FROM pg_database WHERE datname = '{TEMPLATE}'"):  # noqa: S608 - our own word
            server.create_database(TEMPLATE)
            server.restore(TEMPLATE, self.dump.read_text())
        server.create_database(database, template=TEMPLATE)


def ready(toolbox: Toolbox, project: Path, server: LocalPostgres, waiting: Waiting) -> Seed:
    """Give the seed of this project: its name says lock, backend and plugin."""

    def make(draft: Path) -> None:
        draft.chmod(0o700)  # a secret key of a shop on this machine, but a key
        database = f"seeding_{secrets.token_hex(4)}"
        server.create_database(database)
        try:
            sow(toolbox, project, server.url(database), draft / MADE)
            (draft / DUMP).write_text(server.dump(database))
        finally:
            server.drop_database(database)

    name = f"{project.name.replace('project', 'seed')}-{fingerprint(HERE)}"
    return Seed.read(toolbox.built(name, make, "Medusa makes and fills its tables, once (most of a minute)", waiting))


def sow(toolbox: Toolbox, project: Path, database_url: str, made: Path) -> None:
    told = {**settings(database_url), "SEED_RESULT": str(made)}
    medusa = toolbox.program("medusa")
    run("medusa db:migrate", [*medusa, "db:migrate"], project, told)
    run("medusa exec seed.js", [*medusa, "exec", "./src/scripts/seed.js"], project, told)
