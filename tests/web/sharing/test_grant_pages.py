"""Pages of grants and of sharing as a whole."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.agencies.api_agreements import GRANTS, grant, list_system_names, revoke
from tests.api_calls import change, read
from tests.factories import BEDS, CAMBS, HERTS, system
from tests.unsaved import CheckedClient
from tests.web.visitor import Visitor

Visiting = Callable[..., Visitor]


def page_of(made: dict[str, Any]) -> str:
    """Return the address of a grant's page."""
    return f"/sharing/grants/{made['id']}"


def day(name: str, text: str) -> dict[str, str]:
    """Return what a date control sends for a day such as 31/3/2027."""
    return {
        f"{name}-{part}": value
        for part, value in zip(("day", "month", "year"), text.split("/"), strict=True)
    }


@pytest.fixture
def covert(beds: CheckedClient) -> None:
    """A system that only a grant opens, and another."""
    system(beds, "Covert", disclosure="owner_only")
    system(beds, "Rosters", disclosure="agreement")


def test_grant_is_checked_and_lasts_until_the_end_of_its_last_day(
    visit: Visiting, beds: CheckedClient, cambs: CheckedClient, covert: None
) -> None:
    form = visit(BEDS).open("/sharing").follow("Grant access")
    nothing = form.send(status=422)
    assert {"#grantee", "#resource_types", "#purpose", "#expires_at-day"} <= set(nothing.mistakes)
    check = nothing.send(
        grantee=CAMBS,
        resource_types=["systems"],
        field_profile="standard",
        purpose="To plan.",
        **day("expires_at", "31/3/2027"),
    )
    assert check.heading == "Check before you grant access"
    assert "Cambridgeshire Police can see all systems of your agency at once" in check.text
    assert "Your agency has 2 systems. 1 of them are disclosed to their owner only." in check.text
    assert "Access ends on 31 March 2027" in check.text
    assert list_system_names(cambs) == []
    done = check.send(step="send")
    assert "The grant is in force." in done.text
    assert check.send(step="send").address == done.address
    assert list_system_names(cambs) == ["Covert", "Rosters"]
    (made,) = beds.get(GRANTS).json["items"]  # type: ignore[index]
    assert made["expires_at"] == "2027-03-31T23:00:00+00:00"
    assert "Ends 1 April 2027 at 00:00" in done.text
    received = visit(CAMBS).open("/sharing").follow("Bedfordshire Police")
    assert received.heading == "Grant from Bedfordshire Police"
    assert "Revoke the grant" not in received.links()


@pytest.mark.parametrize(
    ("typed", "mistake"),
    [
        ("31/2/2027", "Last day must be a real date"),
        ("21/11/2026", "The end of the grant is in the past."),
        ("1/1/2032", "The grant would last more than five years."),
    ],
)
def test_impossible_last_day_is_named_beside_its_field(
    visit: Visiting, typed: str, mistake: str
) -> None:
    visit(CAMBS)
    shown = (
        visit(BEDS)
        .open("/sharing/grants/new")
        .send(
            status=422 if "31/2" in typed else 200,
            grantee=CAMBS,
            resource_types=["systems"],
            field_profile="summary",
            purpose="To plan.",
            **day("expires_at", typed),
        )
    )
    if "31/2" not in typed:
        shown = shown.send(step="send", status=422)
    (text,) = shown.mistakes.values()
    assert text.startswith(mistake)
    assert shown.values()["grantee"] == CAMBS


def test_end_of_a_grant_is_changed_alone(
    visit: Visiting, beds: CheckedClient, cambs: CheckedClient
) -> None:
    made = grant(beds)
    form = visit(BEDS).open(page_of(made)).follow("Change the grant")
    assert form.values()["expires_at-day"] == "29"
    assert "You changed nothing, so nothing was saved." in form.send().text
    check = form.send(**day("expires_at", "1/12/2026"))
    assert "Access ends on 1 December 2026" in check.text
    assert "The grant is changed." in check.send(step="send").text
    now = read(beds, f"{GRANTS}/{made['id']}")
    assert now["expires_at"] == "2026-12-02T00:00:00+00:00"
    assert now["purpose"] == made["purpose"]


def test_stale_change_of_a_grant_keeps_what_was_typed(
    visit: Visiting, beds: CheckedClient, cambs: CheckedClient
) -> None:
    made = grant(beds)
    check = visit(BEDS).open(f"{page_of(made)}/edit").send(purpose="Typed")
    change(beds, f"{GRANTS}/{made['id']}", purpose="Meanwhile")
    stale = check.send(step="send", status=409)
    assert "Recorded meanwhile: Meanwhile." in stale.text
    assert stale.values()["purpose"] == "Typed"
    stale.send().send(step="send")
    assert read(beds, f"{GRANTS}/{made['id']}")["purpose"] == "Typed"


def test_revocation_is_checked_and_closes_records_at_once(
    visit: Visiting, beds: CheckedClient, cambs: CheckedClient, covert: None
) -> None:
    made = grant(beds)
    form = visit(BEDS).open(page_of(made)).follow("Revoke the grant")
    assert form.send(status=422).mistakes == {"#reason": "Enter the reason"}
    check = form.send(reason="The work is done.")
    assert "1 system disclosed to the owner only can become invisible" in check.text
    assert list_system_names(cambs) == ["Covert", "Rosters"]
    revoked = check.send(step="send")
    assert "“The work is done.”" in revoked.text
    assert "Change the grant" not in revoked.links()
    assert list_system_names(cambs) == []


def test_revoked_grant_refuses_every_form(
    visit: Visiting, beds: CheckedClient, cambs: CheckedClient
) -> None:
    made = grant(beds)
    visitor = visit(BEDS)
    revocation = visitor.open(f"{page_of(made)}/revocation").send(reason="Done.")
    changed = visitor.open(f"{page_of(made)}/edit").send(purpose="More")
    revoke(beds, made)
    again = changed.send(step="send", status=409).send()
    for check, words in ((revocation, "already revoked"), (again, "is revoked")):
        (text,) = check.send(step="send", status=409).mistakes.values()
        assert words in text


def test_grant_of_others_is_not_found(
    visit: Visiting, beds: CheckedClient, cambs: CheckedClient
) -> None:
    made = grant(beds)
    pages = ("", "/edit", "/revocation")
    for page in pages:
        visit(HERTS).open(page_of(made) + page, status=404)
    for page in pages[1:]:
        visit(CAMBS).open(page_of(made) + page, status=404)
        visit(BEDS, "agencies:read").open(page_of(made) + page, status=403)


def test_number_of_each_disclosure_leads_to_exactly_these_systems(
    visit: Visiting, beds: CheckedClient, cambs: CheckedClient, covert: None
) -> None:
    system(cambs, "Theirs", disclosure="all_agencies")
    overview = visit(BEDS).open("/sharing")
    assert "0 systems: All agencies" in overview.links()
    listed = overview.follow("1 systems: Owner only")
    assert "1 system" in listed.text
    assert "Covert" in listed.links()
    assert "Rosters" not in listed.links()
