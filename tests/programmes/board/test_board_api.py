"""Milestones, risks, blockers and required decisions over HTTP."""

import pytest

from catalogue.agencies.visibility import Disclosure
from tests.factories import BEDS, CAMBS, HERTS, add_system
from tests.programmes.api_migrations import list_errors

BODIES = {
    "milestones": {"name": "One ledger", "planned_date": "2027-03-31"},
    "risks": {"title": "The load fails", "probability": 4, "impact": 4},
    "blockers": {"title": "No test data"},
    "required-decisions": {"question": "Do we extend the contract?"},
}
KINDS = sorted(BODIES)
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize("kind", KINDS)
def test_a_board_record_is_created_listed_and_changed(
    api, programme, ledger, move, add, patch, kind
):
    migration = move(ledger)
    of_programme = add(kind, **BODIES[kind], owner="Head of digital")
    of_migration = add(kind, **BODIES[kind], migration_id=migration["id"])
    assert (of_programme["migration_id"], of_migration["migration_id"]) == (None, migration["id"])
    assert api.get(f"/v1/{kind}/{of_programme['id']}").json == of_programme
    by = f"programme_id={programme['id']}&migration_id={migration['id']}"
    listed = api.get(f"/v1/{kind}?{by}&overdue=false&total=true").json
    assert (listed["page"]["total"], listed["items"]) == (1, [of_migration])
    changed = patch(kind, of_migration, owner="Finance lead", migration_id=None)
    assert (changed.json["owner"], changed.json["migration_id"]) == ("Finance lead", None)
    changes = api.get(f"/v1/changes?resource={kind.replace('-', '_')[:-1]}").json["items"]
    assert [each["kind"].split(".")[1] for each in changes] == ["created", "created", "updated"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_board_record_rating_needs_reasons_and_keeps_the_previous_rating(add, patch, kind):
    created = add(kind, **BODIES[kind], rag="green", rag_narrative="On course.")
    assert list_errors(patch(kind, created, rag="red")) == [("/path_to_green", "incomplete")]
    worse = patch(kind, created, rag="red", rag_narrative="It slips.", path_to_green="More people.")
    assert (worse.json["rag"], worse.json["previous_rag"]) == ("red", "green")


@pytest.mark.parametrize("kind", KINDS)
def test_participants_read_board_records_and_only_the_lead_writes_them(
    sign_in, session, api, programme, ledger, move, add, kind
):
    created = add(kind, **BODIES[kind], migration_id=move(ledger)["id"])
    path = f"/v1/{kind}/{created['id']}"
    owner, stranger = (sign_in(each, "programmes:read programmes:write") for each in (BEDS, HERTS))
    assert owner.get(path).json == created
    etag = {"If-Match": owner.get(path).headers["ETag"]}
    assert owner.patch(path, json={"owner": "We"}, headers=etag).status_code == 403
    body = BODIES[kind] | {"programme_id": programme["id"]}
    assert owner.post(f"/v1/{kind}", json=body).status_code == 403
    assert stranger.get(path).status_code == 404
    assert stranger.get(f"/v1/{kind}").json["items"] == []
    assert list_errors(stranger.post(f"/v1/{kind}", json=body)) == [("/programme_id", "unknown")]
    assert sign_in(CAMBS, "systems:read").get(path).status_code == 403


@pytest.mark.parametrize("kind", KINDS)
def test_board_records_of_a_hidden_migration_are_not_shown(
    sign_in, session, programme, ledger, move, add, kind
):
    hidden = add_system(session, CAMBS, "Secret", disclosure=Disclosure.OWNER_ONLY)
    session.commit()
    move(ledger)
    migration = move(hidden)
    created = add(kind, **BODIES[kind], migration_id=migration["id"])
    beds = sign_in(BEDS, "programmes:read")
    assert beds.get(f"/v1/{kind}/{created['id']}").status_code == 404
    assert beds.get(f"/v1/{kind}?total=true").json["page"]["total"] == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_board_record_rejects_a_migration_of_another_programme(
    api, ledger, move, add, patch, programme, kind
):
    other = api.post("/v1/programmes", json={"title": "Another"}).json
    migration = move(ledger)
    body = BODIES[kind] | {"programme_id": other["id"]}
    for named in (migration["id"], NOBODY):
        refused = api.post(f"/v1/{kind}", json=body | {"migration_id": named})
        assert list_errors(refused) == [("/migration_id", "unknown")]
    created = add(kind, **BODIES[kind])
    assert list_errors(patch(kind, created, migration_id=NOBODY)) == [("/migration_id", "unknown")]


def test_a_milestone_is_overdue_until_reached(api, add, patch):
    created = add("milestones", name="Trial", planned_date="2026-11-20", forecast_date="2026-12-01")
    assert created["overdue"] is True
    assert list_errors(patch("milestones", created, actual_date="2026-11-23")) == [
        ("/actual_date", "in_future")
    ]
    assert patch("milestones", created, actual_date="2026-11-22").json["overdue"] is False
    path = f"/v1/milestones/{created['id']}"
    gone = api.delete(path, headers={"If-Match": api.get(path).headers["ETag"]})
    assert (gone.status_code, api.get(path).status_code) == (204, 404)


def test_a_risk_keeps_its_previous_score(api, add, patch):
    created = add("risks", title="Load", probability=3, impact=4, due="2026-11-20")
    assert (created["score"], created["previous_score"], created["overdue"]) == (12, None, True)
    assert (created["raised_on"], created["status_since"]) == ("2026-11-22", "2026-11-22")
    worse = patch("risks", created, impact=5).json
    assert (worse["score"], worse["previous_score"]) == (15, 12)
    add("risks", title="Leak", probability=1, impact=2)
    assert [each["score"] for each in api.get("/v1/risks").json["items"]] == [15, 2]
    assert len(api.get("/v1/risks?score__gte=15").json["items"]) == 1
    closed = patch("risks", created, status="closed", status_reason="Loaded.")
    assert (closed.json["overdue"], closed.json["status_reason"]) == (False, "Loaded.")
    again = patch("risks", created, status="open").json
    assert (again["status"], again["status_reason"]) == ("open", None)


@pytest.mark.parametrize(
    ("before", "allowed"),
    [
        pytest.param("open", {"open", "accepted", "materialised", "closed"}, id="open"),
        pytest.param("accepted", {"open", "accepted", "materialised", "closed"}, id="accepted"),
        pytest.param("materialised", {"materialised", "closed"}, id="materialised"),
        pytest.param("closed", {"open", "closed"}, id="closed"),
    ],
)
def test_a_risk_status_changes_only_by_allowed_transitions(add, patch, before, allowed):
    for after in ("open", "accepted", "materialised", "closed"):
        why = {} if before == "open" else {"status_reason": "So it is."}
        created = add("risks", **BODIES["risks"], status=before, **why)
        answer = patch("risks", created, status=after, status_reason="Why.")
        if after in allowed:
            assert answer.status_code == 200, (before, after)
        else:
            assert answer.status_code == 409
            assert list_errors(answer) == [("/status", "transition")]
    created = add("risks", **BODIES["risks"])
    assert list_errors(patch("risks", created, status="closed")) == [
        ("/status_reason", "incomplete")
    ]


def test_resolving_a_blocker_needs_a_date_and_a_resolution(add, patch):
    created = add("blockers", title="No data", raised_on="2026-11-02", due="2026-11-20")
    assert (created["open"], created["overdue"]) == (True, True)
    refusals = [
        ({"resolved_on": "2026-11-20"}, ("/resolution", "incomplete")),
        ({"resolution": "Copied."}, ("/resolved_on", "incomplete")),
        ({"resolution": "Copied.", "resolved_on": "2026-11-01"}, ("/resolved_on", "out_of_order")),
        ({"resolution": "Copied.", "resolved_on": "2026-11-23"}, ("/resolved_on", "in_future")),
        ({"raised_on": "2026-11-23"}, ("/raised_on", "in_future")),
    ]
    for changes, fault in refusals:
        assert list_errors(patch("blockers", created, **changes)) == [fault]
    done = patch("blockers", created, resolved_on="2026-11-20", resolution="Copied.").json
    assert (done["open"], done["overdue"]) == (False, False)
    assert patch("blockers", created, resolved_on=None, resolution=None).json["open"] is True


@pytest.mark.parametrize(
    ("before", "allowed"),
    [
        pytest.param("open", {"open", "decided", "withdrawn"}, id="open"),
        pytest.param("decided", {"decided"}, id="decided"),
        pytest.param("withdrawn", {"open", "withdrawn"}, id="withdrawn"),
    ],
)
def test_a_required_decision_status_changes_only_by_allowed_transitions(
    add, patch, before, allowed
):
    outcomes = {
        "open": {},
        "decided": {"outcome": "Yes.", "decided_on": "2026-11-20"},
        "withdrawn": {"outcome": "Moot."},
    }
    for after, values in outcomes.items():
        body = BODIES["required-decisions"] | {"status": before} | outcomes[before]
        created = add("required-decisions", **body)
        cleared = {"outcome": None, "decided_on": None}
        answer = patch("required-decisions", created, **(cleared | values), status=after)
        if after in allowed:
            assert (answer.status_code, answer.json["status"]) == (200, after)
        else:
            assert answer.status_code == 409
            assert list_errors(answer) == [("/status", "transition")]


def test_a_required_decision_is_overdue_until_decided(add, patch):
    created = add("required-decisions", question="Extend?", needed_by="2026-11-20")
    assert (created["status"], created["overdue"]) == ("open", True)
    refused = patch("required-decisions", created, status="decided")
    assert list_errors(refused) == [("/decided_on", "incomplete"), ("/outcome", "incomplete")]
    early = patch("required-decisions", created, decided_on="2026-11-20")
    assert list_errors(early) == [("/decided_on", "not_decided")]
    done = {"status": "decided", "outcome": "Yes.", "decided_on": "2026-11-21"}
    assert patch("required-decisions", created, **done).json["overdue"] is False
