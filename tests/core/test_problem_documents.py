"""One shape for everything that goes wrong (RFC 9457)."""

from collections import Counter

import pytest
from flask import Flask
from flask.testing import FlaskClient

from catalogue.core.errors import (
    TYPE_PREFIX,
    BadRequest,
    FieldError,
    InternalError,
    Problem,
    Unprocessable,
    all_problems,
    bad_parameter,
    invalid,
    problem_for,
)
from tests.recording import answer

PROBLEMS = all_problems()


def test_each_kind_has_a_type_and_a_title_of_its_own() -> None:
    for told in ("kind", "title"):
        counted = Counter(getattr(kind, told) for kind in PROBLEMS)
        assert [each for each, number in counted.items() if number > 1] == []
    assert len(PROBLEMS) > 10


@pytest.mark.parametrize("kind", PROBLEMS, ids=lambda kind: kind.__name__)
def test_a_document_says_what_it_is(kind: type[Problem]) -> None:
    document = kind().document()
    assert document["type"] == TYPE_PREFIX + kind.kind
    assert document["status"] == kind.status
    assert 400 <= document["status"] <= 599
    assert document["title"] == document["detail"] == kind.title
    assert "errors" not in document
    assert type(document["status"]) is int
    assert problem_for(int(kind.status)).status == kind.status


def test_a_document_with_everything() -> None:
    error = FieldError("/name", "taken", "Another has it.")
    document = Unprocessable("No.", errors=[error], extra={"report": 7}).document()
    assert document["detail"] == "No."
    assert document["errors"] == [
        {"pointer": "/name", "code": "taken", "detail": "Another has it."}
    ]
    assert document["report"] == 7


def test_a_status_without_a_kind_is_somebodys_fault() -> None:
    assert problem_for(418) is BadRequest
    assert problem_for(502) is InternalError


def test_the_general_kind_stands_for_its_status() -> None:
    assert [problem_for(status).kind for status in (403, 404, 422)] == [
        "forbidden",
        "not-found",
        "invalid",
    ]


def test_short_ways_to_name_one_value() -> None:
    assert invalid("/a", "late", "Too late.").errors == [FieldError("/a", "late", "Too late.")]
    assert bad_parameter("a", "late", "Too late.").errors == [FieldError("?a", "late", "Too late.")]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing-here", 404),
        ("GET", "/", 404),
        ("GET", "/v1/systems/not-an-id", 404),
        ("GET", "/v1/systems/0198C2F0-3A5E-7D41-9B6C-2F1E8A7D4C1", 404),
        ("DELETE", "/v1/systems", 405),
        ("PUT", "/v1/agencies", 405),
        ("POST", "/v1/openapi.json", 405),
    ],
)
def test_what_no_operation_answers(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    response = client.open(path, method=method)
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    document = answer(response)
    assert document["status"] == status
    assert document["instance"] == path
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    if status == 405:
        assert response.headers["Allow"]
        assert response.headers["Allow"] in document["detail"]


def test_a_path_without_its_end_is_not_redirected_off_the_api(client: FlaskClient) -> None:
    response = client.get("/v1/systems/")
    assert response.status_code == 404
    assert response.mimetype == "application/problem+json"


def test_head_and_options_do_no_harm(client: FlaskClient, app: Flask) -> None:
    assert client.head("/v1/health").status_code == 200
    assert client.head("/v1/health").data == b""
    assert client.options("/v1/systems").status_code in {200, 401, 405}
