"""Reading and changing records by the API's own operations, in one line each."""

from typing import Any

from werkzeug.test import TestResponse

from tests.unsaved import CheckedClient

Fields = dict[str, Any]


def read(api: CheckedClient, path: str) -> Fields:
    """The record at the path, which must be there."""
    response = api.get(path)
    assert response.status_code == 200, response.text
    return answer(response)


def change(api: CheckedClient, path: str, **changes: Any) -> TestResponse:
    """PATCH the current state of the record at the path."""
    etag = api.get(path).headers["ETag"]
    return api.patch(path, json=changes, headers={"If-Match": etag})


def answer(response: TestResponse) -> Fields:
    """The JSON object of an answer."""
    assert isinstance(response.json, dict), response.text
    return response.json


def listed(api: CheckedClient, path: str, **parameters: Any) -> list[str]:
    """The names of a list's first page."""
    response = api.get(path, query_string=parameters)
    assert response.status_code == 200, response.text
    return [item["name"] for item in answer(response)["items"]]


def refusals(response: TestResponse, status: int = 422) -> set[tuple[str, str]]:
    """Pointer and code of each error of a refusal with that status."""
    assert response.status_code == status, response.text
    assert response.mimetype == "application/problem+json"
    return {(error["pointer"], error["code"]) for error in answer(response).get("errors", [])}
