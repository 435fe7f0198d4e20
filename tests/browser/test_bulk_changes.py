"""Many systems that a person selects in the list, changes and confirms, also without JavaScript."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitors
from tests.browser.test_decisions import check_page

OWN_LIVE = "/systems?agency=bedfordshire-police&lifecycle=live"


def select_three(page: Page) -> list[str]:
    """Tick the first three systems of the list, and return their names."""
    rows = page.get_by_role("row").filter(has=page.get_by_role("checkbox"))
    names = [rows.nth(place).get_by_role("link").inner_text() for place in range(3)]
    for name in names:
        page.get_by_label(f"Select {name}", exact=True).check()
    return names


@pytest.mark.parametrize("java_script", [True, False])
def test_three_systems_change_together(signed_in: Visitors, java_script: bool) -> None:
    page = signed_in("manager", java_script=java_script).page
    page.goto(OWN_LIVE)
    names = select_three(page)
    page.get_by_role("button", name="Change the selected systems").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Change 3 systems")
    if java_script:
        check_page(page)
    page.get_by_label("Lifecycle").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("Sunsetting")).to_be_visible()
    if java_script:
        check_page(page)
    page.get_by_label("Sunsetting").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check before you change 3 systems")
    for name in names:
        expect(page.get_by_role("row").filter(has_text=name)).to_contain_text("Sunsetting")
    if java_script:
        check_page(page)
    page.get_by_role("button", name="Change 3 systems").click()
    expect(page.get_by_text("You changed 3 systems.")).to_be_visible()
    expect(page.get_by_label(f"Select {names[0]}", exact=True)).to_have_count(0)
    page.goto("/systems?agency=bedfordshire-police&lifecycle=sunsetting&q=" + names[0])
    expect(page.get_by_role("link", name=names[0], exact=True)).to_be_visible()


def test_three_records_are_confirmed_together(signed_in: Visitors) -> None:
    page = signed_in("manager").page
    page.goto("/")
    page.get_by_role("link", name="records to confirm").click()
    names = select_three(page)
    page.get_by_role("button", name="Confirm the selected systems").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm 3 records")
    check_page(page)
    page.get_by_role("button", name="Confirm the ticked records").click()
    expect(page.get_by_text("You confirmed 3 records.")).to_be_visible()
    expect(page.get_by_label(f"Select {names[0]}", exact=True)).to_have_count(0)
