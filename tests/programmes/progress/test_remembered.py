"""An answer that was given before is given again only as long as it is the same."""

from datetime import UTC, datetime

import pytest

from catalogue.app import create_app  # noqa: F401 - it declares every kind of record
from catalogue.core import clock
from catalogue.history.declaring import all_recorded
from catalogue.programmes.progress import operations, remembered
from tests.identities import agency
from tests.rationalisation.scene import BEDS, CAMBS, capability, system

OWNER = "costs:read systems:read systems:write agencies:read agencies:write programmes:read"


@pytest.fixture
def asked(monkeypatch, api, programme):
    """Read the summary; whether it was made anew, and the proof that it is what it would be."""
    made = []
    summed = operations._summed

    def counted(*args, **kwargs):
        made.append(args)
        return summed(*args, **kwargs)

    monkeypatch.setattr(operations, "_summed", counted)

    def ask(client=api):
        path = f"/v1/programmes/{programme['id']}/summary"
        made.clear()
        first = client.get(path)
        assert first.status_code == 200, first.text
        anew = bool(made)
        with monkeypatch.context() as forgetful:
            forgetful.setattr(operations, "remembered", lambda _db: remembered.Remembered())
            assert client.get(path).json == first.json
        return anew

    return ask


def test_it_is_made_once_while_nothing_changes(asked):
    assert [asked(), asked(), asked()] == [True, False, False]


def test_each_change_of_what_is_in_it_makes_it_anew(
    asked, session, sign_in, api, programme, move, add, patch, ledger
):
    owner = sign_in(BEDS, OWNER)
    migration = move(ledger)
    line = {"financial_year": "2026-27", "category": "recurring_revenue", "amount": "12.00"}
    system_path = f"/v1/systems/{ledger.id}"

    def change(client, path, **changes):
        etag = {"If-Match": client.get(path).headers["ETag"]}
        return client.patch(path, json=changes, headers=etag)

    served = capability(session, "F01").code
    session.commit()
    steps = [
        lambda: patch("programmes", programme, title="Another"),
        lambda: add("waves", name="First", position=1),
        lambda: patch("migrations", migration, forecast_date="2026-11-01"),
        lambda: add("blockers", title="No data", migration_id=migration["id"]),
        lambda: add("risks", title="Load", probability=5, impact=5),
        lambda: add("milestones", name="Trial", planned_date="2026-11-01"),
        lambda: add("required-decisions", question="Extend?"),
        lambda: change(owner, system_path, user_count=12),
        lambda: change(owner, system_path, capabilities=[served]),
        lambda: change(owner, system_path, disclosure="owner_only"),
        lambda: change(owner, system_path, disclosure="all_agencies"),
        lambda: owner.post(f"{system_path}/costs", json=line),
        lambda: move(system(session, BEDS, "Payroll")),
    ]
    assert asked()
    for number, step in enumerate(steps):
        done = step()
        assert getattr(done, "status_code", 200) in {200, 201}, (number, done.text)
        assert asked(), number
        assert not asked(), number


def test_what_has_nothing_to_do_with_it_leaves_it_as_it_is(
    asked, session, sign_in, api, move, ledger
):
    move(ledger)
    asked()
    other = api.post("/v1/programmes", json={"title": "Another"}).json
    body = {"programme_id": other["id"]}
    assert api.post("/v1/blockers", json=body | {"title": "No data"}).status_code == 201
    api.post("/v1/waves", json=body | {"name": "First", "position": 1})
    system(session, BEDS, "Of no programme")
    session.commit()
    assert not asked()


def test_more_than_can_be_looked_through_makes_it_anew(asked, monkeypatch, session):
    asked()
    monkeypatch.setattr(remembered, "MOST_LOOKED_THROUGH", 1)
    for number in range(2):
        system(session, BEDS, f"Of no programme {number}")
    session.commit()
    assert asked()


def test_each_asks_for_itself_and_for_the_day(asked, sign_in, move, ledger):
    move(ledger, planned_date="2026-11-22")
    owner, lead = (sign_in(code, OWNER) for code in (BEDS, CAMBS))
    assert [asked(), asked(owner), asked(lead), asked(lead)] == [True, True, True, False]
    # Just before midnight, and just after.
    for moment, late in (
        (datetime(2026, 11, 22, 23, 59, tzinfo=UTC), 0),
        (datetime(2026, 11, 23, 0, 1, tzinfo=UTC), 1),
    ):
        with clock.freeze(moment):
            again = sign_in(BEDS, OWNER)
            assert asked(again) is bool(late)
            path = f"/v1/programmes/{ledger_programme(again)}/summary"
            assert again.get(path).json["attention"]["late"] == late


def ledger_programme(client):
    (programme,) = client.get("/v1/programmes").json["items"]
    return programme["id"]


def test_what_is_shared_no_longer_is_not_remembered(asked, session, sign_in, move, ledger):
    owner, lead = sign_in(BEDS, OWNER), sign_in(CAMBS, OWNER)
    line = {"financial_year": "2026-27", "category": "recurring_revenue", "amount": "12.00"}
    owner.post(f"/v1/systems/{ledger.id}/costs", json=line)
    path = f"/v1/programmes/{move(ledger)['programme_id']}/summary"
    agency(session, CAMBS)
    grant = owner.post(
        "/v1/access-grants",
        json={
            "grantee": CAMBS,
            "resource_types": ["costs"],
            "field_profile": "full",
            "purpose": "To plan.",
            "expires_at": "2027-11-01T00:00:00Z",
        },
    ).json
    for _ in range(2):
        assert lead.get(path).json["progress"]["whole"]["cost"] == "12.00"
    revoke = f"/v1/access-grants/{grant['id']}/revocation"
    done = owner.post(revoke, json={"reason": "It is done."})
    assert done.status_code == 200, done.text
    assert lead.get(path).json["progress"]["whole"]["cost"] == "0.00"


def test_a_process_keeps_so_many_and_no_more():
    kept = remembered.Remembered()
    head = remembered.Head(1, "a")
    answer = remembered.Answer(b"{}", frozenset(), ())
    for number in range(remembered.MOST_REMEMBERED + 1):
        kept.keep(number, head, answer)
    assert kept.find(None, None, 0, head) is None
    assert kept.find(None, None, 1, head) is answer


def test_the_kinds_that_it_knows_are_recorded():
    kinds = {each.resource for each in all_recorded()}
    known = remembered.UNCONCERNED | remembered.OF_A_PROGRAMME | remembered.OF_A_SYSTEM
    assert known <= kinds
    in_it = {"programme", "system", "agency", "capability", "agreement", "access_grant"}
    assert not in_it & known
