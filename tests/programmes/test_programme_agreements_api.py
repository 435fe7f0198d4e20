"""Programmes under an agreement, which its parties can see while it is in force."""

from datetime import UTC, datetime

import pytest

from catalogue.core import clock
from tests.agencies.api_agreements import accept, agree, agreement, terminate, withdraw
from tests.api_calls import change
from tests.factories import BEDS, CAMBS, HERTS, record
from tests.programmes.api_migrations import LEAD_SCOPES, list_errors


@pytest.fixture
def lead(sign_in):
    return sign_in(CAMBS, LEAD_SCOPES)


@pytest.fixture
def beds(sign_in):
    return sign_in(BEDS, LEAD_SCOPES)


@pytest.fixture
def agreed(lead, beds):
    return agreement(lead, BEDS, end_date="2026-12-31")


@pytest.fixture
def programme(lead, agreed):
    return record(lead, "/v1/programmes", title="Together", agreement_id=agreed["id"])


def sees(api, programme):
    listed = api.get("/v1/programmes").json["items"]
    status = api.get(f"/v1/programmes/{programme['id']}").status_code
    assert (status == 200) is bool(listed)
    return status == 200


def test_parties_see_a_programme_while_its_agreement_is_in_force(
    sign_in, lead, beds, agreed, programme
):
    assert programme["agreement_id"] == agreed["id"]
    assert accept(beds, agreed).status_code == 201
    assert not sees(beds, programme), "not all have accepted"
    assert accept(lead, agreed).status_code == 201
    assert sees(beds, programme)
    assert beds.get(f"/v1/programmes/{programme['id']}").json["agreement_id"] == agreed["id"]
    assert not sees(sign_in(HERTS, LEAD_SCOPES), programme)
    with clock.freeze(datetime(2027, 1, 1, 12, tzinfo=UTC)):
        assert not sees(sign_in(BEDS, LEAD_SCOPES), programme), "the agreement has ended"
        assert sees(sign_in(CAMBS, LEAD_SCOPES), programme)


@pytest.mark.parametrize("ends", [terminate, withdraw])
def test_ending_an_agreement_hides_the_programme_from_its_parties(
    lead, beds, agreed, programme, ends
):
    agree(agreed, lead, beds)
    assert sees(beds, programme)
    ender = lead if ends is terminate else beds
    assert ends(ender, agreed).status_code in {200, 201}
    assert not sees(beds, programme)
    assert sees(lead, programme)


def test_an_agreement_that_starts_later_does_not_show_the_programme_yet(sign_in, lead, beds):
    later = agreement(lead, BEDS, start_date="2026-12-01")
    programme = record(lead, "/v1/programmes", title="Together", agreement_id=later["id"])
    agree(later, lead, beds)
    assert not sees(beds, programme)
    with clock.freeze(datetime(2026, 12, 1, 12, tzinfo=UTC)):
        assert sees(sign_in(BEDS, LEAD_SCOPES), programme)


def test_an_agency_outside_the_agreement_cannot_name_or_see_it(
    sign_in, lead, beds, agreed, programme
):
    herts = sign_in(HERTS, LEAD_SCOPES)
    nobody = "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c10"
    for identity in (agreed["id"], nobody):
        answer = herts.post("/v1/programmes", json={"title": "x", "agreement_id": identity})
        assert (answer.status_code, list_errors(answer)) == (422, [("/agreement_id", "unknown")])
    path = f"/v1/programmes/{programme['id']}"
    assert change(lead, path, target_agency=HERTS).status_code == 200
    before = herts.get(path)
    assert before.json["agreement_id"] is None
    assert herts.get(f"/v1/programmes?agreement_id={agreed['id']}").json["items"] == []
    with clock.freeze(datetime(2026, 11, 22, 12, 5, tzinfo=UTC)):
        assert change(lead, path, agreement_id=None).status_code == 200
    after = herts.get(path)
    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])
