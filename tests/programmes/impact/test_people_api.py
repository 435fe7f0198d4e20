"""People that a migration affects, and the notices and statements for them."""

import pytest

from catalogue.agencies.visibility import Disclosure
from tests.api_calls import change
from tests.factories import BEDS, CAMBS, CENTRE, HERTS, add_system, record
from tests.programmes.api_migrations import (
    LEAD_SCOPES,
    change_migration,
    create_migration,
    list_errors,
)
from tests.sums import sum_of


@pytest.fixture
def ledger(sign_in, session, make_agency):
    """A system of Bedfordshire's that two forces use, and a third used."""
    created = add_system(
        session, BEDS, "Ledger", user_count=120, disclosure=Disclosure.ALL_AGENCIES
    )
    session.commit()
    owner, uses = sign_in(BEDS, LEAD_SCOPES), f"/v1/systems/{created.id}/uses"
    for code, users, until in ((BEDS, 100, None), (HERTS, 20, None), (CENTRE, 5, "2020-03-31")):
        make_agency(code)
        record(owner, uses, agency=code, user_count=users, since="2015-04-01", until=until)
    return created


@pytest.fixture
def move(api, programme, ledger):
    return create_migration(api, programme, ledger, planned_date="2026-12-01")


def read_people(api, migration):
    answer = api.get(f"/v1/migrations/{migration['id']}/people")
    assert answer.status_code == 200, answer.json
    return answer.json


def send_notice(api, migration, **fields):
    notice = {"migration_id": migration["id"], "audience": "users", "subject": "Your ledger moves"}
    return api.post("/v1/migration-notices", json=notice | {"planned_date": "2026-11-20"} | fields)


def test_a_migration_lists_current_users_by_agency(api, move):
    people = read_people(api, move)
    assert people["users"] == sum_of(120)
    assert [(e["agency"], e["users"]) for e in people["agencies"]] == [(BEDS, 100), (HERTS, 20)]
    assert people["withheld"] == []


def test_users_are_added_up_when_the_system_has_no_user_count(api, programme, sign_in, session):
    created = add_system(session, BEDS, "Payroll", disclosure=Disclosure.ALL_AGENCIES)
    session.commit()
    owner, uses = sign_in(BEDS, LEAD_SCOPES), f"/v1/systems/{created.id}/uses"
    move = create_migration(api, programme, created)
    assert read_people(api, move)["users"] == sum_of(None, unknown=1), "no use is recorded"
    record(owner, uses, agency=BEDS, user_count=30, since="2015-04-01")
    assert read_people(api, move)["users"] == sum_of(30)
    record(owner, uses, agency=CAMBS, since="2015-04-01")
    assert read_people(api, move)["users"] == sum_of(30, unknown=1), "one agency has no number"


def test_a_separation_lists_only_the_leaving_agency(api, programme, ledger):
    move = create_migration(api, programme, ledger, kind="separation", leaving_agency=HERTS)
    people = read_people(api, move)
    assert (people["users"], [e["agency"] for e in people["agencies"]]) == (sum_of(20), [HERTS])
    assert people["suggested_statement"].startswith("Hertfordshire Police plans to use")


def test_users_are_withheld_without_the_systems_scope(sign_in, move):
    narrow = sign_in(CAMBS, "programmes:read")
    people = read_people(narrow, move)
    assert (people["users"], people["agencies"], people["withheld"]) == (
        sum_of(None, withheld=1),
        [],
        ["agencies", "users"],
    )
    assert people["suggested_statement"].endswith("for its work."), "the capability is withheld too"


def test_an_agency_that_cannot_see_the_system_gets_no_people(sign_in, move, session, ledger):
    ledger = session.merge(ledger)
    ledger.disclosure = Disclosure.OWNER_ONLY
    session.commit()
    for each in (sign_in(CAMBS, LEAD_SCOPES), sign_in("kent-police", LEAD_SCOPES)):
        assert each.get(f"/v1/migrations/{move['id']}/people").status_code == 404


def test_a_notice_is_overdue_until_sent_and_listed_with_the_people(api, move):
    planned = send_notice(api, move).json
    assert (planned["sent_on"], planned["overdue"]) == (None, True)
    path = f"/v1/migration-notices/{planned['id']}"
    sent = change(api, path, sent_on="2026-11-21").json
    assert (sent["sent_on"], sent["overdue"]) == ("2026-11-21", False)
    send_notice(api, move, audience="public", planned_date="2026-10-01")
    assert [e["audience"] for e in read_people(api, move)["notices"]] == ["public", "users"]
    late = api.get("/v1/migration-notices?overdue=true&fields=audience").json["items"]
    assert [each["audience"] for each in late] == ["public"]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        pytest.param({"audience": "agency"}, ("/agency", "no_agency"), id="no_agency"),
        pytest.param({"agency": "no-such-force"}, ("/agency", "unknown"), id="unknown_agency"),
        pytest.param({"sent_on": "2026-11-23"}, ("/sent_on", "in_future"), id="sent_in_future"),
        pytest.param(
            {"migration_id": "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c11"},
            ("/migration_id", "unknown"),
            id="unknown_migration",
        ),
    ],
)
def test_a_notice_rejects_invalid_fields(api, move, fields, fault):
    answer = send_notice(api, move, **fields)
    assert (answer.status_code, list_errors(answer)) == (422, [fault])


def test_only_the_lead_agency_plans_notices(sign_in, move):
    assert send_notice(sign_in(BEDS, LEAD_SCOPES), move).status_code == 403
    assert send_notice(sign_in("kent-police", LEAD_SCOPES), move).status_code == 422, (
        "the migration is hidden"
    )


def test_the_lead_agency_deletes_a_notice(api, move):
    created = send_notice(api, move).json
    path = f"/v1/migration-notices/{created['id']}"
    etag = {"If-Match": api.get(path).headers["ETag"]}
    assert api.delete(path, headers=etag).status_code == 204
    assert api.get(path).status_code == 404


def test_a_public_statement_rejects_contacts_and_jargon(api, move):
    refused = change_migration(
        api, move, public_statement="Cutover is in May. Ask projects@example.org."
    )
    assert (refused.status_code, list_errors(refused)) == (
        422,
        [("/public_statement", "contact"), ("/public_statement", "jargon")],
    )
    statement = "From May Bedfordshire Police keeps its books with others."
    assert change_migration(api, move, public_statement=statement).status_code == 200
    assert read_people(api, move)["public_statement"] == statement
