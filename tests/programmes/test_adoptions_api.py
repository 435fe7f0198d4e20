"""Taking an agreed decision into a programme."""

import pytest

from catalogue.agencies.visibility import Disclosure
from catalogue.core.actor import SYSTEM_ACTOR, Author
from catalogue.rationalisation.decisions.operations import create_decision, propose_decision
from catalogue.rationalisation.decisions.signing import sign_decision
from catalogue.rationalisation.overlaps.operations import review_overlap
from catalogue.rationalisation.vocabulary import (
    MigrationStrategy,
    OverlapVerdict,
    SignOffVerdict,
)
from catalogue.systems.vocabulary import Disposition
from tests.programmes.moving import LEADS, faults, moved
from tests.rationalisation.scene import BEDS, CAMBS, HERTS, actor_of, overlap_of, system
from tests.recording import change


@pytest.fixture
def api(sign_in):
    return sign_in(CAMBS, LEADS)


@pytest.fixture
def programme(api):
    return api.post("/v1/programmes", json={"title": "Together"}).json


@pytest.fixture
def systems(session):
    """Three rosters: that of Cambridgeshire stays, and the others go to it."""
    made = [system(session, code, f"Roster {code}", product_name="Agresso") for code in AGENCIES]
    session.commit()
    return made


AGENCIES = (CAMBS, BEDS, HERTS)


def decide(session, systems, *, agree=True):
    overlap = overlap_of(session, *systems)
    us = actor_of(session, CAMBS)
    review_overlap(session, overlap, by=us, verdict=OverlapVerdict.CONFIRMED, reason="One product.")
    session.flush()
    stays, *others = systems
    members = [
        {
            "system_id": stays.id,
            "disposition": Disposition.INVEST,
            "strategy": MigrationStrategy.RETAIN,
            "successor_id": None,
        },
        *(
            {
                "system_id": each.id,
                "disposition": disposition,
                "strategy": MigrationStrategy.REPURCHASE,
                "successor_id": stays.id,
            }
            for each, disposition in zip(
                others, (Disposition.ELIMINATE, Disposition.MIGRATE), strict=True
            )
        ),
    ]
    fields = {"overlap_id": overlap.id, "title": "x", "rationale": "y", "members": members}
    decision = create_decision(session, by=us, fields=fields)
    propose_decision(session, decision)
    for code in AGENCIES if agree else ():
        sign_decision(
            session,
            decision,
            by=actor_of(session, code),
            verdict=SignOffVerdict.AGREED,
            content_hash=decision.content_hash,
        )
    session.commit()
    return str(decision.id)


def adopt(api, programme, decision, **fields):
    path = f"/v1/programmes/{programme['id']}/adoptions"
    return api.post(path, json={"decision_id": decision} | fields)


@pytest.fixture(autouse=True)
def author(session):
    session.info.setdefault("author", Author.of(SYSTEM_ACTOR))


def test_each_system_that_goes_is_moved_once(session, api, programme, systems):
    decision = decide(session, systems)
    answer = adopt(api, programme, decision, planned_date="2027-04-01")
    assert answer.status_code == 200, answer.json
    assert answer.json["skipped"] == [{"system_id": str(systems[0].id), "reason": "stays"}]
    made = [api.get(f"/v1/migrations/{each}").json for each in answer.json["created"]]
    assert {each["system_id"] for each in made} == {str(each.id) for each in systems[1:]}
    for each in made:
        assert each["target_system_id"] == str(systems[0].id)
        assert (each["strategy"], each["planned_date"]) == ("repurchase", "2027-04-01")
        assert (each["stage"], each["kind"]) == ("identified", "consolidation")
    again = adopt(api, programme, decision).json
    assert again["created"] == []
    assert {each["reason"] for each in again["skipped"]} == {"stays", "moves_already"}


def test_what_is_moved_by_hand_is_passed_over(session, api, programme, systems):
    decision = decide(session, systems)
    moved(api, programme, systems[1])
    assert len(adopt(api, programme, decision).json["created"]) == 1


def test_a_wave_takes_all_or_none(session, api, programme, systems):
    decision = decide(session, systems)
    wave = {"programme_id": programme["id"], "name": "One", "position": 1, "capacity": 1}
    wave = api.post("/v1/waves", json=wave).json
    full = adopt(api, programme, decision, wave_id=wave["id"])
    assert (full.status_code, faults(full)) == (409, [("/wave_id", "wave_full")])
    assert api.get("/v1/migrations").json["items"] == []
    assert change(api, f"/v1/waves/{wave['id']}", capacity=2).status_code == 200
    assert len(adopt(api, programme, decision, wave_id=wave["id"]).json["created"]) == 2


def test_only_what_is_agreed(session, sign_in, api, programme, systems):
    decision = decide(session, systems, agree=False)
    early = adopt(api, programme, decision)
    assert (early.status_code, faults(early)) == (409, [("/decision_id", "not_agreed")])
    nobody = "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c10"
    assert faults(adopt(api, programme, nobody)) == [("/decision_id", "unknown")]
    poor = sign_in(CAMBS, "programmes:read programmes:write")
    assert adopt(poor, programme, decision).status_code == 403
    assert adopt(sign_in(BEDS, LEADS), programme, decision).status_code == 404


def test_of_members_that_one_may_not_see_nothing_is_said(session, sign_in, api, systems):
    decision = decide(session, systems)
    hidden = systems[2]
    answer = change(
        sign_in(HERTS, LEADS), f"/v1/systems/{hidden.id}", disclosure=Disclosure.OWNER_ONLY
    )
    assert answer.status_code == 200
    beds = sign_in(BEDS, LEADS)
    programme = beds.post("/v1/programmes", json={"title": "Ours"}).json
    answer = change(
        sign_in(CAMBS, LEADS), f"/v1/systems/{systems[0].id}", disclosure=Disclosure.OWNER_ONLY
    )
    assert answer.status_code == 200
    adopted = adopt(beds, programme, decision).json
    assert adopted["skipped"] == []
    (made,) = adopted["created"]
    shown = beds.get(f"/v1/migrations/{made}").json
    assert (shown["system_id"], shown["target_system_id"]) == (str(systems[1].id), None)
