"""Adoption of an agreed decision into a programme."""

import pytest

from catalogue.agencies.visibility import Disclosure
from catalogue.core.actor import SYSTEM_ACTOR, Author
from catalogue.rationalisation.decisions.operations import create_decision, propose_decision
from catalogue.rationalisation.decisions.signatures import sign_decision
from catalogue.rationalisation.overlaps.operations import review_overlap
from catalogue.rationalisation.vocabulary import (
    MigrationStrategy,
    OverlapVerdict,
    SignOffVerdict,
)
from catalogue.systems.vocabulary import Disposition
from tests.api_calls import change
from tests.contexts import acting
from tests.factories import BEDS, CAMBS, HERTS, SIGNATORY, add_system, build_actor, find_overlap
from tests.programmes.api_migrations import LEAD_SCOPES, create_migration, list_errors


@pytest.fixture
def systems(session):
    """Three rosters, of which the decision keeps Cambridgeshire's and retires the others."""
    created = [
        add_system(session, code, f"Roster {code}", product_name="Agresso") for code in AGENCIES
    ]
    session.commit()
    return created


AGENCIES = (CAMBS, BEDS, HERTS)


def agree_on_decision(session, systems, *, agree=True):
    overlap = find_overlap(session, *systems)
    lead = build_actor(session, CAMBS)
    review_overlap(
        acting(session, lead), overlap, verdict=OverlapVerdict.CONFIRMED, reason="One product."
    )
    session.flush()
    kept, *others = systems
    members = [
        {
            "system_id": kept.id,
            "disposition": Disposition.INVEST,
            "strategy": MigrationStrategy.RETAIN,
            "successor_id": None,
        },
        *(
            {
                "system_id": each.id,
                "disposition": disposition,
                "strategy": MigrationStrategy.REPURCHASE,
                "successor_id": kept.id,
            }
            for each, disposition in zip(
                others, (Disposition.ELIMINATE, Disposition.MIGRATE), strict=True
            )
        ),
    ]
    fields = {"overlap_id": overlap.id, "title": "x", "rationale": "y", "members": members}
    decision = create_decision(acting(session, lead), fields=fields)
    propose_decision(session, decision)
    for code in AGENCIES if agree else ():
        sign_decision(
            acting(session, build_actor(session, code)),
            decision,
            verdict=SignOffVerdict.AGREED,
            content_hash=decision.content_hash,
            **SIGNATORY,
        )
    session.commit()
    return str(decision.id)


def adopt(api, programme, decision, **fields):
    path = f"/v1/programmes/{programme['id']}/adoptions"
    return api.post(path, json={"decision_id": decision} | fields)


@pytest.fixture(autouse=True)
def author(session):
    session.info.setdefault("author", Author.of(SYSTEM_ACTOR))


def test_adopting_a_decision_creates_one_migration_per_leaving_system(
    session, api, programme, systems
):
    decision = agree_on_decision(session, systems)
    answer = adopt(api, programme, decision, planned_date="2027-04-01")
    assert answer.status_code == 200, answer.json
    assert answer.json["skipped"] == [{"system_id": str(systems[0].id), "reason": "stays"}]
    created = [api.get(f"/v1/migrations/{each}").json for each in answer.json["created"]]
    assert {each["system_id"] for each in created} == {str(each.id) for each in systems[1:]}
    for each in created:
        assert each["target_system_id"] == str(systems[0].id)
        assert (each["strategy"], each["planned_date"]) == ("repurchase", "2027-04-01")
        assert (each["stage"], each["kind"]) == ("identified", "consolidation")
    again = adopt(api, programme, decision).json
    assert again["created"] == []
    assert {each["reason"] for each in again["skipped"]} == {"stays", "already_in_programme"}


def test_adopting_a_decision_skips_systems_that_already_migrate(session, api, programme, systems):
    decision = agree_on_decision(session, systems)
    create_migration(api, programme, systems[1])
    assert len(adopt(api, programme, decision).json["created"]) == 1


def test_adopting_into_a_full_wave_creates_no_migrations(session, api, programme, systems):
    decision = agree_on_decision(session, systems)
    wave = {"programme_id": programme["id"], "name": "One", "position": 1, "capacity": 1}
    wave = api.post("/v1/waves", json=wave).json
    full = adopt(api, programme, decision, wave_id=wave["id"])
    assert (full.status_code, list_errors(full)) == (409, [("/wave_id", "wave_full")])
    assert api.get("/v1/migrations").json["items"] == []
    assert change(api, f"/v1/waves/{wave['id']}", capacity=2).status_code == 200
    assert len(adopt(api, programme, decision, wave_id=wave["id"]).json["created"]) == 2


def test_adopting_rejects_unagreed_unknown_and_forbidden_decisions(
    session, sign_in, api, programme, systems
):
    decision = agree_on_decision(session, systems, agree=False)
    early = adopt(api, programme, decision)
    assert (early.status_code, list_errors(early)) == (409, [("/decision_id", "not_agreed")])
    nobody = "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c10"
    assert list_errors(adopt(api, programme, nobody)) == [("/decision_id", "unknown")]
    poor = sign_in(CAMBS, "programmes:read programmes:write")
    assert adopt(poor, programme, decision).status_code == 403
    assert adopt(sign_in(BEDS, LEAD_SCOPES), programme, decision).status_code == 404


def test_adopting_a_decision_omits_hidden_members(session, sign_in, api, systems):
    decision = agree_on_decision(session, systems)
    hidden = systems[2]
    answer = change(
        sign_in(HERTS, LEAD_SCOPES), f"/v1/systems/{hidden.id}", disclosure=Disclosure.OWNER_ONLY
    )
    assert answer.status_code == 200
    beds = sign_in(BEDS, LEAD_SCOPES)
    programme = beds.post("/v1/programmes", json={"title": "Ours"}).json
    answer = change(
        sign_in(CAMBS, LEAD_SCOPES),
        f"/v1/systems/{systems[0].id}",
        disclosure=Disclosure.OWNER_ONLY,
    )
    assert answer.status_code == 200
    adopted = adopt(beds, programme, decision).json
    assert adopted["skipped"] == []
    (created,) = adopted["created"]
    shown = beds.get(f"/v1/migrations/{created}").json
    assert (shown["system_id"], shown["target_system_id"]) == (str(systems[1].id), None)
