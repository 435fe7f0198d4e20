"""The links below the header of every page."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """A link to a group of pages, which people see who have the scope of an operation."""

    text: str
    endpoint: str
    operation: str


LINKS = (
    Link("Home", "pages-home.home", "list_systems"),
    Link("Systems", "pages-systems.list_page", "list_systems"),
    Link("Overlaps", "pages-overlaps.list_page", "list_overlaps"),
    Link("Decisions", "pages-decisions.list_page", "list_decisions"),
    Link("Contracts", "pages-contracts.list_page", "list_contracts"),
    Link("Sharing", "pages-sharing.overview_page", "list_agreements"),
    Link("Imports", "pages-imports.list_page", "create_import"),
    Link("Landscape", "pages-landscape.landscape", "count_systems"),
    Link("Portfolio", "pages-portfolio.portfolio", "count_systems"),
    Link("Search", "pages-search.search", "list_systems"),
    Link("Administration", "pages-administration.overview_page", "list_sessions"),
)
