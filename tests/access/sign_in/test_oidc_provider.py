"""Sign-in, sign-out and back-channel logout with npm's certified `oidc-provider`."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import httpx
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.access.sessions.models import WebSession
from tests.access.identity_providers.conftest import record_provider
from tests.access.identity_providers.issuer import AUDIENCE
from tests.access.sign_in.conftest import AGENCY
from tests.programs import free_port, serving_app
from tests.stores import Store
from tests.threads import PATIENCE_SECONDS
from tests.toolchain import running_provider

pytestmark = pytest.mark.default_store("sqlite")

FORM = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def pages() -> str:
    """The address of the pages."""
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def oidc_provider(pages: str) -> Iterator[str]:
    """The issuer of a provider that runs."""
    with running_provider(AUDIENCE, pages) as issuer:
        yield issuer


@pytest.fixture
def app(
    store: Store, pages: str, oidc_provider: str, make_agency: Callable[..., object], session: Any
) -> Iterator[Flask]:
    """The pages, which the provider can reach to end sessions."""
    app = store.app_with(
        public_url=pages,
        identity_provider_timeout_seconds=float(PATIENCE_SECONDS),
        sign_in_secrets={"beds": "secret"},
    )
    make_agency(AGENCY)
    session.commit()
    record_provider(
        app,
        oidc_provider,
        agencies=[AGENCY],
        sign_in_client_id="pages",
        roles=[{"value": "Manager", "grants": ["it-manager"]}],
    )
    with serving_app(app, pages):
        yield app


@pytest.fixture
def at_provider(oidc_provider: str) -> Iterator[httpx.Client]:
    """The person's browser at the provider, which keeps the provider's cookies."""
    with httpx.Client(base_url=oidc_provider, timeout=PATIENCE_SECONDS, trust_env=False) as client:
        yield client


def sign_in(browser: Any, at_provider: httpx.Client, pages: str) -> None:
    """Sign in through the pages. The browser of the pages holds their cookies."""
    place = browser.get("/sign-in/beds?next=/systems").headers["Location"]
    while not place.startswith(pages):
        answer = at_provider.get(place)
        if answer.status_code == 200:
            prompt = "login" if 'value="login"' in answer.text else "consent"
            form = {"login": "jo.smith", "password": "any", "prompt": prompt}
            answer = at_provider.post(place, data=form)
        place = answer.headers["Location"]
    answer = browser.get(place.removeprefix(pages))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/systems"), answer.text


def token_of(browser: Any) -> str:
    """Return the token that the forms of the session hold, or an empty text."""
    found = re.search(r'name="csrf_token" value="(\w+)"', browser.get("/sign-in").text)
    return found[1] if found else ""


def confirm(at_provider: httpx.Client, url: str) -> httpx.Response:
    """Confirm the end of the session at the provider."""
    page = at_provider.get(url)
    found = re.search(r'action="([^"]+)".*name="xsrf" value="(\w+)"', page.text)
    assert found, page.text
    return at_provider.post(unescape(found[1]), data={"xsrf": found[2], "logout": "yes"})


def test_person_signs_in_and_out_again(
    app: Flask, at_provider: httpx.Client, pages: str, session: Session
) -> None:
    browser = app.test_client()
    sign_in(browser, at_provider, pages)
    assert "jo.smith" in browser.get("/sign-in").text
    row = session.query(WebSession).one()
    assert (row.subject, row.issuer_subject) == ("beds:jo.smith", "jo.smith")
    assert row.issuer_session
    session.commit()
    answer = browser.post("/sign-out", data={"csrf_token": token_of(browser)}, headers=FORM)
    url = answer.headers["Refresh"].removeprefix("0; url=")
    assert token_of(browser) == ""
    answer = confirm(at_provider, url)
    assert answer.headers["Location"] == f"{pages}/signed-out"
    assert "You are signed out" in browser.get("/signed-out").text


def test_end_of_the_session_at_the_provider_ends_it_here(
    app: Flask, at_provider: httpx.Client, pages: str
) -> None:
    browser = app.test_client()
    sign_in(browser, at_provider, pages)
    assert token_of(browser)
    confirm(at_provider, "/session/end")
    assert token_of(browser) == ""
