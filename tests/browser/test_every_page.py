"""Every page is accessible, valid, complete and fit for narrow screens."""

import shutil
from collections.abc import Callable

import pytest
from playwright.sync_api import StorageState

from catalogue.web.pages import Page
from tests.browser import checks
from tests.browser.addresses import PAGES, Walk
from tests.browser.conftest import Doors, Visitors
from tests.browser.records import record_provider
from tests.browser.splits import split, undo_split
from tests.browser.spreadsheets import try_and_load

ROLES = ("manager", "board", "finance", "fire", "administrator")
WIDTHS = (1280, 320)
CONFIRMED = "/overlaps?status=confirmed"
"""The few overlaps of the demonstration that a decision can be drafted on."""
WITH_RECORDS = {
    "manager": ("/systems?q=iTrent&agency=bedfordshire-police",),
    "fire": ("/systems?q=Vision&agency=hertfordshire-fire",),
}
"""Lists of the few systems of the demonstration that have costs, interfaces or uses."""
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.rule)
each_width = pytest.mark.parametrize("width", WIDTHS)


@pytest.fixture(scope="package")
def walk(open_site: Doors, cookies: Callable[[str], StorageState]) -> Walk:
    """Walk through the site in each role, until every page is found."""
    walk = Walk({}, set())
    with open_site() as visitor:
        walk.follow_links(visitor.page, None, "/", "/sign-in", "/signed-out")
    with open_site(storage=cookies("manager")) as visitor:
        try_and_load(visitor.page)
    with open_site(storage=cookies("administrator")) as visitor:
        record_provider(visitor.page)
    with open_site(storage=cookies("board")) as visitor:
        split(visitor.page)
        undo_split(visitor.page)
    for role in ROLES:
        if not walk.missing():
            break
        with open_site(storage=cookies(role)) as visitor:
            walk.follow_links(visitor.page, role, *WITH_RECORDS.get(role, ()), "/", CONFIRMED)
    return walk


def test_links_lead_to_every_page(walk: Walk) -> None:
    assert [page.rule for page in walk.missing()] == []


def test_no_link_leads_nowhere(walk: Walk) -> None:
    assert sorted(walk.dead_links) == []


def test_html_is_valid(walk: Walk, tmp_path) -> None:
    wrong, files = [], []
    for number, (rule, found) in enumerate(walk.found.items()):
        wrong += [f"{rule}: {error}" for error in checks.find_errors(found.html)]
        files.append(tmp_path / f"{number}{rule.replace('/', '.').replace(':', ' ')}.html")
        files[-1].write_text(found.html)
    # Java finds more, for example a wrong date in `datetime`. Not every machine has it.
    java = shutil.which("java")
    if java:
        canary = tmp_path / "canary.html"
        canary.write_text('<!DOCTYPE html><html lang="en"><title>x</title><time>x</time>')
        invalid = checks.find_invalid([*files, canary], java)
        assert [error for error in invalid if error.startswith(canary.name)], "it finds nothing"
        wrong += [error for error in invalid if not error.startswith(canary.name)]
    assert wrong == []


@each_width
@each_page
def test_page_is_accessible_and_fits(
    page: Page, width: int, walk: Walk, visitor: Visitors, signed_in: Visitors
) -> None:
    if page.rule not in walk.found:
        pytest.fail("no link leads to this page")
    found = walk.found[page.rule]
    here = signed_in(found.role, width=width) if found.role else visitor(width=width)
    here.page.goto(found.address)
    wrong = [f"too wide: {each}" for each in checks.find_too_wide(here.page)]
    wrong += checks.find_barriers(here.page) + checks.find_mistakes(here.page)
    assert wrong == []
