"""Style sheets, scripts and pictures: a handful of files out of the package, all of them ours or shipped with us."""

import hashlib
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

YEAR: Final = 31_536_000
TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


class Assets:
    def __init__(self) -> None:
        self._files = dict(_walk(files("sidecar.console") / "static", ""))
        self._digest = hashlib.sha256(b"".join(self._files.values())).hexdigest()[:12]

    def address(self, name: str) -> str:
        """Give the address of a file; it changes with what is in the files, so a browser may keep them for ever."""
        if name not in self._files:
            raise LookupError(name)
        return f"/console/static/{name}?v={self._digest}"

    async def show(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._files:
            return Response("no such file", 404, media_type="text/plain")
        kind = TYPES[name[name.rindex(".") :]]
        kept = {"Cache-Control": f"public, max-age={YEAR}, immutable", "X-Content-Type-Options": "nosniff"}
        return Response(self._files[name], media_type=kind, headers=kept)


def _walk(folder: Traversable, before: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in sorted(folder.iterdir(), key=lambda it: it.name):
        if entry.is_dir():
            found += _walk(entry, f"{before}{entry.name}/")
        elif entry.name.endswith(tuple(TYPES)):
            found.append((before + entry.name, entry.read_bytes()))
    return found
