"""An agreement on its way: proposed by one agency, accepted by both, and ended."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitors
from tests.browser.test_decisions import check_page

TITLE = "Shared front desks"
PARTNER = "Hertfordshire Fire and Rescue Service"


def accept(page: Page, agency: str) -> None:
    """Accept the agreement that the page shows, after the check."""
    page.get_by_label("Your role").fill("Chief of staff")
    page.get_by_role("button", name="Accept the agreement").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check before you accept")
    check_page(page)
    page.get_by_role("button", name=f"Accept for {agency}").click()
    expect(page.get_by_text("Your agency has accepted the agreement.")).to_be_visible()


def test_agreement_is_proposed_by_one_agency_and_accepted_by_the_other(
    signed_in: Visitors,
) -> None:
    lead = signed_in("manager").page
    lead.goto("/")
    lead.get_by_role("link", name="Sharing", exact=True).click()
    lead.get_by_role("button", name="Propose an agreement").click()
    lead.get_by_role("button", name="Continue").click()
    expect(lead.locator(".govuk-error-summary")).to_be_focused()
    check_page(lead)
    lead.get_by_label("Title").fill(TITLE)
    lead.get_by_label("Section 1 of the Policing and Crime Act 2017").check()
    lead.get_by_label(PARTNER).check()
    begins = lead.get_by_role("group", name="Start date")
    for part, value in (("Day", "1"), ("Month", "4"), ("Year", "2026")):
        begins.get_by_label(part).fill(value)
    lead.get_by_label("Standard").check()
    lead.get_by_role("button", name="Continue").click()
    expect(lead.get_by_text(f"{PARTNER} can read this proposal")).to_be_visible()
    check_page(lead)
    lead.get_by_role("button", name="Propose the agreement").click()
    expect(lead.get_by_text("The agreement is proposed.")).to_be_visible()
    accept(lead, "Bedfordshire Police")

    partner = signed_in("fire").page
    partner.goto("/sharing")
    partner.get_by_role("link", name=TITLE).first.click()
    accept(partner, PARTNER)
    expect(partner.get_by_text("In force", exact=True)).to_be_visible()
    partner.get_by_role("link", name="Withdraw from the agreement").click()
    partner.get_by_label("Why does your agency withdraw?").fill("The trial is over.")
    partner.get_by_role("button", name="Continue").click()
    expect(partner.get_by_role("heading", level=1)).to_have_text("Check before you withdraw")
    check_page(partner)
    partner.get_by_role("button", name="Withdraw from the agreement").click()
    expect(partner.get_by_text("Withdrew or refused: “The trial is over.”")).to_be_visible()
