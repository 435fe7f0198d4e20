"""People who use no mouse reach everything, and see where they are."""

import pytest
from playwright.sync_api import expect

from tests.browser import checks
from tests.browser.conftest import Visitors


@pytest.mark.parametrize("width", [1280, 320])
def test_tab_reaches_everything_on_the_list(signed_in: Visitors, width: int) -> None:
    page = signed_in("manager", width=width).page
    page.goto("/systems")
    assert checks.unreached_by_tab(page) == []


def test_first_tab_skips_to_the_content(signed_in: Visitors) -> None:
    page = signed_in("manager").page
    page.goto("/systems")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_focus_moves_to_the_errors_and_from_them_to_the_field(signed_in: Visitors) -> None:
    page = signed_in("manager").page
    page.goto("/systems/new")
    page.get_by_role("main").locator("form button[type=submit], form button").first.press("Enter")
    summary = page.locator(".govuk-error-summary")
    expect(summary).to_be_focused()
    assert page.title().startswith("Error: ")
    page.keyboard.press("Tab")
    target = page.evaluate("document.activeElement.hash")
    page.keyboard.press("Enter")
    expect(page.locator(target)).to_be_focused()
    assert checks.find_barriers(page) == []
    assert checks.find_mistakes(page) == []
