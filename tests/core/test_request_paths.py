"""Each path names one thing: slashes are never merged, and an encoded slash is no separator."""

from collections.abc import Callable
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient

from tests.api_calls import answer, listed, refusals
from tests.factories import BEDS
from tests.unsaved import CheckedClient

SYSTEMS = f"/v1/agencies/{BEDS}/systems"
BODY = {"name": "Rostering", "lifecycle": "live"}


@pytest.mark.parametrize(
    "path",
    [
        "//v1/systems",
        "///v1/systems",
        "/v1//systems",
        "/v1/systems//",
        "/v1/systems/",
        "/v1/../v1/systems",
        "/v1/./systems",
        "/%2Fv1/systems",
        "/%2fv1/systems",
        "/v1%2Fsystems",
        "/v1/%2Fsystems",
        "/v1/%2E/systems",
        "//oauth/token",
        "/oauth//token",
        "//docs/",
        "/.well-known//oauth-authorization-server",
    ],
)
def test_other_form_of_a_path_returns_404(api: CheckedClient, path: str) -> None:
    # The test client would take two slashes at the beginning for a host.
    sent = {"PATH_INFO": unquote(path), "RAW_URI": path, "REQUEST_URI": path}
    response = api.get("/", environ_overrides=sent)
    assert (response.status_code, response.mimetype) == (404, "application/problem+json"), path


@pytest.mark.parametrize("path", ["/./v1/systems", "/V1/systems"])
def test_path_that_only_resembles_the_apis_is_no_page(api: CheckedClient, path: str) -> None:
    response = api.get("/", environ_overrides={"PATH_INFO": path, "RAW_URI": path})
    assert (response.status_code, response.mimetype) == (404, "text/html"), path


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ("cmdb%2Fnorth/CI1", "{source}"),
        ("cmdb%2fnorth/CI1", "{source}"),
        ("%2Fcmdb/CI1", "{source}"),
        ("cmdb%2F/CI1", "{source}"),
        ("cmdb%2Fnorth%2FCI1", None),
        ("cmdb%2FCI1", None),
    ],
)
def test_encoded_slash_is_no_separator(api: CheckedClient, sent: str, pointer: str | None) -> None:
    response = api.put(f"{SYSTEMS}/{sent}", json=BODY)
    if pointer is None:
        assert response.status_code == 404
    else:
        assert refusals(response, 400) == {(pointer, "pattern")}
    assert listed(api, "/v1/systems") == []


def test_encoded_slash_in_a_code_finds_nothing(sign_in: Callable[..., CheckedClient]) -> None:
    api = sign_in(BEDS, "agencies:read systems:read systems:write")
    for path in (f"/v1/agencies/{BEDS}%2Fsystems", "/v1/capabilities/E04%2Fx"):
        assert api.get(path).status_code == 404
    assert api.put(f"/v1/agencies/{BEDS}%2Fsystems/cmdb/CI1", json=BODY).status_code in {404, 405}


@pytest.mark.parametrize(
    ("sent", "identity"),
    [
        ("CI%2F001", "CI/001"),
        ("%2Flead", "/lead"),
        ("a%2F%2Fb", "a//b"),
        ("a%2Fb/c", "a/b/c"),
        ("caf%C3%A9%2fx%3Fy%25", "caf\u00e9/x?y%"),
        ("..", ".."),
    ],
)
def test_external_id_keeps_its_slashes(api: CheckedClient, sent: str, identity: str) -> None:
    made = api.put(f"{SYSTEMS}/cmdb/{sent}", json=BODY)
    assert made.status_code == 201, made.text
    assert answer(made)["external_ids"] == [{"source": "cmdb", "id": identity}]


def test_gateway_can_pass_the_path_as_it_was_sent(api: CheckedClient) -> None:
    received = f"{SYSTEMS}/cmdb/north/CI1"
    for sent, status in {
        f"{SYSTEMS}/cmdb%2Fnorth/CI1?x=%2F": 400,
        f"/catalogue{SYSTEMS}/cmdb%2Fnorth/CI1": 400,
        f"{SYSTEMS}/other%2Fnorth/CI1": 201,
        f"/catalogue{SYSTEMS}/cmdb/north%2FCI1": 200,
    }.items():
        paths = {"RAW_URI": "", "REQUEST_URI": "", "PATH_INFO": received}
        header = {"X-Original-URI": sent}
        response = api.put("/", json=BODY, headers=header, environ_overrides=paths)
        assert response.status_code == status, sent
    assert listed(api, "/v1/systems", external_ids="north/CI1") == ["Rostering"]


def test_documentation_is_served_under_its_own_path_only(client: FlaskClient) -> None:
    assert client.get("/docs/").status_code == 200
    for path in ("/docs%2Findex.html", "/docs//swagger-ui.css", "/docs/..%2Fx", "/docs/%2E%2E/x"):
        assert client.get(path).status_code == 404, path
