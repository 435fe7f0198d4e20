"""The sign-in of the demonstration, as a person does it."""

import re

from playwright.sync_api import Page, expect

from catalogue.demonstration.banner import ROLES

NAMES = {role.key: role.name for role in ROLES}


def sign_in(page: Page, role: str) -> None:
    """Sign in as one of the demonstration's roles, and wait for the page that follows."""
    page.goto("/sign-in")
    page.get_by_label(NAMES[role]).check()
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert not re.search("/sign-in", page.url)
