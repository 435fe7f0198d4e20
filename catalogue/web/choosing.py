"""The search for a record that a new record refers to. It comes before the form."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import request

from catalogue.web.api_calls import Refused
from catalogue.web.editing import Record
from catalogue.web.pages import Visit

_SHOWN = 20


def show_choice(
    visit: Visit,
    operation: str,
    *,
    title: str,
    search_label: str,
    caption: str,
    back: Mapping[str, str],
    option: Callable[[Record], Mapping[str, str] | None],
    kept: Mapping[str, str] | None = None,
) -> Any:
    """Show the records of a list whose names have the typed words, each with a link to go on.

    `option` returns the link of a record as `{text, href, hint}`, or None to leave it out. `kept`
    has the parameters that the search keeps in the address.
    """
    sought = request.args.get("q", "").strip()
    try:
        found = visit.call(operation, query={"q": sought or None, "limit": _SHOWN}).document
    except Refused as refusal:
        if refusal.status != 400:
            raise
        found = {"items": [], "page": {"has_more": False}}
    return visit.render(
        "choose.html",
        page_title=title,
        search_label=search_label,
        caption=caption,
        back=back,
        sought=sought,
        kept=kept or {},
        options=[each for each in map(option, found["items"]) if each],
        has_more=found["page"]["has_more"],
    )
