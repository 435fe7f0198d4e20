"""The identity provider resource. Only a token with `admin` reads it, whatever its agency."""

from catalogue.access.identity_providers.models import IdentityProvider
from catalogue.access.identity_providers.schemas import IdentityProviderSchema
from catalogue.core.actor import Scope
from catalogue.core.rest.resource import EVERYONE, Resource
from catalogue.history.feed_fields import expose, same_names

_SHOWN = tuple(
    name
    for name in IdentityProviderSchema._declared_fields
    if name not in {"id", "created_at", "updated_at"}
)

IDENTITY_PROVIDERS = Resource(
    name="identity_provider",
    path="/v1/identity-providers",
    model=IdentityProvider,
    schema=IdentityProviderSchema,
    columns={
        "id": IdentityProvider.id,
        **{name: getattr(IdentityProvider, name) for name in _SHOWN},
        "created_at": IdentityProvider.created_at,
        "updated_at": IdentityProvider.updated_at,
    },
    not_filters=frozenset({"jwks_url"}),
    visible=EVERYONE,
    default_sort="key",
    administered=True,
)

expose(IDENTITY_PROVIDERS, scope=Scope.ADMIN, fields=same_names(*_SHOWN))
