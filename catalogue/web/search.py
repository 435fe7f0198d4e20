"""One search over systems, contracts, products and suppliers."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from catalogue.web.pages import Pages, Visit

search_pages = Pages("search")

_MOST = 10
"""The records of each kind that the page shows."""


@dataclass(frozen=True)
class Found:
    """The first records of one kind, and the number of all."""

    heading: str
    rows: list[dict[str, Any]]
    total: int
    all_href: str | None


_LISTS = (
    # operation, heading, the field that names a record, its page, the parameter, the list
    (
        "list_systems",
        "Systems",
        "name",
        "pages-systems.record_page",
        "system_id",
        "pages-systems.list_page",
    ),
    (
        "list_contracts",
        "Contracts",
        "title",
        "pages-contracts.record_page",
        "contract_id",
        "pages-contracts.list_page",
    ),
    ("list_products", "Products", "name", None, "", None),
    ("list_suppliers", "Suppliers", "name", None, "", None),
)


@search_pages.get("/search", calls=tuple(each[0] for each in _LISTS), needs=("list_systems",))
def search(visit: Visit) -> Any:
    """Show the first records of each kind that a search finds."""
    sought = " ".join(request.args.get("q", "").split())
    found = []
    for operation, heading, name, page, parameter, list_page in _LISTS if sought else ():
        if not visit.can(operation):
            continue
        query = {"q": sought, "limit": _MOST, "total": "true"}
        document = visit.call(operation, query=query).document
        rows = [
            {
                "text": record[name],
                "beside": record.get("agency_name") or record.get("supplier_name") or "",
                "href": url_for(page, **{parameter: record["id"]}) if page else None,
            }
            for record in document["items"]
        ]
        total = document["page"]["total"]
        all_href = url_for(list_page, q=sought) if list_page and total > _MOST else None
        found.append(Found(heading, rows, total, all_href))
    return visit.render("search.html", sought=sought, found=found)
