"""Baselines copy the costs of systems, and never change once approved."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from catalogue.savings.baselines.models import Baseline, BaselineLine, FrozenBaseline
from catalogue.savings.baselines.operations import content_hash
from catalogue.savings.vocabulary import BaselineStatus
from tests.api_calls import answer, change, read, refusals
from tests.contracts.api_contracts import cost, costs_of, list_changes
from tests.factories import CAMBS, system
from tests.savings.scene import (
    AFTER,
    BASELINES,
    NEXT,
    YEAR,
    approve,
    baseline_path,
    lines,
)


def amounts(api, baseline, **parameters):
    return [line["amount"] for line in lines(api, baseline, sort="amount", **parameters)]


def test_baseline_holds_running_costs_of_the_systems_in_its_years(scene):
    cost(scene.lead, scene.ours, "10.10", description="Support")
    cost(scene.lead, scene.ours, "20.00", category="one_off_capital")
    cost(scene.lead, scene.ours, "25.00", financial_year=NEXT)
    cost(scene.beds, scene.theirs, "30.00", category="one_off_revenue")
    # Not copied: costs of migrations, of other years, and of systems that stay.
    for category in ("exit_cost", "dual_running", "decommissioning"):
        cost(scene.lead, scene.ours, "40.00", category=category)
    cost(scene.lead, scene.ours, "50.00", financial_year=AFTER)
    cost(scene.lead, system(scene.lead, "Stays"), "60.00")
    draft = scene.draft(NEXT, YEAR)
    assert amounts(scene.lead, draft) == ["10.10", "20.00", "25.00", "30.00"]
    assert (draft["status"], draft["financial_years"]) == ("draft", [YEAR, NEXT])
    assert draft["approved_by"] is draft["approved_at"] is draft["supersedes_id"] is None
    first = lines(scene.lead, draft)[0]
    assert read(scene.lead, f"{baseline_path(draft)}/lines/{first['id']}") == first
    assert (first["agency"], first["claimed_years"], first["withheld"]) != (None, None, None)


def test_baseline_omits_costs_not_shared_with_the_lead(scene, sign_in):
    hidden = system(scene.herts, "Roster of Hertfordshire", disclosure="all_agencies")
    cost(scene.herts, hidden, "70.00")
    scene.move(hidden)
    cost(scene.lead, scene.ours, "1.00")
    draft = scene.draft()
    assert amounts(scene.lead, draft) == ["1.00"]
    assert amounts(scene.herts, draft) == []


def test_baseline_omits_systems_of_cancelled_migrations(scene):
    gone = system(scene.lead, "Cancelled", disclosure="agreement")
    cost(scene.lead, gone, "5.00")
    moved = scene.move(gone)
    stopped = change(
        scene.lead, f"/v1/migrations/{moved['id']}", stage="cancelled", stage_reason="No need."
    )
    assert stopped.status_code == 200, stopped.text
    assert amounts(scene.lead, scene.draft()) == []


def test_baseline_lines_are_visible_to_agencies_that_see_the_costs(scene):
    cost(scene.lead, scene.ours, "1.00")
    cost(scene.beds, scene.theirs, "2.00")
    draft = scene.draft()
    # Hertfordshire is a member, but has no agreement with either.
    scene.move(system(scene.herts, "Roster of Hertfordshire", disclosure="all_agencies"))
    assert amounts(scene.beds, draft) == ["1.00", "2.00"]
    assert lines(scene.herts, draft, total="true") == []
    theirs = read(scene.herts, baseline_path(draft))
    assert theirs["title"] == draft["title"]
    assert theirs["content_hash"] is None
    assert scene.kent.get(baseline_path(draft)).status_code == 404
    assert scene.kent.get(f"{baseline_path(draft)}/lines").status_code == 404
    assert answer(scene.kent.get(f"{BASELINES}?total=true"))["page"]["total"] == 0


def test_baseline_amounts_are_withheld_without_costs_scope(scene, sign_in):
    cost(scene.lead, scene.ours, "1.00")
    draft = scene.draft()
    (line,) = lines(sign_in(CAMBS, "savings:read"), draft)
    assert (line["amount"], line["withheld"]) == (None, ["amount"])


def test_reading_anothers_baseline_lines_is_recorded(scene):
    cost(scene.beds, scene.theirs, "2.00")
    draft = scene.draft()
    lines(scene.lead, draft)
    lines(scene.lead, draft)
    kinds = [kind for kind, _ in list_changes(scene.beds, "baseline_line")]
    assert kinds == ["baseline_line.created", "baseline_line.read"]


def test_draft_baseline_can_be_refreshed_and_edited(scene):
    line = cost(scene.lead, scene.ours, "1.00")
    cost(scene.lead, scene.ours, "9.00", financial_year=NEXT)
    draft = scene.draft()
    path = baseline_path(draft)
    change(scene.lead, f"{costs_of(scene.ours)}/{line['id']}", amount="3.00")
    assert amounts(scene.lead, draft) == ["1.00"]
    again = answer(scene.lead.post(f"{path}/refresh"))
    assert amounts(scene.lead, draft) == ["3.00"]
    assert again["content_hash"] != draft["content_hash"]
    both = answer(change(scene.lead, path, financial_years=[YEAR, NEXT], title="Both"))
    assert (both["title"], amounts(scene.lead, draft)) == ("Both", ["3.00", "9.00"])
    renamed = answer(change(scene.lead, path, title="Renamed"))
    assert renamed["content_hash"] != both["content_hash"]
    none = change(scene.lead, path, financial_years=[])
    assert refusals(none) == {("/financial_years", "too_few")}


def test_draft_baseline_can_be_deleted(scene):
    cost(scene.lead, scene.ours)
    draft = scene.draft()
    etag = scene.lead.get(baseline_path(draft)).headers["ETag"]
    answered = scene.lead.delete(baseline_path(draft), headers={"If-Match": etag})
    assert answered.status_code == 204
    assert scene.lead.get(baseline_path(draft)).status_code == 404


def test_approval_freezes_the_baseline_that_was_read(scene):
    line = cost(scene.lead, scene.ours, "1.00")
    draft = scene.draft()
    stale = approve(scene.lead, draft, content_hash="0" * 64)
    assert refusals(stale, 409) == {("/content_hash", "stale")}
    approved = answer(approve(scene.lead, draft))
    assert (approved["status"], approved["approved_by"]) == ("approved", "A. Director")
    assert approved["content_hash"] == draft["content_hash"]
    before = lines(scene.lead, draft)
    change(scene.lead, f"{costs_of(scene.ours)}/{line['id']}", amount="7.00")
    path = baseline_path(draft)
    for answered in (
        change(scene.lead, path, title="Other"),
        change(scene.lead, path, financial_years=[NEXT]),
        scene.lead.post(f"{path}/refresh"),
        approve(scene.lead, draft),
        scene.lead.delete(path, headers={"If-Match": scene.lead.get(path).headers["ETag"]}),
    ):
        assert refusals(answered, 409) == {("/status", "frozen")}
    assert lines(scene.lead, draft) == before
    assert read(scene.lead, path) == approved


def test_empty_baseline_cannot_be_approved(scene):
    assert refusals(approve(scene.lead, scene.draft()), 409) == {("", "empty")}


def test_next_approved_baseline_supersedes_the_previous_one(scene):
    cost(scene.lead, scene.ours)
    first, second = scene.approve_baseline(), scene.approve_baseline()
    assert second["supersedes_id"] == first["id"]
    assert read(scene.lead, baseline_path(first))["status"] == "superseded"
    assert refusals(approve(scene.lead, first), 409) == {("/status", "frozen")}
    listed = answer(scene.lead.get(f"{BASELINES}?status=approved"))["items"]
    assert listed == [second]


def test_only_the_lead_writes_baselines(scene):
    cost(scene.lead, scene.ours)
    draft = scene.draft()
    path = baseline_path(draft)
    assert approve(scene.beds, draft).status_code == 403
    assert scene.beds.post(f"{path}/refresh").status_code == 403
    assert change(scene.beds, path, title="Ours").status_code == 403
    body = {"programme_id": scene.programme["id"], "title": "T", "financial_years": [YEAR]}
    assert scene.beds.post(BASELINES, json=body).status_code == 403
    unknown = scene.kent.post(BASELINES, json=body)
    assert refusals(unknown) == {("/programme_id", "unknown")}


def test_baseline_changes_are_shown_to_the_programme_and_the_hash_to_the_lead(scene):
    cost(scene.lead, scene.ours)
    scene.approve_baseline()
    created, approved = list_changes(scene.lead, "baseline")
    assert (created[0], approved[0]) == ("baseline.created", "baseline.updated")
    assert approved[1].keys() == {"status", "approved_by", "approved_at"}
    for_beds = list_changes(scene.beds, "baseline")
    assert [kind for kind, _ in for_beds] == ["baseline.created", "baseline.updated"]
    assert "content_hash" in created[1]
    assert "content_hash" not in for_beds[0][1]
    assert list_changes(scene.kent, "baseline") == []


@pytest.fixture
def frozen(scene, session):
    cost(scene.lead, scene.ours)
    baseline = session.get_one(Baseline, UUID(scene.approve_baseline()["id"]))
    (line,) = session.scalars(sa.select(BaselineLine))
    return baseline, line


def test_session_refuses_changes_to_an_approved_baseline(session, frozen):
    baseline, line = frozen
    assert content_hash(baseline, [line]) == baseline.content_hash

    def attempt(act):
        act()
        session.flush()

    def refused(act):
        with pytest.raises(FrozenBaseline):
            attempt(act)
        session.rollback()
        session.expire_all()

    refused(lambda: setattr(baseline, "title", "Other"))
    refused(lambda: setattr(baseline, "status", BaselineStatus.DRAFT))
    refused(lambda: setattr(line, "amount", 1))
    refused(lambda: session.delete(line))
    refused(lambda: session.delete(baseline))
    copied = {c: getattr(line, c) for c in ("system_id", "financial_year", "category", "amount")}
    copied |= {"description_key": "", "cost_line_id": baseline.id, "baseline_id": baseline.id}
    refused(lambda: session.add(BaselineLine(**copied)))
