"""A decision on its way: drafted from an option, proposed, and signed by keyboard alone."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import checks
from tests.browser.conftest import Visitors
from tests.browser.splits import fill_in_split, undo_split

MOST_TABS = 100
TITLE = "One evidence store for all"


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if target.evaluate("(element) => element === document.activeElement"):
            return
    pytest.fail(f"Tab does not reach {target}")


def press(page: Page, role: str, name: str) -> None:
    """Go to a link or a button by Tab, and press Enter."""
    tab_to(page, page.get_by_role(role, name=name, exact=True))  # type: ignore[arg-type]
    page.keyboard.press("Enter")


def check_page(page: Page) -> None:
    """Fail if a page that only a form leads to has a barrier."""
    wrong = checks.find_errors(page.content()) + checks.find_mistakes(page)
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        wrong += checks.find_barriers(page) + checks.find_too_wide(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    assert wrong == []


@pytest.fixture
def proposed(signed_in: Visitors) -> str:
    """The address of a decision that the board drafted from an option and proposed."""
    page = signed_in("board").page
    page.goto("/overlaps?status=confirmed")
    page.get_by_role("link", name="Forensics & digital evidence").click()
    page.get_by_role("link", name="Draft a decision").first.click()
    page.get_by_label("Title").fill(TITLE)
    page.get_by_label("Rationale").fill("Prosecutors ask for one way to receive evidence.")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("The draft is saved.")).to_be_visible()
    page.get_by_role("button", name="Propose the decision").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check before you propose")
    check_page(page)
    page.get_by_role("button", name="Propose the decision").click()
    expect(page.get_by_text("The decision is proposed.")).to_be_visible()
    return page.url.partition("?")[0]


def test_decision_is_signed_by_keyboard_alone(signed_in: Visitors, proposed: str) -> None:
    page = signed_in("manager").page
    page.goto("/")
    press(page, "link", "Decisions")
    expect(page.get_by_role("heading", name="Waiting for your agency")).to_be_visible()
    tab_to(page, page.get_by_role("link", name=TITLE).first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    assert page.url == proposed
    press(page, "button", "Continue")
    summary = page.locator(".govuk-error-summary")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("Choose whether your agency agrees")
    check_page(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Agree")).to_be_focused()
    page.keyboard.press("Space")
    tab_to(page, page.get_by_label("Your role"))
    page.keyboard.type("Head of ICT")
    tab_to(page, page.get_by_label("Comment"))
    page.keyboard.type("After a trial.")
    press(page, "button", "Continue")
    expect(page.get_by_role("heading", level=1)).to_have_text("Check before you agree")
    check_page(page)
    press(page, "button", "Agree for Bedfordshire Police")
    expect(page.get_by_text("Your agency has agreed to this decision.")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="After a trial.")
    expect(row).to_contain_text("Bedfordshire Police")
    expect(row).to_contain_text("Head of ICT")
    expect(row).to_contain_text("Agreed")


def test_review_and_withdrawal_are_checked_on_accessible_pages(signed_in: Visitors) -> None:
    page = signed_in("board").page
    page.goto("/overlaps?status=candidate&agencies=cambridgeshire-police")
    page.get_by_role("table").get_by_role("rowheader").get_by_role("link").first.click()
    page.get_by_role("button", name="Review this overlap").click()
    page.get_by_label("Yes, they overlap").check()
    page.get_by_label("Reason").fill("They are one product.")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your review")
    check_page(page)


def test_split_of_an_overlap_is_checked_and_undone_on_accessible_pages(signed_in: Visitors) -> None:
    page = signed_in("board").page
    fill_in_split(page)
    check_page(page)
    page.get_by_role("button", name="Change your answer").click()
    expect(page.get_by_role("checkbox").first).to_be_checked()
    check_page(page)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Split the overlap").click()
    expect(page.get_by_text("The overlaps are changed.")).to_be_visible()
    check_page(page)
    page.get_by_role("button", name="Undo the split").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check before you undo the change")
    check_page(page)
    page.go_back()
    undo_split(page)
