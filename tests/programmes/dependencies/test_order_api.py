"""Dependencies between migrations, and waves that must follow them."""

from threading import Thread

import pytest

from catalogue.agencies.visibility import Disclosure
from catalogue.programmes.dependencies import graph
from tests.api_calls import change
from tests.factories import BEDS, CAMBS, HERTS, add_system, record
from tests.programmes.api_migrations import (
    LEAD_SCOPES,
    change_migration,
    create_migration,
    create_migration_at,
    list_errors,
)
from tests.threads import Held


@pytest.fixture
def waves(api, programme):
    """Three waves, by position."""
    created = {}
    for position, name in enumerate(("Finance", "People", "Fleet"), start=1):
        body = {"programme_id": programme["id"], "name": name, "position": position}
        created[position] = api.post("/v1/waves", json=body).json
    return created


@pytest.fixture
def move(api, programme, session):
    """Create a system and its migration, in a wave if given."""

    def move(name, wave=None, agency=CAMBS, **fields):
        disclosure = fields.pop("disclosure", Disclosure.ALL_AGENCIES)
        created = add_system(session, agency, name, disclosure=disclosure)
        session.commit()
        return create_migration(
            api, programme, created, **({"wave_id": wave["id"]} if wave else {}), **fields
        )

    return move


def send_dependency(api, first, second, **fields):
    body = {"migration_id": first["id"], "depends_on_id": second["id"], "reason": "It reads it."}
    return api.post("/v1/migration-dependencies", json=body | fields)


def create_dependency(api, first, second, **fields):
    answer = send_dependency(api, first, second, **fields)
    assert answer.status_code == 201, answer.json
    return answer.json


def create_interface(api, start, end, direction="from_to"):
    """An interface from the system of one migration to that of another."""
    ends = {"from_system_id": start["system_id"], "to_system_id": end["system_id"]}
    return record(api, "/v1/interfaces", standard="sftp", direction=direction, **ends)


def read_order(api, programme):
    answer = api.get(f"/v1/programmes/{programme['id']}/order")
    assert answer.status_code == 200, answer.json
    return answer.json


def list_step_names(order):
    return [[each["system_name"] for each in step["migrations"]] for step in order["steps"]]


def test_a_wave_rejects_a_migration_that_waits_for_a_later_wave(api, waves, move):
    payroll, people, posts = move("Payroll"), move("People"), move("Posts", waves[2])
    create_dependency(api, payroll, people)
    create_dependency(api, people, posts)
    refused = change_migration(api, payroll, wave_id=waves[1]["id"])
    assert (refused.status_code, list_errors(refused)) == (409, [("/wave_id", "later_wave")])
    path = "Payroll (wave Finance) -> People (no wave) -> Posts (wave People)"
    assert path in refused.json["errors"][0]["detail"]
    assert api.get(f"/v1/migrations/{payroll['id']}").json["wave_id"] is None
    assert change_migration(api, payroll, wave_id=waves[2]["id"]).status_code == 200
    assert change_migration(api, posts, wave_id=waves[1]["id"]).status_code == 200, (
        "a migration can move ahead of those that depend on it"
    )
    late = change_migration(api, posts, wave_id=waves[3]["id"])
    assert list_errors(late) == [("/wave_id", "later_wave")], (
        "a migration cannot move behind those that depend on it"
    )


def test_new_migrations_and_moved_waves_keep_the_order(api, programme, waves, move, session):
    payroll, posts = move("Payroll", waves[2]), move("Posts", waves[2])
    create_dependency(api, payroll, posts)
    assert change_migration(api, payroll, wave_id=waves[3]["id"]).status_code == 200
    path = f"/v1/waves/{waves[2]['id']}"
    refused = change(api, path, position=4)
    assert (refused.status_code, list_errors(refused)) == (409, [("/position", "later_wave")])
    assert api.get(path).json["position"] == 2
    ledger = add_system(session, CAMBS, "Ledger")
    session.commit()
    create_interface(api, {"system_id": payroll["system_id"]}, {"system_id": str(ledger.id)})
    body = {"programme_id": programme["id"], "system_id": str(ledger.id), "strategy": "rehost"}
    refused = api.post("/v1/migrations", json=body | {"wave_id": waves[1]["id"]})
    assert (refused.status_code, list_errors(refused)) == (409, [("/wave_id", "later_wave")])
    assert api.get("/v1/migrations?q=ledger").json["items"] == []


def test_a_dependency_on_a_later_wave_is_rejected_unless_waived(api, waves, move):
    payroll, posts = move("Payroll", waves[1]), move("Posts", waves[2])
    refused = send_dependency(api, payroll, posts)
    assert (refused.status_code, list_errors(refused)) == (409, [("/depends_on_id", "later_wave")])
    waived = {"waived_by": "Programme director", "waived_reason": "A file is sent by hand."}
    created = create_dependency(api, payroll, posts, **waived)
    path = f"/v1/migration-dependencies/{created['id']}"
    lifted = change(api, path, waived_by=None, waived_reason=None)
    assert (lifted.status_code, list_errors(lifted)) == (409, [("/waived_by", "later_wave")])
    assert api.get(path).json["waived_by"] == "Programme director"


def test_an_earlier_conflict_does_not_block_another_dependency(api, waves, move):
    payroll, posts = move("Payroll", waves[1]), move("Posts", waves[1])
    late = move("Late", waves[2])
    # Recording an interface does not check the order of waves.
    create_interface(api, late, payroll)
    created = create_dependency(api, payroll, posts)
    path = f"/v1/migration-dependencies/{created['id']}"
    assert change(api, path, reason="Another.").status_code == 200


def test_a_dependency_waiver_lets_a_migration_go_ahead(api, waves, move):
    payroll, posts = move("Payroll"), move("Posts", waves[2])
    create_dependency(api, payroll, posts)
    half = change_migration(api, payroll, wave_id=waves[1]["id"], dependencies_waived_by="Director")
    assert (half.status_code, list_errors(half)) == (
        422,
        [("/dependencies_waived_reason", "unexplained")],
    )
    waiver = {"dependencies_waived_by": "Director", "dependencies_waived_reason": "Sent by hand."}
    assert change_migration(api, payroll, wave_id=waves[1]["id"], **waiver).status_code == 200
    ended = change_migration(
        api, payroll, dependencies_waived_by=None, dependencies_waived_reason=None
    )
    assert (ended.status_code, list_errors(ended)) == (409, [("/wave_id", "later_wave")])


def test_a_conflict_through_a_migration_without_a_wave_is_rejected(api, waves, move):
    first, between, last = move("Payroll", waves[1]), move("People"), move("Posts", waves[2])
    create_dependency(api, first, between)
    refused = send_dependency(api, between, last)
    assert (refused.status_code, list_errors(refused)) == (409, [("/depends_on_id", "later_wave")])
    path = "Payroll (wave Finance) -> People (no wave) -> Posts (wave People)"
    assert path in refused.json["errors"][0]["detail"]
    waiver = {"dependencies_waived_by": "Director", "dependencies_waived_reason": "Sent by hand."}
    assert change_migration(api, between, **waiver).status_code == 200
    create_dependency(api, between, last)
    ended = change_migration(
        api, between, dependencies_waived_by=None, dependencies_waived_reason=None
    )
    assert (ended.status_code, list_errors(ended)) == (409, [("/wave_id", "later_wave")])


def test_an_earlier_conflict_does_not_block_other_changes(api, programme, waves, move):
    payroll, ledger = move("Payroll", waves[1]), move("Ledger", waves[1])
    created = create_dependency(api, payroll, ledger)
    create_interface(api, move("Posts", waves[3]), payroll)
    assert len(read_order(api, programme)["conflicts"]) == 1
    path = f"/v1/migration-dependencies/{created['id']}"
    assert change(api, path, reason="It reads the accounts.").status_code == 200
    assert change(api, f"/v1/waves/{waves[1]['id']}", name="Money", position=1).status_code == 200
    assert change_migration(api, payroll, next_update_due="2026-12-04").status_code == 200
    create_dependency(api, payroll, move("Fleet", waves[1]))
    assert len(read_order(api, programme)["conflicts"]) == 1


@pytest.mark.only_on("postgresql")
def test_concurrent_wave_changes_keep_the_order(
    monkeypatch, sign_in, store, api, programme, waves, move
):
    payroll, posts = move("Payroll"), move("Posts")
    create_dependency(api, payroll, posts)
    held = Held(graph.find_wave_conflicts)
    monkeypatch.setattr(graph, "find_wave_conflicts", held.wrapper())
    apis = [sign_in(CAMBS, LEAD_SCOPES) for _ in range(2)]
    answers = {}

    def send(number, migration, wave):
        answers[number] = change_migration(apis[number], migration, wave_id=wave["id"])

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
    assert list_errors(answers[1]) == [("/wave_id", "later_wave")]
    assert read_order(api, programme)["conflicts"] == []


def test_a_dependency_cycle_is_rejected_with_its_path(api, move):
    payroll, people, posts = move("Payroll"), move("People"), move("Posts")
    create_dependency(api, payroll, people)
    create_dependency(api, people, posts)
    refused = send_dependency(api, posts, payroll)
    assert (refused.status_code, list_errors(refused)) == (409, [("/depends_on_id", "cycle")])
    assert "Posts -> Payroll -> People -> Posts" in refused.json["detail"]
    created = create_dependency(api, posts, payroll, waived_by="Director", waived_reason="Known.")
    path = f"/v1/migration-dependencies/{created['id']}"
    lifted = change(api, path, waived_by=None, waived_reason=None)
    assert (lifted.status_code, list_errors(lifted)) == (409, [("/depends_on_id", "cycle")])


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        pytest.param({"waived_by": "Director"}, ("/waived_reason", "unexplained"), id="no_reason"),
        pytest.param({"waived_reason": "Known."}, ("/waived_by", "unexplained"), id="no_name"),
    ],
)
def test_a_waiver_needs_both_a_name_and_a_reason(api, move, fields, fault):
    answer = send_dependency(api, move("Payroll"), move("Posts"), **fields)
    assert (answer.status_code, list_errors(answer)) == (422, [fault])


def test_a_dependency_rejects_migrations_that_do_not_fit(api, session, move, sign_in):
    payroll, posts = move("Payroll"), move("Posts")
    itself = send_dependency(api, payroll, payroll)
    assert list_errors(itself) == [("/depends_on_id", "circular")]
    other = api.post("/v1/programmes", json={"title": "Another"}).json
    elsewhere = add_system(session, CAMBS, "Elsewhere")
    session.commit()
    apart = send_dependency(api, payroll, create_migration(api, other, elsewhere))
    assert list_errors(apart) == [("/depends_on_id", "other_programme")]
    create_dependency(api, payroll, posts)
    twice = send_dependency(api, payroll, posts)
    assert (twice.status_code, list_errors(twice)) == (409, [("/depends_on_id", "taken")])
    assert send_dependency(sign_in(BEDS, LEAD_SCOPES), payroll, posts).status_code == 422, (
        "the migrations are hidden"
    )


def test_an_interface_makes_the_receiving_migration_wait_for_the_sending_one(
    api, programme, waves, move
):
    people, payroll = move("People"), move("Payroll", waves[1])
    create_interface(api, people, payroll)
    refused = change_migration(api, people, wave_id=waves[2]["id"])
    assert (refused.status_code, list_errors(refused)) == (409, [("/wave_id", "later_wave")])
    assert "Payroll (wave Finance) -> People (wave People)" in refused.json["errors"][0]["detail"]
    order = read_order(api, programme)
    assert (list_step_names(order), order["conflicts"]) == ([["People"], ["Payroll"]], [])


def test_complete_and_cancelled_migrations_delay_no_other(api, programme, waves, move, session):
    mail = add_system(session, CAMBS, "Mail")
    session.commit()
    gone = create_migration_at(api, programme, mail, "complete", wave_id=waves[3]["id"])
    left = move("Left", waves[3])
    payroll = move("Payroll", waves[1])
    create_interface(api, gone, payroll)
    assert (
        change_migration(api, left, stage="cancelled", stage_reason="It stays.").status_code == 200
    )
    create_dependency(api, payroll, left)
    create_dependency(api, payroll, gone)
    assert list_step_names(read_order(api, programme)) == [["Payroll"]]


def test_the_order_lists_groups_and_conflicts(api, programme, waves, move):
    people, payroll, ledger = (
        move("People", waves[1]),
        move("Payroll", waves[1]),
        move("Ledger", waves[1]),
    )
    create_interface(api, people, payroll, direction="both")
    create_interface(api, payroll, ledger)
    assert change_migration(api, ledger, wave_id=waves[2]["id"]).status_code == 200
    order = read_order(api, programme)
    assert list_step_names(order) == [["Payroll", "People"], ["Ledger"]]
    assert order["steps"][0]["together"] in (
        ["Payroll -> People -> Payroll"],
        ["People -> Payroll -> People"],
    )
    assert order["steps"][1]["migrations"][0]["waits_for"] == [payroll["id"]]
    # An interface that is recorded later can create a conflict between waves.
    create_interface(api, ledger, people)
    (conflict,) = read_order(api, programme)["conflicts"]
    assert (conflict["migration_id"], conflict["depends_on_id"]) == (people["id"], ledger["id"])
    assert conflict["path"] == "People (wave Finance) -> Ledger (wave People)"


def test_the_order_omits_hidden_migrations(api, programme, waves, move, sign_in):
    seen = move("Seen", waves[1], agency=BEDS)
    secret = move("Secret", waves[1], disclosure=Disclosure.OWNER_ONLY)
    created = create_dependency(api, seen, secret)
    owner = sign_in(BEDS, LEAD_SCOPES)
    assert list_step_names(read_order(owner, programme)) == [["Seen"]]
    assert read_order(owner, programme)["steps"][0]["migrations"][0]["waits_for"] == []
    assert owner.get("/v1/migration-dependencies").json["items"] == []
    assert owner.get(f"/v1/migration-dependencies/{created['id']}").status_code == 404
    assert (
        sign_in(HERTS, LEAD_SCOPES).get(f"/v1/programmes/{programme['id']}/order").status_code
        == 404
    )


def test_a_migration_lists_the_interfaces_to_repoint(api, waves, move, session, sign_in):
    payroll, people = move("Payroll", waves[2]), move("People", waves[1])
    rota = add_system(session, CAMBS, "Rota")
    session.commit()
    create_interface(api, people, payroll)
    create_interface(api, payroll, {"system_id": str(rota.id)}, direction="both")
    response = api.get(f"/v1/migrations/{payroll['id']}/interfaces").json
    interfaces = {
        each["other_system_name"]: (
            each["sends"],
            each["receives"],
            each["other_migration_id"],
            each["other_wave"],
        )
        for each in response["interfaces"]
    }
    assert interfaces == {
        "People": (False, True, people["id"], "Finance"),
        "Rota": (True, True, None, None),
    }
    narrow = sign_in(CAMBS, "programmes:read")
    assert narrow.get(f"/v1/migrations/{payroll['id']}/interfaces").json == {
        "migration_id": payroll["id"],
        "interfaces": [],
        "withheld": ["interfaces"],
    }
