"""Spreadsheets that a person loads in the browser, so that pages of imports have something to show."""

from playwright.sync_api import FilePayload
from playwright.sync_api import Page as Tab

_ROWS = b"Name,Status,Users,Notes\nRota 2,live,5,Old\nFleet 2,Mothballed,6,\n"
_FILE: FilePayload = {"name": "systems.csv", "mimeType": "text/csv", "buffer": _ROWS}


def try_and_load(tab: Tab) -> None:
    """Leave one dry run that can be loaded, and one import that can be undone."""
    for loads in (True, False):
        tab.goto("/imports/new")
        tab.get_by_label("Your file").set_input_files(_FILE)
        tab.get_by_role("button", name="Try the file").click()
        tab.get_by_role("button", name="Load it").wait_for()
        if loads:
            tab.get_by_role("button", name="Load it").click()
            tab.get_by_role("button", name="Load the file").click()
            tab.get_by_role("button", name="Undo this import").wait_for()
