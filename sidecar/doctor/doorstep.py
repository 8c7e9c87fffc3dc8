"""What the command line names, looked at before anything is asked."""

import ssl
from pathlib import Path
from typing import NamedTuple

import httpx
from pydantic import TypeAdapter, ValidationError

from sidecar.settings import BaseAddress


class Unusable(NamedTuple):
    why: str


def public_base(url: str | None) -> str | Unusable | None:
    """Take the address of the sidecar, or of its `/payme` as it is typed into the cabinet; give it without."""
    if url is None:
        return None
    try:
        address: str = TypeAdapter(BaseAddress).validate_python(url)
    except ValidationError:
        return Unusable("--url must be an address like https://pay.shop.uz, without a user, a query or a fragment")
    return address.removesuffix("/payme")


def trusted(ca: Path | None) -> ssl.SSLContext | Unusable:
    """Trust what browsers trust, or the certificates of a file and nothing else."""
    if ca is None:
        return httpx.create_ssl_context()
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as error:  # an SSLError is one, too
        return Unusable(f"--ca {ca} holds no certificates that can be read: {error.strerror or error}")
