"""Every shop of the comparison: what it is made of, and the words that start it."""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
SHOPS: Final = Path(__file__).resolve().parent / "shops"
PIN: Final = re.compile(r"^([A-Za-z0-9_.-]+)==(\S+)", re.MULTILINE)

Words = tuple[str, ...]
"""What follows `python -m`; {port}, {door} and {workers} are filled in when the shop opens."""


@dataclass(frozen=True, slots=True, eq=False)
class Shop:
    name: str
    package: str
    folder: str
    made_of: Words
    """Distributions whose versions a reader wants to know."""
    prepare: Words
    servers: Mapping[str, Words]
    paths: Words = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    side_door: bool = False
    """The orders are made at an address of their own, not beside /payme."""
    workers: int = 4  # what gunicorn's documentation advises for a small machine
    """How many processes serve /payme, unless somebody wants another number."""
    replicas: str = ""
    """The server that runs once for each worker, on a port of its own; without one, a server has workers itself."""

    @property
    def home(self) -> Path:
        return SHOPS / self.folder

    @property
    def source(self) -> str:
        return str(self.home.relative_to(ROOT))

    @property
    def requirements(self) -> Path | None:
        """The pinned packages of a peer; we live in the environment we run in."""
        file = self.home / "requirements.txt"
        return file if file.exists() else None

    @property
    def versions(self) -> dict[str, str]:
        if self.requirements is None:
            return {name: version(name) for name in self.made_of}
        pinned = {name.lower(): number for name, number in PIN.findall(self.requirements.read_text())}
        return {name: pinned[name.lower()] for name in self.made_of}

    @property
    def title(self) -> str:
        framework = next((f" ({name})" for name in self.made_of if name in {"Django", "FastAPI"}), "")
        return f"{self.package} {self.versions[self.package]}{framework}"


GUNICORN: Final = (
    *("gunicorn", "django.core.wsgi:get_wsgi_application()", "--bind", "127.0.0.1:{port}", "--workers", "{workers}"),
)
UVICORN: Final = (
    *(
        "uvicorn",
        "shop:app",
        "--host",
        "127.0.0.1",
        "--port",
        "{port}",
        "--workers",
        "{workers}",
        "--log-level",
        "warning",
    ),
    *("--loop", "uvloop"),  # asyncio waits for delayed ACKs behind `--workers`; that would be measured, too
)
DJANGO: Final[Mapping[str, str]] = MappingProxyType({"DJANGO_SETTINGS_MODULE": "settings"})
MIGRATE: Final = ("django", "migrate", "--run-syncdb", "--verbosity", "0")
SIDECAR: Final[Mapping[str, str]] = MappingProxyType(
    {
        "SIDECAR_URL": "http://127.0.0.1:{port}",
        "COMMERCE_BACKEND_URL": "http://127.0.0.1:{door}",
        "BACKEND_PORT": "{door}",
        "CALLBACK_URL": "http://127.0.0.1:{door}/payme-callback",
        "SIDECAR_API_KEY": "known to two processes",
        "COMMERCE_BACKEND_KEY": "known to the same two",
        "LOG_LEVEL": "warning",
    }
)

CATALOGUE: Final = (
    Shop(
        name="payme-sidecar",
        package="payme-sidecar",
        folder="payme_sidecar",
        made_of=("payme-sidecar", "starlette", "uvicorn", "SQLAlchemy"),
        prepare=("sidecar", "migrate"),
        servers={
            "sidecar": ("sidecar", "serve", "--host", "127.0.0.1", "--port", "{port}"),
            "backend": ("benchmarks.shops.payme_sidecar.backend",),
        },
        paths=(str(ROOT),),
        settings=SIDECAR,
        side_door=True,
        workers=1,
        replicas="sidecar",
    ),
    Shop(
        name="payme-pkg",
        package="payme-pkg",
        folder="payme_pkg",
        made_of=("payme-pkg", "Django", "djangorestframework", "gunicorn"),
        prepare=MIGRATE,
        servers={"gunicorn": GUNICORN},
        paths=(str(SHOPS / "payme_pkg"), str(SHOPS / "django_ground")),
        settings=DJANGO,
    ),
    Shop(
        name="paytechuz-django",
        package="paytechuz",
        folder="paytechuz_django",
        made_of=("paytechuz", "Django", "gunicorn"),
        prepare=MIGRATE,
        servers={"gunicorn": GUNICORN},
        paths=(str(SHOPS / "paytechuz_django"), str(SHOPS / "django_ground")),
        settings=DJANGO,
    ),
    Shop(
        name="paytechuz-fastapi",
        package="paytechuz",
        folder="paytechuz_fastapi",
        made_of=("paytechuz", "FastAPI", "SQLAlchemy", "uvicorn", "uvloop"),
        prepare=("shop",),  # importing it makes its tables, once, before two workers would
        servers={"uvicorn": UVICORN},
        paths=(str(SHOPS / "paytechuz_fastapi"),),
    ),
)
BY_NAME: Final = {shop.name: shop for shop in CATALOGUE}


def python_of_ours() -> Path:
    return Path(sys.executable)
