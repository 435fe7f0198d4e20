"""Every transition between statuses of savings, permitted or not, and the gates."""

from itertools import product

import pytest

from catalogue.savings.states import STEPS
from catalogue.savings.vocabulary import SavingStatus
from tests.api_calls import answer, refusals
from tests.factories import BEDS, CAMBS
from tests.savings.scene import SCOPES, path_of, shares, validate, years

S = SavingStatus
REASON = {"status_reason": "The contract was extended."}


def saving_at(scene, status):
    """Bring a saving to a status through the permitted transitions."""
    saving = scene.claim(scene.line())
    if status is S.WITHDRAWN:
        return answer(scene.step(saving, "withdrawn", **REASON))
    if status is not S.IDENTIFIED:
        saving = answer(scene.validate(saving))
    if status in {S.IN_DELIVERY, S.REALISED, S.MISSED}:
        saving = answer(scene.step(saving, "in_delivery"))
    if status is S.REALISED:
        assert scene.realise(saving, "100.00").status_code == 201
        saving = answer(scene.step(saving, "realised"))
    if status is S.MISSED:
        saving = answer(scene.step(saving, "missed", **REASON))
    assert saving["status"] == status
    return saving


ARROWS = [(before, after) for before in STEPS for after in sorted(STEPS[before])]
OTHERS = [
    (before, after)
    for before, after in product(S, S)
    if after is not before and after not in STEPS[before]
]


def test_permitted_transitions_match_the_list_written_by_hand():
    assert set(ARROWS) == {
        (S.IDENTIFIED, S.WITHDRAWN),
        (S.VALIDATED, S.IN_DELIVERY),
        (S.VALIDATED, S.WITHDRAWN),
        (S.IN_DELIVERY, S.REALISED),
        (S.IN_DELIVERY, S.MISSED),
    }


@pytest.mark.parametrize(("before", "after"), ARROWS)
def test_permitted_transition_succeeds(scene, before, after):
    saving = saving_at(scene, before)
    if after is S.REALISED:
        assert scene.realise(saving, "100.00").status_code == 201
    fields = REASON if after in {S.MISSED, S.WITHDRAWN} else {}
    changed = scene.step(saving, after, **fields)
    assert (changed.status_code, answer(changed)["status"]) == (200, after)


@pytest.mark.parametrize(("before", "after"), OTHERS)
def test_other_transition_is_refused_with_what_may_follow(scene, before, after):
    saving = saving_at(scene, before)
    refused = scene.step(saving, after, **REASON)
    assert refusals(refused, 409) == {("/status", "transition")}
    detail = answer(refused)["detail"]
    assert f"`{before}` " in detail
    assert all(each in detail for each in STEPS[before])
    if before is S.IDENTIFIED and after in {S.VALIDATED, S.IN_DELIVERY, S.REALISED}:
        assert "Finance must first validate" in detail
    assert answer(scene.lead.get(path_of(saving))) == saving


@pytest.mark.parametrize("status", [s for s in S if s is not S.IDENTIFIED])
def test_saving_that_is_not_identified_cannot_be_validated(scene, status):
    saving = saving_at(scene, status)
    assert refusals(scene.validate(saving), 409) == {("/verdict", "transition")}


def test_validation_requires_evidence(scene):
    saving = scene.claim(scene.line(), evidence=[])
    refused = scene.validate(saving)
    assert refusals(refused, 409) == {("/verdict", "gate_open")}
    scene.change(saving, evidence=["The new contract"])
    valid = answer(scene.validate(saving, note="Agreed with the ledger."))
    (validation,) = valid["validations"]
    assert (valid["status"], validation["name"], validation["agency"]) == (
        "validated",
        "B. Accountant",
        CAMBS,
    )
    assert (validation["note"], validation["voided_at"]) == ("Agreed with the ledger.", None)


@pytest.mark.parametrize("status", S)
def test_finance_can_return_saving_until_it_is_closed(scene, status):
    saving = saving_at(scene, status)
    returned = scene.validate(saving, verdict="returned", note="The ledger says otherwise.")
    if status in {S.REALISED, S.MISSED, S.WITHDRAWN}:
        assert refusals(returned, 409) == {("/verdict", "transition")}
        return
    assert answer(returned)["status"] == "identified"
    standing = [each["voided_at"] is None for each in answer(returned)["validations"]]
    assert standing[-1] is True
    assert not any(standing[:-1])
    assert refusals(scene.validate(saving, verdict="returned")) == {("/note", "unexplained")}


def test_client_that_claimed_or_edited_saving_cannot_validate_it(scene, sign_in):
    saving = scene.claim(scene.line())
    assert validate(scene.lead, saving).status_code == 403
    second = sign_in(CAMBS, SCOPES)
    etag = second.get(path_of(saving)).headers["ETag"]
    second.patch(path_of(saving), json={"title": "Better"}, headers={"If-Match": etag})
    assert validate(second, saving).status_code == 403
    assert validate(scene.lead, saving).status_code == 403
    assert validate(scene.finance, saving).status_code == 200


def test_agency_that_bore_the_cost_can_validate(scene):
    saving = scene.claim(scene.line(of=scene.theirs))
    valid = answer(validate(scene.beds, saving))
    assert (valid["status"], valid["validations"][0]["agency"]) == ("validated", BEDS)


def test_other_agency_cannot_validate(scene):
    saving = scene.claim(scene.line())
    assert validate(scene.beds, saving).status_code == 403


def test_validation_rejects_stale_content_hash(scene):
    saving = scene.claim(scene.line())
    stale = scene.validate(saving, content_hash="0" * 64)
    assert refusals(stale, 409) == {("/content_hash", "stale")}


CHANGES = {
    "title": "Another",
    "description": "In other words.",
    "kind": "non_cash_releasing",
    "cost_to_achieve": "1.00",
    "evidence": ["Other evidence"],
    "years": years(y2026="99.00"),
    "shares": shares(beds="50", cambs="50"),
    "recurring": True,
}


@pytest.mark.parametrize("status", [S.VALIDATED, S.IN_DELIVERY])
@pytest.mark.parametrize("name", CHANGES)
def test_editing_validated_saving_voids_its_validation(scene, status, name):
    saving = saving_at(scene, status)
    changed = answer(scene.change(saving, **{name: CHANGES[name]}))
    assert changed["status"] == "identified"
    assert changed["validations"][0]["voided_at"] is not None
    assert changed["years"][0]["claimed"] is True
    again = answer(scene.validate(changed))
    assert (again["status"], len(again["validations"])) == ("validated", 2)


def test_edit_without_difference_keeps_validation(scene):
    saving = saving_at(scene, S.VALIDATED)
    same = {"title": saving["title"], "shares": saving["shares"], "evidence": saving["evidence"]}
    assert answer(scene.change(saving, **same))["status"] == "validated"


def test_edit_together_with_delivery_is_refused(scene):
    saving = saving_at(scene, S.VALIDATED)
    refused = scene.step(saving, "in_delivery", title="Another")
    assert refusals(refused, 409) == {("/status", "transition")}


def test_saving_is_realised_only_when_every_year_is(scene):
    line = scene.line()
    both = years(y2026="10.00", y2027="10.00")
    saving = scene.claim_in_delivery(line, recurring=True, years=both)
    refused = scene.step(saving, "realised")
    assert refusals(refused, 409) == {("/status", "gate_open")}
    assert len(answer(refused)["errors"]) == 2
    scene.realise(saving, "10.00")
    assert "2027-28" in answer(scene.step(saving, "realised"))["errors"][0]["detail"]


def test_missed_saving_releases_years_not_realised(scene):
    line = scene.line()
    both = years(y2026="10.00", y2027="10.00")
    saving = scene.claim_in_delivery(line, recurring=True, years=both)
    scene.realise(saving, "10.00")
    missed = answer(scene.step(saving, "missed", **REASON))
    assert [year["claimed"] for year in missed["years"]] == [True, False]
    scene.claim(line, recurring=True, years=years(y2027="10.00"))
    assert refusals(scene.try_claim(line), 409) == {("/years", "claimed")}
