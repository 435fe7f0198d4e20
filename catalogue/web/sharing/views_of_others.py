"""Pages that show an agency its own systems as another agency sees them."""

from typing import Any
from uuid import UUID

from flask import request, url_for

from catalogue.web.agency_names import agency_choices, read_agency_names
from catalogue.web.pages import Pages, Visit
from catalogue.web.sharing.effects import fields_of
from catalogue.web.systems.sections import SECTIONS

views_of_others = Pages("views-of-others")


@views_of_others.get(
    "/sharing/as-another-agency",
    calls=("count_visible_systems", "list_agencies"),
    needs=("count_visible_systems",),
)
def list_page(visit: Visit) -> Any:
    """Show what another agency sees of all the agency's systems, by disclosure."""
    names = read_agency_names(visit)
    chosen = request.args.get("agency") or ""
    groups: list[dict[str, Any]] = []
    if chosen in names and visit.agency is not None:
        query = {"agency": chosen}
        groups = visit.call("count_visible_systems", query=query).document["items"]
    return visit.render(
        "sharing/as_another_agency.html",
        groups=[
            group
            | {
                "href": url_for(
                    "pages-systems.list_page", agency=visit.agency, disclosure=group["disclosure"]
                )
            }
            for group in groups
        ],
        **_shared_values(visit, names, chosen),
    )


@views_of_others.get(
    "/systems/<uuid:system_id>/as-another-agency",
    calls=("get_system", "get_system_visibility", "list_agencies"),
    needs=("get_system_visibility",),
)
def record_page(visit: Visit, system_id: UUID) -> Any:
    """Show one of the agency's systems as another agency sees it."""
    path = {"system_id": system_id}
    system = visit.call("get_system", path=path).document
    if system["agency"] != visit.agency:
        return visit.render("errors/not_your_record.html", status=403)
    names = read_agency_names(visit)
    chosen = request.args.get("agency") or ""
    sight = None
    if chosen in names:
        query = {"agency": chosen}
        sight = visit.call("get_system_visibility", path=path, query=query).document
    return visit.render(
        "sharing/system_as_another_agency.html",
        system=system,
        sections=SECTIONS,
        sight=sight,
        **_shared_values(visit, names, chosen),
    )


def _shared_values(visit: Visit, names: dict[str, str], chosen: str) -> dict[str, Any]:
    choices = [each for each in agency_choices(visit, names) if each[0] != visit.agency]
    return {
        "names": names,
        "choices": choices,
        "chosen": chosen if chosen in names else "",
        "fields_of": fields_of,
    }
