"""Many records in one request: all or none, or each for itself."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from catalogue.core.rest.bulk_schemas import MOST_ITEMS
from tests.api_calls import answer, listed, read, refusals
from tests.factories import CAMBS, READ_WRITE, system
from tests.unsaved import CheckedClient

BULK = "/v1/systems/bulk"


def make_items(*names: str) -> dict[str, Any]:
    return {"items": [{"name": name, "lifecycle": "live"} for name in names]}


def read_statuses(response: TestResponse) -> list[int]:
    assert response.status_code == 200, response.text
    found = answer(response)["items"]
    assert [item["index"] for item in found] == list(range(len(found)))
    return [item["status"] for item in found]


MIXED = {
    "items": [
        {"name": "Alpha", "lifecycle": "live"},
        {"name": "", "lifecycle": "live"},
        {"name": "ALPHA", "lifecycle": "live"},
        {"name": "Bravo", "lifecycle": "gone", "nmae": 1},
        7,
        {"name": "Charlie", "lifecycle": "live", "capabilities": ["E99"]},
        {"name": "Delta", "lifecycle": "live"},
        None,
    ]
}


def test_bulk_create_records_all_items_and_returns_each_result(api: CheckedClient) -> None:
    response = api.post(BULK, json=make_items("Alpha", "Bravo"))
    assert read_statuses(response) == [201, 201]
    result = answer(response)
    assert (result["succeeded"], result["failed"], result["dry_run"]) == (2, 0, False)
    for item, name in zip(result["items"], ("Alpha", "Bravo"), strict=True):
        found = api.get(f"/v1/systems/{item['id']}")
        assert answer(found)["name"] == name
        assert found.headers["ETag"] == item["etag"]
        assert item["problem"] is None


def test_atomic_bulk_with_errors_records_nothing(api: CheckedClient) -> None:
    for path in (BULK, f"{BULK}?mode=atomic", f"{BULK}?mode=atomic&dry_run=true"):
        assert refusals(api.post(path, json=MIXED)) == {
            ("/items/1/name", "too_short"),
            ("/items/2/name", "taken"),
            ("/items/3/lifecycle", "invalid"),
            ("/items/3/nmae", "unknown_field"),
            ("/items/4", "invalid"),
            ("/items/5/capabilities/0", "unknown"),
            ("/items/7", "invalid"),
        }
        assert listed(api, "/v1/systems") == []


def test_partial_bulk_records_valid_items_only(api: CheckedClient) -> None:
    response = api.post(f"{BULK}?mode=partial", json=MIXED)
    assert read_statuses(response) == [201, 422, 409, 422, 422, 422, 201, 422]
    result = answer(response)
    assert (result["succeeded"], result["failed"]) == (2, 6)
    taken = result["items"][2]
    assert (taken["id"], taken["etag"]) == (None, None)
    assert taken["problem"]["type"] == "urn:catalogue:problem:conflict"
    assert [error["pointer"] for error in taken["problem"]["errors"]] == ["/name"]
    assert listed(api, "/v1/systems") == ["Alpha", "Delta"]


@pytest.mark.parametrize("mode", ["atomic", "partial"])
def test_dry_run_reports_results_and_records_nothing(api: CheckedClient, mode: str) -> None:
    response = api.post(f"{BULK}?mode={mode}&dry_run=true", json=make_items("Alpha", "Bravo"))
    assert read_statuses(response) == [201, 201]
    result = answer(response)
    assert result["dry_run"] is True
    assert all(item["id"] is item["etag"] is None for item in result["items"])
    assert listed(api, "/v1/systems") == []


def test_dry_run_reports_same_statuses_as_real_run(api: CheckedClient) -> None:
    tried = api.post(f"{BULK}?mode=partial&dry_run=true", json=MIXED)
    done = api.post(f"{BULK}?mode=partial", json=MIXED)
    assert read_statuses(tried) == read_statuses(done)


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        pytest.param({}, {("/items", "required")}, id="no_items"),
        pytest.param({"items": []}, {("/items", "invalid")}, id="empty"),
        pytest.param({"items": {}}, {("/items", "invalid")}, id="object"),
        pytest.param({"items": [{}] * (MOST_ITEMS + 1)}, {("/items", "invalid")}, id="too_many"),
        pytest.param(
            {"items": [], "mode": "atomic"},
            {("/items", "invalid"), ("/mode", "unknown_field")},
            id="unknown_field",
        ),
    ],
)
def test_bulk_body_without_valid_items_is_refused(
    api: CheckedClient, body: dict[str, Any], errors: set[tuple[str, str]]
) -> None:
    found = refusals(api.post(BULK, json=body))
    assert {pointer for pointer, _ in found} == {pointer for pointer, _ in errors}


@pytest.mark.parametrize(
    "query", ["mode=both", "mode=", "dry_run=1", "dry_run=True", "mode=atomic&mode=partial"]
)
def test_invalid_bulk_options_are_refused(api: CheckedClient, query: str) -> None:
    [(pointer, _)] = refusals(api.post(f"{BULK}?{query}", json=make_items("Alpha")), 400)
    assert pointer == f"?{query.partition('=')[0]}"
    assert listed(api, "/v1/systems") == []


@pytest.fixture
def two(api: CheckedClient) -> list[dict[str, Any]]:
    """Two systems, as items of a bulk change: id and etag."""
    made = [system(api, name=name)["id"] for name in ("Alpha", "Bravo")]
    return [{"id": i, "etag": api.get(f"/v1/systems/{i}").headers["ETag"]} for i in made]


def test_bulk_patch_changes_every_item(api: CheckedClient, two: list[dict[str, Any]]) -> None:
    changes = [two[0] | {"name": "Alpha 2"}, two[1] | {"lifecycle": "sunsetting"}]
    response = api.patch(BULK, json={"items": changes})
    assert read_statuses(response) == [200, 200]
    for item in answer(response)["items"]:
        assert api.get(f"/v1/systems/{item['id']}").headers["ETag"] == item["etag"]
    assert read(api, f"/v1/systems/{two[1]['id']}")["lifecycle"] == "sunsetting"
    assert listed(api, "/v1/systems") == ["Alpha 2", "Bravo"]


def test_bulk_change_needs_id_and_etag(api: CheckedClient, two: list[dict[str, Any]]) -> None:
    body = {"items": [{"name": "x"}, two[0] | {"id": "7"}]}
    assert refusals(api.patch(BULK, json=body)) == {
        ("/items/0/id", "required"),
        ("/items/0/etag", "required"),
        ("/items/1/id", "invalid_uuid"),
    }


def test_bulk_change_with_stale_etag_is_refused(
    api: CheckedClient, two: list[dict[str, Any]]
) -> None:
    stale = [two[0] | {"name": "Alpha 2", "etag": '"stale"'}, two[1] | {"name": "Bravo 2"}]
    assert refusals(api.patch(BULK, json={"items": stale})) == {("/items/0/etag", "stale")}
    assert listed(api, "/v1/systems") == ["Alpha", "Bravo"]
    response = api.patch(f"{BULK}?mode=partial", json={"items": stale})
    assert read_statuses(response) == [412, 200]
    assert listed(api, "/v1/systems") == ["Alpha", "Bravo 2"]


def test_bulk_change_of_absent_or_foreign_record_has_a_code(
    api: CheckedClient, sign_in: Callable[..., CheckedClient], two: list[dict[str, Any]]
) -> None:
    foreign = system(sign_in(CAMBS, READ_WRITE), name="Foreign", disclosure="all_agencies")
    items = [
        {"id": str(uuid4()), "etag": two[0]["etag"], "name": "Golf"},
        {"id": foreign["id"], "etag": two[0]["etag"], "name": "Hotel"},
    ]
    assert refusals(api.patch(BULK, json={"items": items})) == {
        ("/items/0", "not_found"),
        ("/items/1", "forbidden"),
    }


def test_second_change_of_same_record_with_old_etag_is_refused(
    api: CheckedClient, two: list[dict[str, Any]]
) -> None:
    twice = [two[0] | {"name": "Once"}, two[0] | {"name": "Twice"}]
    assert read_statuses(api.patch(f"{BULK}?mode=partial", json={"items": twice})) == [200, 412]
    assert listed(api, "/v1/systems") == ["Bravo", "Once"]


def test_failed_bulk_item_leaves_no_trace_in_next_item(
    api: CheckedClient, two: list[dict[str, Any]], session: Session
) -> None:
    changes = [
        two[0] | {"description": "Half", "name": "Bravo"},
        two[0] | {"tags": ["kept"]},
        two[1] | {"description": "Half", "lifecycle": "planned"},
        two[1] | {"tags": ["kept"]},
    ]
    response = api.patch(f"{BULK}?mode=partial", json={"items": changes})
    assert read_statuses(response) == [409, 200, 422, 200]
    for item, name in zip(two, ("Alpha", "Bravo"), strict=True):
        found = read(api, f"/v1/systems/{item['id']}")
        assert (found["name"], found["description"], found["tags"]) == (name, None, ["kept"])


def test_dry_run_of_changes_keeps_etags(api: CheckedClient, two: list[dict[str, Any]]) -> None:
    changes = {"items": [two[0] | {"name": "x"}]}
    response = api.patch(f"{BULK}?dry_run=true", json=changes)
    assert read_statuses(response) == [200]
    assert api.get(f"/v1/systems/{two[0]['id']}").headers["ETag"] == two[0]["etag"]
    assert read_statuses(api.patch(BULK, json=changes)) == [200]


def test_bulk_create_accepts_the_maximum_number_of_items(api: CheckedClient) -> None:
    names = [f"System {n}" for n in range(MOST_ITEMS)]
    assert answer(api.post(BULK, json=make_items(*names)))["succeeded"] == MOST_ITEMS
