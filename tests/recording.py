"""Records made and changed by the API's own operations, in one line each."""

from typing import Any

from werkzeug.test import TestResponse

from tests.unsaved import CheckedClient

BEDS, CAMBS = "bedfordshire-police", "cambridgeshire-police"
READ_WRITE = "systems:read systems:write risks:read"

Fields = dict[str, Any]


def record(api: CheckedClient, path: str, **fields: Any) -> Fields:
    """What a POST to the path made."""
    response = api.post(path, json=fields)
    assert response.status_code == 201, response.text
    return answer(response)


def system(api: CheckedClient, name: str = "Duty management", **fields: Any) -> Fields:
    """A live system of the client's agency."""
    return record(api, "/v1/systems", **{"name": name, "lifecycle": "live"} | fields)


def read(api: CheckedClient, path: str) -> Fields:
    """What is at the path, which must be there."""
    response = api.get(path)
    assert response.status_code == 200, response.text
    return answer(response)


def change(api: CheckedClient, path: str, **changes: Any) -> TestResponse:
    """Read what is there, and PATCH that state of it."""
    etag = api.get(path).headers["ETag"]
    return api.patch(path, json=changes, headers={"If-Match": etag})


def answer(response: TestResponse) -> Fields:
    """The JSON object that was answered."""
    assert isinstance(response.json, dict), response.text
    return response.json


def listed(api: CheckedClient, path: str, **parameters: Any) -> list[str]:
    """The names of a list's first page."""
    response = api.get(path, query_string=parameters)
    assert response.status_code == 200, response.text
    return [item["name"] for item in answer(response)["items"]]


def refusals(response: TestResponse, status: int = 422) -> set[tuple[str, str]]:
    """Pointer and code of everything that was refused, with that status."""
    assert response.status_code == status, response.text
    assert response.mimetype == "application/problem+json"
    return {(error["pointer"], error["code"]) for error in answer(response).get("errors", [])}
