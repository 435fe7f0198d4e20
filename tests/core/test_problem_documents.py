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
from tests.api_calls import answer

PROBLEMS = all_problems()


def test_each_problem_has_unique_kind_and_title() -> None:
    for name in ("kind", "title"):
        counted = Counter(getattr(kind, name) for kind in PROBLEMS)
        assert [each for each, number in counted.items() if number > 1] == []
    assert len(PROBLEMS) > 10


@pytest.mark.parametrize("kind", PROBLEMS, ids=lambda kind: kind.__name__)
def test_problem_document_states_type_status_and_title(kind: type[Problem]) -> None:
    document = kind().document()
    assert document["type"] == TYPE_PREFIX + kind.kind
    assert document["status"] == kind.status
    assert 400 <= document["status"] <= 599
    assert document["title"] == kind.title
    assert document["detail"] == kind.advice
    assert document["detail"] != document["title"]
    assert "errors" not in document
    assert type(document["status"]) is int
    assert problem_for(int(kind.status)).status == kind.status


def test_problem_document_includes_errors_and_extra_fields() -> None:
    error = FieldError("/name", "taken", "Another has it.")
    document = Unprocessable("No.", errors=[error], extra={"report": 7}).document()
    assert document["detail"] == "No."
    assert document["errors"] == [
        {"pointer": "/name", "code": "taken", "detail": "Another has it."}
    ]
    assert document["report"] == 7


def test_status_without_problem_maps_to_client_or_server_error() -> None:
    assert problem_for(418) is BadRequest
    assert problem_for(502) is InternalError


def test_status_maps_to_its_general_problem() -> None:
    assert [problem_for(status).kind for status in (403, 404, 422)] == [
        "forbidden",
        "not-found",
        "invalid",
    ]


def test_shortcuts_build_one_field_error() -> None:
    assert invalid("/a", "late", "Too late.").errors == [FieldError("/a", "late", "Too late.")]
    assert bad_parameter("a", "late", "Too late.").errors == [FieldError("?a", "late", "Too late.")]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing-here", 404),
        ("GET", "/v1/systems/not-an-id", 404),
        ("GET", "/v1/systems/0198C2F0-3A5E-7D41-9B6C-2F1E8A7D4C1", 404),
        ("DELETE", "/v1/systems", 405),
        ("PUT", "/v1/agencies", 405),
        ("POST", "/v1/openapi.json", 405),
    ],
)
def test_unknown_path_or_method_returns_problem(
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


def test_trailing_slash_returns_404_without_redirect(client: FlaskClient) -> None:
    response = client.get("/v1/systems/")
    assert response.status_code == 404
    assert response.mimetype == "application/problem+json"


def test_head_and_options_are_answered(client: FlaskClient, app: Flask) -> None:
    assert client.head("/health/live").status_code == 200
    assert client.head("/health/live").data == b""
    assert client.options("/v1/systems").status_code in {200, 401, 405}
