"""Endpoint for the change feed."""

from typing import Any

from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.history.responses import ChangesRequest, changes_response
from catalogue.history.schemas import ChangesQuery, ChangesSchema

blp = Blueprint(
    "changes",
    __name__,
    url_prefix="/v1/changes",
    description="The change feed: all changes that you can see, for clients that keep a copy.",
)


@blp.get("", scope=Scope.AUDIT_READ, query=ChangesQuery, response=ChangesSchema, paginated=True)
def list_changes(context: Context, **query: Any) -> Response:
    """List the changes that you can see, in the order of their commits.

    The feed holds the kinds of records that the token has a scope to read. New events are always
    added at the end. The event `…access_withdrawn` means that your agency no longer sees a record,
    so remove your copy. After `…access_given` and `…access_changed`, read the record again. Earlier
    events of a record that you no longer see disappear, but you can still continue from them.
    """
    return changes_response(context, ChangesRequest(**query))
