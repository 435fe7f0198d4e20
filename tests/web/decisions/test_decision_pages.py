"""Pages of decisions: the list, the plan, and the forms that sign, propose and withdraw."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from catalogue.agencies.visibility import Disclosure
from catalogue.core import clock
from catalogue.rationalisation.overlaps.models import Overlap
from catalogue.systems.models import System
from tests.api_calls import change, read
from tests.factories import BEDS, CAMBS, HERTS, add_rosters, add_system
from tests.rationalisation.api_decisions import (
    DECISION_SCOPES,
    change_decision,
    confirm_overlap,
    decision_path,
    draft_decision,
    propose_decision,
    read_decision,
    sign_decision,
)
from tests.unsaved import CheckedClient
from tests.web.visitor import Visitor

Visiting = Callable[..., Visitor]
SignIn = Callable[[str | None, str], CheckedClient]
SIGNER = "decisions:read decisions:sign overlaps:read systems:read agencies:read"
PLANNER = f"{DECISION_SCOPES} agencies:read"


@pytest.fixture
def today() -> Iterator[None]:
    """Freeze the clock, so that deadlines are the same on every day."""
    with clock.freeze(datetime(2026, 11, 22, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def rosters(session: Session) -> list[System]:
    """Two rostering systems: Cambridgeshire's stays, and Bedfordshire's goes."""
    return add_rosters(session, CAMBS, BEDS, user_count=420)


@pytest.fixture
def overlap(session: Session, rosters: list[System]) -> Overlap:
    """The confirmed overlap of the two systems."""
    found: Overlap = confirm_overlap(session, rosters)
    return found


@pytest.fixture
def planner(sign_in: SignIn) -> CheckedClient:
    """A program of the agency that drafts the decision."""
    return sign_in(CAMBS, PLANNER)


@pytest.fixture
def proposed(
    today: None, planner: CheckedClient, overlap: Overlap, rosters: list[System]
) -> dict[str, Any]:
    """A decision that waits for both agencies."""
    decision: dict[str, Any] = propose_decision(planner, overlap, *rosters)
    return decision


def page_of(decision: dict[str, Any]) -> str:
    """Return the address of a decision's page."""
    return f"/decisions/{decision['id']}"


def answers(planner: CheckedClient, decision: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    """Return the sign-offs of a decision."""
    found = read_decision(planner, decision)["sign_offs"]
    return [(each["agency"], each["verdict"], each["comment"]) for each in found]


def test_what_waits_for_your_agency_comes_first(
    visit: Visiting, proposed: dict[str, Any], planner: CheckedClient
) -> None:
    shown = visit().open("/decisions")
    waiting, everything = shown.text.split("All decisions")
    assert "Waiting for your agency One roster, drafted by Cambridgeshire Police." in waiting
    assert "Sign by 4 December 2026." in waiting
    assert "1 decision" in everything
    listed = visit().open("/").follow("1 decision to sign")
    assert listed.heading == "Decisions"
    assert "Waiting for your agency One roster" not in listed.text
    assert "1 decision" in listed.text
    assert "No decision waits for your agency." in visit(HERTS).open("/decisions").text


def test_list_is_filtered_by_the_parameters_of_the_api(
    visit: Visiting, proposed: dict[str, Any]
) -> None:
    visitor = visit()
    for query, found in (
        ("status=proposed", 1),
        ("status=draft", 0),
        (f"awaiting={BEDS}&agency={CAMBS}", 1),
        ("overdue=true", 0),
        ("q=roster", 1),
    ):
        assert f"{found} decision" in visitor.open(f"/decisions?{query}").text, query


def test_decision_shows_the_plan_its_costs_and_who_has_signed(
    visit: Visiting, proposed: dict[str, Any], planner: CheckedClient
) -> None:
    sign_decision(planner, proposed, comment="After a trial.")
    text = visit(BEDS, SIGNER).open(page_of(proposed)).text
    for words in (
        "Cambridgeshire Police Alex Morgan, Chief information officer Agreed",
        "Decision drafted by Cambridgeshire Police One roster Proposed",
        "Sign by 4 December 2026.",
        "It has room for all.",
        f"Roster {BEDS} Bedfordshire Police Migrate, repurchase",
        f"Roster {CAMBS} of Cambridgeshire Police 420",
        "Cost a year before Withheld",
        "420 people use this system.",
        "Agreed 22 November 2026 After a trial.",
        "Bedfordshire Police – Not yet",
    ):
        assert words in text, words


def test_agreement_is_checked_and_then_signs_the_text_that_was_read(
    visit: Visiting, proposed: dict[str, Any], planner: CheckedClient
) -> None:
    form = visit(BEDS, SIGNER).open(page_of(proposed))
    nothing = form.send(status=422)
    assert nothing.mistakes == {
        "#verdict": "Choose whether your agency agrees",
        "#role": "Enter your role, such as chief information officer",
    }
    assert nothing.title.startswith("Error: One roster")
    check = nothing.send(verdict="agreed", role="Head of ICT", comment="With <b>care</b>")
    assert check.heading == "Check before you agree"
    assert "Signed by Ada of IT, Head of ICT" in check.text
    own, others = check.text.split("For other agencies:")
    assert f"Roster {BEDS} of Bedfordshire Police retires. Its successor: Roster {CAMBS}" in own
    assert f"Roster {CAMBS} of Cambridgeshire Police stays." in others
    assert proposed["content_hash"] in check.text
    assert answers(planner, proposed) == []
    changed = check.send(step="change")
    assert changed.values()["comment"] == "With <b>care</b>"
    signed = changed.send().send(step="send")
    assert "Your agency has agreed to this decision." in signed.text
    assert "Sign for your agency" not in signed.text
    assert answers(planner, proposed) == [(BEDS, "agreed", "With <b>care</b>")]


def test_form_sent_twice_signs_once(
    visit: Visiting, proposed: dict[str, Any], planner: CheckedClient
) -> None:
    check = visit(BEDS, SIGNER).open(page_of(proposed)).send(verdict="agreed", role="Head of ICT")
    check.send(step="send")
    check.send(step="send")
    assert answers(planner, proposed) == [(BEDS, "agreed", None)]


def test_refusal_needs_a_reason_and_ends_the_proposal(
    visit: Visiting, proposed: dict[str, Any], planner: CheckedClient
) -> None:
    form = visit(BEDS, SIGNER).open(page_of(proposed))
    missing = form.send(verdict="refused", role="Head of ICT", comment="  ", status=422)
    assert missing.mistakes == {"#comment": "Enter the reason why your agency refuses"}
    check = missing.send(comment="It costs too much.")
    assert check.heading == "Check before you refuse"
    assert "Your refusal ends the proposal for every agency" in check.text
    shown = check.send(step="send")
    assert "Your agency has refused this decision." in shown.text
    assert (
        "Bedfordshire Police Ada of IT, Head of ICT Refused 22 November 2026 It costs too much."
        in shown.text
    )
    assert answers(planner, proposed) == [(BEDS, "refused", "It costs too much.")]


@pytest.mark.parametrize("step", ["check", "send"])
def test_decision_that_changed_since_it_was_read_is_shown_and_not_signed(
    visit: Visiting, proposed: dict[str, Any], planner: CheckedClient, step: str
) -> None:
    shown = visit(BEDS, SIGNER).open(page_of(proposed))
    if step == "send":
        shown = shown.send(verdict="agreed", role="Head of ICT", comment="Yes.")
    change_decision(planner, proposed, rationale="It is the cheapest.")
    again = shown.send(status=409, verdict="agreed", role="Head of ICT", comment="Yes.", step=step)
    assert "The decision has changed since you read it. Nothing was signed." in again.text
    assert "It is the cheapest." in again.text
    assert again.values()["comment"] == "Yes."
    assert answers(planner, proposed) == []
    again.send().send(step="send")
    assert answers(planner, proposed) == [(BEDS, "agreed", "Yes.")]


def test_sign_off_of_a_decision_that_closed_meanwhile_is_refused_in_words(
    visit: Visiting, proposed: dict[str, Any], planner: CheckedClient
) -> None:
    check = visit(BEDS, SIGNER).open(page_of(proposed)).send(verdict="agreed", role="Head of ICT")
    sign_decision(planner, proposed, "refused", comment="No.")
    shown = check.send(status=409, step="send")
    (text,) = shown.mistakes.values()
    assert text == "The decision is refused, so you cannot sign it. Choose a proposed decision."
    assert shown.heading == "One roster"


def test_changes_of_records_since_the_proposal_are_listed(
    visit: Visiting, proposed: dict[str, Any], sign_in: SignIn, rosters: list[System]
) -> None:
    api = sign_in(BEDS, "systems:read systems:write")
    with clock.freeze(datetime(2026, 11, 23, 12, tzinfo=UTC)):
        change(api, f"/v1/systems/{rosters[1].id}", user_count=12)
    text = visit(BEDS, SIGNER).open(page_of(proposed)).text
    assert f"Roster {BEDS} of Bedfordshire Police. Number of users: 420, now 12" in text


def test_systems_that_are_not_shared_are_counted(
    visit: Visiting, session: Session, rosters: list[System], sign_in: SignIn
) -> None:
    hidden = add_system(
        session, HERTS, "Roster", capabilities=["E04"], disclosure=Disclosure.OWNER_ONLY
    )
    overlap = confirm_overlap(session, [*rosters, hidden], by=HERTS)
    stays, goes = rosters
    proposed = propose_decision(sign_in(HERTS, PLANNER), overlap, stays, goes, hidden)
    visitor = visit(BEDS, SIGNER)
    shown = visitor.open(page_of(proposed))
    assert "1 further system is not shared with your agency." in shown.text
    assert "Hertfordshire Police Not yet" not in shown.text
    assert "1 further system is not shared" in shown.send(verdict="agreed", role="Head of ICT").text


def test_person_without_the_scope_reads_and_cannot_sign(
    visit: Visiting, proposed: dict[str, Any]
) -> None:
    reader = visit(BEDS, "decisions:read")
    shown = reader.open(page_of(proposed))
    assert shown.heading == "One roster"
    assert not list(shown.one(".//main").iter("form"))
    sent = {"csrf_token": shown.one(".//input[@name='csrf_token']").get("value")}
    refused = reader.send(f"{page_of(proposed)}/sign-off", sent, status=403)
    assert refused.heading == "Your role does not include this page"


def test_draft_is_proposed_and_withdrawn_by_the_agency_that_drafted_it(
    visit: Visiting, planner: CheckedClient, overlap: Overlap, rosters: list[System]
) -> None:
    draft = draft_decision(planner, overlap, *rosters)
    visitor = visit(CAMBS, PLANNER)
    shown = visitor.open(page_of(draft))
    assert "No agency can sign a draft." in shown.text
    check = shown.send(action=f"{page_of(draft)}/proposal")
    assert check.heading == "Check before you propose"
    assert "They have 10 working days." in check.text
    assert read(planner, decision_path(draft))["status"] == "draft"
    proposed = check.send(step="send")
    assert "The decision is proposed." in proposed.text
    assert "Propose the decision" not in proposed.text
    form = proposed.follow("Withdraw the decision")
    assert form.send(status=422).mistakes == {"#reason": "Enter the reason for the withdrawal"}
    check = form.send(reason="The contract was extended.")
    assert read(planner, decision_path(draft))["status"] == "proposed"
    assert check.send(step="change").values()["reason"] == "The contract was extended."
    withdrawn = check.send(step="send")
    assert "Why it was withdrawn: “The contract was extended.”" in withdrawn.text
    assert "Withdraw the decision" not in withdrawn.links()


def test_other_agencies_cannot_propose_or_withdraw(
    visit: Visiting, proposed: dict[str, Any]
) -> None:
    visitor = visit(BEDS, PLANNER)
    shown = visitor.open(page_of(proposed))
    assert "Withdraw the decision" not in shown.links()
    visitor.open(f"{page_of(proposed)}/withdrawal", status=404)
    sent = shown.values(f"{page_of(proposed)}/sign-off")
    for form in ("proposal", "withdrawal"):
        visitor.send(f"{page_of(proposed)}/{form}", sent, status=404)
    sent["step"] = "send"
    visitor.send(f"{page_of(proposed)}/proposal", sent, status=403)


def test_page_of_a_system_leads_to_its_overlaps_and_decisions(
    visit: Visiting, proposed: dict[str, Any], rosters: list[System]
) -> None:
    visitor = visit()
    shown = visitor.open(f"/systems/{rosters[1].id}")
    assert "RosteringSame functionConfirmed2" in shown.text
    assert "One rosterProposed4 December 2026" in shown.text
    assert shown.follow("One roster").heading == "One roster"
    assert shown.follow("Rostering").links()["One roster"] == page_of(proposed)
    unscoped = visit(BEDS, "systems:read").open(f"/systems/{rosters[1].id}")
    assert "One roster" not in unscoped.text
