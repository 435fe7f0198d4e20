"""Change feed over HTTP."""

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
    description="What changed, for those that keep up with it.",
)


@blp.get("", scope=Scope.AUDIT_READ, query=ChangesQuery, response=ChangesSchema, paginated=True)
def list_changes(
    context: Context, after: str | None, limit: int, resource: str | None, wait: int
) -> Response:
    """List what changed after an event, of what one may see, in the order of the commits.

    A token is shown the records that it has a scope to read. No event comes to stand before one
    that was there already. What is no longer shared disappears from the feed, and an event that
    may not be seen is no place to go on from.
    """
    return changes_response(context, after=after, limit=limit, resource=resource, wait=wait)
