"""A tarball as `npm pack` makes one."""

import io
import json
import tarfile
from pathlib import Path


def packed(path: Path, name: str, files: dict[str, str]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for file, text in {"package.json": json.dumps({"name": name}), **files}.items():
            member = tarfile.TarInfo(f"package/{file}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return path
