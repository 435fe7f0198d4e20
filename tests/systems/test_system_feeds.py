"""External ids, and feeds that record systems by them."""

import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from catalogue.agencies.operations import find_agency
from tests.api_calls import answer, change, listed, read, refusals
from tests.factories import BEDS, CAMBS, READ_WRITE, system
from tests.threads import PATIENCE_SECONDS
from tests.unsaved import CheckedClient

BODY = {"name": "Duty management", "lifecycle": "live"}


def put(
    api: CheckedClient,
    identity: str = "CI1",
    *,
    source: str = "cmdb",
    agency: str = BEDS,
    headers: dict[str, str] | None = None,
    **fields: Any,
) -> TestResponse:
    path = f"/v1/agencies/{agency}/systems/{source}/{quote(identity)}"
    return api.put(path, json=BODY | fields, headers=headers or {})


def test_first_upsert_creates_system_and_later_ones_change_it(api: CheckedClient) -> None:
    first = put(api, description="As first seen", tags=["feed"])
    assert first.status_code == 201
    created = answer(first)
    assert first.headers["Location"] == f"/v1/systems/{created['id']}"
    assert created["external_ids"] == [{"source": "cmdb", "id": "CI1"}]
    again = put(api, description="As first seen", tags=["feed"])
    assert (again.status_code, again.data) == (200, first.data)
    assert again.headers["ETag"] == first.headers["ETag"]
    changed = put(api, name="Rostering", lifecycle="sunsetting", description=None)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]
    assert answer(changed)["id"] == created["id"]
    assert (answer(changed)["name"], answer(changed)["description"]) == ("Rostering", None)
    assert listed(api, "/v1/systems") == ["Rostering"]


def test_upsert_keeps_omitted_fields(api: CheckedClient) -> None:
    created = answer(put(api, user_count=5, attributes={"a": 1, "b": 2}, tags=["feed"]))
    change(api, f"/v1/systems/{created['id']}", description="By hand", retention_hold=True)
    ids = [*created["external_ids"], {"source": "finance", "id": "7"}]
    change(api, f"/v1/systems/{created['id']}", external_ids=ids)
    after = answer(put(api, attributes={"a": None, "c": 3}))
    assert (after["description"], after["retention_hold"]) == ("By hand", True)
    assert (after["user_count"], after["tags"]) == (5, ["feed"])
    assert after["attributes"] == {"b": 2, "c": 3}
    assert after["external_ids"] == ids


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        pytest.param({"name": None}, ("/name", "null"), id="name-null"),
        pytest.param({"lifecycle": "gone"}, ("/lifecycle", "invalid"), id="unknown-lifecycle"),
        pytest.param({"external_ids": []}, ("/external_ids", "unknown_field"), id="external-ids"),
        pytest.param({"id": "1"}, ("/id", "unknown_field"), id="id"),
        pytest.param(
            {"capabilities": ["X99"]}, ("/capabilities/0", "unknown"), id="unknown-capability"
        ),
    ],
)
def test_upsert_rejects_invalid_field(
    api: CheckedClient, fields: dict[str, Any], error: tuple[str, str]
) -> None:
    assert refusals(put(api, **fields)) == {error}
    assert listed(api, "/v1/systems") == []
    created = answer(put(api))
    assert refusals(put(api, **fields)) == {error}
    assert read(api, f"/v1/systems/{created['id']}") == created


def test_upsert_rejects_forbidden_lifecycle_step(api: CheckedClient) -> None:
    put(api, lifecycle="planned")
    assert refusals(put(api, lifecycle="live")) == {("/lifecycle", "transition")}


def test_upsert_rejects_taken_name(api: CheckedClient) -> None:
    system(api, name="Custody")
    assert refusals(put(api, name="CUSTODY"), 409) == {("/name", "taken")}
    put(api)
    assert refusals(put(api, name="CUSTODY"), 409) == {("/name", "taken")}
    assert listed(api, "/v1/systems") == ["Custody", "Duty management"]


def test_refusal_of_a_taken_value_returns_the_id_of_its_holder(
    api: CheckedClient, sign_in: Callable[..., CheckedClient]
) -> None:
    custody = system(api, name="Custody", external_ids=[{"source": "hr", "id": "7"}])["id"]
    other = system(sign_in(CAMBS, READ_WRITE), name="Custody")["id"]
    assert custody != other
    put(api)
    (mine,) = answer(api.get("/v1/systems?external_ids=CI1"))["items"]
    taken = [
        put(api, name="CUSTODY"),
        put(api, "new", name="custody"),
        api.post("/v1/systems", json={"name": "Custody", "lifecycle": "live"}),
        change(api, f"/v1/systems/{mine['id']}", external_ids=[{"source": "hr", "id": "7"}]),
    ]
    for response in taken:
        assert response.status_code == 409, response.text
        assert answer(response)["existing_id"] == custody
    supplier = api.post("/v1/suppliers", json={"name": "Capita"})
    again = api.post("/v1/suppliers", json={"name": "CAPITA"})
    assert answer(again)["existing_id"] == answer(supplier)["id"]


@pytest.mark.parametrize(
    "identity",
    [
        pytest.param("a/b/c", id="slashes"),
        pytest.param("a b", id="space"),
        pytest.param("é", id="accent"),
        pytest.param("100%", id="percent"),
        pytest.param("a?b#c", id="query-characters"),
        pytest.param("..", id="dots"),
        pytest.param("CI1+2", id="plus"),
        pytest.param("x" * 200, id="200-characters"),
    ],
)
def test_upsert_accepts_any_external_id(api: CheckedClient, identity: str) -> None:
    created = answer(put(api, identity))
    assert created["external_ids"] == [{"source": "cmdb", "id": identity}]
    assert answer(put(api, identity)) == created
    assert listed(api, "/v1/systems", external_ids=identity) == ["Duty management"]


@pytest.mark.parametrize(
    ("source", "identity", "pointer"),
    [
        pytest.param("c m", "1", "{source}", id="source-with-space"),
        pytest.param("cm:db", "1", "{source}", id="source-with-colon"),
        pytest.param("x" * 51, "1", "{source}", id="source-too-long"),
        pytest.param("cmdb", "x" * 201, "{external_id}", id="id-too-long"),
        pytest.param("cmdb", " ", "{external_id}", id="blank-id"),
    ],
)
def test_upsert_rejects_malformed_source_or_id(
    api: CheckedClient, source: str, identity: str, pointer: str
) -> None:
    [(result, _)] = refusals(put(api, identity, source=quote(source)), 400)
    assert result == pointer
    assert listed(api, "/v1/systems") == []


def test_path_with_nul_returns_404(api: CheckedClient) -> None:
    for path in ("systems/cmdb/%00", "systems/%00/1", "systems/cmdb/a%00"):
        assert api.put(f"/v1/agencies/{BEDS}/{path}", json=BODY).status_code == 404
    assert api.put("/v1/agencies/%00/systems/cmdb/1", json=BODY).status_code == 404


def test_upsert_honours_if_match(api: CheckedClient) -> None:
    first = put(api)
    tag = first.headers["ETag"]
    assert put(api, name="Two", headers={"If-Match": tag}).status_code == 200
    assert refusals(put(api, name="Three", headers={"If-Match": tag}), 412) == set()
    assert listed(api, "/v1/systems") == ["Two"]
    assert put(api, name="Three", headers={"If-Match": "*"}).status_code == 200


def test_upsert_with_if_match_does_not_create(api: CheckedClient) -> None:
    for tag in ('"stale"', "*"):
        assert refusals(put(api, headers={"If-Match": tag}), 412) == set()
    assert listed(api, "/v1/systems") == []


def test_upsert_for_another_agency_returns_404(api: CheckedClient, stranger: CheckedClient) -> None:
    for disclosure in ("owner_only", "all_agencies"):
        created = answer(put(api, disclosure=disclosure))
        for agency in (BEDS, "nobody", "00000000-0000-7000-8000-000000000000"):
            for identity in ("CI1", "CI2"):
                refused = put(stranger, identity, agency=agency, name="Ours")
                assert refusals(refused, 404) == set(), (agency, identity)
        assert read(api, f"/v1/systems/{created['id']}") == created
    assert len(listed(api, "/v1/systems")) == 1


def test_upsert_accepts_the_agencys_id_for_its_code(api: CheckedClient, session: Session) -> None:
    created = answer(put(api))
    agency_id = str(find_agency(session, BEDS).id)
    assert answer(put(api, agency=agency_id)) == created


def test_upsert_without_agency_is_forbidden(sign_in: Any, api: CheckedClient) -> None:
    put(api)
    admin = sign_in(None, f"admin {READ_WRITE}")
    assert refusals(put(admin, name="Ours"), 403) == set()
    assert listed(api, "/v1/systems") == ["Duty management"]


def test_external_id_is_unique_within_its_agency(
    api: CheckedClient, stranger: CheckedClient
) -> None:
    ids = [{"source": "cmdb", "id": "CI1"}]
    first = system(api, name="First", external_ids=ids)
    body = {"name": "Second", "lifecycle": "live", "external_ids": ids}
    assert refusals(api.post("/v1/systems", json=body), 409) == {("/external_ids", "taken")}
    second = system(api, name="Second", external_ids=[{"source": "finance", "id": "CI1"}])
    taken = change(api, f"/v1/systems/{second['id']}", external_ids=ids)
    assert refusals(taken, 409) == {("/external_ids", "taken")}
    other = system(stranger, name="First", external_ids=ids)
    assert other["external_ids"] == ids
    assert answer(put(stranger, agency=CAMBS))["id"] == other["id"]
    assert answer(put(api))["id"] == first["id"]


def test_released_external_id_can_be_used_by_another_system(api: CheckedClient) -> None:
    ids = [{"source": "cmdb", "id": "CI1"}]
    first = system(api, name="First", external_ids=ids)
    assert change(api, f"/v1/systems/{first['id']}", external_ids=[]).status_code == 200
    assert put(api, name="Second").status_code == 201
    assert read(api, f"/v1/systems/{first['id']}")["external_ids"] == []


def test_system_has_one_external_id_per_source(api: CheckedClient) -> None:
    twice = [{"source": "cmdb", "id": "1"}, {"source": "cmdb", "id": "2"}]
    body = BODY | {"external_ids": twice}
    assert refusals(api.post("/v1/systems", json=body)) == {("/external_ids", "repeated")}
    created = system(api, external_ids=[{"source": "b", "id": "1"}, {"source": "a", "id": "2"}])
    swapped = [{"source": "a", "id": "1"}, {"source": "b", "id": "2"}]
    after = answer(change(api, f"/v1/systems/{created['id']}", external_ids=swapped))
    assert after["external_ids"] == swapped


def test_concurrent_upserts_create_one_system(api: CheckedClient, session: Session) -> None:
    listed(api, "/v1/systems")
    session.close()
    start, statuses = threading.Barrier(2), []

    def send() -> None:
        start.wait(PATIENCE_SECONDS)
        statuses.append(put(api).status_code)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert sorted(statuses) in ([200, 201], [201, 409])
    assert listed(api, "/v1/systems") == ["Duty management"]
