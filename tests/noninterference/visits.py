"""Visits of a signed-in person to pages: every page that shows something, and every record."""

import html
import re
from collections.abc import Callable, Iterator
from itertools import cycle, islice, product
from typing import Any

from catalogue.web.administration import agencies, identity_providers
from catalogue.web.contracts import pages as contracts
from catalogue.web.overlaps import pages as overlaps
from catalogue.web.pages import Page
from catalogue.web.site import all_pages
from catalogue.web.systems import pages as systems
from tests.api.surface import APP, BY_NAME, Op
from tests.noninterference.pair import Pair
from tests.noninterference.parameters import UNKNOWN, Fill, Parameters, Uncovered
from tests.noninterference.records import HIDDEN, VISITOR
from tests.noninterference.requests import some
from tests.noninterference.worlds import Answer, Request

PAGES = {p.rule: p for p in all_pages(APP) if p.method == "GET" and not p.public}
"""Every page that shows something to a person who has signed in, by its address."""

_SECTIONS = {
    f"{editing.rule}/edit/<section>": [section.key for section in editing.sections]
    for editing in (
        systems.EDITING,
        contracts.EDITING,
        agencies.EDITING,
        identity_providers.EDITING,
    )
}
SOURCES: dict[str, Callable[[Page], list[str]]] = {
    "section": lambda page: _SECTIONS.get(page.rule, []),
    "retained": lambda _page: [overlaps.ALL_STAY],
}
"""Sources of the parts of addresses that are no ids of records."""

_VIEWS = frozenset({"get_system_visibility", "count_visible_systems"})
"""The operations of pages for owners, which show what a chosen agency sees."""

_PART = re.compile(r"<(?:\w+:)?(\w+)>")
_NEXT = re.compile(r'href="(/[^"]*[?;](?:cursor|after)=[^"]*)"')
_MOST_PAGES = 2


def addresses(page: Page, parameters: Parameters, *, thorough: bool) -> Iterator[tuple[str, Fill]]:
    """Yield addresses of a page, each with the ids of records in it.

    The last ids are unknown. A plain run visits some records, and a thorough one all.
    """
    names = _PART.findall(page.rule)
    others = [name for name in names if name in SOURCES]
    fills = _fills(page, frozenset(names) - set(others), parameters)
    options = [SOURCES[name](page) for name in others]
    if not all(options):
        raise Uncovered(f"{page.rule}: no values are known for a part of the address. Add some.")
    combined = [*product(*options)]
    is_view = not _VIEWS.isdisjoint(page.calls)
    query = f"?agency={HIDDEN}" if is_view else ""
    # Forms are shown only for the person's own records, so the plain run tries every record.
    is_own = is_view or "costs" in page.rule or any(BY_NAME[n].kernel.writes for n in page.needs)
    visited = fills if others or is_own else some(fills)
    pairs = product(fills, combined) if thorough else _together(visited, combined)
    for fill, texts in pairs:
        parts = fill | dict(zip(others, texts, strict=True))
        if page.rule.endswith("/interfaces/new"):
            # The form is for two systems, and the address has the second as a parameter.
            query = f"?other={parts['system_id']}"
        yield _address(page, parts) + query, fill
    if not names:
        # The field for words is the same on all lists, and other pages ignore it.
        yield from ((f"{page.rule}?q={word}", {}) for word in parameters.words[:1])


def _address(page: Page, parts: Fill) -> str:
    return _PART.sub(lambda found: parts[found[1]], page.rule)


def _together(fills: list[Fill], combined: list[Any]) -> Iterator[tuple[Fill, Any]]:
    """Yield each of both at least once, and no more pairs than that takes."""
    pairs = zip(cycle(fills), cycle(combined), strict=False)
    return islice(pairs, max(len(fills), len(combined)))


def _fills(page: Page, names: frozenset[str], parameters: Parameters) -> list[Fill]:
    if not names:
        return [{}]
    op = find_operation_of_record(page, names)
    if op is not None:
        return parameters.fills(op)
    # A record with an id of its own, below the record that it belongs to.
    parts = [find_operation_of_record(page, frozenset({name})) for name in sorted(names)]
    if None in parts or len(parts) < 2:
        raise Uncovered(f"{page.rule}: the page calls no operation with these ids in its path.")
    ways = product(*(parameters.fills(part) for part in parts if part))
    return [{name: text for fill in way for name, text in fill.items()} for way in ways]


def find_operation_of_record(page: Page, names: frozenset[str]) -> Op | None:
    """Return the operation that the page calls with the ids of its address."""
    called = [BY_NAME[name] for name in page.calls]
    return next((op for op in called if set(op.parameter_names("path")) == names), None)


def visit(pair: Pair, address: str, *, is_file: bool) -> Answer:
    """Open a page in both worlds, and then the pages that its link to further rows leads to."""
    first = answer = pair.ask(Request.of(VISITOR.name, address))
    for _ in range(_MOST_PAGES):
        found = None if is_file else _NEXT.search(answer.text)
        if found is None:
            break
        answer = pair.ask(Request.of(VISITOR.name, html.unescape(found[1])))
    return first


def visit_unknown(pair: Pair, page: Page, fill: Fill, hidden: list[str]) -> Answer | None:
    """Open the page of a hidden record with an id that does not exist in place of its own."""
    if set(_PART.findall(page.rule)) != set(fill):
        return None
    parts = {name: UNKNOWN if text in hidden else text for name, text in fill.items()}
    return visit(pair, _address(page, parts), is_file=page.sends_file)


def visit_all(
    pair: Pair, page: Page, parameters: Parameters, *, thorough: bool
) -> Iterator[tuple[Answer, Fill]]:
    """Open a page at each of its addresses in both worlds. Yield the answer, and the ids."""
    for address, fill in addresses(page, parameters, thorough=thorough):
        yield visit(pair, address, is_file=page.sends_file), fill
