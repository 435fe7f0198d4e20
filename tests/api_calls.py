"""Short calls that read and change records by the API's own operations."""

from typing import Any

from werkzeug.test import TestResponse

from tests.unsaved import CheckedClient

Fields = dict[str, Any]


def read(api: CheckedClient, path: str) -> Fields:
    """Return the record at the path, which must exist."""
    response = api.get(path)
    assert response.status_code == 200, response.text
    return answer(response)


def change(api: CheckedClient, path: str, **changes: Any) -> TestResponse:
    """Change the record at the path from its current state, by PATCH."""
    etag = api.get(path).headers["ETag"]
    return api.patch(path, json=changes, headers={"If-Match": etag})


def answer(response: TestResponse) -> Fields:
    """Return the JSON object of a response."""
    assert isinstance(response.json, dict), response.text
    return response.json


def listed(api: CheckedClient, path: str, **parameters: Any) -> list[str]:
    """Return the names on the first page of a list."""
    response = api.get(path, query_string=parameters)
    assert response.status_code == 200, response.text
    return [item["name"] for item in answer(response)["items"]]


def refusals(response: TestResponse, status: int = 422) -> set[tuple[str, str]]:
    """Return the pointer and code of each error in a refusal with this status."""
    assert response.status_code == status, response.text
    assert response.mimetype == "application/problem+json"
    return {(error["pointer"], error["code"]) for error in answer(response).get("errors", [])}
