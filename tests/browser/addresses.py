"""Addresses of all pages, found as people find them: by the links from the home page."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Page as Tab

from catalogue.web.pages import Page
from catalogue.web.site import GROUPS

# They send the browser on to an identity provider and back, and show nothing.
_ON_THE_WAY = {"/sign-in/<key>", "/sign-in/<key>/callback"}
PAGES: list[Page] = [
    page
    for group in GROUPS
    for page in group.pages
    if page.method == "GET" and page.rule not in _ON_THE_WAY and not page.sends_file
]
_PARTS = {"uuid": r"[0-9a-f-]{36}", "int": r"\d+", "path": r".+"}
MOST_VISITS = 8
# The pages hand these out, and other tests read them.
_ELSEWHERE = re.compile(r"/(v1|docs|static|health|\.well-known)(/|$)")


def _pattern(rule: str) -> re.Pattern[str]:
    part = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>")
    parts = part.split(rule)
    expression = re.escape(parts[0])
    for converter, text in zip(parts[1::2], parts[2::2], strict=True):
        expression += _PARTS.get(converter or "", r"[^/]+") + re.escape(text)
    return re.compile(expression)


# Rules without parts first, because `/systems/new` is not a record.
_FILES = [_pattern(page.rule) for group in GROUPS for page in group.pages if page.sends_file]
_PATTERNS = [(_pattern(page.rule), page) for page in sorted(PAGES, key=lambda p: "<" in p.rule)]


def page_at(path: str) -> Page | None:
    """Return the page that an address leads to."""
    return next((page for pattern, page in _PATTERNS if pattern.fullmatch(path)), None)


def _page_of(address: str) -> Page:
    page = page_at(urlsplit(address).path)
    assert page is not None, address
    return page


@dataclass(frozen=True)
class Found:
    """A page that a role found, as the server sent it."""

    address: str
    role: str | None
    html: str


@dataclass
class Walk:
    """Walks through the site, each of which visits one address of each page."""

    found: dict[str, Found]
    """The pages by their rules."""
    dead_links: set[str]
    """Links of the site that lead to no page, with the address that holds each."""

    def missing(self) -> list[Page]:
        """Return the pages that no walk has found."""
        return [page for page in PAGES if page.rule not in self.found]

    def follow_links(self, tab: Tab, role: str | None, *starts: str) -> None:
        """Visit pages that this role finds by links from some addresses, until none is missing.

        Each page is visited at several addresses. The first system of a list can belong to another
        agency, and then lacks the link to its form.
        """
        seen, waiting, visits = set(starts), list(starts), Counter[str]()
        while waiting and self.missing():
            address = min(waiting, key=lambda each: visits[_page_of(each).rule])
            waiting.remove(address)
            page = _page_of(address)
            visits[page.rule] += 1
            if visits[page.rule] > MOST_VISITS:
                continue
            response = tab.goto(address)
            if response is None or response.status != 200 or _page_of(tab.url) != page:
                continue
            self.found.setdefault(page.rule, Found(address, role, response.text()))
            waiting += [link for link in self._links(tab, address) if link not in seen]
            seen.update(waiting)

    def _links(self, tab: Tab, address: str) -> Iterator[str]:
        """List the pages that a page links to, and note the links that lead nowhere."""
        links: list[str] = tab.evaluate(
            "[...new Set([...document.querySelectorAll('a[href]')].map((each) => each.href))]"
        )
        home = urlsplit(tab.url)
        for link in links:
            parts = urlsplit(link)
            if parts.netloc != home.netloc:
                continue
            if any(pattern.fullmatch(parts.path) for pattern in _FILES):
                continue
            if page_at(parts.path):
                yield f"{parts.path}?{parts.query}" if parts.query else parts.path
            elif not _ELSEWHERE.match(parts.path):
                self.dead_links.add(f"{address} links to {parts.path}")
