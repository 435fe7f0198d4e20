"""Access grants: who creates, changes and revokes them, and who sees them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy.orm import Session

from catalogue.agencies import grants
from catalogue.agencies.models import Agency
from catalogue.core import clock
from tests.agencies.api_agreements import (
    GRANTS,
    HERTS,
    SCOPES,
    SignIn,
    format_time,
    grant,
    list_statuses,
    revoke,
)
from tests.api.surface import DOCUMENT
from tests.api_calls import answer, change, read, refusals
from tests.factories import BEDS, CAMBS
from tests.threads import PATIENCE_SECONDS, Held
from tests.unsaved import CheckedClient

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
WHOLE = {
    "grantee": CAMBS,
    "resource_types": ["systems", "contracts", "costs"],
    "field_profile": "full",
    "purpose": "To plan the move.\nAll of it.",
    "expires_at": "2027-07-01T12:00:00+01:00",
}


def path_of(created: dict[str, Any]) -> str:
    return f"{GRANTS}/{created['id']}"


def test_created_grant_returns_every_field(sign_in: SignIn) -> None:
    with clock.freeze(NOON):
        beds, cambs = sign_in(BEDS, SCOPES), sign_in(CAMBS, SCOPES)
        fields_sent = WHOLE | {"resource_types": ["costs", "systems", "contracts"]}
        response = beds.post(GRANTS, json=fields_sent)
        created = answer(response)
        assert response.status_code == 201
        assert response.headers["Location"] == path_of(created)
        moments = ("expires_at", "created_at", "updated_at")
        assert {name: created[name] for name in created if name not in {*moments, "id"}} == {
            "grantor": BEDS,
            "grantee": CAMBS,
            "resource_types": WHOLE["resource_types"],
            "field_profile": "full",
            "purpose": WHOLE["purpose"],
            "status": "live",
            "revoked_at": None,
            "revoked_reason": None,
        }
        expires_at = datetime.fromisoformat(created["expires_at"])
        assert expires_at == datetime(2027, 7, 1, 11, tzinfo=UTC)
        for api in (beds, cambs):
            assert read(api, path_of(created)) == created
            assert answer(api.get(GRANTS))["items"] == [created]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        pytest.param({"grantee": BEDS}, ("/grantee", "circular"), id="grantee_is_grantor"),
        pytest.param({"grantee": "nobody"}, ("/grantee", "unknown"), id="unknown_grantee"),
        pytest.param({"grantee": "old-police"}, ("/grantee", "ended"), id="ended_grantee"),
        pytest.param({"resource_types": []}, ("/resource_types", "too_few"), id="no_types"),
        pytest.param(
            {"resource_types": ["systems", "systems"]},
            ("/resource_types/1", "repeated"),
            id="repeated_type",
        ),
        pytest.param(
            {"resource_types": ["risks"]}, ("/resource_types/0", "invalid"), id="unknown_type"
        ),
        pytest.param({"field_profile": None}, ("/field_profile", "null"), id="null_profile"),
        pytest.param({"purpose": " "}, ("/purpose", "too_short"), id="blank_purpose"),
        pytest.param({"expires_at": None}, ("/expires_at", "null"), id="null_expiry"),
        pytest.param(
            {"expires_at": "2027-07-01"}, ("/expires_at", "invalid"), id="expiry_without_time"
        ),
        pytest.param(
            {"expires_at": "2027-07-01T12:00:00"},
            ("/expires_at", "invalid"),
            id="expiry_without_zone",
        ),
        pytest.param(
            {"expires_at": "2027-02-30T12:00:00Z"},
            ("/expires_at", "invalid"),
            id="expiry_on_30_february",
        ),
        pytest.param({"expires_at": 1814443200}, ("/expires_at", "invalid"), id="expiry_number"),
        pytest.param({"expires_at": format_time(NOON)}, ("/expires_at", "past"), id="expiry_now"),
        pytest.param(
            {"expires_at": "0001-01-01T00:00:00+12:00"},
            ("/expires_at", "past"),
            id="expiry_in_year_1",
        ),
        pytest.param(
            {"expires_at": "2031-07-03T00:00:00Z"},
            ("/expires_at", "too_far"),
            id="expiry_after_five_years",
        ),
        pytest.param(
            {"expires_at": "9999-12-31T23:59:59-12:00"},
            ("/expires_at", "too_far"),
            id="expiry_in_year_9999",
        ),
        pytest.param({"grantor": CAMBS}, ("/grantor", "unknown_field"), id="grantor_given"),
        pytest.param({"revoked_at": None}, ("/revoked_at", "unknown_field"), id="revoked_at_given"),
    ],
)
def test_invalid_grant_is_refused_on_create_and_change(
    sign_in: SignIn,
    make_agency: Callable[..., Agency],
    fields: dict[str, Any],
    error: tuple[str, str],
) -> None:
    with clock.freeze(NOON):
        make_agency("old-police", valid_to=NOON.date() - timedelta(days=1))
        beds, _ = sign_in(BEDS, SCOPES), sign_in(CAMBS, SCOPES)
        assert refusals(beds.post(GRANTS, json=WHOLE | fields)) == {error}
        for name in WHOLE:
            without = {key: value for key, value in WHOLE.items() if key != name}
            assert refusals(beds.post(GRANTS, json=without)) == {(f"/{name}", "required")}
        assert answer(beds.get(GRANTS))["items"] == []
        created = grant(beds)
        if not {"grantee", "grantor", "revoked_at"} & set(fields):
            assert refusals(change(beds, path_of(created), **fields)) == {error}
        elif "grantee" in fields:
            changed_grant = change(beds, path_of(created), **fields)
            assert refusals(changed_grant) == {("/grantee", "unknown_field")}
        assert read(beds, path_of(created)) == created


def test_grant_may_expire_from_next_second_to_five_years(sign_in: SignIn) -> None:
    with clock.freeze(NOON):
        beds, _ = sign_in(BEDS, SCOPES), sign_in(CAMBS, SCOPES)
        for expires_at in (NOON + timedelta(seconds=1), NOON.replace(year=2031)):
            assert grant(beds, expires_at=format_time(expires_at))["status"] == "live"


def test_only_grantor_writes_a_grant_and_strangers_get_404(
    beds: CheckedClient, cambs: CheckedClient, kent: CheckedClient, sign_in: SignIn
) -> None:
    created = grant(beds)
    assert refusals(change(cambs, path_of(created), field_profile="full"), 403) == set()
    assert refusals(revoke(cambs, created), 403) == set()
    etag = beds.get(path_of(created)).headers["ETag"]
    for response in (
        kent.get(path_of(created)),
        kent.patch(path_of(created), json={"purpose": "x"}, headers={"If-Match": etag}),
        revoke(kent, created),
    ):
        assert response.status_code == 404
    for query in ({}, {"grantor": BEDS}, {"grantee": CAMBS}, {"resource_types": "systems"}):
        result = answer(kent.get(GRANTS, query_string=query | {"total": "true"}))
        assert (result["items"], result["page"]["total"]) == ([], 0)
    admin = sign_in(None, f"{SCOPES} admin")
    body = {name: created[name] for name in WHOLE}
    assert admin.post(GRANTS, json=body).status_code == 403
    assert admin.get(path_of(created)).status_code == 404
    reader = sign_in(BEDS, "agencies:read")
    assert reader.post(GRANTS, json=body).status_code == 403
    assert revoke(reader, created).status_code == 403
    assert read(beds, path_of(created)) == created


def test_grantor_changes_a_live_grant(beds: CheckedClient, cambs: CheckedClient) -> None:
    created = grant(beds, CAMBS)
    changes = {"purpose": "More.", "field_profile": "full", "resource_types": ["costs"]}
    changed = answer(change(beds, path_of(created), **changes))
    assert changed | changes == changed
    assert changed["updated_at"] > created["updated_at"]
    assert read(cambs, path_of(created)) == changed
    assert change(beds, path_of(created), **changes).status_code == 200
    stale = beds.patch(path_of(created), json=changes, headers={"If-Match": '"old"'})
    assert stale.status_code == 412
    assert beds.patch(path_of(created), json=changes).status_code == 428


def test_revoked_grant_cannot_change(beds: CheckedClient, cambs: CheckedClient) -> None:
    created = grant(beds, CAMBS)
    no_reason = beds.post(f"{path_of(created)}/revocation", json={})
    assert refusals(no_reason) == {("/reason", "required")}
    revoked = answer(revoke(beds, created))
    assert (revoked["status"], revoked["revoked_reason"]) == ("revoked", "It is done.")
    assert revoked["revoked_at"] is not None
    assert read(cambs, path_of(created)) == revoked
    assert refusals(revoke(beds, created), 409) == {("", "revoked")}
    assert refusals(change(beds, path_of(created), purpose="Again."), 409) == {("", "revoked")}
    assert read(beds, path_of(created)) == revoked


def test_grant_expires_at_its_exact_second(sign_in: SignIn) -> None:
    end = NOON + timedelta(minutes=5)
    with clock.freeze(NOON):
        beds, cambs = sign_in(BEDS, SCOPES), sign_in(CAMBS, SCOPES)
        created = grant(beds, expires_at=format_time(end))
        grant(cambs, BEDS)
    with clock.freeze(end - timedelta(seconds=1)):
        assert list_statuses(beds, f"{GRANTS}?grantor={BEDS}") == ["live"]
        assert list_statuses(cambs, f"{GRANTS}?status=expired") == []
    with clock.freeze(end):
        assert list_statuses(beds, f"{GRANTS}?sort=status") == ["expired", "live"]
        assert list_statuses(cambs, f"{GRANTS}?status=expired") == ["expired"]
        late = change(beds, path_of(created), expires_at=format_time(end + timedelta(days=1)))
        assert refusals(late, 409) == {("", "expired")}
        # An expired grant can still be revoked with a reason.
        assert answer(revoke(beds, created))["status"] == "revoked"


def test_grants_are_filtered_by_each_field(
    beds: CheckedClient, cambs: CheckedClient, make_agency: Callable[..., Agency]
) -> None:
    created = grant(beds, resource_types=["systems", "costs"])
    other = grant(cambs, BEDS, resource_types=["contracts"], field_profile="summary")
    for query, result in (
        ({"resource_types": "costs"}, created),
        ({"resource_types": "contracts"}, other),
        ({"grantor": CAMBS}, other),
        ({"grantee": CAMBS}, created),
        ({"field_profile": "summary"}, other),
    ):
        for api in (beds, cambs):
            assert answer(api.get(GRANTS, query_string=query))["items"] == [result], query
    make_agency(HERTS)
    assert answer(beds.get(f"{GRANTS}?grantee={HERTS}"))["items"] == []


def test_change_during_revocation_is_refused_as_stale(
    beds: CheckedClient,
    cambs: CheckedClient,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    created = grant(beds, CAMBS)
    tag = beds.get(path_of(created)).headers["ETag"]
    session.close()
    held = Held(grants.revoke_grant)
    monkeypatch.setattr(grants, "revoke_grant", held.wrapper())
    answers: list[int] = []

    def edit() -> None:
        changes = {"field_profile": "full"}
        answered = beds.patch(path_of(created), json=changes, headers={"If-Match": tag})
        answers.append(answered.status_code)

    first, second = Thread(target=lambda: revoke(beds, created)), Thread(target=edit)
    first.start()
    held.wait_until_entered()
    second.start()
    held.let_go()
    for thread in (first, second):
        thread.join(PATIENCE_SECONDS)
    assert answers == [412]
    assert read(cambs, path_of(created))["status"] == "revoked"


def test_openapi_document_states_that_grant_opens_every_record() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for name in ("AccessGrantCreate", "AccessGrant"):
        description = schemas[name]["properties"]["resource_types"]["description"]
        assert "opens every record of these types" in description
        assert "disclosed to `owner_only`" in description
