"""Endpoints for identity providers, which an administrator maintains."""

from typing import Any
from uuid import UUID

from flask import Response

from catalogue.access.identity_providers import operations
from catalogue.access.identity_providers.resources import IDENTITY_PROVIDERS
from catalogue.access.identity_providers.schemas import (
    IdentityProviderCreate,
    IdentityProviderPatch,
    IdentityProviderSchema,
)
from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.record_operations import add_get
from catalogue.core.rest.responses import list_response, lock_for_update, record_response
from catalogue.history.responses import add_history

identity_providers = Blueprint(
    "identity-providers",
    __name__,
    url_prefix="/v1/identity-providers",
    description="Other issuers whose access tokens the API accepts, and the meaning of the tokens.",
)


@identity_providers.get("", scope=Scope.ADMIN, list_of=IDENTITY_PROVIDERS)
def list_identity_providers(context: Context) -> Response:
    """List the identity providers."""
    return list_response(context, IDENTITY_PROVIDERS)


@identity_providers.post(
    "", scope=Scope.ADMIN, body=IdentityProviderCreate, response=IdentityProviderSchema
)
def create_identity_provider(context: Context, fields: dict[str, Any]) -> Response:
    """Record an identity provider, and accept its tokens from now on.

    The service finds the provider's keys through its metadata, whose issuer must be the same. Tokens
    of the service itself are accepted as before.
    """
    provider = operations.create_identity_provider(context, fields)
    return record_response(context, IDENTITY_PROVIDERS, provider.id, status=201)


add_get(identity_providers, IDENTITY_PROVIDERS, scope=Scope.ADMIN)
add_history(identity_providers, IDENTITY_PROVIDERS, scope=Scope.ADMIN)


@identity_providers.patch(
    "/<uuid:identity_provider_id>",
    scope=Scope.ADMIN,
    body=IdentityProviderPatch,
    response=IdentityProviderSchema,
)
def update_identity_provider(
    context: Context, changes: dict[str, Any], identity_provider_id: UUID
) -> Response:
    """Change an identity provider, or block it, a subject or a client.

    The change applies from the next request on, also to tokens that were issued before. A provider
    cannot be deleted. Set `enabled` to false instead.
    """
    provider = lock_for_update(context, IDENTITY_PROVIDERS, identity_provider_id)
    operations.change_identity_provider(context, provider, changes)
    return record_response(context, IDENTITY_PROVIDERS, identity_provider_id)
