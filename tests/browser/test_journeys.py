"""What people come for, in few steps, and without JavaScript."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitors
from tests.browser.sign_in import role_button

AGENCY = "Bedfordshire Police"


class Journey:
    """A journey that counts its clicks and shows them if a test fails."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks: list[str] = []

    def click(self, target: Locator) -> None:
        """Click, and wait for the page that follows."""
        self.clicks.append(re.sub(r"\s+", " ", target.inner_text()).strip())
        print(f"click {len(self.clicks)}: {self.clicks[-1]}")  # noqa: T201
        target.click()

    def open_own_system(self) -> str:
        """Go from the home page to the first system of the agency, and return its name."""
        self.click(self.page.get_by_role("link", name="Systems", exact=True))
        own = self.page.get_by_role("row").filter(has_text=AGENCY).get_by_role("link").first
        name = own.inner_text()
        self.click(own)
        expect(self.page.get_by_role("heading", level=1)).to_have_text(name)
        return name


@pytest.mark.parametrize("java_script", [True, False])
def test_one_field_is_corrected_in_five_clicks(visitor: Visitors, java_script: bool) -> None:
    page = visitor(java_script=java_script).page
    journey = Journey(page)
    page.goto("/sign-in")
    journey.click(role_button(page, "manager"))
    journey.open_own_system()
    journey.click(page.get_by_role("link", name="Change Description"))
    text = f"Corrected {'with' if java_script else 'without'} JavaScript."
    page.get_by_label("Description").fill(text)
    journey.click(page.get_by_role("button", name="Save"))
    expect(page.get_by_text("Your change is saved.")).to_be_visible()
    expect(page.get_by_text(text)).to_be_visible()
    assert len(journey.clicks) <= 5, journey.clicks


def test_signing_out_leaves_nothing_behind(visitor: Visitors) -> None:
    page = visitor().page
    journey = Journey(page)
    page.goto("/sign-in")
    journey.click(role_button(page, "manager"))
    name = journey.open_own_system()
    journey.click(page.get_by_role("button", name="Sign out"))
    expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
    page.go_back()
    expect(page.get_by_text(name)).to_have_count(0)
