"""The landscape and the search, each number and name with its way on."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from tests.factories import BEDS, CAMBS, READ_WRITE, add_capability, record, system
from tests.unsaved import CheckedClient
from tests.web.visitor import Visitor

Visiting = Callable[..., Visitor]
SignIn = Callable[[str | None, str], CheckedClient]


@pytest.fixture
def api(sign_in: SignIn) -> CheckedClient:
    """A program of the same agency."""
    return sign_in(BEDS, READ_WRITE)


def test_number_of_the_landscape_leads_to_exactly_these_systems(
    visit: Visiting, api: CheckedClient, sign_in: SignIn, session: Session
) -> None:
    add_capability(session)
    system(api, name="One", capabilities=["E04"])
    system(api, name="Two", capabilities=["E04"])
    system(api, name="Retired", lifecycle="decommissioned", capabilities=["E04"])
    partner = sign_in(CAMBS, READ_WRITE)
    system(partner, name="Theirs", capabilities=["E04"], disclosure="all_agencies")
    system(partner, name="Hidden", capabilities=["E04"], disclosure="owner_only")
    shown = visit().open("/").visitor.open("/landscape")
    row = shown.one(".//tbody/tr")
    assert [" ".join("".join(cell.itertext()).split()) for cell in row] == [
        "Rostering",
        "2 systems of Bedfordshire Police: Rostering",
        "1 systems of Cambridgeshire Police: Rostering",
    ]
    listed = shown.follow("2 systems of Bedfordshire Police: Rostering")
    assert "2 systems" in listed.text
    assert {"One", "Two"} <= set(listed.links())
    everything = shown.visitor.open("/landscape?lifecycle=all")
    assert "3 systems of Bedfordshire Police: Rostering" in everything.links()


def test_search_finds_each_kind_that_the_person_can_see(
    visit: Visiting, api: CheckedClient, sign_in: SignIn
) -> None:
    made = system(api, name="Kestrel rosters")
    for number in range(11):
        system(api, name=f"Kestrel {number}")
    hidden = sign_in(CAMBS, READ_WRITE)
    system(hidden, name="Kestrel of another force", disclosure="owner_only")
    administrator = sign_in(None, "admin systems:read systems:write")
    record(administrator, "/v1/suppliers", name="Kestrel Software")
    shown = visit().open("/search?q=%20kestrel%20")
    assert "13 found for “kestrel”" in shown.text
    assert "Kestrel Software" in shown.text
    assert "another force" not in shown.text
    assert "All 12 systems" in shown.links()
    assert made["id"] in " ".join(shown.visitor.open("/search?q=rosters").links().values())
    assert (
        "Kestrel Software"
        not in visit(BEDS, "contracts:read systems:read").open("/search?q=nothing-like-this").text
    )
