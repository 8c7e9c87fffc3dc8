"""What the shop's Medusa is told, as environment variables that its configuration reads."""

import secrets
from typing import Final

QUIETLY: Final = {"MEDUSA_DISABLE_TELEMETRY": "true"}
NOBODY: Final = "http://127.0.0.1:9"


def settings(
    database_url: str, sidecar_url: str = NOBODY, sidecar_key: str = "nobody's", storefronts: tuple[str, ...] = ()
) -> dict[str, str]:
    """Everything for one Medusa. Without `NODE_ENV=production` it looks for tools that a shop does not install."""
    origins = ",".join(storefronts)
    return {
        **QUIETLY,
        "NODE_ENV": "production",
        "DATABASE_URL": database_url,
        "STORE_CORS": origins,
        "ADMIN_CORS": origins,
        "AUTH_CORS": origins,
        "JWT_SECRET": secrets.token_hex(16),
        "COOKIE_SECRET": secrets.token_hex(16),
        "PAYME_SIDECAR_URL": sidecar_url,
        "PAYME_SIDECAR_API_KEY": sidecar_key,
    }
