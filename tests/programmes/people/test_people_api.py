"""Whom a migration touches, and what they are told."""

from datetime import UTC, datetime

import pytest

from catalogue.agencies.visibility import Disclosure
from catalogue.core import clock
from tests.programmes.moving import LEADS, faults, moved, patch
from tests.rationalisation.scene import BEDS, CAMBS, CENTRE, HERTS, system
from tests.recording import record


@pytest.fixture(autouse=True)
def today():
    with clock.freeze(datetime(2026, 11, 22, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def api(sign_in):
    return sign_in(CAMBS, LEADS)


@pytest.fixture
def programme(api):
    return api.post("/v1/programmes", json={"title": "Shared back office"}).json


@pytest.fixture
def ledger(sign_in, session, make_agency):
    """A system of Bedfordshire's that two forces use, and a third used."""
    made = system(session, BEDS, "Ledger", user_count=120, disclosure=Disclosure.ALL_AGENCIES)
    session.commit()
    owner, uses = sign_in(BEDS, LEADS), f"/v1/systems/{made.id}/uses"
    for code, users, until in ((BEDS, 100, None), (HERTS, 20, None), (CENTRE, 5, "2020-03-31")):
        make_agency(code)
        record(owner, uses, agency=code, user_count=users, since="2015-04-01", until=until)
    return made


@pytest.fixture
def move(api, programme, ledger):
    return moved(api, programme, ledger, planned_date="2026-12-01")


def people(api, migration):
    answer = api.get(f"/v1/migrations/{migration['id']}/people")
    assert answer.status_code == 200, answer.json
    return answer.json


def notice(api, migration, **fields):
    said = {"migration_id": migration["id"], "audience": "users", "subject": "Your ledger moves"}
    return api.post("/v1/migration-notices", json=said | {"planned_date": "2026-11-20"} | fields)


def test_who_uses_it_now_and_how_many(api, move):
    found = people(api, move)
    assert found["users"] == 120
    assert [(e["agency"], e["users"]) for e in found["agencies"]] == [(BEDS, 100), (HERTS, 20)]
    assert found["withheld"] == []


def test_users_are_added_up_where_the_record_does_not_say(api, programme, sign_in, session):
    made = system(session, BEDS, "Payroll", disclosure=Disclosure.ALL_AGENCIES)
    session.commit()
    owner, uses = sign_in(BEDS, LEADS), f"/v1/systems/{made.id}/uses"
    move = moved(api, programme, made)
    assert people(api, move)["users"] is None, "nobody said who uses it"
    record(owner, uses, agency=BEDS, user_count=30, since="2015-04-01")
    assert people(api, move)["users"] == 30
    record(owner, uses, agency=CAMBS, since="2015-04-01")
    assert people(api, move)["users"] is None, "of one agency it is not known how many"


def test_of_a_separation_only_those_who_leave(api, programme, ledger):
    move = moved(api, programme, ledger, kind="separation", leaving_agency=HERTS)
    found = people(api, move)
    assert (found["users"], [e["agency"] for e in found["agencies"]]) == (20, [HERTS])
    assert found["suggested_statement"].startswith("Hertfordshire Police plans to use")


def test_without_the_scope_for_systems_nobody_is_named(sign_in, move):
    narrow = sign_in(CAMBS, "programmes:read")
    found = people(narrow, move)
    assert (found["users"], found["agencies"], found["withheld"]) == (
        None,
        [],
        ["agencies", "users"],
    )
    assert found["suggested_statement"].endswith("for its work."), "nor is what it does"


def test_who_does_not_see_the_system_sees_no_people(sign_in, move, session, ledger):
    ledger = session.merge(ledger)
    ledger.disclosure = Disclosure.OWNER_ONLY
    session.commit()
    for each in (sign_in(CAMBS, LEADS), sign_in("kent-police", LEADS)):
        assert each.get(f"/v1/migrations/{move['id']}/people").status_code == 404


def test_a_notice_is_planned_sent_and_listed_with_the_people(api, move):
    planned = notice(api, move).json
    assert (planned["sent_on"], planned["overdue"]) == (None, True)
    path = f"/v1/migration-notices/{planned['id']}"
    etag = {"If-Match": api.get(path).headers["ETag"]}
    sent = api.patch(path, json={"sent_on": "2026-11-21"}, headers=etag).json
    assert (sent["sent_on"], sent["overdue"]) == ("2026-11-21", False)
    notice(api, move, audience="public", planned_date="2026-10-01")
    assert [e["audience"] for e in people(api, move)["notices"]] == ["public", "users"]
    late = api.get("/v1/migration-notices?overdue=true&fields=audience").json["items"]
    assert [each["audience"] for each in late] == ["public"]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"audience": "agency"}, ("/agency", "no_agency")),
        ({"agency": "no-such-force"}, ("/agency", "unknown")),
        ({"sent_on": "2026-11-23"}, ("/sent_on", "in_future")),
        ({"migration_id": "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c11"}, ("/migration_id", "unknown")),
    ],
)
def test_a_notice_that_does_not_fit(api, move, fields, fault):
    answer = notice(api, move, **fields)
    assert (answer.status_code, faults(answer)) == (422, [fault])


def test_only_the_lead_plans_notices(sign_in, move):
    assert notice(sign_in(BEDS, LEADS), move).status_code == 403
    assert notice(sign_in("kent-police", LEADS), move).status_code == 422, "it is not there"


def test_a_notice_planned_by_mistake_is_removed(api, move):
    made = notice(api, move).json
    path = f"/v1/migration-notices/{made['id']}"
    etag = {"If-Match": api.get(path).headers["ETag"]}
    assert api.delete(path, headers=etag).status_code == 204
    assert api.get(path).status_code == 404


def test_a_public_statement_has_to_be_in_plain_words(api, move):
    refused = patch(api, move, public_statement="Cutover is in May. Ask projects@example.org.")
    assert (refused.status_code, faults(refused)) == (
        422,
        [("/public_statement", "contact"), ("/public_statement", "jargon")],
    )
    said = "From May Bedfordshire Police keeps its books with others."
    assert patch(api, move, public_statement=said).status_code == 200
    assert people(api, move)["public_statement"] == said
