"""Pages of agreements: proposing, changing, accepting, withdrawing and terminating."""

from collections.abc import Callable
from typing import Any

from tests.agencies.api_agreements import accept, agree, agreement, list_system_names, path_of
from tests.agencies.api_agreements import terminate as end
from tests.agencies.api_agreements import withdraw as leave
from tests.api_calls import change, read
from tests.factories import BEDS, CAMBS, HERTS, system
from tests.unsaved import CheckedClient
from tests.web.visitor import Visitor

Visiting = Callable[..., Visitor]
READER = "agencies:read systems:read"


def page_of(made: dict[str, Any]) -> str:
    """Return the address of an agreement's page."""
    return f"/sharing/agreements/{made['id']}"


def act(made: dict[str, Any], name: str) -> str:
    """Return the address of a form about an agreement."""
    return f"{page_of(made)}/{name}"


def test_proposal_is_checked_and_accepted_by_each_party(
    visit: Visiting, beds: CheckedClient, cambs: CheckedClient
) -> None:
    system(beds, "Rosters", disclosure="agreement")
    system(beds, "Covert", disclosure="owner_only")
    lead = visit(BEDS)
    form = lead.open("/sharing").follow("Propose an agreement")
    nothing = form.send(status=422)
    assert "#title" in nothing.mistakes
    assert "#parties" in nothing.mistakes
    check = nothing.send(
        title="Shared <b>ICT</b>",
        instrument="police_act_1996_s22a",
        parties=[CAMBS],
        field_profile="standard",
        **{"start_date-day": "1", "start_date-month": "11", "start_date-year": "2026"},
    )
    assert check.heading == "Check before you propose"
    assert "Shared <b>ICT</b>" in check.text
    assert "Section 22A of the Police Act 1996" in check.text
    assert "1 November 2026" in check.text
    assert "Cambridgeshire Police can read this proposal" in check.text
    assert check.send(step="change").values()["title"] == "Shared <b>ICT</b>"
    proposed = check.send(step="send")
    assert "The agreement is proposed." in proposed.text
    without_role = proposed.send(action=f"{proposed.address}/acceptance", status=422)
    assert "#role" in without_role.mistakes
    check = without_role.send(action=f"{proposed.address}/acceptance", role="Chief of staff")
    assert "Nothing is shared until Cambridgeshire Police accept too." in check.text
    accepted = check.send(step="send")
    assert "Your agency has accepted the agreement." in accepted.text
    assert list_system_names(cambs) == []

    partner = visit(CAMBS)
    waiting = partner.open("/sharing").text.partition("Who sees your systems")[0]
    assert "Shared <b>ICT</b>, led by Bedfordshire Police." in waiting
    read_by_partner = partner.open(accepted.address)
    assert "Accepted by Ada of IT, Chief of staff 22 November 2026" in read_by_partner.text
    assert "Change the agreement" not in read_by_partner.links()
    check = read_by_partner.send(role="Chief of staff")
    assert "Sharing begins at once, because every other party has accepted." in check.text
    assert "Bedfordshire Police can see your agency's records" in check.text
    done = check.send(step="send")
    assert "In force" in done.text
    assert list_system_names(cambs) == ["Rosters"]
    assert "Waiting for your agency" not in partner.open("/sharing").text
    history = done.follow("History of this agreement")
    assert history.heading == "History"
    assert "Accepted" in history.text


def test_mistake_that_only_the_operation_finds_stands_beside_its_field(visit: Visiting) -> None:
    visit(CAMBS)
    form = visit(BEDS).open("/sharing/agreements/new")
    check = form.send(
        title="Short",
        instrument="other",
        parties=[CAMBS],
        field_profile="summary",
        **{
            f"{name}_date-{part}": value
            for name, year in (("start", "2026"), ("end", "2025"))
            for part, value in (("day", "1"), ("month", "4"), ("year", year))
        },
    )
    again = check.send(step="send", status=422)
    assert list(again.mistakes) == ["#end_date-day"]
    assert again.values()["title"] == "Short"
    assert again.title.startswith("Error: ")


def test_check_counts_the_systems_that_an_acceptance_opens(
    visit: Visiting, beds: CheckedClient, cambs: CheckedClient
) -> None:
    for number, disclosure in enumerate(("agreement", "agreement", "all_agencies", "owner_only")):
        system(beds, f"System {number}", disclosure=disclosure)
    made = agreement(cambs, BEDS, start_date="2027-04-01", end_date="2028-03-31")
    accept(cambs, made)
    check = visit(BEDS).open(page_of(made)).send(role="Chief of staff")
    assert "Sharing begins on 1 April 2027." in check.text
    assert "Your agency has 2 systems of this kind." in check.text
    assert "Sharing ends after 31 March 2028, or earlier if a party withdraws." in check.text


def test_agreement_that_changed_since_it_was_read_is_not_accepted(
    visit: Visiting, beds: CheckedClient, cambs: CheckedClient
) -> None:
    made = agreement(beds)
    form = visit(CAMBS).open(page_of(made))
    check = form.send(role="Chief of staff")
    change(beds, path_of(made), field_profile="full")
    for shown in (form.send(status=409), check.send(step="send", status=409)):
        assert "The agreement has changed since you read it." in shown.text
        assert "Full: all fields" in shown.text
    assert read(beds, path_of(made))["accepted_by"] == []


def test_double_click_accepts_once(
    visit: Visiting, beds: CheckedClient, cambs: CheckedClient
) -> None:
    made = agreement(beds)
    check = visit(CAMBS).open(page_of(made)).send(role="Chief of staff")
    for _ in range(2):
        assert "Your agency has accepted the agreement." in check.send(step="send").text
    assert len(read(beds, path_of(made))["accepted_by"]) == 1


def test_second_acceptance_says_that_it_is_done(
    visit: Visiting, beds: CheckedClient, cambs: CheckedClient
) -> None:
    made = agreement(beds)
    check = visit(CAMBS).open(page_of(made)).send(role="Chief of staff")
    accept(cambs, made)
    again = check.send(step="send", status=409)
    assert list(again.mistakes.values()) == [
        "Your agency has already accepted this agreement. No action is needed."
    ]


def test_withdrawal_is_checked_and_stops_sharing(
    visit: Visiting, beds: CheckedClient, cambs: CheckedClient
) -> None:
    system(cambs, "Rosters", disclosure="agreement")
    made = agree(agreement(beds), beds, cambs)
    form = visit(CAMBS).open(page_of(made)).follow("Withdraw from the agreement")
    assert form.send(status=422).mistakes == {"#reason": "Enter the reason"}
    check = form.send(reason="We leave.")
    assert "Sharing under this agreement stops at once, among all its parties." in check.text
    assert "The agreement no longer shows Bedfordshire Police your agency's records" in check.text
    assert "Your agency has 1 system of this kind." in check.text
    assert list_system_names(beds) == ["Rosters"]
    left = check.send(step="send")
    assert "Your agency has withdrawn from the agreement." in left.text
    assert "Withdrew or refused: “We leave.”" in left.text
    assert "Withdraw from the agreement" not in left.links()
    assert list_system_names(beds) == []


def test_agency_that_has_withdrawn_learns_so(
    visit: Visiting, beds: CheckedClient, cambs: CheckedClient
) -> None:
    made = agree(agreement(beds), beds, cambs)
    check = visit(CAMBS).open(act(made, "withdrawal")).send(reason="We leave.")
    leave(cambs, made)
    again = check.send(step="send", status=409)
    assert "Your agency has already withdrawn from this agreement." in again.text
    assert again.values()["reason"] == "We leave."


def test_change_names_who_sees_less_and_sends_only_what_changed(
    visit: Visiting, beds: CheckedClient, cambs: CheckedClient
) -> None:
    made = agree(agreement(beds), beds, cambs)
    form = visit(BEDS).open(page_of(made)).follow("Change the agreement")
    assert "You changed nothing, so nothing was saved." in form.send().text
    assert read(beds, path_of(made))["status"] == "in_force"
    check = form.send(field_profile="full")
    assert "The change voids every acceptance and withdrawal." in check.text
    assert "Sharing under this agreement stops at once, among all its parties." in check.text
    done = check.send(step="send")
    assert "The agreement is changed." in done.text
    now = read(beds, path_of(made))
    assert (now["status"], now["parties"]) == ("awaiting_acceptance", [BEDS, CAMBS])


def test_stale_change_keeps_what_was_typed(
    visit: Visiting, beds: CheckedClient, cambs: CheckedClient
) -> None:
    made = agreement(beds)
    check = visit(BEDS).open(act(made, "edit")).send(title="Typed")
    change(beds, path_of(made), title="Meanwhile", field_profile="summary")
    stale = check.send(step="send", status=409)
    assert "Somebody changed this record while you were typing." in stale.text
    assert "Recorded meanwhile: Meanwhile." in stale.text
    assert stale.values()["title"] == "Typed"
    stale.send().send(step="send")
    now = read(beds, path_of(made))
    assert (now["title"], now["field_profile"]) == ("Typed", "summary")


def test_termination_is_checked_and_final(
    visit: Visiting, beds: CheckedClient, cambs: CheckedClient
) -> None:
    system(cambs, "Rosters", disclosure="agreement")
    made = agree(agreement(beds), beds, cambs)
    check = visit(BEDS).open(page_of(made)).send()
    assert check.heading == "Check before you terminate"
    assert list_system_names(beds) == ["Rosters"]
    done = check.send(step="send")
    assert "The agreement is terminated." in done.text
    for name in ("Change the agreement", "Withdraw from the agreement"):
        assert name not in done.links()
    assert list_system_names(beds) == []
    assert "Agreements that have ended" in visit(CAMBS).open("/sharing").text


def test_terminated_agreement_refuses_every_form(
    visit: Visiting, beds: CheckedClient, cambs: CheckedClient
) -> None:
    made = agreement(beds)
    lead = visit(BEDS)
    page, changed = lead.open(page_of(made)), lead.open(act(made, "edit")).send(title="New")
    acceptance = page.send(action=act(made, "acceptance"), role="Chief of staff")
    termination = page.send(action=act(made, "termination"))
    end(beds, made)
    again = changed.send(step="send", status=409).send()
    for check in (again, acceptance, termination):
        assert "The agreement is terminated" in check.send(step="send", status=409).text


def test_agreement_of_others_is_not_found_and_that_of_another_lead_is_not_changed(
    visit: Visiting, beds: CheckedClient, cambs: CheckedClient
) -> None:
    made = agreement(beds)
    stranger = visit(HERTS)
    for address in (page_of(made), act(made, "edit"), act(made, "withdrawal")):
        assert stranger.open(address, status=404).heading == "Page not found"
    party = visit(CAMBS)
    assert party.open(act(made, "edit"), status=404).heading == "Page not found"
    form = party.open(act(made, "withdrawal"))
    for name in ("edit", "termination"):
        party.send(act(made, name), form.values() | {"step": "send"}, status=404)
    assert "Shared ICT" not in stranger.open("/sharing").text


def test_reader_is_offered_no_form(
    visit: Visiting, beds: CheckedClient, cambs: CheckedClient
) -> None:
    made = agreement(beds)
    reader = visit(BEDS, READER)
    shown = reader.open(page_of(made))
    assert not list(shown.one(".//main").iter("form"))
    assert "Propose an agreement" not in reader.open("/sharing").text
    for address in ("/sharing/agreements/new", act(made, "edit"), act(made, "withdrawal")):
        assert reader.open(address, status=403).heading == "Your role does not include this page"
    administrator = visit(None, "admin agencies:read agencies:write")
    assert "No agency gave yours a grant." in administrator.open("/sharing").text
    administrator.open("/sharing/agreements/new", status=403)
