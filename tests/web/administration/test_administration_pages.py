"""Administrators maintain identity providers, sessions and agencies on pages."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from catalogue.access.roles import ROLES
from catalogue.core.application import settings
from tests.factories import BEDS, HERTS
from tests.stores import Store
from tests.web.visitor import Shown, Visitor

ADMINISTRATOR = " ".join(ROLES["administrator"].scopes)
MANAGER = " ".join(ROLES["it-manager"].scopes)
TYPED = {
    "key": "beds",
    "name": "Bedfordshire Police, Entra",
    "issuer": "https://login.example/5f1d/v2.0",
    "audiences": "API_CLIENT_ID",
    "agencies": BEDS,
    "roles": "Catalogue.Manager = it-manager, systems:read",
    "sign_in_client_id": "PAGES",
    "email_domains": "beds.police.uk\nherts.police.uk",
}
PROVIDERS = "/administration/identity-providers"
Visiting = Callable[..., Visitor]


@pytest.fixture(scope="session")
def app(store: Store) -> Flask:
    """An app that knows the secret of a provider's client."""
    return store.app_with(sign_in_secrets={"beds": "s3cret"})


@pytest.fixture
def administrator(visit: Visiting, make_agency: Callable[..., Any]) -> Visitor:
    make_agency(BEDS)
    return visit(None, ADMINISTRATOR)


@pytest.fixture
def provider(administrator: Visitor) -> Shown:
    """The page of a provider that was just recorded."""
    return administrator.open(f"{PROVIDERS}/new").send(**TYPED)


def test_administrator_finds_each_page_from_home(administrator: Visitor) -> None:
    home = administrator.open("/")
    for text in ("Identity providers", "Sessions", "Agencies"):
        assert home.follow(text).heading == text


def test_provider_is_recorded_disabled_and_enabled_after_a_check(provider: Shown) -> None:
    assert provider.heading == TYPED["name"]
    assert "The identity provider is recorded, and disabled." in provider.text
    assert "Catalogue.Manager = it-manager, systems:read" in provider.text
    assert "beds.police.uk, herts.police.uk" in provider.text
    check = provider.follow("Enable this provider")
    assert "its people can sign in to the pages" in check.text
    enabled = check.send()
    assert "The identity provider is enabled." in enabled.text
    check = enabled.follow("Disable this provider")
    assert "All sessions of its people end" in check.text
    assert "The identity provider is disabled." in check.send().text
    assert TYPED["name"] in provider.visitor.open(f"{PROVIDERS}?enabled=false").links()


def test_state_of_a_provider_changes_only_as_it_was_shown(provider: Shown) -> None:
    check = provider.follow("Enable this provider")
    provider.follow("Change Name").send(name="Bedfordshire")
    assert check.send(status=412).heading == "The record has changed"


def test_provider_is_changed_field_by_field(provider: Shown) -> None:
    form = provider.follow("Change Roles")
    assert form.values()["roles"] == TYPED["roles"]
    changed = form.send(
        roles="CN=Readers,OU=IT = reader\nCatalogue.Manager=it-manager",
        agency_values=f"5f1d = {BEDS}",
    )
    assert "CN=Readers,OU=IT = reader, Catalogue.Manager = it-manager" in changed.text
    assert f"5f1d = {BEDS}" in changed.text
    changed = changed.follow("Change Algorithms").send(algorithms=["ES256", "PS256"])
    assert "ES256, PS256" in changed.text
    changed = changed.follow("Change Blocked people").send(blocked_subjects="jo.smith")
    assert "jo.smith" in changed.text
    assert "You changed nothing" in changed.follow("Change Roles").send().text


def test_mistakes_stand_beside_the_fields(administrator: Visitor) -> None:
    form = administrator.open(f"{PROVIDERS}/new")
    assert all(len(each) == 1 for each in form.values().listvalues()), "a browser sends both"
    typed = TYPED | {"name": "", "issuer": "http://login.example", "roles": "Catalogue.Manager"}
    shown = form.send(status=422, **typed)
    assert shown.mistakes["#name"] == "Enter the name"
    assert shown.mistakes["#roles"] == (
        "Each line of Roles must have two parts, with = between them"
    )
    assert shown.values()["roles"] == "Catalogue.Manager"
    shown = form.send(status=422, **TYPED | {"agencies": "none-such"})
    assert "none-such" in shown.mistakes["#agencies"]


def test_secret_of_a_provider_is_never_shown(app: Flask, provider: Shown) -> None:
    assert settings(app).sign_in_secrets["beds"] == "s3cret"
    pages = [provider.response.text]
    pages += [provider.follow(f"Change {name}").response.text for name in ("Name", "Audiences")]
    assert not [text for text in pages if "s3cret" in text]


def test_administrator_ends_a_session(visit: Visiting, administrator: Visitor) -> None:
    person = visit(BEDS, MANAGER)
    person.open("/systems")
    listed = administrator.open(f"/administration/sessions?agency={BEDS}")
    assert "1 session " in listed.text
    assert "Bedfordshire Police" in listed.text
    (end,) = [text for text in listed.links() if text.startswith("End the session of Ada of IT")]
    check = listed.follow(end)
    assert "The session ends with its next request." in check.text
    person.open("/systems")
    assert "The session has ended." in check.send().text
    person.open("/systems", status=303)
    check.send(status=404)
    administrator.open(check.address, status=404)


def test_agency_changes_its_name_and_identifiers(visit: Visiting) -> None:
    manager = visit(BEDS, MANAGER)
    page = manager.open("/").follow("The record of your agency")
    assert page.heading == "Bedfordshire Police"
    assert "Change Kind" not in page.links()
    changed = page.follow("Change Identifiers").send(identifiers="GSS = E23000026\nODS = X1")
    assert "GSS = E23000026, ODS = X1" in changed.text
    wrong = changed.follow("Change Name").send(status=422, name=" ", identifiers="GSS")
    assert wrong.mistakes == {
        "#name": "Enter the name",
        "#identifiers": "Each line of Identifiers must have two parts, with = between them",
    }
    forced = manager.open(f"/agencies/{BEDS}/edit/status").send(status=403, nation="Wales")
    assert "Only an administrator can change" in forced.text


def test_administrator_records_and_changes_agencies(administrator: Visitor) -> None:
    form = administrator.open("/agencies").follow("Record an agency")
    page = form.send(code=HERTS, name="Hertfordshire Constabulary", kind="police")
    assert "The agency is recorded." in page.text
    changed = page.follow("Change Predecessors").send(predecessors=BEDS)
    assert "Your change is saved." in changed.text
    assert HERTS in administrator.open(f"/agencies/{BEDS}").text
    again = administrator.open("/agencies/new").send(
        status=422, code=HERTS, name="Again", kind="police"
    )
    assert set(again.mistakes) == {"#code"}
