"""WWW-Authenticate: how a client that was turned away finds out what to bring (RFC 6750, 9728)."""

from urllib.parse import urlsplit

from catalogue.core.actor import Scope
from catalogue.core.config import Settings

RESOURCE_METADATA = "/.well-known/oauth-protected-resource"


def resource_identifier(settings: Settings) -> str:
    """The identifier of the API as an OAuth protected resource."""
    return f"{settings.public_url}/v1"


def well_known(identifier: str, kind: str) -> str:
    """The address of a metadata document: the well-known part goes between host and path."""
    parts = urlsplit(identifier)
    return f"{parts.scheme}://{parts.netloc}{kind}{parts.path.rstrip('/')}"


def challenge(
    settings: Settings,
    *,
    error: str | None = None,
    description: str | None = None,
    scope: Scope | None = None,
) -> dict[str, str]:
    """The header of a 401 or 403. Without an error, no token was sent (RFC 6750 section 3.1)."""
    fields = {
        "error": error,
        "error_description": description,
        "scope": scope.value if scope else None,
        "resource_metadata": well_known(resource_identifier(settings), RESOURCE_METADATA),
    }
    parameters = ", ".join(f'{name}="{value}"' for name, value in fields.items() if value)
    return {"WWW-Authenticate": f"Bearer {parameters}"}
