"""The start page of administrators."""

from typing import Any

from catalogue.web.pages import Pages, Visit

administration = Pages("administration")


@administration.get(
    "/administration",
    calls=("list_identity_providers", "list_sessions", "list_agencies"),
    needs=("list_sessions",),
)
def overview_page(visit: Visit) -> Any:
    """The links to everything that an administrator maintains."""
    return visit.render("administration/overview.html")
