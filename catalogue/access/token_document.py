"""The token endpoint in the OpenAPI document.

The endpoint follows OAuth 2.0 (RFC 6749): it reads a form, and its errors are not problem
documents. The REST kernel therefore does not describe it.
"""

from typing import Any

from catalogue.access.authorization_server import SlowDown
from catalogue.access.credentials import ClientRefused

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"


def _error(description: str, error: str, meaning: str, **headers: str) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": description,
        "content": {
            _JSON: {
                "schema": {"$ref": "#/components/schemas/TokenError"},
                "example": {"error": error, "error_description": meaning},
            }
        },
    }
    if headers:
        response["headers"] = {
            name.replace("_", "-"): {"$ref": f"#/components/headers/{header}"}
            for name, header in headers.items()
        }
    return response


TOKEN_TAG = {"name": "access-tokens", "description": "Access tokens for clients of the API."}

TOKEN_OPERATION: dict[str, Any] = {
    "operationId": "issue_access_token",
    "summary": "Issue an access token to a client.",
    "description": (
        "The client credentials grant of OAuth 2.0 (RFC 6749, section 4.4). Send the client id and "
        "the secret in the form, or as HTTP Basic authentication. The token expires after "
        "`expires_in` seconds, and you can use it until then. A client can make a limited number "
        "of requests in a minute. Clients of an identity provider request their tokens there."
    ),
    "tags": ["access-tokens"],
    "security": [],
    "parameters": [],
    "requestBody": {
        "required": True,
        "content": {
            _FORM: {
                "schema": {"$ref": "#/components/schemas/TokenRequest"},
                "example": {
                    "grant_type": "client_credentials",
                    "client_id": "kent-asset-system",
                    "client_secret": "the secret",
                    "scope": "systems:read contracts:read",
                },
            }
        },
    },
    "responses": {
        "200": {
            "description": "OK. The body holds the access token.",
            "content": {
                _JSON: {
                    "schema": {"$ref": "#/components/schemas/AccessToken"},
                    "example": {
                        "access_token": "eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln",
                        "token_type": "Bearer",
                        "expires_in": 600,
                        "scope": "contracts:read systems:read",
                    },
                }
            },
        },
        "400": _error(
            "The form is invalid, or the client lacks a scope that it requests.",
            "invalid_scope",
            "The client lacks `systems:write`. Request fewer scopes, or ask the operator of the "
            "service.",
        ),
        "401": _error(
            "The client is unknown, or its secret is wrong.",
            "invalid_client",
            ClientRefused.description,
            WWW_Authenticate="Challenge",
        ),
        "413": {"$ref": "#/components/responses/Problem413"},
        "429": _error(
            "The client or its address has reached the rate limit.",
            "slow_down",
            SlowDown.description,
            Retry_After="RetryAfter",
        ),
        "500": {"$ref": "#/components/responses/Problem500"},
        "503": {"$ref": "#/components/responses/Problem503"},
    },
}

TOKEN_SCHEMAS: dict[str, dict[str, Any]] = {
    "TokenRequest": {
        "type": "object",
        "description": "The form of a request for an access token.",
        "required": ["grant_type"],
        "properties": {
            "grant_type": {
                "const": "client_credentials",
                "type": "string",
                "description": "The kind of grant. Only `client_credentials` is supported.",
            },
            "client_id": {
                "type": "string",
                "description": "The id of the client. Leave it out with HTTP Basic authentication.",
            },
            "client_secret": {
                "type": "string",
                "format": "password",
                "description": "The client's secret. Leave it out with HTTP Basic authentication.",
            },
            "scope": {
                "type": "string",
                "description": (
                    "The scopes of the token, separated by spaces. If you leave them out, the "
                    "token has all scopes of the client."
                ),
            },
        },
    },
    "AccessToken": {
        "type": "object",
        "description": "An access token, and how long it can be used.",
        "required": ["access_token", "token_type", "expires_in", "scope"],
        "properties": {
            "access_token": {
                "type": "string",
                "description": "The token. Send it as `Authorization: Bearer <token>`.",
            },
            "token_type": {"const": "Bearer", "type": "string", "description": "Always `Bearer`."},
            "expires_in": {
                "type": "integer",
                "description": "The number of seconds until the token expires.",
            },
            "scope": {
                "type": "string",
                "description": "The scopes of the token, separated by spaces.",
            },
        },
    },
    "TokenError": {
        "type": "object",
        "description": "An error of the token endpoint (RFC 6749, section 5.2).",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "string",
                "description": "The kind of error, as a stable code that a program can rely on.",
            },
            "error_description": {
                "type": "string",
                "description": "What is wrong and what to do, for people.",
            },
        },
    },
}
