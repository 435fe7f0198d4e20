"""Endpoints for sessions, which an administrator can end."""

from uuid import UUID

from flask import Response

from catalogue.access.sessions import operations
from catalogue.access.sessions.resources import SESSIONS
from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.responses import list_response

sessions = Blueprint(
    "sessions",
    __name__,
    url_prefix="/v1/sessions",
    description="People who are signed in to the pages.",
)


@sessions.get("", scope=Scope.ADMIN, list_of=SESSIONS)
def list_sessions(context: Context) -> Response:
    """List the sessions, newest first.

    A session that has expired is listed for up to a day after its sign-in.
    """
    return list_response(context, SESSIONS)


@sessions.delete("/<uuid:session_id>", scope=Scope.ADMIN, if_match=False)
def delete_session(context: Context, session_id: UUID) -> None:
    """End a session, from its next request on.

    The person can sign in again. To prevent that, block the person at the identity provider.
    """
    if not operations.end_sessions(context.session, session_id=session_id):
        raise SESSIONS.absent()
