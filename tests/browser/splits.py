"""A split of an overlap, as a person makes it on the pages."""

from playwright.sync_api import Page, expect


def fill_in_split(page: Page) -> None:
    """Open a candidate overlap of the board's agency, and fill in the form that splits it."""
    page.goto("/overlaps?status=candidate&of_your_agency=true")
    page.get_by_role("table").get_by_role("rowheader").get_by_role("link").first.click()
    page.get_by_role("link", name="Split off systems that do not belong here").click()
    page.get_by_role("checkbox").first.check()
    page.get_by_label("Reason").fill("It is another product of the same name.")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check before you split")


def split(page: Page) -> None:
    """Split an overlap, and stay on the page of the split."""
    fill_in_split(page)
    page.get_by_role("button", name="Split the overlap").click()
    expect(page.get_by_text("The overlaps are changed.")).to_be_visible()


def undo_split(page: Page) -> None:
    """Undo the split whose page is open."""
    page.get_by_role("button", name="Undo the split").click()
    page.get_by_role("button", name="Undo the change").click()
    expect(page.get_by_text("The change is undone.")).to_be_visible()
