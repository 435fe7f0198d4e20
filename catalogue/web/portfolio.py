"""The portfolio: systems by functional and technical fit, in the fields of the TIME model."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from catalogue.systems.vocabulary import Disposition, Lifecycle
from catalogue.web.agency_names import agency_choices, read_agency_names
from catalogue.web.filters import choices_of
from catalogue.web.pages import Pages, Visit

portfolio_pages = Pages("portfolio")

FITS = ("1", "2", "3", "4")
POOR, GOOD = ("1", "2"), ("3", "4")
_ALL = "all"
_EMPTY, _WITHHELD = "", "withheld"
"""The keys of systems whose fit is not recorded, and of those whose fit is not shared."""

COLUMNS = (*FITS, _EMPTY, _WITHHELD)

Fit = str
Counts = dict[tuple[Fit, Fit], int]


@dataclass(frozen=True)
class Cell:
    """A number of systems, and the address of their list, or None if no filter finds them."""

    count: int
    href: str | None


@dataclass(frozen=True)
class Quadrant:
    """A field of the TIME model: a range of both fits, and what it suggests."""

    suggests: Disposition
    functional: tuple[Fit, Fit]
    technical: tuple[Fit, Fit]


QUADRANTS = (
    Quadrant(Disposition.MIGRATE, GOOD, POOR),
    Quadrant(Disposition.INVEST, GOOD, GOOD),
    Quadrant(Disposition.ELIMINATE, POOR, POOR),
    Quadrant(Disposition.TOLERATE, POOR, GOOD),
)


@portfolio_pages.get(
    "/portfolio", calls=("count_systems", "list_agencies"), needs=("count_systems",)
)
def portfolio(visit: Visit) -> Any:
    """Show how many systems stand in each field, and what their owners intend."""
    names = read_agency_names(visit)
    agency = request.args.get("agency", visit.agency or _ALL)
    lifecycle = request.args.get("lifecycle", Lifecycle.LIVE)
    filters = {
        "agency": agency if agency in names else None,
        "lifecycle": lifecycle if lifecycle in set(Lifecycle) else None,
    }
    counts = _count_by_fit(visit, filters)
    return visit.render(
        "portfolio.html",
        quadrants=[(each, _in_quadrant(each, counts, filters)) for each in QUADRANTS],
        unplaced=sum(n for fits, n in counts.items() if not set(fits) <= set(FITS)),
        rows=[
            (fit, [(other, _cell(counts, filters, fit, other)) for other in COLUMNS])
            for fit in (*reversed(FITS), _EMPTY, _WITHHELD)
        ],
        columns=COLUMNS,
        intended=_count_by_intention(visit, filters),
        agencies=agency_choices(visit, names),
        agency=agency,
        lifecycles=choices_of(Lifecycle),
        lifecycle=lifecycle,
    )


def _count_by_fit(visit: Visit, filters: dict[str, str | None]) -> Counts:
    by = ["functional_fit", "technical_fit"]
    counts: Counts = {}
    for group in visit.call("count_systems", query={"by": by, **filters}).document["items"]:
        functional, technical = (_key(group, name) for name in by)
        counts[functional, technical] = group["count"]
    return counts


def _count_by_intention(visit: Visit, filters: dict[str, str | None]) -> list[tuple[str, Cell]]:
    """Count the systems by what their owners intend, with those that are not known at the end."""
    found = visit.call("count_systems", query={"by": "disposition", **filters}).document["items"]
    counts = {_key(group, "disposition"): group["count"] for group in found}
    return [
        *(
            (each, Cell(counts.get(each, 0), _list_of(filters, disposition=each)))
            for each in Disposition
        ),
        (_EMPTY, Cell(counts.get(_EMPTY, 0), _list_of(filters, disposition__isnull="true"))),
        (_WITHHELD, Cell(counts.get(_WITHHELD, 0), None)),
    ]


def _key(group: dict[str, Any], name: str) -> Fit:
    if name in group["withheld"]:
        return _WITHHELD
    return group["values"][name] or _EMPTY


def _in_quadrant(quadrant: Quadrant, counts: Counts, filters: dict[str, str | None]) -> Cell:
    count = sum(
        counts.get((functional, technical), 0)
        for functional in quadrant.functional
        for technical in quadrant.technical
    )
    within = _within("functional_fit", *quadrant.functional)
    return Cell(count, _list_of(filters, **within, **_within("technical_fit", *quadrant.technical)))


def _cell(counts: Counts, filters: dict[str, str | None], functional: Fit, technical: Fit) -> Cell:
    count = counts.get((functional, technical), 0)
    if _WITHHELD in (functional, technical):
        return Cell(count, None)
    chosen: dict[str, str] = {}
    for name, fit in (("functional_fit", functional), ("technical_fit", technical)):
        chosen |= _within(name, fit, fit) if fit else {f"{name}__isnull": "true"}
    return Cell(count, _list_of(filters, **chosen))


def _within(name: str, least: Fit, most: Fit) -> dict[str, str]:
    return {f"{name}__gte": least, f"{name}__lte": most}


def _list_of(filters: dict[str, str | None], **chosen: str) -> str:
    values: dict[str, Any] = {**filters, **chosen}
    return url_for("pages-systems.list_page", **values)
