"""Waves: what they hold, how they are rated, and when nothing else is changed."""

from threading import Thread

import pytest

from catalogue.agencies.visibility import Disclosure
from catalogue.programmes import migrating
from tests.programmes.moving import LEADS, at, body, enter, faults, moved, patch
from tests.rationalisation.scene import BEDS, CAMBS, system
from tests.recording import change
from tests.threads import Held


@pytest.fixture
def api(sign_in):
    return sign_in(CAMBS, LEADS)


@pytest.fixture
def programme(api):
    return api.post("/v1/programmes", json={"title": "Shared back office"}).json


@pytest.fixture
def wave(api, programme):
    fields = {"programme_id": programme["id"], "name": "Finance", "position": 1, "capacity": 1}
    return api.post("/v1/waves", json=fields).json


@pytest.fixture
def systems(session):
    made = [system(session, BEDS, f"Ledger {number}") for number in range(3)]
    session.commit()
    return made


def test_a_wave_holds_no_more_than_its_capacity(api, programme, wave, systems):
    first = moved(api, programme, systems[0], wave_id=wave["id"])
    full = api.post("/v1/migrations", json=body(programme, systems[1], wave_id=wave["id"]))
    assert (full.status_code, faults(full)) == (409, [("/wave_id", "wave_full")])
    second = moved(api, programme, systems[1])
    assert faults(patch(api, second, wave_id=wave["id"])) == [("/wave_id", "wave_full")]
    assert patch(api, first, wave_id=wave["id"], planned_date="2027-01-01").status_code == 200
    enter(api, first, "cancelled")
    assert patch(api, second, wave_id=wave["id"]).status_code == 200
    gone = at(api, programme, systems[2], "cancelled", wave_id=wave["id"])
    assert gone["wave_id"] == wave["id"], "what is cancelled takes no room"


def test_room_is_that_of_what_one_sees(sign_in, session, api, programme, wave, systems):
    moved(api, programme, systems[0], wave_id=wave["id"])
    beds = sign_in(BEDS, LEADS)
    hidden = change(beds, f"/v1/systems/{systems[0].id}", disclosure=Disclosure.OWNER_ONLY)
    assert hidden.status_code == 200
    moved(api, programme, systems[1], wave_id=wave["id"])


def test_more_room_may_be_made(api, programme, wave, systems):
    moved(api, programme, systems[0], wave_id=wave["id"])
    assert change(api, f"/v1/waves/{wave['id']}", capacity=2).status_code == 200
    moved(api, programme, systems[1], wave_id=wave["id"])
    assert change(api, f"/v1/waves/{wave['id']}", capacity=None).status_code == 200
    moved(api, programme, systems[2], wave_id=wave["id"])


@pytest.mark.only_on("postgresql")
def test_two_do_not_take_the_last_place(monkeypatch, sign_in, store, api, programme, wave, systems):
    held = Held(migrating.rate)
    monkeypatch.setattr(migrating, "rate", held.wrapper())
    apis = [sign_in(CAMBS, LEADS) for _ in range(2)]
    answers = {}

    def send(number):
        fields = body(programme, systems[number], wave_id=wave["id"])
        answers[number] = apis[number].post("/v1/migrations", json=fields)

    first, second = (Thread(target=send, args=(number,)) for number in range(2))
    first.start()
    held.wait_until_entered()
    second.start()
    held.let_go()
    for thread in (first, second):
        thread.join(20)
    assert [answers[n].status_code for n in range(2)] == [201, 409]
    assert faults(answers[1]) == [("/wave_id", "wave_full")]


def test_a_freeze_has_two_ends(api, wave):
    path = f"/v1/waves/{wave['id']}"
    assert faults(change(api, path, freeze_start="2026-12-14")) == [("/freeze_end", "incomplete")]
    assert faults(change(api, path, freeze_end="2026-12-14")) == [("/freeze_start", "incomplete")]
    turned = change(api, path, freeze_start="2026-12-14", freeze_end="2026-12-13")
    assert faults(turned) == [("/freeze_end", "out_of_order")]
    frozen = change(api, path, freeze_start="2026-12-14", freeze_end="2027-01-04").json
    assert (frozen["freeze_start"], frozen["freeze_end"]) == ("2026-12-14", "2027-01-04")


@pytest.mark.parametrize("what", ["programme", "wave"])
def test_they_are_rated_with_reasons(request, api, what):
    made = request.getfixturevalue(what)
    path = f"/v1/{what}s/{made['id']}"
    assert faults(change(api, path, rag="amber")) == [
        ("/rag_narrative", "incomplete"),
        ("/path_to_green", "incomplete"),
    ]
    amber = change(api, path, rag="amber", rag_narrative="Late.", path_to_green="Hurry.").json
    assert (amber["rag"], amber["previous_rag"]) == ("amber", None)
    green = change(api, path, rag="green", rag_narrative="On time.").json
    assert (green["rag"], green["previous_rag"]) == ("green", "amber")
    assert len(api.get(f"/v1/{what}s?rag=green&previous_rag=amber").json["items"]) == 1
