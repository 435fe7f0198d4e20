"""Pages that split and merge overlaps by hand, and undo it."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from catalogue.rationalisation.overlaps.models import Overlap
from catalogue.systems.models import System
from tests.factories import BEDS, CAMBS, HERTS, add_rosters, add_system, find_overlap
from tests.rationalisation.api_decisions import DECISION_SCOPES, confirm_overlap, draft_decision
from tests.rationalisation.api_overlap_groupings import GROUPING_SCOPES, systems_by_overlap
from tests.unsaved import CheckedClient
from tests.web.visitor import Shown, Visitor

Visiting = Callable[..., Visitor]
SignIn = Callable[[str | None, str], CheckedClient]
KENT = "kent-police"
GROUPER = f"{GROUPING_SCOPES} agencies:read"


@pytest.fixture
def rosters(session: Session) -> list[System]:
    """Rostering systems of four agencies."""
    return add_rosters(session, BEDS, CAMBS, HERTS, KENT)


@pytest.fixture
def overlap(session: Session, rosters: list[System]) -> Overlap:
    """The overlap of the four systems."""
    return find_overlap(session, *rosters)


def choose(shown: Shown, name: str, *chosen: str, status: int = 200, **typed: str) -> Shown:
    """Check some boxes of the form of a page, fill in the rest, and send it."""
    values = shown.values()
    values.setlist(name, list(chosen))
    for field, value in typed.items():
        values[field] = value
    return shown.visitor.send(shown.form().get("action") or shown.address, values, status=status)


def test_overlap_is_split_after_a_check_and_the_split_is_undone(
    visit: Visiting, sign_in: SignIn, overlap: Overlap, rosters: list[System]
) -> None:
    api = sign_in(BEDS, GROUPING_SCOPES)
    before = systems_by_overlap(api)
    form = (
        visit(BEDS, GROUPER)
        .open(f"/overlaps/{overlap.id}")
        .follow("Split off systems that do not belong here")
    )
    assert form.heading == "Split the overlap"
    nothing = form.send(status=422)
    assert nothing.mistakes == {
        "#system_ids": "Choose the systems that do not belong here",
        "#reason": "Enter the reason",
    }
    leaving = [str(each.id) for each in rosters[:2]]
    check = choose(nothing, "system_ids", *leaving, reason="They share <one> control room.")
    assert check.heading == "Check before you split"
    leaves, _, stays = check.text.partition("These systems stay")
    assert f"Roster {BEDS}, Bedfordshire Police" in leaves
    assert f"Roster {CAMBS}, Cambridgeshire Police" in leaves
    assert f"Roster {HERTS}, Hertfordshire Police" in stays
    assert f"Roster {KENT}, Kent Police" in stays
    assert systems_by_overlap(api) == before
    changed = check.send(step="change")
    assert changed.values().getlist("system_ids") == leaving
    done = choose(changed, "system_ids", *leaving).send(step="send")
    assert "The overlaps are changed. You can undo the change here." in done.text
    assert "They share <one> control room." in done.text
    assert set(leaving) in systems_by_overlap(api).values()
    there = done.follow("Their overlap: Rostering")
    assert "Split off by Bedfordshire Police" in there.text
    assert "Split off systems that do not belong here" not in there.text
    undo = there.follow("Split off by Bedfordshire Police").send()
    assert undo.heading == "Check before you undo the change"
    undone = undo.send(step="send")
    assert "The change is undone." in undone.text
    assert "Undo the split" not in undone.text
    assert systems_by_overlap(api) == before
    assert "1 split or merger" in undone.visitor.open("/overlap-groupings?action=split").text


def test_overlaps_are_merged_after_a_check(
    visit: Visiting, sign_in: SignIn, session: Session, overlap: Overlap
) -> None:
    for code in (BEDS, HERTS):
        add_system(session, code, "Control room", product_name="Vision")
    find_overlap(session, *session.query(System).filter(System.name == "Control room"))
    form = (
        visit(BEDS, GROUPER).open(f"/overlaps/{overlap.id}").follow("Merge it with other overlaps")
    )
    (other,) = [
        each["id"]
        for each in sign_in(BEDS, GROUPING_SCOPES).get("/v1/overlaps").json["items"]
        if each["id"] != str(overlap.id)
    ]
    check = choose(form, "overlap_ids", other, reason="One rostering.")
    assert check.heading == "Check before you merge"
    unclear = check.send(step="send", status=422)
    assert set(unclear.mistakes) == {"#kind"}
    check = choose(unclear, "overlap_ids", other, kind="same_function", title="Rostering of all")
    done = check.send(step="send")
    assert done.heading == "Rostering of all"
    api = sign_in(BEDS, GROUPING_SCOPES)
    assert [len(systems) for systems in systems_by_overlap(api).values()] == [6]


def test_split_of_an_overlap_with_a_decision_is_refused_in_words(
    visit: Visiting, sign_in: SignIn, session: Session, overlap: Overlap, rosters: list[System]
) -> None:
    form = visit(BEDS, GROUPER).open(f"/overlaps/{overlap.id}/split")
    confirmed = confirm_overlap(session, rosters)
    draft_decision(sign_in(BEDS, DECISION_SCOPES), confirmed, *rosters[:2])
    check = choose(form, "system_ids", str(rosters[0].id), reason="Another.")
    refused = check.send(step="send", status=422)
    assert "Withdraw or supersede the decision first." in refused.text


def test_agency_without_a_system_there_is_offered_no_split(
    visit: Visiting, overlap: Overlap
) -> None:
    shown = visit("surrey-police", GROUPER).open(f"/overlaps/{overlap.id}")
    assert "Split off systems" not in shown.text
