"""Lists of records as pages: filters, sorting and the next page, all by the API's own parameters.

The address of a list is its saved search, since each filter has the API's name there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import url_for
from werkzeug.datastructures import MultiDict

from catalogue.web.api_calls import Refused
from catalogue.web.pages import Visit
from catalogue.web.wording import value_label

ROWS = 25
"""The rows of a page."""
COUNTED = 1_000
"""The most records that a list counts. Counting all that an agency can see takes longer than
reading the page."""

Choices = tuple[tuple[str, str], ...]

YES_NO: Choices = (("true", "Yes"), ("false", "No"))


def choices_of(values: Iterable[str]) -> Choices:
    """Return the values of an enumeration with their words."""
    return tuple((str(value), value_label(value)) for value in values)


@dataclass(frozen=True)
class Filter:
    """A filter of a list: a text, or one of some choices."""

    name: str
    label: str
    choices: Choices = ()
    more: bool = False
    """True for a filter that is folded away at first."""


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
    filters: tuple[Filter, ...]
    chosen: dict[str, str]
    headings: dict[str, SortLink]
    next_href: str | None
    first_href: str | None
    clear_href: str
    errors: list[str]
    sort: str | None


@dataclass(frozen=True)
class ListPage:
    """The declaration of a list as a page."""

    operation: str
    endpoint: str
    filters: tuple[Filter, ...]
    sorts: dict[str, str]
    """The labels of the columns that sort the list."""
    query: Mapping[str, Any] | None = None
    """Parameters that are always sent."""

    def read(
        self,
        visit: Visit,
        arguments: MultiDict[str, str],
        choices: Mapping[str, Choices] | None = None,
    ) -> Listed:
        """Read a page of the list. A filter that the API refuses is named, and no row is shown.

        `choices` has those of filters that depend on the records.
        """
        known = {declared.name for declared in self.filters}
        chosen = {name: arguments[name] for name in arguments if name in known and arguments[name]}
        sort = arguments.get("sort") or None
        query = (
            dict(self.query or {}) | chosen | {"sort": sort, "limit": ROWS, "total_limit": COUNTED}
        )
        cursor = arguments.get("cursor") or None
        errors: list[str] = []
        try:
            found = visit.call(self.operation, query=query | {"cursor": cursor}).document
        except Refused as refusal:
            if refusal.status != 400:
                raise
            errors = [self._explain(e["pointer"]) for e in refusal.problem.get("errors", ())]
            found = {"items": [], "page": {"total": None, "next_cursor": None}}
        page = found["page"]
        shown = {**chosen, "sort": sort} if sort else chosen
        after = page.get("next_cursor")
        return Listed(
            items=found["items"],
            total=page.get("total"),
            has_more_than_total=page.get("has_more_than_total", False),
            filters=tuple(
                replace(f, choices=(choices or {}).get(f.name, f.choices)) for f in self.filters
            ),
            chosen=chosen,
            headings={name: self._heading(name, sort, chosen) for name in self.sorts},
            next_href=self._address({**shown, "cursor": after}) if after else None,
            first_href=self._address(shown) if cursor else None,
            clear_href=self._address({}),
            errors=errors,
            sort=sort,
        )

    def _explain(self, pointer: str) -> str:
        """Explain that the API refuses a parameter, in the words of the page."""
        for each in self.filters:
            if pointer.removeprefix("?") == each.name:
                return f"The filter “{each.label}” cannot have this value. Change it, or clear it."
        return "This link is out of date. Clear the filters to begin again."

    def _heading(self, name: str, sort: str | None, chosen: dict[str, str]) -> SortLink:
        direction = {name: "ascending", f"-{name}": "descending"}.get(sort or "", "none")
        target = f"-{name}" if direction == "ascending" else name
        return SortLink(self.sorts[name], self._address({**chosen, "sort": target}), direction)

    def _address(self, parameters: Mapping[str, Any]) -> str:
        return url_for(self.endpoint, **parameters)
