"""The home page: what waits for you, how good your records are, and what changed."""

from dataclasses import dataclass
from typing import Any

from flask import url_for

from catalogue.web.lists import LIST_PAGES
from catalogue.web.pages import Pages, Visit

home_pages = Pages("home")

_EVENTS = 12


@dataclass(frozen=True)
class Tile:
    """A number that leads to the records that it counts."""

    text: str
    number: int
    href: str | None
    """The address of the list, or None if there is no page for it."""
    waits: bool = True


_WAITING = {
    "decisions_to_sign": ("decision to sign", "decisions to sign"),
    "systems_to_confirm": ("record to confirm", "records to confirm"),
    "incomplete_systems": ("incomplete record", "incomplete records"),
    "overlaps_to_review": ("overlap to review", "overlaps to review"),
    "notices_due": ("notice due or missed", "notices due or missed"),
    "late_migrations": ("late migration", "late migrations"),
    "blocked_migrations": ("blocked migration", "blocked migrations"),
    "imports_with_rejected_rows": ("import with rejected rows", "imports with rejected rows"),
}


@home_pages.get("/", calls=("get_waiting_work", "list_changes", "list_systems"))
def home(visit: Visit) -> Any:
    """The home page of a person."""
    waiting: list[Tile] = []
    own: list[Tile] = []
    if visit.agency is not None:
        work = visit.call("get_waiting_work").document
        waiting = [
            Tile(words[part["count"] != 1], part["count"], _page_of(part["path"]))
            for name, words in _WAITING.items()
            if (part := work[name]) is not None
        ]
        own = _own_records(visit, work["incomplete_systems"])
    return visit.render("home/home.html", waiting=waiting, own=own, changes=_last_changes(visit))


def _last_changes(visit: Visit) -> list[dict[str, Any]]:
    """Return the last changes of systems, each with the system as it is now."""
    if not visit.can("list_changes") or not visit.can("list_systems"):
        return []
    query = {"kind": "system.created,system.updated", "sort": "-at", "limit": _EVENTS}
    events = visit.call("list_changes", query=query).document["items"]
    named = {"id__in": ",".join({event["resource_id"] for event in events}), "limit": _EVENTS}
    if not events:
        return []
    systems = visit.call("list_systems", query=named | {"fields": "id,name,agency_name"}).document
    by_id = {system["id"]: system for system in systems["items"]}
    latest: dict[str, Any] = {}
    for event in events:
        latest.setdefault(event["resource_id"], event)
    return [
        {"event": event, "system": by_id[identity]}
        for identity, event in latest.items()
        if identity in by_id
    ]


def _own_records(visit: Visit, incomplete: dict[str, Any] | None) -> list[Tile]:
    """Count the systems of the person's agency, and those whose records are complete."""
    if incomplete is None:
        return []
    query = {"agency": visit.agency, "total": "true", "limit": 1, "fields": "id"}
    total = visit.call("list_systems", query=query).document["page"]["total"]
    href = url_for("pages-systems.list_page", agency=visit.agency)
    complete_href = url_for("pages-systems.list_page", agency=visit.agency, completeness__gte=100)
    return [
        Tile("systems", total, href, waits=False),
        Tile("complete records", max(total - incomplete["count"], 0), complete_href, waits=False),
    ]


def _page_of(path: str) -> str | None:
    """Return the address of the page that shows a list of the API, or None if there is none."""
    place, _, query = path.partition("?")
    endpoint = LIST_PAGES.get(place.removeprefix("/v1/"))
    if endpoint is None:
        return None
    return f"{url_for(endpoint)}?{query}" if query else url_for(endpoint)
