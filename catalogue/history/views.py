"""Endpoint for the change feed."""

from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.history.responses import changes_response
from catalogue.history.schemas import ChangesQuery, ChangesSchema

blp = Blueprint(
    "changes",
    __name__,
    url_prefix="/v1/changes",
    description="The change feed: all changes that you can see, for clients that keep a copy.",
)


@blp.get("", scope=Scope.AUDIT_READ, query=ChangesQuery, response=ChangesSchema, paginated=True)
def list_changes(
    context: Context, after: str | None, limit: int, resource: str | None, wait: int
) -> Response:
    """List the changes that you can see, in the order of their commits.

    The feed holds the kinds of records that the token has a scope to read. New events are always
    added at the end. Events of records that are no longer shared with your agency disappear. You
    cannot continue from such an event, so keep the ids of earlier events too.
    """
    return changes_response(context, after=after, limit=limit, resource=resource, wait=wait)
