"""Endpoint for the identity of the client that sends the request."""

from typing import Any

from catalogue.access.identity.schemas import IdentitySchema
from catalogue.agencies.models import Agency
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import ANY_TOKEN, Blueprint

identity = Blueprint(
    "identity",
    __name__,
    url_prefix="/v1/me",
    description="The client, person, agency and scopes of your access token.",
)


@identity.get("", scope=ANY_TOKEN, response=IdentitySchema)
def get_identity(context: Context) -> dict[str, Any]:
    """Get the client, person, agency and scopes of your access token."""
    actor = context.actor
    agency = actor.agency_id and context.session.get(Agency, actor.agency_id)
    return {
        "client_id": actor.client_id,
        "person": actor.person,
        "agency": agency and {"id": agency.id, "code": agency.code, "name": agency.name},
        "scopes": sorted(actor.scopes),
    }
