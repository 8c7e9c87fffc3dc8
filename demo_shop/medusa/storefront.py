"""The real storefront: built by Vite from the shop's sources and the pieces for its checkout, and served as files."""

from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from demo_shop.medusa.cache import Waiting
from demo_shop.medusa.node import run
from demo_shop.medusa.sources import Sources, copy, fingerprint
from demo_shop.medusa.toolbox import Toolbox

HERE: Final = Path(__file__)
# Another run has other keys and other ports, at the same address: a browser must ask each time.
FRESH: Final = {"Cache-Control": "no-cache"}


def built(toolbox: Toolbox, sources: Sources, waiting: Waiting) -> Path:
    """Give the folder with `index.html`."""

    def make(draft: Path) -> None:
        shop = draft / "medusa_shop/storefront"
        copy(sources.shop, shop)
        copy(sources.pieces, draft / "storefront")  # where the shop's imports look for it
        vite = ("build", "--outDir", str(draft / "dist"), "--emptyOutDir", "--logLevel", "warn")
        run("vite build", [*toolbox.program("vite"), *vite], shop)

    name = f"storefront-{fingerprint(sources.shop, sources.pieces, HERE)}"
    return toolbox.built(name, make, "Vite builds the storefront", waiting) / "dist"


def application(dist: Path, config: dict[str, str]) -> Starlette:
    async def tell(_: Request) -> Response:
        return JSONResponse(config, headers=FRESH)

    return Starlette(routes=[Route("/config.json", tell), Mount("/", Files(directory=dist))])


class Files(StaticFiles):
    """The built files; any other address is one of the page's own, and it knows what to show there."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        try:
            response = await super().get_response(path, scope)
        except HTTPException as none:
            if none.status_code != HTTPStatus.NOT_FOUND:
                raise
            response = await super().get_response("index.html", scope)
        response.headers.update(FRESH)
        return response


def config(backend_url: str, publishable_key: str, status_url: str, cabinet_url: str) -> dict[str, str]:
    return {
        "backendUrl": backend_url,
        "publishableKey": publishable_key,
        "statusUrl": status_url,
        "cabinetUrl": cabinet_url,
    }
