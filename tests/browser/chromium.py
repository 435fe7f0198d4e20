"""Chromium: where it is, and a context of it that records all that goes wrong on its pages."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    Response,
    StorageState,
    sync_playwright,
)

from tests.threads import PATIENCE_SECONDS

NAMES = ("chromium", "google-chrome")
FLAGS = (
    # Chromium's sandbox does not work as root, nor in most containers.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = PATIENCE_SECONDS * 1000
"""The longest wait for an element or an address, in milliseconds."""


def find_chromium() -> str | None:
    """Return the path of the program. CATALOGUE_CHROMIUM names another than the usual ones."""
    names = (os.environ.get("CATALOGUE_CHROMIUM"),)
    return next(filter(None, (shutil.which(name) for name in (names if names[0] else NAMES))), None)


@contextmanager
def running_chromium(program: str) -> Iterator[Browser]:
    """Run Chromium. While it runs, this thread has an event loop, and cannot run another."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watched:
    """A page in the browser, and what the browser reported about it."""

    page: Page
    faults: list[str] = field(default_factory=list)
    """Errors in the console, violations of the policies, and files that did not load."""

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", self._read_console)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("requestfailed", self._note_failure)
        self.page.on("response", self._note_response)

    def _read_console(self, message: ConsoleMessage) -> None:
        # `_note_response` reports a file that is missing, and an error page is no fault.
        if message.type in {"error", "warning"} and "Failed to load" not in message.text:
            self.faults.append(f"console: {message.text}")

    def _note_failure(self, request: Request) -> None:
        # A download, or a page that was left while it loaded.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"{request.failure}: {request.url}")

    def _note_response(self, response: Response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            self.faults.append(f"{response.status}: {response.url}")


@contextmanager
def visiting(
    browser: Browser,
    address: str,
    *,
    width: int = 1280,
    java_script: bool = True,
    storage: StorageState | None = None,
) -> Iterator[Watched]:
    """Open a page of a visitor of their own, with the cookies of a visitor who signed in."""
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": 900},
        java_script_enabled=java_script,
        storage_state=storage,
        locale="en-GB",
        timezone_id="Europe/London",
    )
    try:
        yield Watched(context.new_page())
    finally:
        context.close()
