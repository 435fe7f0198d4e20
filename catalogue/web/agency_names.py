"""Names of agencies. Overlaps and decisions have only their codes."""

from collections.abc import Iterable, Mapping

from catalogue.web.filters import Choices
from catalogue.web.pages import Visit

_MOST = 200


def read_agency_names(visit: Visit) -> dict[str, str]:
    """Map the code of each agency to its name. Return nothing if the person lacks the scope."""
    names: dict[str, str] = {}
    cursor: str | None = None
    while visit.can("list_agencies"):
        query = {"limit": _MOST, "fields": "code,name", "cursor": cursor}
        found = visit.call("list_agencies", query=query).document
        names |= {agency["code"]: agency["name"] for agency in found["items"]}
        cursor = found["page"]["next_cursor"]
        if cursor is None:
            break
    return names


def agency_choices(visit: Visit, names: Mapping[str, str]) -> Choices:
    """Return the agencies as the choices of a filter, the person's own agency first."""
    return tuple(sorted(names.items(), key=lambda each: (each[0] != visit.agency, each[1])))


def name_agencies(codes: Iterable[str], names: Mapping[str, str]) -> str:
    """Return the names of agencies, joined by commas."""
    return ", ".join(names.get(code, code) for code in codes)
