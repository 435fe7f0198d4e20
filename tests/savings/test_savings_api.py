"""Claims of savings: their lines, years, amounts and shares."""

import pytest

from tests.api_calls import answer, change, read, refusals
from tests.contracts.api_contracts import cost, costs_of, list_changes
from tests.factories import BEDS, CAMBS, record, system
from tests.savings.scene import (
    AFTER,
    KENT,
    NEXT,
    SAVINGS,
    YEAR,
    claim_body,
    lines,
    path_of,
    shares,
    years,
)

NOBODYS = "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c11"


def test_create_saving_claims_the_baseline_line(scene):
    line = scene.line("52000.00", description="Support")
    saving = scene.claim(line, "40000.00", cost_to_achieve="12500.00", description="By March.")
    assert (saving["status"], saving["agency"]) == ("identified", CAMBS)
    assert saving["years"] == [{"financial_year": YEAR, "amount": "40000.00", "claimed": True}]
    assert saving["shares"] == [{"agency": CAMBS, "percent": "100.00"}]
    assert saving["allocation"] == [{"financial_year": YEAR, "agency": CAMBS, "amount": "40000.00"}]
    assert (saving["cost_to_achieve"], saving["recurring"]) == ("12500.00", False)
    assert saving["validations"] == saving["realisations"] == []
    assert (saving["system_id"], saving["baseline_id"]) == (scene.ours["id"], line["baseline_id"])
    assert read(scene.lead, path_of(saving)) == saving
    assert answer(scene.lead.get(f"{SAVINGS}?q=instead&kind=cash_releasing"))["items"] == [saving]
    (after,) = lines(scene.lead, {"id": line["baseline_id"]})
    assert after["claimed_years"] == [YEAR]


def test_saving_is_shared_to_the_penny(scene):
    saving = scene.claim(
        scene.line(), "0.05", shares=shares(cambs="33.33", beds="33.33", kent="33.34")
    )
    parts = {part["agency"]: part["amount"] for part in saving["allocation"]}
    assert parts.keys() == {BEDS, CAMBS, KENT}
    assert parts[KENT] == "0.02"
    assert sorted(parts.values()) == ["0.01", "0.02", "0.02"]
    changed = answer(scene.change(saving, shares=shares(kent="100")))
    assert [part["amount"] for part in changed["allocation"]] == ["0.05"]
    assert changed["shares"] == [{"agency": KENT, "percent": "100.00"}]


def test_claim_above_the_line_names_the_cost(scene):
    refused = scene.try_claim(scene.line("1250.00"), "1300.00")
    (error,) = refused.json["errors"]
    assert error["detail"] == (
        f"The amount for {YEAR} is £1,300.00, but the baseline line has only £1,250.00. "
        "Reduce the amount."
    )


def test_order_of_shares_does_not_change_the_parts(scene):
    shared = shares(cambs="50", beds="50")
    saving = scene.claim(scene.line(), "0.01", shares=shared)
    again = answer(scene.change(saving, shares=shared[::-1]))
    assert again["allocation"] == saving["allocation"]
    assert again["content_hash"] == saving["content_hash"]


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        pytest.param({"years": []}, ("/years", "too_few"), id="no-years"),
        pytest.param({"years": years(y2026="100.01")}, ("/years/0/amount", "exceeds_line"), id="amount-above-line"),
        pytest.param({"years": years(y2026="0.00")}, ("/years/0/amount", "out_of_range"), id="zero-amount"),
        pytest.param({"years": years(y2025="1.00")}, ("/years/0/financial_year", "before_line"), id="year-before-line"),
        pytest.param({"recurring": True, "years": years(y2026="1.00", y2057="1.00")},
            ("/years/1/financial_year", "too_far"), id="year-too-far"),
        pytest.param({"years": years(y2026="1.00", y2027="1.00")}, ("/recurring", "not_recurring"), id="two-years-not-recurring"),
        pytest.param({"years": [*years(y2026="1.00"), *years(y2026="1.00")]},
            ("/years/1/financial_year", "repeated"), id="year-repeated"),
        pytest.param({"shares": []}, ("/shares", "too_few"), id="no-shares"),
        pytest.param({"shares": shares(beds="99.99")}, ("/shares", "not_whole"), id="shares-below-100"),
        pytest.param({"shares": shares(beds="60", kent="40.01")}, ("/shares", "not_whole"), id="shares-above-100"),
        pytest.param({"shares": [*shares(beds="50"), *shares(beds="50")]}, ("/shares/1/agency", "repeated"), id="agency-repeated"),
        pytest.param({"shares": [{"agency": "nobody", "percent": "100"}]}, ("/shares/0/agency", "unknown"), id="unknown-agency"),
        pytest.param({"shares": shares(beds="0.00")}, ("/shares/0/percent", "pattern"), id="zero-share"),
        pytest.param({"shares": shares(beds="33.333")}, ("/shares/0/percent", "pattern"), id="three-decimals"),
        pytest.param({"cost_to_achieve": "-1.00"}, ("/cost_to_achieve", "out_of_range"), id="negative-cost"),
        pytest.param({"baseline_line_id": NOBODYS},
         ("/baseline_line_id", "unknown"), id="unknown-line"),
    ],
)  # fmt: skip
def test_create_saving_rejects_invalid_field(scene, fields, refused):
    assert refused in refusals(scene.try_claim(scene.line(), **fields))


def test_recurring_saving_claims_each_year_by_its_own_line(scene):
    for year in (YEAR, NEXT):
        cost(scene.lead, scene.ours, "100.00", financial_year=year)
    first, second = lines(scene.lead, scene.approve_baseline(YEAR, NEXT))
    both = years(y2026="50.00", y2027="50.00")
    refused = scene.try_claim(first, recurring=True, years=both)
    assert refusals(refused) == {("/years/1/financial_year", "later_line")}
    scene.claim(first)
    # Years after the last baseline line are claimed against that line.
    saving = scene.claim(second, recurring=True, years=years(y2027="50.00", y2028="60.00"))
    assert [year["financial_year"] for year in saving["years"]] == [NEXT, AFTER]


def test_line_can_be_claimed_once_per_year(scene):
    line = scene.line()
    first = scene.claim(line, "1.00")
    refused = scene.try_claim(line, "1.00")
    assert refusals(refused, 409) == {("/years", "claimed")}
    assert YEAR in answer(refused)["detail"]
    scene.claim(line, recurring=True, years=years(y2027="1.00"))
    moved = scene.change(first, recurring=True, years=years(y2026="1.00", y2027="2.00"))
    assert refusals(moved, 409) == {("/years", "claimed")}


def test_cost_cannot_be_claimed_again_by_another_baseline_or_programme(scene):
    line = scene.line()
    scene.claim(line)
    (again,) = lines(scene.lead, scene.approve_baseline())
    assert (again["cost_line_id"], again["claimed_years"]) == (line["cost_line_id"], [YEAR])
    assert refusals(scene.try_claim(again), 409) == {("/years", "claimed")}
    scene.programme = record(scene.lead, "/v1/programmes", title="Another")
    scene.move(scene.ours)
    (theirs,) = lines(scene.lead, scene.approve_baseline())
    assert refusals(scene.try_claim(theirs), 409) == {("/years", "claimed")}
    other = system(scene.lead, "Another system", disclosure="agreement")
    scene.move(other)
    cost(scene.lead, other)
    free = next(x for x in lines(scene.lead, scene.approve_baseline()) if not x["claimed_years"])
    scene.claim(free)


def test_recurring_claim_blocks_the_line_of_the_next_year(scene):
    first = scene.line()
    scene.claim(first, recurring=True, years=years(y2026="1.00", y2027="1.00"))
    cost(scene.lead, scene.ours, "100.00", financial_year=NEXT)
    _, second = lines(scene.lead, scene.approve_baseline(YEAR, NEXT))
    assert second["claimed_years"] == [YEAR, NEXT]
    assert refusals(scene.try_claim(second), 409) == {("/years", "claimed")}


def test_cost_entered_again_cannot_be_claimed_twice(scene):
    entered = cost(scene.lead, scene.ours, "100.00", description="Licences")
    (line,) = lines(scene.lead, scene.approve_baseline())
    saving = scene.claim(line, "80.00")
    path = f"{costs_of(scene.ours)}/{entered['id']}"
    tag = scene.lead.get(path).headers["ETag"]
    assert scene.lead.delete(path, headers={"If-Match": tag}).status_code == 204
    cost(scene.lead, scene.ours, "100.00", description="Licences and support")
    (renamed,) = lines(scene.lead, scene.approve_baseline())
    assert renamed["claimed_years"] == []
    refused = scene.try_claim(renamed, "20.01")
    assert refusals(refused, 409) == {("/years", "exceeds_baseline")}
    assert "80.00" in answer(refused)["errors"][0]["detail"]
    rest = scene.claim(renamed, "20.00")
    more = scene.change(rest, years=years(y2026="20.01"))
    assert refusals(more, 409) == {("/years", "exceeds_baseline")}
    assert scene.change(saving, years=years(y2026="79.99")).status_code == 200
    assert scene.change(rest, years=years(y2026="20.01")).status_code == 200
    scene.programme = record(scene.lead, "/v1/programmes", title="Another")
    scene.move(scene.ours)
    cost(scene.lead, scene.ours, "5.00", description="Support")
    other = next(x for x in lines(scene.lead, scene.approve_baseline()) if x["amount"] == "5.00")
    scene.claim(other, "5.00")
    theirs = scene.change(rest, years=years(y2026="20.02"))
    assert refusals(theirs, 409) == {("/years", "exceeds_baseline")}


def test_withdrawn_saving_releases_its_line(scene):
    line = scene.line()
    saving = scene.claim(line)
    unexplained = scene.step(saving, "withdrawn")
    assert refusals(unexplained) == {("/status_reason", "unexplained")}
    gone = answer(scene.step(saving, "withdrawn", status_reason="The contract was extended."))
    assert (gone["status"], gone["years"][0]["claimed"]) == ("withdrawn", False)
    assert gone["status_reason"] == "The contract was extended."
    assert scene.claim(line)["status"] == "identified"
    for changes in ({"title": "Again"}, {"years": years(y2026="1.00")}):
        assert refusals(scene.change(gone, **changes), 409) == {("", "closed")}


def test_create_saving_rejects_line_of_unapproved_baseline(scene):
    cost(scene.lead, scene.ours)
    (line,) = lines(scene.lead, scene.draft())
    assert refusals(scene.try_claim(line), 409) == {("/baseline_line_id", "not_approved")}
    (first,) = lines(scene.lead, scene.approve_baseline())
    scene.approve_baseline()
    assert refusals(scene.try_claim(first), 409) == {("/baseline_line_id", "not_approved")}


def test_savings_are_visible_to_agencies_that_see_the_costs(scene):
    mine = scene.line()
    saving = scene.claim(mine)
    cost(scene.beds, scene.theirs, "5.00")
    theirs = next(x for x in lines(scene.lead, scene.approve_baseline()) if x["agency"] == BEDS)
    of_beds = scene.claim(theirs, "5.00")
    scene.move(system(scene.herts, "Roster of Hertfordshire", disclosure="all_agencies"))
    for api, seen in ((scene.lead, 2), (scene.beds, 2), (scene.herts, 0), (scene.kent, 0)):
        listed = answer(api.get(f"{SAVINGS}?total=true"))
        assert listed["page"]["total"] == len(listed["items"]) == seen
    for each in (saving, of_beds):
        assert scene.herts.get(path_of(each)).status_code == 404
    assert of_beds["shares"] == [{"agency": BEDS, "percent": "100.00"}]
    unseen = scene.herts.post(SAVINGS, json=claim_body(mine))
    assert refusals(unseen) == {("/baseline_line_id", "unknown")}


def test_only_the_lead_writes_savings(scene):
    line = scene.line()
    assert scene.beds.post(SAVINGS, json=claim_body(line)).status_code == 403
    saving = scene.claim(line)
    assert change(scene.beds, path_of(saving), title="Ours").status_code == 403
    realised = {
        "financial_year": YEAR,
        "amount": "1.00",
        "use_of_saving": "returned",
        "evidence": ["x"],
    }
    answered = scene.beds.post(f"{path_of(saving)}/realisations", json=realised)
    assert answered.status_code == 403


def test_saving_changes_are_shown_to_those_who_see_the_saving(scene):
    saving = scene.claim(scene.line())
    scene.change(saving, title="Another title", shares=shares(beds="100"))
    created, updated = list_changes(scene.lead, "saving")
    assert created[1]["shares"] == [{"agency": CAMBS, "percent": "100.00"}]
    assert updated[1].keys() == {"title", "shares", "content_hash"}
    assert list_changes(scene.beds, "saving") == [created, updated]
    assert list_changes(scene.kent, "saving") == []
    history = answer(scene.lead.get(f"{path_of(saving)}/history"))
    assert [each["kind"] for each in history["items"]] == ["saving.created", "saving.updated"]
