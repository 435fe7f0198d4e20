"""Sign-in as a role of the demonstration: on this machine alone, and never beside a provider."""

import re
from collections.abc import Callable

import pytest
from environs import EnvError
from flask import Flask
from sqlalchemy.orm import Session

from catalogue import app as application
from catalogue.access.operations import create_client, revoke_client
from catalogue.access.sign_in.relying_party import RelyingParty
from catalogue.app import serving_app
from catalogue.core.application import settings
from catalogue.demonstration.banner import ROLES
from tests.access.identity_providers.issuer import Issuer
from tests.access.sign_in.browser import Browser
from tests.access.sign_in.conftest import Signing
from tests.stores import Store

LOCAL = {"demonstration_sign_in": True, "public_url": "http://127.0.0.1:8123"}


@pytest.fixture
def demonstration(store: Store) -> Flask:
    """An app that offers the roles."""
    return store.app_with(**LOCAL, identity_provider_private_addresses=True)


@pytest.fixture
def clients(session: Session, make_agency: Callable[..., object]) -> dict[str, str]:
    """The client ids of the roles, as the demonstration makes them."""
    made = {}
    for role in ROLES:
        if role.agency:
            make_agency(role.agency)
        client, _ = create_client(
            session, name=role.name, agency_code=role.agency, scopes=list(role.scopes)
        )
        made[role.key] = client.client_id
    session.commit()
    return made


@pytest.fixture
def browser(
    demonstration: Flask, issuer: Issuer, clients: dict[str, str], session: Session
) -> Browser:
    signing = Signing(demonstration, issuer, RelyingParty(settings(demonstration)))
    return Browser(signing)


COOKIE = "__Host-session-8123"


def test_visitor_takes_each_role_and_changes_it(browser: Browser) -> None:
    page = browser.get("/sign-in").text
    assert re.findall(r'name="role" value="([\w-]+)"', page) == [role.key for role in ROLES]
    values = set()
    for role in ROLES:
        answer = browser.post("/sign-in/demonstration", role=role.key, next="/systems")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/systems")
        assert browser.name() == role.name
        values.add(browser.cookie(COOKIE))
    assert len(values) == len(ROLES)
    first = browser.post("/sign-out")
    assert (first.status_code, first.headers["Location"]) == (303, "/signed-out")
    assert browser.name() is None


def test_cookies_of_two_ports_have_two_names(browser: Browser, store: Store) -> None:
    browser.post("/sign-in/demonstration", role="manager")
    other = store.app_with(**LOCAL | {"public_url": "http://127.0.0.1:8124"})
    elsewhere = Browser(Signing(other, browser.signing.issuer, browser.signing.party))
    elsewhere.client = other.test_client()
    value = browser.cookie(COOKIE)
    assert value
    elsewhere.client.set_cookie(COOKIE, value)
    assert elsewhere.name() is None


def test_unknown_role_signs_nobody_in(browser: Browser) -> None:
    for role in ("admin", "", "manager\x00"):
        assert browser.post("/sign-in/demonstration", role=role).status_code == 200
    assert browser.name() is None


def test_revoked_client_of_a_role_signs_nobody_in(
    browser: Browser, session: Session, clients: dict[str, str]
) -> None:
    browser.post("/sign-in/demonstration", role="manager")
    revoke_client(session, client_id=clients["manager"])
    assert browser.name() is None
    browser.post("/sign-in/demonstration", role="manager")
    assert browser.name() is None


def test_roles_are_not_offered_without_the_setting(
    store: Store, issuer: Issuer, clients: dict[str, str]
) -> None:
    app = store.app_with(public_url="http://127.0.0.1:8123")
    browser = Browser(Signing(app, issuer, RelyingParty(settings(app))))
    assert 'name="role"' not in browser.get("/sign-in").text
    assert browser.post("/sign-in/demonstration", role="manager").status_code == 404


def test_roles_are_not_offered_beside_an_identity_provider(browser: Browser) -> None:
    browser.signing.record()
    assert 'name="role"' not in browser.get("/sign-in").text
    assert browser.post("/sign-in/demonstration", role="manager").status_code == 404
    browser.signing.change(enabled=False)
    assert 'name="role"' in browser.get("/sign-in").text


def test_role_is_signed_out_when_a_provider_is_enabled(browser: Browser) -> None:
    browser.post("/sign-in/demonstration", role="manager")
    browser.signing.record(enabled=False)
    assert browser.name()
    browser.signing.change(enabled=True)
    assert browser.name() is None
    browser.signing.change(enabled=False)
    assert browser.name() is None, "a session that has ended stays ended"


def test_role_is_signed_out_when_the_demonstration_ends(browser: Browser, store: Store) -> None:
    browser.post("/sign-in/demonstration", role="manager")
    app = store.app_with(public_url=LOCAL["public_url"])
    later = Browser(Signing(app, browser.signing.issuer, browser.signing.party))
    later.client.set_cookie(COOKIE, browser.cookie(COOKIE) or "")
    assert later.name() is None


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8123", 200),
        ("127.0.0.1", 200),
        ("[::1]:8123", 200),
        ("rebound.example:8123", 403),
        ("127.0.0.1.rebound.example", 403),
        ("10.0.0.1", 403),
        ("[", 403),
        ("", 403),
    ],
)
def test_demonstration_responds_only_at_names_of_this_machine(
    demonstration: Flask, store: Store, host: str, status: int
) -> None:
    headers = {"Host": host}
    assert demonstration.test_client().get("/sign-in", headers=headers).status_code == status
    answer = demonstration.test_client().get("/v1/pipeline", headers=headers)
    assert answer.status_code == status
    if status == 403:
        assert "Open http://127.0.0.1:8123/ instead." in answer.json["detail"]
    if host.endswith(".example"):
        assert store.app.test_client().get("/sign-in", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "address", ["https://catalogue.example", "https://127.0.0.1:8000", "http://10.0.0.1:8000"]
)
def test_application_refuses_to_start_with_roles_at_other_addresses(
    store: Store, address: str
) -> None:
    with pytest.raises(EnvError, match="sign in without a password"):
        store.app_with(demonstration_sign_in=True, public_url=address)


def test_server_refuses_to_start_with_roles_beside_a_provider(
    browser: Browser, demonstration: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.signing.record()
    monkeypatch.setattr(application, "create_app", lambda: demonstration)
    with pytest.raises(SystemExit, match="an identity provider is enabled"):
        serving_app()
