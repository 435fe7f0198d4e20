"""Lists of records as pages: filters, sorting and paging, all by the API's own parameters.

The address of a list is its saved search, since each filter has the API's name there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Response, current_app, request, url_for
from werkzeug.datastructures import MultiDict

from catalogue.core.rest.query import CONTROLS
from catalogue.core.tables.formats import TableFormat
from catalogue.web.api_calls import Refused, find_operation
from catalogue.web.files import send_on
from catalogue.web.filters import Choices, Filter, FilterControl, undeclared
from catalogue.web.pages import Visit

ROWS = 25
"""The rows of a page."""
COUNTED = 1_000
"""The most records that a list counts. Counting all that an agency can see takes longer than
reading the page."""

LIST_PAGES = {
    "contracts": "pages-contracts.list_page",
    "decisions": "pages-decisions.list_page",
    "imports": "pages-imports.list_page",
    "overlaps": "pages-overlaps.list_page",
    "reports/notice-dates": "pages-contracts.notices_page",
    "systems": "pages-systems.list_page",
}
"""The page of each list of the API, by the list's path below /v1. Both have the same filters."""

_FROM = "from"
"""The parameter of a record's address with the address of the list that led to it."""
_EARLIER = "earlier"
"""The parameter with the cursors of earlier pages, because the API has none that lead back."""
_FIRST_PAGE = "-"
_LONGEST_TRAIL = 2_000
_FORMATS = {TableFormat.CSV: "CSV", TableFormat.XLSX: "Excel"}


@dataclass(frozen=True)
class SortLink:
    """The heading of a column that sorts the list."""

    text: str
    href: str
    direction: str
    """The value of `aria-sort`."""


@dataclass(frozen=True)
class Listed:
    """One page of a list, and the links that lead to others."""

    items: list[dict[str, Any]]
    total: int | None
    has_more_than_total: bool
    filters: list[FilterControl]
    chosen: dict[str, list[str]]
    """The values of each filter in use."""
    state: list[tuple[str, str]]
    """The parameters of the API that the address has: the filters, the order and the columns."""
    headings: dict[str, SortLink]
    next_href: str | None
    previous_href: str | None
    first_href: str | None
    """The address of the first page, if the way back to it is too long to keep."""
    clear_href: str
    here: str
    """The address of this page of the list."""
    error_list: list[dict[str, str]]
    columns: tuple[str, ...]
    """The chosen columns, or the usual ones. Empty if the page has columns of its own."""
    offered: Mapping[str, str]
    """The headings of all columns that people can choose."""
    downloads: dict[str, str]
    """The addresses of files with all rows, by their formats in words."""

    @property
    def came_from(self) -> dict[str, str]:
        """The parameter for the addresses of records, so that they lead back to this list."""
        return {} if self.here == self.clear_href else {_FROM: self.here}

    def without(self, *names: str) -> list[tuple[str, str]]:
        """Return the parameters that a form sends beside its own controls of these names."""
        return [(name, value) for name, value in self.state if name not in names]

    @property
    def beside_filters(self) -> list[tuple[str, str]]:
        """The parameters that the form of the filters sends on."""
        return self.without(*self.chosen)


@dataclass(frozen=True)
class ListPage:
    """The declaration of a list as a page."""

    operation: str
    endpoint: str
    filters: tuple[Filter, ...]
    sorts: Mapping[str, str]
    """The labels of the columns that sort the list."""
    offered: Mapping[str, str] = field(default_factory=dict)
    """The headings of the columns that people can choose beside the first, by their fields."""
    usual: tuple[str, ...] = ()
    """The columns of `offered` that a list has if nobody chose any."""
    always: tuple[str, ...] = ()
    """The fields that a list with `offered` reads whatever its columns are."""
    download_endpoint: str | None = None

    def read(
        self,
        visit: Visit,
        arguments: MultiDict[str, str],
        choices: Mapping[str, Choices] | None = None,
    ) -> Listed:
        """Read a page of the list. A filter that the API refuses is named, and no row is shown.

        `choices` has those of filters that depend on the records.
        """
        controls = self._read_filters(arguments, choices or {})
        chosen = _sent(controls)
        query = self._query(arguments, chosen)
        sort, cursor = query.get("sort"), arguments.get("cursor") or None
        state = [(n, v) for n, values in query.items() for v in _each(values)]
        columns = tuple(query["fields"].split(",")) if "fields" in query else self.usual
        page = {"limit": ROWS, "total_limit": COUNTED, "cursor": cursor}
        if columns:
            page["fields"] = ",".join((*self.always, *columns))
        error_list: list[dict[str, str]] = []
        try:
            found = visit.call(self.operation, query=query | page).document
        except Refused as refusal:
            if refusal.status != 400:
                raise
            error_list = _note_refusals(refusal, controls)
            found = {"items": [], "page": {"total": None, "next_cursor": None}}
        trail = arguments.get(_EARLIER, "")
        after = found["page"].get("next_cursor")
        back, earlier = _step_back(trail)
        here = [*state, *((n, v) for n, v in (("cursor", cursor), (_EARLIER, trail)) if v)]
        return Listed(
            items=found["items"],
            total=found["page"].get("total"),
            has_more_than_total=found["page"].get("has_more_than_total", False),
            filters=controls,
            chosen=chosen,
            state=state,
            headings={
                name: self._heading(name, sort, query)
                for name in self.sorts
                if name in columns or name not in self.offered
            },
            next_href=self._page(query, after, _step_on(trail, cursor)) if after else None,
            previous_href=self._page(query, back, earlier) if back else None,
            first_href=self._page(query) if cursor and not back else None,
            clear_href=url_for(self.endpoint),
            here=self.address(here),
            error_list=error_list,
            columns=columns,
            offered=self.offered,
            downloads=self._downloads(query) if not error_list else {},
        )

    def download(self, visit: Visit, arguments: MultiDict[str, str]) -> Response:
        """Send the whole list as a file, with the chosen columns or else with every field."""
        query = self._query(arguments, self.filters_in(arguments))
        if "fields" in query:
            query["fields"] = f"{self.always[0]},{query['fields']}"
        chosen_format = arguments.get("format") or TableFormat.CSV
        return send_on(visit.call(self.operation, query=query | {"format": chosen_format}))

    def filters_in(self, arguments: MultiDict[str, str]) -> dict[str, list[str]]:
        """Return the filters of an address, as parameters of the API."""
        return _sent(self._read_filters(arguments, {}))

    def parameters(self, arguments: MultiDict[str, str]) -> dict[str, Any]:
        """Return the parameters of an address of the list, without those that the list lacks."""
        place = {name: arguments[name] for name in ("cursor", _EARLIER) if arguments.get(name)}
        return self._query(arguments, self.filters_in(arguments)) | place

    def _query(
        self, arguments: MultiDict[str, str], chosen: Mapping[str, list[str]]
    ) -> dict[str, Any]:
        """Return the parameters of the API that the address stands for, apart from the page."""
        query: dict[str, Any] = dict(chosen)
        if sort := arguments.get("sort"):
            query["sort"] = sort
        named = ",".join(arguments.getlist("fields")).split(",")
        columns = tuple(name for name in self.offered if name in named)
        if columns and columns != self.usual:
            query["fields"] = ",".join(columns)
        return query

    def _downloads(self, query: Mapping[str, Any]) -> dict[str, str]:
        if self.download_endpoint is None:
            return {}
        return {
            words: url_for(self.download_endpoint, **query, format=table_format.value)
            for table_format, words in _FORMATS.items()
        }

    def address(self, state: list[tuple[str, str]]) -> str:
        """Return the address of the list with these parameters."""
        return url_for(self.endpoint) + (f"?{urlencode(state)}" if state else "")

    def _read_filters(
        self, arguments: MultiDict[str, str], choices: Mapping[str, Choices]
    ) -> list[FilterControl]:
        """Read the filters that the page offers, and all others of the API that the address has."""
        offered = {declared.name for declared in self.filters}
        others = [undeclared(name) for name in self._known(arguments) if name not in offered]
        controls = [
            FilterControl(each, choices.get(each.name, each.choices))
            for each in (*self.filters, *others)
        ]
        for control in controls:
            control.read(arguments)
        return controls

    def _known(self, arguments: MultiDict[str, str]) -> list[str]:
        """Return the names of the API's filters in the address."""
        resource = find_operation(current_app, self.operation).list_of
        if resource is None:
            raise TypeError(f"{self.operation} is no list.")
        names = set(resource.list_parameters.names).difference(CONTROLS)
        keys = f"{resource.map_keys.field}." if resource.map_keys else "\n"
        return [name for name in arguments if name in names or name.startswith(keys)]

    def _heading(self, name: str, sort: str | None, query: dict[str, Any]) -> SortLink:
        direction = {name: "ascending", f"-{name}": "descending"}.get(sort or "", "none")
        target = f"-{name}" if direction == "ascending" else name
        return SortLink(self.sorts[name], self._page(query | {"sort": target}), direction)

    def _page(
        self, query: Mapping[str, Any], cursor: str | None = None, earlier: str | None = None
    ) -> str:
        place: dict[str, Any] = {"cursor": None if cursor == _FIRST_PAGE else cursor}
        return url_for(self.endpoint, **query, **place, earlier=earlier or None)


def _sent(controls: list[FilterControl]) -> dict[str, list[str]]:
    return {control.declared.name: control.sent for control in controls if control.sent}


def _each(values: str | list[str]) -> list[str]:
    return [values] if isinstance(values, str) else values


def _step_on(trail: str, cursor: str | None) -> str:
    """Return the cursors that lead back from the next page: this page's is the last of them.

    Addresses have a limit, so the oldest cursors are dropped.
    """
    steps = [*filter(None, trail.split(".")), cursor or _FIRST_PAGE]
    while len(".".join(steps)) > _LONGEST_TRAIL:
        del steps[0]
    return ".".join(steps)


def _step_back(trail: str) -> tuple[str | None, str]:
    """Return the cursor of the previous page, or None if it is not known, and those before it."""
    earlier, _, back = trail.rpartition(".")
    return back or None, earlier


def _note_refusals(refusal: Refused, controls: list[FilterControl]) -> list[dict[str, str]]:
    """Put the errors of the API beside their filters. Return all errors for the summary."""
    by_pointer = {f"?{control.declared.name}": control for control in controls}
    others = False
    for error in refusal.problem.get("errors", ()):
        control = by_pointer.get(error["pointer"])
        if control is None:
            others = True
        else:
            control.note_refusal()
    texts = [{"text": c.error, "href": f"#{c.first_id}"} for c in controls if c.error]
    out_of_date = "This link is out of date. Clear the filters to begin again."
    return [*texts, {"text": out_of_date}] if others or not texts else texts


def back_to_list(link: dict[str, str]) -> dict[str, str]:
    """Return the link back from a record: to the list that led to it, if that is in the address.

    Only the addresses of lists of this site count.
    """
    address = request.args.get(_FROM, "")
    places = {url_for(endpoint) for endpoint in LIST_PAGES.values()}
    if address.partition("?")[0] in places and "#" not in address:
        return {"text": "Back to the list", "href": address}
    return link
