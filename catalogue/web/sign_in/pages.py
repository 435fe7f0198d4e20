"""Signing in and out."""

from typing import Any

from catalogue.web.pages import Pages, Visit

sign_in_pages = Pages("sign-in")


@sign_in_pages.get("/sign-in", public=True)
def sign_in(visit: Visit) -> Any:
    """The choice of an agency's sign-in."""
    return visit.render("sign_in/sign_in.html")


@sign_in_pages.post("/sign-out")
def sign_out(visit: Visit) -> Any:
    """Sign out."""
    raise NotImplementedError
