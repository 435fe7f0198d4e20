"""The people who are signed in to the pages, and the end of their sessions."""

from typing import Any
from uuid import UUID

from flask import request
from werkzeug.exceptions import NotFound

from catalogue.web.agency_names import agency_choices, read_agency_names
from catalogue.web.filters import Filter
from catalogue.web.lists import ListPage
from catalogue.web.pages import Pages, Visit, redirect_to

sessions = Pages("sessions")

LIST = ListPage(
    operation="list_sessions",
    endpoint="pages-sessions.list_page",
    sorts={
        "name": "Person",
        "agency": "Agency",
        "identity_provider": "Identity provider",
        "begun_at": "Signed in",
        "seen_at": "Last request",
    },
    filters=(
        Filter("name", "Name of the person"),
        Filter("agency", "Agency"),
        Filter("identity_provider", "Key of the identity provider"),
    ),
)


@sessions.get(
    "/administration/sessions", calls=("list_sessions", "list_agencies"), needs=("list_sessions",)
)
def list_page(visit: Visit) -> Any:
    """The sessions, newest first."""
    agencies = agency_choices(visit, read_agency_names(visit))
    return visit.render(
        "administration/sessions.html",
        listed=LIST.read(visit, request.args, {"agency": agencies}),
        done=request.args.get("done"),
    )


_END = ("list_sessions", "delete_session")


@sessions.get("/administration/sessions/<uuid:session_id>/end", calls=_END, needs=_END)
def end_form(visit: Visit, session_id: UUID) -> Any:
    """Show a session before it ends."""
    found = visit.call("list_sessions", query={"id": session_id}).document["items"]
    if not found:
        raise NotFound
    return visit.render("administration/end_session.html", ending=found[0])


@sessions.post("/administration/sessions/<uuid:session_id>/end", calls=_END, needs=_END)
def end(visit: Visit, session_id: UUID) -> Any:
    """End a session."""
    visit.call("delete_session", path={"session_id": session_id})
    return redirect_to("pages-sessions.list_page", done="ended")
