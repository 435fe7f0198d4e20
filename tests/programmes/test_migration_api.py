"""Migrations over HTTP: stages, dates, and the values derived from them."""

from datetime import UTC, datetime, timedelta

import pytest

from catalogue.agencies.visibility import Disclosure
from catalogue.core import clock
from catalogue.rationalisation.decisions.operations import create_decision, propose_decision
from catalogue.rationalisation.decisions.signatures import sign_decision
from catalogue.rationalisation.overlaps.operations import review_overlap
from catalogue.rationalisation.vocabulary import (
    MigrationStrategy,
    OverlapVerdict,
    SignOffVerdict,
)
from catalogue.systems.vocabulary import Disposition, Lifecycle
from tests.api_calls import change
from tests.contexts import acting
from tests.factories import (
    BEDS,
    CAMBS,
    CENTRE,
    HERTS,
    SIGNATORY,
    add_system,
    build_actor,
    find_overlap,
)
from tests.programmes.api_migrations import (
    LEAD_SCOPES,
    build_migration,
    change_migration,
    create_migration,
    enter_stage,
    list_errors,
    pass_gate,
)

WHY = "The board decided it."


def pointers(answer):
    return [error["pointer"] for error in answer.json["errors"]]


def test_a_migration_is_created_once_per_system_and_listed_by_filters(
    session, api, programme, ledger
):
    target = add_system(session, CENTRE, "Shared ledger")
    wave = api.post(
        "/v1/waves", json={"programme_id": programme["id"], "name": "Finance", "position": 1}
    ).json
    created = create_migration(
        api,
        programme,
        ledger,
        target_system_id=str(target.id),
        wave_id=wave["id"],
        cutover_style="parallel_run",
        planned_date="2027-01-01",
        rag="green",
        rag_narrative="All is well.",
    )
    assert (created["stage"], created["agency"], created["system_name"]) == (
        "identified",
        BEDS,
        "Ledger",
    )
    assert created["target_system_name"] == "Shared ledger"
    assert (
        created["lateness"],
        created["late"],
        created["days_late"],
        created["update_overdue"],
    ) == (
        "on_time",
        False,
        0,
        False,
    )
    assert api.get(f"/v1/migrations/{created['id']}").json == created
    by = f"programme_id={programme['id']}&wave_id={wave['id']}&stage=identified&agency={BEDS}"
    assert api.get(f"/v1/migrations?{by}&late=false&q=ledger&total=true").json["page"]["total"] == 1
    twice = api.post("/v1/migrations", json=build_migration(programme, ledger))
    assert (twice.status_code, pointers(twice)) == (409, ["/system_id"])


def test_a_migration_passes_its_stages_in_order_with_the_dates_they_need(api, programme, ledger):
    migration = create_migration(api, programme, ledger)
    enter_stage(api, migration, "assessed")
    undated = change_migration(api, migration, stage="planned")
    assert (undated.status_code, pointers(undated)) == (422, ["/planned_date"])
    assert (
        change_migration(api, migration, planned_date="2026-11-22").json["first_planned_date"]
        is None
    )
    for stage in ("planned", "ready", "in_progress", "cutover"):
        assert enter_stage(api, migration, stage)["stage"] == stage
    refused = change_migration(api, migration, stage="on_hold")
    assert (refused.status_code, pointers(refused)) == (409, ["/stage"])
    pass_gate(api, migration, "early_life_support")
    undated = change_migration(api, migration, stage="early_life_support")
    assert (undated.status_code, pointers(undated)) == (422, ["/actual_date"])
    to_come = change_migration(api, migration, stage="early_life_support", actual_date="2026-11-23")
    assert (to_come.status_code, pointers(to_come)) == (422, ["/actual_date"])
    live = change_migration(api, migration, stage="early_life_support", actual_date="2026-11-22")
    assert live.status_code == 200
    assert enter_stage(api, migration, "complete")["lateness"] == "complete"
    assert change_migration(api, migration, stage="identified").status_code == 409


def test_a_migration_past_its_planned_date_is_late_until_cancelled(sign_in, api, programme, ledger):
    migration = create_migration(api, programme, ledger, planned_date="2026-11-22")
    path = f"/v1/migrations/{migration['id']}"
    assert not migration["late"]
    with clock.freeze(datetime(2026, 11, 25, tzinfo=UTC)):
        api = sign_in(CAMBS, LEAD_SCOPES)
        late = api.get(path).json
        assert (late["lateness"], late["late"], late["days_late"]) == ("late", True, 3)
        assert len(api.get("/v1/migrations?late=true").json["items"]) == 1
        assert len(api.get("/v1/migrations?days_late__gte=3").json["items"]) == 1
        assert api.get("/v1/migrations?days_late__gte=4&lateness=late").json["items"] == []
        # A later forecast does not change the planned date.
        assert change_migration(api, migration, forecast_date="2027-02-01").json["days_late"] == 3
        assert pointers(change_migration(api, migration, stage="on_hold")) == ["/stage_reason"]
        on_hold = change_migration(api, migration, stage="on_hold", stage_reason=WHY).json
        assert (on_hold["late"], on_hold["update_overdue"]) == (True, False)
        gone = change_migration(api, migration, stage="cancelled", stage_reason=WHY).json
        assert (gone["late"], gone["stage_reason"]) == (False, WHY)


def test_a_migration_past_its_forecast_is_late_until_it_moves(api, programme, ledger):
    migration = create_migration(api, programme, ledger, forecast_date="2026-11-20")
    assert migration["days_late"] == 2
    done = change_migration(api, migration, actual_date="2026-11-21").json
    assert (done["late"], done["lateness"]) == (False, "on_time")


def test_a_migration_with_a_passed_update_date_has_an_overdue_update(api, programme, ledger):
    migration = create_migration(api, programme, ledger, next_update_due="2026-11-21")
    assert (migration["update_overdue"], migration["late"]) == (True, False)
    assert migration["lateness"] == "update_overdue"
    assert len(api.get("/v1/migrations?update_overdue=true").json["items"]) == 1
    assert (
        change_migration(api, migration, next_update_due="2026-11-22").json["update_overdue"]
        is False
    )


@pytest.mark.parametrize(
    "field", ["late", "update_overdue", "days_late", "lateness", "previous_rag"]
)
def test_a_migration_rejects_derived_fields(api, programme, ledger, field):
    answer = api.post("/v1/migrations", json=build_migration(programme, ledger, **{field: True}))
    assert (answer.status_code, pointers(answer)) == (422, [f"/{field}"])


def test_a_migration_rating_needs_reasons(api, programme, ledger):
    def refused(**fields):
        answer = api.post("/v1/migrations", json=build_migration(programme, ledger, **fields))
        assert answer.status_code == 422
        return pointers(answer)

    assert refused(rag="green") == ["/rag_narrative"]
    assert refused(rag="red") == ["/rag_narrative", "/path_to_green"]
    assert refused(rag="amber", rag_narrative="Late.") == ["/path_to_green"]
    migration = create_migration(api, programme, ledger, rag="green", rag_narrative="Fine.")
    assert migration["previous_rag"] is None
    assert change_migration(api, migration, rag="red").status_code == 422
    changed = change_migration(
        api, migration, rag="red", rag_narrative="Bad.", path_to_green="Repair."
    ).json
    assert (changed["rag"], changed["previous_rag"]) == ("red", "green")
    assert change_migration(api, migration, path_to_green=None).status_code == 422
    assert change_migration(api, migration, rag=None).json["previous_rag"] == "red"


def test_a_migration_rejects_references_that_do_not_fit(session, api, programme, ledger):
    other = api.post("/v1/programmes", json={"title": "Another"}).json
    wave = api.post(
        "/v1/waves", json={"programme_id": other["id"], "name": "x", "position": 1}
    ).json
    hidden = add_system(session, HERTS, "Hidden", disclosure=Disclosure.OWNER_ONLY)
    session.commit()
    nobody = "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c10"
    for fields, pointer in (
        ({"programme_id": nobody}, "/programme_id"),
        ({"system_id": nobody}, "/system_id"),
        ({"system_id": str(hidden.id)}, "/system_id"),
        ({"target_system_id": str(hidden.id)}, "/target_system_id"),
        ({"target_system_id": str(ledger.id)}, "/target_system_id"),
        ({"wave_id": wave["id"]}, "/wave_id"),
        ({"strategy": "hope"}, "/strategy"),
    ):
        answer = api.post("/v1/migrations", json=build_migration(programme, ledger) | fields)
        assert (answer.status_code, pointers(answer)) == (422, [pointer]), fields


def test_a_hidden_system_or_target_is_not_shown_in_migrations(
    sign_in, session, api, programme, ledger
):
    ours = add_system(session, CAMBS, "Ours", disclosure=Disclosure.OWNER_ONLY)
    target = add_system(session, CAMBS, "Ours too", disclosure=Disclosure.OWNER_ONLY)
    session.commit()
    hidden = create_migration(api, programme, ours)
    shown = create_migration(api, programme, ledger, target_system_id=str(target.id))
    beds = sign_in(BEDS, LEAD_SCOPES)
    assert beds.get(f"/v1/migrations/{hidden['id']}").status_code == 404
    listed = beds.get("/v1/migrations?total=true").json
    assert [each["id"] for each in listed["items"]] == [shown["id"]]
    assert listed["page"]["total"] == 1
    assert listed["items"][0]["target_system_id"] is None
    assert listed["items"][0]["target_system_name"] is None
    assert beds.get(f"/v1/migrations?target_system_id={target.id}").json["items"] == []
    # Hertfordshire sees Bedfordshire's ledger, but has no part in the programme.
    assert sign_in(HERTS, LEAD_SCOPES).get("/v1/migrations").json["items"] == []


def test_changing_a_hidden_target_leaves_the_shown_migration_unchanged(
    sign_in, session, api, programme, ledger
):
    target = add_system(session, CAMBS, "Ours too", disclosure=Disclosure.OWNER_ONLY)
    session.commit()
    migration = create_migration(api, programme, ledger)
    beds = sign_in(BEDS, LEAD_SCOPES)
    path = f"/v1/migrations/{migration['id']}"
    before = beds.get(path)
    with clock.freeze(clock.now() + timedelta(minutes=1)):
        changed = change_migration(api, migration, target_system_id=str(target.id))
    assert changed.json["target_system_id"] == str(target.id)
    after = beds.get(path)
    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])
    with clock.freeze(clock.now() + timedelta(minutes=1)):
        dated = change_migration(api, migration, stage="assessed")
    assert dated.json["updated_at"] > before.json["updated_at"]


def decommission(api, each):
    return change(api, f"/v1/systems/{each.id}", lifecycle="decommissioned")


def archived(session):
    created = add_system(
        session, BEDS, "Old", lifecycle=Lifecycle.READ_ONLY_ARCHIVE, product_name="Agresso"
    )
    session.commit()
    return created


def test_a_system_can_be_decommissioned_only_after_its_migration_is_complete(
    sign_in, session, api, programme
):
    old, beds = archived(session), sign_in(BEDS, LEAD_SCOPES)
    blocked = decommission(beds, old)
    assert blocked.status_code == 422
    assert blocked.json["errors"] == [
        {
            "pointer": "/lifecycle",
            "code": "blocked",
            "detail": (
                "The system has no agreed decision to retire it, and no complete migration. "
                "Agree a decision or complete a migration first."
            ),
        }
    ]
    migration = create_migration(
        api, programme, old, stage="early_life_support", actual_date="2026-11-01"
    )
    assert decommission(beds, old).status_code == 422
    enter_stage(api, migration, "complete")
    assert decommission(beds, old).json["lifecycle"] == "decommissioned"


def test_a_migration_recorded_as_complete_does_not_allow_decommissioning(
    sign_in, session, api, programme
):
    old = archived(session)
    create_migration(
        api, programme, old, stage="complete", actual_date="2026-11-01", strategy="retire"
    )
    blocked = decommission(sign_in(BEDS, LEAD_SCOPES), old)
    assert (blocked.status_code, list_errors(blocked)) == (422, [("/lifecycle", "blocked")])


@pytest.mark.parametrize("goes", [True, False], ids=["eliminated", "tolerated"])
def test_only_an_agreed_decision_to_eliminate_allows_decommissioning(sign_in, session, goes):
    old, new = archived(session), add_system(session, CAMBS, "New", product_name="Agresso")
    overlap = find_overlap(session, old, new)
    us, them = build_actor(session, BEDS), build_actor(session, CAMBS)
    review_overlap(
        acting(session, us), overlap, verdict=OverlapVerdict.CONFIRMED, reason="One product."
    )
    session.flush()
    end, keep = Disposition.ELIMINATE if goes else Disposition.TOLERATE, Disposition.INVEST
    members = [
        {
            "system_id": each.id,
            "disposition": disposition,
            "strategy": strategy,
            "successor_id": None,
        }
        for each, disposition, strategy in (
            (old, end, MigrationStrategy.RETIRE if goes else MigrationStrategy.RETAIN),
            (new, keep, MigrationStrategy.RETAIN),
        )
    ]
    fields = {"overlap_id": overlap.id, "title": "x", "rationale": "y", "members": members}
    decision = create_decision(acting(session, us), fields=fields)
    propose_decision(session, decision)
    for actor in (us, them):
        assert decommission(sign_in(BEDS, LEAD_SCOPES), old).status_code == 422
        sign_decision(
            acting(session, actor),
            decision,
            verdict=SignOffVerdict.AGREED,
            content_hash=decision.content_hash,
            **SIGNATORY,
        )
    assert decommission(sign_in(BEDS, LEAD_SCOPES), old).status_code == (200 if goes else 422)
