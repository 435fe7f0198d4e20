"""Challenges: the WWW-Authenticate header of a 401 or 403 response (RFC 6750, RFC 9728)."""

from urllib.parse import urlsplit

from catalogue.core.actor import Scope
from catalogue.core.config import Settings

RESOURCE_METADATA = "/.well-known/oauth-protected-resource"


def resource_identifier(settings: Settings) -> str:
    """Return the identifier of the API as an OAuth protected resource."""
    return f"{settings.public_url}/v1"


def well_known(identifier: str, kind: str) -> str:
    """Return the URL of a metadata document. The well-known part is between host and path."""
    parts = urlsplit(identifier)
    return f"{parts.scheme}://{parts.netloc}{kind}{parts.path.rstrip('/')}"


def challenge(
    settings: Settings,
    *,
    error: str | None = None,
    description: str | None = None,
    scope: Scope | None = None,
) -> dict[str, str]:
    """Return the header of a 401 or 403 response.

    A request without a token gets no `error` (RFC 6750 section 3.1).
    """
    fields = {
        "error": error,
        "error_description": description,
        "scope": scope.value if scope else None,
        # Below the public URL, because a proxy can pass on nothing else of its host.
        "resource_metadata": f"{settings.public_url}{RESOURCE_METADATA}/v1",
    }
    parameters = ", ".join(f'{name}="{value}"' for name, value in fields.items() if value)
    return {"WWW-Authenticate": f"Bearer {parameters}"}
