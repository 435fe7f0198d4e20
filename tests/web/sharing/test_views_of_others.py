"""Pages of what another agency sees: of one system, and of all."""

from collections.abc import Callable

from tests.agencies.api_agreements import agree, agreement, grant, revoke
from tests.factories import BEDS, CAMBS, system
from tests.unsaved import CheckedClient
from tests.web.visitor import Visitor

Visiting = Callable[..., Visitor]


def test_owner_sees_a_system_as_another_agency_does(
    visit: Visiting, beds: CheckedClient, cambs: CheckedClient
) -> None:
    made = system(beds, "Rosters", disclosure="agreement", user_count=134, legacy_risk=9)
    agree(agreement(beds, field_profile="standard"), beds, cambs)
    page = visit(BEDS).open(f"/systems/{made['id']}").follow("See it as another agency")
    assert page.heading == "See it as another agency"
    shown = page.visitor.open(f"{page.address}?agency={CAMBS}")
    assert "Why Cambridgeshire Police sees it An agreement, at the profile “standard”" in shown.text
    assert "Number of users 134" in shown.text
    assert "Legacy IT risk score Not shared with this agency" in shown.text
    assert shown.follow("An agreement").heading == "Shared ICT"


def test_hidden_system_is_not_visible_until_a_grant_opens_it(
    visit: Visiting, beds: CheckedClient, cambs: CheckedClient
) -> None:
    made = system(beds, "Covert", disclosure="owner_only", legacy_risk=9)
    visitor = visit(BEDS)
    address = f"/systems/{made['id']}/as-another-agency?agency={CAMBS}"
    hidden = visitor.open(address)
    assert "The system is not visible to Cambridgeshire Police." in hidden.text
    assert "Legacy IT risk score" not in hidden.text
    given = grant(beds, field_profile="full")
    shown = visitor.open(address)
    assert "Legacy IT risk score 9" in shown.text
    assert shown.follow("A grant of your agency").heading == "Grant to Cambridgeshire Police"
    revoke(beds, given)
    assert visitor.open(address).text == hidden.text


def test_all_systems_are_shown_by_disclosure(
    visit: Visiting, beds: CheckedClient, cambs: CheckedClient
) -> None:
    for name, disclosure in (("A", "agreement"), ("B", "agreement"), ("C", "owner_only")):
        system(beds, name, disclosure=disclosure)
    agree(agreement(beds, field_profile="summary"), beds, cambs)
    page = visit(BEDS).open("/sharing").follow("See your systems as another agency does")
    assert "What" not in page.text.partition("Show")[2]
    shown = page.visitor.open(f"{page.address}?agency={CAMBS}")
    assert "Owner only 1 systems: Owner only Nothing." in shown.text
    assert "Agreement 2 systems: Agreement Summary: name, agency, product" in shown.text
    assert "2 systems" in shown.follow("2 systems: Agreement").text
    assert "What it sees" not in page.visitor.open(f"{page.address}?agency=no-agency").text


def test_only_the_owner_sees_it(visit: Visiting, beds: CheckedClient, cambs: CheckedClient) -> None:
    shared = system(beds, "Shared", disclosure="all_agencies")
    hidden = system(beds, "Hidden", disclosure="owner_only")
    stranger = visit(CAMBS)
    assert "See it as another agency" not in stranger.open(f"/systems/{shared['id']}").links()
    stranger.open(f"/systems/{shared['id']}/as-another-agency?agency={BEDS}", status=403)
    stranger.open(f"/systems/{hidden['id']}/as-another-agency?agency={BEDS}", status=404)
    administrator = visit(None, "admin agencies:read systems:read")
    shown = administrator.open(f"/sharing/as-another-agency?agency={CAMBS}")
    assert "What it sees" not in shown.text
    visit(BEDS, "agencies:read").open("/sharing/as-another-agency", status=403)
