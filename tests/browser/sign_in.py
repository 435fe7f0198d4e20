"""The sign-in of the demonstration, as a person does it."""

from playwright.sync_api import Locator, Page, expect

from catalogue.demonstration.banner import ROLES

NAMES = {role.key: role.name for role in ROLES}


def role_button(page: Page, role: str) -> Locator:
    """Return the button that signs in as one of the demonstration's roles."""
    return page.get_by_role("button", name=NAMES[role], exact=True)


def sign_in(page: Page, role: str) -> None:
    """Sign in as one of the demonstration's roles, and wait for the page that follows."""
    page.goto("/sign-in")
    role_button(page, role).click()
    expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_visible()
