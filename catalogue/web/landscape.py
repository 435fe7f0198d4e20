"""The landscape: how many systems each agency has for each capability."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from catalogue.systems.vocabulary import Lifecycle
from catalogue.web.filters import choices_of
from catalogue.web.pages import Pages, Visit

landscape_pages = Pages("landscape")

_IN_USE = Lifecycle.LIVE
_DARKEST = 3


@dataclass(frozen=True)
class Cell:
    """The number of systems of an agency for a capability, and the list of them."""

    count: int
    href: str

    @property
    def shade(self) -> int:
        """The step of the shading, from 1 for one system."""
        return min(self.count, _DARKEST)


@landscape_pages.get(
    "/landscape",
    calls=("count_systems", "list_capabilities", "list_agencies"),
    needs=("count_systems",),
)
def landscape(visit: Visit) -> Any:
    """Show capabilities as rows and agencies as columns. Two systems in a row may be duplicates."""
    lifecycle = request.args.get("lifecycle", _IN_USE)
    known = dict(choices_of(Lifecycle))
    query = {"by": ["capabilities", "agency"]}
    if lifecycle in known:
        query["lifecycle"] = [lifecycle]
    cells: dict[str, dict[str, Cell]] = {}
    for group in visit.call("count_systems", query=query).document["items"]:
        capability, agency = group["values"]["capabilities"], group["values"]["agency"]
        if capability is not None and agency is not None:
            href = url_for(
                "pages-systems.list_page",
                capabilities=capability,
                agency=agency,
                lifecycle=lifecycle if lifecycle in known else None,
            )
            cells.setdefault(capability, {})[agency] = Cell(group["count"], href)
    agencies = sorted({code for row in cells.values() for code in row})
    return visit.render(
        "landscape.html",
        rows=sorted(cells.items()),
        agencies=agencies,
        agency_names=_names(visit, "list_agencies", agencies),
        capability_names=_names(visit, "list_capabilities", sorted(cells)),
        lifecycles=choices_of(Lifecycle),
        lifecycle=lifecycle,
    )


def _names(visit: Visit, operation: str, codes: list[str]) -> dict[str, str]:
    """Return the names of agencies or capabilities by their codes, if the person can see them."""
    query = {"code__in": ",".join(codes), "fields": "code,name", "limit": 200}
    found = visit.items(operation, query=query) if codes else []
    return {each["code"]: each["name"] for each in found or []}
