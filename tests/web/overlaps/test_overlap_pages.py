"""Pages of overlaps: the list, the record, the review, and the draft of a decision."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from catalogue.agencies.visibility import Disclosure
from catalogue.rationalisation.overlaps.models import Overlap
from catalogue.systems.models import System
from tests.api_calls import change, read
from tests.factories import BEDS, CAMBS, HERTS, add_rosters, add_system, find_overlap
from tests.rationalisation.api_decisions import DECISION_SCOPES, confirm_overlap, draft_decision
from tests.unsaved import CheckedClient
from tests.web.visitor import Shown, Visitor

Visiting = Callable[..., Visitor]
SignIn = Callable[[str | None, str], CheckedClient]
REVIEWER = "overlaps:read overlaps:write systems:read agencies:read"
PLANNER = f"{DECISION_SCOPES} agencies:read"


@pytest.fixture
def rosters(session: Session) -> list[System]:
    """Two rostering systems of two agencies, which differ in one field."""
    ours = add_rosters(session, BEDS, user_count=420, technical_fit=2)
    return ours + add_rosters(session, CAMBS, user_count=450, technical_fit=2)


@pytest.fixture
def overlap(session: Session, rosters: list[System]) -> Overlap:
    """The overlap of the two systems, which nobody has reviewed."""
    return find_overlap(session, *rosters)


def status_of(api: CheckedClient, overlap: Overlap) -> tuple[str, str | None]:
    """Return the status of an overlap and the reason of its last review."""
    found = read(api, f"/v1/overlaps/{overlap.id}")
    return found["status"], found["reason"]


def send(shown: Shown, *, expected: int = 200, **typed: str) -> Shown:
    """Fill in the form of a page, whose fields can have any name, and send it."""
    values = shown.values()
    for name, value in typed.items():
        values.setlist(name, [value])
    action = shown.form().get("action") or shown.address
    return shown.visitor.send(action, values, status=expected)


def cells(shown: Shown, field: str) -> list[tuple[str, bool]]:
    """Return the values of a row of the comparison, and whether each is marked."""
    for row in shown.root.iter("tr"):
        heading = row.find("th")
        if heading is not None and " ".join("".join(heading.itertext()).split()).startswith(field):
            return [
                ("".join(cell.itertext()), "differs" in cell.get("class", ""))
                for cell in row.findall("td")
            ]
    raise AssertionError(field)


def test_home_leads_to_the_overlaps_that_wait_for_a_review(
    visit: Visiting, overlap: Overlap
) -> None:
    listed = visit().open("/").follow("1 overlap to review")
    assert listed.heading == "Overlaps"
    assert "1 overlap" in listed.text
    shown = listed.follow("Rostering")
    assert shown.heading == "Rostering"
    assert shown.title.startswith("Rostering")


def test_list_is_filtered_by_the_parameters_of_the_api(
    visit: Visiting, overlap: Overlap, session: Session
) -> None:
    add_rosters(session, HERTS, disclosure=Disclosure.OWNER_ONLY)
    session.commit()
    visitor = visit()
    for query, found in (
        ("kind=same_function", 1),
        ("kind=same_product", 0),
        ("status=candidate&member_count__gte=2", 1),
        ("member_count__gte=3", 0),
        (f"agencies={CAMBS}", 1),
        (f"agencies={HERTS}", 0),
        (f"of_your_agency=true&agencies={CAMBS}", 1),
        (f"agreement_id={overlap.id}", 0),
    ):
        assert f"{found} overlap" in visitor.open(f"/overlaps?{query}").text, query
    shown = visitor.open("/overlaps?member_count__gte=many")
    assert "The filter “Systems, at least” cannot have this value." in shown.text
    choices = [o.text for o in shown.one(".//select[@id='filter-agencies']").iter("option")]
    assert choices[:2] == ["All", "Bedfordshire Police"]


def test_record_shows_why_and_marks_what_differs(visit: Visiting, overlap: Overlap) -> None:
    shown = visit().open(f"/overlaps/{overlap.id}")
    assert "Different products perform the same function." in shown.text
    assert "The system provides Rostering (E04)." in shown.text
    assert "Both provide Rostering (E04)." in shown.text
    assert cells(shown, "Number of users") == [("420", True), ("450", True)]
    assert cells(shown, "Technical fit") == [("2", False), ("2", False)]
    assert shown.links()[f"Roster {CAMBS}"].startswith("/systems/")


def test_value_that_nobody_recorded_is_no_difference(visit: Visiting, session: Session) -> None:
    ours, theirs = add_rosters(session, BEDS, CAMBS)
    third = add_system(session, HERTS, "Roster", capabilities=["E04"], user_count=7)
    overlap = find_overlap(session, ours, theirs, third)
    shown = visit().open(f"/overlaps/{overlap.id}")
    assert ("Not recorded", False) in cells(shown, "Number of users")
    assert not any(marked for _, marked in cells(shown, "Number of users"))


def test_options_show_unknown_and_withheld_costs_as_such(visit: Visiting, overlap: Overlap) -> None:
    text = visit(BEDS, f"{REVIEWER} costs:read").open(f"/overlaps/{overlap.id}").text
    assert "Cost a year before Withheld" in text
    assert "People who have to move 450" in text
    assert "450 people use this system. Move these people" in text
    assert "`" not in text


def test_review_is_checked_before_it_binds_others(
    visit: Visiting, overlap: Overlap, sign_in: SignIn
) -> None:
    api = sign_in(CAMBS, REVIEWER)
    form = visit().open(f"/overlaps/{overlap.id}").follow("Review this overlap")
    reason = "One <b>roster</b> is enough."
    missing = send(form, expected=422, reason=reason)
    assert missing.mistakes == {"#status": "Choose whether the systems overlap"}
    assert missing.title.startswith("Error: Review the overlap")
    check = send(missing, status="confirmed")
    assert check.heading == "Check your review"
    assert reason in check.text
    assert "A confirmed overlap cannot be rejected later." in check.text
    assert status_of(api, overlap) == ("candidate", None)
    changed = send(check, step="change")
    assert (changed.values()["status"], changed.values()["reason"]) == ("confirmed", reason)
    shown = send(send(changed), step="send")
    assert "Your review is recorded." in shown.text
    assert "Bedfordshire Police reviewed it on" in shown.text
    assert status_of(api, overlap) == ("confirmed", reason)


def test_rejected_overlap_can_only_be_confirmed(visit: Visiting, overlap: Overlap) -> None:
    visitor = visit()
    form = visitor.open(f"/overlaps/{overlap.id}/review")
    check = send(form, status="rejected", reason="Different people.")
    assert "Nobody can decide on a rejected overlap." in check.text
    shown = send(check, step="send")
    assert "An agency found that the systems do not overlap." in shown.text
    again = shown.follow("Review this overlap")
    answers = [e.get("value") for e in again.root.iter("input") if e.get("name") == "status"]
    assert answers == ["confirmed"]


def test_review_of_an_overlap_that_changed_meanwhile_is_not_recorded(
    visit: Visiting, overlap: Overlap, sign_in: SignIn
) -> None:
    api = sign_in(CAMBS, REVIEWER)
    form = visit().open(f"/overlaps/{overlap.id}/review")
    check = send(form, status="confirmed", reason="They do the same.")
    change(api, f"/v1/overlaps/{overlap.id}", status="rejected", reason="They differ.")
    shown = send(check, expected=409, step="send")
    assert "The overlap has changed since you read it." in shown.text
    assert "Cambridgeshire Police reviewed it" in shown.text
    assert "it is now rejected: “They differ.”" in shown.text
    assert status_of(api, overlap) == ("rejected", "They differ.")
    assert shown.values()["reason"] == "They do the same."
    send(send(shown), step="send")
    assert status_of(api, overlap) == ("confirmed", "They do the same.")


def test_only_an_owner_with_the_scope_can_review(visit: Visiting, overlap: Overlap) -> None:
    for agency, scopes in ((BEDS, "overlaps:read systems:read"), (HERTS, REVIEWER)):
        shown = visit(agency, scopes).open(f"/overlaps/{overlap.id}")
        assert "Review this overlap" not in shown.links(), agency
    check = send(
        visit(HERTS, REVIEWER).open(f"/overlaps/{overlap.id}/review"),
        status="confirmed",
        reason="We say so.",
    )
    refused = send(check, expected=403, step="send")
    assert "Only an agency that owns a system in this overlap can review it." in refused.text


def test_decision_is_drafted_from_an_option(
    visit: Visiting, session: Session, rosters: list[System], sign_in: SignIn
) -> None:
    overlap = confirm_overlap(session, rosters)
    shown = visit(BEDS, PLANNER).open(f"/overlaps/{overlap.id}")
    name = f"Draft a decision: Roster {CAMBS} of Cambridgeshire Police stays"
    form = shown.follow(name)
    assert form.values()["title"] == f"Roster {CAMBS} for all"
    empty = send(form, expected=422, title="", working_days_to_sign="ten")
    assert set(empty.mistakes) == {"#title", "#rationale", "#working_days_to_sign"}
    drafted = send(empty, title="One roster", rationale="Room for all.", working_days_to_sign="5")
    assert "The draft is saved." in drafted.text
    decision = read(sign_in(BEDS, PLANNER), f"/v1{drafted.address}")
    assert (decision["status"], decision["working_days_to_sign"]) == ("draft", 5)
    plan = {m["system_name"]: m["disposition"] for m in decision["members"]}
    assert plan == {f"Roster {BEDS}": "migrate", f"Roster {CAMBS}": "invest"}


def test_draft_on_systems_of_another_open_decision_is_refused_in_plain_words(
    visit: Visiting, session: Session, rosters: list[System], sign_in: SignIn
) -> None:
    overlap = confirm_overlap(session, rosters)
    form = visit(BEDS, PLANNER).open(f"/overlaps/{overlap.id}/draft/all")
    draft_decision(sign_in(BEDS, PLANNER), overlap, *rosters)
    refused = send(form, expected=422, title="Keep both", rationale="No money.")
    (text,) = refused.mistakes.values()
    assert text.startswith("A system of this option is in another open decision.")
    assert refused.values()["title"] == "Keep both"


def test_draft_needs_an_option_and_a_confirmed_overlap(visit: Visiting, overlap: Overlap) -> None:
    planner = visit(BEDS, PLANNER)
    shown = planner.open(f"/overlaps/{overlap.id}")
    assert "Confirm the overlap first." in shown.text
    assert not [text for text in shown.links() if text.startswith("Draft a decision")]
    planner.open(f"/overlaps/{overlap.id}/draft/{overlap.id}", status=404)
    form = planner.open(f"/overlaps/{overlap.id}/draft/all")
    refused = send(form, expected=422, title="Keep both", rationale="No money.")
    assert list(refused.mistakes.values()) == [
        "The overlap is still a candidate. An owner of one of its systems must confirm it first."
    ]


def test_large_overlap_compares_your_systems_first(visit: Visiting, session: Session) -> None:
    codes = [f"force-{number}-police" for number in range(8)]
    rosters = add_rosters(session, *codes, BEDS)
    overlap = find_overlap(session, *rosters)
    shown = visit().open(f"/overlaps/{overlap.id}")
    assert "The table compares 8 of 9 systems, those of your agency first." in shown.text
    table = shown.one(".//table[@class='govuk-table site-compare']")
    headings = ["".join(th.itertext()) for th in next(table.iter("tr")).findall("th")]
    assert headings[:2] == ["Field", f"Roster {BEDS}, Bedfordshire Police"]
    assert len(headings) == 9


def test_empty_record_ranks_last_and_the_page_shows_why(
    visit: Visiting, session: Session, rosters: list[System]
) -> None:
    empty = add_rosters(session, HERTS, disclosure=Disclosure.ALL_AGENCIES)
    text = visit().open(f"/overlaps/{find_overlap(session, *rosters, *empty).id}").text
    assert text.index(f"3. Roster {HERTS} of") > text.index("1. Roster ")
    assert "nothing speaks for a system that nobody assessed. No." in text.partition("3. Roster")[2]
