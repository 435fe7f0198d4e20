"""Records that the demonstration lacks, so that their pages have something to show."""

from playwright.sync_api import Page as Tab


def record_provider(tab: Tab) -> None:
    """Record an identity provider. It is disabled, so the roles of the demonstration stay."""
    tab.goto("/administration/identity-providers/new")
    for label, text in {
        "Key": "beds-entra",
        "Name": "Bedfordshire Police, Microsoft Entra",
        "Issuer": "https://login.microsoftonline.com/5f1d/v2.0",
        "Audiences": "5f1d9c1b-3b0e-4a55-9d0f-0f9e6f1c2a3b",
        "Agencies (optional)": "bedfordshire-police",
        "Roles (optional)": "Catalogue.Manager = it-manager",
    }.items():
        tab.get_by_label(label, exact=True).fill(text)
    tab.get_by_role("button", name="Save").click()
    tab.get_by_role("button", name="Enable this provider").wait_for()
