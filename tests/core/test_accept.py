"""The header Accept as HTTP libraries write it: 406 only if the client accepts no form."""

import pytest

from tests.unsaved import CheckedClient

PROBLEM = "application/problem+json"


@pytest.mark.parametrize(
    "accept",
    [
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8;q=0.9, application/problem+json",
        'application/json; profile="a, b"; version=1',
        "APPLICATION/JSON",
        "application/*",
        "*/*;q=0.1",
        "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
        "application/json, text/javascript, */*; q=0.01",
        "text/plain, application/json;q=0.5",
        "application/json;q=2",
        "application/json;q=high",
        "application/xml;q=0, */*",
        f"{PROBLEM}",
        f"{PROBLEM}; charset=utf-8",
        "",
        "json",
        ",;,",
        "application/",
        ", application/json,",
    ],
)
def test_accept_of_a_library_is_answered_with_json(api: CheckedClient, accept: str) -> None:
    for path in ("/v1/systems", "/v1/capabilities", "/v1/openapi.json", "/health/live"):
        response = api.get(path, headers={"Accept": accept})
        assert (response.status_code, response.mimetype) == (200, "application/json"), path
    refused = api.post("/v1/systems", json={}, headers={"Accept": accept})
    assert (refused.status_code, refused.mimetype) == (422, PROBLEM)


@pytest.mark.parametrize(
    "accept",
    [
        "application/xml",
        "text/html, image/png",
        "application/json;q=0",
        "application/json;q=0, */*;q=0",
        "application/json; charset=utf-8; q=0.0",
        "application/jsonp",
        f"{PROBLEM};q=0",
    ],
)
def test_accept_that_excludes_json_returns_406(api: CheckedClient, accept: str) -> None:
    response = api.get("/health/live", headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (406, PROBLEM)


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("text/csv; charset=utf-8", "text/csv"),
        ("text/*", "text/csv"),
        ("application/json;q=0, */*", "text/csv"),
        ("application/json;q=0.5, text/csv;q=0.8", "text/csv"),
        ("text/csv, */*;q=0.1", "text/csv"),
        ("text/csv, application/json", "text/csv"),
        ("application/json, text/csv", "application/json"),
        ("application/vnd.ms-excel, */*", "application/json"),
    ],
)
def test_list_has_the_form_that_accept_prefers(api: CheckedClient, accept: str, media: str) -> None:
    assert api.get("/v1/systems", headers={"Accept": accept}).mimetype == media
