"""The home page: what is yours, what waits for you, and how good your records are."""

from typing import Any

from catalogue.web.pages import Pages, Visit

home_pages = Pages("home")


@home_pages.get("/", calls=("list_systems",))
def home(visit: Visit) -> Any:
    """The home page."""
    return visit.render("home/home.html")
