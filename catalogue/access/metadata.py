"""OAuth metadata of the service (RFC 8414, RFC 9728)."""

from typing import Any

from catalogue.access.authorization_server import CLIENT_AUTHENTICATION
from catalogue.access.challenges import resource_identifier
from catalogue.core.actor import Scope
from catalogue.core.config import Settings

TOKEN_PATH = "/oauth/token"  # noqa: S105 - an address
REVOCATION_PATH = "/oauth/revoke"
INTROSPECTION_PATH = "/oauth/introspect"
KEYS_PATH = "/oauth/jwks.json"


def authorization_server(settings: Settings) -> dict[str, Any]:
    """Return the metadata of the embedded authorization server (RFC 8414 section 2)."""
    base = settings.public_url
    return {
        "issuer": settings.issuer,
        "token_endpoint": base + TOKEN_PATH,
        "token_endpoint_auth_methods_supported": CLIENT_AUTHENTICATION,
        "revocation_endpoint": base + REVOCATION_PATH,
        "revocation_endpoint_auth_methods_supported": CLIENT_AUTHENTICATION,
        "introspection_endpoint": base + INTROSPECTION_PATH,
        "introspection_endpoint_auth_methods_supported": CLIENT_AUTHENTICATION,
        "jwks_uri": base + KEYS_PATH,
        "scopes_supported": [scope.value for scope in Scope],
        "grant_types_supported": ["client_credentials"],
        # Required by the RFC, and empty because there is no authorization endpoint.
        "response_types_supported": [],
    }


def protected_resource(settings: Settings, issuers: list[str]) -> dict[str, Any]:
    """Return the metadata of the API as a protected resource (RFC 9728 section 2).

    `issuers` are the identity providers whose tokens the API accepts too.
    """
    return {
        "resource": resource_identifier(settings),
        "resource_name": "Shared IT service catalogue",
        "authorization_servers": [settings.issuer, *issuers],
        "scopes_supported": [scope.value for scope in Scope],
        "bearer_methods_supported": ["header"],
    }
