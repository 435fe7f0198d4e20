"""Which migrations wait for which, and that waves keep to it."""

from threading import Thread

import pytest

from catalogue.agencies.visibility import Disclosure
from catalogue.programmes.order import operations
from tests.programmes.moving import LEADS, at, faults, moved, patch
from tests.rationalisation.scene import BEDS, CAMBS, HERTS, system
from tests.recording import change, record
from tests.threads import Held


@pytest.fixture
def api(sign_in):
    return sign_in(CAMBS, LEADS)


@pytest.fixture
def programme(api):
    return api.post("/v1/programmes", json={"title": "Shared back office"}).json


@pytest.fixture
def waves(api, programme):
    """Three waves, by their places."""
    made = {}
    for position, name in enumerate(("Finance", "People", "Fleet"), start=1):
        body = {"programme_id": programme["id"], "name": name, "position": position}
        made[position] = api.post("/v1/waves", json=body).json
    return made


@pytest.fixture
def move(api, programme, session):
    """Move a system of that name, in a wave."""

    def move(name, wave=None, agency=CAMBS, **fields):
        disclosure = fields.pop("disclosure", Disclosure.ALL_AGENCIES)
        made = system(session, agency, name, disclosure=disclosure)
        session.commit()
        return moved(api, programme, made, **({"wave_id": wave["id"]} if wave else {}), **fields)

    return move


def wait(api, first, second, **fields):
    body = {"migration_id": first["id"], "depends_on_id": second["id"], "reason": "It reads it."}
    return api.post("/v1/migration-dependencies", json=body | fields)


def waits(api, first, second, **fields):
    answer = wait(api, first, second, **fields)
    assert answer.status_code == 201, answer.json
    return answer.json


def linked(api, start, end, direction="from_to"):
    """An interface from the system of one migration to that of another."""
    ends = {"from_system_id": start["system_id"], "to_system_id": end["system_id"]}
    return record(api, "/v1/interfaces", standard="sftp", direction=direction, **ends)


def order(api, programme):
    answer = api.get(f"/v1/programmes/{programme['id']}/order")
    assert answer.status_code == 200, answer.json
    return answer.json


def steps(found):
    return [[each["system_name"] for each in step["migrations"]] for step in found["steps"]]


def test_a_wave_refuses_what_waits_for_a_later_one_and_names_the_path(api, waves, move):
    payroll, people, posts = move("Payroll"), move("People"), move("Posts", waves[2])
    waits(api, payroll, people)
    waits(api, people, posts)
    refused = patch(api, payroll, wave_id=waves[1]["id"])
    assert (refused.status_code, faults(refused)) == (409, [("/wave_id", "later_wave")])
    said = "Payroll (wave Finance) -> People (no wave) -> Posts (wave People)"
    assert said in refused.json["errors"][0]["detail"]
    assert api.get(f"/v1/migrations/{payroll['id']}").json["wave_id"] is None
    assert patch(api, payroll, wave_id=waves[2]["id"]).status_code == 200
    assert patch(api, posts, wave_id=waves[1]["id"]).status_code == 200, "what is waited for may"
    late = patch(api, posts, wave_id=waves[3]["id"])
    assert faults(late) == [("/wave_id", "later_wave")], "nor may it leave behind what waits"


def test_a_new_migration_and_a_moved_wave_are_held_to_it_as_well(
    api, programme, waves, move, session
):
    payroll, posts = move("Payroll", waves[2]), move("Posts", waves[2])
    waits(api, payroll, posts)
    assert patch(api, payroll, wave_id=waves[3]["id"]).status_code == 200
    path = f"/v1/waves/{waves[2]['id']}"
    etag = {"If-Match": api.get(path).headers["ETag"]}
    refused = api.patch(path, json={"position": 4}, headers=etag)
    assert (refused.status_code, faults(refused)) == (409, [("/position", "later_wave")])
    assert api.get(path).json["position"] == 2
    ledger = system(session, CAMBS, "Ledger")
    session.commit()
    linked(api, {"system_id": payroll["system_id"]}, {"system_id": str(ledger.id)})
    body = {"programme_id": programme["id"], "system_id": str(ledger.id), "strategy": "rehost"}
    refused = api.post("/v1/migrations", json=body | {"wave_id": waves[1]["id"]})
    assert (refused.status_code, faults(refused)) == (409, [("/wave_id", "later_wave")])
    assert api.get("/v1/migrations?q=ledger").json["items"] == []


def test_a_dependency_on_a_later_wave_is_refused_unless_it_is_waived(api, waves, move):
    payroll, posts = move("Payroll", waves[1]), move("Posts", waves[2])
    refused = wait(api, payroll, posts)
    assert (refused.status_code, faults(refused)) == (409, [("/depends_on_id", "later_wave")])
    waived = {"waived_by": "Programme director", "waived_reason": "A file is sent by hand."}
    made = waits(api, payroll, posts, **waived)
    path = f"/v1/migration-dependencies/{made['id']}"
    etag = {"If-Match": api.get(path).headers["ETag"]}
    lifted = api.patch(path, json={"waived_by": None, "waived_reason": None}, headers=etag)
    assert (lifted.status_code, faults(lifted)) == (409, [("/waived_by", "later_wave")])
    assert api.get(path).json["waived_by"] == "Programme director"


def test_what_was_out_of_order_before_stands_in_no_other_dependencys_way(api, waves, move):
    payroll, posts = move("Payroll", waves[1]), move("Posts", waves[1])
    late = move("Late", waves[2])
    # Nobody asks for the order of waves when an interface is recorded.
    linked(api, late, payroll)
    made = waits(api, payroll, posts)
    path = f"/v1/migration-dependencies/{made['id']}"
    etag = {"If-Match": api.get(path).headers["ETag"]}
    assert api.patch(path, json={"reason": "Another."}, headers=etag).status_code == 200


def test_a_migration_goes_ahead_where_somebody_answers_for_it(api, waves, move):
    payroll, posts = move("Payroll"), move("Posts", waves[2])
    waits(api, payroll, posts)
    half = patch(api, payroll, wave_id=waves[1]["id"], dependency_waived_by="Director")
    assert (half.status_code, faults(half)) == (422, [("/dependency_waived_reason", "unexplained")])
    whole = {"dependency_waived_by": "Director", "dependency_waived_reason": "Sent by hand."}
    assert patch(api, payroll, wave_id=waves[1]["id"], **whole).status_code == 200
    ended = patch(api, payroll, dependency_waived_by=None, dependency_waived_reason=None)
    assert (ended.status_code, faults(ended)) == (409, [("/wave_id", "later_wave")])


def test_a_path_through_what_has_no_wave_is_found_wherever_it_is_closed(api, waves, move):
    first, between, last = move("Payroll", waves[1]), move("People"), move("Posts", waves[2])
    waits(api, first, between)
    refused = wait(api, between, last)
    assert (refused.status_code, faults(refused)) == (409, [("/depends_on_id", "later_wave")])
    said = "Payroll (wave Finance) -> People (no wave) -> Posts (wave People)"
    assert said in refused.json["errors"][0]["detail"]
    whole = {"dependency_waived_by": "Director", "dependency_waived_reason": "Sent by hand."}
    assert patch(api, between, **whole).status_code == 200
    waits(api, between, last)
    ended = patch(api, between, dependency_waived_by=None, dependency_waived_reason=None)
    assert (ended.status_code, faults(ended)) == (409, [("/wave_id", "later_wave")])


def test_what_is_out_of_order_already_stands_in_no_other_change_s_way(api, programme, waves, move):
    payroll, ledger = move("Payroll", waves[1]), move("Ledger", waves[1])
    made = waits(api, payroll, ledger)
    linked(api, move("Posts", waves[3]), payroll)
    assert len(order(api, programme)["conflicts"]) == 1
    path = f"/v1/migration-dependencies/{made['id']}"
    assert change(api, path, reason="It reads the accounts.").status_code == 200
    assert change(api, f"/v1/waves/{waves[1]['id']}", name="Money", position=1).status_code == 200
    assert patch(api, payroll, next_update_due="2026-12-04").status_code == 200
    waits(api, payroll, move("Fleet", waves[1]))
    assert len(order(api, programme)["conflicts"]) == 1


@pytest.mark.only_on("postgresql")
def test_two_that_are_placed_at_once_keep_the_order(
    monkeypatch, sign_in, store, api, programme, waves, move
):
    payroll, posts = move("Payroll"), move("Posts")
    waits(api, payroll, posts)
    held = Held(operations.later_waves)
    monkeypatch.setattr(operations, "later_waves", held.wrapper())
    apis = [sign_in(CAMBS, LEADS) for _ in range(2)]
    answers = {}

    def send(number, migration, wave):
        answers[number] = patch(apis[number], migration, wave_id=wave["id"])

    first = Thread(target=send, args=(0, payroll, waves[1]))
    second = Thread(target=send, args=(1, posts, waves[2]))
    first.start()
    held.wait_until_entered()
    second.start()
    second.join(1)
    held.let_go()
    for thread in (first, second):
        thread.join(20)
    assert [answers[n].status_code for n in range(2)] == [200, 409]
    assert faults(answers[1]) == [("/wave_id", "later_wave")]
    assert order(api, programme)["conflicts"] == []


def test_a_cycle_is_refused_and_named(api, move):
    payroll, people, posts = move("Payroll"), move("People"), move("Posts")
    waits(api, payroll, people)
    waits(api, people, posts)
    refused = wait(api, posts, payroll)
    assert (refused.status_code, faults(refused)) == (409, [("/depends_on_id", "cycle")])
    assert "Posts -> Payroll -> People -> Posts" in refused.json["detail"]
    made = waits(api, posts, payroll, waived_by="Director", waived_reason="Known.")
    path = f"/v1/migration-dependencies/{made['id']}"
    etag = {"If-Match": api.get(path).headers["ETag"]}
    lifted = api.patch(path, json={"waived_by": None, "waived_reason": None}, headers=etag)
    assert (lifted.status_code, faults(lifted)) == (409, [("/depends_on_id", "cycle")])


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"waived_by": "Director"}, ("/waived_reason", "unexplained")),
        ({"waived_reason": "Known."}, ("/waived_by", "unexplained")),
    ],
)
def test_a_waiver_is_whole(api, move, fields, fault):
    answer = wait(api, move("Payroll"), move("Posts"), **fields)
    assert (answer.status_code, faults(answer)) == (422, [fault])


def test_what_does_not_fit_is_refused(api, session, move, sign_in):
    payroll, posts = move("Payroll"), move("Posts")
    itself = wait(api, payroll, payroll)
    assert faults(itself) == [("/depends_on_id", "circular")]
    other = api.post("/v1/programmes", json={"title": "Another"}).json
    elsewhere = system(session, CAMBS, "Elsewhere")
    session.commit()
    apart = wait(api, payroll, moved(api, other, elsewhere))
    assert faults(apart) == [("/depends_on_id", "other_programme")]
    waits(api, payroll, posts)
    twice = wait(api, payroll, posts)
    assert (twice.status_code, faults(twice)) == (409, [("/depends_on_id", "taken")])
    assert wait(sign_in(BEDS, LEADS), payroll, posts).status_code == 422, "it is not there"


def test_interfaces_make_migrations_wait(api, programme, waves, move):
    people, payroll = move("People"), move("Payroll", waves[1])
    linked(api, people, payroll)
    refused = patch(api, people, wave_id=waves[2]["id"])
    assert (refused.status_code, faults(refused)) == (409, [("/wave_id", "later_wave")])
    assert "Payroll (wave Finance) -> People (wave People)" in refused.json["errors"][0]["detail"]
    found = order(api, programme)
    assert (steps(found), found["conflicts"]) == ([["People"], ["Payroll"]], [])


def test_what_has_moved_or_does_not_move_holds_nobody_up(api, programme, waves, move, session):
    mail = system(session, CAMBS, "Mail")
    session.commit()
    gone = at(api, programme, mail, "complete", wave_id=waves[3]["id"])
    left = move("Left", waves[3])
    payroll = move("Payroll", waves[1])
    linked(api, gone, payroll)
    assert patch(api, left, stage="cancelled", stage_reason="It stays.").status_code == 200
    waits(api, payroll, left)
    waits(api, payroll, gone)
    assert steps(order(api, programme)) == [["Payroll"]]


def test_the_order_names_groups_and_conflicts(api, programme, waves, move):
    people, payroll, ledger = (
        move("People", waves[1]),
        move("Payroll", waves[1]),
        move("Ledger", waves[1]),
    )
    linked(api, people, payroll, direction="both")
    linked(api, payroll, ledger)
    assert patch(api, ledger, wave_id=waves[2]["id"]).status_code == 200
    found = order(api, programme)
    assert steps(found) == [["Payroll", "People"], ["Ledger"]]
    assert found["steps"][0]["together"] in (
        [["Payroll -> People -> Payroll"], ["People -> Payroll -> People"]][n] for n in (0, 1)
    )
    assert found["steps"][1]["migrations"][0]["waits_for"] == [payroll["id"]]
    # An interface that is recorded later may show that waves do not keep to the order.
    linked(api, ledger, people)
    (conflict,) = order(api, programme)["conflicts"]
    assert (conflict["migration_id"], conflict["depends_on_id"]) == (people["id"], ledger["id"])
    assert conflict["path"] == "People (wave Finance) -> Ledger (wave People)"


def test_only_what_one_sees_is_in_the_order(api, programme, waves, move, sign_in):
    seen = move("Seen", waves[1], agency=BEDS)
    secret = move("Secret", waves[1], disclosure=Disclosure.OWNER_ONLY)
    made = waits(api, seen, secret)
    owner = sign_in(BEDS, LEADS)
    assert steps(order(owner, programme)) == [["Seen"]]
    assert order(owner, programme)["steps"][0]["migrations"][0]["waits_for"] == []
    assert owner.get("/v1/migration-dependencies").json["items"] == []
    assert owner.get(f"/v1/migration-dependencies/{made['id']}").status_code == 404
    assert sign_in(HERTS, LEADS).get(f"/v1/programmes/{programme['id']}/order").status_code == 404


def test_the_interfaces_to_repoint_are_listed(api, waves, move, session, sign_in):
    payroll, people = move("Payroll", waves[2]), move("People", waves[1])
    rota = system(session, CAMBS, "Rota")
    session.commit()
    linked(api, people, payroll)
    linked(api, payroll, {"system_id": str(rota.id)}, direction="both")
    found = api.get(f"/v1/migrations/{payroll['id']}/interfaces").json
    shown = {
        each["other_system_name"]: (
            each["sends"],
            each["receives"],
            each["other_migration_id"],
            each["other_wave"],
        )
        for each in found["interfaces"]
    }
    assert shown == {
        "People": (False, True, people["id"], "Finance"),
        "Rota": (True, True, None, None),
    }
    narrow = sign_in(CAMBS, "programmes:read")
    assert narrow.get(f"/v1/migrations/{payroll['id']}/interfaces").json == {
        "migration_id": payroll["id"],
        "interfaces": [],
        "withheld": ["interfaces"],
    }
