"""Sign-in, sign-out and logout in Chromium, at OpenID providers on another site than the pages."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from flask import Flask, request
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy.orm import Session

from catalogue.access.sessions.models import WebSession
from tests.access.identity_providers.conftest import record_provider
from tests.access.identity_providers.issuer import AUDIENCE
from tests.browser.chromium import Watched, visiting
from tests.factories import BEDS, HERTS
from tests.programs import free_port, serving_app
from tests.stores import Store
from tests.threads import PATIENCE_SECONDS
from tests.toolchain import running_provider

pytestmark = pytest.mark.default_store("sqlite")

NAMES = {"beds": "Bedfordshire Police", "herts": "Hertfordshire Constabulary"}
AGENCIES = {"beds": BEDS, "herts": HERTS}


@pytest.fixture(scope="module")
def pages() -> str:
    """The address of the pages. The providers are at 127.0.0.1, which is another site."""
    return f"http://localhost:{free_port()}"


@pytest.fixture(scope="module")
def issuers(pages: str) -> Iterator[dict[str, str]]:
    """The issuers of two providers that run, by their keys."""
    with ExitStack() as running:
        yield {
            key: running.enter_context(running_provider(AUDIENCE, pages, key)) for key in AGENCIES
        }


@pytest.fixture
def logout_tokens() -> list[str]:
    """The logout tokens that providers send."""
    return []


@pytest.fixture
def app(
    store: Store,
    pages: str,
    issuers: dict[str, str],
    make_agency: Callable[..., object],
    session: Any,
    logout_tokens: list[str],
) -> Iterator[Flask]:
    """The pages, where people of two forces sign in, each at the provider of their force."""
    app = store.app_with(
        public_url=pages,
        identity_provider_timeout_seconds=float(PATIENCE_SECONDS),
        sign_in_secrets=dict.fromkeys(issuers, "secret"),
    )

    @app.before_request
    def note_logout() -> None:
        if request.path.endswith("/back-channel-logout"):
            logout_tokens.append(request.form["logout_token"])

    for agency in AGENCIES.values():
        make_agency(agency)
    session.commit()
    for key, issuer in issuers.items():
        record_provider(
            app,
            issuer,
            key=key,
            name=NAMES[key],
            agencies=[AGENCIES[key]],
            sign_in_client_id="pages",
            roles=[{"value": "Manager", "grants": ["it-manager"]}],
        )
    with serving_app(app, pages):
        yield app


@dataclass
class Person:
    """A person of a force, in a browser of their own."""

    page: Page
    key: str
    issuer: str
    login: str = field(default="jo.smith")

    def open_provider(self, path: str = "/systems") -> None:
        """Open a page of the catalogue without a session, and go on to the provider."""
        self.page.goto(path)
        self.page.get_by_role("link", name=NAMES[self.key], exact=True).click()

    def sign_in(self) -> None:
        """Sign in on the provider's pages."""
        self.open_provider()
        self.page.get_by_placeholder("Enter any login").fill(self.login)
        self.page.get_by_placeholder("and password").fill("any")
        self.page.get_by_role("button", name="Sign-in").click()
        self.page.get_by_role("button", name="Continue").click()

    def leave_provider(self) -> None:
        """End the session at the provider, as another application there does."""
        tab = self.page.context.new_page()
        tab.goto(f"{self.issuer}/session/end")
        tab.get_by_role("button", name="Yes, sign me out").click()
        expect(tab.get_by_text("Sign-out Success")).to_be_visible()
        tab.close()

    def expect_no_session(self) -> None:
        """Fail unless the next click asks the person to sign in."""
        self.page.get_by_role("link", name="Systems", exact=True).click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Sign in")

    def expect_session(self) -> None:
        """Fail unless the list of systems is shown, and the header names the person."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Systems")
        expect(self.page.locator(".site-identity__person")).to_have_text(self.login)


@pytest.fixture
def person(
    app: Flask, chromium: Browser, pages: str, issuers: dict[str, str]
) -> Iterator[Callable[..., Person]]:
    """`person("beds")`: a person of a force. A fault of a page fails the test."""
    opened: list[Watched] = []

    def answer_nothing(route: Route) -> None:
        # The provider's own pages load a font from elsewhere.
        route.fulfill(status=200, content_type="text/css", body="")

    with ExitStack() as contexts:

        def visit(key: str, **options: str) -> Person:
            opened.append(contexts.enter_context(visiting(chromium, pages)))
            opened[-1].page.route(re.compile("^https://"), answer_nothing)
            return Person(opened[-1].page, key, issuers[key], **options)

        yield visit
    assert [fault for each in opened for fault in each.faults] == []


def test_person_signs_in_and_out_at_the_catalogue_and_the_provider(
    person: Callable[..., Person], pages: str
) -> None:
    jo = person("beds")
    jo.sign_in()
    jo.expect_session()
    jo.page.get_by_role("button", name="Sign out", exact=True).click()
    jo.page.get_by_role("button", name="Yes, sign me out").click()
    expect(jo.page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    assert jo.page.url == f"{pages}/signed-out"
    jo.open_provider()
    expect(jo.page.get_by_placeholder("Enter any login")).to_be_visible()


def test_end_of_the_session_at_the_provider_ends_it_here(
    person: Callable[..., Person],
) -> None:
    jo = person("beds")
    jo.sign_in()
    jo.expect_session()
    jo.leave_provider()
    jo.expect_no_session()
    jo.sign_in()
    jo.expect_session()


def test_two_providers_speak_for_their_own_agency_and_sessions_alone(
    person: Callable[..., Person], pages: str, session: Session, logout_tokens: list[str]
) -> None:
    jo, namesake = person("beds"), person("herts")
    for each in (jo, namesake):
        each.sign_in()
        each.expect_session()
    sessions = {row.provider_key: row for row in session.query(WebSession)}
    assert {row.issuer_subject for row in sessions.values()} == {"jo.smith"}
    assert len({row.agency_id for row in sessions.values()}) == 2
    session.commit()
    stranger = person("herts", login=f"jo.smith@{BEDS}")
    stranger.sign_in()
    expect(stranger.page.get_by_role("heading", level=1)).to_have_text("The sign-in has failed")
    expect(stranger.page.get_by_role("main")).to_contain_text("Your account names no agency")
    namesake.leave_provider()
    (token,) = logout_tokens
    address = f"{pages}/sign-in/beds/back-channel-logout"
    refused = httpx.post(address, data={"logout_token": token}, trust_env=False)
    assert refused.status_code == 400
    namesake.expect_no_session()
    jo.page.reload()
    jo.expect_session()
