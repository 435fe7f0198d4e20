"""Waves: their capacity, rating and change freeze."""

from threading import Thread

import pytest

from catalogue.agencies.visibility import Disclosure
from catalogue.programmes import migrations
from tests.api_calls import change
from tests.factories import BEDS, CAMBS, add_system
from tests.programmes.api_migrations import (
    LEAD_SCOPES,
    build_migration,
    change_migration,
    create_migration,
    create_migration_at,
    enter_stage,
    list_errors,
)
from tests.threads import Held


@pytest.fixture
def wave(api, programme):
    fields = {"programme_id": programme["id"], "name": "Finance", "position": 1, "capacity": 1}
    return api.post("/v1/waves", json=fields).json


@pytest.fixture
def systems(session):
    created = [add_system(session, BEDS, f"Ledger {number}") for number in range(3)]
    session.commit()
    return created


def test_a_full_wave_rejects_another_migration(api, programme, wave, systems):
    first = create_migration(api, programme, systems[0], wave_id=wave["id"])
    full = api.post(
        "/v1/migrations", json=build_migration(programme, systems[1], wave_id=wave["id"])
    )
    assert (full.status_code, list_errors(full)) == (409, [("/wave_id", "wave_full")])
    second = create_migration(api, programme, systems[1])
    assert list_errors(change_migration(api, second, wave_id=wave["id"])) == [
        ("/wave_id", "wave_full")
    ]
    assert (
        change_migration(api, first, wave_id=wave["id"], planned_date="2027-01-01").status_code
        == 200
    )
    enter_stage(api, first, "cancelled")
    assert change_migration(api, second, wave_id=wave["id"]).status_code == 200
    gone = create_migration_at(api, programme, systems[2], "cancelled", wave_id=wave["id"])
    assert gone["wave_id"] == wave["id"], "a cancelled migration does not count"


def test_a_hidden_migration_takes_no_place_in_a_wave(
    sign_in, session, api, programme, wave, systems
):
    create_migration(api, programme, systems[0], wave_id=wave["id"])
    beds = sign_in(BEDS, LEAD_SCOPES)
    hidden = change(beds, f"/v1/systems/{systems[0].id}", disclosure=Disclosure.OWNER_ONLY)
    assert hidden.status_code == 200
    create_migration(api, programme, systems[1], wave_id=wave["id"])


def test_raising_the_capacity_of_a_wave_admits_more_migrations(api, programme, wave, systems):
    create_migration(api, programme, systems[0], wave_id=wave["id"])
    assert change(api, f"/v1/waves/{wave['id']}", capacity=2).status_code == 200
    create_migration(api, programme, systems[1], wave_id=wave["id"])
    assert change(api, f"/v1/waves/{wave['id']}", capacity=None).status_code == 200
    create_migration(api, programme, systems[2], wave_id=wave["id"])


@pytest.mark.only_on("postgresql")
def test_concurrent_migrations_cannot_both_take_the_last_place(
    monkeypatch, sign_in, store, api, programme, wave, systems
):
    held = Held(migrations.keep_previous_rating)
    monkeypatch.setattr(migrations, "keep_previous_rating", held.wrapper())
    apis = [sign_in(CAMBS, LEAD_SCOPES) for _ in range(2)]
    answers = {}

    def send(number):
        fields = build_migration(programme, systems[number], wave_id=wave["id"])
        answers[number] = apis[number].post("/v1/migrations", json=fields)

    first, second = (Thread(target=send, args=(number,)) for number in range(2))
    first.start()
    held.wait_until_entered()
    second.start()
    held.let_go()
    for thread in (first, second):
        thread.join(20)
    assert [answers[n].status_code for n in range(2)] == [201, 409]
    assert list_errors(answers[1]) == [("/wave_id", "wave_full")]


def test_a_change_freeze_needs_a_start_and_an_end_in_order(api, wave):
    path = f"/v1/waves/{wave['id']}"
    assert list_errors(change(api, path, freeze_start="2026-12-14")) == [
        ("/freeze_end", "incomplete")
    ]
    assert list_errors(change(api, path, freeze_end="2026-12-14")) == [
        ("/freeze_start", "incomplete")
    ]
    turned = change(api, path, freeze_start="2026-12-14", freeze_end="2026-12-13")
    assert list_errors(turned) == [("/freeze_end", "out_of_order")]
    frozen = change(api, path, freeze_start="2026-12-14", freeze_end="2027-01-04").json
    assert (frozen["freeze_start"], frozen["freeze_end"]) == ("2026-12-14", "2027-01-04")


@pytest.mark.parametrize("kind", ["programme", "wave"])
def test_programme_and_wave_ratings_need_reasons(request, api, kind):
    created = request.getfixturevalue(kind)
    path = f"/v1/{kind}s/{created['id']}"
    assert list_errors(change(api, path, rag="amber")) == [
        ("/rag_narrative", "incomplete"),
        ("/path_to_green", "incomplete"),
    ]
    amber = change(api, path, rag="amber", rag_narrative="Late.", path_to_green="Hurry.").json
    assert (amber["rag"], amber["previous_rag"]) == ("amber", None)
    green = change(api, path, rag="green", rag_narrative="On time.").json
    assert (green["rag"], green["previous_rag"]) == ("green", "amber")
    assert len(api.get(f"/v1/{kind}s?rag=green&previous_rag=amber").json["items"]) == 1
